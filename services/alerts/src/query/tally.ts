import type { ServiceContext } from '@flotilla/service-kit';

/** How many clocks were begun, called off and fired, what runs now, and what became of the messages. */
export const tally = async ({ pool }: ServiceContext): Promise<Record<string, number>> => {
  const { rows } = await pool.query<{ type: string; n: string }>(
    `SELECT type, count(*) AS n FROM es.event WHERE type IN ('WatchBegun', 'WatchCalledOff', 'WatchFired', 'IncidentRaised', 'IncidentAcknowledged', 'IncidentEscalated', 'IncidentCleared', 'MessageRequested') GROUP BY type`,
  );
  const { rows: running } = await pool.query<{ n: string }>(`SELECT count(*) AS n FROM es.timer WHERE key LIKE 'watch/%'`);
  const { rows: settled } = await pool.query<{ state: string; n: string }>('SELECT state, count(*) AS n FROM read.message GROUP BY state');
  const messages = (state: string): number => Number(settled.find((row) => row.state === state)?.n ?? 0);
  const of = (type: string): number => Number(rows.find((row) => row.type === type)?.n ?? 0);
  return {
    watchesBegun: of('WatchBegun'),
    watchesCalledOff: of('WatchCalledOff'),
    watchesFired: of('WatchFired'),
    raised: of('IncidentRaised'),
    escalated: of('IncidentEscalated'),
    acknowledged: of('IncidentAcknowledged'),
    cleared: of('IncidentCleared'),
    messages: of('MessageRequested'),
    messagesAccepted: messages('ACCEPTED'),
    messagesFailed: messages('FAILED'),
    messagesUnknown: messages('UNKNOWN'),
    running: Number(running[0]?.n ?? 0),
  };
};
