import type { Follower } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { WmsReportEvent } from '../../decide/wms/report.decider.js';

export const WmsReportTables = sqlMigration('WmsReportTables', 1763900000001, [
  'CREATE TABLE read.wms_report (report_id text PRIMARY KEY, warehouse text NOT NULL, at timestamptz NOT NULL, report jsonb NOT NULL)',
  'CREATE INDEX wms_report_by_age ON read.wms_report (at DESC, report_id)',
  'CREATE TABLE read.wms_difference (report_id text NOT NULL, sku text NOT NULL, difference jsonb NOT NULL, PRIMARY KEY (report_id, sku))',
]);

/** Lists compared with the forecast, and where they differed. */
export const wmsReports: Follower = {
  name: 'wms-reports',
  inside: async (events, tx) => {
    const own = events.filter(({ stream }) => stream.startsWith('wmsreport-')).map((event) => event as unknown as WmsReportEvent);
    const differences = own.flatMap((event) => (event.type === 'DifferencesFound' ? event.data.rows.map((row) => ({ report_id: event.data.reportId, sku: row.sku, difference: row })) : []));
    const reports = own.flatMap((event) => (event.type === 'ListReconciled' ? [{ report_id: event.data.reportId, warehouse: event.data.warehouse, at: event.data.at, report: event.data }] : []));
    if (differences.length > 0) await tx.query('INSERT INTO read.wms_difference SELECT * FROM jsonb_populate_recordset(NULL::read.wms_difference, $1) ON CONFLICT DO NOTHING', [JSON.stringify(differences)]);
    if (reports.length > 0) await tx.query('INSERT INTO read.wms_report SELECT * FROM jsonb_populate_recordset(NULL::read.wms_report, $1) ON CONFLICT DO NOTHING', [JSON.stringify(reports)]);
  },
};
