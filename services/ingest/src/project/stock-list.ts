import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { ToldEvent } from '../decide/channel-stock.decider.js';
import type { ListingEvent } from '../decide/listing.events.js';
import type { StockRulesEvent } from '../decide/stock-rules.events.js';
import type { SupplyEvent } from '../decide/supply.events.js';
import { isSupplied, keysOf, mappedOf, type Mapped } from './stock-keys.js';

export const StockTables = sqlMigration('ChannelStock', 1764400000001, [
  'CREATE TABLE read.supply (sku text NOT NULL, warehouse text NOT NULL, available bigint NOT NULL, PRIMARY KEY (sku, warehouse))',
  'CREATE TABLE read.frozen_sku (sku text PRIMARY KEY)',
  'CREATE TABLE read.stock_rules (channel text PRIMARY KEY, version integer NOT NULL, rules jsonb NOT NULL, at text NOT NULL, by text NOT NULL)',
  `CREATE TABLE read.channel_item (
     channel text NOT NULL, item text NOT NULL, sku text NOT NULL, title text NOT NULL, barcode text NOT NULL, product text NOT NULL, variant text NOT NULL, tracked boolean NOT NULL, shown bigint,
     location text NOT NULL, pull integer NOT NULL, gone boolean NOT NULL, seen_at text NOT NULL, PRIMARY KEY (channel, item))`,
  "CREATE INDEX channel_item_sku ON read.channel_item (sku, channel) WHERE tracked AND NOT gone AND sku <> ''",
  'CREATE INDEX channel_item_by_sku ON read.channel_item (channel, sku)',
  'CREATE TABLE read.listing_pull (channel text PRIMARY KEY, pull integer NOT NULL, began_at text NOT NULL, ended_at text NOT NULL)',
  `CREATE TABLE read.stock_difference (
     channel text NOT NULL, pull integer NOT NULL, item text NOT NULL, sku text NOT NULL, shown bigint, level bigint NOT NULL, under_way boolean NOT NULL, PRIMARY KEY (channel, pull, item))`,
  'CREATE TABLE read.channel_level (channel text NOT NULL, sku text NOT NULL, level bigint NOT NULL, accepted_at text NOT NULL, delay_ms bigint NOT NULL, PRIMARY KEY (channel, sku))',
  /*
   * What channels are owed. Rows come from the log and go when the channel has accepted (perform/stock-push.ts); after a rebuild all are there
   * again, and each channel is told once more what it knows. since: of the oldest change that it was not told of, null: none, but it is looked at
   * again (recheck_at), since a call without an answer may still take effect. next_since: of the first change after the row was last taken up.
   */
  `CREATE TABLE read.stock_due (
     channel text NOT NULL, sku text NOT NULL, since timestamptz, as_of timestamptz NOT NULL, next_since timestamptz, forced boolean NOT NULL DEFAULT false, tries integer NOT NULL DEFAULT 0,
     not_before timestamptz NOT NULL DEFAULT now(), why text NOT NULL DEFAULT '', recheck_at timestamptz, PRIMARY KEY (channel, sku))`,
  'CREATE INDEX stock_due_next ON read.stock_due (not_before) WHERE since IS NOT NULL',
  'CREATE INDEX stock_due_recheck ON read.stock_due (recheck_at) WHERE recheck_at IS NOT NULL',
]);

/** names: what the SKU map may know an item by, the surest first; sku: under what its stock is kept, of a bundle what it is made of. */
export const MappedStock = sqlMigration('MappedStock', 1764633600002, [
  "ALTER TABLE read.channel_item ADD COLUMN channel_sku text NOT NULL DEFAULT '', ADD COLUMN names text[] NOT NULL DEFAULT '{}'",
  'UPDATE read.channel_item SET channel_sku = sku',
  'CREATE INDEX channel_item_names ON read.channel_item USING gin (names)',
  'CREATE TABLE read.stock_bundle (key text NOT NULL, sku text NOT NULL, quantity bigint NOT NULL, PRIMARY KEY (key, sku))',
  'CREATE INDEX stock_bundle_sku ON read.stock_bundle (sku)',
]);

