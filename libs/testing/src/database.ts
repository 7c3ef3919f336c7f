import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of its own for one spec file. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Of at most 10 connections, ended by `drop`. */
  readonly pool: pg.Pool;
  drop(): Promise<void>;
}

/** What every database made from it already has. `name` and `version` identify it: another version, another template. */
export interface Template {
  readonly name: string;
  readonly version?: string;
  readonly migrate: (client: pg.Client) => Promise<void>;
}

/**
 * `database(url)`: a fresh, empty database on the server that `url` names (its user must be allowed to create databases).
 * With a template it is a file copy of a database that was migrated once — milliseconds instead of the migrations.
 * `FILE_COPY` and no `fsync` between: these databases are thrown away.
 */
export const database = async (ownerUrl: string | undefined = process.env['FLOTILLA_TEST_DATABASE_URL'], template?: Template): Promise<TestDatabase> => {
  if (ownerUrl === undefined) throw new Error('FLOTILLA_TEST_DATABASE_URL is not set');
  const name = `spec_${process.pid}_${randomBytes(5).toString('hex')}`;
  const from = template === undefined ? 'template0' : await templateOf(ownerUrl, template);
  await withClient(ownerUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${from} STRATEGY FILE_COPY`));
  const url = urlOf(ownerUrl, name);
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on('error', () => undefined); // an idle connection that a spec's fault killed; who uses one still gets the error
  return {
    url,
    name,
    pool,
    drop: async () => {
      await pool.end();
      await withClient(ownerUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
};

const templateOf = async (ownerUrl: string, template: Template): Promise<string> => {
  const version = createHash('sha256').update(`${template.version ?? ''}\n${template.migrate.toString()}`).digest('hex').slice(0, 10);
  const name = `template_${template.name.toLowerCase().replace(/[^a-z0-9]/g, '_')}_${version}`;
  await withClient(ownerUrl, async (client) => {
    // Spec files run in processes of their own: one makes the template, the others wait for it.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount !== 0) return;
    const raw = `${name}_raw`;
    await client.query(`DROP DATABASE IF EXISTS ${raw} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${raw} TEMPLATE template0`);
    await withClient(urlOf(ownerUrl, raw), template.migrate);
    await client.query(`ALTER DATABASE ${raw} RENAME TO ${name}`); // named only when whole: a spec that dies in between leaves no half template
  });
  return name;
};

const urlOf = (ownerUrl: string, name: string): string => {
  const url = new URL(ownerUrl);
  url.pathname = `/${name}`;
  return url.toString();
};

const withClient = async (url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
};
