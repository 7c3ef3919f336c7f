// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';

export interface LockStock {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly lines: readonly common.SkuQuantity[];
  readonly priority: number;
  /** in the append that asked: told for the record, nobody has to answer */
  readonly answered: boolean;
}

export interface ConfirmStock {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly fence: number;
  readonly answered: boolean;
}

export interface ReleaseStock {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly reason: string;
  readonly answered: boolean;
}

export interface ConsumeStock {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly fence: number;
  readonly parcelId: string;
  readonly answered: boolean;
}

export interface StockLocked {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly fence: number;
  /** machine time of the participant */
  readonly expiresAt: string;
  readonly lines: readonly common.SkuQuantity[];
  /** by the saga, in the append that answered: told for the record */
  readonly noted: boolean;
}

/** Somebody has been asked and may take until then: the question is put again after it, and not given up. */
export interface StockLockPending {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  /** business time */
  readonly until: string;
}

export interface StockLockRefused {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  /** SHORT, SAFETY (what is there is kept back from it), RELEASED, UNKNOWN_WAREHOUSE; of a supplier also TIMEOUT, DECLINED, OUT_OF_STOCK, FULL */
  readonly reason: string;
  /** what is there, per SKU asked for */
  readonly free: readonly common.SkuQuantity[];
  /** of it, what is kept back from this order */
  readonly kept: readonly common.SkuQuantity[];
  readonly noted: boolean;
}

export interface StockConfirmed {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly fence: number;
  readonly noted: boolean;
}

/** The lease ended before the confirm, or a confirm came for a lock that is not there any more. */
export interface StockLockExpired {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly noted: boolean;
}

/** The answer to ReleaseStock; unasked if the warehouse had to take the promise back (missing says what is not there). */
export interface StockReleased {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  /** only of a lock that was displaced */
  readonly missing: readonly common.SkuQuantity[];
  readonly noted: boolean;
}

export interface StockConsumed {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
  readonly parcelId: string;
  readonly noted: boolean;
}

