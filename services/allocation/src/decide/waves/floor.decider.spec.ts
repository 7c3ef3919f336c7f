import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { floor, type FloorCommand } from './floor.decider.js';
import type { Because, FloorEvent, FloorItem, ReleasedParcel } from './floor.events.js';

const { given } = specify(floor);
const at = '2026-11-30T09:00:00.000Z';
const parcelId = 'p1';
const item = (sku: string, quantity: number): FloorItem => ({ sku, name: sku, quantity, grams: 300 });
const parcel: ReleasedParcel = { parcelId, foId: 'f1', warehouse: 'WH1', number: '#1', priority: 0, service: 'STANDARD', country: 'CN', province: '广东省', carrier: 'sf', items: [item('A', 2), item('B', 1)], releasedAt: at };
const released: FloorEvent = { type: 'ParcelReleased', data: parcel };
const place = { foId: 'f1', parcelId, warehouse: 'WH1', wave: 'W1' };
const started: FloorEvent = { type: 'PickingStarted', data: { ...place, at } };
const stopped = (because: Because): FloorEvent => ({ type: 'PickingStopped', data: { ...place, because, at } });
const scanned = (sku: string): FloorEvent => ({ type: 'ItemScanned', data: { parcelId, wave: 'W1', sku, code: sku, by: 'desk', at } });
const all = [released, started, scanned('A'), scanned('B'), scanned('A')];
const evidence = { parcelId, grams: 980, packedAt: at, by: 'desk', packer: 'p-7', advised: ['FRAGILE'], packaging: 'box 3' };
const packed: FloorEvent = { type: 'ParcelPacked', data: { ...evidence, ...place, expectedGrams: 900 } };
const join: FloorCommand = { type: 'JoinWave', data: { parcelId, wave: 'W1', at } };
const scan = (sku: string): FloorCommand => ({ type: 'ScanItem', data: { parcelId, code: sku, sku, by: 'desk', at } });
const pack: FloorCommand = { type: 'PackParcel', data: evidence };
const short = (sku: string, quantity: number): FloorCommand => ({ type: 'ReportShort', data: { parcelId, missing: { sku, quantity }, by: 'desk', at } });
const end = (how: 'CANCELLED' | 'REFUSED' | 'SHIPPED'): FloorCommand => ({ type: 'EndParcel', data: { parcelId, how, at } });
const ended = (how: 'CANCELLED' | 'REFUSED' | 'SHIPPED'): FloorEvent => ({ type: 'FloorEnded', data: { parcelId, how, at } });
const change = (...items: readonly FloorItem[]): FloorCommand => ({ type: 'ChangeItems', data: { parcelId, items, at } });

