import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateEventStore } from '@flotilla/event-store';
import { onEnd, startServers, urlOf, type Servers } from '@flotilla/tasks';
import pg from 'pg';

const role = 'bench_service';
const walFiles = 64;

/** Servers of their own for a run of the benchmarks, on data that is thrown away. */
export interface World {
  /** For what a benchmark keeps on disk; removed at the end. */
  readonly dir: string;
  readonly servers: Servers;
  readonly brokers: string;
  /** A new database with the event store, as the service's role sees it. */
  database(name: string): Promise<{ readonly owner: string; readonly service: string }>;
}

export const startWorld = async (): Promise<World> => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  chmodSync(dir, 0o755); // Postgres may have to enter as another user
  onEnd(() => rmSync(dir, { recursive: true, force: true }));
  const servers = await startServers({ dir, ports: 'free', forBenchmark: true });
  onEnd(() => servers.stop());
  await withClient(servers.postgresUrl, async (client) => {
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
    await aged(client);
  });
  return {
    dir,
    servers,
    brokers: servers.brokers,
    database: async (name) => {
      await withClient(servers.postgresUrl, (client) => client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`));
      const owner = urlOf(servers.postgresUrl, name);
      await withClient(owner, (client) => migrateEventStore(client, { role, readers: [] }));
      return { owner, service: urlOf(owner, name, { user: role, password: role }) };
    },
  };
};

/**
 * A server of days writes its log into files that it has used before; a new one fills each with 16 MB of zeros first, for which everybody
 * who flushes to that disk waits, Kafka too: a tenth to a third of a second every few seconds.
 */
const aged = async (client: pg.Client): Promise<void> => {
  await client.query("ALTER SYSTEM SET min_wal_size = '1GB'");
  await client.query('SELECT pg_reload_conf()');
  for (let n = 0; n < walFiles; n += 1) {
    await client.query("SELECT pg_logical_emit_message(true, 'bench', 'one more file of the log')");
    await client.query('SELECT pg_switch_wal()');
  }
  await client.query('CHECKPOINT');
};

export const withClient = async (url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
};

/** A pool as a service has it. */
export const poolOf = (url: string): pg.Pool => {
  const pool = new pg.Pool({ connectionString: url, max: 12 });
  pool.on('error', () => undefined);
  return pool;
};
