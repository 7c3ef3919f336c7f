import { topics, type allocation, type carrier, type lock as wire, type order } from '@flotilla/contracts';
import type { KafkaRecord } from './sources.ts';

export interface LockFacts {
  readonly foId: string;
  readonly warehouse: string;
  /** What was asked for, and so is held from the grant on. */
  readonly lines: ReadonlyMap<string, number>;
  state: 'asked' | 'refused' | 'locked' | 'confirmed' | 'ended' | 'consumed';
  parcelId: string;
}

export interface ShelfFacts {
  held: number;
  confirmed: number;
  /** The first level that broke a bound; "" if none did. */
  over: string;
}

interface Answer {
  readonly type: string;
  readonly round: number;
  readonly version: number;
  readonly locks: readonly string[];
  readonly missing: ReadonlyMap<string, number>;
}

/** What the topics say, each lock, shelf and fulfilment order by itself. */
export interface Holdings {
  readonly topics: readonly string[];
  readonly cut: readonly string[];
  readonly locks: ReadonlyMap<string, LockFacts>;
  /** `warehouse/SKU`. */
  readonly shelves: ReadonlyMap<string, ShelfFacts>;
  /** By fulfilment order: the newest round, what it asked for, and the most that any round asked for with what had left before it. */
  readonly requests: ReadonlyMap<string, { readonly round: number; readonly newest: ReadonlyMap<string, number>; readonly most: ReadonlyMap<string, number> }>;
  readonly answers: ReadonlyMap<string, Answer>;
  readonly finished: ReadonlySet<string>;
  readonly shipped: ReadonlyMap<string, { readonly foId: string; readonly lines: ReadonlyMap<string, number> }>;
  readonly lost: ReadonlySet<string>;
  /** Locks whose goods were not on the shelf: taken back from under the promise. */
  readonly displaced: ReadonlySet<string>;
  /** Lock → what was said of it that cannot be. */
  readonly faults: ReadonlyMap<string, string>;
}

interface Quantity {
  readonly sku: string;
  readonly quantity: number;
}

const lifecycle = [topics.order, topics.allocation, topics.parcel] as const;
const all = [topics.lockRequests, topics.lockReplies, topics.stock, ...lifecycle];

