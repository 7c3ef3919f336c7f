import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import { timerChanges, waitMs } from './timers.js';

const recorded = (stream: string, type: string, data: object): Recorded => ({ position: 1, stream, version: 1, id: '', type, schemaVersion: 1, recordedAt: '', data, meta: { correlation: '', causation: '', actor: '' }, hash: '' });
const at = '2026-11-21T10:00:00.000Z';
const question = { foId: 'F', lockId: 'L', attempt: 1, at };
const look = { kind: 'question', foId: 'F', lockId: 'L' };

describe("allocation's timers", () => {
  it('ALC-01: a question sets one, later with every attempt', () => {
    for (const type of ['LockAsked', 'ConfirmAsked', 'ReleaseAsked', 'ConsumeAsked']) {
      expect(timerChanges(recorded('allocation-F', type, question))).toEqual([{ key: 'question/L', dueAt: '2026-11-21T10:00:02.000Z', clock: 'machine', data: look }]);
    }
    expect([1, 2, 3, 6, 40].map(waitMs)).toEqual([2_000, 4_000, 8_000, 60_000, 60_000]);
  });
  it('ALC-01: its answer calls it off', () => {
    for (const type of ['GrantNoted', 'RefusalNoted', 'ConfirmationNoted', 'ExpiryNoted', 'ReleaseNoted', 'ConsumptionNoted']) {
      expect(timerChanges(recorded('allocation-F', type, { foId: 'F', lockId: 'L', claimBy: '' }))).toEqual([{ key: 'question/L', dueAt: null, clock: 'machine', data: null }]);
    }
  });
  it('ALC-01: a grant that may be bettered opens the window', () =>
    expect(timerChanges(recorded('allocation-F', 'GrantNoted', { foId: 'F', lockId: 'L', claimBy: at }))[1]).toEqual({ key: 'window/F', dueAt: at, clock: 'machine', data: { kind: 'window', foId: 'F' } }));
  it('a postponed plan is looked at at once', () => expect(timerChanges(recorded('allocation-F', 'PlanPostponed', { foId: 'F', at }))).toEqual([{ key: 'plan/F', dueAt: at, clock: 'machine', data: { kind: 'plan', foId: 'F' } }]));
  it('ALC-01: a lease lasts from grant to confirm', () => {
    expect(timerChanges(recorded('lock-L', 'StockLocked', { lockId: 'L', expiresAt: at }))).toEqual([{ key: 'lease/L', dueAt: at, clock: 'machine', data: { kind: 'lease', lockId: 'L' } }]);
    for (const type of ['StockConfirmed', 'StockReleased', 'StockLockExpired']) expect(timerChanges(recorded('lock-L', type, { lockId: 'L' }))).toEqual([{ key: 'lease/L', dueAt: null, clock: 'machine', data: null }]);
  });
  it('nothing else sets any', () => {
    for (const [stream, type] of [['lock-L', 'LockAnswered'], ['allocation-F', 'StockReleased'], ['stock-WH1.A', 'StockHeld'], ['sku-A', 'ArticleDescribed']] as const) expect(timerChanges(recorded(stream, type, {}))).toEqual([]);
  });
});