/** Reports of so many pulls are kept. */
const keptReports = 30;

type StockEvent = SupplyEvent | StockRulesEvent | ListingEvent | ToldEvent;

const mine = /^(?:supply|stockRules|listing|channelStock)-/;

/**
 * What may be sold, what channels list and show, and what they are owed. In the order of the log, since who is owed something follows from all
 * of it; movements of the same kind that stand together are taken together.
 */
export const projectStock = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const own = events.filter(({ stream }) => mine.test(stream)).map(({ type, data }) => ({ type, data }) as StockEvent);
  for (let from = 0; from < own.length; ) {
    const { type } = own[from]!;
    let to = from + 1;
    while (to < own.length && own[to]!.type === type) to += 1;
    await project(type, own.slice(from, to).map(({ data }) => data), tx);
    from = to;
  }
};

const project = async (type: StockEvent['type'], data: readonly StockEvent['data'][], tx: Transaction): Promise<void> => {
  switch (type) {
    case 'SupplyChanged':
      return supplyChanged(data as readonly Data<'SupplyChanged'>[], tx);
    case 'SupplyFrozen':
      return supplyFrozen(data as readonly Data<'SupplyFrozen'>[], tx);
    case 'ChannelStockTold':
      return told(data as readonly Data<'ChannelStockTold'>[], tx);
    case 'StockRulesPut':
      for (const one of data as readonly Data<'StockRulesPut'>[]) await rulesPut(one, tx);
      return;
    case 'PullBegun':
      for (const one of data as readonly Data<'PullBegun'>[]) await pullBegun(one, tx);
      return;
    case 'PageListed':
      for (const one of data as readonly Data<'PageListed'>[]) await pageListed(one, tx);
      return;
    case 'PullEnded':
      for (const one of data as readonly Data<'PullEnded'>[]) await pullEnded(one, tx);
      return;
    case 'PushAsked':
      for (const { channel, sku, at } of data as readonly Data<'PushAsked'>[]) await owe(tx, { channel, skus: sku === '' ? null : [sku], at, forced: true });
      return;
    default:
  }
};

type Data<T extends StockEvent['type']> = Extract<StockEvent, { type: T }>['data'];

const supplyChanged = async (changes: readonly Data<'SupplyChanged'>[], tx: Transaction): Promise<void> => {
  const last = new Map(changes.map((one) => [`${one.sku} ${one.warehouse}`, one]));
  await tx.query(
    `INSERT INTO read.supply SELECT sku, warehouse, available FROM jsonb_to_recordset($1) AS s (sku text, warehouse text, available bigint)
     ON CONFLICT (sku, warehouse) DO UPDATE SET available = excluded.available`,
    [JSON.stringify([...last.values()])],
  );
  await oweAll(tx, changes);
};

const supplyFrozen = async (changes: readonly Data<'SupplyFrozen'>[], tx: Transaction): Promise<void> => {
  for (const { sku, frozen } of changes) {
    await tx.query(frozen ? 'INSERT INTO read.frozen_sku (sku) VALUES ($1) ON CONFLICT DO NOTHING' : 'DELETE FROM read.frozen_sku WHERE sku = $1', [sku]);
  }
  await oweAll(tx, changes);
};

const told = async (levels: readonly Data<'ChannelStockTold'>[], tx: Transaction): Promise<void> => {
  const last = new Map(levels.map((one) => [`${one.channel} ${one.sku}`, one]));
  await tx.query(
    `INSERT INTO read.channel_level SELECT channel, sku, level, "acceptedAt", "delayMs" FROM jsonb_to_recordset($1) AS l (channel text, sku text, level bigint, "acceptedAt" text, "delayMs" bigint)
     ON CONFLICT (channel, sku) DO UPDATE SET level = excluded.level, accepted_at = excluded.accepted_at, delay_ms = excluded.delay_ms`,
    [JSON.stringify([...last.values()])],
  );
};

