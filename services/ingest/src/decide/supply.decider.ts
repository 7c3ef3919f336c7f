import { unreachable, type Decider } from '@flotilla/decider';
import type { SupplyEvent } from './supply.events.js';

export type SupplyCommand =
  | { readonly type: 'NoteSupply'; readonly data: { readonly sku: string; readonly warehouse: string; readonly available: number; readonly at: string } }
  | { readonly type: 'NoteFreeze'; readonly data: { readonly sku: string; readonly frozen: boolean; readonly at: string } };

export interface Supply {
  /** Available units by warehouse. */
  readonly available: Readonly<Record<string, number>>;
  readonly frozen: boolean;
}

const evolve = (state: Supply, { type, data }: SupplyEvent): Supply => {
  switch (type) {
    case 'SupplyChanged':
      return { ...state, available: { ...state.available, [data.warehouse]: data.available } };
    case 'SupplyFrozen':
      return { ...state, frozen: data.frozen };
    default:
      return state;
  }
};

// Most movements (a confirmation, goods on their way) leave what is available as it is: nothing to note, nobody to tell.
const decide = (command: SupplyCommand, { available, frozen }: Supply): readonly SupplyEvent[] => {
  switch (command.type) {
    case 'NoteSupply':
      return available[command.data.warehouse] === command.data.available ? [] : [{ type: 'SupplyChanged', data: command.data }];
    case 'NoteFreeze':
      return frozen === command.data.frozen ? [] : [{ type: 'SupplyFrozen', data: command.data }];
    default:
      return unreachable(command);
  }
};

/** What allocation says may be sold of a SKU, by warehouse, and whether it is sold at all at present. */
export const supply: Decider<Supply, SupplyCommand, SupplyEvent> = { category: 'supply', initial: { available: {}, frozen: false }, evolve, decide };
