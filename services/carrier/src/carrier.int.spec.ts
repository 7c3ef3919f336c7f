import { randomBytes, randomUUID } from 'node:crypto';
import grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { allocation, carrier as api, connect, grpcDefinition, ingest, ops, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, type Bus, type Subscription } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, eventually, type TestDatabase } from '@flotilla/testing';
import { pickupCode, seal } from '@flotilla/values';
import { cainiaoAccount, fakeCainiao } from '../spec/fake-cainiao.js';
import { account, fakeSf, type FakeSf } from '../spec/fake-sf.js';
import { release as sample } from '../spec/parcels.js';
import { carrier } from './carrier.service.js';

jest.setTimeout(120_000);

const header = 'carrier,service,from_province,to_zone,first_grams,first_price,extra_grams,extra_price,currency,days,valid_from,valid_to';
const subject = randomUUID();
const key = randomBytes(32);
const erased = randomUUID();
const indexKey = randomBytes(32);
const warehouse: allocation.Warehouse = { warehouse: 'SZ1', name: '深圳一号仓', country: 'CN', province: '广东省', city: '深圳市', district: '宝安区', postcode: '518101', street: '福园一路1号', contact: '王仓管', phone: '0755-12345678', serves: [], kind: '', tier: 0, dailyOrders: 0, services: [], flags: [], timeZone: '', ledger: '' };

let db: TestDatabase;
let bus: Bus;
let listening: Subscription;
let sf: FakeSf;
let cainiao: FakeSf;
let neighbours: grpc.Server;
let service: Running;
let parcels: Client<api.ParcelsRpc>;
let rates: Client<api.RateCardsRpc>;
let manifests: Client<api.ManifestsRpc>;
let pools: Client<api.PoolsRpc>;
let suspensions: Client<api.SuspensionsRpc>;
let printing: Client<api.PrintingRpc>;
let tallies: Client<ops.TalliesRpc>;
const heard: { readonly type: string; readonly key: string; readonly data: Readonly<Record<string, unknown>> }[] = [];
let sequence = 0;

