/*
 * A lock in a warehouse system outside: what the saga wants, what is there, and the one call that may be under way.
 *
 * wanted      there       owed              answered, when it is there
 * LOCKED      (nothing)   LOCK              StockLocked, or StockLockRefused
 * CONFIRMED   LOCKED      CONFIRM           StockConfirmed, or StockLockExpired
 * CONSUMED    CONFIRMED   CONSUME           StockConsumed
 * RELEASED    whatever    RELEASE (a void)  StockReleased; StockConsumed if it was too late
 *
 * A call goes OWED → BEGUN → settled. If nobody knows how it ended it is UNKNOWN, and asked for: a state further on settles it;
 * one less far on, seen after the call's deadline, means that it never arrived, and only then is the call made again.
 */
import type { common, lock as wire } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { LockReply } from '../lock.events.js';
import { summed } from '../names.js';
import type { LockThere, Verb, WmsLockEvent } from './lock.events.js';

type Quantities = readonly common.SkuQuantity[];

/** What the lock is there, when it became so by the other ledger's position, and what a refusal says. */
export interface SaidThere {
  readonly there: LockThere;
  readonly fence: number;
  readonly position: number;
  readonly reason: string;
  readonly free: Quantities;
}

export type WmsLockCommand =
  /** `free`: what the forecast has; a promise beyond it is refused without asking. */
  | { readonly type: 'LockStock'; readonly data: { readonly ask: Omit<wire.LockStock, 'answered'>; readonly free: Quantities } }
  | { readonly type: 'ConfirmStock'; readonly data: { readonly ask: Omit<wire.ConfirmStock, 'answered'>; readonly at: string } }
  | { readonly type: 'ReleaseStock'; readonly data: { readonly ask: Omit<wire.ReleaseStock, 'answered'> } }
  | { readonly type: 'ConsumeStock'; readonly data: { readonly ask: Omit<wire.ConsumeStock, 'answered'> } }
  | { readonly type: 'ExpireLock'; readonly data: { readonly at: string } }
  | { readonly type: 'DisplaceLock'; readonly data: { readonly missing: Quantities } }
  | { readonly type: 'BeginCall'; readonly data: { readonly call: number; readonly deadline: string } }
  /** An answer, to the call or to a question after it. `expiresAt`: the end of the lease, should it be a grant. */
  | { readonly type: 'SettleCall'; readonly data: { readonly call: number; readonly said: SaidThere; readonly expiresAt: string } }
  /** The system knows nothing of the call's effect: `said` is what it knows, null = nothing. Asked at `askedAt`. */
  | { readonly type: 'NotArrived'; readonly data: { readonly call: number; readonly said: SaidThere | null; readonly askedAt: string; readonly deadline: string; readonly askAfter: string } }
  | { readonly type: 'LoseAnswer'; readonly data: { readonly call: number; readonly askAfter: string; readonly detail: string } }
  /** The system says of its own accord that the lock is over. */
  | { readonly type: 'EndThere'; readonly data: { readonly there: 'RELEASED' | 'EXPIRED' | 'REFUSED'; readonly position: number; readonly detail: string } };

export interface WmsLock {
  readonly ask: Omit<wire.LockStock, 'answered'> | null;
  readonly lines: Quantities;
  readonly wanted: 'NONE' | 'LOCKED' | 'CONFIRMED' | 'CONSUMED' | 'RELEASED';
  readonly there: LockThere | '';
  /** What the saga was told last. */
  readonly reply: LockReply | null;
  readonly fence: number;
  readonly expiresAt: string;
  readonly parcelId: string;
  readonly reason: string;
  readonly missing: Quantities;
  readonly call: number;
  readonly verb: Verb | '';
  readonly calling: '' | 'OWED' | 'BEGUN' | 'UNKNOWN';
  readonly tries: number;
  readonly deadline: string;
  readonly asks: number;
  /** Of these, before the call was made last. */
  readonly asksBefore: number;
}

const initial: WmsLock = {
  ask: null, lines: [], wanted: 'NONE', there: '', reply: null, fence: 0, expiresAt: '', parcelId: '', reason: '', missing: [], call: 0, verb: '', calling: '', tries: 0, deadline: '', asks: 0, asksBefore: 0,
};

const said = ({ type, data }: LockReply): LockReply => ({ type, data }) as LockReply;

