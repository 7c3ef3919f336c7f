import type { Recorded, Transaction } from '@flotilla/event-store';
import type { WarehouseEvent } from '../decide/warehouse.events.js';

export const projectWarehouses = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const rows = new Map<string, unknown>();
  for (const event of events.filter(({ stream }) => stream.startsWith('warehouse-'))) {
    const { data } = event as unknown as WarehouseEvent;
    rows.set(data.warehouse, { warehouse: data.warehouse, described: data });
  }
  if (rows.size === 0) return;
  await tx.query(
    'INSERT INTO read.warehouse SELECT * FROM jsonb_populate_recordset(NULL::read.warehouse, $1) ON CONFLICT (warehouse) DO UPDATE SET described = excluded.described',
    [JSON.stringify([...rows.values()])],
  );
};
