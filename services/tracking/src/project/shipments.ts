import type { Follower } from '@flotilla/event-store';
import { madeAgain, sqlMigration } from '@flotilla/service-kit';
import { isFinal, type Milestone } from '../decide/milestones.js';
import type { ShipmentEvent, Waybill } from '../decide/shipment.events.js';

export const shipmentTable = sqlMigration('Shipments', 1763700000001, [
  `CREATE TABLE read.shipment (
     carrier text, waybill text, parcel_id text, fo_id text, orders jsonb, milestone text NOT NULL DEFAULT 'MILESTONE_UNSPECIFIED',
     registered_at timestamptz, shipped_at timestamptz, delivered_at timestamptz, voided boolean NOT NULL DEFAULT false, troubled boolean NOT NULL DEFAULT false,
     number text NOT NULL DEFAULT '', number_key text NOT NULL DEFAULT '', country text NOT NULL DEFAULT '', language text NOT NULL DEFAULT '',
     phone_indexes text[] NOT NULL DEFAULT '{}', items jsonb NOT NULL DEFAULT '[]', scans integer NOT NULL DEFAULT 0, unknown_codes integer NOT NULL DEFAULT 0,
     unreadable integer NOT NULL DEFAULT 0, position bigint NOT NULL, PRIMARY KEY (carrier, waybill))`,
  'CREATE INDEX shipment_parcel ON read.shipment (parcel_id)',
  'CREATE INDEX shipment_waybill ON read.shipment (waybill)',
  `CREATE INDEX shipment_number ON read.shipment (number_key) WHERE number_key <> ''`,
  'CREATE INDEX shipment_list ON read.shipment (position DESC)',
]);

/** What is wrong with a shipment now, for whoever has to look after it. The rows are made again from the log. */
export const shipmentTroubles = sqlMigration('ShipmentTroubles', 1764800000001, [
  ...madeAgain('shipments', 'shipment'),
  `ALTER TABLE read.shipment ADD COLUMN troubles jsonb NOT NULL DEFAULT '{}'`,
  `CREATE INDEX shipment_troubled ON read.shipment (position DESC) WHERE troubles <> '{}'`,
]);

/** A row as `pg` reads it. */
export interface ShipmentRow {
  readonly carrier: string;
  readonly waybill: string;
  /** Null while only the carrier has told of it. */
  readonly parcel_id: string | null;
  readonly fo_id: string | null;
  readonly orders: readonly unknown[] | null;
  readonly milestone: Milestone;
  readonly registered_at: Date | null;
  readonly shipped_at: Date | null;
  readonly delivered_at: Date | null;
  readonly voided: boolean;
  readonly number: string;
  readonly country: string;
  readonly phone_indexes: readonly string[];
  readonly items: readonly { readonly sku: string; readonly name: string; readonly quantity: number }[];
  readonly position: string;
  /** What is wrong now, and since when. */
  readonly troubles: Readonly<Record<string, string>>;
}

/** How order numbers are compared: buyers leave out "#" and write small letters. */
export const numberKey = (number: string): string => number.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();

interface Patch {
  carrier: string;
  waybill: string;
  position: number;
  parcelId?: string;
  foId?: string;
  orders?: unknown;
  milestone?: Milestone;
  registeredAt?: string;
  shippedAt?: string;
  deliveredAt?: string;
  voided?: boolean;
  troubled?: boolean;
  /** Since when something is wrong; null: it is over. */
  troubles: Record<string, string | null>;
  number?: string;
  numberKey?: string;
  country?: string;
  language?: string;
  phoneIndexes?: readonly string[];
  items?: unknown;
  scans: number;
  unknown: number;
  unreadable: number;
}

const troubling: readonly Milestone[] = ['MILESTONE_DELIVERY_FAILED', 'MILESTONE_EXCEPTION', 'MILESTONE_RETURNING', 'MILESTONE_RETURNED'];

