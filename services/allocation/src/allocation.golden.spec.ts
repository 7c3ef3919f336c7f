import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, published, topics, type MessageName, type order } from '@flotilla/contracts';
import { parcelIdOf } from '@flotilla/values';
import { T0, Voyage } from '../spec/voyage.js';
import { supplierVoyage } from '../spec/supplier-voyage.js';
import { floorEvents } from './accept/waves/floor-events.consumer.js';
import { makeWave, moveParcel, reportShort } from './coordinate/waves.js';
import { freeze } from './decide/freeze.decider.js';
import { node } from './decide/node.decider.js';
import { stock } from './decide/stock.decider.js';
import { ANY } from './decide/waves/filter.js';

const golden = (type: string): unknown => JSON.parse(readFileSync(new URL(`../../../proto/golden/${type}.json`, import.meta.url), 'utf8'));
const requested = parseMessage('flotilla.order.v1.AllocationRequested', golden('flotilla.order.v1.AllocationRequested')) as order.AllocationRequested;
const { foId } = requested;
const asked = 'flotilla.order.v1.AllocationRequested';
const shipped = { ...(golden('flotilla.carrier.v1.ParcelShipped') as object), foId, parcelId: parcelIdOf(foId, 1), warehouse: 'WH-SZ' };
const enough = { 'MUG-1': 10, 'TEE-2': 10 };

const allocated = (): Voyage => new Voyage(enough).tell(asked, requested);
const cancelled = (): Voyage => allocated().tell('flotilla.order.v1.FulfilmentCancelled', golden('flotilla.order.v1.FulfilmentCancelled') as { foId: string });
const consumed = (): Voyage => allocated().tell('flotilla.carrier.v1.ParcelShipped', shipped);
const displaced = (): Voyage => {
  const voyage = allocated();
  voyage.count('MUG-1', 1);
  return voyage.pass();
};

const offered = () => {
  const { foId: fo, ...parcel } = golden('flotilla.carrier.v1.ParcelShippedExternally') as { foId: string } & Parameters<typeof supplierVoyage>[1];
  return { pending: () => supplierVoyage(foId, parcel), shipped: () => supplierVoyage(fo, parcel), late: () => supplierVoyage(fo, parcel, true) };
};

const contact = 'Chen Wei';
const tenSharp = '2026-11-21T10:00:00.000Z';

/** A node whose deliveries were late three times. */
const tripped = (): Voyage => {
  const voyage = new Voyage({});
  for (const late of ['1', '2', '3']) voyage.store.execute((unit) => unit.run(node, 'WH-SZ', { type: 'NoteLate', data: { warehouse: 'WH-SZ', foId: late, parcelId: late, contact, at: tenSharp } }));
  return voyage.pass();
};
const restored = (): Voyage => {
  const voyage = tripped();
  const warehouse = 'WH-SZ';
  voyage.store.execute((unit) => unit.run(node, warehouse, { type: 'LookAtNode', data: { warehouse, at: '2026-11-21T12:00:00.000Z' } }));
  voyage.store.execute((unit) => unit.run(node, warehouse, { type: 'StartProbe', data: { warehouse, foId, at: '2026-11-21T12:00:01.000Z' } }));
  voyage.store.execute((unit) => unit.run(node, warehouse, { type: 'NoteLeft', data: { warehouse, foId, parcelId: '4', at: '2026-11-21T12:30:00.000Z' } }));
  return voyage.pass();
};
const frozen = (): Voyage => {
  const voyage = new Voyage({});
  const policy = { rate: 0.01, leastFailures: 3, frozenMs: 86_400_000 };
  voyage.store.execute((unit) => unit.run(freeze, 'MUG-1', { type: 'JudgeReservations', data: { sku: 'MUG-1', at: tenSharp, failed: 5, reserved: 120, policy } }));
  return voyage.pass();
};
const unfrozen = (): Voyage => {
  const voyage = frozen();
  voyage.store.execute((unit) => unit.run(freeze, 'MUG-1', { type: 'NoteCount', data: { sku: 'MUG-1', at: '2026-11-21T11:00:00.000Z' } }));
  return voyage.pass();
};

/** Some of it is kept back from ordinary orders, and more is on its way. */
const keptBack = (): Voyage => {
  const voyage = new Voyage({ 'MUG-1': 10 });
  const place = { warehouse: 'WH-SZ', sku: 'MUG-1' };
  voyage.store.execute((unit) => unit.run(stock, 'WH-SZ.MUG-1', { type: 'SetSafety', data: { ...place, units: 3, from: 10 } }));
  voyage.store.execute((unit) => unit.run(stock, 'WH-SZ.MUG-1', { type: 'AnnounceStock', data: { ...place, inbound: 'PO-1', kind: 'PURCHASE', fromWarehouse: '', quantity: 24, expectedAt: tenSharp } }));
  return voyage.pass();
};