const rulesPut = async ({ channel, version, rules, at, by }: Data<'StockRulesPut'>, tx: Transaction): Promise<void> => {
  await tx.query('INSERT INTO read.stock_rules VALUES ($1, $2, $3, $4, $5) ON CONFLICT (channel) DO UPDATE SET version = excluded.version, rules = excluded.rules, at = excluded.at, by = excluded.by', [channel, version, JSON.stringify(rules), at, by]);
  await owe(tx, { channel, skus: null, at, forced: false });
};

const pullBegun = async ({ channel, pull, at }: Data<'PullBegun'>, tx: Transaction): Promise<void> => {
  await tx.query("INSERT INTO read.listing_pull VALUES ($1, $2, $3, '') ON CONFLICT (channel) DO UPDATE SET pull = excluded.pull, began_at = excluded.began_at, ended_at = ''", [channel, pull, at]);
};

const pageListed = async ({ channel, pull, location, items, differences, at }: Data<'PageListed'>, tx: Transaction): Promise<void> => {
  const mapped = await mappedOf(tx, channel, items);
  await bundles(tx, mapped);
  const rows = items.map((item, at) => ({ ...item, channelSku: item.sku, sku: mapped[at]!.key, names: mapped[at]!.names }));
  await tx.query(
    `INSERT INTO read.channel_item (channel, item, sku, title, barcode, product, variant, tracked, shown, location, pull, gone, seen_at, channel_sku, names)
     SELECT $1, item, sku, title, barcode, product, variant, tracked, shown, $3, $4, false, $5, "channelSku", names
       FROM jsonb_to_recordset($2) AS i (item text, sku text, title text, barcode text, product text, variant text, tracked boolean, shown bigint, "channelSku" text, names text[])
     ON CONFLICT (channel, item) DO UPDATE SET channel_sku = excluded.channel_sku, names = excluded.names, sku = excluded.sku, title = excluded.title, barcode = excluded.barcode, product = excluded.product, variant = excluded.variant,
       tracked = excluded.tracked, shown = excluded.shown, location = excluded.location, pull = excluded.pull, gone = false, seen_at = excluded.seen_at`,
    [channel, JSON.stringify(rows), location, pull, at],
  );
  if (differences.length > 0) {
    await tx.query(
      `INSERT INTO read.stock_difference SELECT $1, $2, item, sku, shown, level, "underWay" FROM jsonb_to_recordset($3) AS d (item text, sku text, shown bigint, level bigint, "underWay" boolean)
       ON CONFLICT (channel, pull, item) DO NOTHING`,
      [channel, pull, JSON.stringify(differences)],
    );
  }
  const wrong = differences.filter(({ correct }) => correct).map(({ sku }) => sku);
  if (wrong.length > 0) await owe(tx, { channel, skus: wrong, at, forced: true });
  // What the channel has never been told: it lists it since a while ago.
  const listed = [...new Set(rows.map(({ sku }) => sku))];
  const { rows: untold } = await tx.query<{ sku: string }>('SELECT sku FROM unnest($2::text[]) AS s (sku) WHERE NOT EXISTS (SELECT FROM read.channel_level l WHERE l.channel = $1 AND l.sku = s.sku)', [channel, listed]);
  if (untold.length > 0) await owe(tx, { channel, skus: untold.map(({ sku }) => sku), at, forced: false });
};

/** What of a listing is made of several SKUs, by its key. */
const bundles = async (tx: Transaction, mapped: readonly Mapped[]): Promise<void> => {
  const rows = mapped.filter(({ key, parts }) => parts.length > 0 && key !== parts[0]!.sku).flatMap(({ key, parts }) => parts.map(({ sku, quantity }) => ({ key, sku, quantity })));
  if (rows.length > 0) await tx.query('INSERT INTO read.stock_bundle SELECT * FROM jsonb_populate_recordset(NULL::read.stock_bundle, $1) ON CONFLICT DO NOTHING', [JSON.stringify(rows)]);
};

