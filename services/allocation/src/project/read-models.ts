import type { Follower, Transaction } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded } from '@flotilla/event-store';
import type { Clock } from '@flotilla/values';
import { projectArticles } from './article-list.projection.js';
import { projectBackorders } from './backorder-history.projection.js';
import { projectFrozen } from './frozen.projection.js';
import { projectInbounds } from './inbound-list.projection.js';
import { projectLiveLocks, READ_MODELS } from './live-locks.projection.js';
import { projectNodeLoad } from './node-load.projection.js';
import { projectOversells } from './oversell.projection.js';
import { projectSagas } from './sagas.projection.js';
import { projectOutcomes } from './shipment-outcome.projection.js';
import { projectStock } from './stock-list.projection.js';
import { projectTally } from './tally.projection.js';
import { projectWarehouses } from './warehouse-list.projection.js';
import { projectWaves } from './waves/waves.projection.js';

export const ReadModels = sqlMigration('ReadModels', 1763700000001, [
  `CREATE TABLE read.article (
     sku text PRIMARY KEY, name_zh text NOT NULL, name_en text NOT NULL, grams bigint NOT NULL, barcodes jsonb NOT NULL, hs_code text NOT NULL, flags jsonb NOT NULL)`,
  `CREATE TABLE read.warehouse (warehouse text PRIMARY KEY, described jsonb NOT NULL)`,
  `CREATE TABLE read.stock (
     warehouse text NOT NULL, sku text NOT NULL, on_hand bigint NOT NULL, unsellable bigint NOT NULL, held bigint NOT NULL, confirmed bigint NOT NULL, position bigint NOT NULL,
     PRIMARY KEY (warehouse, sku))`,
  'CREATE INDEX stock_by_sku ON read.stock (sku, warehouse)',
  `CREATE TABLE read.live_lock (
     lock_id text NOT NULL, sku text NOT NULL, warehouse text NOT NULL, quantity bigint NOT NULL, priority integer NOT NULL, position bigint NOT NULL, PRIMARY KEY (lock_id, sku))`,
  // The order in which promises are taken back: lowest priority first, newest first.
  'CREATE INDEX live_lock_by_age ON read.live_lock (warehouse, sku, priority, position DESC)',
  `CREATE TABLE read.backorder_queue (fo_id text PRIMARY KEY, priority integer NOT NULL, ordered_at text NOT NULL, skus text[] NOT NULL)`,
  'CREATE INDEX backorder_queue_by_rank ON read.backorder_queue (priority DESC, ordered_at, fo_id)',
  'CREATE INDEX backorder_queue_by_sku ON read.backorder_queue USING gin (skus)',
  `CREATE TABLE read.backorder_history (fo_id text PRIMARY KEY, state text NOT NULL)`,
  `CREATE TABLE read.tally (name text PRIMARY KEY, count bigint NOT NULL)`,
]);

/** A part of a projection: some of the events, into its own table, in a statement per batch. */
export type Projection = (events: readonly Recorded[], tx: Transaction) => Promise<void>;

// Oversells read read.stock, so they come after it.
const projections = (clock: Clock): readonly Projection[] => [
  projectArticles,
  projectWarehouses,
  projectStock,
  projectInbounds,
  projectLiveLocks,
  projectBackorders,
  projectTally,
  projectNodeLoad(clock),
  projectFrozen,
  projectOversells(clock),
  projectOutcomes,
  projectSagas,
  projectWaves,
];

/** Every list of the service, in one transaction with its place in the log. */
export const readModels = (clock: Clock): Follower => {
  const all = projections(clock);
  return {
    name: READ_MODELS,
    inside: async (events, tx) => {
      for (const project of all) await project(events, tx);
    },
  };
};
