import type { Follower, Recorded } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import { dayOf } from '@flotilla/values';
import type { Counted } from '../decide/count.decider.js';

export const countTable = sqlMigration('Counts', 1764480000001, [
  'CREATE TABLE read.count (day text NOT NULL, measure text NOT NULL, currency text NOT NULL, part bigint NOT NULL, whole bigint NOT NULL, PRIMARY KEY (day, measure, currency))',
]);

/** What is counted by the day, a row for each day of the reports' clock, measure and currency. */
export const counts = (zone: string): Follower => ({
  name: 'counts',
  inside: async (events, tx) => {
    const sums = new Map<string, { day: string; measure: string; currency: string; part: number; whole: number }>();
    for (const { type, data } of events as readonly Recorded<Counted>[]) {
      if (type !== 'Counted') continue;
      const { measure, at, part, whole, currency } = data;
      const day = dayOf(at, zone);
      const key = `${day}/${measure}/${currency}`;
      const known = sums.get(key) ?? { day, measure, currency, part: 0, whole: 0 };
      sums.set(key, { ...known, part: known.part + part, whole: known.whole + whole });
    }
    if (sums.size === 0) return;
    await tx.query(
      `INSERT INTO read.count (day, measure, currency, part, whole)
       SELECT c.* FROM jsonb_to_recordset($1::jsonb) AS c(day text, measure text, currency text, part bigint, whole bigint)
       ON CONFLICT (day, measure, currency) DO UPDATE SET part = read.count.part + excluded.part, whole = read.count.whole + excluded.whole`,
      [JSON.stringify([...sums.values()])],
    );
  },
});
