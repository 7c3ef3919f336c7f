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
});
