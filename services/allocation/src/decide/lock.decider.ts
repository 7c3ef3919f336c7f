/*
 * What a warehouse remembers of a lock id. Whatever comes in whatever order, an id goes only forwards:
 *
 *             LockStock       ConfirmStock    ReleaseStock    ConsumeStock    lease over   displaced
 * (nothing)   LOCKED|REFUSED  EXPIRED         RELEASED        RELEASED        –            –
 * LOCKED      same answer     CONFIRMED       RELEASED        same answer     EXPIRED      RELEASED
 * CONFIRMED   same answer     same answer     RELEASED        CONSUMED        –            RELEASED
 * the others  same answer     same answer     same answer     same answer     –            –
 *
 * EXPIRED and RELEASED out of nothing are tombstones: a LockStock that comes later must not lock.
 */
import type { common, lock as wire } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { LockEvent, LockReply } from './lock.events.js';
import { summed } from './names.js';

type Quantities = readonly common.SkuQuantity[];

/** A question; `noted`: its answer is taken in the same append. */
export type Ask<Question> = Omit<Question, 'answered'> & { readonly noted?: boolean };

export type LockCommand =
  /** `free`: what each SKU asked for has free; `kept`: how many of them are kept back from this order; `fence`: the stock's version that the lock would make; times are machine time. */
  | { readonly type: 'LockStock'; readonly data: { readonly ask: Ask<wire.LockStock>; readonly free: Quantities; readonly kept?: Quantities; readonly fence: number; readonly known: boolean; readonly at: string; readonly expiresAt: string } }
  | { readonly type: 'ConfirmStock'; readonly data: { readonly ask: Ask<wire.ConfirmStock>; readonly at: string } }
  | { readonly type: 'ReleaseStock'; readonly data: { readonly ask: Ask<wire.ReleaseStock> } }
  | { readonly type: 'ConsumeStock'; readonly data: { readonly ask: Ask<wire.ConsumeStock> } }
  | { readonly type: 'ExpireLock'; readonly data: { readonly at: string } }
  /** The goods are not there: the promise is taken back. */
  | { readonly type: 'DisplaceLock'; readonly data: { readonly missing: Quantities } };

export interface LockState {
  readonly status: 'NONE' | 'LOCKED' | 'REFUSED' | 'CONFIRMED' | 'EXPIRED' | 'RELEASED' | 'CONSUMED';
  /** The same answer again is this. */
  readonly reply: LockReply | null;
  /** What is locked; empty unless LOCKED or CONFIRMED. */
  readonly lines: Quantities;
  readonly fence: number;
  readonly expiresAt: string;
}

const initial: LockState = { status: 'NONE', reply: null, lines: [], fence: 0, expiresAt: '' };

// Only name and data: a recorded event carries more, and a state must not depend on how its events were read.
const said = ({ type, data }: LockReply): LockReply => {
  const { noted: _, ...words } = data;
  return { type, data: words } as LockReply;
};

const ended = (state: LockState, status: LockState['status'], reply: LockReply): LockState => ({ ...state, status, reply: said(reply), lines: [], expiresAt: '' });

const evolve = (state: LockState, event: LockEvent): LockState => {
  switch (event.type) {
    case 'StockLocked':
      return { status: 'LOCKED', reply: said(event), lines: event.data.lines, fence: event.data.fence, expiresAt: event.data.expiresAt };
    case 'StockLockRefused':
      return ended(state, 'REFUSED', event);
    case 'StockConfirmed':
      return { ...state, status: 'CONFIRMED', reply: said(event), expiresAt: '' };
    case 'StockLockExpired':
      return ended(state, 'EXPIRED', event);
    case 'StockReleased':
      return ended(state, 'RELEASED', event);
    case 'StockConsumed':
      return ended(state, 'CONSUMED', event);
    case 'LockAnswered':
      return state;
    default:
      return state;
  }
};

interface Head {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly noted?: boolean;
}

const headOf = ({ lockId, foId, round, warehouse, noted }: Head): Head => ({ lockId, foId, round, warehouse, ...(noted ? { noted } : {}) });

const expired = (head: Head): LockReply => ({ type: 'StockLockExpired', data: headOf(head) });
const released = (head: Head, missing: Quantities = []): LockReply => ({ type: 'StockReleased', data: { ...headOf(head), missing } });
const again = (reply: LockReply, { noted }: Head): LockEvent => ({ type: 'LockAnswered', data: { reply: noted ? ({ ...reply, data: { ...reply.data, noted } } as LockReply) : reply } });

