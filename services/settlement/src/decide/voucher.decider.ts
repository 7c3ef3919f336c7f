import type { settlement } from '@flotilla/contracts';
import type { Decider } from '@flotilla/decider';

export interface VoucherCommand {
  readonly type: 'Post';
  readonly data: settlement.VoucherPosted;
}

export interface VoucherEvent {
  readonly type: 'VoucherPosted';
  readonly data: settlement.VoucherPosted;
}

/** Σ of the postings per currency. */
export const sums = (postings: readonly settlement.Posting[]): ReadonlyMap<string, number> => {
  const all = new Map<string, number>();
  for (const { amount } of postings) all.set(amount.currency, (all.get(amount.currency) ?? 0) + amount.amount);
  return all;
};

/** A double entry: written once, never changed, and out of balance is impossible. */
export const voucher: Decider<{ readonly posted: boolean }, VoucherCommand, VoucherEvent> = {
  category: 'voucher',
  initial: { posted: false },
  evolve: (_state, event) => ({ posted: event.type === 'VoucherPosted' }),
  decide: ({ data }, { posted }) => {
    const postings = data.postings.filter(({ amount }) => amount.amount !== 0);
    for (const [currency, sum] of sums(postings)) if (sum !== 0) throw new Error(`voucher ${data.voucherId} is out by ${sum} ${currency}`);
    return posted || postings.length === 0 ? [] : [{ type: 'VoucherPosted', data: { ...data, postings } }];
  },
};
