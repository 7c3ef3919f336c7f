import { check, type Invariant } from '../invariant.ts';
import type { Sources } from '../sources.ts';

interface Voucher {
  readonly voucherId: string;
  readonly orderId: string;
  readonly cause: string;
  readonly postings: readonly { readonly account: string; readonly amount: { readonly amount: number; readonly currency: string } }[];
}

/** Invariant 6, money: every voucher and so the whole ledger sums to zero per currency. */
export const ledgerInvariants = async (sources: Sources): Promise<{ readonly invariants: readonly Invariant[]; readonly known: ReadonlySet<string> }> => {
  const vouchers = check('6 every voucher sums to zero per currency');
  const ledger = check('6 the ledger sums to zero per currency');
  const totals = new Map<string, number>();
  const known = new Set<string>();
  for await (const event of sources.log('settlement')) {
    if (event.stream.startsWith('receivable-')) known.add(event.stream.slice('receivable-'.length));
    if (event.type !== 'VoucherPosted') continue;
    const { voucherId, postings } = JSON.parse(event.data) as Voucher;
    const sums = new Map<string, number>();
    for (const { amount } of postings) {
      sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + amount.amount);
      totals.set(amount.currency, (totals.get(amount.currency) ?? 0) + amount.amount);
    }
    for (const [currency, sum] of sums) vouchers.that(sum === 0, () => `voucher ${voucherId}: ${sum} ${currency} left over`);
  }
  for (const [currency, sum] of totals) ledger.that(sum === 0, () => `${sum} ${currency} left over`);
  return { invariants: [vouchers.done(), ledger.done()], known };
};
