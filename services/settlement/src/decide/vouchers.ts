import type { settlement } from '@flotilla/contracts';
import { uuidv5 } from '@flotilla/values';
import { accounts } from './accounts.js';
import type { Line, Rate } from './line.js';
import { converted, type Money } from './money.js';

/** A voucher before it is known which invoice it belongs to. */
export type Voucher = Omit<settlement.VoucherPosted, 'invoice'>;

export const noInvoice: settlement.VoucherInvoice = { number: '', state: '', title: '', taxId: '' };

const minus = (amount: number): number => (amount === 0 ? 0 : -amount); // JSON knows no -0

const posting = (account: string, { currency }: Money, amount: number): settlement.Posting => ({ account, amount: { amount, currency } });

// | what happened              | debit                       | credit                   |
// | the first parcel left      | 1122 what is due            | 6001                     |
// | the platform paid          | 1002 net, 6601 fee          | 1122 gross               |
// | a fee of an order          | 6601                        | 1002                     |
// | a promotion of our own     | 6603 (1122 if the order's total is net of it) | 1002   |
// | a refund was granted       | 6001 (1122 if unshipped)    | 2202                     |
// | the platform refunded      | 2202 (6601 fee)             | 1002 net                 |
// | the platform adjusted      | 6601                        | 1002                     |
// | a rest that nobody pays    | 6711                        | 1122, 2202 (or reversed) |
// | paid in another currency   | 1002 there, 1221 here       | 1221 there, 1122 here    |
// With 2202 between them, a refund and the line that pays it may come in any order. 1221 is what stands between two currencies:
// each side of it is in balance by itself.

// Ids follow from what happened: streams can be named before anything is decided, and posting again is posting the same.
const namespace = '7e0f1b52-3f0a-5c66-9b1e-4d2a8c7f6e05';

export const shippedVoucherId = (orderId: string): string => uuidv5(orderId, 'voucher-shipped');
export const refundVoucherId = (orderId: string, refundId: string): string => uuidv5(orderId, `voucher-refund-${refundId}`);
/** One line, one voucher, however often platforms tell it. */
export const lineVoucherId = ({ fingerprint }: Pick<Line, 'fingerprint'>): string => uuidv5(namespace, fingerprint);

export const shippedVoucher = (orderId: string, amount: Money, postedAt: string): Voucher => ({
  voucherId: shippedVoucherId(orderId), cause: 'SHIPPED', orderId, postedAt,
  postings: [posting(accounts.receivable, amount, amount.amount), posting(accounts.revenue, amount, minus(amount.amount))],
});

/** Before the parcel left nothing was earned: then what is due becomes less, not the revenue. */
export const refundVoucher = (orderId: string, refundId: string, amount: Money, afterShipping: boolean, postedAt: string): Voucher => ({
  voucherId: refundVoucherId(orderId, refundId), cause: 'REFUND', orderId, postedAt,
  postings: [posting(afterShipping ? accounts.revenue : accounts.receivable, amount, amount.amount), posting(accounts.refundsPayable, amount, minus(amount.amount))],
});

/** The rest of a receivable or of a refund, taken over: an amount that did not come is a loss, one too much a gain. */
export const differenceVoucher = (orderId: string, of: 'RECEIVABLE' | 'REFUND', amount: Money, key: string, postedAt: string): Voucher => ({
  voucherId: uuidv5(orderId, `voucher-difference-${of}-${key}`), cause: 'DIFFERENCE', orderId, postedAt,
  // What we owe and do not pay is a gain: the other way round.
  postings: of === 'RECEIVABLE' ? [posting(accounts.differences, amount, amount.amount), posting(accounts.receivable, amount, minus(amount.amount))] : [posting(accounts.refundsPayable, amount, amount.amount), posting(accounts.differences, amount, minus(amount.amount))],
});

const causes = { CHARGE: 'PAYOUT', REFUND: 'REFUND', FEE: 'FEE', PROMOTION: 'PROMOTION', ADJUSTMENT: 'PAYOUT' } as const;

/** Undefined for lines that move no money of their own. `rate`: at which the line counts for an order of another currency. */
export const lineVoucher = (orderId: string, { fingerprint, kind, amount, fee, net }: Line, postedAt: string, { deducted = false, rate }: { readonly deducted?: boolean | undefined; readonly rate?: Rate | undefined } = {}): Voucher | undefined => {
  if (kind === 'PAYOUT' || kind === 'UNKNOWN') return undefined;
  const promotion = !deducted ? accounts.promotions : amount.amount < 0 ? accounts.receivable : accounts.refundsPayable;
  const against = { CHARGE: accounts.receivable, REFUND: accounts.refundsPayable, FEE: accounts.fees, PROMOTION: promotion, ADJUSTMENT: accounts.fees }[kind];
  const owed = kind === 'CHARGE' || kind === 'REFUND' || deducted;
  const gross = rate && owed ? converted(amount, rate) : undefined;
  return {
    voucherId: lineVoucherId({ fingerprint }), cause: causes[kind], orderId, postedAt,
    postings: [
      posting(accounts.bank, net, net.amount), posting(accounts.fees, fee, fee.amount),
      ...(gross ? [posting(accounts.exchange, amount, minus(amount.amount)), posting(accounts.exchange, gross, gross.amount), posting(against, gross, minus(gross.amount))] : [posting(against, amount, minus(amount.amount))]),
    ],
  };
};

/** What a person booked that no order explains. */
export const bookedVoucher = (line: Line, postedAt: string): Voucher => ({
  voucherId: lineVoucherId(line), cause: 'BOOKED', orderId: '', postedAt,
  postings: [posting(accounts.bank, line.net, line.net.amount), posting(accounts.fees, line.fee, line.fee.amount), posting(accounts.differences, line.amount, minus(line.amount.amount))],
});

