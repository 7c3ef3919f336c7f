import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MemoryUnit } from '@flotilla/testing';
import { makeWave } from '../../coordinate/waves.js';
import { ANY } from '../../decide/waves/filter.js';
import { floor } from '../../decide/waves/floor.decider.js';
import { wave } from '../../decide/waves/wave.decider.js';
import { floorEvents } from './floor-events.consumer.js';

const at = '2026-11-30T09:00:00.000Z';
const { handlers } = floorEvents(() => at);
const golden = (type: string): object => JSON.parse(readFileSync(new URL(`../../../../../proto/golden/flotilla.${type}.json`, import.meta.url), 'utf8')) as object;
const RELEASED = 'order.v1.FulfilmentReleased';
const { parcelId } = golden(RELEASED) as { parcelId: string };
const ours = { parcelId };
const hear = (unit: MemoryUnit, type: string, changes: object = ours): void => {
  const message = { data: { ...golden(type), ...changes } } as never;
  expect(handlers[`flotilla.${type}`]!.streams!(message)).toBeDefined();
  handlers[`flotilla.${type}`]!.handle(message, unit, undefined);
};
/** Released, and in a wave. */
const picking = (): MemoryUnit => {
  const unit = new MemoryUnit();
  hear(unit, RELEASED);
  makeWave(unit, { wave: 'W1', warehouse: 'WH-SZ', filter: ANY, capacity: { parcels: 0, units: 0, grams: 0 }, by: 'desk', at }, [parcelId]);
  return unit;
};
const stands = (unit: MemoryUnit): readonly unknown[] => [unit.state(floor, parcelId).status, unit.state(wave, 'W1')?.parcels.map(({ state }) => state)];

describe('what the floor hears', () => {
  it('ALC-10: a released parcel waits, summed by SKU, with nobody’s name or street', () => {
    const unit = new MemoryUnit();
    hear(unit, RELEASED, { items: [{ sku: 'A', name: 'a', quantity: 1, grams: 5 }, { sku: 'B', name: 'b', quantity: 1, grams: 5 }, { sku: 'A', name: 'a', quantity: 2, grams: 5 }] });
    expect(unit.state(floor, parcelId)).toMatchObject({ status: 'WAITING', parcel: { warehouse: 'WH-SZ', country: 'US', priority: 10 }, lines: [{ sku: 'A', quantity: 3, scanned: 0 }, { sku: 'B', quantity: 1, scanned: 0 }] });
    expect(JSON.stringify(unit.log)).not.toContain('sealed');
    hear(unit, RELEASED);
    expect(unit.log).toHaveLength(1);
  });
  it('ALC-10: what a supplier sends is none of the floor’s', () => {
    const unit = new MemoryUnit();
    hear(unit, RELEASED, { external: true });
    expect(unit.log).toEqual([]);
  });
  it('ALC-10: called off, voided, refused or sent without being packed, it leaves its wave', () => {
    for (const [type, how] of [['order.v1.FulfilmentCancelRequested', 'CANCELLED'], ['carrier.v1.ParcelVoided', 'CANCELLED'], ['carrier.v1.CarrierRefused', 'REFUSED'], ['carrier.v1.ParcelShipped', 'SHIPPED'], ['carrier.v1.ParcelShippedExternally', 'SHIPPED']] as const) {
      const unit = picking();
      expect(stands(unit)).toEqual(['PICKING', ['PICKING']]);
      hear(unit, type);
      expect(stands(unit)).toEqual([how, [how]]);
    }
  });
  it('ALC-10: changed goods take it out of its wave, another address does not', () => {
    const { items } = golden(RELEASED) as { items: object[] };
    const unit = picking();
    hear(unit, 'order.v1.FulfilmentChangeRequested', { parcelId, items });
    expect(stands(unit)).toEqual(['PICKING', ['PICKING']]);
    hear(unit, 'order.v1.FulfilmentChangeRequested', { parcelId, items: items.slice(0, 1) });
    expect(stands(unit)).toEqual(['WAITING', ['CHANGED']]);
  });
  it('ALC-10: the waybill’s carrier takes the place of the one that was expected, also if it is told first', () => {
    const unit = new MemoryUnit();
    hear(unit, 'carrier.v1.WaybillIssued', { parcelId, carrier: 'zto', waybill: '7310' });
    hear(unit, RELEASED, { preferredCarrier: 'sf' });
    expect(unit.state(floor, parcelId)).toMatchObject({ carrier: 'zto', waybill: '7310', status: 'WAITING' });
  });
  it('ALC-10: a parcel without a possible id is nobody’s', () => {
    const unit = new MemoryUnit();
    hear(unit, RELEASED, { parcelId: 'a b' });
    expect(unit.log).toEqual([]);
  });
});