/** Reads requests before replies, so that a reply can be held against its request. */
export const readHoldings = async (scan: (topics: readonly string[], each: (record: KafkaRecord) => void) => Promise<{ readonly cut: readonly string[] }>): Promise<Holdings> => {
  const locks = new Map<string, LockFacts>();
  const shelves = new Map<string, ShelfFacts>();
  const rounds = new Map<string, { readonly round: number; readonly lines: readonly Quantity[]; readonly shipped: readonly string[] }[]>();
  const answers = new Map<string, Answer>();
  const finished = new Set<string>();
  const shipped = new Map<string, { foId: string; lines: ReadonlyMap<string, number> }>();
  const lost = new Set<string>();
  const displaced = new Set<string>();
  const faults = new Map<string, string>();
  const fault = (lockId: string, what: string): void => void (faults.has(lockId) || faults.set(lockId, what));
  const fresh = unseen();

  const asked = await scan([topics.lockRequests], ({ headers, value }) => {
    if (nameOf(headers) !== 'LockStock') return;
    const { lockId, foId, warehouse, lines } = JSON.parse(value) as wire.LockStock;
    const known = locks.get(lockId);
    if (!known) locks.set(lockId, { foId, warehouse, lines: summed(lines), state: 'asked', parcelId: '' });
    else if (known.foId !== foId || known.warehouse !== warehouse || !alike(known.lines, summed(lines))) fault(lockId, 'it was asked for twice, differently');
  });

  const said = new Map<string, Set<string>>();
  const replied = await scan([topics.lockReplies], ({ headers, value }) => {
    if (!fresh(headers)) return;
    const type = nameOf(headers);
    const reply = JSON.parse(value) as wire.StockLocked & wire.StockConsumed & wire.StockReleased;
    const { lockId } = reply;
    const before = said.get(lockId) ?? new Set<string>();
    said.set(lockId, before);
    // The same words once more are the same answer once more: the first may have been lost.
    if (before.has(type)) return;
    before.add(type);
    const lock = locks.get(lockId);
    if (!lock) {
      if (type === 'StockLocked') fault(lockId, 'it was granted, and nobody asked for it');
      locks.set(lockId, { foId: reply.foId, warehouse: reply.warehouse, lines: summed(reply.lines ?? []), state: after('asked', type) ?? 'refused', parcelId: '' });
      return;
    }
    if (type === 'StockLocked' && (reply.foId !== lock.foId || reply.warehouse !== lock.warehouse || !alike(summed(reply.lines), lock.lines))) fault(lockId, 'it was granted otherwise than it was asked for');
    const next = after(lock.state, type);
    if (next === undefined) fault(lockId, `${type} after it was ${lock.state}`);
    else lock.state = next;
    if (type === 'StockReleased' && reply.missing?.length > 0) displaced.add(lockId);
    if (type === 'StockConsumed') lock.parcelId = reply.parcelId;
  });

  const versions = new Map<string, number>();
  const stocked = await scan([topics.stock], ({ headers, value }) => {
    if (nameOf(headers) !== 'StockChanged') return;
    const { warehouse, sku, onHand, unsellable, held, confirmed } = JSON.parse(value) as allocation.StockChanged;
    const key = `${warehouse}/${sku}`;
    const shelf = shelves.get(key) ?? { held: 0, confirmed: 0, over: '' };
    shelves.set(key, shelf);
    if (shelf.over === '' && (held < 0 || confirmed < 0 || held + confirmed > onHand - unsellable)) shelf.over = `on hand ${onHand}, unsellable ${unsellable}, held ${held}, confirmed ${confirmed}`;
    const version = Number(headers['sequence']);
    if (version <= (versions.get(key) ?? 0)) return;
    versions.set(key, version);
    shelf.held = held;
    shelf.confirmed = confirmed;
  });

  const closed = new Set<string>();
  const splits = new Map<string, string[]>();
  const lived = await scan(lifecycle, ({ headers, value }) => {
    switch (nameOf(headers)) {
      case 'AllocationRequested': {
        const { foId, round, lines, shipped: before } = JSON.parse(value) as Omit<order.AllocationRequested, 'shipped'> & Partial<Pick<order.AllocationRequested, 'shipped'>>;
        rounds.set(foId, [...(rounds.get(foId) ?? []), { round, lines, shipped: (before ?? []).map(({ parcelId }) => parcelId) }]);
        break;
      }
      case 'FulfilmentCancelled':
        finished.add((JSON.parse(value) as order.FulfilmentCancelled).foId);
        break;
      case 'OrderClosed':
        closed.add((JSON.parse(value) as order.OrderClosed).orderId);
        break;
      case 'OrderSplit': {
        const { orderId, foId } = JSON.parse(value) as order.OrderSplit;
        splits.set(orderId, [...(splits.get(orderId) ?? []), foId]);
        break;
      }
      case 'OrderAllocated':
      case 'OrderBackordered':
      case 'StockReleased': {
        const version = Number(headers['sequence']);
        const data = JSON.parse(value) as { readonly foId: string; readonly round?: number; readonly lockId?: string; readonly parts?: readonly { readonly lockId: string }[]; readonly missing?: readonly Quantity[] };
        if (version <= (answers.get(data.foId)?.version ?? 0)) break;
        const parts = data.parts?.length ? data.parts.map(({ lockId }) => lockId) : data.lockId ? [data.lockId] : [];
        answers.set(data.foId, { type: nameOf(headers), round: data.round ?? Number.MAX_SAFE_INTEGER, version, locks: parts, missing: summed(data.missing ?? []) });
        break;
      }
      case 'ParcelShipped': {
        const { parcelId, foId, orders } = JSON.parse(value) as carrier.ParcelShipped;
        shipped.set(parcelId, { foId, lines: summed(orders.flatMap(({ lines }) => lines)) });
        break;
      }
      case 'ParcelLost':
        lost.add((JSON.parse(value) as carrier.ParcelLost).parcelId);
        break;
      default:
    }
  });
  for (const orderId of closed) for (const foId of [orderId, ...(splits.get(orderId) ?? [])]) finished.add(foId);
  // A later round asks only for what has not left; parcels and requests come by different topics.
  const requests = new Map<string, { round: number; newest: ReadonlyMap<string, number>; most: ReadonlyMap<string, number> }>();
  for (const [foId, plans] of rounds) {
    const totals = plans.map(({ round, lines, shipped: before }) => ({ round, lines, total: summed([...lines, ...before.flatMap((parcelId) => [...(shipped.get(parcelId)?.lines ?? [])].map(([sku, quantity]) => ({ sku, quantity })))]) }));
    const newest = totals.reduce((one, other) => (other.round >= one.round ? other : one));
    const most = new Map<string, number>();
    for (const { total } of totals) for (const [sku, quantity] of total) most.set(sku, Math.max(quantity, most.get(sku) ?? 0));
    requests.set(foId, { round: newest.round, newest: summed(newest.lines), most });
  }
  return { topics: all, cut: [asked, replied, stocked, lived].flatMap(({ cut }) => cut), locks, shelves, requests, answers, finished, shipped, lost, displaced, faults };
};

/** How a lock may go on; undefined: not so. A release may come before the grant that it forbids. */
const after = (state: LockFacts['state'], type: string): LockFacts['state'] | undefined => {
  switch (type) {
    case 'StockLocked':
      return state === 'asked' ? 'locked' : undefined;
    case 'StockLockRefused':
      return state === 'asked' ? 'refused' : state === 'ended' ? 'ended' : undefined;
    case 'StockConfirmed':
      return state === 'locked' ? 'confirmed' : undefined;
    case 'StockLockExpired':
      return state === 'locked' || state === 'ended' || state === 'asked' || state === 'refused' ? 'ended' : undefined;
    case 'StockReleased':
      return state === 'consumed' ? undefined : 'ended';
    case 'StockConsumed':
      return state === 'confirmed' ? 'consumed' : undefined;
    default:
      return state;
  }
};

/** Tells whether a record is the first of its event: a relay without an answer sends again. Per stream in rising order. */
const unseen = (): ((headers: KafkaRecord['headers']) => boolean) => {
  const newest = new Map<string, number>();
  return (headers) => {
    const stream = headers['ce_source'] ?? '';
    const version = Number(headers['sequence']);
    if (version <= (newest.get(stream) ?? 0)) return false;
    newest.set(stream, version);
    return true;
  };
};

/** `flotilla.lock.v1.StockLocked` → `StockLocked`. */
const nameOf = (headers: KafkaRecord['headers']): string => (headers['ce_type'] ?? '').split('.').at(-1)!;

const summed = (lines: readonly Quantity[]): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
};

const alike = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean => one.size === other.size && [...one].every(([sku, quantity]) => other.get(sku) === quantity);
