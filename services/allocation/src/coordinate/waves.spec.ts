import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { MemoryUnit } from '@flotilla/testing';
import fc from 'fast-check';
import { ANY } from '../decide/waves/filter.js';
import { expected, floor } from '../decide/waves/floor.decider.js';
import type { ReleasedParcel } from '../decide/waves/floor.events.js';
import { inIt, wave } from '../decide/waves/wave.decider.js';
import { endWave, makeWave, moveParcel, reportShort } from './waves.js';

const at = '2026-11-30T09:00:00.000Z';
const parcel = (parcelId: string, items: Readonly<Record<string, number>>, changes: Partial<ReleasedParcel> = {}): ReleasedParcel => ({
  parcelId, foId: `fo-${parcelId}`, warehouse: 'WH1', number: `#${parcelId}`, priority: 0, service: 'STANDARD', country: 'CN', province: '广东省', carrier: 'sf', releasedAt: at,
  items: Object.entries(items).map(([sku, quantity]) => ({ sku, name: sku, quantity, grams: 300 })), ...changes,
});
const released = (...parcels: readonly ReleasedParcel[]): MemoryUnit => {
  const unit = new MemoryUnit();
  for (const data of parcels) unit.run(floor, data.parcelId, { type: 'Release', data });
  return unit;
};
const wish = (id: string, changes: Partial<Parameters<typeof makeWave>[1]> = {}): Parameters<typeof makeWave>[1] => ({ wave: id, warehouse: 'WH1', filter: ANY, capacity: { parcels: 0, units: 0, grams: 0 }, by: 'desk', at, ...changes });
const contents = (unit: MemoryUnit, id: string): readonly string[] => unit.state(wave, id)?.parcels.map(({ parcelId, state }) => `${parcelId} ${state}`) ?? [];

