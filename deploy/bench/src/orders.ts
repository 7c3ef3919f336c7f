import { randomUUID } from 'node:crypto';
import type { Decider } from '@flotilla/decider';
import type { Follower, Meta, Task } from '@flotilla/event-store';
import type pg from 'pg';

// An order as order-core keeps it, in small: eight events of about 500 bytes, a row of the order desk's list.
const course = ['OrderPlaced', 'OrderApproved', 'AllocationRequested', 'OrderAllocated', 'FulfilmentReleased', 'WaybillIssued', 'ParcelShipped', 'OrderDelivered'] as const;
export const eventsPerOrder = course.length;

type Step = (typeof course)[number] | 'NoteAdded';
interface Moved {
  readonly orderId: string;
  readonly channel: string;
  readonly placedAt: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly note: string;
}
type Event = { readonly type: Step; readonly data: Moved };
type Command = { readonly type: 'Move'; readonly data: Moved } | { readonly type: 'Note'; readonly data: Moved };
const next = (state: number): Step => course[state] ?? 'NoteAdded';

export const order: Decider<number, Command, Event> = {
  category: 'order',
  initial: 0,
  evolve: (state, { type }) => (type === 'NoteAdded' ? state : state + 1),
  decide: ({ type, data }, state) => [{ type: type === 'Note' ? 'NoteAdded' : next(state), data }],
};

const moved = (orderId: string, placedAt: string): Moved => ({
  orderId, channel: 'shopify-demo', placedAt, total: { amount: 4_990, currency: 'EUR' }, note: 'a text as long as the lines, the promise and the address of an order would be, sealed or not, in a usual event of the fleet',
});
const meta = (orderId: string): Meta => ({ correlation: orderId, causation: randomUUID(), actor: 'service:order-core', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });

export const step = (orderId: string, placedAt: string, type: 'Move' | 'Note' = 'Move'): Task<void> => ({
  streams: [[order, orderId]],
  meta: meta(orderId),
  decide: (unit) => void unit.run(order, orderId, { type, data: moved(orderId, placedAt) }),
});

/** The id of the n-th stored order: spread over the index as real ones are. */
export const storedId = `md5('stored-' || n)::uuid`;

const listTable = `
CREATE SCHEMA IF NOT EXISTS read;
CREATE TABLE read.order_list (order_id uuid PRIMARY KEY, channel text NOT NULL, state text NOT NULL, placed_at timestamptz NOT NULL, amount bigint NOT NULL, currency text NOT NULL, position bigint NOT NULL);
CREATE INDEX order_list_by_time ON read.order_list (placed_at DESC, order_id);
CREATE INDEX order_list_by_state ON read.order_list (state, placed_at DESC, order_id)`;

export const orderList: Follower = {
  name: 'order-list',
  inside: async (events, tx) => {
    const rows = new Map(
      events.filter(({ stream, type }) => stream.startsWith('order-') && type !== 'NoteAdded').map(({ type, data, position }) => {
        const { orderId, channel, placedAt, total } = data as Moved;
        return [orderId, { order_id: orderId, channel, state: type, placed_at: placedAt, amount: total.amount, currency: total.currency, position }];
      }),
    );
    if (rows.size === 0) return;
    await tx.query({
      name: 'order-list',
      text: `INSERT INTO read.order_list SELECT * FROM json_populate_recordset(NULL::read.order_list, $1)
             ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, position = excluded.position`,
      values: [JSON.stringify([...rows.values()])],
    });
  },
};

/** A page of the order desk: the newest of a state, or those after a key. */
export const listPage = async (pool: pg.Pool, state: string, before: string): Promise<number> =>
  (await pool.query({ name: 'page', text: 'SELECT * FROM read.order_list WHERE state = $1 AND placed_at < $2 ORDER BY placed_at DESC, order_id LIMIT 50', values: [state, before] })).rowCount ?? 0;

/**
 * Stores so many finished orders with all that belongs to them, chains included: INSERT … SELECT in the server, ten thousand orders at a
 * time, the index over streams made afterwards. Through the append function it would take twenty times as long.
 */
export const fill = async (owner: pg.Client, role: string, orders: number, say: (line: string) => void): Promise<void> => {
  await owner.query(`${listTable}; GRANT USAGE ON SCHEMA read TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA read TO ${role}`);
  await owner.query('SET synchronous_commit = off; SET maintenance_work_mem = \'512MB\'');
  await owner.query("ALTER SYSTEM SET max_wal_size = '8GB'"); // of a server that is thrown away: else it would write each page many times over
  await owner.query('SELECT pg_reload_conf()');
  const indexes = (await owner.query<{ name: string }>("SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = 'es.event_p000'::regclass AND NOT indisprimary")).rows;
  for (const { name } of indexes) await owner.query(`DROP INDEX ${name}`);
  const size = 10_000;
  for (let from = 0; from < orders; from += size) {
    const to = Math.min(orders, from + size);
    await owner.query(statement, [from + 1, to]);
    if (to % 100_000 === 0) say(`  ${to.toLocaleString('en')} orders stored`);
  }
  await owner.query("SELECT setval('es.event_position', greatest((SELECT max(position) FROM es.event), 1))");
  await owner.query('CREATE UNIQUE INDEX ON es.event_p000 (stream_id, version)');
  await owner.query('VACUUM (ANALYZE) es.event, es.stream, read.order_list');
  await owner.query('ALTER SYSTEM RESET max_wal_size');
  await owner.query('SELECT pg_reload_conf()');
  await owner.query('CHECKPOINT');
};

// Version after version, so that each hash is there for the next one; the bytes are those of es.canonical.
const versions = course.map((_, i) => i + 1);
const statement = `
WITH o AS MATERIALIZED (
  SELECT n, 'order-' || id AS s, id, now() - n * interval '1 minute' AS placed,
         json_build_object('orderId', id, 'channel', 'shopify-demo', 'placedAt', to_char(now() - n * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'total', json_build_object('amount', 4990, 'currency', 'EUR'),
           'note', 'a text as long as the lines, the promise and the address of an order would be, sealed or not, in a usual event of the fleet') AS d,
         json_build_object('correlation', id, 'causation', id, 'actor', 'service:order-core', 'traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01') AS m
    FROM (SELECT n, ${storedId} AS id FROM generate_series($1::bigint, $2::bigint) n) i),
h AS MATERIALIZED (
  SELECT o.*, ${versions.map((v) => `h${v}.h AS h${v}`).join(', ')} FROM o
  ${versions.map((v) => `CROSS JOIN LATERAL (SELECT sha256(${v === 1 ? "''::bytea" : `h${v - 1}.h`} || convert_to(es.canonical(o.s, ${v}, o.id, o.placed, '${course[v - 1]}', 1::smallint, o.d, o.m), 'UTF8')) AS h) h${v}`).join('\n  ')}),
e AS (
  INSERT INTO es.event (position, stream_id, version, event_id, type, schema_version, recorded_at, data, meta, hash)
  SELECT (h.n - 1) * ${eventsPerOrder} + v.v, h.s, v.v, h.id, v.t, 1, h.placed, h.d, h.m, v.h
    FROM h CROSS JOIN LATERAL (VALUES ${versions.map((v) => `(${v}, '${course[v - 1]}', h.h${v})`).join(', ')}) v(v, t, h)),
s AS (INSERT INTO es.stream SELECT h.s, 'order', ${eventsPerOrder}, h.h${eventsPerOrder} FROM h)
INSERT INTO read.order_list SELECT h.id, 'shopify-demo', '${course.at(-1)}', h.placed, 4990, 'EUR', h.n * ${eventsPerOrder} FROM h`;