const apply = (patch: Patch, { type, data }: ShipmentEvent): void => {
  switch (type) {
    case 'ShipmentRegistered':
      Object.assign(patch, { parcelId: data.parcelId, foId: data.foId, orders: data.orders, registeredAt: data.registeredAt });
      // A number that came back unused is another parcel's by now.
      if (patch.voided) Object.assign(patch, { voided: false, milestone: 'MILESTONE_LABEL_CREATED' });
      patch.milestone ??= 'MILESTONE_LABEL_CREATED';
      return;
    case 'ShipmentDispatched':
      Object.assign(patch, { parcelId: data.parcelId, foId: data.foId, orders: data.orders, shippedAt: data.shippedAt, number: data.contact.number, numberKey: numberKey(data.contact.number) });
      patch.milestone ??= 'MILESTONE_LABEL_CREATED';
      Object.assign(patch, { country: data.country, language: data.contact.language, phoneIndexes: data.phoneIndexes, items: data.items });
      return;
    case 'ShipmentVoided':
      Object.assign(patch, { voided: true, milestone: 'MILESTONE_CANCELLED' });
      return;
    case 'ShipmentTroubled':
      patch.troubles[data.trouble] = data.since;
      return;
    case 'TroubleEnded':
      patch.troubles[data.trouble] = null;
      return;
    case 'ScanRecorded':
      patch.scans += 1;
      if (!data.known) patch.unknown += 1;
      return;
    case 'ScanUnreadable':
      patch.unreadable += 1;
      return;
    case 'MilestoneReached':
      patch.milestone = data.milestone;
      if (data.milestone === 'MILESTONE_DELIVERED') patch.deliveredAt = data.occurredAt;
      if (troubling.includes(data.milestone)) patch.troubled = true;
      return;
    default:
      return;
  }
};

/** Shipments as they are found and listed. One statement per batch, and one if troubles ended in it. */
export const shipments: Follower = {
  name: 'shipments',
  inside: async (events, tx) => {
    const patches = new Map<string, Patch>();
    for (const event of events) {
      if (!event.stream.startsWith('shipment-')) continue;
      const mine = event as unknown as ShipmentEvent;
      const { carrier, waybill } = mine.data as Waybill;
      const patch = patches.get(event.stream) ?? { carrier, waybill, position: event.position, scans: 0, unknown: 0, unreadable: 0, troubles: {} };
      apply(patch, mine);
      patches.set(event.stream, patch);
    }
    if (patches.size === 0) return;
    // A milestone of the label is said again when a late registration follows its scans: the further one stays.
    await tx.query(
      `INSERT INTO read.shipment AS s (carrier, waybill, parcel_id, fo_id, orders, milestone, registered_at, shipped_at, delivered_at, voided, troubled, number, number_key, country,
                                       language, phone_indexes, items, scans, unknown_codes, unreadable, position, troubles)
       SELECT carrier, waybill, "parcelId", "foId", orders, coalesce(milestone, 'MILESTONE_UNSPECIFIED'), "registeredAt", "shippedAt", "deliveredAt", coalesce(voided, false), coalesce(troubled, false),
              coalesce(number, ''), coalesce("numberKey", ''), coalesce(country, ''), coalesce(language, ''), coalesce("phoneIndexes", '{}'), coalesce(items, '[]'), scans, unknown, unreadable, position, troubles
         FROM jsonb_to_recordset($1::jsonb) AS p(carrier text, waybill text, "parcelId" text, "foId" text, orders jsonb, milestone text, "registeredAt" timestamptz, "shippedAt" timestamptz,
              "deliveredAt" timestamptz, voided boolean, troubled boolean, number text, "numberKey" text, country text, language text, "phoneIndexes" text[], items jsonb, scans integer, unknown integer,
              unreadable integer, position bigint, troubles jsonb)
       ON CONFLICT (carrier, waybill) DO UPDATE SET
         parcel_id = coalesce(excluded.parcel_id, s.parcel_id), fo_id = coalesce(excluded.fo_id, s.fo_id), orders = coalesce(excluded.orders, s.orders),
         milestone = CASE WHEN excluded.milestone = 'MILESTONE_UNSPECIFIED' OR (excluded.milestone = 'MILESTONE_LABEL_CREATED' AND s.milestone NOT IN ('MILESTONE_UNSPECIFIED', 'MILESTONE_CANCELLED')) THEN s.milestone ELSE excluded.milestone END,
         registered_at = coalesce(excluded.registered_at, s.registered_at), shipped_at = coalesce(excluded.shipped_at, s.shipped_at), delivered_at = coalesce(excluded.delivered_at, s.delivered_at),
         voided = CASE WHEN excluded.registered_at IS NULL THEN s.voided OR excluded.voided ELSE excluded.voided END, troubled = s.troubled OR excluded.troubled,
         number = CASE WHEN excluded.number = '' THEN s.number ELSE excluded.number END, number_key = CASE WHEN excluded.number_key = '' THEN s.number_key ELSE excluded.number_key END,
         country = CASE WHEN excluded.country = '' THEN s.country ELSE excluded.country END, language = CASE WHEN excluded.language = '' THEN s.language ELSE excluded.language END,
         phone_indexes = CASE WHEN excluded.shipped_at IS NULL THEN s.phone_indexes ELSE excluded.phone_indexes END, items = CASE WHEN excluded.shipped_at IS NULL THEN s.items ELSE excluded.items END,
         scans = s.scans + excluded.scans, unknown_codes = s.unknown_codes + excluded.unknown_codes, unreadable = s.unreadable + excluded.unreadable, troubles = s.troubles || excluded.troubles`,
      [JSON.stringify([...patches.values()])],
    );
    const over = [...patches.values()].filter(({ troubles }) => Object.values(troubles).includes(null));
    if (over.length === 0) return;
    await tx.query(
      'UPDATE read.shipment s SET troubles = jsonb_strip_nulls(s.troubles) FROM jsonb_to_recordset($1::jsonb) AS o(carrier text, waybill text) WHERE s.carrier = o.carrier AND s.waybill = o.waybill',
      [JSON.stringify(over.map(({ carrier, waybill }) => ({ carrier, waybill })))],
    );
  },
};

