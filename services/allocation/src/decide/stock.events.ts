/** Quantities of one SKU in one warehouse. `held + confirmed ≤ onHand − unsellable`, always. */
export interface Level {
  readonly onHand: number;
  readonly unsellable: number;
  /** Promised under a lease. */
  readonly held: number;
  /** Promised for good. */
  readonly confirmed: number;
}

/** What every event says: where, why, and the level that it leaves. */
interface Movement {
  readonly warehouse: string;
  readonly sku: string;
  readonly level: Level;
}

/** A movement of a lock's share. */
interface LockMovement extends Movement {
  readonly lockId: string;
  readonly foId: string;
  readonly quantity: number;
}

export type StockEvent =
  | { readonly type: 'StockCounted'; readonly data: Movement & { readonly was: number; readonly asOf: string } }
  | { readonly type: 'StockAdjusted'; readonly data: Movement & { readonly delta: number; readonly reason: string } }
  | { readonly type: 'StockSetAside'; readonly data: Movement & { readonly quantity: number; readonly reason: string } }
  | { readonly type: 'StockHeld'; readonly data: LockMovement & { readonly priority: number } }
  | { readonly type: 'HoldConfirmed'; readonly data: LockMovement }
  | { readonly type: 'HoldReleased'; readonly data: LockMovement & { readonly from: 'held' | 'confirmed'; readonly cause: string } }
  /** What another ledger says of itself: all four figures as of its position, and when by its own clock ("" = it does not say). PARTICIPANT publishes its stock itself, of a WMS nobody else speaks. */
  | { readonly type: 'StockForecast'; readonly data: Movement & { readonly from: 'PARTICIPANT' | 'WMS' | 'SUPPLIER'; readonly asOf: number; readonly at: string } }
  | { readonly type: 'StockTaken'; readonly data: LockMovement & { readonly parcelId: string } };

/** What may still be promised. */
export const freeOf = (level: Level): number => level.onHand - level.unsellable - level.held - level.confirmed;
