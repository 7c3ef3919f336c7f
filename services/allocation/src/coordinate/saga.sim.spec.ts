import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool, simulate } from '../../spec/pool.js';
import { lacking } from '../../spec/runs.js';

/*
 * `npm run sim -- --seeds 200000` runs more of the same. A failing seed is printed as a story, shrunk to what it needs.
 */
const SEEDS = Number(process.env['FLOTILLA_SIM_SEEDS'] ?? 20_000);
const FROM = Number(process.env['FLOTILLA_SIM_FROM'] ?? 1);

describe('the saga on a bad network', () => {
  let pool: Pool;
  beforeAll(() => {
    pool = new Pool();
  });
  afterAll(() => pool.close());

  it(
    `ALC-01: holds every invariant in ${SEEDS} schedules, comes to rest in each, and everything that may happen has happened`,
    async () => {
      const tally = await simulate(pool, FROM, SEEDS);
      if (tally.failure !== null) throw new Error(`seed ${tally.failure.seed} breaks ${tally.failure.invariant}\n${await pool.explain(tally.failure.seed)}`);
      expect(tally.runs).toBe(SEEDS);
      expect(lacking(tally)).toEqual([]);
    },
    30 * 60_000,
  );
});
