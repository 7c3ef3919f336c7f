import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { allocation as api, topics, type Client } from '@flotilla/contracts';
import { freePorts } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import { request as anyRequest } from '../spec/examples.js';
import { csv, live, type Live } from '../spec/live.js';
import { wmsKey, wmsSandbox, wmsSecret, type WmsSandbox } from '../spec/wms-sandbox.js';
import { wmsLock } from './decide/wms/lock.decider.js';

const run = randomUUID().slice(0, 6);
const CLOUD = `cloud-${run}`;
const FILES = `files-${run}`;
const SLOW = { timeoutMs: 60_000 };

describe('warehouses whose ledger is a system outside', () => {
  let fleet: Live;
  let sandbox: WmsSandbox;
  let stock: Client<api.StockRpc>;
  let feeds: Client<api.StockFeedsRpc>;
  let catalogue: Client<api.CatalogueRpc>;
  let counter = 0;
  let sku = '';

  const ask = async (site: string, quantity = 1, priority = 0): Promise<string> => {
    const foId = randomUUID();
    await fleet.kafka.tell('flotilla.order.v1.AllocationRequested', topics.order, [anyRequest({ foId, lines: [{ sku, quantity }], orders: [], priority, excludedWarehouses: [CLOUD, FILES].filter((one) => one !== site) })]);
    return foId;
  };
  const told = (type: string, foId: string): Promise<unknown> => eventually(() => expect(fleet.kafka.told(type, [foId])).toHaveLength(1), SLOW);
  const ship = (foId: string, site: string): Promise<void> => fleet.kafka.tell('flotilla.carrier.v1.ParcelShipped', topics.parcel, [{ foId, parcelId: randomUUID(), warehouse: site, shippedAt: new Date().toISOString() }]);
  const cancel = (foId: string): Promise<void> => fleet.kafka.tell('flotilla.order.v1.FulfilmentCancelled', topics.order, [{ foId, reason: 'BUYER' }]);
  const level = (site: string) => stock.get({ warehouse: site, sku });
  const levelIs = (site: string, wanted: Partial<api.StockLevel>): Promise<unknown> => eventually(async () => expect(await level(site)).toMatchObject(wanted), SLOW);
  /** What is locked there is what is promised here, once per lock, and no call is open. */
  const agreed = (site: string): Promise<unknown> =>
    eventually(async () => {
      const { locks, shelves } = await sandbox.ledger(site);
      const ours = await fleet.service.ctx.store.folded(wmsLock, locks.map(({ id }) => id));
      for (const { id, state, times } of locks) {
        expect([id, times <= 1]).toEqual([id, true]);
        expect([id, ours.get(id)?.state.calling, ours.get(id)?.state.there]).toEqual([id, '', state]);
      }
      const { held, confirmed, free } = await level(site);
      expect([held + confirmed, free]).toEqual([shelves[sku]?.locked, (shelves[sku]?.physical ?? 0) - (shelves[sku]?.locked ?? 0)]);
    }, SLOW);

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    sandbox = await wmsSandbox(`http://127.0.0.1:${port}`);
    await sandbox.open(CLOUD, { careless: true });
    const files = await sandbox.open(FILES, { sftp: true, push: false });
    const targets = {
      [CLOUD]: { adapter: 'cloudwms', url: sandbox.url, key: wmsKey, secret: wmsSecret },
      [FILES]: { adapter: 'sftp3pl', host: '127.0.0.1', port: files.sftpPort, user: FILES, password: wmsSecret, hostKey: files.hostKey },
    };
    fleet = await live(`listener-${run}`, [topics.allocation, topics.lockReplies, topics.stock], {
      FLOTILLA_HTTP_PORT: String(port),
      FLOTILLA_WMS_TARGETS: JSON.stringify(targets), FLOTILLA_WMS_TIMEOUT_MS: '2000', FLOTILLA_WMS_FILES_SECONDS: '0.5',
    });
    stock = fleet.client(api.Stock);
    feeds = fleet.client(api.StockFeeds);
    catalogue = fleet.client(api.Catalogue);
    const warehouses = fleet.client(api.Warehouses);
    const sites = [CLOUD, FILES].map((site) => `${site},外仓,CN,广东省,广东省,WMS`);
    expect(await warehouses.import(csv('warehouse,name,country,province,serves,ledger', ...sites))).toMatchObject({ accepted: 2 });
  }, 120_000);

  beforeEach(async () => {
    await sandbox.calm();
    sku = `S${(counter += 1)}-${run}`;
    await catalogue.import(csv('sku,grams', `${sku},100`));
  });

  afterAll(async () => {
    await fleet?.stop();
    await sandbox?.close();
  }, 60_000);

  it('ALC-09: stock comes by push within seconds; an order is locked, confirmed and consumed there', async () => {
    await sandbox.receive(CLOUD, sku, 5);
    await levelIs(CLOUD, { onHand: 5, free: 5 });
    const fo = await ask(CLOUD, 2);
    await told('OrderAllocated', fo);
    expect((await sandbox.ledger(CLOUD)).shelves[sku]).toMatchObject({ physical: 5, locked: 2 });
    await ship(fo, CLOUD);
    await told('StockConsumed', fo);
    await levelIs(CLOUD, { onHand: 3, held: 0, confirmed: 0, free: 3 });
    const other = await ask(CLOUD, 3);
    await told('OrderAllocated', other);
    await cancel(other);
    await told('allocation.v1.StockReleased', other);
    await agreed(CLOUD);
    expect(await stock.import(csv('warehouse,sku,on_hand', `${CLOUD},${sku},9`))).toMatchObject({ refused: 1, errors: [{ reason: 'LEDGER_ELSEWHERE' }] });
    expect(fleet.kafka.heard.some(({ type, data }) => type.endsWith('.StockChanged') && (data as api.StockChanged).sku === sku && (data as api.StockChanged).free === 3)).toBe(true);
  }, 120_000);

  it('ALC-09: whatever the system does wrong, no order has two locks there, and all of them know in the end', async () => {
    await sandbox.receive(CLOUD, sku, 12);
    await levelIs(CLOUD, { free: 12 });
    for (const kind of ['timeout-after-effect', 'timeout-before-effect', 'error-500', 'error-500-after-effect', 'reset', 'slow']) {
      for (const operation of ['locks.put', 'locks.confirm', 'locks.consume', 'locks.release', 'locks.get']) await sandbox.fault({ kind, operation, ms: 2_500, probability: 0.06 });
    }
    await sandbox.fault({ kind: 'duplicate', operation: 'stock.push', probability: 0.2 });
    await sandbox.fault({ kind: 'reorder', operation: 'stock.push', probability: 0.2 });
    await sandbox.fault({ kind: 'drop', operation: 'stock.push', probability: 0.1 });
    const orders = await Promise.all(Array.from({ length: 10 }, () => ask(CLOUD)));
    await Promise.all(orders.slice(0, 3).map(cancel));
    await eventually(() => expect(orders.slice(3).filter((fo) => fleet.kafka.told('OrderAllocated', [fo]).length > 0)).toHaveLength(7), { timeoutMs: 120_000 });
    await Promise.all(orders.slice(3, 6).map((fo) => ship(fo, CLOUD)));
    await sandbox.calm();
    await eventually(() => expect(orders.slice(3, 6).filter((fo) => fleet.kafka.told('StockConsumed', [fo]).length > 0)).toHaveLength(3), { timeoutMs: 120_000 });
    await agreed(CLOUD);
    expect(await level(CLOUD)).toMatchObject({ onHand: 9, held: 0, confirmed: 4, free: 5 });
  }, 300_000);

  it('ALC-09: a refusal leads elsewhere, and the forecast to what is there', async () => {
    await sandbox.receive(CLOUD, sku, 2);
    await levelIs(CLOUD, { free: 2 });
    await sandbox.fault({ kind: 'refuse', operation: 'locks.put' });
    const fo = await ask(CLOUD);
    await told('OrderBackordered', fo);
    expect((await level(CLOUD)).free).toBe(0);
    await sandbox.receive(CLOUD, sku, 1);
    await told('OrderAllocated', fo);
    await agreed(CLOUD);
  }, 120_000);

  it('ALC-09: goods that turn out to be missing displace an order, here and there', async () => {
    await sandbox.receive(CLOUD, sku, 2);
    await levelIs(CLOUD, { free: 2 });
    const vip = await ask(CLOUD, 1, 5);
    await told('OrderAllocated', vip);
    const ordinary = await ask(CLOUD);
    await told('OrderAllocated', ordinary);
    await sandbox.receive(CLOUD, sku, -1);
    await eventually(() => expect(fleet.kafka.told('StockDisplaced', [vip, ordinary]).map(({ data }) => data)).toEqual([{ foId: ordinary, warehouse: CLOUD, missing: [{ sku, quantity: 1 }] }]), SLOW);
    await agreed(CLOUD);
    expect(await level(CLOUD)).toMatchObject({ onHand: 1, confirmed: 1, free: 0 });
  }, 120_000);

  it('ALC-09: a push that never came is noticed, and the whole list is fetched', async () => {
    await sandbox.receive(CLOUD, sku, 3);
    await levelIs(CLOUD, { free: 3 });
    await sandbox.fault({ kind: 'drop', operation: 'stock.push' });
    await sandbox.receive(CLOUD, sku, 4);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const other = `O${counter}-${run}`;
    await catalogue.import(csv('sku,grams', `${other},100`));
    await sandbox.receive(CLOUD, other, 1);
    await levelIs(CLOUD, { free: 7 });
    await eventually(async () => expect((await feeds.listReports({ warehouse: CLOUD })).reports.some(({ differing }) => differing > 0)).toBe(true), SLOW);
  }, 120_000);

  it('ALC-09: an unsigned or forged push changes nothing, nor does one older than what is known', async () => {
    await sandbox.receive(CLOUD, sku, 3);
    await levelIs(CLOUD, { free: 3 });
    const body = JSON.stringify({ meaning: 'PHYSICAL', items: [{ sku, quantity: 99, position: 999_999 }] });
    const send = (site: string, headers: Record<string, string>): Promise<Response> => fetch(`${fleet.service.http}/v1/warehouses/${site}/stock`, { method: 'POST', body, headers });
    for (const site of [CLOUD, FILES, 'nowhere']) expect((await send(site, {})).status).toBe(401);
    expect((await send(CLOUD, { 'webhook-id': 'm', 'webhook-timestamp': String(Math.floor(Date.now() / 1_000)), 'webhook-signature': 'v1,Zm9yZ2Vk' })).status).toBe(401);
    const figure = { sku, quantity: 1, unsellable: 0, position: 0, difference: false, previous: 0 };
    expect(await feeds.push({ warehouse: CLOUD, meaning: 'PHYSICAL', sequence: 0, figures: [figure, { ...figure, sku: 'NOBODY' }] })).toMatchObject({ applied: 0, older: 1, unknownSkus: ['NOBODY'] });
    const { position } = (await sandbox.ledger(CLOUD)).shelves[sku]!;
    expect(await feeds.push({ warehouse: CLOUD, meaning: 'PHYSICAL', sequence: 0, figures: [{ ...figure, quantity: 2, difference: true, previous: position + 5, position: position + 6 }] })).toMatchObject({ applied: 0, gaps: [sku] });
    expect(await feeds.push({ warehouse: CLOUD, meaning: 'PHYSICAL', sequence: 0, figures: [{ ...figure, quantity: 2, difference: true, previous: position, position: position + 1 }] })).toMatchObject({ applied: 1, gaps: [] });
    expect((await level(CLOUD)).free).toBe(5);
    await expect(feeds.push({ warehouse: 'nowhere', meaning: 'PHYSICAL', sequence: 0, figures: [] })).rejects.toThrow('no warehouse');
    await expect(feeds.push({ warehouse: CLOUD, meaning: 'ABOUT', sequence: 0, figures: [] })).rejects.toThrow('PHYSICAL or SELLABLE');
  }, 120_000);

  it('ALC-09: a full list is compared with in-flight locks netted: shown in a dry run, applied after it, and kept as a report', async () => {
    await sandbox.receive(CLOUD, sku, 6);
    await levelIs(CLOUD, { free: 6 });
    const fo = await ask(CLOUD, 2);
    await told('OrderAllocated', fo);
    const { position } = (await sandbox.ledger(CLOUD)).shelves[sku]!;
    await ship(fo, CLOUD);
    await told('StockConsumed', fo);
    await agreed(CLOUD);
    const other = await ask(CLOUD, 3);
    await told('OrderAllocated', other);
    const list = (physical: number, at: number, dryRun: boolean) => feeds.reconcile([{ warehouse: CLOUD, meaning: 'PHYSICAL', position: at, dryRun, data: Buffer.from(`sku,quantity\n${sku},${physical}\nNOBODY,1\n${sku},1\n,1\n`) }]);
    // Older than what the pushes have told: neither compared nor applied.
    expect(await list(6, position, true)).toMatchObject({ rows: 4, refused: 3, errors: [{ row: 5, reason: 'UNKNOWN_SKU' }, { row: 3, reason: 'UNKNOWN_SKU' }, { row: 4, reason: 'BAD_REQUEST' }] });
    const at = (await sandbox.ledger(CLOUD)).position;
    const dry = await list(2, at, true);
    expect(dry.differences.find((one) => one.sku === sku)).toEqual({ sku, ours: 4, theirs: 2, inFlight: 0, difference: -2, applied: false, displaced: 0 });
    expect(await level(CLOUD)).toMatchObject({ onHand: 4, confirmed: 3, free: 1 });
    const real = await list(2, at, false);
    expect(real.differences.find((one) => one.sku === sku)).toEqual({ sku, ours: 4, theirs: 2, inFlight: 0, difference: -2, applied: true, displaced: 1 });
    await eventually(() => expect(fleet.kafka.told('StockDisplaced', [other]).map(({ data }) => (data as api.StockDisplaced).missing)).toEqual([[{ sku, quantity: 1 }]]), SLOW);
    await eventually(async () => expect((await feeds.getReport({ reportId: real.reportId })).differences.find((one) => one.sku === sku)).toMatchObject({ difference: -2, applied: true, displaced: 1 }), SLOW);
    expect((await feeds.listReports({ warehouse: CLOUD, page: { size: 1, token: '' } })).reports).toHaveLength(1);
    await expect(feeds.getReport({ reportId: 'none' })).rejects.toThrow('NOT_FOUND');
  }, 120_000);

  it('ALC-09: files: stock is read with its time, locks are written, goods are taken when the file was worked in, malformed ones are parked whole', async () => {
    await sandbox.receive(FILES, sku, 3);
    await sandbox.work(FILES);
    await levelIs(FILES, { onHand: 3, free: 3 });
    const [shipped, cancelled] = [await ask(FILES, 2), await ask(FILES, 1)];
    await told('OrderAllocated', shipped);
    await told('OrderAllocated', cancelled);
    await cancel(cancelled);
    await told('allocation.v1.StockReleased', cancelled);
    await ship(shipped, FILES);
    await eventually(async () => expect((await sandbox.files(FILES)).some(({ path }) => /^\/in\/[^/]+\.ship\.csv$/.test(path))).toBe(true), SLOW);
    await sandbox.work(FILES);
    await told('StockConsumed', shipped);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // files have seconds: a list of the same one would be taken to be older
    await sandbox.work(FILES);
    await agreed(FILES);
    expect(await level(FILES)).toMatchObject({ onHand: 1, free: 1 });
    await sandbox.put(FILES, 'stock-broken.csv', `as_of,meaning,sku,quantity\n${new Date().toISOString()},PHYSICAL,${sku},77\n${new Date().toISOString()},PHYSICAL,${sku},many\n`);
    await eventually(async () => expect((await sandbox.files(FILES)).map(({ path }) => path)).toContain('/out/parked/stock-broken.csv'), SLOW);
    expect((await sandbox.files(FILES)).find(({ path }) => path === '/out/parked/stock-broken.csv.reason.txt')?.text).toBe('BAD_QUANTITY: row 3: "many" is not a whole number from 0\n');
    expect(await level(FILES)).toMatchObject({ onHand: 1, free: 1 });
    expect((await sandbox.files(FILES)).filter(({ path }) => /^\/out\/[^/]+$/.test(path))).toEqual([]);
  }, 120_000);

  it('ALC-09: a lock file that is rejected over there takes the promise back', async () => {
    await sandbox.receive(FILES, sku, 2);
    await sandbox.work(FILES);
    await levelIs(FILES, { free: 2 });
    const fo = await ask(FILES, 2);
    await told('OrderAllocated', fo);
    await sandbox.receive(FILES, sku, -1); // gone before the file was worked in
    expect(await sandbox.work(FILES)).toContainEqual(expect.stringMatching(/^rejected .+\.lock\.csv$/));
    await eventually(() => expect(fleet.kafka.told('StockDisplaced', [fo])).toHaveLength(1), SLOW);
  }, 120_000);
});
