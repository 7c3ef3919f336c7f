import type { lock as wire, order } from '@flotilla/contracts';
import { unreachable, type Decider, type Of } from '@flotilla/decider';
import { isQuestion, type AllocationEvent, type AllocationInput, type AllocationQuestion } from './allocation.events.js';
import { confirmAsked, consumeAsked, lockAsked, next, planned, releaseAsked, type Circumstances } from './allocation.owed.js';
import { evolve, isLive, nothingYet, partsOf, strays, type AllocationState } from './allocation.state.js';
import { schemaVersions, upcasters } from './allocation.versions.js';
import type { LockReply } from './lock.events.js';
import { summed, units } from './names.js';

export type AllocationCommand =
  | { readonly type: 'RequestAllocation'; readonly data: { readonly request: order.AllocationRequested; readonly now: Circumstances } }
  | { readonly type: 'CancelAllocation'; readonly data: { readonly foId: string; readonly reason: string; readonly shipped: readonly order.ShippedPart[]; readonly now: Circumstances } }
  | { readonly type: 'ShipAllocation'; readonly data: { readonly foId: string; readonly parcelId: string; readonly warehouse: string; readonly now: Circumstances } }
  | { readonly type: 'TakeReply'; readonly data: { readonly reply: LockReply; readonly now: Circumstances } }
  /** Somebody is thinking about it; the question is not given up. */
  | { readonly type: 'TakePending'; readonly data: { readonly pending: wire.StockLockPending; readonly now: Circumstances } }
  /** A timer: is the question about this lock still open? "" = is anything owed? */
  | { readonly type: 'LookAgain'; readonly data: { readonly foId: string; readonly lockId: string; readonly now: Circumstances } }
  /** The queue: there seems to be stock. */
  | { readonly type: 'ServeBackorder'; readonly data: { readonly foId: string; readonly now: Circumstances } };

/** How often a question is put before the saga stops waiting for it. Releases and consumptions are repeated for ever. */
export const MAX_ASKS = 4;
export const MAX_CONFIRMS = 3;

const marked = (event: AllocationEvent, { atHand }: Circumstances): AllocationEvent =>
  isQuestion(event) && atHand?.includes(event.data.warehouse) === true ? ({ ...event, data: { ...event.data, atHand: true } } as AllocationQuestion) : event;

// Notes what came in, then does all that is owed because of it.
const settled = (state: AllocationState, noted: readonly AllocationEvent[], now: Circumstances): readonly AllocationEvent[] => {
  const events = noted.map((event) => marked(event, now));
  let folded = noted.reduce(evolve, state);
  for (let moves = 0; ; moves += 1) {
    if (moves > 100) throw new Error(`the saga of ${state.foId} finds no end in ${folded.phase}`);
    const owed = next(folded, now);
    if (owed.length === 0) return events;
    events.push(...owed.map((event) => marked(event, now)));
    folded = owed.reduce(evolve, folded);
  }
};

// Cancelled is final. What has left is, too, unless order-core knows of it and asks for something else.
const request = ({ data: { request: asked, now } }: Of<AllocationCommand, 'RequestAllocation'>, state: AllocationState): readonly AllocationEvent[] => {
  const { foId, round, shipped } = asked;
  const isCancelled = state.phase === 'RELEASING' || state.phase === 'RELEASED';
  if (isCancelled || round <= (state.request?.round ?? 0) || state.shipments.some(({ parcelId }) => !shipped.some((one) => one.parcelId === parcelId))) return [];
  return settled(state, [...leaving(state, foId, shipped), { type: 'RequestNoted', data: asked }], now);
};

const cancel = ({ data: { foId, reason, shipped, now } }: Of<AllocationCommand, 'CancelAllocation'>, state: AllocationState): readonly AllocationEvent[] => {
  if (['RELEASING', 'RELEASED', 'CONSUMED', 'UNCOVERED'].includes(state.phase)) return [];
  const left = leaving(state, foId, shipped);
  const after = left.reduce(evolve, state);
  const allLeft = after.phase === 'ALLOCATED' && partsOf(after).every(([, { parcelId }]) => parcelId !== '');
  return settled(state, allLeft ? left : [...left, { type: 'CancelNoted', data: { foId, reason } }], now);
};

// What order-core says has left; the news of the parcel itself may come later.
const leaving = (state: AllocationState, foId: string, shipped: readonly order.ShippedPart[]): readonly AllocationEvent[] =>
  shipped.filter(({ parcelId }) => !hasLeft(state, parcelId)).map(({ parcelId, warehouse }) => ({ type: 'ShipmentNoted', data: { foId, parcelId, warehouse } }));

const ship = ({ data: { foId, parcelId, warehouse, now } }: Of<AllocationCommand, 'ShipAllocation'>, state: AllocationState): readonly AllocationEvent[] =>
  settled(state, leaving(state, foId, [{ parcelId, warehouse }]), now);

const hasLeft = ({ shipments }: AllocationState, parcelId: string): boolean => shipments.some((one) => one.parcelId === parcelId);

