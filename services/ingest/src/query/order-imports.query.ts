import type { ingest } from '@flotilla/contracts';
import { csvRow } from '@flotilla/values';
import type pg from 'pg';
import type { ImportRow } from '../project/order-import-list.js';

const shown = (row: ImportRow): ingest.OrderImport => ({
  id: row.id, channel: row.channel, fileName: row.file_name, format: row.format, bytes: Number(row.bytes), state: row.state, reason: row.reason, detail: row.detail, rows: Number(row.rows), orders: Number(row.orders),
  accepted: Number(row.accepted), updated: Number(row.updated), duplicate: Number(row.duplicate), quarantined: Number(row.quarantined), receivedAt: row.received_at, endedAt: row.ended_at,
});

export const findImport = async (pool: pg.Pool, id: string): Promise<ingest.OrderImport | undefined> => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined;
  const { rows } = await pool.query<ImportRow>('SELECT * FROM read.order_import WHERE id = $1', [id]);
  return rows[0] && shown(rows[0]);
};

/** The newest first; `last`: where the next page begins. */
export const listImports = async (pool: pg.Pool, channel: string, limit: number, after: string | undefined): Promise<{ readonly imports: readonly ingest.OrderImport[]; readonly last: string | undefined }> => {
  const { rows } = await pool.query<ImportRow>("SELECT * FROM read.order_import WHERE ($1 = '' OR channel = $1) AND first_position < $2 ORDER BY first_position DESC LIMIT $3", [channel, after ?? String(Number.MAX_SAFE_INTEGER), limit]);
  return { imports: rows.map(shown), last: rows.length === limit ? String(rows.at(-1)!.first_position) : undefined };
};

/** Rows as they stand in the file, behind the row `after`. */
export const listImportRows = async (pool: pg.Pool, id: string, outcome: string, limit: number, after: number): Promise<readonly ingest.ImportedRow[]> => {
  const { rows } = await pool.query<{ row: number; channel_order_id: string; order_id: string; outcome: string; reason: string; detail: string; cell: string }>(
    "SELECT row, channel_order_id, order_id, outcome, reason, detail, cell FROM read.import_row WHERE import_id = $1 AND ($2 = '' OR outcome = $2) AND row > $3 ORDER BY row LIMIT $4",
    [id, outcome, after, limit],
  );
  return rows.map((row) => ({ row: row.row, channelOrderId: row.channel_order_id, orderId: row.order_id, outcome: row.outcome, reason: row.reason, detail: row.detail, cell: row.cell }));
};

const reportPage = 500;
const csvLine = (cells: readonly (string | number)[]): string => `${csvRow(cells.map(String))}\r\n`;

/** What became of each row, as a CSV. With a mark: Excel takes one without it for the local code page. */
export async function* reportLines(pool: pg.Pool, id: string): AsyncGenerator<string> {
  yield `\ufeff${csvLine(['row', 'channel_order_id', 'order_id', 'outcome', 'reason', 'detail', 'cell'])}`;
  for (let after = 0; ; ) {
    const rows = await listImportRows(pool, id, '', reportPage, after);
    yield rows.map(({ row, channelOrderId, orderId, outcome, reason, detail, cell }) => csvLine([row, channelOrderId, orderId, outcome, reason, detail, cell])).join('');
    if (rows.length < reportPage) return;
    after = rows.at(-1)!.row;
  }
}
