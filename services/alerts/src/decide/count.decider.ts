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

export type HandlingCommand = { readonly type: 'Pay' | 'Ship'; readonly data: { readonly at: string } };
export type HandlingEvent = { readonly type: 'HandlingPaid' | 'HandlingShipped'; readonly data: { readonly at: string } } | Counted;

export interface Handling {
  readonly paidAt: string;
  readonly shippedAt: string;
}

// What is paid on delivery waits for nobody here: no minutes of it are counted.
const measured = (paidAt: string, shippedAt: string): readonly Counted[] => {
  const minutes = Math.round((Date.parse(shippedAt) - Date.parse(paidAt)) / 60_000);
  return minutes < 0 ? [] : [{ type: 'Counted', data: { measure: 'PROCESSING', at: shippedAt, part: minutes, whole: 1, currency: '' } }];
};

/** From an order's payment to its first parcel, whichever is told first: they come on two topics. */
export const handling: Decider<Handling, HandlingCommand, HandlingEvent> = {
  category: 'handling',
  initial: { paidAt: '', shippedAt: '' },
  evolve: (state, event) => {
    switch (event.type) {
      case 'HandlingPaid':
        return { ...state, paidAt: event.data.at };
      case 'HandlingShipped':
        return { ...state, shippedAt: event.data.at };
      default:
        return state;
    }
  },
  decide: ({ type, data: { at } }, { paidAt, shippedAt }) => {
    if (type === 'Pay') return paidAt !== '' ? [] : [{ type: 'HandlingPaid', data: { at } }, ...(shippedAt === '' ? [] : measured(at, shippedAt))];
    return shippedAt !== '' ? [] : [{ type: 'HandlingShipped', data: { at } }, ...(paidAt === '' ? [] : measured(paidAt, at))];
  },
};
