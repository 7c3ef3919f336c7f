import type { Pool } from 'pg';
import type { DifferenceRow, ReportHead, ReportSums } from '../../decide/wms/report.decider.js';

export type Report = ReportHead & ReportSums;

/** Reports, the newest first, after one (its time and id). */
export const listReports = async (pool: Pick<Pool, 'query'>, warehouse: string, limit: number, after: readonly string[] | undefined): Promise<readonly Report[]> => {
  const { rows } = await pool.query<{ report: Report }>(
    `SELECT report FROM read.wms_report WHERE ($1 = '' OR warehouse = $1) AND ($2::timestamptz IS NULL OR at < $2 OR (at = $2 AND report_id > $3)) ORDER BY at DESC, report_id LIMIT $4`,
    [warehouse, after?.[0] ?? null, after?.[1] ?? '', limit],
  );
  return rows.map(({ report }) => report);
};

export const findReport = async (pool: Pick<Pool, 'query'>, reportId: string): Promise<Report | undefined> =>
  (await pool.query<{ report: Report }>('SELECT report FROM read.wms_report WHERE report_id = $1', [reportId])).rows[0]?.report;

export const differencesOf = async (pool: Pick<Pool, 'query'>, reportId: string, limit: number, after: string | undefined): Promise<readonly DifferenceRow[]> => {
  const { rows } = await pool.query<{ difference: DifferenceRow }>('SELECT difference FROM read.wms_difference WHERE report_id = $1 AND sku > $2 ORDER BY sku LIMIT $3', [reportId, after ?? '', limit]);
  return rows.map(({ difference }) => difference);
};
