import { afterAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { kafkaClient } from './kafka.ts';
import { startServers, type Servers } from './servers.ts';
import { createTopics } from './topics.ts';

describe('the embedded servers', () => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-durable-'));
  // Postgres may have to enter as another user.
  chmodSync(dir, 0o755);
  let servers: Servers | undefined;

  afterAll(async () => {
    await servers?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  it('keep every acknowledged row and message through SIGKILL, and start again on the same data', async () => {
    servers = await startServers({ dir, ports: 'free' });
    await createTopics({ brokers: servers.brokers, wanted: [{ name: 'durable', partitions: 3, retentionMs: -1 }] });
    await query(servers, 'CREATE TABLE durable (n int PRIMARY KEY)');
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    const producer = kafkaClient(servers.brokers).producer({ idempotent: false });
    await producer.connect();
    for (const n of numbers) {
      await query(servers, `INSERT INTO durable VALUES (${n})`);
      await producer.send({ topic: 'durable', acks: -1, messages: [{ key: String(n), value: String(n) }] });
    }
    await producer.disconnect();

    await Promise.all([servers.postgres?.kill9(), servers.kafka?.kill9()]);
    servers = await startServers({ dir, ports: 'free' });

    expect((await query(servers, 'SELECT n FROM durable ORDER BY n')).map((row) => row['n'])).toEqual(numbers);
    const admin = kafkaClient(servers.brokers).admin();
    await admin.connect();
    const kept = (await admin.fetchTopicOffsets('durable')).reduce((sum, { high }) => sum + Number(high), 0);
    await admin.disconnect();
    expect(kept).toBe(numbers.length);
  }, 60_000);
});

async function query(servers: Servers, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: servers.postgresUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
