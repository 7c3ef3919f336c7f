import type { allocation, common, lock as wire, order } from '@flotilla/contracts';
import type { Route } from './route.js';

/**
 * How many warehouses are asked at once, how long to wait for a better one than the first that grants, and what becomes of
 * the parts of a plan that are confirmed when another part fails: `keep` them and plan the rest, or give `all` back and plan anew.
 */
export interface Policy {
  readonly width: number;
  readonly windowMs: number;
  readonly partial: 'keep' | 'all';
}

/** A grant that is claimed: one per part of the plan. */
export interface ClaimedPart {
  readonly warehouse: string;
  readonly lockId: string;
  readonly fence: number;
}

/** A question to a participant, with how often it was put and when (machine time). Published without these. */
interface Asking {
  readonly attempt: number;
  readonly at: string;
  /** Answered in the very append that asks (coordinate/at-hand.ts): published as `answered`. */
  readonly atHand?: boolean;
}

interface Answered {
  readonly lockId: string;
  readonly warehouse: string;
  readonly round: number;
}

/** What came in, written down before anything follows from it. */
export type AllocationInput =
  | { readonly type: 'RequestNoted'; readonly data: order.AllocationRequested }
  | { readonly type: 'CancelNoted'; readonly data: { readonly foId: string; readonly reason: string } }
  /** `warehouse` "" = it held everything. */
  | { readonly type: 'ShipmentNoted'; readonly data: { readonly foId: string; readonly parcelId: string; readonly warehouse: string } }
  /** `claimBy`: until then a better warehouse may still win; "" but with the first grant of a round of locks. */
  | { readonly type: 'GrantNoted'; readonly data: Answered & { readonly foId: string; readonly fence: number; readonly claimBy: string } }
  | { readonly type: 'RefusalNoted'; readonly data: Answered & { readonly foId: string; readonly reason: string; readonly free: readonly common.SkuQuantity[] } }
  /** Somebody was asked who may take until then (business time); the question is put again after it. */
  | { readonly type: 'PendingNoted'; readonly data: Answered & { readonly foId: string; readonly until: string } }
  | { readonly type: 'ConfirmationNoted'; readonly data: Answered & { readonly foId: string; readonly fence: number } }
  | { readonly type: 'ExpiryNoted'; readonly data: Answered & { readonly foId: string } }
  | { readonly type: 'ReleaseNoted'; readonly data: Answered & { readonly foId: string; readonly missing: readonly common.SkuQuantity[] } }
  | { readonly type: 'ConsumptionNoted'; readonly data: Answered & { readonly foId: string; readonly parcelId: string } };

/** Questions to participants, published as flotilla.lock.v1.{LockStock,ConfirmStock,ReleaseStock,ConsumeStock}. */
export type AllocationQuestion =
  | { readonly type: 'LockAsked'; readonly data: Omit<wire.LockStock, 'answered'> & Asking }
  | { readonly type: 'ConfirmAsked'; readonly data: Omit<wire.ConfirmStock, 'answered'> & Asking }
  | { readonly type: 'ReleaseAsked'; readonly data: Omit<wire.ReleaseStock, 'answered'> & Asking }
  | { readonly type: 'ConsumeAsked'; readonly data: Omit<wire.ConsumeStock, 'answered'> & Asking };

const questions: readonly string[] = ['LockAsked', 'ConfirmAsked', 'ReleaseAsked', 'ConsumeAsked'];

export const isQuestion = (event: AllocationEvent): event is AllocationQuestion => questions.includes(event.type);

/** The plans for what is not covered yet, and why these: served by Allocations/Explain. `round` is order-core's, `lockRound` counts the rounds of locks. */
export interface Planned extends Route {
  readonly foId: string;
  readonly round: number;
  readonly lockRound: number;
  readonly policy: Policy;
}

export type AllocationEvent =
  | AllocationInput
  | AllocationQuestion
  | { readonly type: 'AllocationPlanned'; readonly data: Planned }
  /** A plan is owed and the figures at hand were made for something else: a timer looks at once. */
  | { readonly type: 'PlanPostponed'; readonly data: { readonly foId: string; readonly at: string } }
  /** No answer, too long. The lock is released like any other; until that is acknowledged nothing is planned. */
  | { readonly type: 'AskGivenUp'; readonly data: { readonly foId: string; readonly lockId: string } }
  | { readonly type: 'ConfirmGivenUp'; readonly data: { readonly foId: string; readonly lockId: string } }
  /** Nobody won this round of locks. Whatever is not in `kept` ends; then the plans that are left are followed (`further`), or new ones made. */
  | { readonly type: 'RoundEnded'; readonly data: { readonly foId: string; readonly lockRound: number; readonly kept: readonly string[]; readonly further: boolean } }
  /** The next round of locks, for the plans that are left. */
  | { readonly type: 'RoundOpened'; readonly data: { readonly foId: string; readonly round: number; readonly lockRound: number } }
  /** The claim: one per round of locks, with every lock of the plan. What stands beside `parts` is the first of them. */
  | { readonly type: 'AllocationClaimed'; readonly data: ClaimedPart & { readonly foId: string; readonly round: number; readonly lockRound: number; readonly parts: readonly ClaimedPart[] } }
  /** Back in the queue, without telling anyone again. */
  | { readonly type: 'BackorderKept'; readonly data: { readonly foId: string; readonly round: number; readonly missing: readonly common.SkuQuantity[] } }
  /** A parcel left whose promise had been taken back meanwhile; the next count of the shelf settles the figure. */
  | { readonly type: 'ShippedUncovered'; readonly data: { readonly foId: string; readonly parcelId: string; readonly warehouse: string } }
  // flotilla.allocation.v1, published as they stand:
  | { readonly type: 'OrderAllocated'; readonly data: allocation.OrderAllocated }
  | { readonly type: 'OrderBackordered'; readonly data: allocation.OrderBackordered }
  | { readonly type: 'BackorderEased'; readonly data: allocation.BackorderEased }
  | { readonly type: 'StockReleased'; readonly data: allocation.StockReleased }
  | { readonly type: 'StockDisplaced'; readonly data: allocation.StockDisplaced };
