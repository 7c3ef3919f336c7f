import type { common, lock as wire } from '@flotilla/contracts';
import type { LockReply } from '../lock.events.js';

/** What is asked of a warehouse system; each has its effect once, however often it is asked. */
export type Verb = 'LOCK' | 'CONFIRM' | 'RELEASE' | 'CONSUME';

/** What a warehouse system says a lock is. */
export type LockThere = 'LOCKED' | 'CONFIRMED' | 'CONSUMED' | 'RELEASED' | 'EXPIRED' | 'REFUSED';

interface Call {
  readonly lockId: string;
  readonly warehouse: string;
  /** Counts the questions put about this lock; an answer to an older one changes nothing. */
  readonly call: number;
  readonly verb: Verb;
}

/** A lock in a warehouse system. The replies are published; all else is memory. */
export type WmsLockEvent =
  | LockReply
  | { readonly type: 'LockAnswered'; readonly data: { readonly reply: LockReply } }
  | { readonly type: 'LockWanted'; readonly data: Omit<wire.LockStock, 'answered'> }
  | { readonly type: 'ConfirmWanted'; readonly data: Omit<wire.ConfirmStock, 'answered'> }
  | { readonly type: 'ReleaseWanted'; readonly data: Omit<wire.ReleaseStock, 'answered'> }
  | { readonly type: 'ConsumeWanted'; readonly data: Omit<wire.ConsumeStock, 'answered'> }
  /** The goods are not there, says a feed: the promise is taken back, there too. */
  | { readonly type: 'PromiseTakenBack'; readonly data: { readonly lockId: string; readonly missing: readonly common.SkuQuantity[] } }
  /** Becomes a job. */
  | { readonly type: 'CallOwed'; readonly data: Call & { readonly priority: number } }
  /** Written before the call goes out: from here on it may have its effect until the deadline (machine time). */
  | { readonly type: 'CallBegun'; readonly data: Call & { readonly tries: number; readonly deadline: string } }
  /** Nobody knows whether it had its effect. Becomes a job that asks. */
  | { readonly type: 'OutcomeUnknown'; readonly data: Call & { readonly ask: number; readonly askAfter: string; readonly detail: string } }
  /** What the lock is there now; "" = nothing is there. `position`: of the other ledger, when it became so. */
  | { readonly type: 'CallSettled'; readonly data: Call & { readonly there: LockThere | ''; readonly position: number } }
  /** The warehouse system ended it of its own accord. */
  | { readonly type: 'EndedThere'; readonly data: { readonly lockId: string; readonly warehouse: string; readonly there: LockThere; readonly position: number; readonly detail: string } };
