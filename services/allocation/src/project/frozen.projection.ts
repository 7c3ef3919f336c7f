import type { allocation as api } from '@flotilla/contracts';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';
import type { FreezeEvent } from '../decide/freeze.events.js';

/** SKUs that are frozen now. */
export const projectFrozen = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const last = new Map<string, FreezeEvent>();
  for (const event of events.filter(({ stream }) => stream.startsWith('freeze-'))) {
    const own = event as unknown as FreezeEvent;
    last.set(own.data.sku, own);
  }
  if (last.size === 0) return;
  const rows = [...last].map(([sku, event]) => ({ sku, described: event.type === 'SkuFrozen' ? event.data : null }));
  await tx.query(
    `WITH changed AS (SELECT * FROM jsonb_to_recordset($1) AS c(sku text, described jsonb)),
          thawed AS (DELETE FROM read.frozen f USING changed c WHERE f.sku = c.sku AND c.described IS NULL)
     INSERT INTO read.frozen SELECT sku, described FROM changed WHERE described IS NOT NULL ON CONFLICT (sku) DO UPDATE SET described = excluded.described`,
    [JSON.stringify(rows)],
  );
};

export const listFrozen = async (pool: Pool, limit: number, after: string | undefined): Promise<readonly api.SkuFrozen[]> => {
  const { rows } = await pool.query<{ described: api.SkuFrozen }>('SELECT described FROM read.frozen WHERE sku > $1 ORDER BY sku LIMIT $2', [after ?? '', limit]);
  return rows.map(({ described }) => described);
};
