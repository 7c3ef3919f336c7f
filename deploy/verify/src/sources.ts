import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseOf, kafkaClient, serviceNames, Stop, urlOf, verifyRole, type Run, type ServiceName } from '@flotilla/tasks';
import pg from 'pg';

/** An event as it stands in a service's log; `data` and `meta` are the stored text, byte for byte. */
export interface LogEvent {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  /** Microseconds since 1970. */
  readonly recordedAt: string;
  readonly data: string;
  readonly meta: string;
  readonly hash: string;
}

export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Sources {
  readonly run: Run;
  /** Streams a log in position order, a page at a time. */
  log(service: ServiceName): AsyncGenerator<LogEvent>;
  query<Row extends pg.QueryResultRow>(service: ServiceName, sql: string): Promise<readonly Row[]>;
  /** A whole topic, as it stands when this is called. */
  topic(topic: string): Promise<readonly KafkaRecord[]>;
  close(): Promise<void>;
}

const page = 5_000;

/** Opens the fleet of a folder (`.flotilla`) with the read-only role. */
export const openSources = (dir: string): Sources => {
  let run: Run;
  let password: string;
  try {
    run = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as Run;
    password = (JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8')) as { passwords: Record<string, string> }).passwords[verifyRole] ?? '';
  } catch {
    throw new Stop('No fleet is up here: start one with "npm run up" or "npm run demo" and keep it running.');
  }
  const pools = new Map<ServiceName, pg.Pool>(
    serviceNames.map((name) => [name, new pg.Pool({ connectionString: urlOf(run.postgres, databaseOf(name), { user: verifyRole, password }), max: 2 })]),
  );
  for (const pool of pools.values()) pool.on('error', () => undefined);
  const kafka = kafkaClient(run.kafka);
  return {
    run,
    async *log(service) {
      for (let after = 0; ; ) {
        const { rows } = await pools.get(service)!.query<Record<string, string> & { hash: Buffer }>(
          `SELECT position, stream_id, version, event_id, type, schema_version, (extract(epoch FROM recorded_at) * 1000000)::bigint AS micros, data::text, meta::text, hash
             FROM es.event WHERE position > $1 ORDER BY position LIMIT ${page}`,
          [after],
        );
        for (const row of rows) {
          yield {
            position: Number(row['position']), stream: row['stream_id']!, version: Number(row['version']), id: row['event_id']!, type: row['type']!, schemaVersion: Number(row['schema_version']),
            recordedAt: row['micros']!, data: row['data']!, meta: row['meta']!, hash: row.hash.toString('hex'),
          };
        }
        if (rows.length < page) return;
        after = Number(rows.at(-1)!['position']);
      }
    },
    query: async (service, sql) => (await pools.get(service)!.query(sql)).rows,
    topic: async (topic) => {
      const admin = kafka.admin();
      await admin.connect();
      const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high, low }) => [partition, { high: Number(high), low: Number(low) }]));
      await admin.disconnect();
      const open = new Map([...ends].filter(([, { high, low }]) => high > low).map(([partition, { high }]) => [partition, high]));
      const records: KafkaRecord[] = [];
      if (open.size === 0) return records;
      const consumer = kafka.consumer({ groupId: `verify-${process.pid}-${topic}-${Date.now()}`, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      try {
        await new Promise<void>((resolve, reject) => {
          consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
          void consumer.run({
            autoCommit: false,
            eachBatch: async ({ batch }) => {
              const high = open.get(batch.partition);
              for (const { offset, key, value, headers } of batch.messages) {
                if (high === undefined || Number(offset) >= high) continue;
                records.push({
                  topic, partition: batch.partition, offset: Number(offset), key: key?.toString() ?? '', value: value?.toString() ?? '',
                  headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, held]) => [name, String(held)])),
                });
              }
              if (high !== undefined && Number(batch.messages.at(-1)?.offset ?? -1) + 1 >= high) open.delete(batch.partition);
              if (open.size === 0) resolve();
            },
          });
        });
      } finally {
        await consumer.disconnect();
      }
      return records;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
};