const leaseOver = (state: LockState, at: string): boolean => state.status === 'LOCKED' && at >= state.expiresAt;

const unitsOf = (quantities: Quantities): ReadonlyMap<string, number> => new Map(quantities.map(({ sku, quantity }) => [sku, quantity]));

const lockStock = ({ data: { ask, free, kept = [], fence, known, at, expiresAt } }: Of<LockCommand, 'LockStock'>, state: LockState): readonly LockEvent[] => {
  if (state.reply !== null) {
    if (leaseOver(state, at)) return [expired(ask)];
    // The question was whether stock may be locked under this id; a tombstone's answer is no.
    if (state.status === 'RELEASED') return [again({ type: 'StockLockRefused', data: { ...headOf(ask), reason: 'RELEASED', free: [], kept: [] } }, ask)];
    return [again(state.reply, ask)];
  }
  const lines = summed(ask.lines);
  if (lines.length === 0 || lines.some(({ quantity }) => !Number.isSafeInteger(quantity) || quantity <= 0)) {
    throw new Refused('BAD_QUANTITY', `lock ${ask.lockId} asks for no quantity, or for one that is not a whole number above 0`);
  }
  const [there, back] = [unitsOf(free), unitsOf(kept)];
  if (lines.some(({ sku, quantity }) => (there.get(sku) ?? 0) - (back.get(sku) ?? 0) < quantity)) {
    const short = lines.some(({ sku, quantity }) => (there.get(sku) ?? 0) < quantity);
    return [{ type: 'StockLockRefused', data: { ...headOf(ask), reason: !known ? 'UNKNOWN_WAREHOUSE' : short ? 'SHORT' : 'SAFETY', free, kept } }];
  }
  return [{ type: 'StockLocked', data: { ...headOf(ask), fence, expiresAt, lines } }];
};

const confirmStock = ({ data: { ask, at } }: Of<LockCommand, 'ConfirmStock'>, state: LockState): readonly LockEvent[] => {
  if (state.reply === null || leaseOver(state, at)) return [expired(ask)];
  if (state.status !== 'LOCKED') return [again(state.reply, ask)];
  // Another fence is another grant. What this lock is says its answer; "expired" would be believed, and the lock confirmed
  // by a late question after the order has got another one.
  if (ask.fence !== state.fence) return [again(state.reply, ask)];
  return [{ type: 'StockConfirmed', data: { ...headOf(ask), fence: state.fence } }];
};

const releaseStock = ({ data: { ask } }: Of<LockCommand, 'ReleaseStock'>, state: LockState): readonly LockEvent[] =>
  state.reply === null || state.status === 'LOCKED' || state.status === 'CONFIRMED' ? [released(ask)] : [again(state.reply, ask)];

const consumeStock = ({ data: { ask } }: Of<LockCommand, 'ConsumeStock'>, state: LockState): readonly LockEvent[] => {
  if (state.reply === null) return [released(ask)];
  if (state.status !== 'CONFIRMED') return [again(state.reply, ask)];
  if (ask.fence !== state.fence) throw new Refused('CONTRACT_VIOLATED', `parcel ${ask.parcelId} consumes lock ${ask.lockId} with fence ${ask.fence}, it has ${state.fence}`);
  return [{ type: 'StockConsumed', data: { ...headOf(ask), parcelId: ask.parcelId } }];
};

const expireLock = ({ data: { at } }: Of<LockCommand, 'ExpireLock'>, state: LockState): readonly LockEvent[] =>
  state.reply !== null && leaseOver(state, at) ? [expired(state.reply.data)] : [];

const displaceLock = ({ data: { missing } }: Of<LockCommand, 'DisplaceLock'>, state: LockState): readonly LockEvent[] =>
  state.reply !== null && (state.status === 'LOCKED' || state.status === 'CONFIRMED') ? [released(state.reply.data, missing)] : [];

const decide = (command: LockCommand, state: LockState): readonly LockEvent[] => {
  switch (command.type) {
    case 'LockStock':
      return lockStock(command, state);
    case 'ConfirmStock':
      return confirmStock(command, state);
    case 'ReleaseStock':
      return releaseStock(command, state);
    case 'ConsumeStock':
      return consumeStock(command, state);
    case 'ExpireLock':
      return expireLock(command, state);
    case 'DisplaceLock':
      return displaceLock(command, state);
    default:
      return unreachable(command);
  }
};

/** A participant's memory of one lock id: its answers, its lease, its fence, and whether it is a tombstone. */
export const lock: Decider<LockState, LockCommand, LockEvent> = { category: 'lock', initial, evolve, decide };
