import { connect, type Client } from '@flotilla/contracts';
import { startForTest, type Running } from '@flotilla/service-kit';
import { createTopics, testServers } from '@flotilla/tasks';
import { database, type TestDatabase } from '@flotilla/testing';
import { allocationService } from '../src/allocation.service.js';
import { ears, type Ears } from './kafka.js';

/** A file as it is imported. */
export const csv = (...lines: readonly string[]): { data: Uint8Array }[] => [{ data: Buffer.from(lines.join('\n')) }];

/** The service on real Postgres and Kafka, and what a spec says to it and hears of it. */
export interface Live {
  readonly db: TestDatabase;
  readonly service: Running;
  readonly kafka: Ears;
  client<Rpc>(of: Parameters<typeof connect<Rpc>>[0], options?: Parameters<typeof connect<Rpc>>[2]): Client<Rpc>;
  stop(): Promise<void>;
}

/** Starts it on a database of its own. `group`: of who listens to `topics`. */
export const live = async (group: string, topics: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Live> => {
  const { brokers, postgresUrl } = testServers();
  await createTopics({ brokers, fresh: true });
  const db = await database(postgresUrl);
  const kafka = await ears(brokers, group, topics);
  const service = await startForTest(allocationService, { FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: brokers, ...env });
  const clients: { close(): void }[] = [];
  return {
    db, service, kafka,
    client: (of, options) => {
      const client = connect(of, service.grpc, { deadlineMs: 30_000, ...options }); // a loaded machine takes its time
      clients.push(client);
      return client;
    },
    stop: async () => {
      for (const client of clients) client.close();
      await kafka.close();
      await service.stop();
      await db.drop();
    },
  };
};
