import type { Follower, Recorded, Transaction } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import { jobIdOf } from '../decide/print-job.decider.js';
import type { PrintJobEvent, QueuedPaper } from '../decide/print-job.events.js';

/** A job as lists show it, and as agents are given it: `position` is that of the event that queued it. */
export interface PrintJobRow extends QueuedPaper {
  readonly jobId: string;
  readonly state: string;
  readonly because: string;
  readonly detail: string;
  readonly queuedAt: string;
  readonly sentAt: string;
  readonly settledAt: string;
  readonly attempts: number;
}

export const PrintTables = sqlMigration('PrintTables', 1764520000001, [
  'CREATE TABLE read.print_job (job_id text PRIMARY KEY, position bigint NOT NULL, station text NOT NULL, state text NOT NULL, parcel_id text NOT NULL, job jsonb NOT NULL)',
  'CREATE INDEX print_job_by_age ON read.print_job (position DESC)',
  'CREATE INDEX print_job_of_station ON read.print_job (station, position DESC)',
  "CREATE INDEX print_job_open ON read.print_job (station, position) WHERE state IN ('QUEUED', 'SENT')",
  'CREATE INDEX print_job_of_parcel ON read.print_job (parcel_id, position DESC)',
  // Of agents, not of the log: when each was here last.
  'CREATE TABLE read.print_agent (station text PRIMARY KEY, agent text NOT NULL, printers jsonb NOT NULL, seen_at timestamptz NOT NULL)',
]);

type Known = Map<string, { position: number; job: PrintJobRow }>;

const prefix = 'printJob-';

const apply = (rows: Known, event: Recorded): void => {
  const { type, data } = event as unknown as PrintJobEvent;
  if (type === 'PrintQueued') {
    const jobId = jobIdOf(data);
    rows.set(jobId, { position: event.position, job: { ...data, jobId, state: 'QUEUED', because: '', detail: '', queuedAt: data.at, sentAt: '', settledAt: '', attempts: 0 } });
    return;
  }
  const row = rows.get(`${event.stream.slice(prefix.length)}.${data.copy}`);
  if (!row) return;
  switch (type) {
    case 'PrintSent':
      row.job = { ...row.job, state: 'SENT', sentAt: data.at, attempts: data.attempt };
      return;
    case 'PrintDone':
      row.job = { ...row.job, state: 'PRINTED', because: '', detail: '', settledAt: data.at };
      return;
    case 'PrintFailed':
      row.job = { ...row.job, state: 'FAILED', because: data.because, detail: data.detail, settledAt: data.at };
      return;
    default:
      return;
  }
};

const project = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const ours = events.filter(({ stream }) => stream.startsWith(prefix));
  if (ours.length === 0) return;
  const ids = [...new Set(ours.map(({ stream, data }) => `${stream.slice(prefix.length)}.${(data as { readonly copy: number }).copy}`))];
  const found = await tx.query<{ position: string; job: PrintJobRow }>('SELECT position, job FROM read.print_job WHERE job_id = ANY ($1)', [ids]);
  const rows: Known = new Map(found.rows.map(({ position, job }) => [job.jobId, { position: Number(position), job }]));
  for (const event of ours) apply(rows, event);
  const values = [...rows.values()].map(({ position, job }) => ({ job_id: job.jobId, position, station: job.station, state: job.state, parcel_id: job.parcelId, job }));
  await tx.query(
    `INSERT INTO read.print_job SELECT * FROM jsonb_populate_recordset(NULL::read.print_job, $1)
     ON CONFLICT (job_id) DO UPDATE SET station = excluded.station, state = excluded.state, parcel_id = excluded.parcel_id, job = excluded.job`,
    [JSON.stringify(values)],
  );
};

/** Follows the print jobs' streams into read.print_job. */
export const printJobList: Follower = { name: 'print-jobs', inside: project };
