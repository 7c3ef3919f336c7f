import { randomUUID } from 'node:crypto';
import { alerts as api, connect, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus, type BusMessage } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { database } from '@flotilla/testing';
import { createTopics, testServers } from '@flotilla/tasks';
import { alerts } from '../src/alerts.service.js';
import { startPeople, type People } from './people.js';

const run = randomUUID().slice(0, 8);
let n = 0;

/** A fact of another service, as the broker has it; `source`: its stream there, of which each message here is the next version. */
export const fact = (topic: string, type: string, key: string, data: object, { time, source = `test-${key}` }: { readonly time: string; readonly source?: string }): BusMessage => ({
  topic,
  key,
  value: JSON.stringify(data),
  headers: { ce_specversion: '1.0', ce_id: `spec-${run}-${(n += 1)}/0`, ce_source: source, ce_type: type, ce_time: time, sequence: String(n), correlation: 'c', causation: 'c', chainhash: 'ab', 'content-type': 'application/json' },
});

/** `SkuFrozen`, the simplest fact that is an incident at once. */
export const frozenFact = (sku: string, freeze: number, time: string): BusMessage =>
  fact(topics.catalogue, 'flotilla.allocation.v1.SkuFrozen', sku, { sku, freeze, reason: 'BY_HAND', failed: 0, reserved: 0, frozenAt: time, until: '' }, { time, source: `test-${sku}-${freeze}` });

/** alerts as it runs, and the people and systems that it tells. */
export interface Telling {
  readonly bus: Bus;
  readonly service: Running;
  readonly people: People;
  readonly notices: Client<api.NoticesRpc>;
  readonly silences: Client<api.SilencesRpc>;
  readonly incidents: Client<api.IncidentsRpc>;
  put(change: Partial<api.NoticePolicy>): Promise<unknown>;
  messagesTo(target: string): Promise<readonly api.NoticeMessage[]>;
  stop(): Promise<void>;
}

export const startTelling = async (clock: string): Promise<Telling> => {
  const servers = testServers();
  await createTopics({ brokers: servers.brokers, fresh: true });
  const db = await database(servers.postgresUrl);
  const people = await startPeople();
  const bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
  const service = await startForTest(alerts, { FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_SANDBOX_URL: people.url, FLOTILLA_SMTP_URL: people.smtp, FLOTILLA_CLOCK: clock, FLOTILLA_LOG_LEVEL: 'silent' });
  const notices = connect(api.Notices, service.grpc);
  const silences = connect(api.Silences, service.grpc);
  const incidents = connect(api.Incidents, service.grpc);
  return {
    bus, service, people, notices, silences, incidents,
    put: (change) => notices.putPolicy({ requestId: randomUUID(), policy: { matrix: [], escalations: [], groupWaitSeconds: 1, groupIntervalSeconds: 15, rotas: [], ...change } }),
    messagesTo: async (target) => (await notices.listMessages({ page: { size: 100, token: '' }, state: '' })).messages.filter((one) => one.target === target),
    stop: async () => {
      for (const client of [notices, silences, incidents]) client.close();
      await service.stop();
      await people.close();
      await bus.close();
      await db.drop();
    },
  };
};
