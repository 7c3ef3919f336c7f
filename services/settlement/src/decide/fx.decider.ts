import type { settlement } from '@flotilla/contracts';
import type { Decider } from '@flotilla/decider';
import type { Rate } from './line.js';

export interface FxCommand {
  readonly type: 'Set';
  readonly data: settlement.FxRateSet;
}

export interface FxEvent {
  readonly type: 'FxRateSet';
  readonly data: settlement.FxRateSet;
}

export interface FxRates {
  /** By day, oldest first. */
  readonly days: readonly { readonly date: string; readonly rate: string }[];
}

const mostDays = 4_000;
const staleDays = 7;
const day = 86_400_000;

export const pairId = (from: string, to: string): string => `${from}-${to}`;

/** What a currency was worth in another, day by day; the last word about a day counts, for what is judged after it. */
export const fx: Decider<FxRates, FxCommand, FxEvent> = {
  category: 'fx',
  initial: { days: [] },
  evolve: (state, event) => {
    if (event.type !== 'FxRateSet') return state;
    const { date, rate } = event.data;
    const days = [...state.days.filter((one) => one.date !== date), { date, rate }].toSorted((a, b) => (a.date < b.date ? -1 : 1));
    return { days: days.slice(-mostDays) };
  },
  decide: ({ data }, { days }) => (days.some(({ date, rate }) => date === data.date && rate === data.rate) ? [] : [{ type: 'FxRateSet', data }]),
};

/** The rate of a day: its own, or that of the last banking day before it, a week at most. Undefined: nobody may guess. */
export const rateOn = ({ days }: FxRates, from: string, to: string, date: string): Rate | undefined => {
  const found = days.findLast((one) => one.date <= date);
  return found && Date.parse(date) - Date.parse(found.date) <= staleDays * day ? { from, to, ...found } : undefined;
};
