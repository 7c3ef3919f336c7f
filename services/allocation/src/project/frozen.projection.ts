import type { allocation as api } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import type { Pool, PoolClient } from 'pg';
import type { FreezeEvent } from '../decide/freeze.events.js';

/** SKUs that are frozen now. */
export const projectFrozen = async (events: readonly Recorded[], tx: PoolClient): Promise<void> => {
  const last = new Map<string, FreezeEvent>();
  for (const event of events.filter(({ stream }) => stream.startsWith('freeze-'))) {
    const own = event as unknown as FreezeEvent;
    last.set(own.data.sku, own);
  }
  if (last.size === 0) return;
  const rows = [...last].map(([sku, event]) => ({ sku, freeze: event.type === 'SkuFrozen' ? event.data : null }));
  await tx.query(
    `WITH changed AS (SELECT * FROM jsonb_to_recordset($1) AS c(sku text, freeze jsonb)),
          thawed AS (DELETE FROM read.frozen f USING changed c WHERE f.sku = c.sku AND c.freeze IS NULL)
     INSERT INTO read.frozen SELECT sku, freeze FROM changed WHERE freeze IS NOT NULL ON CONFLICT (sku) DO UPDATE SET freeze = excluded.freeze`,
    [JSON.stringify(rows)],
  );
};

export const listFrozen = async (pool: Pool, limit: number, after: string | undefined): Promise<readonly api.SkuFrozen[]> => {
  const { rows } = await pool.query<{ freeze: api.SkuFrozen }>('SELECT freeze FROM read.frozen WHERE sku > $1 ORDER BY sku LIMIT $2', [after ?? '', limit]);
  return rows.map(({ freeze }) => freeze);
};
