import type { common, lock as wire } from '@flotilla/contracts';

/** `noted`: the saga took it in the very append that answers (coordinate/at-hand.ts). */
export type Said<Message> = Omit<Message, 'noted'> & { readonly noted?: boolean };

/** What a participant says about a lock; the names and data are those of flotilla.lock.v1. */
export type LockReply =
  | { readonly type: 'StockLocked'; readonly data: Said<wire.StockLocked> }
  /** `kept`: absent in events of before anything was kept back. */
  | { readonly type: 'StockLockRefused'; readonly data: Said<Omit<wire.StockLockRefused, 'kept'>> & { readonly kept?: readonly common.SkuQuantity[] } }
  | { readonly type: 'StockConfirmed'; readonly data: Said<wire.StockConfirmed> }
  | { readonly type: 'StockLockExpired'; readonly data: Said<wire.StockLockExpired> }
  | { readonly type: 'StockReleased'; readonly data: Said<wire.StockReleased> }
  | { readonly type: 'StockConsumed'; readonly data: Said<wire.StockConsumed> };

/** `LockAnswered` changes nothing: the same answer once more, since the first may have been lost. */
export type LockEvent = LockReply | { readonly type: 'LockAnswered'; readonly data: { readonly reply: LockReply } };
