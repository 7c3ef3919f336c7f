import { describe, expect, it } from '@jest/globals';
import { pageToken } from '@flotilla/service-kit';
import type pg from 'pg';
import { listOperations, listOutcomes } from './operation-list.js';
import { questionsOf, type Questions } from './questions.js';
import { countsOf, listViews, refuseMore } from './view-list.js';

const pool = (query: (text: string, values: unknown[]) => Promise<unknown>): Pick<pg.Pool, 'query'> => ({ query }) as unknown as Pick<pg.Pool, 'query'>;
const tooSlow = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
const now = (): Date => new Date('2026-11-30T12:00:00Z');
const never = pool(() => Promise.reject(new Error('Postgres would have been asked')));

describe('what the desk asks', () => {
  it('ORD-11: is asked three at once, whatever connections there are', async () => {
    const open: (() => void)[] = [];
    const desk = questionsOf(pool(() => new Promise((resolve) => open.push(() => resolve({ rows: [] })))), now);
    const asked = Array.from({ length: 5 }, () => desk.query('SELECT', []));
    await new Promise(setImmediate);
    expect(open).toHaveLength(3);
    open[0]!();
    await asked[0];
    await new Promise(setImmediate);
    expect(open).toHaveLength(4);
    while (open.length < 5) {
      open.forEach((end) => end());
      await new Promise(setImmediate);
    }
    open[4]!();
    expect(await Promise.all(asked)).toHaveLength(5);
  });

  it('ORD-11: is refused where it takes too long, and told what to do; another failure stays one', async () => {
    await expect(questionsOf(pool(() => Promise.reject(tooSlow)), now).query('SELECT', [])).rejects.toMatchObject({ reason: 'TOO_LARGE', message: expect.stringContaining('narrow the filter') });
    await expect(questionsOf(pool(() => Promise.reject(new Error('gone'))), now).query('SELECT', [])).rejects.toMatchObject({ message: 'gone' });
  });
});

describe('saved views', () => {
  const own = (name: string, tag: string) => ({ view_id: name, name, filter: { tags: [tag] }, sort: '', shared: false, owner: 'ada' });
  const listed = (answer: (values: unknown[]) => Promise<unknown>): { readonly desk: Questions; readonly counted: () => number } => {
    let counted = 0;
    const desk = questionsOf(pool((text, values) => {
      if (text.includes('FROM read.order_view')) return Promise.resolve({ rows: [own('Slow', 'slow'), own('Quick', 'quick')] });
      counted += 1;
      return answer(values);
    }), now);
    return { desk, counted: () => counted };
  };
  const slow = (values: unknown[]): boolean => JSON.stringify(values).includes('tag:slow');

  it('ORD-11: one that cannot be counted in time hides none of the others, and counts stand for a moment', async () => {
    const { desk, counted } = listed((values) => (slow(values) ? Promise.reject(tooSlow) : Promise.resolve({ rows: [{ orders: 7 }] })));
    const counts = countsOf(desk);
    const { views } = await listViews(desk, 'ada', counts);
    expect(views.slice(-2).map(({ name, orders, more }) => [name, orders, more])).toEqual([['Slow', 0, true], ['Quick', 7, false]]);
    const once = counted();
    expect(once).toBe(views.length);
    await listViews(desk, 'ada', counts);
    expect(counted()).toBe(once);
  });

  it('ORD-11: a database that is away is an error, and no count that is kept', async () => {
    let away = true;
    const { desk } = listed(() => (away ? Promise.reject(new Error('gone')) : Promise.resolve({ rows: [{ orders: 1 }] })));
    const counts = countsOf(desk);
    await expect(listViews(desk, 'ada', counts)).rejects.toThrow('gone');
    away = false;
    expect((await listViews(desk, 'ada', counts)).views.every(({ orders }) => orders === 1)).toBe(true);
  });

  it('ORD-11: nobody has more than fifty', async () => {
    const with_ = (views: number): Questions => questionsOf(pool(() => Promise.resolve({ rows: [{ views }] })), now);
    await expect(refuseMore(with_(50), 'ada', '')).rejects.toMatchObject({ reason: 'TOO_LARGE' });
    await expect(refuseMore(with_(49), 'ada', '')).resolves.toBeUndefined();
  });
});

describe('lists of bulk work', () => {
  const id = '5b0c0c1e-6c1f-4a7e-9d0a-1f2e3d4c5b6a';
  const desk = questionsOf(never, now);
  it.each(['x', '-1', '1e3', '9'.repeat(30), ''])('ORD-16: a token that holds no number of ours never reaches Postgres: "%s"', async (text) => {
    await expect(listOperations(desk, { page: { size: 0, token: pageToken([text], 'operations') } })).rejects.toMatchObject({ reason: 'BAD_PAGE_TOKEN' });
    await expect(listOutcomes(desk, { operationId: id, outcome: '', page: { size: 0, token: pageToken([text], ['outcomes', id, '']) } })).rejects.toMatchObject({ reason: 'BAD_PAGE_TOKEN' });
  });

  it('ORD-16: an id that is none names nothing', async () => {
    for (const odd of ['', 'x', 'a\0b', 'x'.repeat(500)]) await expect(listOutcomes(desk, { operationId: odd, outcome: '', page: { size: 0, token: '' } })).rejects.toMatchObject({ reason: 'NOT_FOUND' });
  });
});
