/*
 * What a warehouse system has of one SKU, as far as it has told, and what is known to have moved there since.
 *
 * A figure without its position and its meaning is no figure. With both, what can still be promised follows:
 *
 * PHYSICAL   the figure − taken after its position − all that is promised here
 * SELLABLE   the figure − locked after its position + unlocked after its position − asked for and not answered
 *
 * A call under way may or may not be in the figure. Nothing is promised on it, and nobody loses a promise for it.
 */
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { quantity } from '../names.js';

export const MEANINGS = ['PHYSICAL', 'SELLABLE'] as const;
/** Whether a figure counts the sellable goods on the shelf, or what of them is not locked yet. */
export type Meaning = (typeof MEANINGS)[number];

interface Place {
  readonly warehouse: string;
  readonly sku: string;
}

/** Something that a lock did there, and when by the other ledger's position. */
export interface Move {
  readonly kind: 'lock' | 'unlock' | 'take';
  readonly quantity: number;
  readonly position: number;
}

/** What is under way. */
export interface UnderWay {
  /** Asked for and not granted yet. */
  readonly asking: number;
  /** Of these, not wanted any more. */
  readonly voiding: number;
  /** Shipped here and not taken there yet. */
  readonly leaving: number;
  /** Released here and not unlocked there yet, and still counted as promised. */
  readonly returning: number;
  /** Taken back here, so not promised any more, and not unlocked there yet. */
  readonly displaced: number;
}

export const nothingUnderWay: UnderWay = { asking: 0, voiding: 0, leaving: 0, returning: 0, displaced: 0 };

/** `a` and `times` times `b`. */
export const plus = (a: UnderWay, b: UnderWay, times = 1): UnderWay => ({
  asking: a.asking + times * b.asking, voiding: a.voiding + times * b.voiding, leaving: a.leaving + times * b.leaving, returning: a.returning + times * b.returning, displaced: a.displaced + times * b.displaced,
});

export type WmsShelfCommand =
  | { readonly type: 'NoteMoves'; readonly data: Place & { readonly lockId: string; readonly moves: readonly Move[]; readonly change: UnderWay } }
  /** A level. One older than the last changes nothing. */
  | { readonly type: 'TellStock'; readonly data: Place & { readonly meaning: Meaning; readonly figure: number; readonly unsellable: number; readonly position: number } }
  /** A difference since `previous`; one that does not follow the last figure changes nothing. */
  | { readonly type: 'TellDifference'; readonly data: Place & { readonly delta: number; readonly previous: number; readonly position: number } };

export type WmsShelfEvent =
  | { readonly type: 'ShelfMoved'; readonly data: Of<WmsShelfCommand, 'NoteMoves'>['data'] }
  | { readonly type: 'ShelfTold'; readonly data: Of<WmsShelfCommand, 'TellStock'>['data'] };

export interface WmsShelf {
  readonly meaning: Meaning | '';
  readonly figure: number;
  readonly unsellable: number;
  readonly position: number;
  /** After `position`, in the order in which they became known. */
  readonly moves: readonly Move[];
  readonly underWay: UnderWay;
}

const initial: WmsShelf = { meaning: '', figure: 0, unsellable: 0, position: 0, moves: [], underWay: nothingUnderWay };

// Without a feed the moves pile up. The oldest are then taken for younger than they are: less is promised, and the next figure puts it right.
const MOST_MOVES = 5_000;

const bounded = (moves: readonly Move[]): readonly Move[] => {
  if (moves.length <= MOST_MOVES) return moves;
  const [older, newer] = [moves.slice(0, MOST_MOVES / 2), moves.slice(MOST_MOVES / 2)];
  const position = Math.max(...older.map((move) => move.position));
  const sums = (['lock', 'take', 'unlock'] as const).map((kind): Move => ({ kind, quantity: older.filter((move) => move.kind === kind).reduce((sum, move) => sum + move.quantity, 0), position }));
  return [...sums.filter((move) => move.quantity > 0), ...newer];
};

const evolve = (state: WmsShelf, event: WmsShelfEvent): WmsShelf => {
  switch (event.type) {
    case 'ShelfMoved': {
      const { moves, change } = event.data;
      const fresh = moves.filter(({ position }) => position > state.position || state.meaning === '');
      return { ...state, moves: bounded([...state.moves, ...fresh]), underWay: plus(state.underWay, change) };
    }
    case 'ShelfTold': {
      const { meaning, figure, unsellable, position } = event.data;
      return { ...state, meaning, figure, unsellable, position, moves: state.moves.filter((move) => move.position > position) };
    }
    default:
      return state;
  }
};

const sum = (moves: readonly Move[], kind: Move['kind']): number => moves.reduce((all, move) => all + (move.kind === kind ? move.quantity : 0), 0);

/**
 * What can be promised beside the `promised` quantity, and how much of what is promised is not there, whatever becomes of
 * the calls under way.
 */
export const netted = ({ meaning, figure, moves, underWay }: WmsShelf, promised: number): { readonly free: number; readonly lacking: number } => {
  const { asking, voiding, leaving, returning, displaced } = underWay;
  const [rest, doubtful] =
    meaning === 'SELLABLE'
      ? [figure - sum(moves, 'lock') + sum(moves, 'unlock') - asking, asking + returning + displaced]
      : [figure - sum(moves, 'take') - promised, voiding + leaving + returning];
  return { free: Math.max(0, rest), lacking: Math.max(0, -(rest + doubtful)) };
};

const known = ({ meaning }: { readonly meaning: string }): Meaning => {
  const found = MEANINGS.find((one) => one === meaning);
  if (!found) throw new Refused('BAD_REQUEST', `meaning is "${meaning.slice(0, 20)}"; a figure is PHYSICAL or SELLABLE`);
  return found;
};

const tell = ({ data }: Of<WmsShelfCommand, 'TellStock'>, state: WmsShelf): readonly WmsShelfEvent[] => {
  const meaning = known(data);
  quantity(data.position, 'position');
  quantity(data.unsellable, 'unsellable');
  // What was locked twice over there is below 0; a shelf cannot be.
  if (!Number.isSafeInteger(data.figure) || (meaning === 'PHYSICAL' && data.figure < 0)) throw new Refused('BAD_QUANTITY', `${data.sku}: ${data.figure} is not a quantity`);
  const same = state.meaning === meaning && state.figure === data.figure && state.unsellable === data.unsellable && state.position === data.position;
  return same || (state.meaning !== '' && data.position < state.position) ? [] : [{ type: 'ShelfTold', data }];
};

const difference = ({ data }: Of<WmsShelfCommand, 'TellDifference'>, state: WmsShelf): readonly WmsShelfEvent[] => {
  const { delta, previous, position, ...place } = data;
  if (state.meaning === '' || previous !== state.position || position <= previous) return [];
  const { meaning, figure, unsellable } = state;
  return tell({ type: 'TellStock', data: { ...place, meaning, figure: figure + delta, unsellable, position } }, state);
};

const decide = (command: WmsShelfCommand, state: WmsShelf): readonly WmsShelfEvent[] => {
  switch (command.type) {
    case 'NoteMoves':
      return [{ type: 'ShelfMoved', data: command.data }];
    case 'TellStock':
      return tell(command, state);
    case 'TellDifference':
      return difference(command, state);
    default:
      return unreachable(command);
  }
};

/** What a warehouse system told of one SKU, by warehouse and SKU. */
export const wmsShelf: Decider<WmsShelf, WmsShelfCommand, WmsShelfEvent> = { category: 'wmsshelf', initial, evolve, decide };
