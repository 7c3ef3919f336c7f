import { expect, it } from '@jest/globals';
import { database } from './database.js';

it('gives each spec file a database of its own, from a template that is migrated once', async () => {
  let migrations = 0;
  const template = { name: 'own', version: String(Date.now()), migrate: async (client: { query(sql: string): Promise<unknown> }) => void (migrations += 1, await client.query('CREATE TABLE t (n int)')) };
  const [a, b] = [await database(undefined, template), await database(undefined, template)];
  try {
    await a.pool.query('INSERT INTO t VALUES (1)');
    expect((await b.pool.query('SELECT count(*)::int AS n FROM t')).rows).toEqual([{ n: 0 }]);
    expect(migrations).toBe(1);
  } finally {
    await Promise.all([a.drop(), b.drop()]);
  }
  const c = await database();
  try {
    expect((await c.pool.query(`SELECT count(*)::int AS n FROM pg_database WHERE datname IN ($1, $2)`, [a.name, b.name])).rows).toEqual([{ n: 0 }]);
  } finally {
    await c.drop();
  }
});