const evolve = (state: WmsLock, event: WmsLockEvent): WmsLock => {
  switch (event.type) {
    case 'LockWanted':
      return { ...state, ask: event.data, lines: summed(event.data.lines), wanted: 'LOCKED' };
    case 'ConfirmWanted':
      return { ...state, wanted: 'CONFIRMED' };
    case 'ConsumeWanted':
      return { ...state, wanted: 'CONSUMED', parcelId: event.data.parcelId };
    case 'ReleaseWanted':
      return { ...state, wanted: 'RELEASED', reason: event.data.reason };
    case 'PromiseTakenBack':
      return { ...state, wanted: 'RELEASED', reason: 'DISPLACED', missing: event.data.missing };
    case 'CallOwed':
      return { ...state, call: event.data.call, verb: event.data.verb, calling: 'OWED', tries: 0, deadline: '', asks: 0, asksBefore: 0 };
    case 'CallBegun':
      return { ...state, calling: 'BEGUN', tries: event.data.tries, deadline: event.data.deadline, asksBefore: state.asks };
    case 'OutcomeUnknown':
      return { ...state, calling: 'UNKNOWN', asks: event.data.ask };
    case 'CallSettled':
      return { ...state, there: event.data.there, calling: '', verb: '', deadline: '' };
    case 'EndedThere':
      return { ...state, there: event.data.there };
    case 'StockLocked':
      return { ...state, reply: said(event), fence: event.data.fence, expiresAt: event.data.expiresAt };
    case 'StockLockExpired':
      return { ...state, reply: said(event), wanted: state.wanted === 'NONE' ? 'NONE' : 'RELEASED', expiresAt: '' };
    case 'StockConfirmed':
      return { ...state, reply: said(event), expiresAt: '' };
    case 'StockLockRefused':
    case 'StockReleased':
    case 'StockConsumed':
      return { ...state, reply: said(event), expiresAt: '' };
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
}

const headOf = ({ lockId, foId, round, warehouse }: Head): Head => ({ lockId, foId, round, warehouse });
const expired = (head: Head): LockReply => ({ type: 'StockLockExpired', data: headOf(head) });
const released = (head: Head, missing: Quantities = []): LockReply => ({ type: 'StockReleased', data: { ...headOf(head), missing } });
const refused = (head: Head, reason: string, free: Quantities): LockReply => ({ type: 'StockLockRefused', data: { ...headOf(head), reason, free, kept: [] } });
const again = (reply: LockReply): WmsLockEvent => ({ type: 'LockAnswered', data: { reply } });

const isOver = (there: LockThere | ''): boolean => there === 'CONSUMED' || there === 'RELEASED' || there === 'EXPIRED' || there === 'REFUSED';
const hasEnded = ({ reply }: WmsLock): boolean => reply !== null && reply.type !== 'StockLocked' && reply.type !== 'StockConfirmed';

/** How far a lock has come there; a call has arrived when the lock is as far as the call wants it. */
const reach = { '': 0, LOCKED: 1, CONFIRMED: 2, CONSUMED: 3, RELEASED: 3, EXPIRED: 3, REFUSED: 3 } as const;
const aim = { LOCK: 1, CONFIRM: 2, CONSUME: 3, RELEASE: 3 } as const;

/** Whether an answer settles a call; if not, the call has not arrived yet. */
export const settles = (verb: Verb, there: LockThere | ''): boolean => reach[there] >= aim[verb];

// What is owed when no call is under way.
const owed = (state: WmsLock): Verb | undefined => {
  if (state.calling !== '' || isOver(state.there)) return undefined;
  switch (state.wanted) {
    case 'NONE':
      return undefined;
    case 'LOCKED':
      return state.there === '' && state.reply === null ? 'LOCK' : undefined;
    case 'CONFIRMED':
      return state.there === 'LOCKED' ? 'CONFIRM' : undefined;
    case 'CONSUMED':
      return state.there === 'CONFIRMED' ? 'CONSUME' : undefined;
    case 'RELEASED':
      return state.call > 0 ? 'RELEASE' : undefined;
    default:
      return unreachable(state.wanted);
  }
};

const settled = (state: WmsLock, events: readonly WmsLockEvent[]): readonly WmsLockEvent[] => {
  const after = events.reduce(evolve, state);
  const verb = owed(after);
  if (verb === undefined || !after.ask) return events;
  const { lockId, warehouse, priority } = after.ask;
  return [...events, { type: 'CallOwed', data: { lockId, warehouse, call: after.call + 1, verb, priority } }];
};

const lockStock = ({ data: { ask, free } }: Of<WmsLockCommand, 'LockStock'>, state: WmsLock): readonly WmsLockEvent[] => {
  if (state.reply) return state.reply.type === 'StockReleased' ? [again(refused(ask, 'RELEASED', []))] : [again(state.reply)];
  if (state.ask) return []; // the answer is under way
  const lines = summed(ask.lines);
  if (lines.length === 0 || lines.some(({ quantity }) => !Number.isSafeInteger(quantity) || quantity <= 0)) {
    throw new Refused('BAD_QUANTITY', `lock ${ask.lockId} asks for no quantity, or for one that is not a whole number above 0`);
  }
  const there = new Map(free.map(({ sku, quantity }) => [sku, quantity]));
  if (lines.some(({ sku, quantity }) => (there.get(sku) ?? 0) < quantity)) return [refused(ask, 'SHORT', free)];
  return settled(state, [{ type: 'LockWanted', data: ask }]);
};

const leaseOver = (state: WmsLock, at: string): boolean => state.wanted === 'LOCKED' && state.reply?.type === 'StockLocked' && at >= state.expiresAt;

const confirmStock = ({ data: { ask, at } }: Of<WmsLockCommand, 'ConfirmStock'>, state: WmsLock): readonly WmsLockEvent[] => {
  if (!state.reply) return state.ask ? [] : [expired(ask)];
  if (leaseOver(state, at)) return settled(state, [expired(ask)]);
  if (state.reply.type !== 'StockLocked') return [again(state.reply)];
  if (state.wanted !== 'LOCKED') return []; // its confirmation, or its end, is under way
  // A lock that lives is never said to be over: another fence is answered with the grant that there is.
  if (ask.fence !== state.fence) return [again(state.reply)];
  return settled(state, [{ type: 'ConfirmWanted', data: ask }]);
};

const releaseStock = ({ data: { ask } }: Of<WmsLockCommand, 'ReleaseStock'>, state: WmsLock): readonly WmsLockEvent[] => {
  if (!state.ask && !state.reply) return [released(ask)];
  if (hasEnded(state)) return [again(state.reply!)];
  if (state.wanted === 'RELEASED' || state.wanted === 'CONSUMED') return [];
  return withdrawn(state, [{ type: 'ReleaseWanted', data: ask }]);
};

// A call that is only owed has certainly no effect: nothing is there, and nothing has to be asked.
const withdrawn = (state: WmsLock, events: readonly WmsLockEvent[]): readonly WmsLockEvent[] => {
  const { calling, verb, call, ask } = state;
  if (!ask || calling !== 'OWED' || verb === '') return settled(state, events);
  const { lockId, warehouse } = ask;
  const unasked: WmsLockEvent = { type: 'CallSettled', data: { lockId, warehouse, call, verb, there: state.there, position: 0 } };
  const after = events.reduce(evolve, state);
  return state.there === '' && call === 1 ? [...events, unasked, released(ask, after.missing)] : settled(state, [...events, unasked]);
};

const consumeStock = ({ data: { ask } }: Of<WmsLockCommand, 'ConsumeStock'>, state: WmsLock): readonly WmsLockEvent[] => {
  if (!state.reply) return state.ask ? [] : [released(ask)];
  if (state.reply.type !== 'StockConfirmed') return [again(state.reply)];
  if (state.wanted !== 'CONFIRMED') return [];
  if (ask.fence !== state.fence) throw new Refused('CONTRACT_VIOLATED', `parcel ${ask.parcelId} consumes lock ${ask.lockId} with fence ${ask.fence}, it has ${state.fence}`);
  return settled(state, [{ type: 'ConsumeWanted', data: ask }]);
};

const expireLock = ({ data: { at } }: Of<WmsLockCommand, 'ExpireLock'>, state: WmsLock): readonly WmsLockEvent[] => (leaseOver(state, at) ? settled(state, [expired(state.ask!)]) : []);

/** Whether its promise may be taken back: it holds stock, and the goods have not left. */
export const isPromise = (state: WmsLock): boolean => state.ask !== null && !isOver(state.there) && !hasEnded(state) && state.wanted !== 'CONSUMED' && state.wanted !== 'RELEASED';

const displaceLock = ({ data: { missing } }: Of<WmsLockCommand, 'DisplaceLock'>, state: WmsLock): readonly WmsLockEvent[] =>
  isPromise(state) ? withdrawn(state, [{ type: 'PromiseTakenBack', data: { lockId: state.ask!.lockId, missing } }]) : [];

const beginCall = ({ data: { call, deadline } }: Of<WmsLockCommand, 'BeginCall'>, state: WmsLock): readonly WmsLockEvent[] =>
  state.call === call && state.calling === 'OWED' ? [begun(state, deadline)] : [];

const callOf = ({ ask, call, verb }: WmsLock) => ({ lockId: ask!.lockId, warehouse: ask!.warehouse, call, verb: verb as Verb });
const begun = (state: WmsLock, deadline: string): WmsLockEvent => ({ type: 'CallBegun', data: { ...callOf(state), tries: state.tries + 1, deadline } });
const isOpen = (state: WmsLock, call: number): boolean => state.call === call && (state.calling === 'BEGUN' || state.calling === 'UNKNOWN');

const settleCall = ({ data: { call, said: answer, expiresAt } }: Of<WmsLockCommand, 'SettleCall'>, state: WmsLock): readonly WmsLockEvent[] => {
  if (!isOpen(state, call)) return [];
  const { there, position } = answer;
  const reply = hasEnded(state) ? undefined : replyTo(state, answer, expiresAt);
  return settled(state, [{ type: 'CallSettled', data: { ...callOf(state), there, position } }, ...(reply ? [reply] : [])]);
};

const replyTo = (state: WmsLock, { there, fence, reason, free }: SaidThere, expiresAt: string): LockReply | undefined => {
  const head = headOf(state.ask!);
  const { wanted, lines, missing, parcelId } = state;
  switch (there) {
    case 'LOCKED':
      return wanted === 'LOCKED' ? { type: 'StockLocked', data: { ...head, fence, expiresAt, lines } } : undefined;
    case 'CONFIRMED':
      return wanted === 'RELEASED' ? undefined : { type: 'StockConfirmed', data: { ...head, fence: state.fence || fence } };
    case 'CONSUMED':
      return { type: 'StockConsumed', data: { ...head, parcelId } };
    case 'REFUSED':
    case 'RELEASED':
    case 'EXPIRED':
      if (wanted === 'RELEASED' || wanted === 'CONSUMED') return released(head, missing);
      if (wanted === 'CONFIRMED' || there === 'EXPIRED') return expired(head);
      return refused(head, there === 'RELEASED' ? 'RELEASED' : reason || 'SHORT', free);
    default:
      return unreachable(there);
  }
};

const notArrived = ({ data }: Of<WmsLockCommand, 'NotArrived'>, state: WmsLock): readonly WmsLockEvent[] => {
  const { call, said: known, askedAt, deadline, askAfter } = data;
  if (!isOpen(state, call)) return [];
  if (askedAt <= state.deadline) return [unknown(state, askAfter, 'not there yet, and it may still arrive')];
  // Nobody wants it any more: what is there is released, which also keeps a straggler from locking.
  const overtaken = state.wanted === 'RELEASED' && state.verb !== 'RELEASE';
  return overtaken ? settled(state, [{ type: 'CallSettled', data: { ...callOf(state), there: known?.there ?? '', position: known?.position ?? 0 } }]) : [begun(state, deadline)];
};

const unknown = (state: WmsLock, askAfter: string, detail: string): WmsLockEvent => ({ type: 'OutcomeUnknown', data: { ...callOf(state), ask: state.asks + 1, askAfter, detail } });

const loseAnswer = ({ data: { call, askAfter, detail } }: Of<WmsLockCommand, 'LoseAnswer'>, state: WmsLock): readonly WmsLockEvent[] => (isOpen(state, call) ? [unknown(state, askAfter, detail)] : []);

const endThere = ({ data: { there, position, detail } }: Of<WmsLockCommand, 'EndThere'>, state: WmsLock): readonly WmsLockEvent[] => {
  // A call under way will find out by itself.
  if (!state.ask || state.calling !== '' || state.there === '' || isOver(state.there)) return [];
  const { lockId, warehouse } = state.ask;
  const ended: WmsLockEvent = { type: 'EndedThere', data: { lockId, warehouse, there, position, detail } };
  if (hasEnded(state)) return [ended];
  return [ended, state.there === 'CONFIRMED' ? released(state.ask, state.lines) : expired(state.ask)];
};

const decide = (command: WmsLockCommand, state: WmsLock): readonly WmsLockEvent[] => {
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
    case 'BeginCall':
      return beginCall(command, state);
    case 'SettleCall':
      return settleCall(command, state);
    case 'NotArrived':
      return notArrived(command, state);
    case 'LoseAnswer':
      return loseAnswer(command, state);
    case 'EndThere':
      return endThere(command, state);
    default:
      return unreachable(command);
  }
};

/** A lock in a warehouse system outside, by lock id. */
export const wmsLock: Decider<WmsLock, WmsLockCommand, WmsLockEvent> = { category: 'wmslock', initial, evolve, decide };
