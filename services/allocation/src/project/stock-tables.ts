import { sqlMigration } from '@flotilla/service-kit';

/** Safety stock and what is on its way beside the levels; sales of what was not there, each with when its channel had been told. All follow the log. */
export const StockTables = sqlMigration('StockTables', 1764100000001, [
  'ALTER TABLE read.stock ADD COLUMN safety bigint NOT NULL DEFAULT 0, ADD COLUMN safety_from integer NOT NULL DEFAULT 0, ADD COLUMN in_transit bigint NOT NULL DEFAULT 0',
  'CREATE TABLE read.inbound (inbound text PRIMARY KEY, warehouse text NOT NULL, open boolean NOT NULL, described jsonb NOT NULL)',
  'CREATE INDEX inbound_open ON read.inbound (warehouse, inbound) WHERE open',
  // Machine time: what is measured against a channel's acceptance is no matter of business time.
  'ALTER TABLE read.availability ADD COLUMN none_at timestamptz',
  // What each channel was told last; zero_at: when it accepted that nothing is left, while that is the last word.
  'CREATE TABLE read.channel_told (channel text NOT NULL, sku text NOT NULL, level bigint NOT NULL, accepted_at timestamptz NOT NULL, as_of timestamptz NOT NULL, zero_at timestamptz, PRIMARY KEY (channel, sku))',
  `CREATE TABLE read.oversold (
     fo_id text NOT NULL, order_id text NOT NULL, channel text NOT NULL, sku text NOT NULL, units bigint NOT NULL, day date NOT NULL, known_at timestamptz NOT NULL, none_at timestamptz NOT NULL,
     told_at timestamptz, position bigint NOT NULL, PRIMARY KEY (fo_id, order_id, sku))`,
  'CREATE INDEX oversold_untold ON read.oversold (channel, sku) WHERE told_at IS NULL',
  'CREATE INDEX oversold_by_day ON read.oversold (day, channel, sku)',
  'CREATE INDEX oversold_page ON read.oversold (position DESC)',
  // When everything was said again last (perform/full-state.ts).
  'CREATE TABLE read.full_state (one boolean PRIMARY KEY DEFAULT true CHECK (one), said_at timestamptz NOT NULL)',
  'INSERT INTO read.full_state (said_at) VALUES (now())',
]);

/** What the lock room shows: the newest locks, and the shelves of which most is promised. */
export const LockRoomIndexes = sqlMigration('LockRoomIndexes', 1764800000001, [
  'CREATE INDEX live_lock_newest ON read.live_lock ((-position), (lock_id || sku))',
  'CREATE INDEX stock_promised ON read.stock ((held + confirmed) DESC) WHERE held + confirmed > 0',
]);

/** Who says everything again has so long for it; if it ends before, another does. */
export const FullStateLease = sqlMigration('FullStateLease', 1764600000001, ["ALTER TABLE read.full_state ADD COLUMN claimed_until timestamptz NOT NULL DEFAULT '-infinity'"]);
