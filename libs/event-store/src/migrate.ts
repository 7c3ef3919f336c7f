import { Logger as WorkerLogger, runMigrations } from 'graphile-worker';
import pg from 'pg';
import { eventStoreMigrations } from './schema.js';

// Without these a stalled session keeps the append lock and with it every writer.
const sessionGuards: Readonly<Record<string, string>> = {
  transaction_timeout: '10s',
  statement_timeout: '5s',
  lock_timeout: '3s',
  idle_in_transaction_session_timeout: '5s',
};

/** What the service may do: append through the function and read; its own bookkeeping it may write. Never the log itself. */
const grants = (role: string): string => `
REVOKE ALL ON ALL TABLES IN SCHEMA es FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA es FROM PUBLIC;
GRANT USAGE ON SCHEMA es TO ${role};
GRANT SELECT ON ALL TABLES IN SCHEMA es TO ${role};
GRANT INSERT, UPDATE ON es.checkpoint, es.snapshot, es.applied TO ${role};
GRANT DELETE ON es.snapshot TO ${role};
GRANT INSERT, UPDATE ON es.rebuild TO ${role};
GRANT INSERT, UPDATE, DELETE ON es.timer TO ${role};
GRANT EXECUTE ON FUNCTION es.append, es.load, es.keep_partitions, es.rebuild_begin, es.rebuild_swap, es.verify, es.canonical, es.chain_step TO ${role};
`;

const readerGrants = (role: string): string => `
GRANT USAGE ON SCHEMA es TO ${role};
GRANT SELECT ON ALL TABLES IN SCHEMA es TO ${role};
GRANT EXECUTE ON FUNCTION es.verify, es.canonical, es.chain_step TO ${role};
`;

// graphile-worker turns row security on, so that a role that does not own its tables sees nothing without a policy.
const workerGrants = (role: string, readers: readonly string[]): string => `
GRANT USAGE ON SCHEMA graphile_worker TO ${[role, ...readers].join(', ')};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO ${role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO ${role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO ${role};
${readers.map((reader) => `GRANT SELECT ON ALL TABLES IN SCHEMA graphile_worker TO ${reader};`).join('\n')}
DO $$
DECLARE _table name;
BEGIN
  FOR _table IN SELECT relname FROM pg_class WHERE relnamespace = 'graphile_worker'::regnamespace AND relrowsecurity LOOP
    EXECUTE format('DROP POLICY IF EXISTS service ON graphile_worker.%I', _table);
    EXECUTE format('CREATE POLICY service ON graphile_worker.%I TO ${role} USING (true) WITH CHECK (true)', _table);
    ${readers.map((reader, i) => `
    EXECUTE format('DROP POLICY IF EXISTS reader_${i} ON graphile_worker.%I', _table);
    EXECUTE format('CREATE POLICY reader_${i} ON graphile_worker.%I FOR SELECT TO ${reader} USING (true)', _table);`).join('')}
  END LOOP;
END $$;
`;

const silent = new WorkerLogger(() => () => undefined);

/** graphile-worker takes a pool only: a small one with the client's own parameters. */
const migrateWork = async (client: pg.Client): Promise<void> => {
  const { host, port, user, password, database, ssl } = client;
  const pool = new pg.Pool({ host, port, database, ssl, max: 2, ...(user ? { user } : {}), ...(password ? { password } : {}) });
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool, logger: silent });
  } finally {
    await pool.end();
  }
};

/**
 * Brings a database to this version: schema `es`, graphile-worker's schema, and what `role` (the service) and `readers`
 * (verify) may do with them. Run it as the owner of the schema, a role that no service logs in as. May run again, and in
 * several processes at once.
 */
export const migrateEventStore = async (client: pg.Client, options: { readonly role: string; readonly readers: readonly string[] }): Promise<void> => {
  const role = client.escapeIdentifier(options.role);
  const readers = options.readers.map((reader) => client.escapeIdentifier(reader));
  await client.query('SELECT pg_advisory_lock(7000, 1)');
  try {
    for (const statement of eventStoreMigrations()) await client.query(statement);
    await client.query(grants(role));
    for (const reader of readers) await client.query(readerGrants(reader));
    await migrateWork(client);
    await client.query(workerGrants(role, readers));
    const { rows } = await client.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
    for (const [setting, value] of Object.entries(sessionGuards)) {
      await client.query(`ALTER ROLE ${role} IN DATABASE ${rows[0]?.name} SET ${setting} = '${value}'`);
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock(7000, 1)');
  }
};
