/*
 * What must hold, judged from the logs alone: this file folds events by itself and shares nothing with the deciders.
 * The numbers are those of the saga's invariants (I, L) and of the design (D). I8, I10, I11, L2 and L3 are about
 * Postgres, Kafka and acknowledged calls, which are not here: `npm run verify` and the integration specs have them.
 */
import type { Recorded } from '@flotilla/event-store';
import type { AllocationEvent } from '../src/decide/allocation.events.js';
import type { LockEvent, LockReply } from '../src/decide/lock.events.js';
import type { Beside, Level, StockEvent } from '../src/decide/stock.events.js';

/** Every invariant, with what it says. One that checked nothing has failed. */
export const invariants = {
  'I1': 'of each SKU in each warehouse nothing is negative, and held + confirmed ≤ on hand − unsellable, after every movement',
  'I2': 'what a shelf has held and confirmed is the sum of its live locks, and a lock holds what was asked, summed per SKU',
  'I3': 'of no line more is confirmed and consumed than was ordered, over all warehouses and rounds',
  'I4': 'when all is at rest no lock is merely locked: each ended consumed, released or expired, or is confirmed',
  'I5': 'when all is at rest an allocated order has exactly its confirmed locks, and an order that is over has none',
  'I6': 'folding the log from its first event gives the state that was kept, and a lock’s state is what its events say',
  'I7': 'goods move by what was said, and leave only from a confirmed lock, by its fence, once',
  'safety': 'no lock leaves less free on a shelf than is kept back from its order',
  'in transit': 'what is on its way is what was announced and has neither arrived nor been written off, and is on no shelf before',
  'I9': 'one lock id has one effect and one answer, whatever is repeated',
  'L1': 'once everything heals, all comes to rest within the time that the questions and leases may take',
  'L4': 'no timer is stuck: a question that is open has its timer, and at rest none is left',
  'D2 one claim': 'at most one plan is claimed per round of locks',
  'D2 one winner': 'nothing new is planned or asked for while a confirm of an earlier round is unanswered',
  'D2 allocated': 'OrderAllocated is said when every lock of it is confirmed, and its parts are the order',
  'D3 lease': 'no lock outlives its lease unless it was confirmed before, by the clock of its warehouse',
  'D3 fence': 'a lock is confirmed by its own fence',
  'D3 tombstone': 'an id that was ended before it was locked never locks',
  'D3 over': 'an order that is cancelled ends released, whenever the cancel comes',
  'D7': 'nothing waits for nothing: an order that is not over waits for a timer, the queue or order-core, and no order waits for stock that is there',
  'saga grant': 'a grant that the saga hears of and does not know is released',
  'saga window': 'a grant of a plan of one warehouse is claimed when its window is over at the latest',
  'saga older': 'an answer about an older round changes nothing of the newer one',
  'queue order': 'stock goes to the waiting order of the highest priority, then the oldest, that it suffices for',
  'queue once': 'what one look gives to waiting orders is there: no unit is given to two',
  'forecast': 'at rest what is known here of a remote ledger is what it has',
  'outbox': 'whatever was written is said: order-core hears every fact',
  'possible': 'nothing impossible is thrown, and no message of the fleet is parked',
} as const;
export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

type Quantities = readonly { readonly sku: string; readonly quantity: number }[];

/** A lock as its participant's events tell it. */
export interface KnownLock {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  status: 'LOCKED' | 'REFUSED' | 'CONFIRMED' | 'EXPIRED' | 'RELEASED' | 'CONSUMED';
  lines: Quantities;
  fence: number;
  expiresAt: string;
  wasConfirmed: boolean;
}

interface Shelf {
  level: Level;
  safety: Pick<Beside, 'safety' | 'safetyFrom'>;
  /** Announced and arrived, by inbound. */
  readonly coming: Map<string, { announced: number; received: number }>;
  /** Sums of its live locks. */
  held: number;
  confirmed: number;
}

