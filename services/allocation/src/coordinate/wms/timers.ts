import type { Recorded, TimerChange } from '@flotilla/event-store';
import type { WmsFeedEvent } from '../../decide/wms/feed.decider.js';
import type { WmsLockEvent } from '../../decide/wms/lock.events.js';
import type { WmsReportEvent } from '../../decide/wms/report.decider.js';

/** A lease of a lock in a warehouse system to be looked at, or a warehouse whose whole list is due. */
export type WmsLook = { readonly kind: 'wms-lease'; readonly lockId: string } | { readonly kind: 'wms-list'; readonly warehouse: string };

const list = (warehouse: string, after: string, everyMs: number): TimerChange => ({
  key: `wms-list/${warehouse}`, dueAt: new Date(Date.parse(after) + everyMs).toISOString(), clock: 'machine', data: { kind: 'wms-list', warehouse } satisfies WmsLook,
});

// The first push begins it; from then on each whole list that was applied sets the next.
const ofFeed = (event: Recorded, everyMs: number): readonly TimerChange[] => {
  const { type, data } = event as unknown as WmsFeedEvent | WmsReportEvent;
  if (type === 'WholeListWanted' || (type === 'PushTaken' && event.version === 1) || (type === 'ListReconciled' && !data.dryRun)) return [list(data.warehouse, event.recordedAt, everyMs)];
  return [];
};

/** The lease of a lock outside, from grant to confirm, and the next whole list of a warehouse: machine time. */
export const wmsTimers = (event: Recorded, listEveryMs: number): readonly TimerChange[] => {
  if (event.stream.startsWith('wmsfeed-') || event.stream.startsWith('wmsreport-')) return ofFeed(event, listEveryMs);
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
export const isWmsLook = (data: unknown): data is WmsLook => String((data as { readonly kind?: unknown } | null)?.kind).startsWith('wms-');
