import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import { isDue, isTraining, mondayAfter, trainingTimer } from './training.js';

const event = (type: string, data: unknown): Recorded => ({ position: 1, stream: '', version: 1, id: '', type, schemaVersion: 1, recordedAt: '', data, meta: { correlation: '', causation: '', actor: '' }, hash: '' });

describe('ALC-05: the router is trained every week', () => {
  it('ALC-05: on the Monday after, 03:00 UTC, whatever says it during the week', () => {
    for (const at of ['2026-11-23T03:00:00.000Z', '2026-11-24T12:00:00.000Z', '2026-11-29T23:59:59.999Z', '2026-11-30T02:59:59.999Z']) expect(mondayAfter(at)).toBe('2026-11-30T03:00:00.000Z');
    expect(mondayAfter('2026-11-23T02:59:59.999Z')).toBe('2026-11-23T03:00:00.000Z');
  });
  it('ALC-05: a delivery begins it, a training sets the next', () => {
    const due = [{ key: 'train/router/2026-11-30', dueAt: '2026-11-30T03:00:00.000Z', clock: 'business', data: { kind: 'training' } }];
    expect(trainingTimer(event('ParcelArrived', { deliveredAt: '2026-11-24T12:00:00.000Z' }))).toEqual(due);
    expect(trainingTimer(event('RouterTrained', { trainedAt: '2026-11-24T12:00:00.000Z' }))).toEqual(due);
    expect([due[0]!.key, 'node/WH1'].map(isTraining)).toEqual([true, false]);
    for (const other of [event('ParcelLeft', {}), event('ParcelArrived', { deliveredAt: 'soon' })]) expect(trainingTimer(other)).toEqual([]);
  });
  it('ALC-05: late news of a week that was trained do not train again', () => {
    expect(isDue('', '2026-11-30T03:00:00.000Z')).toBe(true);
    expect(isDue('2026-11-23T03:00:00.000Z', '2026-11-30T03:00:00.000Z')).toBe(true);
    expect(isDue('2026-11-30T03:00:00.000Z', '2026-11-30T09:00:00.000Z')).toBe(false);
  });
});
