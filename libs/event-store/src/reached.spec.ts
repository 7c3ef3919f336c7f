import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { endOfLog, haveReached, reached } from './reached.js';

/** Checkpoints as they stand at each look, the last of them from then on. */
const log = (...looks: readonly (readonly number[])[]): { readonly pool: Pick<pg.Pool, 'query'>; readonly looked: () => number } => {
  let looked = 0;
  const query = () => Promise.resolve({ rows: looks[Math.min(looked++, looks.length - 1)]!.map((position) => ({ position: String(position) })) });
  return { pool: { query } as unknown as Pick<pg.Pool, 'query'>, looked: () => looked };
};

describe('a read model that is waited for', () => {
  it('has come there when all of its followers have, and one that was never led has not', async () => {
    expect(await haveReached(log([7, 9]).pool, ['a', 'b'], 7)).toBe(true);
    expect(await haveReached(log([7, 6]).pool, ['a', 'b'], 7)).toBe(false);
    expect(await haveReached(log([9]).pool, ['a', 'b'], 7)).toBe(false);
  });

  it('is looked at until it has come there, or the time is over, or nobody waits any more', async () => {
    const { pool, looked } = log([1], [6], [7]);
    expect(await reached(pool, ['a'], 7, { withinMs: 5_000 })).toBe(true);
    expect(looked()).toBe(3);
    expect(await reached(log([1]).pool, ['a'], 7, { withinMs: 60 })).toBe(false);
    expect(await reached(log([1]).pool, ['a'], 7, { withinMs: 0 })).toBe(false);
    await expect(reached(log([1]).pool, ['a'], 7, { withinMs: 5_000, signal: AbortSignal.timeout(30) })).rejects.toThrow();
  });

  it('an empty log ends at 0', async () => {
    expect(await endOfLog(log([12]).pool)).toBe(12);
    expect(await endOfLog(log([]).pool)).toBe(0);
  });
});
