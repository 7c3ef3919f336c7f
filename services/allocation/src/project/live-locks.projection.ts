import type { common } from '@flotilla/contracts';
import type { Recorded, Transaction } from '@flotilla/event-store';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { stockId } from '../decide/names.js';
import type { StockEvent } from '../decide/stock.events.js';

/** The follower that keeps this list among others. */
export const READ_MODELS = 'read-models';

/** The list follows the log by some milliseconds; it is waited for this long. */
export const LIST_BEHIND_MS = 5_000;

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

/** A lock that holds stock, and of what how much. */
export interface LiveLock {
  readonly lockId: string;
  readonly lines: readonly common.SkuQuantity[];
}

/**
 * The locks that hold a SKU of a warehouse, those to be displaced first: lowest priority, newest; as many as hold `units` of it together. Waits until the list has all that the shelf's own
 * stream says, since who is missing from it cannot be weighed; after `LIST_BEHIND_MS` it answers with what there is.
 */
export const locksToDisplace = async (pool: Pick<Pool, 'query'>, { warehouse, sku, units }: { readonly warehouse: string; readonly sku: string; readonly units: number }): Promise<readonly LiveLock[]> => {
  for (const deadline = performance.now() + LIST_BEHIND_MS; performance.now() < deadline; await sleep(20)) {
    const { rows: [list] } = await pool.query<{ behind: boolean | null }>(
      'SELECT (SELECT position FROM es.checkpoint WHERE name = $1) < (SELECT position FROM es.event WHERE stream_id = $2 ORDER BY version DESC LIMIT 1) AS behind',
      [READ_MODELS, `stock-${stockId(warehouse, sku)}`],
    );
    if (list?.behind !== true) break;
  }
  const { rows } = await pool.query<{ lock_id: string; lines: readonly common.SkuQuantity[] }>(
    `SELECT v.lock_id, (SELECT json_agg(json_build_object('sku', l.sku, 'quantity', l.quantity)) FROM read.live_lock l WHERE l.lock_id = v.lock_id) AS lines
       FROM (SELECT lock_id, priority, position, sum(quantity) OVER (ORDER BY priority, position DESC) - quantity AS before FROM read.live_lock WHERE warehouse = $1 AND sku = $2) v
      WHERE v.before < $3 ORDER BY v.priority, v.position DESC LIMIT 10000`,
    [warehouse, sku, units],
  );
  return rows.map(({ lock_id: lockId, lines }) => ({ lockId, lines }));
};
