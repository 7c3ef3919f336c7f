import { tracking, type common } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { waybillOf } from '../decide/shipment.decider.js';
import type { Waybill } from '../decide/shipment.events.js';
import type { ShipmentRow } from '../project/shipments.js';
import { journeyOf, scansOf, shipmentOfParcel, shipmentOfWaybill } from './shipment-rows.js';

interface NoticeRow {
  readonly notice_id: string;
  readonly parcel_id: string;
  readonly kind: string;
  readonly medium: string;
  readonly state: string;
}

const noticesOf = async ({ pool }: ServiceContext, parcelIds: readonly string[]): Promise<ReadonlyMap<string, readonly tracking.Notice[]>> => {
  const { rows } = await pool.query<NoticeRow>('SELECT notice_id, parcel_id, kind, medium, state FROM read.notice WHERE parcel_id = ANY ($1) ORDER BY position', [parcelIds]);
  return new Map([...Map.groupBy(rows, ({ parcel_id }) => parcel_id)].map(([id, all]) => [id, all.map(({ notice_id, kind, medium, state }) => ({ noticeId: notice_id, kind, medium, state }))]));
};

const toShipment = (row: ShipmentRow, scans: readonly tracking.Scan[], notices: readonly tracking.Notice[], linkOf: (parcelId: string) => string): tracking.Shipment => ({
  parcelId: row.parcel_id ?? '',
  foId: row.fo_id ?? '',
  orders: (row.orders ?? []) as readonly common.OrderShare[],
  carrier: row.carrier,
  waybill: row.waybill,
  milestone: row.milestone,
  shippedAt: row.shipped_at?.toISOString() ?? '',
  deliveredAt: row.delivered_at?.toISOString() ?? '',
  scans,
  notices,
  pageUrl: row.parcel_id === null ? '' : linkOf(row.parcel_id),
});

const get = async (ctx: ServiceContext, request: tracking.GetShipmentRequest, linkOf: (parcelId: string) => string): Promise<tracking.Shipment> => {
  const row = request.parcelId === '' ? await shipmentOfWaybill(ctx, waybillOf('', request.waybill).waybill) : await shipmentOfParcel(ctx, request.parcelId);
  if (!row) throw new Refused('NOT_FOUND', `there is no shipment of ${request.parcelId === '' ? `waybill ${request.waybill}` : `parcel ${request.parcelId}`}; list them with Shipments/List`);
  const [scans, notices] = await Promise.all([scansOf(ctx, row), noticesOf(ctx, [row.parcel_id ?? ''])]);
  return toShipment(row, scans, notices.get(row.parcel_id ?? '') ?? [], linkOf);
};

/** Newest first, without their scans. */
const list = async (ctx: ServiceContext, { page, milestone }: tracking.ListShipmentsRequest, linkOf: (parcelId: string) => string): Promise<tracking.ListShipmentsResponse> => {
  const question = ['shipments', milestone];
  const { limit, after } = pageOf(page, question);
  const { rows } = await ctx.pool.query<ShipmentRow>(
    `SELECT * FROM read.shipment WHERE parcel_id IS NOT NULL AND ($1 = 'MILESTONE_UNSPECIFIED' OR milestone = $1) AND ($2::bigint IS NULL OR position < $2) ORDER BY position DESC LIMIT $3`,
    [milestone, after?.[0] ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const notices = await noticesOf(ctx, shown.map(({ parcel_id }) => parcel_id ?? ''));
  const last = shown.at(-1);
  return {
    shipments: shown.map((row) => toShipment(row, [], notices.get(row.parcel_id ?? '') ?? [], linkOf)),
    nextToken: rows.length > limit && last ? pageToken([last.position], question) : '',
  };
};

/** As its own stream has it: what was just recorded is in it. */
const asRecorded = async (ctx: ServiceContext, of: Waybill, linkOf: (parcelId: string) => string): Promise<tracking.Shipment> => {
  const { claim, milestone, shippedAt, deliveredAt, scans } = await journeyOf(ctx, of);
  const { parcelId = '', foId = '', orders = [] } = claim ?? {};
  const notices = (await noticesOf(ctx, [parcelId])).get(parcelId) ?? [];
  return { ...of, parcelId, foId, orders, milestone, shippedAt, deliveredAt, scans, notices, pageUrl: parcelId === '' ? '' : linkOf(parcelId) };
};

export type Recording = (request: tracking.RecordRequest, call: Call) => Promise<Waybill>;

export const shipmentsGrpc = (ctx: ServiceContext, linkOf: (parcelId: string) => string, record: Recording): readonly Served[] => [
  serve(tracking.Shipments, {
    record: async (request, call) => asRecorded(ctx, await record(request, call), linkOf),
    get: (request) => get(ctx, request, linkOf),
    list: (request) => list(ctx, request, linkOf),
  }),
];
