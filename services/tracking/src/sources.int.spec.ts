import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, parseMessage, topics, tracking as api, type carrier, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { blindIndex } from '@flotilla/values';
import { createTopics, freePorts, testServers } from '@flotilla/tasks';
import { database, eventually } from '@flotilla/testing';
import { startSandbox, type Sandbox } from '../../../deploy/sandbox/src/app.js';
import { readConfig } from '../../../deploy/sandbox/src/config.js';
import { pushForm, startWorld, type World } from '../spec/world.js';
import { linkToken } from './query/page/link.js';
import { tracking } from './tracking.service.js';

const run = String(Date.now()).slice(-9);
const SLOW = { timeoutMs: 40_000 };

describe('parcels that aggregators follow, on real Postgres and Kafka', () => {
  let world: World;
  let sandbox: Sandbox;
  let bus: Bus;
  let service: Running;
  let shipments: Client<api.ShipmentsRpc>;
  let db: Awaited<ReturnType<typeof database>>;
  let n = 0;

  const ship = async (of: string, waybill: string, country: string, buyer: Partial<carrier.ParcelShipped['buyer']> = {}, shipTo: Partial<carrier.ParcelShipped['shipTo']> = {}): Promise<string> => {
    const parcelId = randomUUID();
    const shipped: carrier.ParcelShipped = parseMessage('flotilla.carrier.v1.ParcelShipped', {
      parcelId, foId: randomUUID(), carrier: of, service: 'STANDARD', warehouse: 'SZ1', waybill, shippedAt: service.ctx.clock.business().toISOString(), number: `#${waybill}`,
      orders: [], shipTo: { country, ...shipTo }, buyer: { locale: 'zh-CN', ...buyer }, items: [], freight: { amount: 0, currency: 'CNY' },
    });
    await bus.publish([
      {
        topic: topics.parcel,
        key: shipped.foId,
        value: JSON.stringify(shipped),
        headers: { ce_specversion: '1.0', ce_id: `${randomUUID()}/0`, ce_source: `parcel-${parcelId}`, ce_type: 'flotilla.carrier.v1.ParcelShipped', ce_time: new Date().toISOString(), sequence: String((n += 1)), correlation: 'c', causation: 'c', chainhash: 'ab', 'content-type': 'application/json' },
      },
    ]);
    return parcelId;
  };
  const control = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${sandbox.httpPort}/_control${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const tell = (tracker: string, waybill: string, at: string, stage: string, text: string, options: { push?: boolean; forge?: boolean } = {}): Promise<unknown> =>
    control('PUT', `/trackers/${tracker}/${waybill}`, { events: [{ at, stage, text, place: '深圳' }], ...options });
  const followed = (tracker: string, waybill: string): Promise<unknown> => eventually(async () => expect((await control<{ followed: boolean }>('GET', `/trackers/${tracker}/${waybill}`)).followed).toBe(true), SLOW);
  const calls = async (kind: string): Promise<number> => (await control<{ byKind: Record<string, number> }>('GET', '/ledger/summary')).byKind[kind] ?? 0;
  const scansOf = async (parcelId: string): Promise<readonly string[]> => (await shipments.get({ parcelId })).scans.map(({ text }) => text);

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    const [port = 0] = await freePorts(1);
    const trackingUrl = `http://127.0.0.1:${port}`;
    [db, world, sandbox] = await Promise.all([database(servers.postgresUrl), startWorld(), startSandbox({ ...readConfig({ FLOTILLA_HTTP_PORT: '0', FLOTILLA_SMTP_PORT: '0' }), trackingUrl })]);
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    service = await startForTest(tracking, {
      ...world.env, FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_HTTP_PORT: String(port), FLOTILLA_SANDBOX_URL: `http://127.0.0.1:${sandbox.httpPort}`,
      FLOTILLA_CLOCK: `${new Date().toISOString()}@600`, FLOTILLA_LOG_LEVEL: 'silent', FLOTILLA_QUIET_HOURS: '22-8',
    });
    shipments = connect(api.Shipments, service.grpc);
  }, 60_000);
  afterAll(async () => {
    shipments?.close();
    await service?.stop();
    await bus?.close();
    await sandbox?.close();
    await world?.stop();
    await db?.drop();
  }, 60_000);

  it('TRK-01: a domestic carrier is subscribed to at the aggregator; pushes are kept once, forged ones not, and what no push told is found by asking', async () => {
    const waybill = `7612${run}1`;
    const parcelId = await ship('zto', waybill, 'CN');
    await followed('kuaidi100', waybill);
    await tell('kuaidi100', waybill, '2026-11-28T02:00:00.000Z', 'Arrival', '快件到达【广州】', { forge: true });
    await control('POST', '/faults', { target: 'kuaidi100', kind: 'duplicate', operation: 'push' });
    await tell('kuaidi100', waybill, '2026-11-28T03:00:00.000Z', 'PickedUp', '已收取快件');
    await eventually(async () => expect((await shipments.get({ parcelId })).milestone).not.toBe('MILESTONE_LABEL_CREATED'), SLOW);
    await tell('kuaidi100', waybill, '2026-11-28T05:00:00.000Z', 'Delivered', '已签收', { push: false });
    await eventually(async () => expect((await shipments.get({ parcelId })).milestone).toBe('MILESTONE_DELIVERED'), SLOW);
    expect(await scansOf(parcelId)).toEqual(['快件到达【广州】', '已收取快件', '已签收']);
    const events = await service.ctx.store.read(`shipment-zto.${waybill}`);
    expect(events.filter(({ type }) => type === 'ScanRecorded')).toHaveLength(3);
    // The forged push was refused: its scan came with the genuine one.
    expect((await control<{ byStatus: Record<string, number> }>('GET', '/ledger/summary')).byStatus['refused 401']).toBe(1);
    await eventually(async () => expect((await db.pool.query('SELECT FROM read.poll WHERE waybill = $1', [waybill])).rowCount).toBe(0));
  }, 90_000);

  it('TRK-01, TRK-02: what goes abroad is registered and asked for in batches of forty', async () => {
    const waybills = Array.from({ length: 45 }, (_, at) => `LX${String(100_000_000 + Number(run.slice(-6)) * 100 + at).slice(0, 9)}CN`);
    const before = await calls('track17.register');
    await Promise.all(waybills.map((waybill) => ship('ems', waybill, 'US')));
    for (const waybill of waybills) await followed('track17', waybill);
    expect((await calls('track17.register')) - before).toBeLessThan(45);
    for (const waybill of waybills) await tell('track17', waybill, '2026-11-28T03:00:00.000Z', 'Delivered', 'Delivered', { push: false });
    await eventually(async () => expect((await db.pool.query('SELECT FROM read.poll WHERE waybill = ANY ($1)', [waybills])).rowCount).toBe(0), SLOW);
    expect(await calls('track17.gettrackinfo')).toBeLessThan(45);
  }, 120_000);

  it('TRK-02: a cross-border parcel of SF is followed by the aggregator; both tell, the timeline has each scan once and no gap, and never goes back', async () => {
    const waybill = `SF1${run}777`;
    const parcelId = await ship('sf', waybill, 'US');
    await followed('track17', waybill);
    const route = (hour: number, opCode: string, remark: string) => ({ mailno: waybill, acceptTime: `2026-11-28 ${String(hour).padStart(2, '0')}:00:00`, acceptAddress: '深圳市', opCode, remark });
    await fetch(`${service.http}/v1/sources/sf/routes`, { method: 'POST', body: pushForm([route(10, '50', '顺丰速运 已收取快件'), route(12, '30', '快件在【深圳】完成分拣')]) });
    // 10:00 in Beijing is 02:00 in UTC: told by both. The last mile is told by the aggregator alone.
    await tell('track17', waybill, '2026-11-28T02:00:30.000Z', 'PickedUp', 'Picked up', { push: false });
    await tell('track17', waybill, '2026-11-29T20:00:00.000Z', 'OutForDelivery', 'Out for delivery');
    await eventually(async () => expect((await shipments.get({ parcelId })).milestone).toBe('MILESTONE_OUT_FOR_DELIVERY'), SLOW);
    await fetch(`${service.http}/v1/sources/sf/routes`, { method: 'POST', body: pushForm([route(14, '36', '快件在运输途中')]) });
    await eventually(async () => expect(await scansOf(parcelId)).toEqual(['顺丰速运 已收取快件', '快件在【深圳】完成分拣', '快件在运输途中', 'Out for delivery']), SLOW);
    expect((await shipments.get({ parcelId })).milestone).toBe('MILESTONE_OUT_FOR_DELIVERY');
    const raw = (await service.ctx.store.read(`shipment-sf.${waybill}`)).filter(({ type }) => type === 'ScanRecorded').map(({ data }) => data as { source: string; text: string; doubleOf?: string });
    expect(raw.map(({ source }) => source).toSorted()).toEqual(['sf', 'sf', 'sf', 'track17', 'track17']);
    expect(raw.filter(({ doubleOf }) => doubleOf !== undefined).map(({ text }) => text)).toEqual(['Picked up']);
  }, 90_000);

  it('TRK-05: a buyer without a mailbox gets texts, none at night, and none after the signed link ended them', async () => {
    const subject = randomUUID();
    const phone = `+86138${run.slice(-8)}`;
    const buyer = { subject, phone: world.sealFor(subject, phone, 'phone') };
    const texts = async (): Promise<readonly string[]> => (await control<{ told: readonly { text: string }[] }>('GET', `/people?way=sms&to=${phone.slice(3)}`)).told.map(({ text }) => text);
    const stateOf = async (parcelId: string): Promise<readonly string[]> => (await shipments.get({ parcelId })).notices.map(({ kind, medium, state }) => `${kind} ${medium} ${state}`);
    const first = `SF6${run}001`;
    const parcelId = await ship('sf', first, 'CN', buyer);
    // A business day takes 144 seconds: it is day within one night's 60.
    await eventually(async () => expect(await stateOf(parcelId)).toEqual(['SHIPPED SMS ACCEPTED']), { timeoutMs: 100_000 });
    expect(await texts()).toEqual([expect.stringContaining(`SMS_SHIPPED_ZH {"number":"#${first}","carrier":"顺丰速运","waybill":"${first}"`)]);

    const token = linkToken(Buffer.from(world.env['FLOTILLA_LINK_KEY'] ?? '', 'base64'), subject, 'consent');
    const page = (method: string, path: string, body?: string): Promise<Response> => fetch(`${service.http}/o/${path}?lang=en`, { method, ...(body === undefined ? {} : { body }) });
    expect(await (await page('GET', token)).text()).toContain('Stop them');
    expect((await page('GET', linkToken(Buffer.from(world.env['FLOTILLA_LINK_KEY'] ?? '', 'base64'), subject))).status).toBe(404);
    expect((await page('POST', `${token.slice(0, -2)}AA`)).status).toBe(404);
    expect(await (await page('POST', token, 'List-Unsubscribe=One-Click')).text()).toContain('You get no more messages');
    const second = await ship('sf', `SF6${run}002`, 'CN', buyer);
    await eventually(async () => expect(await stateOf(second)).toEqual(['SHIPPED SMS OPTED_OUT']), SLOW);
    expect(await texts()).toHaveLength(1);
    expect(await (await page('POST', token, 'again=yes')).text()).toContain('Stop them');
    const events = (await db.pool.query<{ type: string; data: string }>(`SELECT type, data::text AS data FROM es.event WHERE stream_id LIKE 'notice-%' OR stream_id LIKE 'consent-%'`)).rows;
    expect(JSON.stringify(events)).not.toContain(phone.slice(3));
    const sent = events.filter(({ type }) => type === 'NoticeAttempted').map(({ data }) => JSON.parse(data) as { noticeId: string });
    expect(sent).toHaveLength(1);
  }, 150_000);

  it('TRK-04: a code that is sent to the phone opens all its parcels; a stranger learns nothing and annoys nobody for long', async () => {
    const subject = randomUUID();
    const phone = `+86139${run.slice(-8)}`;
    const index = blindIndex(Buffer.from(world.env['FLOTILLA_INDEX_KEY'] ?? '', 'base64'), 'phone', phone);
    const sealed = world.sealFor(subject, phone, 'phone');
    const mine = [`SF7${run}001`, `SF7${run}002`];
    const ids = await Promise.all(mine.map((waybill) => ship('sf', waybill, 'CN', { subject }, { phone: sealed, phoneIndex: index })));
    for (const parcelId of ids) await eventually(async () => expect((await shipments.get({ parcelId })).shippedAt).not.toBe(''), SLOW);
    const codes = async (): Promise<readonly string[]> =>
      (await control<{ told: readonly { text: string }[] }>('GET', `/people?way=sms&to=${phone.slice(3)}`)).told.flatMap(({ text }) => /SMS_CODE_ZH \{"code":"(\d{6})"\}/.exec(text)?.[1] ?? []);
    const look = async (form: Record<string, string>): Promise<{ status: number; text: string }> => {
      const response = await fetch(`${service.http}/track/phone?lang=en`, { method: 'POST', body: new URLSearchParams(form) });
      return { status: response.status, text: await response.text() };
    };
    const typed = phone.slice(3);
    const [known, stranger] = [await look({ phone: typed }), await look({ phone: '13700000000' })];
    expect(known.text.replaceAll(typed, '13700000000')).toBe(stranger.text);
    const code = await eventually(async () => {
      const [first] = await codes();
      expect(first).toMatch(/^\d{6}$/);
      return first!;
    }, SLOW);
    const wrong = await look({ phone: typed, code: code === '000000' ? '111111' : '000000' });
    expect(wrong.text).toContain('This code is not right');
    expect((await look({ phone: '13700000000', code })).text.replaceAll('13700000000', typed)).toBe(wrong.text);
    const right = await look({ phone: typed, code: `${code.slice(0, 3)} ${code.slice(3)}` });
    for (const waybill of mine) expect(right.text).toContain(waybill);
    expect((await look({ phone: typed, code })).text).toContain('This code is not right');
    for (let tries = 0; tries < 3; tries += 1) await look({ phone: typed });
    // Of codes that are asked for at once only the newest is sent, and after three none in this hour.
    const asked = async (): Promise<number> => (await service.ctx.store.read(`lookup-${index}`)).filter(({ type }) => type === 'CodeAsked').length;
    await eventually(async () => expect((await codes()).length).toBeGreaterThanOrEqual(2), SLOW);
    expect(await asked()).toBe(3);
    expect((await look({ phone: typed })).status).toBe(200);
    expect((await look({ phone: typed })).status).toBe(429);
    expect([await asked(), (await codes()).length <= 3]).toEqual([3, true]);
    const stored = (await db.pool.query<{ text: string }>(`SELECT string_agg(data::text, '') AS text FROM es.event WHERE stream_id LIKE 'lookup-%'`)).rows[0]?.text;
    expect([stored?.includes(typed), stored?.includes(code)]).toEqual([false, false]);
  }, 60_000);

  it('TRK-02: a number that the aggregator cannot follow goes to the next source that can', async () => {
    const waybill = `ODD-${run}`;
    await ship('zto', waybill, 'DE');
    await followed('kuaidi100', waybill);
    await eventually(async () => expect((await db.pool.query('SELECT source, followed FROM read.poll WHERE waybill = $1', [waybill])).rows).toEqual([{ source: 'kuaidi100', followed: true }]), SLOW);
  }, 60_000);
});
