import { tracking, type common } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { waybillOf } from '../decide/shipment.decider.js';
import type { Waybill } from '../decide/shipment.events.js';
import type { ShipmentRow } from '../project/shipments.js';
import { journeyOf, type Journey, shipmentOfParcel, shipmentOfWaybill } from './shipment-rows.js';

interface NoticeRow {
  readonly notice_id: string;
  readonly parcel_id: string;
  readonly kind: string;
  readonly medium: string;
  readonly state: string;
}

/** Of parcels and of orders (ACCEPTED), by the id of what they are about. */
const noticesOf = async ({ pool }: ServiceContext, ids: readonly string[]): Promise<ReadonlyMap<string, readonly tracking.Notice[]>> => {
  const { rows } = await pool.query<NoticeRow>('SELECT notice_id, parcel_id, kind, medium, state FROM read.notice WHERE parcel_id = ANY ($1) ORDER BY position', [ids]);
  return new Map([...Map.groupBy(rows, ({ parcel_id }) => parcel_id)].map(([id, all]) => [id, all.map(({ notice_id, kind, medium, state }) => ({ noticeId: notice_id, kind, medium, state }))]));
};

const aboutOf = ({ parcel_id, orders }: Pick<ShipmentRow, 'parcel_id' | 'orders'>): readonly string[] => [...((orders ?? []) as readonly common.OrderShare[]).map(({ orderId }) => orderId), ...(parcel_id === null ? [] : [parcel_id])];

/** What the buyer wants done, where to in clear. */
const choicesOf = async (ctx: ServiceContext, { chosen }: Pick<Journey['state'], 'chosen'>): Promise<readonly tracking.BuyerChoice[]> => {
  const addresses = await ctx.open(chosen.map(({ address }) => address));
  return chosen.map((one, n) => ({ ...one, address: addresses[n] ?? '' }));
};

const toShipment = (row: ShipmentRow, scans: readonly tracking.Scan[], choices: readonly tracking.BuyerChoice[], notices: ReadonlyMap<string, readonly tracking.Notice[]>, linkOf: (parcelId: string) => string): tracking.Shipment => ({
  parcelId: row.parcel_id ?? '',
  foId: row.fo_id ?? '',
  orders: (row.orders ?? []) as readonly common.OrderShare[],
  carrier: row.carrier,
  waybill: row.waybill,
  milestone: row.milestone,
  shippedAt: row.shipped_at?.toISOString() ?? '',
  deliveredAt: row.delivered_at?.toISOString() ?? '',
  scans,
  choices,
  troubles: Object.entries(row.troubles).map(([trouble, since]) => ({ trouble, since })),
  notices: aboutOf(row).flatMap((id) => notices.get(id) ?? []),
  pageUrl: row.parcel_id === null ? '' : linkOf(row.parcel_id),
});

const get = async (ctx: ServiceContext, request: tracking.GetShipmentRequest, linkOf: (parcelId: string) => string): Promise<tracking.Shipment> => {
  const row = request.parcelId === '' ? await shipmentOfWaybill(ctx, waybillOf('', request.waybill).waybill) : await shipmentOfParcel(ctx, request.parcelId);
  if (!row) throw new Refused('NOT_FOUND', `there is no shipment of ${request.parcelId === '' ? `waybill ${request.waybill}` : `parcel ${request.parcelId}`}; list them with Shipments/List`);
  const [{ scans, state }, notices] = await Promise.all([journeyOf(ctx, row), noticesOf(ctx, aboutOf(row))]);
  return toShipment(row, scans, await choicesOf(ctx, state), notices, linkOf);
};

/** Newest first, without their scans. */
const list = async (ctx: ServiceContext, { page, milestone, troubled, carrier }: tracking.ListShipmentsRequest, linkOf: (parcelId: string) => string): Promise<tracking.ListShipmentsResponse> => {
  const question = ['shipments', milestone, troubled, carrier];
  const { limit, after } = pageOf(page, question);
  const { rows } = await ctx.pool.query<ShipmentRow>(
    `SELECT * FROM read.shipment WHERE parcel_id IS NOT NULL AND ($1 = 'MILESTONE_UNSPECIFIED' OR milestone = $1) AND ($2::bigint IS NULL OR position < $2) AND ($4 = '' OR carrier = $4) ${troubled ? "AND troubles <> '{}'" : ''}
      ORDER BY position DESC LIMIT $3`,
    [milestone, after?.[0] ?? null, limit + 1, carrier],
  );
  const shown = rows.slice(0, limit);
  const notices = await noticesOf(ctx, shown.flatMap(aboutOf));
  const last = shown.at(-1);
  return {
    shipments: shown.map((row) => toShipment(row, [], [], notices, linkOf)),
    nextToken: rows.length > limit && last ? pageToken([last.position], question) : '',
  };
};

/** As its own stream has it: what was just recorded is in it. */
const asRecorded = async (ctx: ServiceContext, of: Waybill, linkOf: (parcelId: string) => string): Promise<tracking.Shipment> => {
  const { claim, state, milestone, shippedAt, deliveredAt, scans } = await journeyOf(ctx, of);
  const { parcelId = '', foId = '', orders = [] } = claim ?? {};
  const about = aboutOf({ parcel_id: parcelId, orders });
  const [known, choices] = await Promise.all([noticesOf(ctx, about), choicesOf(ctx, state)]);
  const notices = about.flatMap((id) => known.get(id) ?? []);
  const troubles = state.troubles.filter(({ phase }) => phase === 'open').map(({ kind, since }) => ({ trouble: kind, since }));
  return { choices, troubles, ...of, parcelId, foId, orders, milestone, shippedAt, deliveredAt, scans, notices, pageUrl: parcelId === '' ? '' : linkOf(parcelId) };
};

export type Recording = (request: tracking.RecordRequest, call: Call) => Promise<Waybill>;

export const shipmentsGrpc = (ctx: ServiceContext, linkOf: (parcelId: string) => string, record: Recording): readonly Served[] => [
  serve(tracking.Shipments, {
    record: async (request, call) => asRecorded(ctx, await record(request, call), linkOf),
    get: (request) => get(ctx, request, linkOf),
    list: (request) => list(ctx, request, linkOf),
  }),
];
