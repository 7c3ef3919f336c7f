import { check, type Invariant } from '../invariant.ts';
import type { Sources } from '../sources.ts';

interface Shelf {
  onHand: number;
  unsellable: number;
  held: number;
  confirmed: number;
  safety: number;
  /** The priority from which an order may have it; 0 = none may. */
  safetyFrom: number;
  /** Announced and arrived, by inbound. */
  readonly coming: Map<string, { announced: number; received: number }>;
  /** Of a ledger elsewhere: what it says is on its way. */
  elsewhere: number;
}

interface Beside {
  readonly safety: number;
  readonly safetyFrom: number;
  readonly inTransit: number;
}

interface Share {
  readonly lockId: string;
  readonly foId: string;
  readonly sku: string;
  readonly warehouse: string;
  readonly quantity: number;
  state: 'held' | 'confirmed' | 'ended';
}

interface Lock {
  foId: string;
  state: 'locked' | 'confirmed' | 'ended';
  expiresAt: number;
}

interface Movement {
  readonly warehouse: string;
  readonly sku: string;
  readonly lockId: string;
  readonly foId: string;
  readonly quantity: number;
  readonly delta: number;
  readonly from: 'held' | 'confirmed';
  readonly parcelId: string;
  readonly cause: string;
  readonly priority: number;
  readonly inbound: string;
  readonly kind: string;
  readonly difference: number;
  readonly unsellable: number;
  readonly beside?: Beside;
  readonly level: { readonly onHand: number; readonly unsellable: number };
}

interface ShipLine {
  readonly sku: string;
  readonly quantity: number;
}

/** What allocation's log says, recomputed from the movements alone. */
export interface Floor {
  readonly invariants: readonly Invariant[];
  /** foId → how it stands in the saga's stream. */
  readonly sagas: ReadonlyMap<string, string>;
}

