import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, parseMessage, topics, tracking as api, type carrier, type Client, type MessageName } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, eventually } from '@flotilla/testing';
import { blindIndex, pickupCode } from '@flotilla/values';
import { pushForm, startWorld, type Route, type World } from '../spec/world.js';
import type { Provenance } from './query/provenance.js';
import { tracking } from './tracking.service.js';

const rate = 3_600;
const run = String(Date.now()).slice(-9);
const phone = '+8613800138000';

describe('tracking on real Postgres and Kafka', () => {
  let world: World;
  let bus: Bus;
  let service: Running;
  let shipments: Client<api.ShipmentsRpc>;
  let settings: Client<api.BuyerSettingsRpc>;
  let told: Client<api.FeedbackRpc>;
  let db: Awaited<ReturnType<typeof database>>;
  const said: { type: string; key: string; data: api.MilestoneReached & api.NoticeSettled }[] = [];
  let n = 0;

  const tell = (type: string, data: { readonly parcelId: string; readonly foId: string }): Promise<void> => tellOn(topics.parcel, type, data.foId, data);
  const tellOn = (topic: string, type: string, key: string, data: object): Promise<void> =>
    bus.publish([
      {
        topic,
        key,
        value: JSON.stringify(data),
        headers: { ce_specversion: '1.0', ce_id: `${randomUUID()}/0`, ce_source: `${type}-${key}`, ce_type: type, ce_time: new Date().toISOString(), sequence: String((n += 1)), correlation: 'c', causation: 'c', chainhash: 'ab', 'content-type': 'application/json' },
      },
    ]);

  const parcel = (waybill: string, over: Partial<carrier.ParcelShipped> = {}): carrier.ParcelShipped => {
    const subject = randomUUID();
    const index = blindIndex(Buffer.from(world.env['FLOTILLA_INDEX_KEY'] ?? '', 'base64'), 'phone', phone);
    return parseMessage('flotilla.carrier.v1.ParcelShipped', {
      parcelId: randomUUID(), foId: randomUUID(), carrier: 'sf', service: 'STANDARD', warehouse: 'SZ1', waybill, shippedAt: service.ctx.clock.business().toISOString(), number: `#${waybill.slice(2)}`,
      orders: [{ orderId: randomUUID(), channel: 'shopify-demo', channelOrderId: '1', lines: [] }],
      shipTo: { country: 'CN', province: '浙江省', city: '杭州市', phoneIndex: index },
      buyer: { subject, email: world.sealFor(subject, `${waybill.toLowerCase()}@example.org`), phoneIndex: index, locale: 'zh-CN' },
      items: [{ sku: 'TEA', name: '西湖龙井', quantity: 2, grams: 250 }], freight: { amount: 1200, currency: 'CNY' }, ...over,
    });
  };
  const ship = async (shipped: carrier.ParcelShipped): Promise<void> => {
    await tell('flotilla.carrier.v1.ParcelShipped', shipped);
    await eventually(async () => expect((await shipments.get({ parcelId: shipped.parcelId })).shippedAt).not.toBe(''));
  };
  const push = (body: URLSearchParams): Promise<Response> => fetch(`${service.http}/v1/sources/sf/routes`, { method: 'POST', body });
  const route = (mailno: string, hour: number, opCode: string, remark: string): Route & { mailno: string } => ({ mailno, acceptTime: `2026-11-21 ${String(hour).padStart(2, '0')}:00:00`, acceptAddress: '深圳市', opCode, remark });
  const milestones = (parcelId: string): readonly string[] => said.flatMap(({ type, data }) => (type.endsWith('MilestoneReached') && data.parcelId === parcelId ? [data.milestone] : []));
  const outcomes = (parcelId: string): readonly string[] => said.flatMap(({ type, data }) => (type.endsWith('NoticeSettled') && data.parcelId === parcelId ? [`${data.kind} ${data.outcome}`] : []));

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    [db, world] = await Promise.all([database(servers.postgresUrl), startWorld()]);
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    service = await startForTest(tracking, {
      FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_CLOCK: `${Date.now()}@${rate}`, ...world.env,
    });
    shipments = connect(api.Shipments, service.grpc);
    settings = connect(api.BuyerSettings, service.grpc);
    told = connect(api.Feedback, service.grpc);
    await bus.subscribe(`tracking-spec-${run}`, [topics.tracking], {
      assigned: (all) => Promise.resolve(new Map(all.map((at) => [partitionName(at), { at: 0 }]))),
      take: (batch) => {
        for (const { key, value, headers } of batch.records) said.push({ type: headers['ce_type'] ?? '', key, data: JSON.parse(value?.toString('utf8') ?? '{}') as never });
        return Promise.resolve({ at: (batch.records.at(-1)?.offset ?? -1) + 1 });
      },
    });
  }, 60_000);

  afterAll(async () => {
    for (const client of [shipments, settings, told]) client?.close();
    await service?.stop();
    await bus?.close();
    await world?.stop();
    await db?.drop();
  }, 60_000);

  it('TRK-01: scans pushed before and after the parcel is known become milestones, each once', async () => {
    const waybill = `SF1${run}001`;
    const first = route(waybill, 10, '50', '顺丰速运 已收取快件');
    expect((await push(pushForm([first], 'wrong'))).status).toBe(401);
    const answer = await push(pushForm([first, route(waybill, 12, '9876', '闻所未闻')]));
    expect([answer.status, await answer.text()]).toEqual([200, '{"return_code":"0000","return_msg":"success"}']);
    const shipped = parcel(waybill);
    await ship(shipped);
    await push(pushForm([first, route(waybill, 14, '204', '快件交给王小明,正在派送途中(联系电话:13900001111)'), route(waybill, 16, '80', '已签收')]));
    await eventually(() => expect(milestones(shipped.parcelId)).toEqual(['MILESTONE_PICKED_UP', 'MILESTONE_OUT_FOR_DELIVERY', 'MILESTONE_DELIVERED']));
    expect(said.find(({ data }) => data.parcelId === shipped.parcelId)).toMatchObject({ key: shipped.foId, type: 'flotilla.tracking.v1.MilestoneReached', data: { occurredAt: '2026-11-21T02:00:00.000Z', place: '深圳市', orders: shipped.orders } });
    const found = await eventually(async () => {
      const one = await shipments.get({ waybill });
      expect(one.milestone).toBe('MILESTONE_DELIVERED');
      return one;
    });
    expect(found.scans.map(({ code }) => code)).toEqual(['50', '9876', '204', '80']);
    expect(JSON.stringify(found)).not.toMatch(/王小明|13900001111/);
    expect((await shipments.list({ milestone: 'MILESTONE_DELIVERED' })).shipments.map(({ parcelId }) => parcelId)).toContain(shipped.parcelId);
    await expect(shipments.get({ waybill: 'SF0000000000000' })).rejects.toMatchObject({ code: 5 });
  }, 30_000);

  it('TRK-01: asks for shipments without news, ten in a call, until they are at their end', async () => {
    const waybills = Array.from({ length: 12 }, (_, at) => `SF2${run}${String(at).padStart(3, '0')}`);
    for (const waybill of waybills) world.routes.set(waybill, [route(waybill, 10, '50', '已收取'), route(waybill, 18, '80', '已签收')]);
    const parcels = waybills.map((waybill) => parcel(waybill));
    await Promise.all(parcels.map(ship));
    await eventually(() => parcels.forEach(({ parcelId }) => expect(milestones(parcelId)).toEqual(['MILESTONE_PICKED_UP', 'MILESTONE_DELIVERED'])), { timeoutMs: 20_000 });
    expect(Math.max(...world.asked.map((asked) => asked.length))).toBeLessThanOrEqual(10);
    await eventually(async () => expect((await db.pool.query('SELECT FROM read.poll WHERE waybill = ANY ($1)', [waybills])).rowCount).toBe(0));
  }, 40_000);

  it('TRK-06: says what is wrong with a parcel: by a scan, and by a day of silence; a scan ends the silence', async () => {
    const troubles = (parcelId: string): readonly string[] => said.flatMap(({ type, data }) => (data.parcelId === parcelId && /Trouble/.test(type) ? [`${type.split('.').at(-1)} ${(data as unknown as { trouble: string }).trouble}`] : []));
    const [failing, silent] = [`SF5${run}001`, `SF5${run}002`];
    const [one, two] = [parcel(failing), parcel(silent)];
    await Promise.all([ship(one), ship(two)]);
    await push(pushForm([route(failing, 10, '70', '快件派送不成功(原因:收方客户不在)'), route(failing, 11, '204', '正在派送途中')]));
    await push(pushForm([route(failing, 12, '70', '快件派送不成功(原因:地址不详)')]));
    await eventually(() => expect(troubles(one.parcelId)).toEqual(['ShipmentTroubled FAILED_ATTEMPT', 'TroubleEnded FAILED_ATTEMPT', 'ShipmentTroubled FAILED_ATTEMPT']));
    const listed = async () => (await shipments.list({ troubled: true, carrier: 'sf' })).shipments.filter(({ waybill }) => [failing, silent].includes(waybill)).map(({ waybill, troubles: open }) => [waybill, open.map(({ trouble }) => trouble)]);
    await eventually(async () => expect(await listed()).toEqual([[failing, ['FAILED_ATTEMPT']]]));
    expect((await shipments.get({ waybill: failing })).troubles).toMatchObject([{ trouble: 'FAILED_ATTEMPT', since: expect.stringMatching(/Z$/) }]);
    await eventually(() => expect(troubles(two.parcelId)).toEqual(['ShipmentTroubled NO_PICKUP']), { timeoutMs: 45_000 });
    await push(pushForm([route(silent, 10, '50', '已收取')]));
    await eventually(() => expect(troubles(two.parcelId)).toEqual(['ShipmentTroubled NO_PICKUP', 'TroubleEnded NO_PICKUP']));
    // Of the other one nothing is heard either, and a day of the spec's clock is soon over.
    await eventually(async () => expect(await listed()).toEqual([[failing, expect.arrayContaining(['FAILED_ATTEMPT'])]]));
    expect((await shipments.list({ troubled: true, carrier: 'none' })).shipments).toEqual([]);
  }, 80_000);

  it('TRK-05: writes to the buyer once per milestone, tries once more when told to come later, and says how it ended', async () => {
    const waybill = `SF3${run}001`;
    const address = `${waybill.toLowerCase()}@example.org`;
    world.refusals.set(address, 1);
    const shipped = parcel(waybill);
    await ship(shipped);
    await eventually(() => expect(outcomes(shipped.parcelId)).toEqual(['SHIPPED ACCEPTED']), { timeoutMs: 20_000 });
    const mails = (): World['mails'] => world.mails.filter(({ to }) => to.includes(address));
    expect(mails()).toHaveLength(1);
    // The read model and the topic follow the log each on its own.
    const { pageUrl, notices } = await eventually(async () => {
      const got = await shipments.get({ parcelId: shipped.parcelId });
      expect(got.notices).toEqual([{ noticeId: expect.any(String), kind: 'SHIPPED', medium: 'EMAIL', state: 'ACCEPTED' }]);
      return got;
    });
    expect(mails()[0]?.raw).toContain(`Message-ID: <${notices[0]?.noticeId}@notices.flotilla>`);
    expect(mails()[0]?.raw.replace(/=\r?\n/g, '')).toContain(new URL(pageUrl).pathname);
    world.refusals.set(address, 9);
    await push(pushForm([route(waybill, 11, '80', '已签收')]));
    await eventually(() => expect(outcomes(shipped.parcelId)).toEqual(['SHIPPED ACCEPTED', 'DELIVERED FAILED']), { timeoutMs: 20_000 });
    const nobody = parcel(`SF3${run}002`, { buyer: { subject: '', email: '', phone: '', emailIndex: '', phoneIndex: '', locale: '' } });
    await ship(nobody);
    await eventually(() => expect(outcomes(nobody.parcelId)).toEqual(['SHIPPED NO_ADDRESS']));
    const { rows } = await db.pool.query<{ text: string }>(`SELECT string_agg(data::text, '') AS text FROM es.event`);
    expect(rows[0]?.text).not.toContain('@example.org');
  }, 60_000);

  it('TRK-05: the buyer says once what is to become of a parcel that could not be delivered, and once how it went; people see both, nothing typed stands in clear', async () => {
    const waybill = `SF8${run}001`;
    const shipped = parcel(waybill);
    await ship(shipped);
    const { parcelId } = shipped;
    const path = new URL((await shipments.get({ parcelId })).pageUrl).pathname;
    const page = async (): Promise<string> => (await fetch(`${service.http}${path}?lang=en`)).text();
    const answer = async (what: string, form: Record<string, string>, token = path): Promise<number> => (await fetch(`${service.http}${token}/${what}?lang=en`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })).status;
    const of = (type: string): readonly Record<string, unknown>[] => said.flatMap((one) => (one.type === `flotilla.tracking.v1.${type}` && one.data.parcelId === parcelId ? [one.data as unknown as Record<string, unknown>] : []));
    expect(await page()).not.toContain('<form');
    expect(await answer('choice', { choice: 'KEEP' })).toBe(303);
    expect(await answer('feedback', { rating: '5' })).toBe(303);
    await push(pushForm([route(waybill, 10, '70', '快件派送不成功(原因:地址不详)')]));
    await eventually(async () => expect(await page()).toContain('What shall become of it?'));
    const address = '上海市长宁区延安西路1号 李雷 13700001111';
    for (const wrong of [{ choice: 'BURN' }, { choice: 'FORWARD' }, { choice: 'FORWARD', address: 'x'.repeat(301) }, {}] as Record<string, string>[]) expect(await answer('choice', wrong)).toBe(400);
    expect(await answer('choice', { choice: 'KEEP' }, `${path.slice(0, -2)}AA`)).toBe(404);
    expect(await answer('choice', { choice: 'FORWARD', address })).toBe(303);
    expect(await answer('choice', { choice: 'RETURN' })).toBe(303);
    await eventually(() => expect(of('BuyerChose')).toMatchObject([{ choice: 'FORWARD', trouble: 'FAILED_ATTEMPT', time: 1, orders: shipped.orders }]));
    expect((await shipments.get({ parcelId })).choices).toMatchObject([{ choice: 'FORWARD', address }]);
    expect(await page()).toContain('You asked for it to be forwarded.');

    await push(pushForm([route(waybill, 14, '80', '已签收')]));
    await eventually(async () => expect(await page()).toContain('How was the delivery?'));
    expect(await answer('feedback', { rating: '6' })).toBe(400);
    expect(await answer('feedback', { rating: '2', words: '太慢了，打13700001111也没人接' })).toBe(303);
    // Ten a minute for one parcel.
    expect(await answer('feedback', { rating: '5' })).toBe(429);
    await eventually(() => expect(of('FeedbackGiven')).toMatchObject([{ rating: 2, warehouse: 'SZ1' }]));
    const given = await eventually(async () => {
      const { feedback } = await told.list({ maxRating: 2 });
      expect(feedback).toHaveLength(1);
      return feedback[0];
    });
    expect(given).toMatchObject({ parcelId, waybill, rating: 2, words: '太慢了，打13700001111也没人接', warehouse: 'SZ1' });
    expect((await told.list({ maxRating: 1 })).feedback).toEqual([]);
    expect(await page()).toContain('Thank you for telling us.');
    const { rows } = await db.pool.query<{ text: string }>(`SELECT string_agg(data::text, '') || (SELECT string_agg(words, '') FROM read.feedback) AS text FROM es.event`);
    expect(rows[0]?.text).not.toMatch(/13700001111|李雷|太慢了/);
    expect(JSON.stringify([of('BuyerChose'), of('FeedbackGiven')])).not.toMatch(/13700001111|李雷|太慢了/);
  }, 60_000);

  it('TRK-05, TRK-04: what buyers are told and who may show their pages is put version by version; accepted, picked and packed are told then', async () => {
    const [subject, orderId, parcelId] = [randomUUID(), randomUUID(), randomUUID()];
    const address = `steps-${run}@example.org`;
    const buyer = { subject, email: world.sealFor(subject, address), locale: 'en' };
    const about = { foId: orderId, parcelId, warehouse: 'SZ1', wave: 'W1' };
    const placed = parseMessage('flotilla.order.v1.OrderPlaced', { orderId, number: '#7001', buyer, shipTo: { country: 'US' } });
    const embed = async (query: string): Promise<string> => (await fetch(`${service.http}/track${query}`)).headers.get('content-security-policy')?.split('; ').at(-1) ?? '';
    await expect(settings.put({ requestId: `s-${run}-1`, notices: ['SHIPPED'], embedIn: [], provenance: false, warehouseNames: [] })).rejects.toMatchObject({ code: 3 });
    expect((await settings.get({ version: 0 })).version).toBe(0);
    const put = await settings.put({ requestId: `s-${run}-2`, notices: ['ACCEPTED', 'PICKING', 'PACKED', 'SHIPPED', 'OUT_FOR_DELIVERY', 'READY_FOR_PICKUP', 'DELIVERED', 'EXCEPTION'], embedIn: ['https://shop.example'], provenance: false, warehouseNames: [] });
    expect([put.version, (await settings.get({ version: 1 })).embedIn]).toEqual([1, ['https://shop.example']]);
    expect([await embed('?embed=1'), await embed('')]).toEqual(['frame-ancestors https://shop.example', "frame-ancestors 'none'"]);
    const subjects = (): readonly string[] => world.mails.filter(({ to }) => to.includes(address)).map(({ raw }) => /^Subject: (.*)$/m.exec(raw)?.[1] ?? '');
    await tellOn(topics.order, 'flotilla.order.v1.OrderPlaced', orderId, placed);
    await tellOn(topics.order, 'flotilla.order.v1.OrderApproved', orderId, parseMessage('flotilla.order.v1.OrderApproved', { orderId, approvedAt: '2026-11-21T09:00:00.000Z' }));
    await eventually(() => expect(subjects()).toEqual(['Your order #7001 is confirmed']), { timeoutMs: 20_000 });
    await tellOn(topics.order, 'flotilla.order.v1.FulfilmentReleased', orderId, parseMessage('flotilla.order.v1.FulfilmentReleased', { foId: orderId, parcelId, number: '#7001', buyer, shipTo: { country: 'US' }, orders: [{ orderId }] }));
    await tellOn(topics.allocation, 'flotilla.allocation.v1.PickingStarted', orderId, parseMessage('flotilla.allocation.v1.PickingStarted', { ...about, at: '2026-11-21T10:00:00.000Z' }));
    await eventually(() => expect(subjects()).toHaveLength(2), { timeoutMs: 20_000 });
    await tellOn(topics.allocation, 'flotilla.allocation.v1.ParcelPacked', orderId, parseMessage('flotilla.allocation.v1.ParcelPacked', { ...about, packedAt: '2026-11-21T11:00:00.000Z' }));
    await eventually(() => expect(subjects()).toEqual(['Your order #7001 is confirmed', 'Your order #7001 is being picked', 'Your order #7001 is packed']), { timeoutMs: 20_000 });
    await ship(parcel(`SF9${run}001`, { parcelId, foId: orderId, orders: [{ orderId, channel: 'shopify-demo', channelOrderId: '1', lines: [] }] }));
    await eventually(async () => expect((await shipments.get({ parcelId })).notices.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['ACCEPTED ACCEPTED', 'PICKING ACCEPTED', 'PACKED ACCEPTED', 'SHIPPED ACCEPTED']), { timeoutMs: 20_000 });
    expect(said.filter(({ data }) => data.kind === ('ACCEPTED' as never)).map(({ key }) => key)).toEqual([orderId]);
  }, 90_000);

  it('ORD-12: where the shop shows it, the page says where the parcel comes from, with the fingerprint of each event, and gives the whole as JSON', async () => {
    const [orderId, parcelId, waybill] = [randomUUID(), randomUUID(), `SFA${run}001`];
    const shipped = parcel(waybill, { parcelId, foId: orderId, orders: [{ orderId, channel: 'shopify-demo', channelOrderId: '1', lines: [] }] });
    const all = { notices: ['READY_FOR_PICKUP'], embedIn: [] };
    await settings.put({ requestId: `p-${run}-1`, ...all, provenance: true, warehouseNames: [{ warehouse: 'SZ1', zh: '深圳', en: 'Shenzhen' }] });
    const about = { foId: orderId, parcelId, warehouse: 'SZ1' };
    const say = (topic: string, name: string, data: object): Promise<void> => tellOn(topic, `flotilla.${name}`, orderId, parseMessage(`flotilla.${name}` as MessageName, data));
    await say(topics.order, 'order.v1.OrderPlaced', { orderId, number: '#8001', placedAt: '2026-11-21T08:00:00.000Z', buyer: shipped.buyer, shipTo: shipped.shipTo });
    await say(topics.order, 'order.v1.OrderPaid', { orderId, paidAt: '2026-11-21T08:05:00.000Z', amount: { amount: 3500, currency: 'CNY' } });
    await say(topics.order, 'order.v1.FulfilmentReleased', { ...about, orders: shipped.orders, buyer: shipped.buyer, shipTo: shipped.shipTo });
    await say(topics.allocation, 'allocation.v1.ParcelPacked', { ...about, wave: 'W1', packedAt: '2026-11-21T09:00:00.000Z' });
    await ship(shipped);
    await push(pushForm([route(waybill, 18, '80', '已签收')]));
    const path = new URL((await shipments.get({ parcelId })).pageUrl).pathname;
    const found = await eventually(async () => {
      const answer = await fetch(`${service.http}${path}/provenance.json`);
      const one = (await answer.json()) as Provenance;
      expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-robots-tag'), one.steps?.map(({ step }) => step)]).toEqual([200, 'application/json; charset=utf-8', 'noindex, nofollow', ['PLACED', 'PAID', 'RELEASED', 'PACKED', 'SHIPPED', 'MILESTONE_DELIVERED']]);
      return one;
    });
    expect(found).toMatchObject({ format: 'flotilla.provenance.v1', parcelId, orders: [orderId], carrier: 'sf', waybill });
    expect(found.steps.slice(0, 5).map(({ event }) => [event?.stream, event?.hash])).toEqual(['order.v1.OrderPlaced', 'order.v1.OrderPaid', 'order.v1.FulfilmentReleased', 'allocation.v1.ParcelPacked', 'carrier.v1.ParcelShipped'].map((name) => [`flotilla.${name}-${orderId}`, 'ab']));
    const own = (await service.ctx.store.read(`shipment-sf.${waybill}`)).find(({ type }) => type === 'MilestoneReached')!;
    expect(found.steps[5]).toEqual({ step: 'MILESTONE_DELIVERED', at: '2026-11-21T10:00:00.000Z', detail: '深圳市', event: { stream: own.stream, version: own.version, id: own.id, hash: own.hash } });
    const page = async (language: string): Promise<string> => (await fetch(`${service.http}${path}?lang=${language}`)).text();
    const [english, chinese] = [await page('en'), await page('zh')];
    for (const part of ['Where it comes from', 'Being prepared in Shenzhen', `<code>${own.hash.slice(0, 4)} `, `${path}/provenance.json`]) expect(english).toContain(part);
    expect(chinese).toContain('由深圳备货');
    expect(JSON.stringify(found)).not.toMatch(/浙江省|杭州市|amount|CNY|sealed\.v1|example\.org|#8001/);
    expect((await fetch(`${service.http}${path.slice(0, -2)}AA/provenance.json`)).status).toBe(404);
    // The shop shows it no more: neither does the page, of parcels of which it was kept.
    await settings.put({ requestId: `p-${run}-2`, ...all, provenance: false, warehouseNames: [] });
    const gone = await fetch(`${service.http}${path}/provenance.json`);
    expect([gone.status, gone.headers.get('content-type')?.split(';')[0]]).toEqual([404, 'application/problem+json']);
    expect(await page('en')).not.toContain('Where it comes from');
  }, 60_000);

  it('ALC-12: staff record what waits in the store; the buyer is told the code and the place, and only that code hands it over', async () => {
    const waybill = `FL${run.padStart(20, '0')}`;
    const shipped = parcel(waybill, { carrier: 'own', service: 'PICKUP', pickupPlace: '南山店\n广东省深圳市南山区深南大道9668号' });
    await ship(shipped);
    const { parcelId } = shipped;
    const code = pickupCode(Buffer.from(world.env['FLOTILLA_INDEX_KEY'] ?? '', 'base64'), parcelId);
    const record = (milestone: api.Milestone, requestId: string, code_ = '') => shipments.record({ requestId, carrier: 'own', waybill, milestone, place: '南山店', note: '', pickupCode: code_ });
    const ready = await record('MILESTONE_READY_FOR_PICKUP', `ready-${run}`);
    expect(ready).toMatchObject({ parcelId, milestone: 'MILESTONE_READY_FOR_PICKUP', scans: [{ code: 'READY_FOR_PICKUP', place: '南山店' }] });
    expect((await record('MILESTONE_READY_FOR_PICKUP', `ready-${run}`)).scans).toHaveLength(1);
    await eventually(() => expect(outcomes(parcelId)).toEqual(['READY_FOR_PICKUP ACCEPTED']), { timeoutMs: 20_000 });
    await eventually(() => expect(milestones(parcelId)).toEqual(['MILESTONE_READY_FOR_PICKUP']));
    const page = async (): Promise<string> => (await fetch(`${service.http}${new URL(ready.pageUrl).pathname}?lang=en`)).text();
    await eventually(async () => expect(await page()).toContain(`Show the pickup code ${code} in the store: 南山店`));

    const wrong = code === '000000' ? '111111' : '000000';
    for (const shown of ['', wrong, `${code}0`]) await expect(record('MILESTONE_DELIVERED', `wrong-${run}-${shown}`, shown)).rejects.toMatchObject({ code: 7 });
    await expect(record('MILESTONE_DELIVERED', `wrong-${run}-`)).rejects.toMatchObject({ code: 7 });
    await expect(record('MILESTONE_DELIVERED', '', code)).rejects.toMatchObject({ code: 3 });
    await expect(shipments.record({ requestId: 'r', carrier: 'sf', waybill, milestone: 'MILESTONE_DELIVERED', place: '', note: '', pickupCode: '' })).rejects.toMatchObject({ code: 3 });
    expect((await record('MILESTONE_DELIVERED', `collected-${run}`, `${code.slice(0, 3)} ${code.slice(3)}`)).deliveredAt).not.toBe('');
    await eventually(() => expect(milestones(parcelId)).toEqual(['MILESTONE_READY_FOR_PICKUP', 'MILESTONE_DELIVERED']));
    await eventually(async () => expect(await page()).not.toContain(code));
    expect(await page()).toContain('Picked up');
    const events = await service.ctx.store.read(`shipment-own.${waybill}`);
    expect(events.filter(({ type }) => type === 'PickupRefused')).toHaveLength(3);
    expect(events.filter(({ type }) => type === 'ScanRecorded').every(({ meta }) => meta.actor.startsWith('caller:'))).toBe(true);
    expect(JSON.stringify(events)).not.toContain(code);
    expect((await db.pool.query('SELECT FROM read.poll WHERE waybill = $1', [waybill])).rowCount).toBe(0);
  }, 60_000);

  it('TRK-04: the signed link opens the page, without personal data; phone and order number lead to it; a guesser learns nothing', async () => {
    const waybill = `SF4${run}001`;
    const shipped = parcel(waybill);
    await ship(shipped);
    const path = new URL((await shipments.get({ parcelId: shipped.parcelId })).pageUrl).pathname;
    const page = await fetch(service.http + path, { headers: { 'accept-language': 'zh-CN' } });
    const html = await page.text();
    expect([page.status, page.headers.get('x-robots-tag'), page.headers.get('content-language')]).toEqual([200, 'noindex, nofollow', 'zh-CN']);
    expect(html).toContain('西湖龙井');
    expect(html).not.toMatch(/13800138000|example\.org|浙江省/);
    expect((await fetch(service.http + path, { headers: { 'accept-language': 'zh-CN', 'if-none-match': page.headers.get('etag') ?? '' } })).status).toBe(304);
    expect(await (await fetch(`${service.http}${path}?lang=en`)).text()).toContain('<html lang="en">');
    expect((await fetch(`${service.http}${path.slice(0, -2)}AA`)).status).toBe(404);
    const look = (form: Record<string, string>): Promise<Response> => fetch(`${service.http}/track?lang=en`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
    const right = await look({ phone: '138 0013 8000', number: shipped.number.slice(1) });
    expect([right.status, right.headers.get('location')]).toEqual([303, `${path}?lang=en`]);
    const twin = parcel(`SF4${run}002`, { number: shipped.number });
    await ship(twin);
    expect(await (await look({ phone: '138 0013 8000', number: shipped.number })).text()).toMatch(new RegExp(`${shipped.waybill}[^]*${twin.waybill}`));
    const [otherPhone, otherOrder] = await Promise.all([look({ phone: '139 0013 8000', number: shipped.number }), look({ phone: '138 0013 8000', number: '#nothing' })]);
    expect([otherPhone.status, await otherPhone.text()]).toEqual([otherOrder.status, await otherOrder.text()]);
    for (let tries = 0; tries < 10; tries += 1) await look({ phone: '1', number: '1' });
    const stopped = await look({ phone: '138 0013 8000', number: shipped.number });
    expect([stopped.status, stopped.headers.get('retry-after')]).toEqual([429, '60']);
  }, 30_000);
});
