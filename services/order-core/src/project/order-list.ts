import type { order as contract } from '@flotilla/contracts';
import type { Follower, Recorded, Transaction } from '@flotilla/event-store';
import { madeAgain, sqlMigration } from '@flotilla/service-kit';
import { allowedActions } from '../decide/actions.js';
import type { ClaimEvent } from '../decide/claim.decider.js';
import { orderStateOf } from '../decide/states.js';
import { facetsChanged, facetsOf, readable } from './facets.js';
import { advance, fromKept, nowhere, subjectOf, toKept, type Standing } from './standing.js';

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

const rowsAgain = madeAgain('order-list', 'order_list');

/** The fold has legs instead of one parcel: the rows are made again from the log. */
export const OrderListLegs = sqlMigration('OrderListLegs', 1763780000001, rowsAgain);

/**
 * What the desk filters and sorts by. `order_facets` holds all that an order may have several of, and all that is looked up by its exact
 * value, as one array under one index: `sku:MUG-1`, `tag:vip`, `waybill:SF1`. It is a table of its own since it changes seldom, and an
 * order's row with everything that happens to it. The rows are made again from the log.
 */
export const OrderDesk = sqlMigration(
  'OrderDesk',
  1764460800101,
  [
    ...rowsAgain,
    `ALTER TABLE read.order_list ADD platform text NOT NULL, ADD paid_at text NOT NULL, ADD priority integer NOT NULL, ADD tags text[] NOT NULL, ADD holds text[] NOT NULL, ADD allowed text[] NOT NULL`,
    // Where a channel or a state alone is asked for, its own index serves; for both together either of them does.
    'DROP INDEX read.order_list_both',
    // A row changes with everything that happens to its order: room for its next version in the same page.
    'ALTER TABLE read.order_list SET (fillfactor = 70)',
    `CREATE INDEX order_list_waiting ON read.order_list (waits_for text_pattern_ops, waits_since, order_id) WHERE placed_at <> ''`,
    `CREATE INDEX order_list_waits_since ON read.order_list (waits_since, order_id) WHERE placed_at <> '' AND waits_for <> ''`,
    `CREATE INDEX order_list_total ON read.order_list (total_currency, total_amount, order_id) WHERE placed_at <> ''`,
    // Few orders are held, whatever else they wait for.
    `CREATE INDEX order_list_holds ON read.order_list USING gin (holds) WHERE holds <> '{}'`,
    'CREATE TABLE read.order_facets (order_id text PRIMARY KEY, facets text[] NOT NULL) WITH (fillfactor = 70)',
    'CREATE INDEX order_facets_all ON read.order_facets USING gin (facets)',
  ],
  ['DROP TABLE read.order_facets'],
);

/**
 * Custom fields in the list: no order had any before, so that the rows stand. `custom_field` knows which fields there are: an export has
 * a column for each, and its heading is written before the first order is read.
 */
export const OrderCustom = sqlMigration(
  'OrderCustom',
  1764460800301,
  [`ALTER TABLE read.order_list ADD custom json NOT NULL DEFAULT '[]'`, 'CREATE TABLE read.custom_field (name text NOT NULL, channel text NOT NULL, PRIMARY KEY (name, channel))'],
  ['DROP TABLE read.custom_field', 'ALTER TABLE read.order_list DROP custom'],
);

/** Of which order a fulfilment order was split off. What may be done with an order has changed with it: the rows are made again from the log. */
export const OrderSplits = sqlMigration(
  'OrderSplits',
  1764460800401,
  [...rowsAgain, 'CREATE TABLE read.order_split (fo_id text PRIMARY KEY, order_id text NOT NULL)'],
  ['DROP TABLE read.order_split'],
);

/**
 * Who works at an order; nobody did before, so that the rows stand. Until when is an instant, which the database compares with its own clock: a claim ends
 * without anybody writing so. The index holds all that were ever claimed and not released, and is read from now on.
 */
export const OrderClaims = sqlMigration(
  'OrderClaims',
  1764460800501,
  [
    `ALTER TABLE read.order_list ADD claimed_by text NOT NULL DEFAULT '', ADD claimed_until timestamptz NOT NULL DEFAULT '-infinity'`,
    `CREATE INDEX order_list_claims ON read.order_list (claimed_by, claimed_until) WHERE claimed_by <> ''`,
  ],
  ['ALTER TABLE read.order_list DROP claimed_by, DROP claimed_until'],
);

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
  readonly platform: string;
  readonly paid_at: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly holds: readonly string[];
  readonly allowed: readonly string[];
  readonly custom: readonly contract.CustomField[];
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
    platform: order.placed?.platform ?? '',
    paid_at: order.paidAt,
    priority: order.placed?.priority ?? 0,
    tags: order.placed?.tags ?? [],
    holds: [...new Set(order.holds.map(({ type }) => type))],
    allowed: allowedActions(order, fulfilment),
    custom: readable(order.custom),
    standing,
  };
};

const columns = 'order_id, channel, channel_order_id, number, state, total_amount, total_currency, placed_at, waits_for, waits_since, cancel_stage, backordered, served, interceptions, platform, paid_at, priority, tags, holds, allowed, custom, standing';