const takeReply = ({ data: { reply, now } }: Of<AllocationCommand, 'TakeReply'>, state: AllocationState): readonly AllocationEvent[] => {
  const noted = note(reply, state, now);
  if (!noted) return [];
  const events = settled(state, [noted], now);
  const after = events.reduce(evolve, state);
  if (state.phase !== 'BACKORDERED' || after.phase !== 'BACKORDERED') return events;
  // While a late lock lived, the queue could not serve this one; it has to look at it again. So it has when a part that was kept is gone.
  const gone = partsOf(state).filter(([lockId]) => !after.parts.includes(lockId)).flatMap(([, { lines }]) => lines);
  const cleared = strays(state).length > 0 && strays(after).length === 0;
  const missing = gone.length > 0 ? summed([...state.missing, ...gone]) : state.missing;
  return cleared || gone.length > 0 ? [...events, { type: 'BackorderKept', data: { foId: state.foId, round: state.request!.round, missing } }] : events;
};

// What a reply adds to what is known; nothing for a repeat, or for a lock whose release is under way (only its end counts then).
const note = (reply: LockReply, state: AllocationState, { at }: Circumstances): AllocationInput | undefined => {
  const { lockId, foId, round, warehouse } = reply.data;
  const known = state.locks[lockId];
  const from = { lockId, foId, round, warehouse };
  switch (reply.type) {
    case 'StockLocked': {
      if (known && (known.state !== 'ASKED' || known.open === 'RELEASE')) return undefined;
      const awaited = known !== undefined && state.phase === 'ASKING' && round === state.lockRound;
      // The window begins with the first grant; those that come in it do not begin it anew.
      const claimBy = awaited && state.claimBy === '' && state.policy.windowMs > 0 ? new Date(Date.parse(at) + state.policy.windowMs).toISOString() : '';
      return { type: 'GrantNoted', data: { ...from, fence: reply.data.fence, claimBy } };
    }
    case 'StockConfirmed':
      if (known && (!isLive(known) || known.state === 'CONFIRMED' || known.open === 'RELEASE')) return undefined;
      return { type: 'ConfirmationNoted', data: { ...from, fence: reply.data.fence } };
    case 'StockLockRefused':
      return known && isLive(known) ? { type: 'RefusalNoted', data: { ...from, reason: reply.data.reason, free: reply.data.free } } : undefined;
    case 'StockLockExpired':
      return known && isLive(known) ? { type: 'ExpiryNoted', data: from } : undefined;
    case 'StockReleased':
      return known && isLive(known) ? { type: 'ReleaseNoted', data: { ...from, missing: reply.data.missing ?? [] } } : undefined;
    case 'StockConsumed':
      return known && isLive(known) ? { type: 'ConsumptionNoted', data: { ...from, parcelId: reply.data.parcelId } } : undefined;
    default:
      return unreachable(reply);
  }
};

const takePending = ({ data: { pending: { lockId, foId, round, warehouse, until } } }: Of<AllocationCommand, 'TakePending'>, state: AllocationState): readonly AllocationEvent[] => {
  const known = state.locks[lockId];
  return known?.state === 'ASKED' && known.open === 'LOCK' ? [{ type: 'PendingNoted', data: { lockId, foId, round, warehouse, until } }] : [];
};

const look = ({ data: { foId, lockId, now } }: Of<AllocationCommand, 'LookAgain'>, state: AllocationState): readonly AllocationEvent[] =>
  state.phase === 'NONE' ? [] : settled(state, putAgain(state, foId, lockId, now.at), now);

const putAgain = (state: AllocationState, foId: string, lockId: string, at: string): readonly AllocationEvent[] => {
  const one = state.locks[lockId];
  if (!one || one.open === '') return [];
  const attempt = one.attempt + 1;
  switch (one.open) {
    case 'LOCK':
      return attempt > MAX_ASKS ? [{ type: 'AskGivenUp', data: { foId, lockId } }] : [lockAsked(state, one, at, attempt)];
    case 'CONFIRM':
      return attempt > MAX_CONFIRMS ? [{ type: 'ConfirmGivenUp', data: { foId, lockId } }] : [confirmAsked(state, lockId, at, attempt)];
    case 'RELEASE':
      return [releaseAsked(state, lockId, at, attempt)];
    case 'CONSUME':
      return [consumeAsked(state, lockId, at, attempt)];
    default:
      return unreachable(one.open);
  }
};

const serve = ({ data: { now } }: Of<AllocationCommand, 'ServeBackorder'>, state: AllocationState): readonly AllocationEvent[] => {
  if (state.phase !== 'BACKORDERED' || strays(state).length > 0 || !now.snapshot) return [];
  const plan = planned(state, now.snapshot, now.policy);
  if (plan.data.plans.length > 0) return settled(state, [plan], now);
  const { missing } = plan.data;
  return units(missing) < units(state.told) ? [{ type: 'BackorderEased', data: { foId: state.foId, round: state.request!.round, missing } }] : [];
};

const decide = (command: AllocationCommand, state: AllocationState): readonly AllocationEvent[] => {
  switch (command.type) {
    case 'RequestAllocation':
      return request(command, state);
    case 'CancelAllocation':
      return cancel(command, state);
    case 'ShipAllocation':
      return ship(command, state);
    case 'TakeReply':
      return takeReply(command, state);
    case 'TakePending':
      return takePending(command, state);
    case 'LookAgain':
      return look(command, state);
    case 'ServeBackorder':
      return serve(command, state);
    default:
      return unreachable(command);
  }
};

/** The saga of a fulfilment order and its claim: one stream, so that winning is one append. */
export const allocation: Decider<AllocationState, AllocationCommand, AllocationEvent> = { category: 'allocation', initial: nothingYet, evolve, decide, schemaVersions, upcasters };
