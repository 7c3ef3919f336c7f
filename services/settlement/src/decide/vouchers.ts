import type { settlement } from '@flotilla/contracts';
import { uuidv5 } from '@flotilla/values';
import type { Line } from './line.js';
import type { Money } from './money.js';

const accounts = { bank: '1002', receivable: '1122', refundsPayable: '2202', revenue: '6001', fees: '6601' } as const;

const minus = (amount: number): number => (amount === 0 ? 0 : -amount); // JSON knows no -0

const posting = (account: string, { currency }: Money, amount: number): settlement.Posting => ({ account, amount: { amount, currency } });

// | what happened            | debit                  | credit       |
// | the first parcel left    | 1122 what is due       | 6001         |
// | the platform paid        | 1002 net, 6601 fee     | 1122 gross   |
// | a refund was granted     | 6001 (1122 if unshipped) | 2202       |
// | the platform refunded    | 2202 (6601 fee)        | 1002 net     |
// | the platform adjusted    | 6601                   | 1002         |
// With 2202 between them, a refund and the line that pays it may come in any order.

// Ids follow from what happened: streams can be named before anything is decided, and posting again is posting the same.
const namespace = '7e0f1b52-3f0a-5c66-9b1e-4d2a8c7f6e05';

export const shippedVoucherId = (orderId: string): string => uuidv5(orderId, 'voucher-shipped');
export const refundVoucherId = (orderId: string, refundId: string): string => uuidv5(orderId, `voucher-refund-${refundId}`);
/** One line, one voucher, however often platforms tell it. */
export const lineVoucherId = ({ fingerprint }: Pick<Line, 'fingerprint'>): string => uuidv5(namespace, fingerprint);

export const shippedVoucher = (orderId: string, amount: Money, postedAt: string): settlement.VoucherPosted => ({
  voucherId: shippedVoucherId(orderId), cause: 'SHIPPED', orderId, postedAt,
  postings: [posting(accounts.receivable, amount, amount.amount), posting(accounts.revenue, amount, minus(amount.amount))],
});

/** Before the parcel left nothing was earned: then what is due becomes less, not the revenue. */
export const refundVoucher = (orderId: string, refundId: string, amount: Money, afterShipping: boolean, postedAt: string): settlement.VoucherPosted => ({
  voucherId: refundVoucherId(orderId, refundId), cause: 'REFUND', orderId, postedAt,
  postings: [posting(afterShipping ? accounts.revenue : accounts.receivable, amount, amount.amount), posting(accounts.refundsPayable, amount, minus(amount.amount))],
});

/** Undefined for lines that move no money of their own. */
export const lineVoucher = (orderId: string, { fingerprint, kind, amount, fee, net }: Line, postedAt: string): settlement.VoucherPosted | undefined => {
  const against = { CHARGE: accounts.receivable, REFUND: accounts.refundsPayable, ADJUSTMENT: accounts.fees, PAYOUT: undefined, UNKNOWN: undefined }[kind];
  if (against === undefined) return undefined;
  return {
    voucherId: lineVoucherId({ fingerprint }), cause: kind === 'REFUND' ? 'REFUND' : 'PAYOUT', orderId, postedAt,
    postings: [posting(accounts.bank, net, net.amount), posting(accounts.fees, fee, fee.amount), posting(against, amount, minus(amount.amount))],
  };
};