interface Ordered {
  readonly lines: ReadonlyMap<string, number>;
  /** Confirmed or consumed now. */
  readonly settled: Map<string, number>;
  readonly claims: Set<number>;
  /** Locks that were ever confirmed for it. */
  readonly confirmed: KnownLock[];
  asked: Quantities;
  /** Until when a better one than the round's first grant may be waited for; "" before it. */
  claimBy: string;
  /** When a grant was noted, by lock. */
  readonly granted: Map<string, string>;
  /** Locks whose confirm was asked and is not answered yet. */
  readonly confirming: Set<string>;
}

/** What the event was decided upon: the question that came in. */
export interface Question {
  readonly type: string;
  readonly data: { readonly fence?: number; readonly lines?: Quantities };
}

const nothing: Level = { onHand: 0, unsellable: 0, held: 0, confirmed: 0 };
const sums = (lines: Quantities): Map<string, number> => {
  const out = new Map<string, number>();
  for (const { sku, quantity } of lines) out.set(sku, (out.get(sku) ?? 0) + quantity);
  return out;
};
const sameSums = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean => a.size === b.size && [...a].every(([sku, quantity]) => b.get(sku) === quantity);

/** Reads every append of every deployment, in the order of writing. */
export class Audit {
  readonly checked = new Map<Invariant, number>();
  readonly violations: Violation[] = [];
  readonly locks = new Map<string, KnownLock>();
  /** How late a lease may be looked at: as long as something stood still. */
  slackMs = 1_000;
  /** Orders that were promised what is kept back from others. */
  urgent = 0;
  readonly #shelves = new Map<string, Shelf>();
  readonly #orders = new Map<string, Ordered>();
  readonly #touched = new Set<Shelf>();
  /** Goods that left in the append that is looked at. */
  readonly #taken: Extract<StockEvent, { readonly type: 'StockTaken' }>['data'][] = [];

  /** An order, as the channel has it. */
  ordered(foId: string, lines: Quantities): void {
    this.#orders.set(foId, { lines: sums(lines), settled: new Map(), claims: new Set(), confirmed: [], asked: [], claimBy: '', granted: new Map(), confirming: new Set() });
  }

  check(invariant: Invariant, holds: boolean, what: () => string): void {
    this.checked.set(invariant, (this.checked.get(invariant) ?? 0) + 1);
    if (!holds) this.violations.push({ invariant, what: what() });
  }