/** The SKU map has changed for these names: items that have them show other stock, and their channels are told at once. */
export const remapStock = async (tx: Transaction, changes: readonly { readonly channel: string; readonly by: string; readonly key: string; readonly at: string }[]): Promise<void> => {
  for (const [channel, changed] of Map.groupBy(changes, (change) => change.channel)) {
    const { rows } = await tx.query<{ item: string; sku: string; channel_sku: string; names: readonly string[] }>('SELECT item, sku, channel_sku, names FROM read.channel_item WHERE channel = $1 AND names && $2', [channel, changed.map(({ by, key }) => `${by}:${key}`)]);
    const mapped = await keysOf(tx, channel, rows.map(({ names, channel_sku }) => ({ names, sku: channel_sku })));
    await bundles(tx, mapped);
    const moved = rows.flatMap(({ item, sku }, at) => (mapped[at]!.key === sku ? [] : [{ item, sku: mapped[at]!.key }]));
    if (moved.length === 0) continue;
    await tx.query('UPDATE read.channel_item i SET sku = m.sku FROM jsonb_to_recordset($2) AS m (item text, sku text) WHERE i.channel = $1 AND i.item = m.item', [channel, JSON.stringify(moved)]);
    // Others of the same SKU may have been told: these show something else.
    await owe(tx, { channel, skus: [...new Set(moved.map(({ sku }) => sku))], at: changed.at(-1)!.at, forced: true });
  }
};

const pullEnded = async ({ channel, pull, at }: Data<'PullEnded'>, tx: Transaction): Promise<void> => {
  await tx.query('UPDATE read.listing_pull SET ended_at = $2 WHERE channel = $1', [channel, at]);
  await tx.query('UPDATE read.channel_item SET gone = true WHERE channel = $1 AND pull < $2', [channel, pull]);
  await tx.query('DELETE FROM read.stock_difference WHERE channel = $1 AND pull <= $2', [channel, pull - keptReports]);
};

const debt = `ON CONFLICT (channel, sku) DO UPDATE SET since = coalesce(d.since, excluded.since), as_of = greatest(d.as_of, excluded.as_of), next_since = coalesce(d.next_since, excluded.since),
  forced = d.forced OR excluded.forced, not_before = CASE WHEN excluded.forced THEN least(d.not_before, now()) ELSE d.not_before END`;

/** What every channel that lists these SKUs is owed by these changes. */
const oweAll = async (tx: Transaction, changes: readonly { readonly sku: string; readonly at: string }[]): Promise<void> => {
  await tx.query(
    `INSERT INTO read.stock_due AS d (channel, sku, since, as_of, next_since)
     WITH changed AS (SELECT sku, at FROM jsonb_to_recordset($1) AS c (sku text, at timestamptz))
     SELECT i.channel, i.sku, min(c.at), max(c.at), min(c.at) FROM (SELECT sku, at FROM changed UNION ALL SELECT b.key, at FROM changed JOIN read.stock_bundle b USING (sku)) c
       JOIN read.channel_item i ON i.sku = c.sku AND i.tracked AND NOT i.gone AND i.sku <> '' JOIN read.stock_rules r ON r.channel = i.channel
      GROUP BY 1, 2 ORDER BY 1, 2 ${debt}`,
    [JSON.stringify(changes)],
  );
};

/** What one channel is owed of some SKUs, or of all that it lists and allocation knows. */
const owe = async (tx: Transaction, { channel, skus, at, forced }: { readonly channel: string; readonly skus: readonly string[] | null; readonly at: string; readonly forced: boolean }): Promise<void> => {
  await tx.query(
    `INSERT INTO read.stock_due AS d (channel, sku, since, as_of, next_since, forced)
     SELECT DISTINCT i.channel, i.sku, $3::timestamptz, $3::timestamptz, $3::timestamptz, $4::boolean FROM read.channel_item i JOIN read.stock_rules r ON r.channel = i.channel
      WHERE i.channel = $1 AND i.tracked AND NOT i.gone AND i.sku <> '' AND ($2::text[] IS NULL OR i.sku = ANY ($2)) AND ${isSupplied}
      ORDER BY 1, 2 ${debt}`,
    [channel, skus, at, forced],
  );
};
