import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import { isWmsLook, wmsTimers } from './timers.js';

const HOUR = 3_600_000;
const event = (stream: string, type: string, data: object, version = 1): Recorded => ({ stream, type, data, version, recordedAt: '2026-11-22T00:00:00.000Z' }) as Recorded;

describe('timers of warehouse systems', () => {
  it('ALC-09: a lease lasts from the grant to the wish to confirm, or its end', () => {
    const [set] = wmsTimers(event('wmslock-l', 'StockLocked', { lockId: 'l', expiresAt: 'then' }), HOUR);
    expect(set).toEqual({ key: 'wms-lease/l', dueAt: 'then', clock: 'machine', data: { kind: 'wms-lease', lockId: 'l' } });
    expect(isWmsLook(set?.data)).toBe(true);
    for (const type of ['ConfirmWanted', 'ReleaseWanted', 'StockLockExpired', 'PromiseTakenBack']) expect(wmsTimers(event('wmslock-l', type, { lockId: 'l' }), HOUR)).toMatchObject([{ key: 'wms-lease/l', dueAt: null }]);
    expect(wmsTimers(event('wmslock-l', 'CallOwed', { lockId: 'l' }), HOUR)).toEqual([]);
    expect([isWmsLook(null), isWmsLook({ kind: 'lease' })]).toEqual([false, false]);
  });

  it('ALC-09: the whole list is due some time after the first push, and after each list that was applied', () => {
    const due = { key: 'wms-list/W', dueAt: '2026-11-22T01:00:00.000Z', clock: 'machine', data: { kind: 'wms-list', warehouse: 'W' } };
    expect(wmsTimers(event('wmsfeed-W', 'PushTaken', { warehouse: 'W' }), HOUR)).toEqual([due]);
    expect(wmsTimers(event('wmsfeed-W', 'PushTaken', { warehouse: 'W' }, 2), HOUR)).toEqual([]);
    expect(wmsTimers(event('wmsreport-r', 'ListReconciled', { warehouse: 'W', dryRun: false }, 3), HOUR)).toEqual([due]);
    expect(wmsTimers(event('wmsreport-r', 'ListReconciled', { warehouse: 'W', dryRun: true }, 3), HOUR)).toEqual([]);
  });
});
