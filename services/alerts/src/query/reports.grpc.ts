import { alerts } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import type { Reported } from '../accept/reporting.js';
import type { Report } from '../decide/report.decider.js';
import { paperOf } from '../perform/report-paper.js';

interface ReportRow {
  readonly day: string;
  readonly made_at: Date;
  readonly report: Report;
  readonly deliveries: readonly alerts.ReportDelivery[];
}

const columns = `r.day, r.made_at, r.report, coalesce((SELECT jsonb_agg(jsonb_build_object('target', d.target, 'outcome', d.outcome, 'detail', d.detail, 'at', to_char(d.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY d.target)
  FROM read.report_delivery d WHERE d.day = r.day), '[]') AS deliveries`;

const list = async ({ pool }: Reported, { page }: alerts.ListReportsRequest): Promise<alerts.ListReportsResponse> => {
  const { limit, after } = pageOf(page, 'reports');
  const { rows } = await pool.query<ReportRow>(`SELECT ${columns} FROM read.report r WHERE $1::text IS NULL OR r.day < $1 ORDER BY r.day DESC LIMIT $2`, [after?.[0] ?? null, limit + 1]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    reports: shown.map(({ day, report: { from, to, rules }, deliveries }) => ({ day, from, to, raised: rules.reduce((sum, { raised }) => sum + raised, 0), open: rules.reduce((sum, { open }) => sum + open, 0), deliveries })),
    nextToken: rows.length > limit && last ? pageToken([last.day], 'reports') : '',
  };
};

const get = async ({ pool }: Reported, { day }: alerts.GetReportRequest): Promise<alerts.DailyReport> => {
  if (day !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Refused('BAD_REQUEST', `"${day.slice(0, 30)}" is no day; give one such as 2026-11-30, or "" for the newest`);
  const { rows } = await pool.query<ReportRow>(`SELECT ${columns} FROM read.report r WHERE $1 = '' OR r.day = $1 ORDER BY r.day DESC LIMIT 1`, [day]);
  if (!rows[0]) throw new Refused('NOT_FOUND', day === '' ? 'no report was made yet; the first comes at the time of FLOTILLA_REPORT_AT' : `there is no report of ${day}; list them with Reports/List`);
  return { ...rows[0].report, deliveries: rows[0].deliveries };
};

export const reportsGrpc = (ctx: Reported): Served =>
  serve(alerts.Reports, {
    list: (request) => list(ctx, request),
    get: (request) => get(ctx, request),
    paper: async (request) => {
      const report = await get(ctx, request);
      return { data: await paperOf(report, ctx.config.FLOTILLA_REPORT_ZONE), contentType: 'application/pdf', filename: `flotilla-report-${report.day}.pdf` };
    },
  });