/** Invariants 1 to 3: stock, claims, locks. */
export const stockInvariants = async (sources: Sources, shipped: ReadonlyMap<string, { readonly foId: string; readonly lines: readonly ShipLine[] }>, finished: ReadonlySet<string>): Promise<Floor> => {
  const bounds = check('1 stock: held + confirmed never above what is sellable, nothing negative, at every movement');
  const moves = check('1 stock: each movement follows from the one before');
  const keptBack = check('1 stock: no lock leaves less on a shelf than is kept back from its order');
  const onTheWay = check('1 stock: what is on its way was announced and has not come, and is on no shelf');
  const ordered = check('2 per line no more confirmed and consumed than ordered, over all warehouses and rounds');
  const claims = check('2 at most one claim per round');
  const ended = check('3 every lock ends consumed, released or expired, or is confirmed, or its lease still runs');
  const idle = check('3 no lock belongs to a finished fulfilment order');
  const shelves = new Map<string, Shelf>();
  const shares = new Map<string, Share>();
  const locks = new Map<string, Lock>();
  const claimed = new Map<string, string>();
  const wanted = new Map<string, Map<string, number>>();
  const taken = new Map<string, Map<string, number>>();
  const sagas = new Map<string, string>();
  // What was taken back from under a promise because it was not on the shelf; a parcel that left all the same is uncovered.
  const displaced = new Map<string, number>();
  // Of each transfer and SKU, what has left one shelf less what is on its way to, or has come to, the other.
  const transfers = new Map<string, number>();
  const carry = (id: string, units: number): void => void transfers.set(id, (transfers.get(id) ?? 0) + units);
  const uncovered = new Set<string>();
  let last = 0;

  for await (const event of sources.log('allocation')) {
    last = Math.max(last, Number(event.recordedAt) / 1_000);
    if (event.stream.startsWith('stock-')) {
      const data = JSON.parse(event.data) as Movement;
      const key = `${data.warehouse}/${data.sku}`;
      const shelf: Shelf = shelves.get(key) ?? { onHand: 0, unsellable: 0, held: 0, confirmed: 0, safety: 0, safetyFrom: 0, coming: new Map(), elsewhere: 0 };
      const beside = data.beside ?? { safety: 0, safetyFrom: 0, inTransit: 0 };
      shelves.set(key, shelf);
      const id = `${data.lockId}/${data.sku}`;
      const share = shares.get(id);
      switch (event.type) {
        case 'StockCounted':
          shelf.onHand = data.level.onHand;
          break;
        // A forecast is another ledger's word: all its figures at once.
        case 'StockForecast':
          Object.assign(shelf, data.level, { safety: beside.safety, safetyFrom: beside.safetyFrom, elsewhere: beside.inTransit });
          break;
        case 'StockAdjusted':
          shelf.onHand += data.delta;
          break;
        case 'StockSetAside':
          shelf.unsellable = data.level.unsellable;
          break;
        case 'StockScrapped':
          shelf.onHand -= data.quantity;
          shelf.unsellable -= data.quantity;
          break;
        case 'SafetySet':
          Object.assign(shelf, { safety: beside.safety, safetyFrom: beside.safetyFrom });
          break;
        case 'StockDispatched':
          shelf.onHand -= data.quantity;
          carry(`${data.inbound} ${data.sku}`, data.quantity);
          break;
        case 'StockAnnounced':
          if (data.kind === 'TRANSFER') carry(`${data.inbound} ${data.sku}`, (shelf.coming.get(data.inbound)?.announced ?? 0) - data.quantity);
          shelf.coming.set(data.inbound, { announced: data.quantity, received: shelf.coming.get(data.inbound)?.received ?? 0 });
          break;
        case 'StockReceived': {
          const known = shelf.coming.get(data.inbound);
          onTheWay.that(known !== undefined, () => `${event.stream} v${event.version}: ${data.quantity} were received of ${data.inbound}, which was not announced`);
          if (known) known.received += data.quantity;
          shelf.onHand += data.quantity;
          shelf.unsellable += data.unsellable;
          break;
        }
        case 'InboundEnded': {
          const { announced, received } = shelf.coming.get(data.inbound) ?? { announced: 0, received: 0 };
          onTheWay.that(data.difference === received - announced, () => `${event.stream} v${event.version}: a difference of ${data.difference} is told of ${data.inbound}, ${announced} were announced and ${received} came`);
          shelf.coming.delete(data.inbound);
          break;
        }
        case 'StockHeld':
          moves.that(share === undefined, () => `${event.stream} v${event.version}: lock ${data.lockId} holds ${data.sku} a second time`);
          shares.set(id, { lockId: data.lockId, foId: data.foId, sku: data.sku, warehouse: data.warehouse, quantity: data.quantity, state: 'held' });
          shelf.held += data.quantity;
          break;
        case 'HoldConfirmed':
          moves.that(share?.state === 'held' && share.quantity === data.quantity, () => `${event.stream} v${event.version}: lock ${data.lockId} confirms what it does not hold`);
          if (share) share.state = 'confirmed';
          shelf.held -= data.quantity;
          shelf.confirmed += data.quantity;
          break;
        case 'HoldReleased':
          moves.that(share?.state === data.from && share.quantity === data.quantity, () => `${event.stream} v${event.version}: lock ${data.lockId} releases what it does not hold`);
          if (share) share.state = 'ended';
          shelf[data.from] -= data.quantity;
          if (data.cause === 'DISPLACED') displaced.set(`${data.foId} ${data.sku}`, (displaced.get(`${data.foId} ${data.sku}`) ?? 0) + data.quantity);
          break;
        case 'StockTaken': {
          moves.that(share?.state === 'confirmed' && share.quantity === data.quantity, () => `${event.stream} v${event.version}: lock ${data.lockId} takes what it has not confirmed`);
          if (share) share.state = 'ended';
          shelf.confirmed -= data.quantity;
          shelf.onHand -= data.quantity;
          const of = taken.get(data.parcelId) ?? new Map<string, number>();
          taken.set(data.parcelId, of.set(data.sku, (of.get(data.sku) ?? 0) + data.quantity));
          break;
        }
        default:
          moves.that(false, () => `${event.stream} v${event.version}: ${event.type} is not known to verify`);
      }
      const { onHand, unsellable, held, confirmed } = shelf;
      const free = onHand - unsellable - held - confirmed;
      // Of a lock in a system outside this is what that system has granted.
      if (event.type === 'StockHeld' && locks.has(data.lockId)) keptBack.that(free >= shelf.safety || (shelf.safetyFrom > 0 && data.priority >= shelf.safetyFrom), () => `${event.stream} v${event.version}: lock ${data.lockId} of priority ${data.priority} leaves ${free}, ${shelf.safety} are kept back`);
      const way = [...shelf.coming.values()].reduce((sum, { announced, received }) => sum + Math.max(0, announced - received), shelf.elsewhere);
      onTheWay.that(beside.inTransit === way && data.level.onHand === onHand, () => `${event.stream} v${event.version}: ${beside.inTransit} on their way and ${data.level.onHand} on hand, announced and not come are ${way}, on hand ${onHand}`);
      bounds.that(held >= 0 && confirmed >= 0 && onHand >= 0 && held + confirmed <= onHand - unsellable, () => `${event.stream} v${event.version}: on hand ${onHand}, unsellable ${unsellable}, held ${held}, confirmed ${confirmed}`);
    } else if (event.stream.startsWith('lock-')) {
      const data = JSON.parse(event.data) as { lockId: string; foId: string; expiresAt: string };
      if (event.type === 'StockLocked') locks.set(data.lockId, { foId: data.foId, state: 'locked', expiresAt: data.expiresAt === '' ? Number.POSITIVE_INFINITY : Date.parse(data.expiresAt) });
      const lock = locks.get(data.lockId);
      if (!lock) continue;
      if (event.type === 'StockConfirmed') {
        ended.that(lock.state === 'locked', () => `${event.stream} v${event.version}: confirmed after its end`);
        lock.state = 'confirmed';
      } else if (['StockLockExpired', 'StockReleased', 'StockConsumed'].includes(event.type)) lock.state = 'ended';
    } else if (event.stream.startsWith('allocation-')) {
      const data = JSON.parse(event.data) as { foId: string; round: number; lockRound: number; lockId: string; lines: readonly ShipLine[]; parcelId: string; shipped?: readonly { readonly parcelId: string }[] };
      sagas.set(data.foId, event.type);
      if (event.type === 'AllocationClaimed') {
        const round = `${data.foId}/${data.lockRound}`;
        claims.that(!claimed.has(round), () => `${data.foId}: lock round ${data.lockRound} was claimed twice`);
        claimed.set(round, data.lockId);
      }
      if (event.type === 'ShippedUncovered') uncovered.add(data.parcelId);
      // A later round asks only for what has not left.
      if (event.type === 'RequestNoted') wanted.set(data.foId, summed([...data.lines, ...(data.shipped ?? []).flatMap(({ parcelId }) => shipped.get(parcelId)?.lines ?? [])]));
    }
  }
  // Over all warehouses and parcels of a fulfilment order.
  const owned = new Map<string, { readonly foId: string; readonly sku: string; units: number }>();
  const own = (foId: string, sku: string, quantity: number): void => {
    const known = owned.get(`${foId} ${sku}`) ?? { foId, sku, units: 0 };
    known.units += quantity;
    owned.set(`${foId} ${sku}`, known);
  };
  for (const { state, foId, sku, quantity } of shares.values()) if (state === 'confirmed') own(foId, sku, quantity);
  for (const [transfer, units] of transfers) onTheWay.that(units === 0, () => `${transfer}: ${units} more have left one warehouse than are, or were, on their way to the other`);
  const consumed = check('1 every shipped unit was consumed once from a confirmed lock');
  for (const [parcelId, { foId, lines }] of shipped) {
    for (const [sku, quantity] of summed(lines)) {
      const found = taken.get(parcelId)?.get(sku) ?? 0;
      const excused = uncovered.has(parcelId) ? (displaced.get(`${foId} ${sku}`) ?? 0) : 0;
      consumed.that(found === quantity || (found < quantity && quantity - found <= excused), () => `parcel ${parcelId} of ${foId}: ${quantity} × ${sku} shipped, ${found} taken from stock`);
      own(foId, sku, found);
    }
  }
  for (const { foId, sku, units } of owned.values()) ordered.that(units <= (wanted.get(foId)?.get(sku) ?? 0), () => `${foId} ${sku}: ${units} confirmed and consumed`);
  for (const [lockId, { foId, state, expiresAt }] of locks) {
    // A lease that has just run out may wait a moment for its timer.
    ended.that(state !== 'locked' || expiresAt > last - 30_000, () => `lock ${lockId} of ${foId}: its lease ended at ${new Date(expiresAt).toISOString()} and nothing followed`);
    idle.that(!(finished.has(foId) && state !== 'ended'), () => `lock ${lockId} is ${state}, and ${foId} is finished`);
  }
  const projected = check('1 stock: replay = projection');
  for (const { warehouse, sku, on_hand, held, confirmed, safety, in_transit } of await sources.query<Record<string, string>>('allocation', 'SELECT * FROM read.stock')) {
    const shelf = shelves.get(`${warehouse}/${sku}`);
    const way = shelf && [...shelf.coming.values()].reduce((sum, { announced, received }) => sum + Math.max(0, announced - received), shelf.elsewhere);
    projected.that(shelf?.onHand === Number(on_hand) && shelf.held === Number(held) && shelf.confirmed === Number(confirmed) && shelf.safety === Number(safety) && way === Number(in_transit), () => `${warehouse} ${sku}: the list says ${on_hand}/${held}/${confirmed}, the log ${shelf?.onHand}/${shelf?.held}/${shelf?.confirmed}`);
  }
  return { sagas, invariants: [bounds.done(), moves.done(), projected.done(), keptBack.done(), onTheWay.done(), consumed.done(), ordered.done(), claims.done(), ended.done(), idle.done()] };
};

const summed = (lines: readonly ShipLine[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
};
