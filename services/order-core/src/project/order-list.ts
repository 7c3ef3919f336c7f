import type { Follower, Recorded, Transaction } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import { orderStateOf } from '../decide/states.js';
import { advance, nowhere, orderOf, type Standing } from './standing.js';

/** One row per order. `standing` is the fold, so that the next batch goes on from it and a rebuild comes to the same row. */
export const OrderList = sqlMigration(
  'OrderList',
  1763700000001,
  [
    `CREATE TABLE read.order_list (
       order_id text PRIMARY KEY,
       channel text NOT NULL,
       channel_order_id text NOT NULL,
       number text NOT NULL,
       state text NOT NULL,
       total_amount bigint NOT NULL,
       total_currency text NOT NULL,
       placed_at text NOT NULL,
       waits_for text NOT NULL,
       waits_since text NOT NULL,
       cancel_stage text NOT NULL,
       backordered boolean NOT NULL,
       served boolean NOT NULL,
       interceptions integer NOT NULL,
       standing json NOT NULL
     )`,
    // Heard of, but not placed yet: no order for anybody, and not in these indexes.
    `CREATE INDEX order_list_newest ON read.order_list (placed_at DESC, order_id DESC) WHERE placed_at <> ''`,
    `CREATE INDEX order_list_channel ON read.order_list (channel, placed_at DESC, order_id DESC) WHERE placed_at <> ''`,
    `CREATE INDEX order_list_state ON read.order_list (state, placed_at DESC, order_id DESC) WHERE placed_at <> ''`,
    `CREATE INDEX order_list_both ON read.order_list (channel, state, placed_at DESC, order_id DESC) WHERE placed_at <> ''`,
  ],
  ['DROP TABLE read.order_list'],
);

/** The fold has legs instead of one parcel: the rows are made again from the log. */
export const OrderListLegs = sqlMigration('OrderListLegs', 1763780000001, ['TRUNCATE read.order_list', `UPDATE es.checkpoint SET position = 0, epoch = epoch + 1, updated_at = now() WHERE name = 'order-list'`]);

interface Row {
  readonly order_id: string;
  readonly channel: string;
  readonly channel_order_id: string;
  readonly number: string;
  readonly state: string;
  readonly total_amount: number;
  readonly total_currency: string;
  readonly placed_at: string;
  readonly waits_for: string;
  readonly waits_since: string;
  readonly cancel_stage: string;
  readonly backordered: boolean;
  readonly served: boolean;
  readonly interceptions: number;
  readonly standing: Standing;
}

/** The columns are for finding and counting; all of them follow from the standing. */
export const toRow = (orderId: string, standing: Standing): Row => {
  const { order, fulfilment } = standing;
  return {
    order_id: orderId,
    channel: order.placed?.channel ?? '',
    channel_order_id: order.placed?.channelOrderId ?? '',
    number: order.placed?.number ?? '',
    state: orderStateOf(order, fulfilment),
    total_amount: order.total.amount,
    total_currency: order.total.currency,
    placed_at: order.placed?.placedAt ?? '',
    waits_for: standing.waitsFor,
    waits_since: standing.waitsSince,
    cancel_stage: standing.cancelStage,
    backordered: standing.backordered,
    served: standing.served,
    interceptions: standing.interceptions,
    standing,
  };
};

const columns = 'order_id, channel, channel_order_id, number, state, total_amount, total_currency, placed_at, waits_for, waits_since, cancel_stage, backordered, served, interceptions, standing';

const load = async (tx: Transaction, ids: readonly string[]): Promise<Map<string, Standing>> => {
  const { rows } = await tx.query<{ order_id: string; standing: Standing }>('SELECT order_id, standing FROM read.order_list WHERE order_id = ANY ($1)', [ids]);
  return new Map(rows.map(({ order_id, standing }) => [order_id, standing]));
};

const save = async (tx: Transaction, rows: readonly Row[]): Promise<void> => {
  const set = columns
    .split(', ')
    .slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ');
  await tx.query(
    `INSERT INTO read.order_list (${columns})
     SELECT ${columns} FROM json_to_recordset($1::json) AS r(
       order_id text, channel text, channel_order_id text, number text, state text, total_amount bigint, total_currency text, placed_at text,
       waits_for text, waits_since text, cancel_stage text, backordered boolean, served boolean, interceptions integer, standing json)
     ON CONFLICT (order_id) DO UPDATE SET ${set}`,
    [JSON.stringify(rows)],
  );
};

/** Two statements for a batch, however many orders it touches. */
export const orderList: Follower = {
  name: 'order-list',
  inside: async (events: readonly Recorded[], tx: Transaction) => {
    const ours = events.flatMap((event) => {
      const id = orderOf(event.stream);
      return id === undefined ? [] : [{ id, event }];
    });
    if (ours.length === 0) return;
    const standings = await load(tx, [...new Set(ours.map(({ id }) => id))]);
    for (const { id, event } of ours) standings.set(id, advance(standings.get(id) ?? nowhere, event));
    await save(tx, [...standings].map(([id, standing]) => toRow(id, standing)));
  },
};
