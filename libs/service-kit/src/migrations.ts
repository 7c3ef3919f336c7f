import { migrateEventStore } from '@flotilla/event-store';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditSchema } from './audit-schema.js';

export type MigrationClass = new () => MigrationInterface;

/**
 * A TypeORM migration from plain SQL, for the schema `read` of a service.
 *
 * ```ts
 * const ParcelList = sqlMigration('ParcelList', 1763700000001, ['CREATE TABLE read.parcel (…)']);
 * ```
 */
export const sqlMigration = (name: string, timestamp: number, up: readonly string[], down: readonly string[] = []): MigrationClass =>
  class implements MigrationInterface {
    readonly name = `${name}${timestamp}`;
    async up(runner: QueryRunner): Promise<void> {
      for (const statement of up) await runner.query(statement);
    }
    async down(runner: QueryRunner): Promise<void> {
      for (const statement of down) await runner.query(statement);
    }
  };

/**
 * Statements that have a projection made again from the log, for a migration that changes what its rows say. They refuse where the
 * beginning of the log is archived: there would be no rows at all until somebody restores it.
 */
export const madeAgain = (follower: string, ...tables: readonly string[]): readonly string[] => [
  `DO $$ BEGIN
     IF EXISTS (SELECT FROM es.archive) THEN
       RAISE EXCEPTION '${follower} has to be made again from the log, and its beginning is archived: restore the partitions (npm run restore), then start this version';
     END IF;
   END $$`,
  `TRUNCATE ${tables.map((table) => `read.${table}`).join(', ')}`,
  `UPDATE es.checkpoint SET position = 0, epoch = epoch + 1, updated_at = now() WHERE name = '${follower}'`,
];

/** Brings the database to this version as its owner: event store, read models, and what service and readers may do. */
export const migrate = async (options: {
  readonly ownerUrl: string;
  readonly role: string;
  readonly reader: string;
  readonly migrations: readonly MigrationClass[];
}): Promise<void> => {
  const client = new pg.Client(options.ownerUrl);
  client.on('error', () => undefined); // a connection lost while TypeORM works on its own: the next query says so
  await client.connect();
  try {
    // Two replicas that start together: the second waits for the first.
    await client.query('SELECT pg_advisory_lock(7000, 2)');
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [options.reader]);
    const readers = rowCount ? [options.reader] : [];
    await migrateEventStore(client, { role: options.role, readers });
    await client.query('CREATE SCHEMA IF NOT EXISTS read');
    if (await pending(client, options.migrations)) await runMigrations(options.ownerUrl, options.migrations);
    const role = client.escapeIdentifier(options.role);
    await client.query(`GRANT USAGE ON SCHEMA read TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA read TO ${role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA read TO ${role}`);
    await client.query(auditSchema(role, readers.map((name) => client.escapeIdentifier(name))));
    for (const reader of readers.map((name) => client.escapeIdentifier(name))) {
      await client.query(`GRANT USAGE ON SCHEMA read TO ${reader}; GRANT SELECT ON ALL TABLES IN SCHEMA read TO ${reader}`);
    }
  } finally {
    await client.end();
  }
};

// Most starts have nothing to migrate, and need not load TypeORM (300 modules, 20 MB) to find that out.
const pending = async (client: pg.Client, migrations: readonly MigrationClass[]): Promise<boolean> => {
  if (migrations.length === 0) return false;
  const { rows: tables } = await client.query<{ there: boolean }>("SELECT to_regclass('read.migration') IS NOT NULL AS there");
  if (tables[0]?.there !== true) return true;
  const { rows } = await client.query<{ name: string }>('SELECT name FROM read.migration');
  const done = new Set(rows.map(({ name }) => name));
  return migrations.some((migration) => !done.has(new migration().name ?? migration.name));
};

const runMigrations = async (url: string, migrations: readonly MigrationClass[]): Promise<void> => {
  const { DataSource } = await import('typeorm');
  const source = new DataSource({ type: 'postgres', url, schema: 'read', migrations: [...migrations], migrationsTableName: 'migration', logging: false });
  await source.initialize();
  try {
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await source.destroy();
  }
};