/** A parcel stands in a wave. */
const waved = (): { readonly voyage: Voyage; readonly parcelId: string } => {
  const voyage = new Voyage({});
  const type = 'flotilla.order.v1.FulfilmentReleased';
  const { parcelId } = golden(type) as { parcelId: string };
  voyage.store.execute((unit) => floorEvents(() => T0).handlers[type]!.handle({ data: golden(type) } as never, unit, undefined));
  voyage.store.execute((unit) => makeWave(unit, { wave: 'W-1121-1', warehouse: 'WH-SZ', filter: ANY, capacity: { parcels: 0, units: 0, grams: 0 }, by: 'floor', at: T0 }, [parcelId]));
  return { voyage: voyage.pass(), parcelId };
};
const fellShort = (): Voyage => {
  const { voyage } = waved();
  voyage.store.execute((unit) => reportShort(unit, { wave: 'W-1121-1', sku: 'MUG-1', missing: 1, parcelId: '', by: 'floor', at: T0 }));
  return voyage.pass();
};
const packed = (): Voyage => {
  const { voyage, parcelId } = waved();
  for (const sku of ['MUG-1', 'MUG-1', 'TEE-2']) voyage.store.execute((unit) => moveParcel(unit, parcelId, { type: 'ScanItem', data: { parcelId, code: sku, sku, by: 'floor', at: T0 } }));
  voyage.store.execute((unit) => moveParcel(unit, parcelId, { type: 'PackParcel', data: { parcelId, grams: 1_180, packedAt: T0, by: 'floor', packer: '', advised: [], packaging: '' } }));
  return voyage.pass();
};
const pictured = (): Voyage => {
  const { voyage, parcelId } = waved();
  voyage.store.execute((unit) => moveParcel(unit, parcelId, { type: 'AttachPhoto', data: { parcelId, by: 'floor', at: T0, sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', bytes: 204_800, mediaType: 'image/jpeg' } }));
  return voyage.pass();
};

/** How each message comes about; the examples are what is said then, to the letter. */
const said: Readonly<Record<string, () => { find(type: string): unknown }>> = {
  'flotilla.allocation.v1.OrderAllocated': allocated,
  'flotilla.allocation.v1.OrderBackordered': () => new Voyage({ 'MUG-1': 1, 'TEE-2': 10 }).tell(asked, requested),
  'flotilla.allocation.v1.BackorderEased': () => {
    const voyage = new Voyage({ 'MUG-1': 0, 'TEE-2': 10 }).tell(asked, requested);
    voyage.count('MUG-1', 1);
    return voyage.pass().serve(foId);
  },
  'flotilla.allocation.v1.StockReleased': cancelled,
  'flotilla.allocation.v1.StockDisplaced': displaced,
  'flotilla.allocation.v1.PickShort': fellShort,
  'flotilla.allocation.v1.PickingStarted': () => waved().voyage,
  'flotilla.allocation.v1.PickingStopped': fellShort,
  'flotilla.allocation.v1.ParcelPacked': packed,
  'flotilla.allocation.v1.PackingPhotoAttached': pictured,
  'flotilla.allocation.v1.StockChanged': keptBack,
  'flotilla.allocation.v1.SkuChanged': () => new Voyage({ 'MUG-1': 10 }),
  'flotilla.allocation.v1.NodeTripped': tripped,
  'flotilla.allocation.v1.NodeRestored': restored,
  'flotilla.allocation.v1.SkuFrozen': frozen,
  'flotilla.allocation.v1.SkuUnfrozen': unfrozen,
  'flotilla.lock.v1.LockStock': allocated,
  'flotilla.lock.v1.StockLocked': allocated,
  'flotilla.lock.v1.ConfirmStock': allocated,
  'flotilla.lock.v1.StockConfirmed': allocated,
  'flotilla.lock.v1.ReleaseStock': cancelled,
  'flotilla.lock.v1.StockReleased': displaced,
  'flotilla.lock.v1.ConsumeStock': consumed,
  'flotilla.lock.v1.StockConsumed': consumed,
  'flotilla.lock.v1.StockLockRefused': () => {
    const { lockId, round, warehouse, lines, priority } = allocated().find('flotilla.lock.v1.LockStock') as { lockId: string; round: number; warehouse: string; lines: unknown; priority: number };
    return new Voyage({ 'MUG-1': 1, 'TEE-2': 10 }).tell('flotilla.lock.v1.LockStock', { lockId, foId, round, warehouse, lines, priority } as { foId: string }, false);
  },
  'flotilla.lock.v1.StockLockPending': offered().pending,
  'flotilla.allocation.v1.SupplierShipped': offered().shipped,
  'flotilla.allocation.v1.SupplierOverdue': offered().late,
  'flotilla.allocation.v1.SupplierOverdueEnded': offered().late,
  'flotilla.allocation.v1.PackingVideoAttached': offered().shipped,
  'flotilla.lock.v1.StockLockExpired': () => {
    const ask = allocated().find('flotilla.lock.v1.LockStock') as { foId: string };
    return new Voyage(enough).tell('flotilla.lock.v1.LockStock', ask, false).expire();
  },
};

const ours = [topics.allocation, topics.lockRequests, topics.lockReplies, topics.stock, topics.catalogue].flatMap((topic) => published[topic] as readonly MessageName[]);

describe('golden examples of allocation', () => {
  it('has a way to each of its messages', () => expect(Object.keys(said).toSorted()).toEqual(ours.toSorted()));
  it.each(ours)('%s is whole and valid', (type) => expect(parseMessage(type, golden(type))).toEqual(golden(type)));
  it.each(Object.entries(said))('%s is said exactly so', (type, way) => expect(way().find(type)).toEqual(golden(type)));
  it('accepts what carrier and order-core say', () => {
    expect(consumed().phase(foId)).toBe('CONSUMED');
    expect(cancelled().phase(foId)).toBe('RELEASED');
  });
});
