import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, ops, topics, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';
import { workbook } from '../spec/workbook.js';

const run = randomUUID().slice(0, 8);
const sku = (name: string): string => `${name}-${run}`;
const fos = (count: number): readonly string[] => Array.from({ length: count }, () => randomUUID());

describe('allocation on real Postgres and Kafka', () => {
  let fleet: Live;
  let catalogue: Client<api.CatalogueRpc>;
  let warehouses: Client<api.WarehousesRpc>;
  let stock: Client<api.StockRpc>;
  let allocations: Client<api.AllocationsRpc>;
  let tallies: Client<ops.TalliesRpc>;

  const ask = (foIds: readonly string[], lines: readonly { sku: string; quantity: number }[], changes: Parameters<typeof anyRequest>[0] = {}): Promise<void> =>
    fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, foIds.map((foId) => anyRequest({ foId, lines, orders: [], ...changes })));
  const sumOf = async (field: 'held' | 'confirmed' | 'onHand' | 'free', one: string): Promise<number> => {
    const levels = await Promise.all(['A', 'B'].map((site) => stock.get({ warehouse: `${site}-${run}`, sku: one })));
    return levels.reduce((sum, level) => sum + level[field], 0);
  };
  const count = (one: string, a: number, b: number): Promise<api.ImportReport> => stock.import(csv('warehouse,sku,on_hand', `A-${run},${one},${a}`, `B-${run},${one},${b}`));

  beforeAll(async () => {
    fleet = await live(`listener-${run}`, [topics.allocation, topics.stock, topics.catalogue], { FLOTILLA_ALLOCATION_LEASE_SECONDS: '5' });
    catalogue = fleet.client(api.Catalogue);
    warehouses = fleet.client(api.Warehouses);
    stock = fleet.client(api.Stock);
    allocations = fleet.client(api.Allocations);
    tallies = fleet.client(ops.Tallies, { audience: 'allocation' });
    const sites = ['A', 'B'].map((site) => `${site}-${run},仓${site},CN,${site === 'A' ? '广东省' : '浙江省'},,,,,,,${site === 'A' ? '广东省' : '浙江省'}`);
    await warehouses.import(csv('warehouse,name,country,province,city,district,postcode,street,contact,phone,serves', ...sites));
  }, 120_000);

  afterAll(() => fleet?.stop(), 60_000);

  it('ALC-15: imports a catalogue row by row, reports each bad row, and does nothing the second time', async () => {
    const file = csv('sku,name_zh,name_en,grams,length_mm,width_mm,height_mm,barcodes,hs_code,flags', `${sku('TEA')},茶,Tea,320,95,95,140,690123;690124,090210,gift`, `${sku('CUP')},杯,Cup,,,,,,,`, `${sku('BAD')},坏,Bad,heavy,,,,,,`, '商品,x,x,1,,,,,,');
    const report = await catalogue.import(file);
    expect(report).toMatchObject({ rows: 4, accepted: 2, unchanged: 0, refused: 2, errors: [{ row: 4, reason: 'BAD_QUANTITY' }, { row: 5, reason: 'BAD_REQUEST' }] });
    expect(await catalogue.import(file)).toMatchObject({ rows: 4, accepted: 0, unchanged: 2, refused: 2 });
    expect(await catalogue.get({ sku: sku('TEA') })).toEqual({ sku: sku('TEA'), nameZh: '茶', nameEn: 'Tea', grams: 320, barcodes: ['690123', '690124'], hsCode: '090210', flags: ['gift'] });
    expect(await catalogue.sizes({ skus: [sku('TEA'), sku('CUP'), 'NOBODY', '商品', sku('TEA')] })).toEqual({ sizes: [{ sku: sku('TEA'), lengthMm: 95, widthMm: 95, heightMm: 140 }] });
    await expect(catalogue.sizes({ skus: Array.from({ length: 1_001 }, () => 'A') })).rejects.toThrow('at most 1000');
    await eventually(async () => expect((await catalogue.list({})).skus.map((one) => one.sku)).toEqual([sku('CUP'), sku('TEA')]));
    await eventually(() => expect(fleet.kafka.heard.filter(({ type, key }) => type === 'flotilla.allocation.v1.SkuChanged' && key === sku('CUP'))).toHaveLength(1));
    await expect(catalogue.import(csv('article', 'x'))).rejects.toThrow('columns are missing: sku');
  });

  it('ALC-15: an article is found by what a shop calls it, and by whatever is scanned', async () => {
    const [pot, mug] = [sku('POT'), sku('MUG')];
    await catalogue.import(csv('sku,name_zh,name_en,grams,length_mm,width_mm,height_mm,barcodes,hs_code,flags', `${pot},龙井茶壶,Longjing tea pot,800,,,,6901111,,`, `${mug},龙井茶杯,Longjing tea mug,300,,,,6902222;6903333,,`));
    await fleet.client(api.Waves).importBins(csv('warehouse,sku,bin', `A-${run},${mug},K-09-1`));
    const found = (texts: readonly string[], size = 0): Promise<readonly (readonly [sku: string, by: string])[][]> => catalogue.search({ texts: [...texts], size }).then(({ matches }) => matches.map(({ skus }) => skus.map(({ sku: one, by }) => [one!.sku, by] as const)));
    await eventually(async () => expect(await found([mug, '6901111', 'tea mug, longjing', '龙井茶壶', 'nothing like it', ''])).toEqual([expect.arrayContaining([[mug, 'SKU']]), [[pot, 'BARCODE']], expect.arrayContaining([[mug, 'WORDS'], [pot, 'WORDS']]), expect.arrayContaining([[pot, 'WORDS']]), [], []]));
    // What says more of the words comes first, and no more than asked for.
    expect(await found([mug, 'tea mug, longjing', '龙井茶壶'], 1)).toEqual([[[mug, 'SKU']], [[mug, 'WORDS']], [[pot, 'WORDS']]]);
    await expect(catalogue.search({ texts: Array.from({ length: 51 }, () => 'x') })).rejects.toThrow('at most 50 texts');
    const resolved = async (code: string, warehouse = ''): Promise<readonly string[]> => { const { by, skus } = await catalogue.resolve({ code, warehouse }); return [by, ...skus.map((one) => one.sku)]; };
    expect(await resolved(` ${pot} `)).toEqual(['SKU', pot]);
    expect(await resolved('6903333')).toEqual(['BARCODE', mug]);
    await eventually(async () => expect(await resolved('K-09-1', `A-${run}`)).toEqual(['BIN', mug]));
    expect(await resolved('K-09-1')).toEqual(['']);
    expect(await resolved('K-09-1', `B-${run}`)).toEqual(['']);
    await expect(catalogue.resolve({ code: '  ' })).rejects.toThrow('scan a code');
    await expect(catalogue.resolve({ code: 'x', warehouse: 'no such place' })).rejects.toThrow('no warehouse');
  });

  it('ALC-01, ALC-02: thirty orders for ten units: exactly ten are allocated, the others wait and are served when stock comes', async () => {
    const hot = sku('HOT');
    await catalogue.import(csv('sku,name_zh,name_en,grams', `${hot},热,Hot,0`));
    await count(hot, 6, 4);
    const foIds = fos(30);
    await ask(foIds, [{ sku: hot, quantity: 1 }]);
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', foIds).length + fleet.kafka.told('OrderBackordered', foIds).length).toBe(30), { timeoutMs: 30_000 });
    expect(fleet.kafka.told('OrderAllocated', foIds)).toHaveLength(10);
    expect(fleet.kafka.told('OrderBackordered', foIds)).toHaveLength(20);
    expect([await sumOf('confirmed', hot), await sumOf('held', hot), await sumOf('free', hot)]).toEqual([10, 0, 0]);
    // The weight is unknown: the stated default, in the item.
    expect((fleet.kafka.told('OrderAllocated', foIds)[0]!.data as api.OrderAllocated).items).toEqual([{ sku: hot, name: '热', quantity: 1, grams: 500 }]);
    expect(await count(hot, 6, 4)).toMatchObject({ accepted: 0, unchanged: 2 });
    await count(hot, 26, 4);
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', foIds)).toHaveLength(30), { timeoutMs: 30_000 });
    expect(new Set(fleet.kafka.told('OrderAllocated', foIds).map(({ data }) => (data as api.OrderAllocated).foId)).size).toBe(30);
    expect(await sumOf('free', hot)).toBe(0);
    await eventually(async () => expect((await tallies.get({})).counts).toMatchObject({ allocated: 30, confirmed: 30, backorderedNow: 0, backordersServed: 20 }));
  }, 60_000);

  it('ALC-01: a cancelled order gives its stock back, a shipped one consumes it, and both say so', async () => {
    const one = sku('ONE');
    await catalogue.import(csv('sku,grams', `${one},100`));
    await count(one, 2, 0);
    const [cancelled, shipped] = fos(2) as [string, string];
    await ask([cancelled, shipped], [{ sku: one, quantity: 1 }]);
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', [cancelled, shipped])).toHaveLength(2));
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentCancelled', topics.order, [{ foId: cancelled, reason: 'BUYER' }]);
    await fleet.kafka.tell('flotilla.carrier.v1.ParcelShipped', topics.parcel, [{ foId: shipped, parcelId: randomUUID() }]);
    await eventually(() => expect(fleet.kafka.told('StockReleased', [cancelled]).map(({ data }) => data)).toEqual([{ foId: cancelled, warehouse: `A-${run}` }]));
    await eventually(async () => expect((await allocations.get({ foId: shipped })).state).toBe('CONSUMED'));
    expect(await stock.get({ warehouse: `A-${run}`, sku: one })).toMatchObject({ onHand: 1, held: 0, confirmed: 0, free: 1 });
    const unseen = randomUUID();
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentCancelled', topics.order, [{ foId: unseen, reason: 'BUYER' }]);
    await ask([unseen], [{ sku: one, quantity: 1 }]);
    await eventually(() => expect(fleet.kafka.told('StockReleased', [unseen]).map(({ data }) => data)).toEqual([{ foId: unseen, warehouse: '' }]));
    expect((await allocations.get({ foId: unseen })).locks).toEqual([]);
  }, 60_000);

  it('ALC-01: explains why a warehouse won', async () => {
    const two = sku('TWO');
    await catalogue.import(csv('sku', two));
    await count(two, 1, 5);
    const [near, far] = fos(2) as [string, string];
    await ask([near], [{ sku: two, quantity: 1 }]);
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', [near])).toHaveLength(1));
    await ask([far], [{ sku: two, quantity: 2 }]);
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', [far]).map(({ data }) => (data as api.OrderAllocated).warehouse)).toEqual([`B-${run}`]));
    const { rounds } = await allocations.explain({ foId: far });
    expect(rounds).toHaveLength(1);
    expect(rounds[0]!.outcome).toBe(`ALLOCATED to B-${run}`);
    expect(rounds[0]!.candidates.map(({ warehouse, rank }) => ({ warehouse, rank }))).toEqual([{ warehouse: `B-${run}`, rank: 1 }, { warehouse: `A-${run}`, rank: 0 }]);
    expect(rounds[0]!.candidates[1]!.reason).toContain(`2 of ${two} short`);
  }, 60_000);

  it('ALC-04: two warehouses send together what neither has alone; each parcel consumes its own part', async () => {
    const [tea, cup] = [sku('TEAS'), sku('CUPS')];
    await catalogue.import(csv('sku,grams', `${tea},100`, `${cup},200`));
    await Promise.all([count(tea, 2, 0), count(cup, 0, 1)]);
    const [fo] = fos(1) as [string];
    await ask([fo], [{ sku: cup, quantity: 1 }, { sku: tea, quantity: 2 }]);
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', [fo])).toHaveLength(1));
    const { parts } = fleet.kafka.told('OrderAllocated', [fo])[0]!.data as api.OrderAllocated;
    const shares = Object.fromEntries(parts.map(({ warehouse, lines }) => [warehouse, lines]));
    expect(shares).toEqual({ [`A-${run}`]: [{ sku: tea, quantity: 2 }], [`B-${run}`]: [{ sku: cup, quantity: 1 }] });
    expect([await sumOf('confirmed', tea), await sumOf('confirmed', cup)]).toEqual([2, 1]);
    expect((await allocations.explain({ foId: fo })).rounds.at(-1)!.plans.map(({ outcome }) => outcome)).toContain('ALLOCATED');
    await fleet.kafka.tell('flotilla.carrier.v1.ParcelShipped', topics.parcel, [{ foId: fo, parcelId: randomUUID(), warehouse: `B-${run}` }]);
    await eventually(async () => expect(await sumOf('onHand', cup)).toBe(0));
    expect(await allocations.get({ foId: fo })).toMatchObject({ state: 'ALLOCATED', parts: [{}, {}] });
    expect(await sumOf('confirmed', tea)).toBe(2);
    await fleet.kafka.tell('flotilla.carrier.v1.ParcelShipped', topics.parcel, [{ foId: fo, parcelId: randomUUID(), warehouse: `A-${run}` }]);
    await eventually(async () => expect((await allocations.get({ foId: fo })).state).toBe('CONSUMED'));
    expect([await sumOf('onHand', tea), await sumOf('confirmed', tea)]).toEqual([0, 0]);
  }, 60_000);

  it('ALC-02: an adjustment that takes promised goods away displaces the newest of the lowest priority', async () => {
    const odd = sku('ODD');
    await catalogue.import(csv('sku', odd));
    await count(odd, 2, 0);
    const [vip, ordinary] = fos(2) as [string, string];
    await ask([vip], [{ sku: odd, quantity: 1 }], { priority: 5 });
    await ask([ordinary], [{ sku: odd, quantity: 1 }]);
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', [vip, ordinary])).toHaveLength(2));
    const adjust = { requestId: `broken-${run}`, warehouse: `A-${run}`, sku: odd, delta: -1, reason: 'broken' };
    expect(await stock.adjust(adjust)).toMatchObject({ onHand: 1, confirmed: 1, free: 0 });
    expect(await stock.adjust(adjust)).toMatchObject({ onHand: 1 }); // the same request once
    await expect(stock.adjust({ ...adjust, delta: -2 })).rejects.toThrow('ALREADY_EXISTS');
    await eventually(() => expect(fleet.kafka.told('StockDisplaced', [vip, ordinary]).map(({ data }) => data)).toEqual([{ foId: ordinary, warehouse: `A-${run}`, missing: [{ sku: odd, quantity: 1 }] }]));
    await eventually(async () => expect((await stock.list({ sku: odd })).levels.map(({ warehouse, onHand, confirmed }) => [warehouse, onHand, confirmed])).toEqual([[`A-${run}`, 1, 1], [`B-${run}`, 0, 0]]));
    await expect(stock.adjust({ ...adjust, requestId: `gone-${run}`, delta: -5 })).rejects.toThrow('this would leave -4 on hand');
    await expect(stock.adjust({ ...adjust, requestId: '' })).rejects.toThrow('needs a request_id');
    await expect(stock.get({ warehouse: 'nowhere', sku: odd })).rejects.toThrow('NOT_FOUND');
    expect(await stock.import(csv('warehouse,sku,on_hand', `nowhere,${odd},1`, `A-${run},${sku('NONE')},1`, `A-${run},${odd},-1`))).toMatchObject({
      accepted: 0, refused: 3, errors: [{ row: 2, reason: 'UNKNOWN_WAREHOUSE' }, { row: 3, reason: 'UNKNOWN_SKU' }, { row: 4, reason: 'BAD_QUANTITY' }],
    });
  }, 60_000);

  it('ALC-15: an order for a SKU that nobody knows waits until the catalogue has it', async () => {
    const late = sku('LATE');
    const [fo] = fos(1) as [string];
    await ask([fo], [{ sku: late, quantity: 1 }]);
    await eventually(() => expect(fleet.kafka.told('OrderBackordered', [fo]).map(({ data }) => (data as api.OrderBackordered).missing)).toEqual([[{ sku: late, quantity: 1 }]]));
    expect((await allocations.explain({ foId: fo })).rounds.at(-1)!.outcome).toContain('UNKNOWN_SKU');
    await catalogue.import(csv('sku,grams', `${late},10`));
    await count(late, 1, 0);
    await eventually(() => expect(fleet.kafka.told('OrderAllocated', [fo])).toHaveLength(1));
  }, 60_000);

  it('ALC-15: catalogue, stock, lanes and suppliers come as workbooks, too; what is wrong is told with its cell', async () => {
    const book = async (...rows: readonly (readonly unknown[])[]): Promise<{ data: Uint8Array }[]> => {
      const file = await workbook(rows);
      return [{ data: file.subarray(0, 100) }, { data: file.subarray(100) }];
    };
    const [sku, shop] = [`BOOK-${run}`, `B-${run}`];
    expect(await fleet.client(api.Catalogue).import(await book(['sku', 'name_zh', 'grams', 'barcodes'], [sku, '笔记本', 350, '00690123'], [`X-${run}`, '', 'heavy', '']))).toMatchObject({ rows: 2, accepted: 1, refused: 1, errors: [{ row: 3, reason: 'BAD_QUANTITY', cell: 'C3' }] });
    expect(await fleet.client(api.Catalogue).get({ sku })).toMatchObject({ nameZh: '笔记本', grams: 350, barcodes: ['00690123'] });
    expect(await fleet.client(api.Warehouses).import(await book(['warehouse', 'country', 'kind', 'ledger'], [shop, 'CN', 'OWN', ''], [`S-${run}`, 'CN', 'SUPPLIER', 'SUPPLIER'], ['W', 'China', '', '']))).toMatchObject({ accepted: 2, refused: 1, errors: [{ row: 4, cell: 'B4' }] });
    expect(await fleet.client(api.Stock).import(await book(['warehouse', 'sku', 'on_hand'], [shop, sku, 7], [], [shop, 'nobody’s', 1]))).toMatchObject({ accepted: 1, refused: 1, errors: [{ row: 4, cell: 'B4' }] });
    expect(await fleet.client(api.Stock).get({ warehouse: shop, sku })).toMatchObject({ onHand: 7 });
    expect(await fleet.client(api.Routing).importLanes(await book(['carrier', 'service', 'from_province', 'to_zone', 'first_grams', 'first_price', 'currency', 'days', 'valid_from'], ['sf', 'STANDARD', '', '*', 1000, 18.5, 'CNY', 2, new Date('2026-01-01')], ['sf', 'STANDARD', '', '*', 1000, 18.5, 'CNY', 2, 'soon']))).toMatchObject({ accepted: 1, refused: 1, errors: [{ row: 3, reason: 'BAD_INSTANT', cell: 'I3' }] });
    // Without a key that signs links no supplier is described; what it offers is read all the same.
    expect(await fleet.client(api.Suppliers).import(await book(['supplier', 'sku', 'stock', 'cost', 'currency'], [`S-${run}`, sku, 5, 1200, 'CNY'], [`S-${run}`, sku, 'some', 1200, 'CNY']))).toMatchObject({ accepted: 1, refused: 1, errors: [{ row: 3, reason: 'BAD_QUANTITY', cell: 'C3' }] });
  });
});
