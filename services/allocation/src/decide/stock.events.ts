/** Quantities of one SKU in one warehouse. `held + confirmed ≤ onHand − unsellable`, always. */
export interface Level {
  readonly onHand: number;
  readonly unsellable: number;
  /** Promised under a lease. */
  readonly held: number;
  /** Promised for good. */
  readonly confirmed: number;
}

/** What stands beside the level and is no part of its promise. */
export interface Beside {
  /** Free units that ordinary orders and channels do not get. */
  readonly safety: number;
  /** Orders from this priority on may use them; 0 = none may. */
  readonly safetyFrom: number;
  /** Announced and not received. */
  readonly inTransit: number;
}

export const nothingBeside: Beside = { safety: 0, safetyFrom: 0, inTransit: 0 };

/** What every event says: where, why, and the level that it leaves. */
interface Movement {
  readonly warehouse: string;
  readonly sku: string;
  readonly level: Level;
  /** Absent = nothing: on most shelves, and in events of before there was any. */
  readonly beside?: Beside;
}

/** A movement of a lock's share. */
interface LockMovement extends Movement {
  readonly lockId: string;
  readonly foId: string;
  readonly quantity: number;
}

export type InboundKind = 'PURCHASE' | 'TRANSFER';

export type StockEvent =
  | { readonly type: 'StockCounted'; readonly data: Movement & { readonly was: number; readonly asOf: string } }
  | { readonly type: 'StockAdjusted'; readonly data: Movement & { readonly delta: number; readonly reason: string } }
  /** So many became unsellable (below 0: sellable again), and why. */
  | { readonly type: 'StockSetAside'; readonly data: Movement & { readonly quantity: number; readonly reason: string } }
  /** Unsellable goods were thrown away. */
  | { readonly type: 'StockScrapped'; readonly data: Movement & { readonly quantity: number; readonly reason: string } }
  | { readonly type: 'SafetySet'; readonly data: Movement & { readonly was: number } }
  /** Goods are on their way: `quantity` in all, whatever has arrived of them. */
  | { readonly type: 'StockAnnounced'; readonly data: Movement & { readonly inbound: string; readonly kind: InboundKind; readonly fromWarehouse: string; readonly quantity: number; readonly expectedAt: string } }
  /** They have left for another warehouse; below 0: they stayed after all. */
  | { readonly type: 'StockDispatched'; readonly data: Movement & { readonly inbound: string; readonly toWarehouse: string; readonly quantity: number } }
  /** They have arrived, `unsellable` of them so, and why. */
  | { readonly type: 'StockReceived'; readonly data: Movement & { readonly inbound: string; readonly quantity: number; readonly unsellable: number; readonly reason: string } }
  /** Nothing more will come; `difference`: received − announced. */
  | { readonly type: 'InboundEnded'; readonly data: Movement & { readonly inbound: string; readonly announced: number; readonly received: number; readonly difference: number; readonly reason: string } }
  | { readonly type: 'StockHeld'; readonly data: LockMovement & { readonly priority: number } }
  | { readonly type: 'HoldConfirmed'; readonly data: LockMovement }
  | { readonly type: 'HoldReleased'; readonly data: LockMovement & { readonly from: 'held' | 'confirmed'; readonly cause: string } }
  /** What another ledger says of itself: all four figures as of its position, and when by its own clock ("" = it does not say). PARTICIPANT publishes its stock itself, of a WMS nobody else speaks. */
  | { readonly type: 'StockForecast'; readonly data: Movement & { readonly from: 'PARTICIPANT' | 'WMS' | 'SUPPLIER'; readonly asOf: number; readonly at: string } }
  | { readonly type: 'StockTaken'; readonly data: LockMovement & { readonly parcelId: string } };

/** What is on the shelf, sellable and promised to nobody. */
export const freeOf = (level: Level): number => level.onHand - level.unsellable - level.held - level.confirmed;

/** Of so many free units those that stay on the shelf for an order of this priority; absent = an ordinary one. */
export const keptFrom = ({ safety, safetyFrom }: Omit<Beside, 'inTransit'>, priority = 0): number => (safetyFrom > 0 && priority >= safetyFrom ? 0 : safety);

/** What may be promised to an order of this priority: what is free, less what is kept back from it. */
export const promisable = (shelf: Level & Beside, priority = 0): number => Math.max(0, freeOf(shelf) - keptFrom(shelf, priority));
