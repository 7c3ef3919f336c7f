import type { ingest } from '@flotilla/contracts';
import type pg from 'pg';

interface Row {
  id: string;
  platform: string;
  name: string;
  api_url: string;
  connected_at: string;
  last_order_at: string;
}

const shown = (row: Row): ingest.Channel => ({ id: row.id, platform: row.platform, name: row.name, apiUrl: row.api_url, connectedAt: row.connected_at, lastOrderAt: row.last_order_at });

export const findChannel = async (pool: pg.Pool, id: string): Promise<ingest.Channel | undefined> => {
  const { rows } = await pool.query<Row>('SELECT * FROM read.channel WHERE id = $1', [id]);
  return rows[0] && shown(rows[0]);
};

export const listChannels = async (pool: pg.Pool, page: { readonly limit: number; readonly after: string | undefined }): Promise<readonly ingest.Channel[]> => {
  const { rows } = await pool.query<Row>('SELECT * FROM read.channel WHERE id > $1 ORDER BY id LIMIT $2', [page.after ?? '', page.limit]);
  return rows.map(shown);
};
