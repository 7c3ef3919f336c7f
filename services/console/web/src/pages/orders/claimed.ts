import type { order } from '@flotilla/contracts';

export type Claimed = Pick<order.OrderSummary, 'claimedBy' | 'claimedUntil'>;

/** Cancel has the `c`, here and on the order's page. */
export const claimKey = 'm';

/** Who works at an order now, '' where nobody does: a row that nothing changed may show a claim that is over. */
export const claimerOf = ({ claimedBy, claimedUntil }: Claimed, now = new Date()): string => (claimedUntil > now.toISOString() ? claimedBy.replace(/^caller:/, '') : '');

export const isOthers = (row: Claimed, user: string, now?: Date): boolean => row.claimedBy !== '' && !['', user].includes(claimerOf(row, now));
