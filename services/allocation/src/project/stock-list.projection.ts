import type { Recorded, Transaction } from '@flotilla/event-store';
import { nothingBeside, type StockEvent } from '../decide/stock.events.js';

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
  readonly safety: string | number;
  readonly safety_from: number;
  readonly in_transit: string | number;
}

export const projectStock = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const rows = new Map<string, StockRow>();
  for (const event of events.filter(({ stream }) => stream.startsWith('stock-'))) {
    const { warehouse, sku, level, beside: { safety, safetyFrom, inTransit } = nothingBeside } = (event as unknown as StockEvent).data;
    rows.set(event.stream, { warehouse, sku, on_hand: level.onHand, unsellable: level.unsellable, held: level.held, confirmed: level.confirmed, position: event.position, safety, safety_from: safetyFrom, in_transit: inTransit });
  }
  if (rows.size === 0) return;
  await tx.query(
    `INSERT INTO read.stock SELECT * FROM jsonb_populate_recordset(NULL::read.stock, $1)
     ON CONFLICT (warehouse, sku) DO UPDATE SET on_hand = excluded.on_hand, unsellable = excluded.unsellable, held = excluded.held, confirmed = excluded.confirmed, position = excluded.position,
       safety = excluded.safety, safety_from = excluded.safety_from, in_transit = excluded.in_transit`,
    [JSON.stringify([...rows.values()])],
  );
};
