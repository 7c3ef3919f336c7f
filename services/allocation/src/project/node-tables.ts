import { sqlMigration } from '@flotilla/service-kit';

/** Load of nodes, availability and oversells follow the log; reservations are kept by the follower that judges them (accept/reservations.follower.ts). */
export const NodeTables = sqlMigration('NodeTables', 1763800000001, [
  // Allocated orders by quarter of an hour of business time, so that every time zone's day is a sum of rows.
  'CREATE TABLE read.node_load (warehouse text NOT NULL, quarter timestamptz NOT NULL, orders bigint NOT NULL, PRIMARY KEY (warehouse, quarter))',
  // Free units over all warehouses; since when there are none (business time).
  'CREATE TABLE read.availability (sku text PRIMARY KEY, free bigint NOT NULL, none_since timestamptz)',
  'CREATE TABLE read.oversell (day date NOT NULL, channel text NOT NULL, sku text NOT NULL, orders bigint NOT NULL, units bigint NOT NULL, longest_seconds bigint NOT NULL, PRIMARY KEY (day, channel, sku))',
  'CREATE TABLE read.frozen (sku text PRIMARY KEY, described jsonb NOT NULL)',
  'CREATE TABLE read.reservation (sku text NOT NULL, minute timestamptz NOT NULL, reserved bigint NOT NULL, failed bigint NOT NULL, PRIMARY KEY (sku, minute))',
  'CREATE TABLE read.reservation_mark (one boolean PRIMARY KEY DEFAULT true CHECK (one), position bigint NOT NULL)',
  'INSERT INTO read.reservation_mark (position) VALUES (0)',
]);
