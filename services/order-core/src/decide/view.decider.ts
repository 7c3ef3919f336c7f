import { Refused, unreachable, type Decider } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import { same } from './content.js';

/** A named filter. The buyer stands in it by index alone. */
export interface SavedView {
  readonly viewId: string;
  readonly name: string;
  readonly filter: contract.OrderFilter;
  readonly sort: string;
  readonly shared: boolean;
  readonly owner: string;
}

export type ViewCommand =
  | { readonly type: 'SaveView'; readonly data: SavedView }
  | { readonly type: 'RemoveView'; readonly data: { readonly viewId: string; readonly owner: string } };

export type ViewEvent =
  | { readonly type: 'ViewSaved'; readonly data: SavedView }
  | { readonly type: 'ViewRemoved'; readonly data: { readonly viewId: string } };

const longestName = 80;

const mine = (view: SavedView | null, { viewId, owner }: { readonly viewId: string; readonly owner: string }): void => {
  // Of somebody else's own view nothing is told, not even that it is there.
  if (view && view.owner !== owner) throw new Refused('NOT_FOUND', `you have no view ${viewId}; only its owner changes a view`);
};

const decide = (command: ViewCommand, view: SavedView | null): readonly ViewEvent[] => {
  mine(view, command.data);
  switch (command.type) {
    case 'SaveView':
      if (command.data.name === '' || command.data.name.length > longestName) throw new Refused('BAD_REQUEST', `a view has a name of at most ${longestName} characters`);
      return same(view, command.data) ? [] : [{ type: 'ViewSaved', data: command.data }];
    case 'RemoveView':
      return view ? [{ type: 'ViewRemoved', data: { viewId: command.data.viewId } }] : [];
    default:
      return unreachable(command);
  }
};

/** A saved view of the order desk. */
export const view: Decider<SavedView | null, ViewCommand, ViewEvent> = {
  category: 'view',
  initial: null,
  evolve: (state, event) => (event.type === 'ViewSaved' ? event.data : event.type === 'ViewRemoved' ? null : state),
  decide,
};
