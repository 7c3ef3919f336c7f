import { unreachable, type Decider } from '@flotilla/decider';

interface Place {
  readonly supplier: string;
  readonly lockId: string;
  /** The supplier's own day, YYYY-MM-DD. */
  readonly day: string;
}

export type DayCommand = { readonly type: 'TakePlace' | 'FreePlace'; readonly data: Place };
export type DayEvent = { readonly type: 'PlaceTaken' | 'PlaceFreed'; readonly data: Place };

/** Offers of the newest day that were not refused, withdrawn or left to run out. One that was accepted keeps its place: the work was planned. */
export interface SupplierDay {
  readonly day: string;
  readonly taken: number;
}

/** How many orders a supplier has on a day. */
export const takenOn = ({ day, taken }: SupplierDay, today: string): number => (day === today ? taken : 0);

const evolve = (state: SupplierDay, { type, data: { day } }: DayEvent): SupplierDay => {
  // A place that comes back after midnight is nobody's any more.
  if (day < state.day) return state;
  const taken = takenOn(state, day);
  switch (type) {
    case 'PlaceTaken':
      return { day, taken: taken + 1 };
    case 'PlaceFreed':
      return { day, taken: Math.max(0, taken - 1) };
    default:
      return unreachable(type);
  }
};

/** The places of a supplier that takes so many orders a day. The offer says when each is taken and freed, once. */
export const supplierDay: Decider<SupplierDay, DayCommand, DayEvent> = {
  category: 'supplierday',
  initial: { day: '', taken: 0 },
  evolve,
  decide: ({ type, data }) => [{ type: type === 'TakePlace' ? 'PlaceTaken' : 'PlaceFreed', data }],
};
