import type { ServiceContext } from '@flotilla/service-kit';

/** How many clocks were begun, called off and fired, and what runs now. */
export const tally = async ({ pool }: ServiceContext): Promise<Record<string, number>> => {
  const { rows } = await pool.query<{ type: string; n: string }>(
    `SELECT type, count(*) AS n FROM es.event WHERE type IN ('WatchBegun', 'WatchCalledOff', 'WatchFired', 'IncidentRaised', 'IncidentAcknowledged', 'IncidentCleared') GROUP BY type`,
  );
  const { rows: running } = await pool.query<{ n: string }>('SELECT count(*) AS n FROM es.timer');
  const of = (type: string): number => Number(rows.find((row) => row.type === type)?.n ?? 0);
  return {
    watchesBegun: of('WatchBegun'),
    watchesCalledOff: of('WatchCalledOff'),
    watchesFired: of('WatchFired'),
    raised: of('IncidentRaised'),
    acknowledged: of('IncidentAcknowledged'),
    cleared: of('IncidentCleared'),
    running: Number(running[0]?.n ?? 0),
  };
};
