import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alerts as api, connect, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { database, eventually } from '@flotilla/testing';
import { createTopics, testServers } from '@flotilla/tasks';
import { startPeople, type People } from '../spec/people.js';
import { frozenFact } from '../spec/world.js';
import { alerts } from './alerts.service.js';
import { webhook } from './perform/channels/webhook/webhook.http.js';

const names = Array.from({ length: 120 }, (_, n) => `desk-${n}`);
// A row of the matrix has twenty targets at most.
const roles = Array.from({ length: 6 }, (_, n) => `team-${n}`);
const now = new Date().toISOString();

describe('a team of more people than a unit may ask for, on real Postgres and Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'targets-'));
  let bus: Bus;
  let service: Running;
  let people: People;
  let db: Awaited<ReturnType<typeof database>>;
  let notices: Client<api.NoticesRpc>;
  let rules: Client<api.RulesRpc>;

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    db = await database(servers.postgresUrl);
    people = await startPeople();
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    const file = join(folder, 'targets.json');
    writeFileSync(file, JSON.stringify({ targets: names.map((name) => ({ name, channel: 'webhook', ...webhook.sandbox(people.url) })) }));
    service = await startForTest(alerts, { FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_ALERT_TARGETS_FILE: file, FLOTILLA_LOG_LEVEL: 'silent' });
    notices = connect(api.Notices, service.grpc);
    rules = connect(api.Rules, service.grpc);
  }, 60_000);
  afterAll(async () => {
    for (const client of [notices, rules]) client?.close();
    await service?.stop();
    await people?.close();
    await bus?.close();
    await db?.drop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  it('ALR-02: each of them is told', async () => {
    await rules.putRules({ requestId: randomUUID(), rules: [{ rule: 'sku-frozen', enabled: true, severity: 'CRITICAL', roles, minutes: 0 }] });
    const matrix = roles.map((role, n) => ({ severity: 'CRITICAL', role, targets: names.slice(n * 20, n * 20 + 20) }));
    await notices.putPolicy({ requestId: randomUUID(), policy: { matrix, escalations: [], groupWaitSeconds: 0, groupIntervalSeconds: 15, rotas: [] } });
    await bus.publish([frozenFact('SKU-1', 1, now)]);
    await eventually(
      async () => {
        const { messages } = await notices.listMessages({ page: { size: 200, token: '' }, state: 'ACCEPTED' });
        expect(messages.map(({ target }) => target).toSorted()).toEqual(names.toSorted());
      },
      { timeoutMs: 60_000 },
    );
  }, 90_000);
});
