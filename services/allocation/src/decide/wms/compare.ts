import type { Level } from '../stock.events.js';
import { netted, wmsShelf, type Meaning, type WmsShelf } from './shelf.decider.js';

/** A level as a list tells it. */
export interface Told {
  readonly warehouse: string;
  readonly sku: string;
  readonly meaning: Meaning;
  readonly figure: number;
  readonly unsellable: number;
  readonly position: number;
}

export interface Compared {
  readonly sku: string;
  /** In the list's meaning, before. */
  readonly ours: number;
  readonly theirs: number;
  /** What moved there after their position, as known here. */
  readonly inFlight: number;
  /** theirs + in flight − ours; below 0, promises may have to be taken back. */
  readonly difference: number;
}

/** Theirs against ours, as if it had just been told; undefined if what is known is newer. */
export const compare = (told: Told, shelf: WmsShelf, { held, confirmed }: Level, free: number): Compared | undefined => {
  const { sku, figure, meaning, position } = told;
  if (shelf.meaning !== '' && position < shelf.position) return undefined;
  const promised = held + confirmed;
  const after = netted(wmsShelf.evolve(shelf, { type: 'ShelfTold', data: told }), promised);
  const difference = after.free - after.lacking - free;
  const ours = meaning === 'SELLABLE' ? free : free + promised;
  return { sku, ours, theirs: figure, inFlight: ours + difference - figure, difference };
};
