import type { order as contract } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Questions } from './questions.js';

/** Where an age bucket begins, in hours; each ends where the next one begins. */
export const ages = [0, 1, 4, 24, 72, 168] as const;
const mostHours = 31 * 24;
const usualHours = 24;

interface WaitingRow {
  readonly state: string;
  readonly waits_for: string;
  readonly age: number;
  readonly orders: number;
  readonly oldest: string;
}

/** The bucket of `ages` as SQL: 0 is the youngest. Instants are compared as text, as they are kept. */
const ageOf = `(${ages.slice(1).map((_, at) => `(waits_since <= $${at + 1})::int`).join(' + ')})`;

const before = (now: Date, hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();

/** All that waits, by what for and how long: orders that are closed or cancelled are in no index that this reads. */
const waiting = async (questions: Questions, now: Date): Promise<readonly contract.WaitingOrders[]> => {
  const { rows } = await questions.query<WaitingRow>(
    `SELECT state, waits_for, ${ageOf} AS age, count(*)::int AS orders, min(waits_since) AS oldest
       FROM read.order_list WHERE placed_at <> '' AND waits_for <> '' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT 2000`,
    ages.slice(1).map((hours) => before(now, hours)),
  );
  return rows.map(({ state, waits_for, age, orders, oldest }) => ({ state, waitsFor: waits_for, fromHours: ages[age] ?? 0, toHours: ages[age + 1] ?? 0, orders, oldest }));
};

/** What came in since then, by the hour: read along the index of the newest. */
const flow = async (questions: Questions, since: string): Promise<Pick<contract.OrderFigures, 'flow' | 'states'>> => {
  const { rows } = await questions.query<{ hour: string | null; channel: string | null; state: string | null; placed: number; cancelled: number }>(
    `SELECT hour, channel, state, count(*)::int AS placed, (count(*) FILTER (WHERE cancelled))::int AS cancelled
       FROM (SELECT left(placed_at, 13) AS hour, channel, state, cancel_stage <> '' AS cancelled FROM read.order_list WHERE placed_at <> '' AND placed_at >= $1) placed
      GROUP BY GROUPING SETS ((hour, channel), (state)) ORDER BY 1, 2, 3 LIMIT 20000`,
    [since],
  );
  return {
    flow: rows.flatMap(({ hour, channel, placed, cancelled }) => (hour === null || channel === null ? [] : [{ hour: `${hour}:00:00.000Z`, channel, placed, cancelled }])),
    states: rows.flatMap(({ state, placed }) => (state === null ? [] : [{ state, orders: placed }])),
  };
};

/** Figures stand so long: every dashboard that is open asks for the same ones. */
const keptMs = 5_000;

/** Answers figures; those of the same span are counted once in `keptMs`, however many ask. */
export const figuresOf = (questions: Questions): ((hours: number) => Promise<contract.OrderFigures>) => {
  const kept = new Map<number, { readonly at: number; readonly figures: Promise<contract.OrderFigures> }>();
  return (asked) => {
    if (asked < 0 || asked > mostHours) throw new Refused('BAD_REQUEST', `hours is 1 to ${mostHours}`);
    const hours = asked || usualHours;
    const now = Date.now();
    for (const [key, { at }] of kept) if (now - at > keptMs) kept.delete(key);
    const known = kept.get(hours);
    if (known) return known.figures;
    const count = async (): Promise<contract.OrderFigures> => {
      const at = questions.now();
      const since = before(at, hours);
      const [waits, came] = await Promise.all([waiting(questions, at), flow(questions, since)]);
      return { at: at.toISOString(), since, waiting: waits, ...came };
    };
    const figures = count().catch((error: unknown) => {
      kept.delete(hours);
      throw error;
    });
    kept.set(hours, { at: now, figures });
    return figures;
  };
};
