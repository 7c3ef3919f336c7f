import type { Recorded, TimerChange } from '@flotilla/event-store';
import type { AllocationEvent } from '../decide/allocation.events.js';
import type { LockEvent } from '../decide/lock.events.js';

/** What to look at when a timer is due. All are machine time, but for `thought`: somebody may take until then. */
export type Look =
  | { readonly kind: 'question' | 'thought'; readonly foId: string; readonly lockId: string }
  | { readonly kind: 'window' | 'plan'; readonly foId: string }
  | { readonly kind: 'lease'; readonly lockId: string };

const FIRST_MS = 2_000;
const LAST_MS = 60_000;
// A supplier's own timer speaks first.
const AFTER_MS = 10_000;

/** How long an answer is waited for: 2, 4, 8 … 60 s. Three hops of Kafka take some 10 ms, so 2 s is a lost answer or a process that is down. */
export const waitMs = (attempt: number): number => Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10));

const set = (key: string, dueAt: string, data: Look): TimerChange => ({ key, dueAt, clock: 'machine', data });
const off = (key: string): TimerChange => ({ key, dueAt: null, clock: 'machine', data: null });
const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

const question = (lockId: string): string => `question/${lockId}`;
const lease = (lockId: string): string => `lease/${lockId}`;

const ofSaga = (event: AllocationEvent): readonly TimerChange[] => {
  switch (event.type) {
    case 'LockAsked':
    case 'ConfirmAsked':
    case 'ReleaseAsked':
    case 'ConsumeAsked': {
      const { foId, lockId, attempt, at } = event.data;
      return [set(question(lockId), later(at, waitMs(attempt)), { kind: 'question', foId, lockId })];
    }
    case 'GrantNoted': {
      const { foId, lockId, claimBy } = event.data;
      return [off(question(lockId)), ...(claimBy === '' ? [] : [set(`window/${foId}`, claimBy, { kind: 'window', foId })])];
    }
    case 'PendingNoted': {
      const { foId, lockId, until } = event.data;
      return [{ key: question(lockId), dueAt: later(until, AFTER_MS), clock: 'business', data: { kind: 'thought', foId, lockId } satisfies Look }];
    }
    case 'RefusalNoted':
    case 'ConfirmationNoted':
    case 'ExpiryNoted':
    case 'ReleaseNoted':
    case 'ConsumptionNoted':
      return [off(question(event.data.lockId))];
    case 'PlanPostponed':
      return [set(`plan/${event.data.foId}`, event.data.at, { kind: 'plan', foId: event.data.foId })];
    default:
      return [];
  }
};

const ofLock = (event: LockEvent): readonly TimerChange[] => {
  switch (event.type) {
    case 'StockLocked':
      return [set(lease(event.data.lockId), event.data.expiresAt, { kind: 'lease', lockId: event.data.lockId })];
    case 'StockConfirmed':
    case 'StockReleased':
    case 'StockLockExpired':
      return [off(lease(event.data.lockId))];
    default:
      return [];
  }
};

/** Timers that an event sets or calls off. A question open sets one, its answer calls it off; a lease lasts from grant to confirm. */
export const timerChanges = (event: Recorded): readonly TimerChange[] => {
  if (event.stream.startsWith('allocation-')) return ofSaga(event as unknown as AllocationEvent);
  if (event.stream.startsWith('lock-')) return ofLock(event as unknown as LockEvent);
  return [];
};
