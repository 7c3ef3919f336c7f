import type { alerts } from '@flotilla/contracts';
import type { Decider } from '@flotilla/decider';

/** What is counted by the day: deliveries in time of all, freight of what was sold, minutes from the payment to the first parcel per order. */
export type Measure = 'DELIVERY' | 'COST' | 'PROCESSING';

export interface Count {
  readonly measure: Measure;
  readonly at: string;
  readonly part: number;
  readonly whole: number;
  /** "" of what is no money. */
  readonly currency: string;
}

export interface Counted {
  readonly type: 'Counted';
  readonly data: Count;
}

/** One fact of one subject, counted once however often it is told. */
export const count: Decider<boolean, { readonly type: 'Count'; readonly data: Count }, Counted> = {
  category: 'count',
  initial: false,
  evolve: () => true,
  decide: ({ data }, counted) => (counted ? [] : [{ type: 'Counted', data }]),
};

export type HandlingCommand =
  | { readonly type: 'Pay' | 'Ship'; readonly data: { readonly at: string } }
  /** Placed and not paid yet: who pays later says the order's id alone. */
  | { readonly type: 'Place'; readonly data: alerts.IncidentOrder };
export type HandlingEvent = { readonly type: 'HandlingPaid' | 'HandlingShipped'; readonly data: { readonly at: string } } | { readonly type: 'HandlingPlaced'; readonly data: alerts.IncidentOrder } | Counted;

export interface Handling {
  readonly paidAt: string;
  readonly shippedAt: string;
  /** As its platform knows it, if it was placed unpaid. */
  readonly order: alerts.IncidentOrder | null;
}

// What is paid on delivery waits for nobody here: no minutes of it are counted.
const measured = (paidAt: string, shippedAt: string): readonly Counted[] => {
  const minutes = Math.round((Date.parse(shippedAt) - Date.parse(paidAt)) / 60_000);
  return minutes < 0 ? [] : [{ type: 'Counted', data: { measure: 'PROCESSING', at: shippedAt, part: minutes, whole: 1, currency: '' } }];
};

/** From an order's payment to its first parcel, whichever is told first: they come on two topics. */
export const handling: Decider<Handling, HandlingCommand, HandlingEvent> = {
  category: 'handling',
  initial: { paidAt: '', shippedAt: '', order: null },
  stateVersion: 2,
  evolve: (state, event) => {
    switch (event.type) {
      case 'HandlingPaid':
        return { ...state, paidAt: event.data.at };
      case 'HandlingShipped':
        return { ...state, shippedAt: event.data.at };
      case 'HandlingPlaced':
        return { ...state, order: event.data };
      default:
        return state;
    }
  },
  decide: (command, { paidAt, shippedAt, order }) => {
    if (command.type === 'Place') return order || paidAt !== '' ? [] : [{ type: 'HandlingPlaced', data: command.data }];
    const { type, data: { at } } = command;
    if (type === 'Pay') return paidAt !== '' ? [] : [{ type: 'HandlingPaid', data: { at } }, ...(shippedAt === '' ? [] : measured(at, shippedAt))];
    return shippedAt !== '' ? [] : [{ type: 'HandlingShipped', data: { at } }, ...(paidAt === '' ? [] : measured(paidAt, at))];
  },
};
