import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { upcast } from '@flotilla/event-store';
import { allocation } from './allocation.decider.js';
import type { AllocationEvent } from './allocation.events.js';
import { schemaVersions } from './allocation.versions.js';

interface Stored {
  readonly type: AllocationEvent['type'];
  readonly schemaVersion: number;
  readonly data: unknown;
}

const stored = (version: number): readonly Stored[] => JSON.parse(readFileSync(new URL(`../../spec/stored/allocation.v${version}.json`, import.meta.url), 'utf8'));
const lifted = ({ type, schemaVersion, data }: Stored): AllocationEvent => ({ type, data: upcast(allocation, type, schemaVersion, data).data }) as AllocationEvent;
const shapeOf = (data: object): readonly string[] => Object.keys(data).toSorted();
const written = Object.entries(schemaVersions);

describe('events of the saga as they were stored', () => {
  it('ALC-04: there is a sample of every form ever written', () => {
    for (const [type, newest] of written) {
      for (let version = 1; version <= newest; version += 1) expect({ type, versions: stored(version).filter((one) => one.type === type).map(({ schemaVersion }) => schemaVersion) }).toEqual({ type, versions: expect.arrayContaining([version]) });
    }
  });
  it.each(written)('ALC-04: %s of an older form reads like one of today', (type, newest) => {
    const of = (version: number): Stored => stored(version).find((one) => one.type === type && one.schemaVersion === version)!;
    for (let version = 1; version < newest; version += 1) expect(shapeOf(lifted(of(version)).data)).toEqual(shapeOf(of(newest).data as object));
  });
  it('ALC-04: a saga that was carried out in the old form is where it was', () => {
    const events = stored(1).map(lifted);
    const until = (type: string) => fold(allocation, events.slice(0, 1 + events.findIndex((one) => one.type === type)));
    expect(until('OrderAllocated')).toMatchObject({ phase: 'ALLOCATED', lockRound: 1 });
    const { parts, locks } = until('OrderAllocated');
    expect(parts.map((lockId) => [locks[lockId]!.warehouse, locks[lockId]!.state, locks[lockId]!.lines])).toEqual([['WH2', 'CONFIRMED', [{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1 }]]]);
    expect(until('AllocationPlanned').plans.map((plan) => plan.parts.map(({ warehouse }) => warehouse))).toEqual([['WH1'], ['WH2']]);
    expect(until('ConsumptionNoted')).toMatchObject({ phase: 'CONSUMED', shipments: [{ parcelId: 'P', warehouse: '', stock: 'COVERED' }] });
  });
  it('ALC-04: a saga of today goes on from what it stored', () => expect(fold(allocation, stored(2).map(lifted)).phase).toBe('UNCOVERED'));
});
