import type { Follower, Recorded } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { ReportEvent } from '../decide/report.decider.js';

export const reportTable = sqlMigration('Reports', 1764460000002, [
  'CREATE TABLE read.report (day text PRIMARY KEY, made_at timestamptz NOT NULL, report jsonb NOT NULL)',
  `CREATE TABLE read.report_delivery (day text NOT NULL, target text NOT NULL, outcome text NOT NULL, detail text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (day, target))`,
]);

type Made = Extract<ReportEvent, { type: 'ReportMade' }>['data'];
type Delivered = Extract<ReportEvent, { type: 'ReportDelivered' }>['data'];

/** Reports as they were made, and what became of their mails. */
export const reports: Follower = {
  name: 'reports',
  inside: async (events, tx) => {
    const mine = (events as readonly Recorded<ReportEvent>[]).filter(({ stream }) => stream.startsWith('report-'));
    const made = mine.flatMap((event) => (event.type === 'ReportMade' ? [event.data as Made] : []));
    const delivered = mine.flatMap((event) => (event.type === 'ReportDelivered' ? [event.data as Delivered] : []));
    if (made.length > 0) {
      await tx.query(
        `INSERT INTO read.report (day, made_at, report) SELECT r ->> 'day', (r ->> 'to')::timestamptz, r FROM jsonb_array_elements($1::jsonb) r ON CONFLICT (day) DO UPDATE SET made_at = excluded.made_at, report = excluded.report`,
        [JSON.stringify([...new Map(made.map((report) => [report.day, report])).values()])],
      );
    }
    if (delivered.length === 0) return;
    await tx.query(
      `INSERT INTO read.report_delivery (day, target, outcome, detail, at)
       SELECT d.* FROM jsonb_to_recordset($1::jsonb) AS d(day text, target text, outcome text, detail text, at timestamptz)
       ON CONFLICT (day, target) DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail, at = excluded.at`,
      [JSON.stringify([...new Map(delivered.map((one) => [`${one.day}/${one.target}`, one])).values()])],
    );
  },
};
