import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alerts as api, connect, topics } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { database, eventually } from '@flotilla/testing';
import { createTopics, testServers } from '@flotilla/tasks';
import { alerts } from './alerts.service.js';

const anHourAgo = new Date(Date.now() - 61 * 60_000).toISOString();
const now = new Date().toISOString();

describe('alerts on real Postgres and Kafka', () => {
  let bus: Bus;
  let service: Running;
  let db: Awaited<ReturnType<typeof database>>;
  let n = 0;

  const tell = (topic: string, type: string, key: string, data: object): Promise<void> =>
    bus.publish([
      {
        topic,
        key,
        value: JSON.stringify(data),
        headers: { ce_specversion: '1.0', ce_id: `test-${process.pid}-${(n += 1)}/0`, ce_source: `test-${key}-${type}`, ce_type: type, ce_time: now, sequence: String(n), correlation: 'c', causation: 'c', chainhash: 'ab', 'content-type': 'application/json' },
      },
    ]);

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
