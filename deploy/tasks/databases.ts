// One database and one login role per service, and a role that verifies them all. What the roles may do inside is for the
// services' migrations to say.
import pg from 'pg';

/** `order-core` → `flotilla_order_core`: the name of its database and of its role. */
export const databaseOf = (service: string): string => `flotilla_${service.replaceAll('-', '_')}`;

export const verifyRole = 'flotilla_verify';

/** The same server and options with another database, and another user if given. */
export function urlOf(base: string, database: string, login?: { user: string; password: string }): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  if (login) [url.username, url.password] = [login.user, login.password];
  return url.href;
}

/** Makes databases and roles that are missing and sets the passwords; each role may connect to its own database alone. */
export async function createDatabases(options: { url: string; services: readonly string[]; passwords: Readonly<Record<string, string>> }): Promise<void> {
  const client = new pg.Client({ connectionString: options.url });
  await client.connect();
  try {
    const databases = new Set((await client.query<{ datname: string }>('SELECT datname FROM pg_database')).rows.map((row) => row.datname));
    const roles = new Set((await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles')).rows.map((row) => row.rolname));
    for (const role of [...options.services.map(databaseOf), verifyRole]) {
      const password = client.escapeLiteral(options.passwords[role] ?? '');
      await client.query(`${roles.has(role) ? 'ALTER' : 'CREATE'} ROLE ${client.escapeIdentifier(role)} LOGIN PASSWORD ${password}`);
    }
    for (const name of options.services.map(databaseOf)) {
      const id = client.escapeIdentifier(name);
      if (!databases.has(name)) await client.query(`CREATE DATABASE ${id}`);
      await client.query(`REVOKE ALL ON DATABASE ${id} FROM PUBLIC`);
      await client.query(`GRANT CONNECT ON DATABASE ${id} TO ${id}, ${verifyRole}`);
    }
    for (const shared of ['postgres', 'template1']) await client.query(`REVOKE CONNECT ON DATABASE ${shared} FROM PUBLIC`);
  } finally {
    await client.end();
  }
}
