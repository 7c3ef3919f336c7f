import { createHash } from 'node:crypto';
import { createTopics, databaseOf, kafkaClient, topics as allTopics, urlOf, type Run, type ServiceName } from '@flotilla/tasks';
import { openSources } from '@flotilla/verify';
import pg from 'pg';

export interface Message {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What somebody with the superuser's password and the broker can do to a fleet that stands still, and how to undo it. */
export interface Tampering {
  query<Row extends pg.QueryResultRow>(service: ServiceName, sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Appends as the services do: hashes and heads are right, only what it says is not. */
  append(service: ServiceName, stream: string, events: readonly { readonly type: string; readonly data: object }[]): Promise<void>;
  /** Computes all hashes of a stream anew, the head's too: the work of somebody who knows how. */
  rechain(service: ServiceName, stream: string): Promise<void>;
  /** Writes a topic anew, message by message; `undefined` leaves one out. */
  rewrite(topic: string, each: (message: Message) => Message | undefined): Promise<void>;
  /** Everything as it was when this was made. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps a copy of every database beside it. The services must have ended. */
export const tamperWith = async (dir: string, run: Run, services: readonly ServiceName[]): Promise<Tampering> => {
  const owner = new pg.Client(run.postgres);
  await owner.connect();
  const copyOf = (service: ServiceName): string => `${databaseOf(service)}_kept`;
  const copy = async (to: string, from: string): Promise<void> => {
    await owner.query(`DROP DATABASE IF EXISTS ${to} WITH (FORCE)`);
    await owner.query(`CREATE DATABASE ${to} TEMPLATE ${from} STRATEGY FILE_COPY`);
  };
  for (const service of services) await copy(copyOf(service), databaseOf(service));
  const hurt = new Set<ServiceName>();
  const kept = new Map<string, readonly Message[]>();
  const kafka = kafkaClient(run.kafka, 'chaos-tampering');

  const inside = async <T>(service: ServiceName, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    hurt.add(service);
    const client = new pg.Client(urlOf(run.postgres, databaseOf(service)));
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const read = async (topic: string): Promise<readonly Message[]> => {
    const sources = openSources(dir);
    try {
      return (await sources.topic(topic)).map(({ partition, key, value, headers }) => ({ partition, key, value, headers }));
    } finally {
      await sources.close();
    }
  };
  const write = async (topic: string, messages: readonly Message[]): Promise<void> => {
    await createTopics({ brokers: run.kafka, wanted: allTopics().filter(({ name }) => name === topic), fresh: true });
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: messages.map((message) => ({ ...message, headers: { ...message.headers } })) });
    await producer.disconnect();
  };
  return {
    query: (service, sql, values = []) => inside(service, async (client) => (await client.query(sql, [...values])).rows),
    append: (service, stream, events) =>
      inside(service, async (client) => {
        const meta = JSON.stringify({ correlation: 'x', causation: 'x', actor: 'x' });
        await client.query("SELECT es.append('{1}', ARRAY[$1], ARRAY[$2], '{-1}', ARRAY[$3::int], $4, $5, $6, $7, $8)", [
          stream, stream.slice(0, stream.indexOf('-')), events.length,
          events.map(() => crypto.randomUUID()), events.map(({ type }) => type), events.map(() => 1), events.map(({ data }) => JSON.stringify(data)), events.map(() => meta),
        ]);
      }),
    rechain: (service, stream) =>
      inside(service, async (client) => {
        const { rows } = await client.query<{ version: string; text: string }>(
          'SELECT version, es.canonical(stream_id, version, event_id, recorded_at, type, schema_version, data, meta) AS text FROM es.event WHERE stream_id = $1 ORDER BY version',
          [stream],
        );
        let hash = Buffer.alloc(0);
        for (const { version, text } of rows) {
          hash = createHash('sha256').update(hash).update(text).digest();
          await client.query('UPDATE es.event SET hash = $3 WHERE stream_id = $1 AND version = $2', [stream, version, hash]);
        }
        await client.query('UPDATE es.stream SET hash = $2, version = $3 WHERE stream_id = $1', [stream, hash, rows.at(-1)!.version]);
      }),
    rewrite: async (topic, each) => {
      const messages = await read(topic);
      kept.set(topic, kept.get(topic) ?? messages);
      await write(topic, messages.flatMap((message) => each(message) ?? []));
    },
    restore: async () => {
      for (const service of hurt) await copy(databaseOf(service), copyOf(service));
      for (const [topic, messages] of kept) await write(topic, messages);
      hurt.clear();
      kept.clear();
    },
    close: () => owner.end(),
  };
};
