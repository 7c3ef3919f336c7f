import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alerts as api, connect, topics } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { database, eventually } from '@flotilla/testing';
import { createTopics, testServers } from '@flotilla/tasks';
import { judgeDay } from './accept/judging.js';
import { fact } from '../spec/world.js';
import { alerts } from './alerts.service.js';

const anHourAgo = new Date(Date.now() - 61 * 60_000).toISOString();
const now = new Date().toISOString();

describe('alerts on real Postgres and Kafka', () => {
  let bus: Bus;
  let service: Running;
  let db: Awaited<ReturnType<typeof database>>;

  const tell = (topic: string, type: string, key: string, data: object): Promise<void> => bus.publish([fact(topic, type, key, data, { time: now, source: `test-${key}-${type}` })]);

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    db = await database(servers.postgresUrl);
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    service = await startForTest(alerts, { FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers });
  }, 60_000);

  afterAll(async () => {
    await service?.stop();
    await bus?.close();
    await db?.drop();
  }, 60_000);

  it('ALR-02: the incidents of a silence are found by an index, not among all clocks', async () => {
    const client = await db.pool.connect();
    // A table of a few rows is read whole whatever indexes it has.
    await client.query('BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN SELECT key FROM es.timer WHERE key LIKE 'incident/%' AND data ->> 'silencedBy' = 'x' AND data ->> 'silencedBy' <> '' ORDER BY key`);
    expect(rows.map((row) => row['QUERY PLAN']).join()).toContain('timer_silenced');
    await client.query('ROLLBACK').finally(() => client.release());
  });

  it('ALR-01, ALR-03: raises what is late once, calls off what is not, and clears it when the fact comes', async () => {
    const incidents = connect(api.Incidents, service.grpc);
    const timers = connect(api.Timers, service.grpc);
    const late = `late-${process.pid}`;
    const approved = `approved-${process.pid}`;
    await tell(topics.order, 'flotilla.order.v1.OrderPaid', late, { orderId: late, paidAt: anHourAgo, amount: { amount: 1, currency: 'EUR' } });
    await tell(topics.order, 'flotilla.order.v1.OrderPaid', approved, { orderId: approved, paidAt: now, amount: { amount: 1, currency: 'EUR' } });
    await eventually(async () => expect((await timers.list({})).timers.map(({ subjectId }) => subjectId)).toContain(approved));
    await tell(topics.order, 'flotilla.order.v1.OrderApproved', approved, { orderId: approved, approvedAt: now, by: 'rule:auto' });
    await eventually(async () => expect((await timers.list({})).timers.map(({ subjectId }) => subjectId)).not.toContain(approved));
    const raised = await eventually(async () => {
      const mine = (await incidents.list({ state: 'OPEN' })).incidents.filter(({ subjectId }) => subjectId === late);
      expect(mine).toHaveLength(1);
      return mine[0]!;
    });
    expect(raised).toMatchObject({ rule: 'paid-not-audited', subjectKind: 'ORDER', severity: 'WARNING' });
    expect((await incidents.ack({ incidentId: raised.incidentId, requestId: 'r1' })).state).toBe('ACKNOWLEDGED');
    await tell(topics.order, 'flotilla.order.v1.OrderApproved', late, { orderId: late, approvedAt: now, by: 'mei' });
    await eventually(async () => expect((await incidents.list({ state: 'CLEARED' })).incidents.map(({ subjectId }) => subjectId)).toContain(late));
    expect((await incidents.list({})).incidents.filter(({ subjectId }) => subjectId === approved)).toEqual([]);
    incidents.close();
    timers.close();
  });

  it('ALR-02: a person comments and escalates; the history says who did what, the board how much of each rule is open', async () => {
    const incidents = connect(api.Incidents, service.grpc);
    const subject = `board-${process.pid}`;
    await tell(topics.order, 'flotilla.order.v1.OrderPaid', subject, { orderId: subject, paidAt: anHourAgo, amount: { amount: 1, currency: 'EUR' } });
    const { incidentId } = await eventually(async () => (await incidents.list({ subjectId: subject, notOver: true })).incidents[0] ?? false);
    const column = async () => (await incidents.board({})).columns.find(({ rule }) => rule === 'paid-not-audited');
    await eventually(async () => expect((await column())?.open).toBeGreaterThan(0));
    expect((await incidents.list({ subjectId: subject, rule: 'paid-not-audited', severity: 'WARNING' })).incidents).toHaveLength(1);
    expect((await incidents.list({ subjectId: subject, rule: 'parcel-lost' })).incidents).toEqual([]);

    const comment = { requestId: `c-${subject}`, incidentId, text: 'called the warehouse' };
    await incidents.comment(comment);
    const { steps } = await incidents.comment(comment);
    expect(steps.filter(({ type }) => type === 'COMMENTED')).toMatchObject([{ text: 'called the warehouse', by: 'service:spec' }]);
    await expect(incidents.comment({ ...comment, requestId: '' })).rejects.toMatchObject({ code: 3 });
    await expect(incidents.comment({ ...comment, requestId: 'x', text: ' ' })).rejects.toMatchObject({ code: 3 });

    // Nobody is named to be told here: there is nobody left, also for a person.
    await eventually(async () => expect((await incidents.get({ incidentId })).steps.map(({ type }) => type)).toContain('TOLD'));
    await expect(incidents.escalate({ incidentId, reason: '' })).rejects.toMatchObject({ code: 9 });
    expect(await incidents.ack({ requestId: `a-${subject}`, incidentId })).toMatchObject({ state: 'ACKNOWLEDGED', acknowledgedBy: 'service:spec' });
    await expect(incidents.escalate({ incidentId, reason: '' })).rejects.toMatchObject({ code: 9 });
    const { incident, steps: all } = await incidents.get({ incidentId });
    expect([incident.state, incident.acknowledgedAt !== '', all.map(({ type }) => type)]).toEqual(['ACKNOWLEDGED', true, expect.arrayContaining(['RAISED', 'TOLD', 'COMMENTED', 'ACKNOWLEDGED'])]);
    await expect(incidents.get({ incidentId: randomUUID() })).rejects.toMatchObject({ code: 5 });
    await tell(topics.order, 'flotilla.order.v1.OrderApproved', subject, { orderId: subject, approvedAt: now, by: 'mei' });
    await eventually(async () => expect((await incidents.list({ subjectId: subject, notOver: true })).incidents).toEqual([]));
    incidents.close();
  });

  it('ALR-01, ALR-03: clocks over a parcel run by the settings that were put; a scan calls them off', async () => {
    const [incidents, timers, rules] = [connect(api.Incidents, service.grpc), connect(api.Timers, service.grpc), connect(api.Rules, service.grpc)];
    const built = await rules.getRules({ version: 0 });
    expect(built.rules.map(({ setting }) => setting.rule)).toContain('promise-near');
    const settings = built.rules.map(({ setting }) => (setting.rule === 'outbound-no-news' ? { ...setting, minutes: 30, severity: 'CRITICAL' } : setting));
    const version = (await rules.putRules({ requestId: `rules-${process.pid}`, rules: settings })).version;
    expect((await rules.putRules({ requestId: `rules-${process.pid}`, rules: settings })).version).toBe(version);
    await expect(rules.putRules({ requestId: 'r', rules: [{ ...settings[0]!, rule: 'none' }] })).rejects.toMatchObject({ code: 3 });
    await expect(rules.putRules({ requestId: '', rules: settings })).rejects.toMatchObject({ code: 3 });
    const [quiet, scanned] = [`quiet-${process.pid}`, `scanned-${process.pid}`];
    const dueAt = new Date(Date.now() + 5 * 86_400_000).toISOString();
    const parcel = { foId: 'f', orders: [], warehouse: 'W', carrier: 'sf', service: '', waybill: 'W1', shippedAt: anHourAgo, dueAt, pickupPlace: '' };
    for (const parcelId of [quiet, scanned]) await tell(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', parcelId, { ...parcel, parcelId });
    const watched = async (subject: string): Promise<readonly string[]> => (await timers.list({})).timers.filter(({ subjectId }) => subjectId === subject).map(({ rule }) => rule).toSorted();
    await eventually(async () => expect(await watched(scanned)).toEqual(['promise-near', 'shipped-not-picked-up']));
    await eventually(async () => expect((await incidents.list({ state: 'OPEN' })).incidents.filter(({ subjectId }) => subjectId === quiet)).toMatchObject([{ rule: 'outbound-no-news', severity: 'CRITICAL' }]));
    await tell(topics.tracking, 'flotilla.tracking.v1.MilestoneReached', scanned, { parcelId: scanned, foId: 'f', orders: [], carrier: 'sf', waybill: 'W1', milestone: 'MILESTONE_IN_TRANSIT', occurredAt: now, place: '', pushed: true });
    await eventually(async () => expect([await watched(scanned), (await incidents.list({ state: 'CLEARED' })).incidents.filter(({ subjectId }) => subjectId === scanned).length]).toEqual([['promise-near'], 1]));
    await tell(topics.tracking, 'flotilla.tracking.v1.MilestoneReached', scanned, { parcelId: scanned, foId: 'f', orders: [], carrier: 'sf', waybill: 'W1', milestone: 'MILESTONE_OUT_FOR_DELIVERY', occurredAt: now, place: '', pushed: true });
    await eventually(async () => expect(await watched(scanned)).toEqual([]));
    for (const client of [incidents, timers, rules]) client.close();
  });

  it('TRK-06, ALR-01: what tracking finds wrong with a parcel is an incident, over when tracking says so', async () => {
    const incidents = connect(api.Incidents, service.grpc);
    const parcelId = `troubled-${process.pid}`;
    const of = { parcelId, foId: 'f', carrier: 'sf', waybill: 'SF1' };
    const mine = async (state: string) => (await incidents.list({ state, page: { size: 200, token: '' } })).incidents.filter(({ subjectId }) => subjectId === parcelId);
    for (const trouble of ['STALLED', 'NO_PICKUP', 'LOST', 'NEVER_HEARD_OF']) await tell(topics.tracking, 'flotilla.tracking.v1.ShipmentTroubled', 'f', { ...of, orders: [], trouble, time: 1, since: now, detail: trouble === 'LOST' ? '快件丢失' : '', place: '' });
    await eventually(async () => expect((await mine('OPEN')).map(({ rule, severity }) => `${rule} ${severity}`).toSorted()).toEqual(['parcel-lost CRITICAL', 'tracking-break WARNING']));
    expect((await mine('OPEN')).find(({ rule }) => rule === 'parcel-lost')).toMatchObject({ detail: expect.stringContaining('SF SF1'), detailZh: expect.stringContaining('快件丢失') });
    await tell(topics.tracking, 'flotilla.tracking.v1.TroubleEnded', 'f', { ...of, trouble: 'STALLED', time: 1, endedAt: now });
    await eventually(async () => expect((await mine('CLEARED')).map(({ rule }) => rule)).toEqual(['tracking-break']));
    incidents.close();
  });

  it('ALR-01: days are counted from the facts, and judged: three of them late are for an audit, over with a good one', async () => {
    const incidents = connect(api.Incidents, service.grpc);
    const days = ['2025-03-01', '2025-03-02', '2025-03-03', '2025-03-04'];
    for (const [n, day] of days.entries()) {
      const parcelId = `judged-${process.pid}-${n}`;
      const of = { parcelId, foId: 'f', warehouse: 'W', carrier: 'sf', waybill: 'W1', dueAt: `${day}T01:00:00.000Z` };
      const [type, more] = n < 3 ? (['DeliveryLate', { knownAt: of.dueAt }] as const) : (['DeliveryOnTime', { deliveredAt: of.dueAt }] as const);
      for (const _ of [1, 2]) await tell(topics.tracking, `flotilla.tracking.v1.${type}`, parcelId, { ...of, ...more });
    }
    const orderId = `sold-${process.pid}`;
    await tell(topics.order, 'flotilla.order.v1.OrderPlaced', orderId, { orderId, channel: 'c', platform: 'csv', channelOrderId: 'c', number: '1', placedAt: '2025-03-02T02:00:00.000Z', paidAt: '2025-03-02T02:00:00.000Z', total: { amount: 1_000, currency: 'CNY' } });
    await tell(topics.parcel, 'flotilla.carrier.v1.ParcelShipped', orderId, { parcelId: orderId, foId: 'f', orders: [{ orderId, channel: 'c', channelOrderId: 'c', lines: [] }], warehouse: 'W', carrier: 'sf', service: '', waybill: 'W1', shippedAt: '2025-03-03T02:00:00.000Z', dueAt: '', pickupPlace: '', freight: { amount: 80, currency: 'CNY' } });
    const { rows } = await eventually(async () => {
      const found = await db.pool.query<{ day: string; measure: string; part: string; whole: string }>(`SELECT day, measure, part, whole FROM read.count WHERE day LIKE '2025-03-%' ORDER BY measure, day`);
      expect(found.rows).toHaveLength(7);
      return found;
    });
    expect(rows.map(({ day, measure, part, whole }) => `${measure} ${day} ${part}/${whole}`)).toEqual(['COST 2025-03-02 0/1000', 'COST 2025-03-03 80/0', 'DELIVERY 2025-03-01 0/1', 'DELIVERY 2025-03-02 0/1', 'DELIVERY 2025-03-03 0/1', 'DELIVERY 2025-03-04 1/1', 'PROCESSING 2025-03-03 1440/1']);
    const mine = async (state: string) => (await incidents.list({ state, page: { size: 200, token: '' } })).incidents.filter(({ subjectId }) => subjectId === 'fleet').map(({ rule }) => rule).toSorted();
    for (const _ of [1, 2]) await judgeDay(service.ctx, '2025-03-04', now, service.ctx.meta());
    await eventually(async () => expect(await mine('OPEN')).toEqual(['cost-share', 'sla-missed']));
    await judgeDay(service.ctx, '2025-03-05', now, service.ctx.meta());
    await eventually(async () => expect([await mine('OPEN'), await mine('CLEARED')]).toEqual([['cost-share'], ['sla-missed']]));
    incidents.close();
  });

  it('ING-02, ALR-01: a shop whose session cannot be renewed is an incident, over when it is let in again', async () => {
    const incidents = connect(api.Incidents, service.grpc);
    const channel = `taobao-${process.pid}`;
    const mine = async (state: string) => (await incidents.list({ state, page: { size: 200, token: '' } })).incidents.filter(({ subjectId }) => subjectId === channel);
    await tell(topics.ingest, 'flotilla.ingest.v1.ChannelSessionRefused', channel, { channel, platform: 'taobao', detail: 'the refresh token is spent', time: 1, refusedAt: now });
    await eventually(async () => expect(await mine('OPEN')).toMatchObject([{ rule: 'channel-session', severity: 'CRITICAL', subjectKind: 'CHANNEL', detail: expect.stringContaining('is spent'), detailZh: expect.stringContaining('重新授权') }]));
    await tell(topics.ingest, 'flotilla.ingest.v1.ChannelSessionRestored', channel, { channel, time: 1, restoredAt: now });
    await eventually(async () => expect((await mine('CLEARED')).map(({ rule }) => rule)).toEqual(['channel-session']));
    incidents.close();
  });

  it('ING-13, ALR-01: a platform’s deadline that is near is an incident until it is over; so is what a platform does not take', async () => {
    const incidents = connect(api.Incidents, service.grpc);
    const orderId = randomUUID();
    const of = { orderId, channel: 'taobao-demo', channelOrderId: '3180012345678901234' };
    const mine = async (state: string) => (await incidents.list({ state, page: { size: 200, token: '' } })).incidents.filter(({ subjectId }) => subjectId === orderId);
    await tell(topics.ingest, 'flotilla.ingest.v1.ChannelShipByNear', orderId, { ...of, platform: 'taobao', shipBy: now, time: 1, raisedAt: now });
    await eventually(async () => expect(await mine('OPEN')).toMatchObject([{ rule: 'ship-by-near', severity: 'CRITICAL', subjectKind: 'ORDER', detail: expect.stringContaining('3180012345678901234'), detailZh: expect.stringContaining('时限已过八成') }]));
    await tell(topics.ingest, 'flotilla.ingest.v1.ChannelShipByOver', orderId, { orderId, channel: of.channel, time: 1, endedAt: now });
    await eventually(async () => expect((await mine('CLEARED')).map(({ rule }) => rule)).toEqual(['ship-by-near']));
    for (const parcelId of [randomUUID(), randomUUID()]) await tell(topics.ingest, 'flotilla.ingest.v1.WriteBackFailed', orderId, { ...of, parcelId, reason: 'PLATFORM_REFUSED', detail: 'the platform has closed these lines' });
    await tell(topics.ingest, 'flotilla.ingest.v1.ChannelCancellationRefused', orderId, { ...of, reason: 'PLATFORM_REFUSED', detail: 'the trade is paid', refusedAt: now });
    await eventually(async () => expect((await mine('OPEN')).map(({ rule }) => rule).toSorted()).toEqual(['cancellation-refused', 'write-back-failed', 'write-back-failed']));
    const { incidentId } = (await mine('OPEN')).find(({ rule }) => rule === 'cancellation-refused')!;
    expect(await incidents.ack({ requestId: randomUUID(), incidentId })).toMatchObject({ state: 'CLEARED', rule: 'cancellation-refused' });
    await eventually(async () => expect([(await mine('OPEN')).length, (await mine('CLEARED')).map(({ rule }) => rule).toSorted()]).toEqual([2, ['cancellation-refused', 'ship-by-near']]));
    incidents.close();
  });

  it('ALC-06, ALC-07: a warehouse that is out and a SKU that is frozen are told at once, and over when they are back', async () => {
    const incidents = connect(api.Incidents, service.grpc);
    const warehouse = `WH-${process.pid}`;
    const sku = `SKU-${process.pid}`;
    const tripped = (trip: number) => tell(topics.catalogue, 'flotilla.allocation.v1.NodeTripped', warehouse, { warehouse, trip, lateInARow: 3, until: now, contact: 'Chen Wei' });
    const mine = async (state: string, subject: string) => (await incidents.list({ state })).incidents.filter(({ subjectId }) => subjectId === subject);
    await tripped(1);
    await tripped(2);
    await tell(topics.catalogue, 'flotilla.allocation.v1.SkuFrozen', sku, { sku, freeze: 1, reason: 'RESERVATION_FAILURES', failed: 5, reserved: 100, frozenAt: now, until: now });
    await eventually(async () => expect([(await mine('OPEN', warehouse)).length, (await mine('CLEARED', warehouse)).length, (await mine('OPEN', sku)).length]).toEqual([1, 1, 1]));
    expect((await mine('OPEN', warehouse))[0]).toMatchObject({ rule: 'warehouse-out', severity: 'CRITICAL', detail: expect.stringContaining('In charge: Chen Wei') });
    expect((await mine('OPEN', sku))[0]!.detail).toContain('5 of 100 promises could not be kept');
    await tell(topics.catalogue, 'flotilla.allocation.v1.NodeRestored', warehouse, { warehouse, trip: 2, by: 'rule:probe' });
    await tell(topics.catalogue, 'flotilla.allocation.v1.SkuUnfrozen', sku, { sku, freeze: 1, by: 'rule:count', unfrozenAt: now });
    await eventually(async () => expect([(await mine('OPEN', warehouse)).length, (await mine('OPEN', sku)).length]).toEqual([0, 0]));
    incidents.close();
  });

  it('ALC-08: a supplier that accepted and does not send is told at once, with who is in charge, and over when it sends', async () => {
    const incidents = connect(api.Incidents, service.grpc);
    const parcelId = `parcel-${process.pid}`;
    const named = { foId: 'fo', warehouse: 'SUP-YW', lockId: 'lock', parcelId };
    const mine = async (state: string) => (await incidents.list({ state })).incidents.filter(({ subjectId }) => subjectId === parcelId);
    const overdue = () => tell(topics.allocation, 'flotilla.allocation.v1.SupplierOverdue', 'fo', { ...named, askedAt: anHourAgo, dueAt: now, contact: 'Chen Wei' });
    await overdue();
    await overdue();
    await eventually(async () => expect(await mine('OPEN')).toMatchObject([{ rule: 'supplier-late', subjectKind: 'PARCEL', severity: 'WARNING', detail: expect.stringContaining('In charge: Chen Wei') }]));
    await tell(topics.allocation, 'flotilla.allocation.v1.SupplierOverdueEnded', 'fo', { ...named, by: 'SHIPPED' });
    await eventually(async () => expect([(await mine('OPEN')).length, (await mine('CLEARED')).length]).toEqual([0, 1]));
    incidents.close();
  });
});
