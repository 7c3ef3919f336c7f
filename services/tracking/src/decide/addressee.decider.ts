import { unreachable, type Decider } from '@flotilla/decider';
import type { EarlyKind } from './notice.events.js';
import type { Contact } from './shipment.events.js';

/** Who is told of an order, or of a parcel that no carrier has yet; of an order `parcelId` is "". */
export interface Addressee {
  readonly id: string;
  readonly parcelId: string;
  readonly foId: string;
  readonly contact: Contact;
}

export interface Step {
  readonly kind: EarlyKind;
  readonly at: string;
}

export type AddresseeCommand = { readonly type: 'Know'; readonly data: Addressee } | { readonly type: 'Take'; readonly data: Step & { readonly id: string } };
export type AddresseeEvent = { readonly type: 'AddresseeKnown'; readonly data: Addressee } | { readonly type: 'StepTaken'; readonly data: Step & { readonly id: string } };

export interface AddresseeState {
  readonly known: Addressee | null;
  readonly steps: readonly Step[];
}

/** Steps come on other topics than whom they concern, so either may come first. Stream `addressee-<order or parcel>`; personal values are sealed. */
export const addressee: Decider<AddresseeState, AddresseeCommand, AddresseeEvent> = {
  category: 'addressee',
  initial: { known: null, steps: [] },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'AddresseeKnown':
        return { ...state, known: data };
      case 'StepTaken':
        return { ...state, steps: [...state.steps, { kind: data.kind, at: data.at }] };
      default:
        return state;
    }
  },
  decide: (command, { known, steps }) => {
    switch (command.type) {
      case 'Know':
        return known !== null && JSON.stringify(known.contact) === JSON.stringify(command.data.contact) ? [] : [{ type: 'AddresseeKnown', data: command.data }];
      case 'Take':
        return steps.some(({ kind }) => kind === command.data.kind) ? [] : [{ type: 'StepTaken', data: command.data }];
      default:
        return unreachable(command);
    }
  },
};