  /** What one append has written. `node`: whose log; `decidedAt`: when, if that was before. */
  unit(node: string, events: readonly Recorded[], question?: Question, decidedAt?: string): void {
    // An append is one moment, and its streams stand one after the other in it: the saga's come last, since they speak of the others.
    const saga = (event: Recorded): number => Number(event.stream.startsWith('allocation-'));
    for (const event of events.toSorted((a, b) => saga(a) - saga(b))) {
      const { stream } = event;
      if (stream.startsWith('lock-')) this.#lock(node, event, question, decidedAt ?? event.recordedAt);
      else if (stream.startsWith('stock-')) this.#stock(node, event);
      else if (stream.startsWith('allocation-')) this.#saga(event as unknown as AllocationEvent, event.recordedAt);
    }
    // Two locks of one shelf may be consumed in one append: both movements stand before the second lock's word.
    for (const { lockId, quantity, sku, warehouse } of this.#taken.splice(0)) this.check('I7', this.locks.get(lockId)?.status === 'CONSUMED', () => `${quantity} of ${sku} left ${warehouse} without a lock`);
    for (const shelf of this.#touched) {
      const { level, held, confirmed } = shelf;
      this.check('I2', level.held === held && level.confirmed === confirmed, () => `a shelf has ${level.held} held and ${level.confirmed} confirmed, its locks ${held} and ${confirmed}`);
    }
    this.#touched.clear();
  }

  #lock(node: string, event: Recorded, question: Question | undefined, decidedAt: string): void {
    const lockId = event.stream.slice('lock-'.length);
    const { type, data } = event as unknown as LockEvent;
    const known = this.locks.get(lockId);
    if (type === 'LockAnswered') {
      this.check('D3 tombstone', known !== undefined, () => `${lockId} was answered ${data.reply.type} and is not remembered`);
      if (known !== undefined) this.#sameAnswer(known, data.reply);
      return;
    }
    const status = statusAfter[type];
    if (known === undefined) {
      const { foId, round, warehouse } = data;
      const one: KnownLock = { lockId, foId, round, warehouse, status, lines: [], fence: 0, expiresAt: '', wasConfirmed: false };
      this.locks.set(lockId, one);
      this.check('I9', type === 'StockLocked' || type === 'StockLockRefused' || type === 'StockReleased' || type === 'StockLockExpired', () => `${type} of ${lockId}, which was never locked`);
      if (type === 'StockLocked') {
        Object.assign(one, { lines: data.lines, fence: data.fence, expiresAt: data.expiresAt });
        if (question?.data.lines) this.check('I2', sameSums(sums(question.data.lines), sums(data.lines)) && new Set(data.lines.map(({ sku }) => sku)).size === data.lines.length, () => `${lockId} holds ${JSON.stringify(data.lines)}, asked were ${JSON.stringify(question.data.lines)}`);
        this.#move(node, one, 'held', 1);
      }
      return;
    }
    const was = known.status;
    if (type === 'StockLocked') {
      const tombstone = was === 'RELEASED' || was === 'EXPIRED';
      this.check(tombstone ? 'D3 tombstone' : 'I9', false, () => `${lockId} is locked again; it was ${was}`);
    }
    this.check('I9', allowed[was].includes(type), () => `${type} of ${lockId}, which is ${was}`);
    if (was === 'LOCKED') {
      // A confirmation counts from when it was decided: that nothing happened to the lock until it was written, the version check says.
      const lateMs = Date.parse(type === 'StockConfirmed' ? decidedAt : event.recordedAt) - Date.parse(known.expiresAt);
      this.check('D3 lease', type === 'StockConfirmed' ? lateMs < 0 : lateMs <= this.slackMs, () => `${lockId}: ${type} ${lateMs} ms after its lease was over`);
      this.#move(node, known, 'held', -1);
    }
    if (was === 'CONFIRMED') {
      this.#move(node, known, 'confirmed', -1);
      if (type !== 'StockConsumed') this.#settle(known, -1);
    }
    known.status = status;
    if (type === 'StockConfirmed') {
      known.wasConfirmed = true;
      this.check('D3 fence', question?.data.fence === undefined || question.data.fence === known.fence, () => `${lockId} is confirmed by fence ${question?.data.fence}, its own is ${known.fence}`);
      this.#move(node, known, 'confirmed', 1);
      this.#settle(known, 1);
    }
    if (type === 'StockConsumed') {
      const fence = question?.data.fence;
      this.check('I7', was === 'CONFIRMED' && (fence === undefined || fence === known.fence), () => `${lockId}, ${was}, is consumed by fence ${fence}; its own is ${known.fence}`);
    }
  }

