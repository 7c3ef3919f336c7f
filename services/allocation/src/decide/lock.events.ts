import type { lock as wire } from '@flotilla/contracts';

/** What a participant says about a lock; the names and data are those of flotilla.lock.v1. */
export type LockReply =
  | { readonly type: 'StockLocked'; readonly data: wire.StockLocked }
  | { readonly type: 'StockLockRefused'; readonly data: wire.StockLockRefused }
  | { readonly type: 'StockConfirmed'; readonly data: wire.StockConfirmed }
  | { readonly type: 'StockLockExpired'; readonly data: wire.StockLockExpired }
  | { readonly type: 'StockReleased'; readonly data: wire.StockReleased }
  | { readonly type: 'StockConsumed'; readonly data: wire.StockConsumed };

/** `LockAnswered` changes nothing: the same answer once more, since the first may have been lost. */
export type LockEvent = LockReply | { readonly type: 'LockAnswered'; readonly data: { readonly reply: LockReply } };