// What carrier asks of its neighbours: where the warehouse stands, and the buyers' keys.
const startNeighbours = async (): Promise<string> => {
  neighbours = new grpc.Server();
  neighbours.addService(grpcDefinition(allocation.Warehouses), { list: (_: unknown, answer: grpc.sendUnaryData<unknown>) => answer(null, { warehouses: [warehouse] }) });
  neighbours.addService(grpcDefinition(allocation.Catalogue), { sizes: ({ request }: { request: { skus: readonly string[] } }, answer: grpc.sendUnaryData<unknown>) => answer(null, { sizes: request.skus.map((sku) => ({ sku, lengthMm: 300, widthMm: 200, heightMm: 100 })) }) });
  neighbours.addService(grpcDefinition(ingest.SubjectKeys), {
    get: ({ request }: { request: { subjects: readonly string[] } }, answer: grpc.sendUnaryData<unknown>) => answer(null, { keys: request.subjects.filter((one) => one === subject).map((one) => ({ subject: one, key })) }),
  });
  const port = await new Promise<number>((resolve, reject) => neighbours.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
  return `127.0.0.1:${port}`;
};

const say = async (type: string, foId: string, data: object, [topic, from]: readonly [string, string] = [topics.order, 'flotilla.order.v1']): Promise<void> => {
  const headers = {
    'content-type': 'application/json', ce_specversion: '1.0', ce_id: `${randomUUID()}/0`, ce_source: `fulfilment-${foId}`, ce_type: `${from}.${type}`, ce_time: new Date().toISOString(), ce_subject: foId,
    sequence: String((sequence += 1)), correlation: foId, causation: foId, chainhash: 'ab'.repeat(32),
  };
  const message = { topic, key: foId, value: JSON.stringify(data), headers };
  await bus.publish([message, message]); // Kafka delivers at least once
};

interface Released {
  readonly foId: string;
  readonly parcelId: string;
}

const release = async (change: Readonly<Record<string, unknown>> = {}, person = subject): Promise<Released> => {
  const ids = { foId: randomUUID(), parcelId: randomUUID() };
  const sealed = { street: seal(key, person, 'street', '北京市朝阳区建国门外大街1号'), name: seal(key, person, 'name', '李雷'), phone: seal(key, person, 'phone', '13800138000') };
  await say('FulfilmentReleased', ids.foId, { ...sample, ...ids, shipTo: { ...sample.shipTo, ...sealed }, ...change });
  return ids;
};
const until = (parcelId: string, state: string): Promise<api.Parcel> =>
  eventually(async () => {
    const parcel = await parcels.get({ parcelId });
    expect(parcel.state).toBe(state);
    return parcel;
  }, { timeoutMs: 20_000 });
const told = (foId: string): readonly string[] => heard.filter((event) => event.key === foId).map(({ type }) => type.replace('flotilla.carrier.v1.', ''));
const reason = async (call: Promise<unknown>): Promise<string> => {
  const error = await call.then(() => undefined, (failure: grpc.ServiceError) => failure);
  return `${error?.details}`;
};

beforeAll(async () => {
  const { postgresUrl, brokers } = testServers();
  await createTopics({ brokers, fresh: true });
  db = await database(postgresUrl);
  sf = await fakeSf();
  cainiao = await fakeCainiao();
  const address = await startNeighbours();
  bus = connectBus({ brokers: brokers.split(','), clientId: 'spec', log: silentLogger });
  listening = await bus.subscribe(`spec-${randomUUID()}`, [topics.parcel], {
    assigned: (partitions) => Promise.resolve(new Map(partitions.map((one) => [partitionName(one), { at: 0 }]))),
    take: ({ records }) => {
      for (const { key, headers, value } of records) heard.push({ type: headers['ce_type'] ?? '', key, data: JSON.parse(value?.toString() ?? 'null') as Record<string, unknown> });
      return Promise.resolve({ at: (records.at(-1)?.offset ?? -1) + 1 });
    },
  });
  service = await startForTest(carrier, {
    FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: brokers, FLOTILLA_ALLOCATION_GRPC: address, FLOTILLA_INGEST_GRPC: address, FLOTILLA_SF_URL: sf.url,
    FLOTILLA_CARRIER_TIMEOUT_MS: '1000', FLOTILLA_INDEX_KEY: indexKey.toString('base64'), ...account, FLOTILLA_CAINIAO_URL: cainiao.url, ...cainiaoAccount,
  });
  parcels = connect(api.Parcels, service.grpc);
  rates = connect(api.RateCards, service.grpc);
  manifests = connect(api.Manifests, service.grpc);
  pools = connect(api.Pools, service.grpc);
  suspensions = connect(api.Suspensions, service.grpc);
  printing = connect(api.Printing, service.grpc);
  tallies = connect(ops.Tallies, service.grpc);
});
afterAll(async () => {
  for (const client of [parcels, rates, manifests, pools, suspensions, printing, tallies]) client?.close();
  await service?.stop();
  await listening?.stop();
  await bus?.close();
  neighbours?.forceShutdown();
  await sf?.close();
  await cainiao?.close();
  await db?.drop();
});

describe('CAR-02: rate cards', () => {
  const file = (...lines: readonly string[]): readonly api.ImportChunk[] => {
    const bytes = Buffer.from([header, ...lines].join('\n'));
    return [{ data: bytes.subarray(0, 50) }, { data: bytes.subarray(50) }];
  };

  it('CAR-02: are imported row by row, once, and quoted at once', async () => {
    const lines = ['sf,STANDARD,广东,CN,1000,18.00,500,4.00,CNY,3,2026-01-01,', 'sf,STANDARD,广东,北京,1000,15.00,500,3.00,CNY,2,2026-01-01,', 'sf,EXPRESS,广东,CN,1000,23,500,10,CNY,1,2026-01-01,', 'nobody,STANDARD,,CN,1,1,1,1,CNY,1,2026-01-01,'];
    expect(await rates.import(file(...lines))).toMatchObject({ rows: 4, accepted: 3, unchanged: 0, refused: 1, errors: [{ row: 5, reason: 'NOT_FOUND' }] });
    expect(await rates.import(file(...lines))).toMatchObject({ accepted: 0, unchanged: 3, refused: 1 });
    const { quotes } = await rates.quote({ fromProvince: 'Guangdong', country: 'CN', province: '北京市', grams: 1200 });
    expect(quotes.map(({ service: name, price, days }) => [name, price.amount, days])).toEqual([['STANDARD', 1800, 2], ['EXPRESS', 3300, 1]]);
    expect((await rates.quote({ fromProvince: '广东', country: 'US', province: '', grams: 100 })).quotes).toEqual([]);
  });
});

const bytes = (...lines: readonly string[]): readonly api.ImportChunk[] => [{ data: Buffer.from(lines.join('\n')) }];
const to = (province: string): Readonly<Record<string, unknown>> => ({ shipTo: { ...sample.shipTo, province, city: province, street: seal(key, subject, 'street', '人民路1号'), name: seal(key, subject, 'name', '李雷'), phone: seal(key, subject, 'phone', '13800138000') } });

describe('CAR-01, CAR-02, CAR-04: what decides the carrier', () => {
  it('CAR-02: a card that counts volume is priced by what the catalogue says that goods take', async () => {
    await rates.import(bytes(`${header},volume_divisor`, 'sf,STANDARD,广东,海南,1000,18.00,1000,5.00,CNY,3,2026-01-01,,6000'));
    const { parcelId } = await release(to('海南省')); // two of 6 dm³ each: 2 kg by volume, 700 g by weight
    expect(await until(parcelId, 'WAYBILLED')).toMatchObject({ quoted: { amount: 2300, currency: 'CNY' }, explain: expect.stringContaining('2000 g by volume (÷6000)') });
    expect((await rates.quote({ fromProvince: '广东', country: 'CN', province: '海南', grams: 700, cubicMm: 12_000_000, service: 'STANDARD' })).quotes).toMatchObject([{ price: { amount: 2300 } }]);
  });

  it('CAR-01: a carrier that does not deliver there for a time is not chosen, and is again when that is lifted', async () => {
    const snow = { carrier: 'sf', region: '西藏', city: '', way: 'DELIVER', from: '', until: '', reason: '暴雪 snow' };
    const { id } = await suspensions.put(snow);
    expect(await suspensions.put(snow)).toMatchObject({ id });
    const refused = await release(to('西藏自治区'));
    expect((await until(refused.parcelId, 'REFUSED')).explain).toMatch(/^NO_RATE: .*; suspended: sf \(DELIVER 西藏 暴雪 snow\)/);
    expect((await suspensions.list({})).suspensions.map((one) => one.id)).toEqual([id]);
    expect(await suspensions.lift({ id })).toMatchObject({ id });
    expect(await reason(suspensions.lift({ id }))).toContain('no suspension');
    await until((await release(to('西藏自治区'))).parcelId, 'WAYBILLED');
    const file = bytes('carrier,region,way,from,until,city,reason', 'sf,甘肃,deliver,2026-11-21,2099-01-01,兰州,沙尘', 'nobody,甘肃,BOTH,2026-11-21,,,', 'sf,甘肃,BOTH,,,,');
    expect(await suspensions.import(file)).toMatchObject({ rows: 3, accepted: 1, refused: 2, errors: [{ row: 3, reason: 'NOT_FOUND' }, { row: 4, reason: 'BAD_INSTANT' }] });
    expect(await suspensions.import(file)).toMatchObject({ accepted: 0, unchanged: 1 });
  });

  it('CAR-04: a carrier without an account sends under numbers of its branch: one after the other, never twice, until there are none', async () => {
    const columns = 'carrier,warehouse,from,to,low,voided';
    expect(await pools.import(bytes(columns, 'yto,SZ1,YT4000000000001,YT4000000000002,1,RECLAIM', 'sf,SZ1,SF7000000000001,,,', 'yto,NOWHERE,YT4000000000009,,,'))).toMatchObject({ rows: 3, accepted: 1, refused: 2, errors: [{ row: 3, reason: 'BAD_REQUEST' }, { row: 4, reason: 'UNKNOWN_WAREHOUSE' }] });
    await rates.import(bytes(header, 'yto,STANDARD,,青海,1000,8.00,1000,2.00,CNY,5,2026-01-01,'));
    const first = await release(to('青海省'));
    expect(await until(first.parcelId, 'WAYBILLED')).toMatchObject({ carrier: 'yto', waybill: 'YT4000000000001', explain: expect.stringContaining('numbers from its pool') });
    await say('FulfilmentCancelRequested', first.foId, { ...first, reason: 'buyer' });
    await until(first.parcelId, 'VOIDED'); // never printed: its number is free again
    const [second, third] = [await release(to('青海省')), await release(to('青海省'))];
    const numbers = [(await until(second.parcelId, 'WAYBILLED')).waybill, (await until(third.parcelId, 'WAYBILLED')).waybill];
    expect(numbers.toSorted()).toEqual(['YT4000000000001', 'YT4000000000002']);
    expect((await pools.list({})).pools).toEqual([{ carrier: 'yto', warehouse: 'SZ1', left: 0, low: 1, voided: 'RECLAIM', next: '' }]);
    expect(Buffer.from((await parcels.label({ parcelId: third.parcelId, format: 'ZPL' })).data).toString()).toContain('YT400000000000');
    expect(await parcels.ship({ waybill: numbers[0]! })).toMatchObject({ state: 'SHIPPED' });
    // The next one is told that there are none, the one after that finds another carrier.
    const late = await release(to('青海省'));
    expect((await until(late.parcelId, 'REFUSED')).explain).toContain('NO_NUMBERS');
    expect(await until((await release(to('青海省'))).parcelId, 'WAYBILLED')).toMatchObject({ carrier: 'sf' });
    expect(await pools.import(bytes(columns, 'yto,SZ1,YT4000000000003,YT4000000000004,1,RECLAIM'))).toMatchObject({ accepted: 1 });
    expect(await until((await release(to('青海省'))).parcelId, 'WAYBILLED')).toMatchObject({ carrier: 'yto' });
  });
});

describe('CAR-07, CAR-12: the way of a parcel', () => {
  it('CAR-07: released, bought, labelled, shipped; repeats change nothing', async () => {
    const { foId, parcelId } = await release();
    const waybilled = await until(parcelId, 'WAYBILLED');
    expect(waybilled).toMatchObject({ carrier: 'sf', service: 'STANDARD', warehouse: 'SZ1', quoted: { amount: 1500, currency: 'CNY' }, foId });
    expect(waybilled.explain).toContain('北京');
    const asked = sf.booked.get(parcelId)?.asked as { contactInfoList: readonly Record<string, unknown>[] };
    expect(asked.contactInfoList).toMatchObject([{ contact: '王仓管', city: '深圳市' }, { contact: '李雷', mobile: '13800138000', address: '北京市朝阳区建国门外大街1号' }]);
    expect(await parcels.get({ waybill: waybilled.waybill })).toEqual(waybilled);

    const pdf = await parcels.label({ parcelId });
    expect([pdf.contentType, Buffer.from(pdf.data).toString('latin1', 0, 5)]).toEqual(['application/pdf', '%PDF-']);
    const zpl = await parcels.label({ parcelId, format: 'ZPL', size: '76x130' });
    expect(Buffer.from(zpl.data).toString()).toContain(`^FD${waybilled.waybill}^FS`);
    expect(await reason(parcels.label({ parcelId, format: 'PNG' }))).toContain('PDF and ZPL');

    const shipped = await parcels.ship({ waybill: waybilled.waybill, weighedGrams: 1400, requestId: 'scan-1' });
    expect(shipped).toMatchObject({ state: 'SHIPPED', parcelId });
    expect(await parcels.ship({ waybill: waybilled.waybill, weighedGrams: 1400, requestId: 'scan-1' })).toMatchObject({ state: 'SHIPPED', version: shipped.version });
    expect(await parcels.ship({ parcelId })).toMatchObject({ state: 'SHIPPED', version: shipped.version });
    await say('FulfilmentCancelRequested', foId, { foId, parcelId, reason: 'late' });
    await eventually(() => expect(told(foId)).toEqual(['WaybillIssued', 'ParcelShipped', 'CancelRefused']));
    expect(heard.find(({ type, data }) => type.endsWith('ParcelShipped') && data['parcelId'] === parcelId)?.data).toMatchObject({ freight: { amount: 1800, currency: 'CNY' }, waybill: waybilled.waybill, number: '#1001' });
    const events = await service.ctx.store.read(`parcel-${parcelId}`);
    expect(events.filter(({ type }) => type.startsWith('Label')).map(({ type }) => type)).toEqual(['LabelPrinted', 'LabelReprinted']);
    expect(JSON.stringify(events)).not.toContain('李雷');
  });

  it('CAR-13, ALC-08: what a supplier sends is planned and nothing is bought; its number makes it shipped, once', async () => {
    const { foId, parcelId } = await release({ warehouse: 'SUP-YW', external: true });
    await until(parcelId, 'EXTERNAL');
    await say('SupplierShipped', foId, { foId, parcelId, warehouse: 'SUP-YW', carrier: 'village-post', waybill: `Z${parcelId.slice(0, 8).toUpperCase()}`, shippedAt: new Date().toISOString(), orders: [], evidenceSha256: '' }, [topics.allocation, 'flotilla.allocation.v1']);
    expect(await until(parcelId, 'SHIPPED')).toMatchObject({ carrier: 'village-post', waybill: `Z${parcelId.slice(0, 8).toUpperCase()}` });
    await eventually(() => expect(told(foId)).toEqual(['ParcelShippedExternally']), { timeoutMs: 20_000 });
  });

  it('CAR-13: numbers from a file: each parcel that somebody else sends gets its own, once', async () => {
    const [one, two, ours] = [await release({ warehouse: 'SUP-YW', external: true }), await release({ warehouse: 'SUP-YW', external: true }), await release()];
    for (const { parcelId } of [one, two]) await until(parcelId, 'EXTERNAL');
    await until(ours.parcelId, 'WAYBILLED');
    const at = '2026-11-29T18:00:00+08:00';
    const file = (...lines: readonly string[]): readonly api.ImportChunk[] => [{ data: Buffer.from(['parcel_id,carrier,waybill,shipped_at', ...lines].join('\n')) }];
    const number = `JT${String(Date.now()).slice(-13)}`;
    const lines = [`${one.parcelId},jt,${number},${at}`, `${two.parcelId},jt,${number},${at}`, `${two.parcelId},ups,1Z5R89390357567128,${at}`, `${ours.parcelId},ups,1Z5R89390357567127,${at}`, `${randomUUID()},ups,1Z5R89390357567127,${at}`];
    // One after the other: of two rows with one number the first has it.
    expect(await parcels.importNumbers(file(lines[0]!))).toMatchObject({ rows: 1, accepted: 1, refused: 0 });
    expect(await parcels.importNumbers(file(...lines))).toMatchObject({ rows: 5, accepted: 0, unchanged: 1, refused: 4, errors: [{ row: 3, reason: 'BAD_REQUEST', detail: expect.stringContaining(one.parcelId) }, { row: 4, reason: 'BAD_REQUEST' }, { row: 5, reason: 'BAD_REQUEST' }, { row: 6, reason: 'NOT_FOUND' }] });
    expect(await until(one.parcelId, 'SHIPPED')).toMatchObject({ carrier: 'jt', waybill: number });
    await eventually(() => expect(told(one.foId)).toEqual(['ParcelShippedExternally']), { timeoutMs: 20_000 });
    expect(heard.find((event) => event.key === one.foId)?.data).toMatchObject({ shippedAt: '2026-11-29T10:00:00.000Z', warehouse: 'SUP-YW', orders: sample.orders });
    expect(await reason(parcels.importNumbers(file(`${one.parcelId},ups,1Z5R89390357567127,${at}`)).then(({ errors }) => Promise.reject(Object.assign(new Error(), { details: errors[0]?.reason }))))).toBe('ALREADY_SHIPPED');
    expect((await parcels.get({ parcelId: two.parcelId })).state).toBe('EXTERNAL');
  });

  it('CAR-13: a number that another system says by itself: the same checks, once, and said again it is the same answer', async () => {
    const [one, other, ours] = [await release({ warehouse: 'SUP-YW', external: true }), await release({ warehouse: 'SUP-YW', external: true }), await release()];
    for (const { parcelId } of [one, other]) await until(parcelId, 'EXTERNAL');
    await until(ours.parcelId, 'WAYBILLED');
    const waybill = `DPK${String(Date.now()).slice(-11)}`;
    const said = { requestId: randomUUID(), parcelId: one.parcelId, carrier: 'Deppon', waybill: `${waybill.slice(0, 5)} ${waybill.slice(5).toLowerCase()}`, shippedAt: '2026-11-29T18:00:00+08:00' };
    const answered = await parcels.reportNumber(said);
    expect(answered).toMatchObject({ state: 'SHIPPED', carrier: 'deppon', waybill });
    expect(await parcels.reportNumber(said)).toEqual(answered);
    expect(await reason(parcels.reportNumber({ ...said, parcelId: other.parcelId }))).toMatch(/request|REUSED/i);
    const refusals = [{ parcelId: other.parcelId }, { parcelId: ours.parcelId, waybill: 'DPK99999999999' }, { parcelId: other.parcelId, waybill: '1234567' }, { parcelId: randomUUID(), waybill: 'DPK99999999998' }, { parcelId: 'p1' }, { parcelId: other.parcelId, shippedAt: 'now' }];
    expect(await Promise.all(refusals.map((change) => reason(parcels.reportNumber({ ...said, ...change, requestId: randomUUID() }))))).toEqual([
      expect.stringContaining(one.parcelId), expect.stringContaining('not one that somebody else sends'), expect.stringContaining('does not have the form'), expect.stringContaining('no parcel'), expect.stringContaining('no parcel'), expect.stringContaining('now'),
    ]);
    await eventually(() => expect(told(one.foId)).toEqual(['ParcelShippedExternally']), { timeoutMs: 20_000 });
    expect((await parcels.get({ parcelId: other.parcelId })).state).toBe('EXTERNAL');
  });

  it('CAR-12: cancelled, with and without a waybill; what is void is not shipped', async () => {
    const bought = await release();
    const { waybill } = await until(bought.parcelId, 'WAYBILLED');
    await say('FulfilmentCancelRequested', bought.foId, { ...bought, reason: 'buyer' });
    await until(bought.parcelId, 'VOIDED');
    expect(sf.booked.get(bought.parcelId)?.cancelled).toBe(true);
    expect(await reason(parcels.ship({ waybill }))).toContain('do not ship it');
    expect(await reason(parcels.label({ parcelId: bought.parcelId }))).toContain('nothing to label');
    const never = { foId: randomUUID(), parcelId: randomUUID() };
    await say('FulfilmentCancelRequested', never.foId, { ...never, reason: 'early' });
    await say('FulfilmentReleased', never.foId, { ...sample, ...never });
    await until(never.parcelId, 'VOIDED');
    await eventually(() => expect([told(bought.foId), told(never.foId)]).toEqual([['WaybillIssued', 'ParcelVoided'], ['ParcelVoided']]));
    expect(sf.booked.has(never.parcelId)).toBe(false);
  });

  it('CAR-12: an unknown outcome is resolved by asking, and an address change buys again', async () => {
    sf.next('EXP_RECE_CREATE_ORDER', 'answer-lost');
    const { foId, parcelId } = await release();
    const first = await until(parcelId, 'WAYBILLED');
    await say('FulfilmentChangeRequested', foId, { foId, parcelId, changeId: 'c1', shipTo: { ...sample.shipTo, province: '上海市', city: '上海市', name: seal(key, subject, 'name', '韩梅梅'), street: seal(key, subject, 'street', '淮海路1号'), phone: '' }, service: '', items: [], orders: [] });
    await eventually(() => expect(told(foId)).toEqual(['WaybillIssued', 'WaybillIssued', 'ParcelChanged']), { timeoutMs: 20_000 });
    const second = await until(parcelId, 'WAYBILLED');
    expect(second.waybill).not.toBe(first.waybill);
    expect(second.quoted.amount).toBe(1800);
    expect([...sf.booked].filter(([reference]) => reference.startsWith(parcelId)).map(([reference, { cancelled }]) => [reference, cancelled])).toEqual([[parcelId, true], [`${parcelId}-c1`, false]]);
    expect(await reason(parcels.ship({ waybill: first.waybill }))).toContain('was voided by a change');
  });

  it('CAR-02: refused where no card covers it, where the carrier does not deliver, and where the recipient was erased', async () => {
    const uncovered = await release({ shipTo: { ...sample.shipTo, country: 'US', street: '', name: '', phone: '' } });
    sf.next('EXP_RECE_CREATE_ORDER', 'undeliverable');
    const remote = await release();
    await until(remote.parcelId, 'REFUSED');
    const gone = await release({}, erased);
    for (const { parcelId } of [uncovered, gone]) await until(parcelId, 'REFUSED');
    const why = (foId: string): unknown => heard.find((event) => event.key === foId && event.type.endsWith('CarrierRefused'))?.data['reason'];
    await eventually(() => expect([uncovered, remote, gone].map(({ foId }) => why(foId))).toEqual(['NO_RATE', 'NOT_DELIVERABLE', 'SUBJECT_ERASED']));
    expect(heard.find((event) => event.key === uncovered.foId)?.data['carrier']).toBe('sf');
  });
});

describe('CAR-03: a recipient whom the platform masks', () => {
  const masked = { name: seal(key, subject, 'name', '李**'), phone: seal(key, subject, 'phone', '138****8000'), street: seal(key, subject, 'street', '建国门外大街***'), token: 'taobao:1zZ+oaid==' };

  it('CAR-03: is bought with the platform’s e-waybill under the same carrier, labelled by its print component, and voided there', async () => {
    const called = sf.calls.length;
    const { foId, parcelId } = await release({ shipTo: { ...sample.shipTo, ...masked } });
    const { carrier: name, waybill } = await until(parcelId, 'WAYBILLED');
    expect([name, waybill]).toEqual(['sf', expect.stringMatching(/^SF2\d{12}$/)]);
    expect(cainiao.of(parcelId)?.asked).toMatchObject({ cp_code: 'SF', trade_order_info_dtos: [{ recipient: { name: '李**', oaid: '1zZ+oaid==', tid: '820982911946154508' } }] });
    expect(await reason(parcels.label({ parcelId }))).toContain('PLATFORM');
    const label = await parcels.label({ parcelId, format: 'PLATFORM' });
    expect([label.contentType, JSON.parse(Buffer.from(label.data).toString())]).toEqual(['application/json', { documentID: parcelId, contents: [expect.objectContaining({ encryptedData: 'AES:c2VhbGVk' })] }]);
    await say('FulfilmentCancelRequested', foId, { foId, parcelId, reason: 'buyer' });
    await until(parcelId, 'VOIDED');
    expect([cainiao.of(parcelId)?.cancelled, sf.calls.length]).toEqual([true, called]);
  });

  it('CAR-03: finds no carrier where nobody has an e-waybill of its platform', async () => {
    const { foId, parcelId } = await release({ shipTo: { ...sample.shipTo, ...masked, token: 'pdd:x' } });
    await until(parcelId, 'REFUSED');
    await eventually(() => expect(heard.find((event) => event.key === foId)?.data).toMatchObject({ reason: 'NO_RATE', detail: expect.stringContaining('pdd masks the recipient') }));
  });
});

describe('lists and counts', () => {
  it('CAR-07: lists by state and warehouse in pages whose tokens belong to their question, and counts', async () => {
    const more = [await release(), await release(), await release()];
    for (const { parcelId } of more) await until(parcelId, 'WAYBILLED');
    const question = { state: 'WAYBILLED', warehouse: 'SZ1' };
    await eventually(async () => {
      const { parcels: listed } = await parcels.list(question);
      expect(listed.map(({ parcelId }) => parcelId)).toEqual(expect.arrayContaining(more.map(({ parcelId }) => parcelId)));
    });
    const all = (await parcels.list(question)).parcels.map(({ parcelId }) => parcelId);
    const paged: string[] = [];
    for (let token = ''; ; ) {
      const page = await parcels.list({ ...question, page: { size: 2, token } });
      paged.push(...page.parcels.map(({ parcelId }) => parcelId));
      token = page.nextToken;
      if (token === '') break;
    }
    expect(paged).toEqual(all);
    const { nextToken } = await parcels.list({ page: { size: 1, token: '' } });
    expect(await reason(parcels.list({ ...question, page: { size: 1, token: nextToken } }))).toContain('does not belong');
    expect(await reason(parcels.list({ state: 'LOST' }))).toContain('WAYBILLED');
    expect(await reason(parcels.get({ waybill: 'SF0000000000000' }))).toContain('no parcel has the waybill');
    // Other specs of the run may have left messages on the topic: counts are compared with the list, and ours are the least.
    await eventually(async () => {
      const { counts } = await tallies.get({});
      const states = Object.fromEntries(await Promise.all(['VOIDED', 'SHIPPED', 'REFUSED', 'VOIDING'].map(async (state) => [state.toLowerCase(), (await parcels.list({ state, page: { size: 500 } })).parcels.length])));
      expect(counts).toMatchObject({ ...states, unknownEver: 1, unknownNow: 0, reprints: 1, shipped: 5 });
      for (const [name, least] of Object.entries({ planned: 8, waybilled: 6, voided: 2, refused: 3 })) expect(counts[name]).toBeGreaterThanOrEqual(least);
    });
    const [first] = more;
    expect((await parcels.get({ parcelId: first!.parcelId })).position).toBe((await parcels.list(question)).parcels.find(({ parcelId }) => parcelId === first!.parcelId)?.position);
  });
});

describe('ALC-12: a parcel of the own fleet', () => {
  it('ALC-12: collected in the store: released without an address, numbered by ourselves, labelled with its code, shipped with its place', async () => {
    const lines = ['own,PICKUP,,*,1000000,0.00,0,0,CNY,1,2026-01-01,', 'own,SAME_CITY,广东,广东,10000,15.00,5000,5.00,CNY,1,2026-01-01,'];
    expect(await rates.import([{ data: Buffer.from([header, ...lines].join('\n')) }])).toMatchObject({ accepted: 2, refused: 0 });
    const called = sf.calls.length;
    const nowhere = { ...sample.shipTo, country: '', province: '', city: '', district: '', postcode: '', street: '', phone: '', name: seal(key, subject, 'name', '李雷') };
    const { foId, parcelId } = await release({ service: 'PICKUP', shipTo: nowhere });
    const waybilled = await until(parcelId, 'WAYBILLED');
    expect(waybilled).toMatchObject({ carrier: 'own', service: 'PICKUP', waybill: expect.stringMatching(/^FL\d{20}$/), quoted: { amount: 0, currency: 'CNY' } });

    const zpl = Buffer.from((await parcels.label({ parcelId, format: 'ZPL' })).data).toString();
    expect(zpl).toContain(pickupCode(indexKey, parcelId));
    expect(zpl).toContain(waybilled.waybill);
    expect((await parcels.label({ parcelId })).contentType).toBe('application/pdf');

    expect(await parcels.ship({ waybill: waybilled.waybill, weighedGrams: 0, requestId: `own-${parcelId}` })).toMatchObject({ state: 'SHIPPED' });
    await eventually(() => expect(told(foId)).toEqual(['WaybillIssued', 'ParcelShipped']));
    expect(heard.find(({ type, data }) => type.endsWith('ParcelShipped') && data['parcelId'] === parcelId)?.data).toMatchObject({ carrier: 'own', service: 'PICKUP', pickupPlace: '深圳一号仓\n广东省深圳市宝安区福园一路1号 518101', freight: { amount: 0 } });
    expect(JSON.stringify(await service.ctx.store.read(`parcel-${parcelId}`))).not.toContain(pickupCode(indexKey, parcelId));
    expect(sf.calls).toHaveLength(called);
  });

  it('ALC-12: brought within the city, and voided as any other', async () => {
    const { foId, parcelId } = await release({ service: 'SAME_CITY', shipTo: { ...sample.shipTo, province: '广东省', city: '深圳市', street: seal(key, subject, 'street', '深南大道1号'), name: seal(key, subject, 'name', '李雷'), phone: seal(key, subject, 'phone', '13800138000') } });
    const { waybill, quoted } = await until(parcelId, 'WAYBILLED');
    expect([waybill, quoted.amount]).toEqual([expect.stringMatching(/^FL\d{20}$/), 1500]);
    await say('FulfilmentCancelRequested', foId, { foId, parcelId, reason: 'buyer' });
    await until(parcelId, 'VOIDED');
  });
});

describe('papers', () => {
  const collected = async (asked: Partial<api.PrintBatchRequest>): Promise<{ pdf: Buffer; parts: api.PrintBatchPart[] }> => {
    const parts: api.PrintBatchPart[] = [];
    for await (const part of parcels.printBatch(asked, { deadlineMs: 60_000 })) parts.push(part);
    return { pdf: Buffer.concat(parts.map(({ data }) => data)), parts };
  };
  const pages = (pdf: Buffer): number => [...pdf.toString('latin1').matchAll(/\/MediaBox/g)].length;

  it('ING-10: what the buyer wished goes with the parcel: the carrier, the packing, and the card’s text, which is opened for the paper alone', async () => {
    const card = '岁岁平安，来自爷爷';
    const wished = await release({ tags: ['vip', 'buyer:carrier:sf', 'buyer:packaging', 'buyer:gift-card'], preferredCarrier: 'sf', giftMessage: seal(key, subject, 'text', card) });
    const plain = await release();
    const { explain } = await until(wished.parcelId, 'WAYBILLED');
    await until(plain.parcelId, 'WAYBILLED');
    expect(explain).toContain('sf, preferred by the buyer,');
    const parcelIds = [wished.parcelId, plain.parcelId];
    // One text for all, or each buyer's own: who named none is told, and left out.
    const { pdf, parts } = await collected({ kind: 'CARDS', parcelIds });
    expect([pages(pdf), parts.filter(({ reason: why }) => why !== '').map(({ parcelId, detail }) => [parcelId, detail.includes('named no text')])]).toEqual([1, [[plain.parcelId, true]]]);
    const slips = await collected({ kind: 'PACKING_SLIPS', parcelIds });
    expect(pages(slips.pdf)).toBe(2);
    expect(JSON.stringify(await service.ctx.store.read(`parcel-${wished.parcelId}`))).not.toContain('岁岁平安');
  });

  it('CAR-05: a batch is one PDF with its progress; what cannot be printed is named; a reprint has its reason in the stream', async () => {
    const made = [];
    for (let n = 0; n < 22; n += 1) made.push(await release());
    for (const { parcelId } of made) await until(parcelId, 'WAYBILLED');
    const [gone] = made;
    await say('FulfilmentCancelRequested', gone!.foId, { ...gone!, reason: 'buyer' });
    await until(gone!.parcelId, 'VOIDED');
    const parcelIds = [...made.map(({ parcelId }) => parcelId), randomUUID(), made[1]!.parcelId];
    const { pdf, parts } = await collected({ parcelIds, size: '76x130', reason: '打印机卡纸' });
    expect([pdf.toString('latin1', 0, 5), pages(pdf)]).toEqual(['%PDF-', 21]);
    expect(parts.map(({ done, total }) => [done, total]).at(-1)).toEqual([23, 23]);
    expect(parts.filter(({ data }) => data.length > 0).length).toBeGreaterThan(1);
    expect(parts.filter(({ reason: why }) => why !== '').map(({ parcelId, reason: why }) => [parcelId, why])).toEqual([[gone!.parcelId, 'VOIDED'], [parcelIds[22], 'NOT_FOUND']]);
    await parcels.label({ parcelId: made[1]!.parcelId, reason: '标签破损' });
    const events = (await service.ctx.store.read(`parcel-${made[1]!.parcelId}`)).filter(({ type }) => type.startsWith('Label'));
    expect(events.map(({ type, data }) => [type, (data as { reason?: string }).reason])).toEqual([['LabelPrinted', '打印机卡纸'], ['LabelReprinted', '标签破损']]);

    expect(pages((await collected({ kind: 'PACKING_SLIPS', parcelIds: parcelIds.slice(1, 4) })).pdf)).toBe(3);
    expect(pages((await collected({ kind: 'PICK_LIST', parcelIds: parcelIds.slice(1, 22) })).pdf)).toBe(1);
    expect(pages((await collected({ kind: 'CARDS', parcelIds: parcelIds.slice(1, 3), text: '生日快乐！' })).pdf)).toBe(2);
    expect(await reason(collected({ kind: 'CARDS', parcelIds: parcelIds.slice(1, 3), text: '祝'.repeat(301) }))).toContain('at most 300');
    expect(JSON.stringify(await service.ctx.store.read(`parcel-${parcelIds[1]}`))).not.toContain('生日快乐');
    expect(await collected({ parcelIds: [randomUUID()] })).toMatchObject({ pdf: Buffer.alloc(0) });
    expect(await reason(collected({ parcelIds: [] }))).toContain('parcel_ids is empty');
    expect(await reason(collected({ kind: 'POSTERS', parcelIds }))).toContain('PICK_LIST');
    expect(await reason(collected({ parcelIds: Array.from({ length: 1_001 }, () => randomUUID()) }))).toContain('at most 1000');
  });

  it('CAR-07: a manifest lists what a carrier was handed in a span of time, once, under an id made of its numbers', async () => {
    const from = new Date().toISOString();
    const two = [await release(), await release()];
    for (const { parcelId } of two) await until(parcelId, 'WAYBILLED');
    const shipped = await Promise.all(two.map(({ parcelId }) => parcels.ship({ parcelId })));
    const asked = { carrier: 'sf', warehouse: 'SZ1', from };
    const manifest = await eventually(async () => {
      const found = await manifests.get(asked);
      expect(found.parcels.map(({ waybill }) => waybill)).toEqual(shipped.map(({ waybill }) => waybill).toSorted());
      return found;
    }, { timeoutMs: 20_000 });
    expect(manifest).toMatchObject({ id: expect.stringMatching(/^M[0-9A-F]{12}$/), grams: 1_400, parcels: [{ number: '#1001', place: '北京市 北京市', grams: 700 }, {}] });
    expect(Buffer.from(manifest.pdf).toString('latin1', 0, 5)).toBe('%PDF-');
    const again = await manifests.get({ ...asked, until: manifest.until });
    expect([again.id, again.parcels]).toEqual([manifest.id, manifest.parcels]);
    expect((await manifests.get({ ...asked, from: manifest.until })).parcels).toEqual([]);
    expect(await reason(manifests.get({ ...asked, until: '2999-01-01T00:00:00Z' }))).toContain('not over yet');
    expect(await reason(manifests.get({ ...asked, from: 'yesterday' }))).toContain('not an instant');
    expect(await reason(manifests.get({ ...asked, carrier: 'nobody' }))).toContain('no carrier');
  });
});

describe('the floor', () => {
  it('ALC-10: what stands in a wave is not handed over before it is packed, each said twice', async () => {
    const { foId, parcelId } = await release();
    await until(parcelId, 'WAYBILLED');
    const floor = async (type: string, count: number, more: object): Promise<void> => {
      await say(type, foId, { foId, parcelId, warehouse: 'SZ1', wave: 'W1', ...more }, [topics.allocation, 'flotilla.allocation.v1']);
      await eventually(async () => expect((await db.pool.query("SELECT FROM es.event WHERE stream_id = $1 AND type = 'FloorNoted'", [`parcel-${parcelId}`])).rowCount).toBe(count), { timeoutMs: 20_000 });
    };
    await floor('PickingStarted', 1, { at: new Date().toISOString() });
    expect(await reason(parcels.ship({ requestId: randomUUID(), parcelId }))).toContain('stands in a wave');
    await floor('ParcelPacked', 2, { grams: 900, packedAt: new Date().toISOString() });
    expect(await parcels.ship({ requestId: randomUUID(), parcelId })).toMatchObject({ state: 'SHIPPED' });
  });
});

describe('CAR-06: scan to print', () => {
  const slow = { deadlineMs: 60_000 }; // the first paper loads its font, and a loaded machine takes its time
  interface Desk {
    readonly station: string;
    readonly token: string;
    readonly poll: (more?: Parameters<typeof printing.poll>[0]) => Promise<api.PollPrintResponse>;
    readonly fetch: (jobId: string) => Promise<api.PrintDocument>;
    readonly print: (parcelId: string, more?: Parameters<typeof printing.print>[0], by?: string) => Promise<api.PrintResponse>;
  }
  /** A station of its own, so that nothing waits there for others. */
  const desk = async (): Promise<Desk> => {
    const station = `pack-${randomUUID().slice(0, 8)}`;
    await printing.putStation({ station, name: 'Packing', warehouse: 'SZ1', printers: [{ document: 'LABEL', printer: 'zebra', format: 'ZPL' }, { document: 'PACKING_SLIP', printer: 'laser', format: 'PDF' }] });
    const { token } = await printing.issueToken({ station });
    const journal = 'journal-0001';
    return {
      station, token,
      poll: (more = {}) => printing.poll({ station, token, journal, agent: 'spec', printers: ['zebra', 'laser'], ...more }, slow),
      fetch: (jobId) => printing.fetch({ station, token, journal, jobId }, slow),
      print: (parcelId, more = {}, by = 'spec') => printing.print({ requestId: randomUUID(), station, parcelId, ...more }, { ...slow, metadata: { 'x-caller': by } }),
    };
  };
  const waybilled = async (): Promise<Released & { readonly waybill: string }> => {
    const released = await release();
    return { ...released, waybill: (await until(released.parcelId, 'WAYBILLED')).waybill };
  };
  const jobsOf = async (parcelId: string): Promise<readonly api.PrintJob[]> => (await printing.list({ parcelId })).jobs;

  beforeAll(async () => {
    await rates.import(bytes(header, 'sf,STANDARD,广东,北京,1000,15.00,500,3.00,CNY,2,2026-01-01,'));
  });

  it('CAR-06: a scanned code is a waybill, a parcel, an order’s number, or a SKU that parcels wait for', async () => {
    const number = `#${randomUUID().slice(0, 8)}`;
    const sku = `SKU-${randomUUID().slice(0, 8)}`;
    const items = [{ sku, name: '杯', quantity: 1, grams: 100 }];
    const { parcelId } = await release({ number, items });
    const many = await release({ items: [{ sku, name: '杯', quantity: 3, grams: 100 }] });
    await until(many.parcelId, 'WAYBILLED');
    const { waybill } = await until(parcelId, 'WAYBILLED');
    for (const [code, by] of [[waybill, 'WAYBILL'], [parcelId, 'PARCEL'], [number, 'NUMBER'], [number.slice(1), 'NUMBER']] as const)
      await eventually(async () => expect(await parcels.find({ code })).toMatchObject({ by, parcels: [{ parcel: { parcelId, number, waybill }, printed: false }] }));
    // The parcel that this one unit completes comes first.
    const { by, parcels: found } = await eventually(async () => {
      const answer = await parcels.find({ code: sku, warehouse: 'SZ1' });
      expect(answer.parcels).toHaveLength(2);
      return answer;
    });
    expect([by, ...found.map(({ parcel }) => parcel?.parcelId)]).toEqual(['SKU', parcelId, many.parcelId]);
    expect(await parcels.find({ code: 'nothing-like-it' })).toEqual({ by: '', parcels: [] });
    expect(await parcels.find({ code: sku, warehouse: 'ELSEWHERE' })).toEqual({ by: '', parcels: [] });
    await (await desk()).print(parcelId);
    await eventually(async () => expect((await parcels.find({ code: sku })).parcels.map(({ printed }) => printed)).toEqual([false, true]));
  });

  it('CAR-06: one document a job, from the queue to the printer; repeats of the scan and of what the agent says are one', async () => {
    const { poll, fetch, print } = await desk();
    const { parcelId, waybill } = await waybilled();
    const requestId = randomUUID();
    const { jobs } = await print(parcelId, { requestId });
    expect(jobs.map(({ document, printer, format, state, copy }) => [document, printer, format, state, copy])).toEqual([['LABEL', 'zebra', 'ZPL', 'QUEUED', 1], ['PACKING_SLIP', 'laser', 'PDF', 'QUEUED', 1]]);
    expect(await print(parcelId, { requestId })).toEqual({ jobs });
    const given = (await poll({ waitMs: 5_000 })).jobs;
    expect(given.map(({ jobId, state }) => [jobId, state])).toEqual(jobs.map(({ jobId }) => [jobId, 'SENT']));
    const [label, slip] = await Promise.all(given.map(({ jobId }) => fetch(jobId)));
    expect([label!.contentType, Buffer.from(label!.data).toString('utf8').includes(waybill)]).toEqual(['application/zpl', true]);
    expect([slip!.contentType, Buffer.from(slip!.data).toString('latin1', 0, 5)]).toEqual(['application/pdf', '%PDF-']);
    const outcomes = given.map(({ jobId }) => ({ jobId, outcome: 'PRINTED' }));
    expect(await poll({ outcomes })).toEqual({ jobs: [] });
    expect(await poll({ outcomes })).toEqual({ jobs: [] });
    await eventually(async () => expect((await jobsOf(parcelId)).map(({ state, attempts }) => [state, attempts])).toEqual([['PRINTED', 1], ['PRINTED', 1]]));
  });

  it('CAR-06: what was printed is printed again by somebody who says why, and the label’s own history says so', async () => {
    const { poll, fetch, print } = await desk();
    const { parcelId } = await waybilled();
    await print(parcelId, { documents: ['LABEL'] });
    expect(await reason(print(parcelId, { documents: ['LABEL'] }))).toContain('say why it is printed again');
    const first = (await poll({ waitMs: 5_000 })).jobs[0]!;
    await fetch(first.jobId);
    await poll({ outcomes: [{ jobId: first.jobId, outcome: 'PRINTED' }] });
    const { jobs } = await print(parcelId, { documents: ['LABEL'], reason: 'smudged' }, 'mei');
    expect(jobs).toMatchObject([{ copy: 2, reason: 'smudged', by: 'caller:mei' }]);
    const again = (await poll({ waitMs: 5_000 })).jobs[0]!;
    await fetch(again.jobId);
    await poll({ outcomes: [{ jobId: again.jobId, outcome: 'PRINTED' }] });
    const { rows } = await db.pool.query<{ type: string; data: { by: string; reason?: string } }>("SELECT type, data FROM es.event WHERE stream_id = $1 AND type LIKE 'Label%' ORDER BY version", [`parcel-${parcelId}`]);
    expect(rows.map(({ type, data }) => [type, data.reason])).toEqual([['LabelPrinted', undefined], ['LabelReprinted', 'smudged']]);
    expect(rows[1]?.data.by).toBe('caller:mei');
  });

  it('CAR-06: an agent that died before it had a job is given it again; one whose memory is lost prints nothing twice', async () => {
    const { poll, print } = await desk();
    const { parcelId } = await waybilled();
    await print(parcelId, { documents: ['LABEL'] });
    const [job] = (await poll({ waitMs: 5_000 })).jobs;
    expect((await poll({ holds: [job!.jobId] })).jobs).toEqual([]);
    expect((await poll()).jobs).toMatchObject([{ jobId: job!.jobId, attempts: 2 }]);
    expect((await poll({ journal: 'journal-0002' })).jobs).toEqual([]);
    await eventually(async () => expect(await jobsOf(parcelId)).toMatchObject([{ state: 'FAILED', because: 'UNKNOWN' }]));
    expect(await reason(print(parcelId, { documents: ['LABEL'] }))).toContain('say why');
    // The one that printed it comes back, and says so.
    await poll({ outcomes: [{ jobId: job!.jobId, outcome: 'PRINTED' }] });
    await eventually(async () => expect(await jobsOf(parcelId)).toMatchObject([{ state: 'PRINTED' }]));
  });

  it('CAR-06: what is called off while it waits is not drawn, and whoever scanned is told', async () => {
    const { poll, fetch, print } = await desk();
    const { parcelId, foId } = await waybilled();
    await print(parcelId, { documents: ['LABEL'] });
    await say('FulfilmentCancelRequested', foId, { foId, parcelId, reason: 'buyer' });
    await until(parcelId, 'VOIDED');
    const [job] = (await poll({ waitMs: 5_000 })).jobs;
    expect(await reason(fetch(job!.jobId))).toContain('VOIDED');
    await eventually(async () => expect(await jobsOf(parcelId)).toMatchObject([{ state: 'FAILED', because: 'REFUSED', detail: expect.stringContaining('VOIDED') }]));
    expect(await reason(print(parcelId))).toContain('VOIDED');
  });

  it('CAR-06: nobody prints without the station’s token, and a new one ends the one before', async () => {
    const { station, token: before, poll } = await desk();
    for (const wrong of [{ token: 'nonsense' }, { token: '' }, { station: 'nowhere' }]) expect(await reason(poll(wrong))).toContain('the token is not that of the station');
    const { token } = await printing.issueToken({ station });
    expect(await reason(poll())).toContain('the token is not that of the station');
    await poll({ token });
    const { stations } = await printing.listStations({});
    expect(stations.filter((one) => one.station === station)).toMatchObject([{ hasToken: true, agent: 'spec', offered: ['zebra', 'laser'], waiting: 0 }]);
    const { rows } = await db.pool.query<{ text: string }>("SELECT data::text AS text FROM es.event WHERE stream_id = 'stations-all'");
    expect(rows.some(({ text }) => text.includes(token) || text.includes(before))).toBe(false);
  });

  it('CAR-06: people give up what waits; a station without a printer says so', async () => {
    const { poll, print } = await desk();
    const { parcelId } = await waybilled();
    const { jobs } = await print(parcelId, { documents: ['PACKING_SLIP'] });
    expect(await printing.drop({ requestId: randomUUID(), jobId: jobs[0]!.jobId, reason: 'no paper' })).toMatchObject({ state: 'FAILED', because: 'DROPPED' });
    expect((await poll()).jobs).toEqual([]);
    expect(await reason(print(parcelId, { documents: ['CARD'] }))).toContain('no printer for CARD');
    expect(await reason(printing.drop({ requestId: randomUUID(), jobId: 'nonsense', reason: 'x' }))).toContain('no print job');
  });

  it('CAR-05: a label to be looked at says nobody’s name, and is no print', async () => {
    const { parcelId, waybill } = await waybilled();
    const preview = await parcels.label({ parcelId, format: 'ZPL', preview: true }, slow);
    expect(Buffer.from(preview.data).toString('utf8')).toContain(waybill);
    expect(Buffer.from(preview.data).equals(Buffer.from((await parcels.label({ parcelId, format: 'ZPL' }, slow)).data))).toBe(false);
    const { rows } = await db.pool.query<{ count: string }>("SELECT count(*) FROM es.event WHERE stream_id = $1 AND type LIKE 'Label%'", [`parcel-${parcelId}`]);
    expect(rows[0]?.count).toBe('1');
  });
});