describe('waves', () => {
  it('ALC-10: take what waits in the order given; nobody stands in two', () => {
    const unit = released(parcel('a', { A: 1 }), parcel('b', { A: 1 }), parcel('c', { A: 1 }));
    makeWave(unit, wish('W1', { capacity: { parcels: 2, units: 0, grams: 0 } }), ['b', 'a', 'c']);
    makeWave(unit, wish('W2'), ['b', 'a', 'c', 'nobody']);
    expect([contents(unit, 'W1'), contents(unit, 'W2')]).toEqual([['b PICKING', 'a PICKING'], ['c PICKING']]);
    expect(() => makeWave(unit, wish('W3'), ['a', 'b', 'c'])).toThrow('no parcel waits');
  });
  it('ALC-10: take only what the filter says, whatever list the candidates come from', () => {
    const unit = released(
      parcel('carrier', { A: 1 }, { carrier: 'zto' }), parcel('zone', { A: 1 }, { province: 'Zhejiang' }), parcel('size', { A: 9 }), parcel('priority', { A: 1 }, { priority: -1 }),
      parcel('late', { A: 1 }, { releasedAt: '2026-11-30T15:00:00.000Z' }), parcel('elsewhere', { A: 1 }, { warehouse: 'WH2' }), parcel('service', { A: 1 }, { service: 'EXPRESS' }), parcel('bare', { A: 1 }), parcel('fits', { A: 1 }),
    );
    const all = unit.log.map(({ stream }) => stream.slice('floor-'.length));
    for (const parcelId of all) if (parcelId !== 'bare' && parcelId !== 'carrier') unit.run(floor, parcelId, { type: 'NoteCarrier', data: { parcelId, carrier: 'sf', waybill: 'SF1' } });
    makeWave(unit, wish('W1', { filter: { carrier: 'sf', zones: ['Guangdong'], sizes: ['SMALL'], fromPriority: 0, releasedBefore: '2026-11-30T15:00:00.000Z', waybilled: true, service: 'STANDARD' } }), all);
    expect(contents(unit, 'W1')).toEqual(['fits PICKING']);
  });
  it('ALC-10: take no more than cart or shift can; what is too big leaves its place to what is smaller', () => {
    const parcels = [parcel('a', { A: 3 }), parcel('big', { A: 9 }), parcel('b', { A: 1 }), parcel('c', { A: 1 })];
    const ids = parcels.map(({ parcelId }) => parcelId);
    const units = released(...parcels);
    makeWave(units, wish('W1', { capacity: { parcels: 0, units: 4, grams: 0 } }), ids);
    expect(contents(units, 'W1')).toEqual(['a PICKING', 'b PICKING']);
    const grams = released(...parcels);
    makeWave(grams, wish('W1', { capacity: { parcels: 0, units: 0, grams: 899 } }), ids);
    expect(contents(grams, 'W1')).toEqual(['b PICKING', 'c PICKING']);
  });
  it('ALC-10: what is missing is taken from the least urgent, whole parcels that were not scanned', () => {
    const unit = released(parcel('a', { A: 2 }), parcel('b', { A: 2, B: 1 }), parcel('c', { B: 1 }), parcel('d', { A: 1 }));
    makeWave(unit, wish('W1'), ['a', 'b', 'c', 'd']);
    expect(reportShort(unit, { wave: 'W1', sku: 'A', missing: 2, parcelId: '', by: 'desk', at })).toEqual(['fo-d', 'fo-b']);
    expect(unit.of('PickShort')).toEqual([expect.objectContaining({ parcelId: 'd', missing: [{ sku: 'A', quantity: 1 }] }), expect.objectContaining({ parcelId: 'b', missing: [{ sku: 'A', quantity: 1 }] })]);
    expect(contents(unit, 'W1')).toEqual(['a PICKING', 'b SHORT', 'c PICKING', 'd SHORT']);
    expect(() => reportShort(unit, { wave: 'W1', sku: 'A', missing: 1, parcelId: 'c', by: 'desk', at })).toThrow('0 of A are still to be scanned');
    expect(() => reportShort(unit, { wave: 'W1', sku: 'A', missing: 1, parcelId: 'x', by: 'desk', at })).toThrow('does not stand in wave');
    for (const missing of [0, -1, 0.5]) expect(() => reportShort(unit, { wave: 'W1', sku: 'A', missing, parcelId: '', by: 'desk', at })).toThrow('not a whole number');
  });
  it('ALC-10: ended by hand, what is packed stays and the rest waits for another wave', () => {
    const unit = released(parcel('a', { A: 1 }), parcel('b', { A: 1 }));
    makeWave(unit, wish('W1'), ['a', 'b']);
    moveParcel(unit, 'a', { type: 'ScanItem', data: { parcelId: 'a', code: 'A', sku: 'A', by: 'desk', at } });
    moveParcel(unit, 'a', { type: 'PackParcel', data: { parcelId: 'a', grams: 350, packedAt: at, by: 'desk', packer: '', advised: [], packaging: '' } });
    endWave(unit, 'W1', at);
    expect([contents(unit, 'W1'), unit.state(wave, 'W1')?.endedAt]).toEqual([['a PACKED', 'b WAVE_ENDED'], at]);
    makeWave(unit, wish('W2'), ['a', 'b']);
    expect(contents(unit, 'W2')).toEqual(['b PICKING']);
  });

  const ids = ['a', 'b', 'c'];
  const step = fc.oneof(
    fc.record({ do: fc.constant('make' as const), n: fc.nat(4), most: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('scan' as const), id: fc.constantFrom(...ids), sku: fc.constantFrom('A', 'B', 'C') }),
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('next' as const, 'next' as const, 'pack' as const), id: fc.constantFrom(...ids) }) },
    fc.record({ do: fc.constantFrom('cancel' as const, 'ship' as const, 'change' as const), id: fc.constantFrom(...ids) }),
    fc.record({ do: fc.constant('short' as const), n: fc.nat(4), sku: fc.constantFrom('A', 'B') }),
    fc.record({ do: fc.constant('end' as const), n: fc.nat(4) }),
  );
  const act = (unit: MemoryUnit, one: typeof step extends fc.Arbitrary<infer S> ? S : never): void => {
    switch (one.do) {
      case 'make': return makeWave(unit, wish(`W${one.n}`, { capacity: { parcels: one.most, units: 0, grams: 0 } }), ids);
      case 'scan': return void moveParcel(unit, one.id, { type: 'ScanItem', data: { parcelId: one.id, code: one.sku, sku: one.sku, by: '', at } });
      case 'next': {
        const sku = expected(unit.state(floor, one.id))[0]?.sku ?? '';
        return void moveParcel(unit, one.id, { type: 'ScanItem', data: { parcelId: one.id, code: sku, sku, by: '', at } });
      }
      case 'pack': return void moveParcel(unit, one.id, { type: 'PackParcel', data: { parcelId: one.id, grams: 500, packedAt: at, by: '', packer: '', advised: [], packaging: '' } });
      case 'cancel': return void moveParcel(unit, one.id, { type: 'EndParcel', data: { parcelId: one.id, how: 'CANCELLED', at } });
      case 'ship': return void moveParcel(unit, one.id, { type: 'EndParcel', data: { parcelId: one.id, how: 'SHIPPED', at } });
      case 'change': return void moveParcel(unit, one.id, { type: 'ChangeItems', data: { parcelId: one.id, items: [{ sku: 'A', name: 'A', quantity: 1, grams: 300 }], at } });
      case 'short': return void reportShort(unit, { wave: `W${one.n}`, sku: one.sku, missing: 1, parcelId: '', by: '', at });
      case 'end': return endWave(unit, `W${one.n}`, at);
    }
  };

  it('ALC-10: whatever is done: no unit is scanned beyond its line, no parcel stands in two open waves, packed is scanned whole, wave and parcel say the same', () => {
    let packed = 0; // looks at a packed parcel
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), (steps) => {
        const unit = released(parcel('a', { A: 2, B: 1 }), parcel('b', { A: 1 }), parcel('c', { B: 2 }));
        makeWave(unit, wish('W0'), ids);
        for (const one of steps) {
          try {
            act(unit, one);
          } catch (error) {
            if (!(error instanceof Refused)) throw error;
          }
          for (const id of ids) {
            const { status, lines, wave: of } = unit.state(floor, id);
            expect(lines.filter(({ scanned, quantity }) => scanned > quantity)).toEqual([]);
            const standing = [0, 1, 2, 3, 4].filter((n) => unit.state(wave, `W${n}`)?.parcels.some((found) => found.parcelId === id && found.state === 'PICKING'));
            expect(standing.map((n) => `W${n}`)).toEqual(status === 'PICKING' ? [of] : []);
            if (status === 'PACKED') {
              packed += 1;
              expect(lines.every(({ scanned, quantity }) => scanned === quantity)).toBe(true);
              expect(unit.state(wave, of)?.parcels.find((found) => found.parcelId === id)?.state).toBe('PACKED');
            }
          }
          for (const n of [0, 1, 2, 3, 4]) {
            const state = unit.state(wave, `W${n}`);
            if (state) expect(state.endedAt === '').toBe(state.parcels.some((found) => inIt(found) && found.state === 'PICKING'));
          }
        }
      }),
      { numRuns: 80 },
    );
    expect(packed).toBeGreaterThan(100);
  });
});
