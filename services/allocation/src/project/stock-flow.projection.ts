import type { EventStore, Follower, Recorded } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import { dayOf, type Clock } from '@flotilla/values';
import type { StockEvent } from '../decide/stock.events.js';
import { warehouse } from '../decide/warehouse.decider.js';

const FOLLOWER = 'stock-flow';

/** What moved on each shelf, by the day of its warehouse; SKU "" is the warehouse as a whole. */
export const StockFlowTable = sqlMigration('StockFlowTable', 1764900000001, [
  // net: by how much more is on hand at the day's end than at its beginning.
  'CREATE TABLE read.stock_flow (warehouse text NOT NULL, sku text NOT NULL, day date NOT NULL, shipped bigint NOT NULL, received bigint NOT NULL, net bigint NOT NULL, PRIMARY KEY (warehouse, sku, day))',
  // It reads the log from its beginning, or from where what is archived ends.
  `INSERT INTO es.checkpoint (name, position) SELECT '${FOLLOWER}', coalesce(max(last), 0) FROM es.archive ON CONFLICT (name) DO NOTHING`,
]);

export interface Flow {
  readonly shipped: number;
  readonly received: number;
  readonly net: number;
}

/** What a movement is of a shelf's flow; undefined: nothing came or went. What another ledger says of itself is a level, no movement. */
export const flowOf = ({ type, data }: StockEvent): Flow | undefined => {
  switch (type) {
    case 'StockTaken':
      return { shipped: data.quantity, received: 0, net: -data.quantity };
    case 'StockReceived':
      return { shipped: 0, received: data.quantity, net: data.quantity };
    case 'StockDispatched':
    case 'StockScrapped':
      return { shipped: 0, received: 0, net: -data.quantity };
    case 'StockAdjusted':
      return { shipped: 0, received: 0, net: data.delta };
    case 'StockCounted':
      return { shipped: 0, received: 0, net: data.level.onHand - data.was };
    default:
      return undefined;
  }
};

export interface FlowRow extends Flow {
  readonly warehouse: string;
  readonly sku: string;
  readonly day: string;
}

/** Sums of the movements by shelf and day, and by warehouse and day. `dayAt`: a warehouse's day at an instant of machine time. */
export const flowsOf = (events: readonly Recorded[], dayAt: (warehouse: string, recordedAt: string) => string): readonly FlowRow[] => {
  const rows = new Map<string, FlowRow>();
  for (const event of events) {
    const own = event as unknown as StockEvent;
    const flow = flowOf(own);
    if (!flow) continue;
    const day = dayAt(own.data.warehouse, event.recordedAt);
    for (const sku of ['', own.data.sku]) {
      const key = JSON.stringify([own.data.warehouse, sku, day]);
      const { shipped = 0, received = 0, net = 0 } = rows.get(key) ?? {};
      rows.set(key, { warehouse: own.data.warehouse, sku, day, shipped: shipped + flow.shipped, received: received + flow.received, net: net + flow.net });
    }
  }
  return [...rows.values()];
};

/** A follower of its own, so that a database that is there already is filled from its log while the other lists go on. */
export const stockFlow = (store: EventStore, clock: Clock): Follower => ({
  name: FOLLOWER,
  inside: async (events, tx) => {
    const moved = events.filter((event) => event.stream.startsWith('stock-') && flowOf(event as unknown as StockEvent) !== undefined);
    if (moved.length === 0) return;
    const sites = await store.folded(warehouse, [...new Set(moved.map((event) => (event as unknown as StockEvent).data.warehouse))]);
    const rows = flowsOf(moved, (site, recordedAt) => dayOf(new Date(clock.toBusinessMs(Date.parse(recordedAt))).toISOString(), sites.get(site)?.state?.timeZone ?? ''));
    await tx.query(
      `INSERT INTO read.stock_flow SELECT * FROM jsonb_populate_recordset(NULL::read.stock_flow, $1)
       ON CONFLICT (warehouse, sku, day) DO UPDATE SET shipped = read.stock_flow.shipped + excluded.shipped, received = read.stock_flow.received + excluded.received, net = read.stock_flow.net + excluded.net`,
      [JSON.stringify(rows)],
    );
  },
});
