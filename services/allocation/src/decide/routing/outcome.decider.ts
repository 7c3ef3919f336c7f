import type { common } from '@flotilla/contracts';
import { unreachable, type Decider } from '@flotilla/decider';

/** A parcel that has left, as far as routing learns from it. Nobody's name or street. */
export interface Departure {
  readonly parcelId: string;
  readonly foId: string;
  readonly warehouse: string;
  readonly carrier: string;
  readonly service: string;
  readonly country: string;
  readonly province: string;
  readonly grams: number;
  /** 0 = unknown. */
  readonly litres: number;
  readonly freight: common.Money;
  /** Instants; "" = not known. */
  readonly shippedAt: string;
  readonly dueAt: string;
}

export interface Arrival {
  readonly parcelId: string;
  readonly foId: string;
  readonly deliveredAt: string;
}

export type OutcomeCommand = { readonly type: 'NoteDeparture'; readonly data: Departure } | { readonly type: 'NoteArrival'; readonly data: Arrival };
export type OutcomeEvent = { readonly type: 'ParcelLeft'; readonly data: Departure } | { readonly type: 'ParcelArrived'; readonly data: Arrival };

export interface OutcomeState {
  readonly left: boolean;
  readonly arrived: boolean;
}

const decide = (command: OutcomeCommand, { left, arrived }: OutcomeState): readonly OutcomeEvent[] => {
  switch (command.type) {
    case 'NoteDeparture':
      return left ? [] : [{ type: 'ParcelLeft', data: command.data }];
    case 'NoteArrival':
      return arrived ? [] : [{ type: 'ParcelArrived', data: command.data }];
    default:
      return unreachable(command);
  }
};

/** What became of a parcel, in whatever order carrier and tracking say it. Stream `outcome-<parcel id>`. */
export const outcome: Decider<OutcomeState, OutcomeCommand, OutcomeEvent> = {
  category: 'outcome',
  initial: { left: false, arrived: false },
  evolve: (state, { type }) => (type === 'ParcelLeft' ? { ...state, left: true } : { ...state, arrived: true }),
  decide,
};
