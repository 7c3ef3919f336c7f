import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation as api, grpcDefinition, ingest, topics, type Client } from '@flotilla/contracts';
import { freePorts } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import { newKey, seal } from '@flotilla/values';
import grpc from '@grpc/grpc-js';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';
import { supplierSandbox, type SupplierSandbox } from '../spec/supplier-sandbox.js';

const run = randomUUID().slice(0, 6);
const SLOW = { timeoutMs: 60_000 };
const [HASTY, CALM, SMALL] = [`f1-${run}`, `f2-${run}`, `f3-${run}`];

describe('suppliers that have files alone', () => {
  let fleet: Live;
  let sandbox: SupplierSandbox;
  const keys = new grpc.Server();
  const buyer = { subject: '5b0c0c1e-6c1f-5a7e-9d0a-1f2e3d4c5b6a', key: newKey() };
  let suppliers: Client<api.SuppliersRpc>;
  let stock: Client<api.StockRpc>;
  let catalogue: Client<api.CatalogueRpc>;
  let counter = 0;

  const offered = async (...ids: readonly string[]): Promise<string> => {
    const sku = `F${(counter += 1)}-${run}`;
    await catalogue.import(csv('sku,name_zh,name_en,grams', `${sku},"手工杯, 大",Handmade mug,100`));
    await suppliers.import(csv('supplier,sku,stock,cost,currency', ...ids.map((id) => `${id},${sku},5,1800,CNY`)));
    return sku;
  };
  let began = 0;
  /** Hours into the business day, as the supplier's zone counts it. */
  const hourOfDay = (): number => ((began + (Date.now() - began) * 2_400) / 3_600_000 + 8) % 24;
  const ask = async (sku: string): Promise<string> => {
    const foId = randomUUID();
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, [anyRequest({ foId, lines: [{ sku, quantity: 2 }], orders: [] })]);
    return foId;
  };
  const release = async (foId: string, warehouse: string, parcelId: string): Promise<void> => {
    const sealed = (field: 'street' | 'name' | 'phone', text: string): string => seal(buyer.key, buyer.subject, field, text);
    const shipTo = { country: 'CN', province: '广东省', city: '深圳市', district: '南山区', postcode: '518000', street: sealed('street', '科苑路1号'), company: '', name: sealed('name', '张三'), phone: sealed('phone', '13800138000'), phoneIndex: '' };
    const released = { foId, parcelId, attempt: 1, warehouse, orders: [], items: [], shipTo, service: 'STANDARD', value: { amount: 0, currency: 'CNY' }, excludedCarriers: [], priority: 0, remark: '', number: '#1', tags: [], buyer: { subject: '', email: '', phone: '', emailIndex: '', phoneIndex: '', locale: '' }, preferredCarrier: '', external: true };
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentReleased', topics.order, [released]);
  };
  const said = <T>(type: string, foId: string): T => fleet.kafka.told(type, [foId]).at(-1)?.data as T;
  const filesIn = async (supplier: string, folder: string, kind = ''): Promise<readonly { readonly path: string; readonly text: string }[]> =>
    (await sandbox.files(supplier)).filter(({ path }) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/') && path.includes(kind) && !path.endsWith('.part'));
  /** The id of an offer that lies there as a file. */
  const waiting = async (supplier: string, sku: string): Promise<string> =>
    eventually(async () => {
      const mine = (await filesIn(supplier, '/orders', '.offer.csv')).filter(({ text }) => text.includes(sku));
      expect(mine).toHaveLength(1);
      return mine[0]!.path.slice('/orders/'.length).split('.')[0]!;
    }, SLOW);
  const taken = async (supplier: string, part: string): Promise<readonly api.SupplierFile[]> => (await suppliers.listFiles({ supplier })).files.filter(({ name }) => name.includes(part));
  const isEmpty = (supplier: string): Promise<void> => eventually(async () => expect(await filesIn(supplier, '/answers')).toEqual([]), SLOW);

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    keys.addService(grpcDefinition(ingest.SubjectKeys), {
      get: (call: { request: ingest.GetSubjectKeysRequest }, answer: (error: null, value: ingest.GetSubjectKeysResponse) => void) => answer(null, { keys: call.request.subjects.map((subject) => ({ subject, key: buyer.key })) }),
    });
    const keysPort = await new Promise<number>((resolve, reject) => keys.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
    sandbox = await supplierSandbox();
    const targets = Object.fromEntries(await Promise.all([HASTY, CALM, SMALL].map(async (id) => [id, await sandbox.open(id)] as const)));
    // A business hour takes one and a half seconds: the first supplier has ten seconds to answer, the others a day.
    began = Date.now();
    const clock = `${new Date(began).toISOString()}@2400`;
    fleet = await live(`listener-${run}`, [topics.allocation, topics.lockReplies], {
      FLOTILLA_HTTP_PORT: String(port), FLOTILLA_CLOCK: clock,
      FLOTILLA_LINK_KEY: randomBytes(32).toString('base64'), FLOTILLA_INGEST_GRPC: `127.0.0.1:${keysPort}`, FLOTILLA_SUPPLIER_FILES: JSON.stringify(targets), FLOTILLA_SUPPLIER_FILES_SECONDS: '0.2',
    });
    suppliers = fleet.client(api.Suppliers);
    stock = fleet.client(api.Stock);
    catalogue = fleet.client(api.Catalogue);
    const warehouses = fleet.client(api.Warehouses);
    const sites = [`${HASTY},供应商,CN,浙江省,SUPPLIER,SUPPLIER,0,0`, `${CALM},供应商,CN,浙江省,SUPPLIER,SUPPLIER,1,0`, `${SMALL},供应商,CN,浙江省,SUPPLIER,SUPPLIER,0,1`];
    expect(await warehouses.import(csv('warehouse,name,country,province,kind,ledger,tier,daily_orders', ...sites))).toMatchObject({ accepted: 3 });
    const described = await suppliers.import(
      csv('supplier,name,email,language,response_minutes,delivery,ship_hours', `${HASTY},义乌一厂,one@s.test,zh,400,FILE,48`, `${CALM},Second,two@s.test,en,40000,FILE,2`, `${SMALL},Third,three@s.test,en,40000,FILE,48`),
    );
    expect(described).toMatchObject({ accepted: 3, refused: 0 });
  }, 180_000);

  afterAll(async () => {
    await fleet?.stop();
    await sandbox?.close();
    keys.forceShutdown();
  }, 60_000);

  it('ALC-08: an order is put as a file, once although the server breaks off, accepted by a file, released by a file, and shipped by a file', async () => {
    const sku = await offered(CALM);
    await sandbox.fault({ operation: 'sftp.rename', kind: 'timeout-after-effect' });
    const foId = await ask(sku);
    const offer = await waiting(CALM, sku);
    const [file] = await filesIn(CALM, '/orders', offer);
    const [header, row] = file!.text.split('\n');
    expect([header, row]).toEqual(['offer,answer_until,sku,quantity,name,cost,currency', expect.stringMatching(new RegExp(`^${offer},20.+Z,${sku},2,Handmade mug,18\\.00,CNY$`))]);
    expect(file!.text).not.toContain('13800138000');
    expect(await sandbox.work(CALM)).toEqual([`${offer}.offer.csv`]);
    await eventually(() => expect(said('OrderAllocated', foId)).toMatchObject({ warehouse: CALM, parts: [{ external: true }] }), SLOW);
    // The repeat of the call that was cut off finds the file in the folder of what was taken.
    await eventually(async () => expect((await suppliers.listOffers({ supplier: CALM })).offers[0]).toMatchObject({ lockId: offer, state: 'ACCEPTED' }), SLOW);

    const parcelId = randomUUID();
    await sandbox.fault({ operation: 'sftp.rename', kind: 'timeout-before-effect' });
    await release(foId, CALM, parcelId);
    const ship = await eventually(async () => {
      const [found] = await filesIn(CALM, '/orders', `${offer}.ship.${parcelId}.csv`);
      expect(found).toBeDefined();
      return found!.text;
    }, SLOW);
    expect(ship.split('\n')).toEqual(['offer,parcel,sku,quantity,name,phone,company,street,district,city,province,postcode,country', `${offer},${parcelId},${sku},2,张三,13800138000,,科苑路1号,南山区,深圳市,广东省,518000,CN`, '']);
    await sandbox.work(CALM);
    await eventually(() => expect(said('SupplierShipped', foId)).toMatchObject({ parcelId, warehouse: CALM, carrier: 'sf' }), SLOW);
    await isEmpty(CALM);
    const all = await sandbox.files(CALM);
    expect(all.filter(({ path }) => path.startsWith('/orders')).map(({ path }) => path).toSorted()).toEqual([`/orders/done/${offer}.offer.csv`, `/orders/done/${offer}.ship.${parcelId}.csv`]);
    expect(all.filter(({ path }) => path.startsWith('/answers/done'))).toHaveLength(2);
    await eventually(async () => expect((await suppliers.listFiles({ supplier: CALM })).files).toMatchObject([{ rows: 1, applied: 1, refused: 0 }, { rows: 1, applied: 1, refused: 0 }]), SLOW);
    const { rows } = await fleet.db.pool.query("SELECT 1 FROM es.event WHERE data::text LIKE '%13800138000%' OR data::text LIKE '%张三%'");
    expect(rows).toEqual([]);
  }, 180_000);

  it('ALC-08: answers that come twice, out of order, or are cut off when they are taken change nothing twice', async () => {
    const [first, second] = [await offered(CALM), await offered(CALM)];
    const foIds = [await ask(first), await ask(second)];
    const [one, two] = [await waiting(CALM, first), await waiting(CALM, second)];
    // The first is held until the second has been said, and the second is said twice.
    await sandbox.fault({ operation: 'answers.put', kind: 'reorder', count: 1 });
    await sandbox.fault({ operation: 'answers.put', kind: 'duplicate', count: 1 });
    // And the server breaks off before the first file of answers is moved: it is taken once more.
    await sandbox.fault({ operation: 'sftp.rename', kind: 'timeout-before-effect' });
    const before = (await suppliers.listFiles({ supplier: CALM })).files.length;
    expect((await sandbox.work(CALM)).toSorted()).toEqual([`${one}.offer.csv`, `${two}.offer.csv`].toSorted());
    for (const foId of foIds) await eventually(() => expect(fleet.kafka.told('OrderAllocated', [foId])).toHaveLength(1), SLOW);
    await isEmpty(CALM);
    await eventually(async () => {
      const files = (await suppliers.listFiles({ supplier: CALM })).files.slice(0, -before);
      expect([files.length, files.reduce((sum, { applied }) => sum + applied, 0), files.reduce((sum, { repeated }) => sum + repeated, 0)]).toEqual([3, 2, 1]);
    }, SLOW);
    for (const sku of [first, second]) expect(await stock.get({ warehouse: CALM, sku })).toMatchObject({ confirmed: 2, free: 3 });
  }, 180_000);

  it('ALC-08: an answer that never comes leads to the next supplier; the one that comes after all is refused, and kept with its reason', async () => {
    const sku = await offered(HASTY, CALM);
    const foId = await ask(sku);
    const late = await waiting(HASTY, sku);
    await sandbox.fault({ operation: 'answers.put', kind: 'drop', count: 1 });
    await sandbox.work(HASTY);
    await waiting(CALM, sku);
    expect(said<{ reason: string }>('StockLockRefused', foId)).toMatchObject({ warehouse: HASTY, reason: 'TIMEOUT' });
    await sandbox.put(HASTY, 'late.csv', `offer,answer\n${late},ACCEPTED\n`);
    await eventually(async () => expect(await taken(HASTY, 'late.csv')).toMatchObject([{ rows: 1, applied: 0, refused: 1, refusals: [{ row: 2, reason: 'OFFER_OVER' }] }]), SLOW);
    await isEmpty(HASTY);
    const [parked] = await filesIn(HASTY, '/answers/parked', 'late.csv');
    expect(parked!.text).toContain(`OFFER_OVER: it is EXPIRED,${late},ACCEPTED`);
    await sandbox.work(CALM, 'REFUSED', 'PRICE');
    await eventually(() => expect(fleet.kafka.told('OrderBackordered', [foId])).toHaveLength(1), SLOW);
    expect(await stock.get({ warehouse: CALM, sku })).toMatchObject({ held: 0, confirmed: 0 });
  }, 180_000);

  it('ALC-08: bad rows are kept whole with their reasons and the good ones beside them are taken; a file that cannot be read is parked as it is', async () => {
    const sku = await offered(CALM);
    const foId = await ask(sku);
    const mine = await waiting(CALM, sku);
    const another = await offered(HASTY);
    await ask(another);
    const theirs = await waiting(HASTY, another);
    const nobody = randomUUID();
    const text = ['offer,answer,reason,carrier,waybill', `${nobody},ACCEPTED,,,`, `${theirs},ACCEPTED,,,`, `${mine},PERHAPS,,,`, `${mine},SHIPPED,,sf,?`, `${mine},accepted,,,`, `${mine},ACCEPTED,,,`, `${mine},REFUSED,PRICE,,`, 'x,ACCEPTED', ''].join('\n');
    await sandbox.put(CALM, 'mixed.csv', text);
    await eventually(() => expect(said('OrderAllocated', foId)).toMatchObject({ warehouse: CALM }), SLOW);
    await eventually(async () => expect(await taken(CALM, 'mixed.csv')).toMatchObject([{ rows: 8, applied: 1, repeated: 1, refused: 6, parked: '', refusals: [{ row: 2, reason: 'NOT_FOUND' }, { row: 3, reason: 'NOT_FOUND' }, { row: 4, reason: 'BAD_REQUEST' }, { row: 5, reason: 'BAD_REQUEST' }, { row: 8, reason: 'OFFER_OVER' }, { row: 9, reason: 'NOT_FOUND' }] }]), SLOW);
    await isEmpty(CALM);
    const [rows] = await filesIn(CALM, '/answers/parked', 'mixed.csv');
    expect(rows!.text.split('\n')).toHaveLength(8);
    expect(rows!.text).toContain(`,${mine},SHIPPED,,sf,?`);
    expect((await filesIn(CALM, '/answers/done', 'mixed.csv'))[0]!.text).toBe(text);
    for (const [name, content, reason] of [['broken.csv', 'offer,answer\n"x,ACCEPTED\n', 'BAD_CSV'], ['other.csv', 'a,b\n1,2\n', 'BAD_CSV'], ['empty.csv', '', 'BAD_CSV'], ['large.csv', `offer,answer\n${'x'.repeat(1024 * 1024)}`, 'TOO_LARGE']] as const) {
      await sandbox.put(CALM, name, content);
      await eventually(async () => expect(await taken(CALM, name)).toMatchObject([{ rows: 0, parked: reason }]), SLOW);
      await isEmpty(CALM);
      const parked = await filesIn(CALM, '/answers/parked', name);
      expect(parked.map(({ text: kept }) => kept).toSorted((a, b) => a.length - b.length).some((kept) => kept === content)).toBe(true);
      expect(parked.some(({ path, text: why }) => path.endsWith('.reason.txt') && why.startsWith(reason))).toBe(true);
    }
  }, 180_000);

  it('ALC-08: what is withdrawn is told by a file, too', async () => {
    const sku = await offered(CALM);
    const foId = await ask(sku);
    const offer = await waiting(CALM, sku);
    await fleet.kafka.tell('flotilla.order.v1.FulfilmentCancelled', topics.order, [{ foId, reason: 'BUYER', shipped: [] }]);
    await eventually(async () => expect((await filesIn(CALM, '/orders', `${offer}.withdrawn.csv`)).map(({ text }) => text)).toEqual([`offer,sku,quantity\n${offer},${sku},2\n`]), SLOW);
    await sandbox.put(CALM, 'too-late.csv', `offer,answer\n${offer},ACCEPTED\n`);
    await eventually(async () => expect(await taken(CALM, 'too-late.csv')).toMatchObject([{ refused: 1, refusals: [{ row: 2, reason: 'OFFER_OVER' }] }]), SLOW);
    await sandbox.work(CALM);
  }, 120_000);

  it('ALC-08: a supplier that has taken the orders of its day is passed over for the next; one that accepted and does not send is overdue, and that ends when it sends', async () => {
    const sku = await offered(SMALL, CALM);
    // A day of the supplier takes 36 seconds: not at its end, or the second order would be of the next.
    await eventually(() => hourOfDay() < 8, SLOW);
    const [first, second] = [await ask(sku), await ask(sku)];
    const { late } = (await suppliers.get({ supplier: CALM })).figures!;
    await waiting(SMALL, sku);
    const passed = await waiting(CALM, sku);
    await eventually(async () => expect(await suppliers.get({ supplier: SMALL })).toMatchObject({ dailyOrders: 1, ordersToday: 1 }));
    await sandbox.work(CALM);
    const foId = await eventually(() => {
      const mine = [first, second].find((one) => said<{ warehouse: string } | undefined>('OrderAllocated', one)?.warehouse === CALM);
      expect(mine).toBeDefined();
      return mine!;
    }, SLOW);
    const parcelId = randomUUID();
    await release(foId, CALM, parcelId);
    // Two business hours: three seconds.
    await eventually(() => expect(said('SupplierOverdue', foId)).toMatchObject({ warehouse: CALM, lockId: passed, parcelId }), SLOW);
    await eventually(async () => expect((await suppliers.get({ supplier: CALM })).figures).toMatchObject({ overdue: 1, late: late + 1 }), SLOW);
    expect((await suppliers.get({ supplier: CALM })).figures!.predictedPunctuality).toBeLessThan(0.9);
    expect(await stock.get({ warehouse: CALM, sku })).toMatchObject({ confirmed: 2 });
    await sandbox.work(CALM);
    await eventually(() => expect(said('SupplierOverdueEnded', foId)).toMatchObject({ parcelId, by: 'SHIPPED' }), SLOW);
    await eventually(async () => expect((await suppliers.get({ supplier: CALM })).figures).toMatchObject({ overdue: 0, late: late + 1 }), SLOW);
  }, 180_000);
});