  #sameAnswer(known: KnownLock, reply: LockReply): void {
    const { status } = known;
    // Beside what the lock is only a tombstone's no to an ask.
    const no = reply.type === 'StockLockRefused' && status === 'RELEASED';
    this.check('I9', statusAfter[reply.type] === status || no, () => `${known.lockId} is ${status}, answered is ${reply.type}`);
  }

  #move(node: string, { warehouse, lines }: KnownLock, what: 'held' | 'confirmed', sign: 1 | -1): void {
    for (const { sku, quantity } of lines) {
      const shelf = this.#shelf(`${node}/${warehouse}.${sku}`);
      shelf[what] += sign * quantity;
      this.#touched.add(shelf);
    }
  }

  #settle(known: KnownLock, sign: 1 | -1): void {
    const order = this.#orders.get(known.foId);
    if (order === undefined) return;
    if (sign > 0) order.confirmed.push(known);
    for (const { sku, quantity } of known.lines) {
      const settled = (order.settled.get(sku) ?? 0) + sign * quantity;
      order.settled.set(sku, settled);
      if (sign > 0) this.check('I3', settled <= (order.lines.get(sku) ?? 0), () => `${known.foId}: ${settled} of ${sku} confirmed or consumed with ${known.lockId}, ${order.lines.get(sku) ?? 0} are ordered`);
    }
  }

  #shelf(key: string): Shelf {
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = { level: nothing, safety: { safety: 0, safetyFrom: 0 }, coming: new Map(), held: 0, confirmed: 0 };
      this.#shelves.set(key, shelf);
    }
    return shelf;
  }

  #stock(node: string, event: Recorded): void {
    const { type, data } = event as unknown as StockEvent;
    if (type === 'StockForecast') return; // another ledger's figures; they are judged there
    const shelf = this.#shelf(`${node}/${data.warehouse}.${data.sku}`);
    const before = shelf.level;
    const { onHand, unsellable, held, confirmed } = data.level;
    shelf.level = data.level;
    this.#touched.add(shelf);
    this.check('I1', Math.min(onHand, unsellable, held, confirmed) >= 0 && held + confirmed <= onHand - unsellable, () => `${data.warehouse} ${data.sku}: ${held} held + ${confirmed} confirmed of ${onHand} − ${unsellable}`);
    const wanted = moved(before, event as unknown as StockEvent);
    this.check('I7', onHand === wanted.onHand && unsellable === wanted.unsellable && held === wanted.held && confirmed === wanted.confirmed, () => `${data.warehouse} ${data.sku}: ${type} leads from ${JSON.stringify(before)} to ${JSON.stringify(data.level)}`);
    this.#beside(shelf, event as unknown as StockEvent);
    if (type === 'StockTaken') this.#taken.push(data);
  }

  #beside(shelf: Shelf, { type, data }: StockEvent): void {
    const { level, beside = { safety: 0, safetyFrom: 0, inTransit: 0 } } = data;
    if (type === 'SafetySet') shelf.safety = { safety: beside.safety, safetyFrom: beside.safetyFrom };
    const { safety, safetyFrom } = shelf.safety;
    if (type === 'StockHeld') {
      const free = level.onHand - level.unsellable - level.held - level.confirmed;
      const opens = safetyFrom > 0 && data.priority >= safetyFrom;
      this.check('safety', opens || free >= safety, () => `${data.lockId} of priority ${data.priority} leaves ${free} of ${data.sku} in ${data.warehouse}, ${safety} are kept back`);
      if (opens && free < safety) this.urgent += 1;
    }
    const known = 'inbound' in data ? (shelf.coming.get(data.inbound) ?? { announced: 0, received: 0 }) : undefined;
    if (type === 'StockAnnounced') shelf.coming.set(data.inbound, { ...known!, announced: data.quantity });
    else if (type === 'StockReceived') shelf.coming.set(data.inbound, { ...known!, received: known!.received + data.quantity });
    else if (type === 'InboundEnded') {
      this.check('in transit', data.difference === known!.received - known!.announced, () => `${data.inbound} ends with a difference of ${data.difference}; ${known!.announced} were announced, ${known!.received} have come`);
      shelf.coming.delete(data.inbound);
    }
    const way = [...shelf.coming.values()].reduce((sum, { announced, received }) => sum + Math.max(0, announced - received), 0);
    this.check('in transit', beside.inTransit === way && beside.safety === safety && beside.safetyFrom === safetyFrom, () => `${data.warehouse} ${data.sku}: ${type} says ${JSON.stringify(beside)}; ${way} are on their way, ${safety} kept back`);
  }

  #saga({ type, data }: AllocationEvent, recordedAt: string): void {
    const order = this.#orders.get(data.foId);
    if (order === undefined) return;
    switch (type) {
      case 'RequestNoted':
        order.asked = data.lines;
        break;
      case 'AllocationPlanned':
      case 'RoundOpened':
        order.claimBy = '';
        for (const lockId of order.confirming) {
          const status = this.locks.get(lockId)?.status ?? 'never seen';
          this.check('D2 one winner', status !== 'LOCKED' && status !== 'CONFIRMED' && status !== 'never seen', () => `${data.foId} goes on to round ${data.lockRound} while the confirm of ${lockId} is unanswered; it is ${status}`);
        }
        order.confirming.clear();
        break;
      case 'ConfirmAsked':
        order.confirming.add(data.lockId);
        break;
      case 'ConfirmationNoted':
        order.confirming.delete(data.lockId);
        break;
      case 'GrantNoted':
        order.granted.set(data.lockId, recordedAt);
        if (data.claimBy === '') break;
        this.check('saga window', order.claimBy === '', () => `${data.foId}: the window is begun anew by ${data.lockId}`);
        order.claimBy = data.claimBy;
        break;
      case 'AllocationClaimed': {
        if (order.claimBy !== '' && data.parts.length === 1) {
          // One that came after the window, when all others were gone, is claimed at once.
          const since = order.granted.get(data.lockId) ?? '';
          const lateMs = Date.parse(recordedAt) - Date.parse(since > order.claimBy ? since : order.claimBy);
          this.check('saga window', lateMs <= this.slackMs, () => `${data.foId}: ${data.lockId} is claimed ${lateMs} ms after the window was over`);
        }
        this.check('D2 one claim', !order.claims.has(data.lockRound), () => `${data.foId}: a second claim in round ${data.lockRound}`);
        order.claims.add(data.lockRound);
        break;
      }
      case 'OrderAllocated': {
        // Confirmed once is enough: what is taken back before the news of it is out is said next, by StockDisplaced.
        const fits = data.parts.every(({ lockId, warehouse, lines }) => {
          const there = new Map<string, number>();
          for (const one of order.confirmed) if (one.warehouse === warehouse) for (const { sku, quantity } of one.lines) there.set(sku, (there.get(sku) ?? 0) + quantity);
          return this.locks.get(lockId)?.wasConfirmed === true && [...sums(lines)].every(([sku, quantity]) => (there.get(sku) ?? 0) >= quantity);
        });
        const whole = sameSums(sums(data.parts.flatMap(({ lines }) => lines)), sums(order.asked));
        this.check('D2 allocated', fits && whole, () => `${data.foId} is allocated to ${data.parts.map(({ lockId }) => `${lockId} (${this.locks.get(lockId)?.status ?? 'never seen'})`).join(', ')}${whole ? '' : ', which is not what was asked for'}`);
        break;
      }
      default:
        break;
    }
  }
}