describe('a parcel on the floor', () => {
  it('ALC-10: waits from its release on, in whatever order its waybill and its end are told', () => {
    given().when({ type: 'Release', data: parcel }).then(released);
    given(released).when({ type: 'Release', data: parcel }).thenNothing();
    const noted: FloorEvent = { type: 'CarrierNoted', data: { parcelId, carrier: 'zto', waybill: 'Z1' } };
    given().when({ type: 'NoteCarrier', data: { parcelId, carrier: 'zto', waybill: 'Z1' } }).then(noted);
    given(noted, released).when({ type: 'NoteCarrier', data: { parcelId, carrier: 'zto', waybill: 'Z1' } }).thenNothing();
    for (const how of ['CANCELLED', 'REFUSED', 'SHIPPED'] as const) {
      given().when(end(how)).then(ended(how));
      given(ended(how)).when({ type: 'Release', data: parcel }).thenNothing();
      given(ended(how)).when(join).thenRefused('NOT_IN_WAVE');
    }
  });
  it('ALC-10: has photos of its packing, each once, at most eight; out of its wave it is to be packed anew, and has none', () => {
    const photo = (n: number) => ({ sha256: `${n}`.repeat(64), bytes: 1_000, mediaType: 'image/jpeg' });
    const attach = (n: number): FloorCommand => ({ type: 'AttachPhoto', data: { parcelId, by: 'desk', at, ...photo(n) } });
    const attached = (n: number): FloorEvent => ({ type: 'PackingPhotoAttached', data: { ...place, ...photo(n), attachedAt: at, by: 'desk' } });
    given(released, started).when(attach(1)).then(attached(1));
    given(...all, packed).when(attach(1)).then(attached(1));
    given(released, started, attached(1)).when(attach(1)).thenNothing();
    given(released, started, ...[1, 2, 3, 4, 5, 6, 7, 8].map(attached)).when(attach(9)).thenRefused('TOO_LARGE');
    given(released, started, attached(1), stopped('WAVE_ENDED'), started).when(attach(1)).then(attached(1));
    for (const events of [[], [released], [released, started, ended('SHIPPED')]]) given(...events).when(attach(1)).thenRefused(events.length === 0 ? 'NOT_FOUND' : 'NOT_IN_WAVE');
  });
  it('ALC-10: stands in one wave at a time', () => {
    given(released).when(join).then(started);
    given(released, started).when({ type: 'JoinWave', data: { parcelId, wave: 'W2', at } }).thenRefused('NOT_IN_WAVE');
    given(released, started, stopped('WAVE_ENDED')).when({ type: 'JoinWave', data: { parcelId, wave: 'W2', at } }).then({ type: 'PickingStarted', data: { ...place, wave: 'W2', at } });
    given(released, started).when({ type: 'LeaveWave', data: { parcelId, wave: 'W1', at } }).then(stopped('WAVE_ENDED'));
    given(released, started).when({ type: 'LeaveWave', data: { parcelId, wave: 'W0', at } }).thenNothing();
  });
  it('ALC-10: a wrong item is refused, and one too many, with what is expected; only what belongs there counts', () => {
    given(released, started).when(scan('A')).then(scanned('A'));
    given(released, started).when({ type: 'ScanItem', data: { parcelId, code: '690', sku: '', by: 'desk', at } }).thenRefused('WRONG_ITEM');
    given(released, started).when(scan('C')).thenRefused('WRONG_ITEM');
    given(released, started, scanned('B')).when(scan('B')).thenRefused('SURPLUS_ITEM');
    given(released).when(scan('A')).thenRefused('NOT_IN_WAVE');
    given(...all, packed).when(scan('A')).thenRefused('NOT_IN_WAVE');
    given().when(scan('A')).thenRefused('NOT_FOUND');
  });
  it('ALC-10: is closed when every line is scanned and it is weighed, once', () => {
    given(released, started).when(pack).thenRefused('NOT_SCANNED');
    given(released, started, scanned('A'), scanned('B')).when(pack).thenRefused('NOT_SCANNED');
    given(...all).when(pack).then(packed);
    given(...all).when({ ...pack, data: { ...evidence, grams: 0 } } as FloorCommand).thenRefused('BAD_QUANTITY');
    given(...all).when({ ...pack, data: { ...evidence, grams: -5 } } as FloorCommand).thenRefused('BAD_QUANTITY');
    given(...all, packed).when(pack).thenNothing();
    given(released).when(pack).thenRefused('NOT_IN_WAVE');
  });
  it('ALC-10: what is called off leaves its wave, packed or not; what is shipped meanwhile, too', () => {
    given(released, started).when(end('CANCELLED')).then(stopped('CANCELLED'), ended('CANCELLED'));
    given(...all, packed).when(end('CANCELLED')).then(stopped('CANCELLED'), ended('CANCELLED'));
    given(released, started).when(end('SHIPPED')).then(stopped('SHIPPED'), ended('SHIPPED'));
    given(...all, packed).when(end('SHIPPED')).then(ended('SHIPPED'));
    given(released, ended('CANCELLED')).when(end('SHIPPED')).then(ended('SHIPPED'));
    given(released, ended('SHIPPED')).when(end('CANCELLED')).thenNothing();
  });
  it('ALC-10: with other goods it leaves its wave and is scanned anew; another address changes nothing', () => {
    given(released, started, scanned('A')).when(change(item('A', 1))).then(stopped('CHANGED'), { type: 'ItemsChanged', data: { parcelId, items: [item('A', 1)] } });
    given(released, started).when(change(item('B', 1), item('A', 2))).thenNothing();
    given(released, started).when(change()).thenNothing();
    given(released).when(change(item('A', 1))).then({ type: 'ItemsChanged', data: { parcelId, items: [item('A', 1)] } });
    given(...all, stopped('CHANGED'), { type: 'ItemsChanged', data: { parcelId, items: [item('A', 1)] } }, started).when(pack).thenRefused('NOT_SCANNED');
    given(released, ended('CANCELLED')).when(change(item('A', 1))).thenNothing();
  });
  it('ALC-10: what its shelf does not have is said once and ends its picking', () => {
    given(released, started, scanned('A')).when(short('A', 1)).then({ type: 'PickShort', data: { ...place, missing: [{ sku: 'A', quantity: 1 }], by: 'desk', at } }, stopped('SHORT'));
    for (const [sku, quantity] of [['A', 2], ['A', 0], ['A', -1], ['C', 1]] as const) given(released, started, scanned('A')).when(short(sku, quantity)).thenRefused('BAD_QUANTITY');
    given(released, started, { type: 'PickShort', data: { ...place, missing: [{ sku: 'A', quantity: 1 }], by: 'desk', at } }, stopped('SHORT')).when(short('A', 1)).thenRefused('NOT_IN_WAVE');
    given(released).when(short('A', 1)).thenRefused('NOT_IN_WAVE');
  });
});