export const pollTable = sqlMigration('Polls', 1763700000002, [
  `CREATE TABLE read.poll (carrier text, waybill text, due_at timestamptz NOT NULL, every_minutes integer NOT NULL, PRIMARY KEY (carrier, waybill))`,
  'CREATE INDEX poll_due ON read.poll (due_at)',
]);

export const pollSourceTable = sqlMigration('PollSources', 1764400000003, [
  `ALTER TABLE read.poll ADD COLUMN source text NOT NULL DEFAULT '', ADD COLUMN followed boolean NOT NULL DEFAULT true`,
  'UPDATE read.poll SET source = carrier',
]);

export const shipmentPhoneIndex = sqlMigration('ShipmentPhones', 1764400000004, [
  'CREATE INDEX shipment_phone ON read.shipment USING gin (phone_indexes)',
]);

/** Business minutes without news after which a shipment is asked for. */
export const pollEveryMinutes = 30;

type Change = { kind: 'set'; from: string; source: string; followed: boolean } | { kind: 'news'; from: string } | { kind: 'off' };

/**
 * When to ask for which shipment: half an hour of business time after it left, or after its last news, until it is at its end.
 * A source that must be told to follow it is told at once. A table and not timers, since a question that brings nothing is no event, and ten shipments are asked for in one call.
 */
export const polls = (follower: (carrier: string, country: string) => { readonly source: string; readonly follow: boolean } | undefined): Follower => ({
  name: 'polls',
  rebuilds: false,
  inside: async (events, tx) => {
    const changes = new Map<string, { carrier: string; waybill: string; change: Change }>();
    for (const event of events) {
      if (!event.stream.startsWith('shipment-')) continue;
      const { type, data } = event as unknown as ShipmentEvent;
      const { carrier, waybill } = data as Waybill;
      const before = changes.get(event.stream)?.change;
      const put = (change: Change): void => void changes.set(event.stream, { carrier, waybill, change });
      const by = type === 'ShipmentDispatched' && !data.over ? follower(carrier, data.country) : undefined;
      if (by && type === 'ShipmentDispatched') put({ kind: 'set', from: data.shippedAt, source: by.source, followed: !by.follow });
      if (type === 'ScanRecorded' && before?.kind !== 'off') put(before?.kind === 'set' ? { ...before, from: data.receivedAt } : { kind: 'news', from: data.receivedAt });
      if (type === 'ShipmentVoided' || (type === 'MilestoneReached' && isFinal(data.milestone))) put({ kind: 'off' });
    }
    const rows = (kind: Change['kind']): string => JSON.stringify([...changes.values()].flatMap(({ change, ...of }) => (change.kind === kind ? [{ ...of, ...change }] : [])));
    const due = `c."from" + ${pollEveryMinutes} * interval '1 minute', ${pollEveryMinutes}`;
    const recordset = 'jsonb_to_recordset($1::jsonb) AS c(carrier text, waybill text, "from" timestamptz)';
    if (changes.size === 0) return;
    await tx.query(
      `INSERT INTO read.poll (carrier, waybill, source, followed, due_at, every_minutes)
       SELECT c.carrier, c.waybill, c.source, c.followed, CASE WHEN c.followed THEN c."from" + ${pollEveryMinutes} * interval '1 minute' ELSE c."from" END, ${pollEveryMinutes}
         FROM jsonb_to_recordset($1::jsonb) AS c(carrier text, waybill text, source text, followed boolean, "from" timestamptz)
       ON CONFLICT (carrier, waybill) DO UPDATE SET due_at = excluded.due_at, every_minutes = excluded.every_minutes`,
      [rows('set')],
    );
    await tx.query(`UPDATE read.poll p SET (due_at, every_minutes) = (${due}) FROM ${recordset} WHERE p.carrier = c.carrier AND p.waybill = c.waybill`, [rows('news')]);
    await tx.query(`DELETE FROM read.poll p USING ${recordset} WHERE p.carrier = c.carrier AND p.waybill = c.waybill`, [rows('off')]);
  },
});
