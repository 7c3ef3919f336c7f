import { sqlMigration } from '@flotilla/service-kit';

/** What the learned router learns from and is compared by; both follow the log. */
export const RoutingTables = sqlMigration('RoutingTables', 1763900000001, [
  `CREATE TABLE read.routed_order (
     fo_id text PRIMARY KEY, value_amount bigint NOT NULL DEFAULT 0, value_currency text NOT NULL DEFAULT '', planned_at timestamptz,
     router text NOT NULL DEFAULT '', model integer NOT NULL DEFAULT 0, grounded boolean NOT NULL DEFAULT false)`,
  // Only orders of a comparison are ever looked for by time.
  'CREATE INDEX routed_order_compared ON read.routed_order (planned_at) WHERE model > 0',
  // A delivery may be known before the departure: then there is only that.
  `CREATE TABLE read.shipment_outcome (
     parcel_id text PRIMARY KEY, fo_id text NOT NULL, warehouse text, carrier text, service text, country text, province text, grams bigint, litres double precision,
     freight_amount bigint, freight_currency text, shipped_at timestamptz, due_at timestamptz, delivered_at timestamptz)`,
  'CREATE INDEX shipment_outcome_by_time ON read.shipment_outcome (shipped_at DESC)',
  'CREATE INDEX shipment_outcome_by_order ON read.shipment_outcome (fo_id)',
]);
