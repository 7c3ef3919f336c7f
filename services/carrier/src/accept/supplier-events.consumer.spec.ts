import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { MemoryUnit } from '@flotilla/testing';
import { after, commands, external, foId, number, parcelId, supplierShipped } from '../../spec/parcels.js';
import { parcel } from '../decide/parcel.decider.js';
import { waybill, waybillIdOf } from '../decide/waybill.decider.js';
import { carriers } from '../perform/carriers/registry.js';
import { supplierEvents } from './supplier-events.consumer.js';

const { handlers } = supplierEvents(new Map(carriers.map(({ manifest }) => [manifest.name, manifest])));
const hear = (unit: MemoryUnit, changes: Partial<typeof supplierShipped> = {}): void => handlers['flotilla.allocation.v1.SupplierShipped']!.handle({ data: { ...supplierShipped, ...changes } } as never, unit, undefined) as void;

describe('parcels that suppliers send', () => {
  it('CAR-13: nothing is bought for them; the number is claimed and the parcel is shipped, once', () => {
    const unit = new MemoryUnit();
    unit.run(parcel, parcelId, external.plan);
    expect(unit.state(parcel, parcelId)).toMatchObject({ status: 'EXTERNAL', open: '' });
    hear(unit);
    hear(unit);
    expect(unit.state(parcel, parcelId)).toMatchObject({ status: 'SHIPPED', waybill: number });
    expect(unit.state(waybill, waybillIdOf('sf', number)).parcelId).toBe(parcelId);
  });
  it('CAR-13: a carrier that a supplier names by its gateway’s code is the one that we know', () => {
    const unit = new MemoryUnit();
    unit.run(parcel, parcelId, external.plan);
    hear(unit, { carrier: 'jtsd', waybill: 'JT5123456789012' });
    expect(unit.state(waybill, waybillIdOf('jt', 'JT5123456789012')).parcelId).toBe(parcelId);
    expect(unit.of('ParcelShippedExternally')).toMatchObject([{ carrier: 'jt' }]);
    expect(() => hear(unit, { carrier: 'jtsd', waybill: '73100000000001' })).toThrow('form of a number of jt');
  });
  it('CAR-13: a number of another form, or of another parcel, is refused', () => {
    const unit = new MemoryUnit();
    expect(() => hear(unit, { waybill: 'X1' })).toThrow('form of a number of sf');
    hear(unit, { carrier: 'zto', waybill: '73100000000001' });
    expect(() => hear(unit, { parcelId: 'another', carrier: 'zto', waybill: '73100000000001' })).toThrow('belongs to parcel');
  });
  it('CAR-13: the supplier’s word may come before the release; a cancel in time voids it, a later one is too late', () => {
    expect(after(external.shipped, external.plan).map(({ type }) => type)).toEqual(['ParcelShippedExternally']);
    expect(after(external.plan, commands.cancel, external.shipped).map(({ type }) => type)).toEqual(['ExternalParcelPlanned', 'ParcelVoided']);
    expect(after(external.plan, external.shipped, commands.cancel).at(-1)).toEqual({ type: 'CancelRefused', data: { parcelId, foId, reason: 'SHIPPED' } });
    expect(after(external.plan, commands.change).at(-1)).toMatchObject({ type: 'ChangeRefused', data: { reason: 'NOT_POSSIBLE' } });
    expect(() => parcel.decide(commands.ship, fold(parcel, after(external.plan)))).toThrow('sent by a supplier');
  });
  it('ALC-10: what the floor says of a parcel is noted, in the words of allocation', () => {
    const unit = new MemoryUnit();
    const golden = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../../../proto/golden/flotilla.allocation.v1.${name}.json`, import.meta.url), 'utf8'));
    const { parcelId: picked } = golden('PickingStarted') as { parcelId: string };
    const floors = ([['PickingStarted'], ['PickingStopped', { because: 'WAVE_ENDED' }], ['PickingStarted'], ['PickingStopped'], ['PickingStarted'], ['ParcelPacked'], ['ParcelPacked']] as const).map(([name, changes]) => {
      handlers[`flotilla.allocation.v1.${name}`]!.handle({ data: { ...(golden(name) as object), ...changes } } as never, unit, undefined);
      return unit.state(parcel, picked).floor;
    });
    expect(floors).toEqual(['PICKING', 'NONE', 'PICKING', 'SHORT', 'PICKING', 'PACKED', 'PACKED']);
    expect(unit.log).toHaveLength(6);
  });
});
