import type { settlement } from '@flotilla/contracts';

export const life = ['RECEIVED', 'PARSED', 'MATCHED', 'REVIEWED', 'CLOSED'] as const;
export type Stage = (typeof life)[number];

/** How far a statement is, from 0; 0 for what is not known. */
export const stageOf = (state: string): number => Math.max(0, life.indexOf(state as Stage));

/** Flagged lines that nobody has decided about. */
export const openLines = ({ flagged, resolved }: Pick<settlement.Statement, 'flagged' | 'resolved'>): number => Math.max(0, flagged - resolved);

/** What a person may do with a statement next, and what keeps them from it. */
export const nextStep = (statement: Pick<settlement.Statement, 'state' | 'flagged' | 'resolved'>): { readonly step: 'review' | 'close' | 'none'; readonly blockedBy: 'openLines' | 'notMatched' | undefined } => {
  switch (statement.state) {
    case 'MATCHED':
      return { step: 'review', blockedBy: openLines(statement) > 0 ? 'openLines' : undefined };
    case 'REVIEWED':
      return { step: 'close', blockedBy: undefined };
    case 'CLOSED':
      return { step: 'none', blockedBy: undefined };
    default:
      return { step: 'review', blockedBy: 'notMatched' };
  }
};

/** The difference between what came and what was expected, in minor units; undefined where they are not of one currency, or nothing was expected. */
export const differenceOf = ({ amount, expected }: Pick<settlement.StatementLine, 'amount' | 'expected'>): { readonly amount: number; readonly currency: string } | undefined =>
  expected.currency === '' || expected.currency !== amount.currency ? undefined : { amount: amount.amount - expected.amount, currency: amount.currency };

/** The month before `now` in the reader's zone, as the first instant and the first one after it. */
export const lastMonth = (now: Date): { readonly from: string; readonly until: string } => ({
  from: new Date(now.getFullYear(), now.getMonth() - 1, 1).toISOString(),
  until: new Date(now.getFullYear(), now.getMonth(), 1).toISOString(),
});

/** A day of a form (YYYY-MM-DD, the reader's) as an instant; `after`: the first one after it. */
export const instantOf = (day: string, after = false): string | undefined => {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  if (year === undefined) return undefined;
  const at = new Date(Number(year), Number(month) - 1, Number(date) + (after ? 1 : 0));
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
};
