import type { Recorded, TimerChange } from '@flotilla/event-store';
import type { WmsLockEvent } from '../../decide/wms/lock.events.js';

/** A lease of a lock in a warehouse system, to be looked at. */
export interface WmsLook {
  readonly kind: 'wms-lease';
  readonly lockId: string;
}

/** The lease of a lock outside, from grant to confirm: machine time. */
export const wmsTimers = (event: Recorded): readonly TimerChange[] => {
  if (!event.stream.startsWith('wmslock-')) return [];
  const { type, data } = event as unknown as WmsLockEvent;
  switch (type) {
    case 'StockLocked':
      return [{ key: `wms-lease/${data.lockId}`, dueAt: data.expiresAt, clock: 'machine', data: { kind: 'wms-lease', lockId: data.lockId } satisfies WmsLook }];
    case 'ConfirmWanted':
    case 'ReleaseWanted':
    case 'StockLockExpired':
    case 'PromiseTakenBack':
      return [{ key: `wms-lease/${data.lockId}`, dueAt: null, clock: 'machine', data: null }];
    default:
      return [];
  }
};

/** Whether a timer is one of these. */
export const isWmsLook = (data: unknown): data is WmsLook => (data as { readonly kind?: unknown } | null)?.kind === 'wms-lease';
