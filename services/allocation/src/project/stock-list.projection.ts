import type { Recorded, Transaction } from '@flotilla/event-store';
import type { StockEvent } from '../decide/stock.events.js';

/** A row of read.stock; pg gives bigint as text. */
export interface StockRow {
  readonly warehouse: string;
  readonly sku: string;
  readonly on_hand: string | number;
  readonly unsellable: string | number;
  readonly held: string | number;
  readonly confirmed: string | number;
  /** Of the last movement. */
  readonly position: string | number;
}

export const projectStock = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const rows = new Map<string, StockRow>();
  for (const event of events.filter(({ stream }) => stream.startsWith('stock-'))) {
    const { warehouse, sku, level } = (event as unknown as StockEvent).data;
    rows.set(event.stream, { warehouse, sku, on_hand: level.onHand, unsellable: level.unsellable, held: level.held, confirmed: level.confirmed, position: event.position });
  }
  if (rows.size === 0) return;
  await tx.query(
    `INSERT INTO read.stock SELECT * FROM jsonb_populate_recordset(NULL::read.stock, $1)
     ON CONFLICT (warehouse, sku) DO UPDATE SET on_hand = excluded.on_hand, unsellable = excluded.unsellable, held = excluded.held, confirmed = excluded.confirmed, position = excluded.position`,
    [JSON.stringify([...rows.values()])],
  );
};
