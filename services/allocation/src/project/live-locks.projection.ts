import type { Recorded, Transaction } from '@flotilla/event-store';
import type { Pool } from 'pg';
import type { StockEvent } from '../decide/stock.events.js';

interface LiveLockRow {
  readonly lock_id: string;
  readonly sku: string;
  readonly warehouse: string;
  readonly quantity: number;
  readonly priority: number;
  readonly position: number;
}

/** Which locks hold stock, per SKU. */
export const projectLiveLocks = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const rows = new Map<string, LiveLockRow>();
  const gone = new Map<string, { lock_id: string; sku: string }>();
  for (const event of events.filter(({ stream }) => stream.startsWith('stock-'))) {
    const { type, data } = event as unknown as StockEvent;
    if (type === 'StockHeld') {
      const { lockId, sku, warehouse, quantity, priority } = data;
      rows.set(`${lockId} ${sku}`, { lock_id: lockId, sku, warehouse, quantity, priority, position: event.position });
    } else if (type === 'HoldReleased' || type === 'StockTaken') {
      // A lock holds and ends once, so within a batch its end is the last word.
      rows.delete(`${data.lockId} ${data.sku}`);
      gone.set(`${data.lockId} ${data.sku}`, { lock_id: data.lockId, sku: data.sku });
    }
  }
  if (gone.size > 0) {
    await tx.query('DELETE FROM read.live_lock l USING jsonb_to_recordset($1) AS g(lock_id text, sku text) WHERE l.lock_id = g.lock_id AND l.sku = g.sku', [JSON.stringify([...gone.values()])]);
  }
  if (rows.size > 0) {
    await tx.query('INSERT INTO read.live_lock SELECT * FROM jsonb_populate_recordset(NULL::read.live_lock, $1) ON CONFLICT (lock_id, sku) DO NOTHING', [JSON.stringify([...rows.values()])]);
  }
};

/** The locks that hold a SKU of a warehouse, those to be displaced first: lowest priority, newest. */
export const locksToDisplace = async (pool: Pool, warehouse: string, sku: string): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ lock_id: string }>('SELECT lock_id FROM read.live_lock WHERE warehouse = $1 AND sku = $2 ORDER BY priority, position DESC LIMIT 10000', [warehouse, sku]);
  return rows.map(({ lock_id }) => lock_id);
};
