import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseOf, kafkaClient, serviceNames, Stop, urlOf, verifyRole, type Run, type ServiceName } from '@flotilla/tasks';
import type { Kafka, KafkaMessage } from 'kafkajs';
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
  /** One stream of a log, whole. */
  stream(service: ServiceName, stream: string): Promise<readonly LogEvent[]>;
  query<Row extends pg.QueryResultRow>(service: ServiceName, sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** As `query`, through a cursor: for tables as long as the log. */
  rows<Row extends pg.QueryResultRow>(service: ServiceName, sql: string): AsyncGenerator<Row>;
  /**
   * Hands over every record of these topics, as they stand when this is called: in order within a partition, one by one, so
   * that a topic of any length fits. `cut`: topics whose beginning is gone already.
   */
  scan(topics: readonly string[], each: (record: KafkaRecord) => void): Promise<{ readonly cut: readonly string[] }>;
  /** Where each partition (`topic/0`) ends now; a topic that is not there any more has none. */
  ends(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** A whole topic in memory: for short ones. */
  topic(topic: string): Promise<readonly KafkaRecord[]>;
  close(): Promise<void>;
}

const page = 5_000;
let scans = 0;

type EventRow = Record<string, string> & { readonly hash: Buffer };

const events = `SELECT position, stream_id, version, event_id, type, schema_version, (extract(epoch FROM recorded_at) * 1000000)::bigint AS micros, data::text, meta::text, hash FROM es.event`;

const eventOf = (row: EventRow): LogEvent => ({
  position: Number(row['position']), stream: row['stream_id']!, version: Number(row['version']), id: row['event_id']!, type: row['type']!, schemaVersion: Number(row['schema_version']),
  recordedAt: row['micros']!, data: row['data']!, meta: row['meta']!, hash: row.hash.toString('hex'),
});

/** Where each partition (`topic/0`) begins and ends now. */
const spansOf = async (kafka: Kafka, wanted: readonly string[]): Promise<ReadonlyMap<string, { readonly low: number; readonly high: number }>> => {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const found = await Promise.all(wanted.map(async (topic) => (await admin.fetchTopicOffsets(topic)).map(({ partition, high, low }) => [`${topic}/${partition}`, { high: Number(high), low: Number(low) }] as const)));
    return new Map(found.flat());
  } finally {
    await admin.disconnect();
  }
};

const thoseThere = async (kafka: Kafka, wanted: readonly string[]): Promise<readonly string[]> => {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = new Set(await admin.listTopics());
    return wanted.filter((topic) => there.has(topic));
  } finally {
    await admin.disconnect();
  }
};

const recordOf = (topic: string, partition: number, { offset, key, value, headers }: KafkaMessage): KafkaRecord => ({
  topic,
  partition,
  offset: Number(offset),
  key: key?.toString() ?? '',
  value: value?.toString() ?? '',
  headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, held]) => [name, String(held)])),
});

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
  const scan: Sources['scan'] = async (wanted, each) => {
    const spans = await spansOf(kafka, wanted);
    const open = new Map([...spans].filter(([, { high, low }]) => high > low).map(([place, { high }]) => [place, high]));
    const cut = [...new Set([...spans].filter(([, { low }]) => low > 0).map(([place]) => place.slice(0, place.lastIndexOf('/'))))];
    if (open.size === 0) return { cut };
    const consumer = kafka.consumer({ groupId: `verify-${process.pid}-${Date.now()}-${(scans += 1)}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [...wanted], fromBeginning: true });
    try {
      await new Promise<void>((resolve, reject) => {
        consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
        void consumer.run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            const place = `${batch.topic}/${batch.partition}`;
            const high = open.get(place);
            if (high === undefined) return;
            try {
              for (const message of batch.messages) if (Number(message.offset) < high) each(recordOf(batch.topic, batch.partition, message));
            } catch (error) {
              return reject(error as Error);
            }
            if (Number(batch.messages.at(-1)?.offset ?? -1) + 1 >= high) open.delete(place);
            if (open.size === 0) resolve();
          },
        });
      });
    } finally {
      await consumer.disconnect();
    }
    return { cut };
  };
  return {
    run,
    async *log(service) {
      for (let after = 0; ; ) {
        const { rows } = await pools.get(service)!.query<EventRow>(
          `${events} WHERE position > $1 ORDER BY position LIMIT ${page}`,
          [after],
        );
        for (const row of rows) yield eventOf(row);
        if (rows.length < page) return;
        after = Number(rows.at(-1)!['position']);
      }
    },
    stream: async (service, stream) => (await pools.get(service)!.query<EventRow>(`${events} WHERE stream_id = $1 ORDER BY version`, [stream])).rows.map(eventOf),
    query: async <Row extends pg.QueryResultRow>(service: ServiceName, sql: string, values: readonly unknown[] = []) => (await pools.get(service)!.query<Row>(sql, [...values])).rows,
    async *rows<Row extends pg.QueryResultRow>(service: ServiceName, sql: string) {
      const client = await pools.get(service)!.connect();
      try {
        await client.query(`BEGIN READ ONLY; DECLARE walk NO SCROLL CURSOR FOR ${sql}`);
        for (;;) {
          const { rows } = await client.query<Row>(`FETCH ${page} FROM walk`);
          yield* rows;
          if (rows.length < page) return;
        }
      } finally {
        await client.query('ROLLBACK').catch(() => undefined);
        client.release();
      }
    },
    scan,
    ends: async (topics) => new Map([...(await spansOf(kafka, await thoseThere(kafka, topics)))].map(([place, { high }]) => [place, high])),
    topic: async (topic) => {
      const records: KafkaRecord[] = [];
      await scan([topic], (record) => records.push(record));
      return records;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
};
