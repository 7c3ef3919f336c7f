import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, topics, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';

const run = randomUUID().slice(0, 8);
const golden = (name: string): object => JSON.parse(readFileSync(new URL(`../../../proto/golden/flotilla.${name}.json`, import.meta.url), 'utf8')) as object;
const released = golden('order.v1.FulfilmentReleased') as { shipTo: object };
const site = `W-${run}`;
const [tea, vase] = [`TEA-${run}`, `VASE-${run}`];
const none = { carrier: '', zones: [], sizes: [], fromPriority: 0, releasedBefore: '', waybilled: false, service: '' };

describe('waves on real Postgres and Kafka', () => {
  let fleet: Live;
  let waves: Client<api.WavesRpc>;
  let packing: Client<api.PackingRpc>;
  let stock: Client<api.StockRpc>;
  let folder = '';
  let requests = 0;
  const requestId = (): string => `r${(requests += 1)}-${run}`;

  type Lines = readonly { readonly sku: string; readonly quantity: number }[];
  /** Order-core releases a parcel of its own for each. */
  const release = async (lines: Lines, changes: object = {}, foId = randomUUID()): Promise<string> => {
    const parcelId = randomUUID();
    const items = lines.map(({ sku, quantity }) => ({ sku, name: sku, quantity, grams: 300 }));
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentReleased', topics.order, [{ ...released, foId, parcelId, warehouse: site, items, priority: 0, number: parcelId.slice(0, 4), shipTo: { ...released.shipTo, country: 'CN', province: '广东省' }, ...changes }]);
    await eventually(async () => expect(await waiting()).toContain(parcelId));
    return parcelId;
  };
  const waiting = async (): Promise<readonly string[]> => (await waves.listParcels({ warehouse: site, state: 'WAITING' })).parcels.map(({ parcelId }) => parcelId);
  const make = (wave: string, filter: Partial<api.WaveFilter> = {}, most: object = {}): Promise<api.Wave> => waves.make({ wave: `${wave}-${run}`, warehouse: site, filter: { ...none, ...filter }, ...most });
  const inside = ({ contents }: api.Wave): readonly (readonly string[])[] => contents.map(({ parcelId, state }) => [parcelId, state]);
  const said = (type: string, parcelId: string): readonly Record<string, unknown>[] => fleet.kafka.said(type).filter((data) => data['parcelId'] === parcelId);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'photos-'));
    fleet = await live(`listener-${run}`, [topics.allocation, topics.stock], { FLOTILLA_ALLOCATION_WAVES: 'true', FLOTILLA_VIDEO_DIR: folder, FLOTILLA_PHOTO_MAX_MIB: '1', FLOTILLA_LINK_KEY: randomBytes(32).toString('base64') });
    waves = fleet.client(api.Waves);
    packing = fleet.client(api.Packing);
    stock = fleet.client(api.Stock);
    await fleet.client(api.Warehouses).import(csv('warehouse,name,country,province,serves', `${site},仓,CN,广东省,广东省`));
    await fleet.client(api.Catalogue).import(csv('sku,grams,barcodes,flags', `${tea},300,690${run};691${run},`, `${vase},300,692${run},fragile`));
    const bins = csv('warehouse,sku,bin', `${site},${tea},B-07-2`, `nowhere,${tea},B-1`, `${site},UNKNOWN-${run},B-1`, `${site},${vase},B 1`);
    expect(await waves.importBins(bins)).toMatchObject({ accepted: 1, refused: 3, errors: [{ row: 3, reason: 'UNKNOWN_WAREHOUSE' }, { row: 4, reason: 'UNKNOWN_SKU' }, { row: 5, reason: 'BAD_REQUEST' }] });
    expect(await waves.importBins(bins)).toMatchObject({ accepted: 0, unchanged: 1, refused: 3 });
    await stock.import(csv('warehouse,sku,on_hand', `${site},${tea},20`, `${site},${vase},5`));
  }, 120_000);

  afterAll(async () => {
    await fleet?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('ALC-10: a wave is made once of what waits, most urgent first; what is scanned and packed in it is told', async () => {
    const ordinary = await release([{ sku: tea, quantity: 1 }]);
    const urgent = await release([{ sku: tea, quantity: 1 }, { sku: vase, quantity: 1 }], { priority: 5 });
    const elsewhere = await release([{ sku: tea, quantity: 1 }], { shipTo: { ...released.shipTo, country: 'CN', province: '浙江省' } });
    const wave = await make('W1', { zones: ['广东'], sizes: ['SMALL'] });
    expect([wave.state, inside(wave)]).toEqual(['OPEN', [[urgent, 'PICKING'], [ordinary, 'PICKING']]]);
    expect(wave.pickList).toEqual([{ bin: 'B-07-2', sku: tea, name: tea, quantity: 2, picked: 0, putBack: 0, parcels: 2 }, { bin: '', sku: vase, name: vase, quantity: 1, picked: 0, putBack: 0, parcels: 1 }]);
    expect(inside(await make('W1', { zones: ['广东'], sizes: ['SMALL'] }))).toEqual(inside(wave));
    await expect(make('W1')).rejects.toThrow('ALREADY_EXISTS');
    await expect(make('W0', { zones: ['广东'] })).rejects.toThrow('no parcel waits');
    await eventually(async () => expect(await waiting()).toEqual([elsewhere]));

    const pick = { requestId: requestId(), wave: wave.wave, sku: tea, quantity: 2 };
    await waves.recordPick(pick);
    expect((await waves.recordPick(pick)).pickList[0]).toMatchObject({ picked: 2 });
    await expect(waves.recordPick({ ...pick, requestId: requestId() })).rejects.toThrow('wants 2 of');

    const scan = (parcelId: string, code: string): Promise<api.FloorParcel> => packing.scan({ requestId: requestId(), parcelId, code });
    expect((await scan(urgent, `691${run}`)).lines).toMatchObject([{ sku: tea, scanned: 1 }, { sku: vase, scanned: 0 }]);
    await expect(scan(urgent, `690${run}`)).rejects.toThrow(`has its 1 of ${tea}; expected: 1 × ${vase}`);
    await expect(scan(urgent, 'XXX')).rejects.toThrow(`"XXX" does not belong into parcel ${urgent}; expected: 1 × ${vase}`);
    await expect(packing.scan({ requestId: '', parcelId: urgent, code: vase })).rejects.toThrow('give the request an id');
    const weigh = { parcelId: urgent, grams: 710, packer: 'p-7', packaging: 'box 3' };
    await expect(packing.pack({ ...weigh, requestId: requestId() })).rejects.toThrow(`scan 1 × ${vase} before`);
    const once = { requestId: requestId(), parcelId: urgent, code: vase };
    await packing.scan(once);
    expect((await packing.scan(once)).advice).toMatchObject([{ code: 'FRAGILE', skus: [vase] }]);
    expect(await packing.pack({ ...weigh, requestId: requestId() })).toMatchObject({ state: 'PACKED', wave: wave.wave, evidence: { grams: 710, expectedGrams: 600, packer: 'p-7', advised: ['FRAGILE'], packaging: 'box 3' } });
    await eventually(() => expect(said('ParcelPacked', urgent)).toMatchObject([{ warehouse: site, wave: wave.wave, grams: 710 }]));
    expect(said('PickingStarted', urgent)).toHaveLength(1);

    // Sent without being packed, as whoever uses no waves does: it is out of the wave, which has no other.
    await fleet.kafka.tell('flotilla.carrier.v1.ParcelShipped', topics.parcel, [{ ...golden('carrier.v1.ParcelShipped'), foId: randomUUID(), parcelId: ordinary, warehouse: site }]);
    await eventually(async () => expect(await waves.get({ wave: wave.wave })).toMatchObject({ state: 'ENDED', parcels: 1, packed: 1, left: 1, pickList: [{ sku: tea, quantity: 1, picked: 2, putBack: 1 }, { sku: vase }] }));
    await eventually(async () => expect((await waves.list({ warehouse: site })).waves).toMatchObject([{ wave: wave.wave, state: 'ENDED', pickList: [], contents: [] }]));
    expect((await waves.list({ warehouse: site, open: true })).waves).toEqual([]);
  }, 90_000);

  it('ALC-10: made at the same moment, two waves share no parcel; the lists go page by page; ended by hand, all wait again', async () => {
    const parcels: string[] = [];
    for (let n = 0; n < 4; n += 1) parcels.push(await release([{ sku: tea, quantity: 1 }], { priority: n }));
    const made = await Promise.allSettled([make('R1', {}, { mostParcels: 2 }), make('R2', {}, { mostParcels: 2 })]);
    const full = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const taken = full.flatMap(({ contents }) => contents.map(({ parcelId }) => parcelId));
    expect(full).toHaveLength(2);
    expect([taken.length, new Set(taken).size]).toEqual([4, 4]);
    await eventually(async () => expect((await waves.list({ warehouse: site, open: true })).waves).toHaveLength(2));
    const first = await waves.list({ warehouse: site, page: { size: 2, token: '' } });
    const second = await waves.list({ warehouse: site, page: { size: 2, token: first.nextToken } });
    expect([...first.waves, ...second.waves].map(({ wave }) => wave).toSorted()).toEqual(['R1', 'R2', 'W1'].map((wave) => `${wave}-${run}`));
    for (const { wave } of full) expect(await waves.end({ wave })).toMatchObject({ state: 'ENDED', left: 2, parcels: 0 });
    await eventually(async () => expect((await waiting()).filter((one) => parcels.includes(one))).toEqual(parcels.toReversed()));
    const seen: string[] = [];
    for (let token = ''; ; ) {
      const page = await waves.listParcels({ warehouse: site, state: 'WAITING', page: { size: 2, token } });
      seen.push(...page.parcels.map(({ parcelId }) => parcelId));
      if (page.nextToken === '') break;
      token = page.nextToken;
    }
    expect(seen).toEqual(await waiting());
    await expect(waves.listParcels({ warehouse: site, state: 'PACKED', page: { size: 2, token: first.nextToken } })).rejects.toThrow('page.token');
  }, 90_000);

  it('ALC-10: what its shelf does not have leaves the wave and the ledger, and nobody else loses a promise for it', async () => {
    const rare = `RARE-${run}`;
    await fleet.client(api.Catalogue).import(csv('sku,grams', `${rare},100`));
    await stock.import(csv('warehouse,sku,on_hand', `${site},${rare},3`));
    const foIds = [randomUUID(), randomUUID(), randomUUID()];
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, foIds.map((foId) => anyRequest({ foId, lines: [{ sku: rare, quantity: 1 }], orders: [] })));
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', foIds)).toHaveLength(3));
    // The newest lock belongs to the most urgent parcel: it is not the one that is short.
    const parcels: string[] = [];
    for (const [n, foId] of foIds.entries()) parcels.push(await release([{ sku: rare, quantity: 1 }], { priority: 100 - n, service: 'EXPRESS' }, foId));
    const wave = await make('S1', { service: 'EXPRESS' });
    expect(wave.contents.map(({ parcelId }) => parcelId)).toEqual(parcels);
    const short = { requestId: requestId(), wave: wave.wave, sku: rare, missing: 1, parcelId: '' };
    expect(inside(await waves.reportShort(short))).toEqual([[parcels[0], 'PICKING'], [parcels[1], 'PICKING'], [parcels[2], 'SHORT']]);
    await waves.reportShort(short);
    await eventually(() => expect(fleet.kafka.told('PickShort', foIds).map(({ data }) => data)).toEqual([{ foId: foIds[2], warehouse: site, missing: [{ sku: rare, quantity: 1 }] }]));
    await eventually(() => expect(fleet.kafka.told('StockDisplaced', foIds).map(({ data }) => (data as api.StockDisplaced).foId)).toEqual([foIds[2]]));
    expect(await stock.get({ warehouse: site, sku: rare })).toMatchObject({ onHand: 2, confirmed: 2, free: 0 });
    await eventually(() => expect(said('PickingStopped', parcels[2]!)).toMatchObject([{ because: 'SHORT' }]));
    await expect(waves.reportShort({ ...short, requestId: requestId(), missing: 3 })).rejects.toThrow('2 of');

    // Called off by order-core: out of its wave, which is told too.
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentCancelRequested', topics.order, [{ foId: foIds[0], parcelId: parcels[0], reason: 'BUYER' }]);
    await eventually(async () => expect(inside(await waves.get({ wave: wave.wave }))).toEqual([[parcels[0], 'CANCELLED'], [parcels[1], 'PICKING'], [parcels[2], 'SHORT']]));
    await expect(packing.scan({ requestId: requestId(), parcelId: parcels[0]!, code: rare })).rejects.toThrow('is CANCELLED and is not being picked');
  }, 90_000);

  it('ALC-10: of a shelf that is nearly empty more than a hundred parcels go without at once', async () => {
    const gone = `GONE-${run}`;
    const foIds = Array.from({ length: 120 }, () => randomUUID());
    await fleet.client(api.Catalogue).import(csv('sku,grams', `${gone},100`));
    await stock.import(csv('warehouse,sku,on_hand', `${site},${gone},120`));
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, foIds.map((foId) => anyRequest({ foId, lines: [{ sku: gone, quantity: 1 }], orders: [] })));
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', foIds)).toHaveLength(120), { timeoutMs: 60_000 });
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentReleased', topics.order, foIds.map((foId) => ({ ...released, foId, parcelId: randomUUID(), warehouse: site, items: [{ sku: gone, name: gone, quantity: 1, grams: 100 }], priority: 0, number: foId.slice(0, 4), service: 'BULK' })));
    const wave = await eventually(async () => {
      const made = await make(`G${requestId()}`, { service: 'BULK' });
      if (made.contents.length === 120) return made;
      await waves.end({ wave: made.wave });
      return false;
    }, { timeoutMs: 60_000 });
    const left = await waves.reportShort({ requestId: requestId(), wave: wave.wave, sku: gone, missing: 110, parcelId: '' });
    expect([left.contents.filter(({ state }) => state === 'SHORT').length, left.contents.filter(({ state }) => state === 'PICKING').length]).toEqual([110, 10]);
    expect(await stock.get({ warehouse: site, sku: gone })).toMatchObject({ onHand: 10, confirmed: 10 });
    await eventually(() => expect(fleet.kafka.told('PickShort', foIds)).toHaveLength(110), { timeoutMs: 60_000 });
  }, 240_000);

  it('ALC-10: what makes no sense is refused', async () => {
    await expect(make('X 1')).rejects.toThrow('cannot be a wave');
    await expect(make('X1', { sizes: ['HUGE'] })).rejects.toThrow('is none of SMALL');
    await expect(make('X1', { releasedBefore: 'noon' })).rejects.toThrow('is not an instant');
    await expect(make('X1', {}, { mostParcels: 201 })).rejects.toThrow('at most 200');
    await expect(make('X1', {}, { mostUnits: -1 })).rejects.toThrow('most_units is -1');
    await expect(waves.make({ wave: 'X1', warehouse: 'nowhere', filter: none })).rejects.toThrow('no warehouse "nowhere"');
    await expect(waves.get({ wave: 'nobody' })).rejects.toThrow('no wave "nobody"');
    await expect(packing.get({ parcelId: 'nobody' })).rejects.toThrow('no parcel "nobody"');
    await expect(packing.scan({ requestId: requestId(), parcelId: 'nobody', code: ' ' })).rejects.toThrow('scan a barcode');
  }, 30_000);

  it('ALC-10: photos of the pack station stand in the parcel’s record, are told, and seen by a signed link', async () => {
    const parcelId = await release([{ sku: vase, quantity: 1 }]);
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(200_000)]);
    const sha256 = createHash('sha256').update(jpeg).digest('hex');
    const attach = (bytes: Uint8Array, named = '', id = parcelId): Promise<api.FloorParcel> =>
      packing.attachPhoto(
        (async function* () {
          for (let at = 0; at < Math.max(1, bytes.length); at += 60_000) yield { parcelId: id, sha256: named, data: bytes.subarray(at, at + 60_000) };
        })(),
      );
    await expect(attach(jpeg)).rejects.toThrow('is WAITING');
    const wave = await make('WP');
    expect(inside(wave)).toContainEqual([parcelId, 'PICKING']);
    expect((await attach(jpeg, sha256)).photos).toMatchObject([{ sha256, bytes: jpeg.length, mediaType: 'image/jpeg' }]);
    await packing.scan({ requestId: requestId(), parcelId, code: vase });
    await packing.pack({ requestId: requestId(), parcelId, grams: 400 });
    const png = Buffer.concat([Buffer.from([0x89]), Buffer.from('PNG\r\n\u001a\n'), randomBytes(50)]);
    const { photos } = await attach(png);
    expect((await attach(jpeg)).photos).toHaveLength(2);
    expect(photos.map(({ mediaType }) => mediaType)).toEqual(['image/jpeg', 'image/png']);
    await eventually(async () => expect(said('PackingPhotoAttached', parcelId).map(({ wave: of, mediaType }) => [of, mediaType])).toEqual([[wave.wave, 'image/jpeg'], [wave.wave, 'image/png']]));

    const link = `${fleet.service.http}${new URL(photos[0]!.url).pathname}`;
    const shown = await fetch(link);
    expect([shown.status, shown.headers.get('content-type'), shown.headers.get('x-content-type-options')]).toEqual([200, 'image/jpeg', 'nosniff']);
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(jpeg);
    expect((await fetch(link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).status).toBe(404);

    await expect(attach(Buffer.from('<svg onload="alert(1)"/>'))).rejects.toThrow('JPEG, PNG or WebP');
    await expect(attach(Buffer.concat([jpeg, Buffer.alloc(1024 * 1024)]))).rejects.toThrow('at most 1 MiB');
    await expect(attach(png, sha256)).rejects.toThrow('not the bytes that were announced');
    await expect(attach(jpeg, '', randomUUID())).rejects.toThrow('NOT_FOUND');
    await waves.end({ requestId: requestId(), wave: wave.wave });
  });
});
