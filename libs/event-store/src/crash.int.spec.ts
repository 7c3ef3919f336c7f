import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { crashable, eventually, type Crashable } from '@flotilla/testing';
import { add, ledger, random, world, type World } from '../spec/fixture.js';

jest.setTimeout(120_000);
const script = fileURLToPath(new URL('../spec/child.ts', import.meta.url));
let w: World;
const children: Crashable[] = [];
beforeAll(async () => {
  w = await world();
  await w.owner.query('CREATE TABLE seen (position bigint); CREATE TABLE sent (position bigint); CREATE TABLE bought (intent text); GRANT ALL ON seen, sent, bought TO PUBLIC');
});
afterAll(async () => {
  for (const child of children) await child.kill();
  await w.end();
});

const start = (env: Record<string, string> = {}): Crashable => {
  const child = crashable(script, { env: { URL_OF_DATABASE: w.url, ...env } });
  children.push(child);
  return child;
};
const positions = async (table: 'seen' | 'sent' | 'es.event'): Promise<number[]> => (await w.pool.query(`SELECT position FROM ${table} ORDER BY position`)).rows.map((row) => Number(row.position));
const entries = async (id: string): Promise<readonly string[]> => (await w.another().store.folded(ledger, [id])).get(id)?.state.entries ?? [];
const caughtUp = (): Promise<unknown> =>
  eventually(async () => {
    const { rows } = await w.pool.query("SELECT min(position) = (SELECT max(position) FROM es.event) AS all FROM es.checkpoint WHERE name IN ('inside', 'outside', 'work')");
    return rows[0].all as boolean;
  }, { timeoutMs: 60_000 });

describe('a process that is killed', () => {
  it('ING-05: at random moments loses nothing that it acknowledged and takes in nothing twice, from three partitions at once', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1e9);
    const rnd = random(seed);
    const acknowledged: string[] = [];
    for (let run = 0; run < 4; run += 1) {
      const child = start({ LOAD: '1', RUN: `${run}` });
      await child.line('acknowledged', 60_000);
      const enough = 20 + Math.floor(rnd() * 400);
      await eventually(() => child.lines.length > enough, { everyMs: 1, timeoutMs: 60_000 });
      await child.kill();
      acknowledged.push(...child.lines.filter((line) => line.startsWith('acknowledged ')).map((line) => line.slice(13)));
    }
    const stored = (await Promise.all(Array.from({ length: 7 }, (_, i) => entries(`crash-${i}`)))).flat();
    expect({ seed, twice: stored.length - new Set(stored).size }).toEqual({ seed, twice: 0 });
    expect({ seed, lost: acknowledged.filter((entry) => !stored.includes(entry)) }).toEqual({ seed, lost: [] });
    for (const partition of [0, 1, 2]) {
      const offset = (await w.store.offset('crash', 'topic', partition)) ?? 0;
      const taken = stored.filter((entry) => entry.startsWith(`taken.${partition}.`)).map((entry) => Number(entry.split('.')[2]));
      expect({ seed, partition, taken: taken.sort((a, b) => a - b), some: offset > 0 }).toEqual({ seed, partition, taken: Array.from({ length: offset }, (_, i) => i), some: true });
    }
    expect(acknowledged.length).toBeGreaterThan(80);
    expect((await w.pool.query('SELECT * FROM es.verify()')).rows).toEqual([]);
  });

  it('after its effect and before its checkpoint repeats it outside and not inside', async () => {
    for (const point of ['inside', 'outside']) {
      await w.store.execute(add('marked', point));
      const child = start({ CRASH_AT: point });
      expect(await child.exited).toBe('SIGKILL');
    }
    const child = start();
    await child.line('ready', 60_000);
    await caughtUp();
    await child.kill();
    const log = await positions('es.event');
    expect(await positions('seen')).toEqual(log);
    const sent = await positions('sent');
    expect(sent.length).toBeGreaterThan(log.length);
    expect([...new Set(sent)]).toEqual(log);
  });

  it('CAR-12: before, during or after a call leaves one effect and one outcome per intent', async () => {
    const intents: string[] = [];
    for (const point of ['before', 'during', 'after']) {
      const intent = `intent-${point}`;
      intents.push(intent);
      await w.store.execute(add('intents', intent));
      const dying = start({ CRASH_AT: point });
      expect(await dying.exited).toBe('SIGKILL');
      expect(await entries('outcomes')).toEqual(point === 'after' ? intents : intents.slice(0, -1));
      const next = start();
      await next.line(`resolved ${intent}`, 60_000);
      await next.kill();
    }
    expect((await w.pool.query('SELECT intent FROM bought ORDER BY intent')).rows.map((row) => row.intent)).toEqual([...intents].sort());
    expect(await entries('outcomes')).toEqual(intents);
  });
});