/** What the orders of these events stood at, and whose each is: what was split off has an id of its own. */
const load = async (tx: Transaction, ids: readonly string[]): Promise<{ readonly orderOf: ReadonlyMap<string, string>; readonly before: ReadonlyMap<string, Standing> }> => {
  const { rows } = await tx.query<{ id: string; order_id: string; standing: Standing | null }>(
    `SELECT i.id, coalesce(s.order_id, i.id) AS order_id, l.standing FROM unnest($1::text[]) AS i(id)
       LEFT JOIN read.order_split s ON s.fo_id = i.id LEFT JOIN read.order_list l ON l.order_id = coalesce(s.order_id, i.id)`,
    [ids],
  );
  return { orderOf: new Map(rows.map(({ id, order_id }) => [id, order_id])), before: new Map(rows.flatMap(({ order_id, standing }) => (standing === null ? [] : [[order_id, fromKept(standing)]]))) };
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
       waits_for text, waits_since text, cancel_stage text, backordered boolean, served boolean, interceptions integer,
       platform text, paid_at text, priority integer, tags text[], holds text[], allowed text[], custom json, standing json)
     ON CONFLICT (order_id) DO UPDATE SET ${set}`,
    [JSON.stringify(rows.map((row) => ({ ...row, standing: toKept(row.standing) })))],
  );
};

const saveFacets = (tx: Transaction, rows: readonly { readonly order_id: string; readonly facets: readonly string[] }[]): Promise<unknown> =>
  tx.query(
    `INSERT INTO read.order_facets (order_id, facets) SELECT order_id, facets FROM json_to_recordset($1::json) AS r(order_id text, facets text[])
     ON CONFLICT (order_id) DO UPDATE SET facets = excluded.facets`,
    [JSON.stringify(rows)],
  );

const saveFields = async (tx: Transaction, rows: readonly Row[]): Promise<void> => {
  const fields = rows.flatMap(({ channel, custom }) => custom.map(({ name }) => ({ name, channel })));
  if (fields.length > 0) await tx.query('INSERT INTO read.custom_field (name, channel) SELECT DISTINCT name, channel FROM json_to_recordset($1::json) AS f(name text, channel text) ON CONFLICT DO NOTHING', [JSON.stringify(fields)]);
};

const saveSplits = async (tx: Transaction, events: readonly Recorded[]): Promise<void> => {
  const splits = events.flatMap(({ type, data }) => (type === 'OrderSplit' ? [data as contract.OrderSplit] : []));
  if (splits.length === 0) return;
  await tx.query('INSERT INTO read.order_split (fo_id, order_id) SELECT fo_id, order_id FROM json_to_recordset($1::json) AS s(fo_id text, order_id text) ON CONFLICT (fo_id) DO NOTHING', [
    JSON.stringify(splits.map(({ foId, orderId }) => ({ fo_id: foId, order_id: orderId }))),
  ]);
};

/** Beside what the standing comes to, and untouched by it: the newest word on each order. */
const saveClaims = async (tx: Transaction, events: readonly Recorded[]): Promise<void> => {
  const claims = new Map<string, object>();
  for (const recorded of events) {
    const event = recorded as unknown as ClaimEvent;
    if (event.type === 'OrderClaimed') claims.set(event.data.orderId, { order_id: event.data.orderId, by: event.data.by, until: event.data.until });
    if (event.type === 'ClaimReleased') claims.set(event.data.orderId, { order_id: event.data.orderId, by: '', until: '-infinity' });
  }
  if (claims.size === 0) return;
  await tx.query('UPDATE read.order_list o SET claimed_by = c.by, claimed_until = c.until FROM json_to_recordset($1::json) AS c(order_id text, by text, until timestamptz) WHERE o.order_id = c.order_id', [JSON.stringify([...claims.values()])]);
};

/** Two statements for a batch, a few more if facets or custom fields changed or orders were split, however many orders it touches. */
const saveOrders = async (tx: Transaction, events: readonly Recorded[]): Promise<void> => {
  const own = events.flatMap((event) => {
    const id = subjectOf(event.stream);
    return id === undefined ? [] : [{ id, event }];
  });
  if (own.length === 0) return;
  await saveSplits(tx, own.map(({ event }) => event));
  const { orderOf, before } = await load(tx, [...new Set(own.map(({ id }) => id))]);
  const standings = new Map(before);
  for (const { id, event } of own) {
    const orderId = orderOf.get(id)!;
    standings.set(orderId, advance(standings.get(orderId) ?? nowhere, event));
  }
  const rows = [...standings].map(([id, standing]) => toRow(id, standing));
  await save(tx, rows);
  const changed = rows.filter(({ order_id: id, standing }) => standing.order.placed !== null && facetsChanged(before.get(id), standing));
  if (changed.length === 0) return;
  await saveFacets(tx, changed.map(({ order_id, standing }) => ({ order_id, facets: facetsOf(standing) })));
  await saveFields(tx, changed);
};

/** The orders of the desk, and who works at them. */
export const orderList: Follower = {
  name: 'order-list',
  inside: async (events: readonly Recorded[], tx: Transaction) => {
    await saveOrders(tx, events);
    await saveClaims(tx, events);
  },
};
