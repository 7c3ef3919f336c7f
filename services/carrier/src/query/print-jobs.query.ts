import type { carrier } from '@flotilla/contracts';
import type pg from 'pg';
import type { PrintJobRow } from '../project/print-job-list.projection.js';

export const toPrintJob = ({ jobId, parcelId, document, copy, station, printer, format, size, state, because, detail, number, waybill, reason, by, queuedAt, sentAt, settledAt, attempts }: PrintJobRow): carrier.PrintJob => ({
  jobId, parcelId, document, copy, station, printer, format, size, state, because, detail, number, waybill, reason, by, queuedAt, sentAt, settledAt, attempts,
});

export interface ListedJobs {
  readonly jobs: readonly carrier.PrintJob[];
  /** The key of the last one if there may be more. */
  readonly last: string | undefined;
}

/** Jobs, the newest first, after a key; "" = whatever station, state or parcel. */
export const listPrintJobs = async (pool: pg.Pool, filter: { readonly station: string; readonly state: string; readonly parcelId: string }, limit: number, after: string | undefined): Promise<ListedJobs> => {
  const values: unknown[] = [limit];
  const conditions = ['true'];
  for (const [column, value] of Object.entries({ station: filter.station, state: filter.state, parcel_id: filter.parcelId })) if (value !== '') conditions.push(`${column} = $${values.push(value)}`);
  if (after !== undefined) conditions.push(`position < $${values.push(after)}`);
  const { rows } = await pool.query<{ position: string; job: PrintJobRow }>(`SELECT position, job FROM read.print_job WHERE ${conditions.join(' AND ')} ORDER BY position DESC LIMIT $1`, values);
  return { jobs: rows.map(({ job }) => toPrintJob(job)), last: rows.length === limit ? rows.at(-1)?.position : undefined };
};

/** What a station's agent has to print or has been given, the oldest first. The list may be behind: the streams decide. */
export const openJobs = async (pool: pg.Pool, station: string, most: number): Promise<readonly carrier.PrintJob[]> => {
  const { rows } = await pool.query<{ job: PrintJobRow }>("SELECT job FROM read.print_job WHERE station = $1 AND state IN ('QUEUED', 'SENT') ORDER BY position LIMIT $2", [station, most]);
  return rows.map(({ job }) => toPrintJob(job));
};

export interface AgentSeen {
  readonly agent: string;
  readonly printers: readonly string[];
  readonly seenAt: string;
}

/** What stations' agents said of themselves, and how many jobs wait at each station. */
export const seenAgents = async (pool: pg.Pool): Promise<{ readonly agents: ReadonlyMap<string, AgentSeen>; readonly waiting: ReadonlyMap<string, number> }> => {
  const [agents, waiting] = await Promise.all([
    pool.query<{ station: string; agent: string; printers: readonly string[]; seen_at: Date }>('SELECT station, agent, printers, seen_at FROM read.print_agent'),
    pool.query<{ station: string; count: string }>("SELECT station, count(*) FROM read.print_job WHERE state IN ('QUEUED', 'SENT') GROUP BY station"),
  ]);
  return {
    agents: new Map(agents.rows.map(({ station, agent, printers, seen_at }) => [station, { agent, printers, seenAt: seen_at.toISOString() }])),
    waiting: new Map(waiting.rows.map(({ station, count }) => [station, Number(count)])),
  };
};

/** Notes that a station's agent was here. */
export const noteAgent = async (pool: pg.Pool, station: string, { agent, printers, seenAt }: AgentSeen): Promise<void> => {
  await pool.query(
    `INSERT INTO read.print_agent (station, agent, printers, seen_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (station) DO UPDATE SET agent = excluded.agent, printers = excluded.printers, seen_at = excluded.seen_at`,
    [station, agent, JSON.stringify(printers), seenAt],
  );
};