const statusAfter = {
  StockLocked: 'LOCKED', StockLockRefused: 'REFUSED', StockConfirmed: 'CONFIRMED', StockLockExpired: 'EXPIRED', StockReleased: 'RELEASED', StockConsumed: 'CONSUMED',
} as const satisfies Record<LockReply['type'], KnownLock['status']>;

const allowed: Readonly<Record<KnownLock['status'], readonly LockReply['type'][]>> = {
  LOCKED: ['StockConfirmed', 'StockReleased', 'StockLockExpired'],
  CONFIRMED: ['StockReleased', 'StockConsumed'],
  REFUSED: [],
  EXPIRED: [],
  RELEASED: [],
  CONSUMED: [],
};

/** The level that a movement leaves, worked out from the one before. */
const moved = (before: Level, { type, data }: StockEvent): Level => {
  switch (type) {
    case 'StockCounted':
      return { ...before, onHand: data.level.onHand };
    case 'StockAdjusted':
      return { ...before, onHand: before.onHand + data.delta };
    case 'StockSetAside':
      return { ...before, unsellable: before.unsellable + data.quantity };
    case 'StockScrapped':
      return { ...before, onHand: before.onHand - data.quantity, unsellable: before.unsellable - data.quantity };
    case 'StockDispatched':
      return { ...before, onHand: before.onHand - data.quantity };
    case 'StockReceived':
      return { ...before, onHand: before.onHand + data.quantity, unsellable: before.unsellable + data.unsellable };
    case 'SafetySet':
    case 'StockAnnounced':
    case 'InboundEnded':
      return before;
    case 'StockHeld':
      return { ...before, held: before.held + data.quantity };
    case 'HoldConfirmed':
      return { ...before, held: before.held - data.quantity, confirmed: before.confirmed + data.quantity };
    case 'HoldReleased':
      return { ...before, [data.from]: before[data.from] - data.quantity };
    case 'StockTaken':
      return { ...before, onHand: before.onHand - data.quantity, confirmed: before.confirmed - data.quantity };
    default:
      return data.level;
  }
};
