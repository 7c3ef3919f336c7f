import type { order as contract } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { claim } from '../decide/claim.decider.js';
import type { DossierEvent } from '../decide/dossier.decider.js';
import type { FulfilmentEvent } from '../decide/fulfilment.events.js';
import { eachOf, gone, type FulfilmentState, type Leg } from '../decide/fulfilment.state.js';
import type { OrderEvent } from '../decide/order.events.js';
import type { OrderState } from '../decide/order.state.js';
import { perSku } from '../decide/shares.js';
import { advance, nowhere, subjectOf } from '../project/standing.js';
import { reasonOf, storyOf } from './order-history.js';
import { claimView, notFound, viewOf } from './order-view.js';
import { titleOf } from './timeline.js';

/** What no event tells order-core, and who knows it. */
const notHere = [
  'labels, prints, freight and rates: carrier (Parcels/Get)',
  'scans and expected delivery: tracking (Shipments/Get)',
  'words of the messages to the buyer: tracking',
  'vouchers, cost and profit: settlement (Books)',
  'the platform’s own words about the order: ingest (ChannelOrders/Get)',
  'tickets: the merchant’s ticket system, which alerts tells of incidents',
  'complaints and ratings: nobody yet',
];

/** Everything that order-core knows of an order, from its own log: it answers also while other services are away. */
export const overviewOf = async ({ store, clock }: Pick<ServiceContext, 'store' | 'clock'>, orderId: string): Promise<contract.OrderOverview> => {
  const [story, claims] = await Promise.all([storyOf(store, orderId), store.folded(claim, [orderId])]);
  const own = story.filter(({ stream }) => subjectOf(stream) !== undefined);
  const view = viewOf(own);
  if (!view) throw notFound(orderId);
  const { order, fulfilment } = own.reduce(advance, nowhere);
  const noted = story.filter(({ stream }) => stream.startsWith('dossier-')) as readonly (Recorded & DossierEvent)[];
  return {
    order: view,
    parcels: parcelsOf(own, noted),
    locks: eachOf(fulfilment).flatMap((one) => one.legs.filter(({ lockId }) => lockId !== '').map((leg) => lockOf(leg, one))),
    money: moneyOf(order, noted),
    notices: noted.flatMap(({ type, data, recordedAt }) => (type === 'NoticeNoted' ? [{ noticeId: data.noticeId, parcelId: data.parcelId, kind: data.kind, medium: data.medium, outcome: data.outcome, recordedAt }] : [])),
    incidents: incidentsOf(noted),
    writeBacks: noted.flatMap(({ type, data, recordedAt }) => (type === 'WriteBackNoted' ? [{ parcelId: data.parcelId, outcome: data.outcome, reason: data.reason, detail: data.detail, recordedAt }] : [])),
    timeline: story.map(toEntry),
    notHere,
    claim: claimView(orderId, claims.get(orderId)!.state, clock.machine().toISOString()),
  };
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const parcelsOf = (own: readonly Recorded[], noted: readonly (Recorded & DossierEvent)[]): readonly contract.ParcelOverview[] => {
  const parcels = new Map<string, Mutable<contract.ParcelOverview>>();
  const parcel = (parcelId: string, change: Partial<contract.ParcelOverview>): void => {
    const known = parcels.get(parcelId) ?? {
      parcelId, warehouse: '', attempt: 0, stage: '', carrier: '', waybill: '', milestone: '', milestoneAt: '', shippedAt: '', deliveredAt: '', interceptedAt: '', lost: false, troubles: [], videoSha256: '',
    };
    parcels.set(parcelId, Object.assign(known, change));
  };
  for (const recorded of own) {
    const event = recorded as unknown as OrderEvent | FulfilmentEvent;
    switch (event.type) {
      case 'FulfilmentReleased':
        parcel(event.data.parcelId, { warehouse: event.data.warehouse, attempt: event.data.attempt, stage: 'RELEASED' });
        break;
      case 'ExternalParcelNoted':
        parcel(event.data.parcelId, { carrier: event.data.carrier, waybill: event.data.waybill });
        break;
      case 'WaybillNoted':
        parcel(event.data.parcelId, { stage: 'WAYBILLED', carrier: event.data.carrier, waybill: event.data.waybill });
        break;
      case 'ParcelEnded':
        parcel(event.data.parcelId, { stage: event.data.how });
        break;
      case 'FulfilmentShipped':
        parcel(event.data.parcelId, { stage: 'SHIPPED', shippedAt: event.data.shippedAt });
        break;
      case 'FulfilmentDelivered':
        parcel(event.data.parcelId, { stage: 'DELIVERED', deliveredAt: event.data.deliveredAt, lost: false });
        break;
      case 'MilestoneNoted':
        parcel(event.data.parcelId, { milestone: event.data.milestone, milestoneAt: event.data.occurredAt });
        break;
      case 'ParcelMissed':
        parcel(event.data.parcelId, { lost: true });
        break;
      case 'InterceptionRequested':
        parcel(event.data.parcelId, { interceptedAt: recorded.recordedAt });
        break;
      default:
    }
  }
  for (const [parcelId, one] of parcels) {
    const ended = new Map(noted.flatMap((event): (readonly [string, string])[] => (event.type === 'TroubleEndedNoted' && event.data.parcelId === parcelId ? [[`${event.data.trouble}/${event.data.time}`, event.data.at]] : [])));
    one.troubles = noted.flatMap((event) => {
      if (event.type !== 'TroubleNoted' || event.data.parcelId !== parcelId) return [];
      const { trouble, time, since, detail } = event.data;
      return [{ trouble, since, endedAt: ended.get(`${trouble}/${time}`) ?? '', detail }];
    });
    for (const event of noted) if (event.type === 'PackingVideoNoted' && event.data.parcelId === parcelId) one.videoSha256 = event.data.sha256;
  }
  return [...parcels.values()];
};

const lockOf = (leg: Leg, fulfilment: FulfilmentState): contract.LockOverview => ({
  lockId: leg.lockId,
  warehouse: leg.warehouse,
  round: fulfilment.round,
  state: gone(leg) ? 'CONSUMED' : fulfilment.cancelled && fulfilment.stockReturned ? 'RETURNED' : fulfilment.allocation === 'GRANTED' ? 'GRANTED' : 'FAILED',
  lines: perSku(leg.orders),
});

const moneyOf = ({ total, paidAt, refunds, settledAt }: OrderState, noted: readonly (Recorded & DossierEvent)[]): contract.MoneyOverview => ({
  total,
  paidAt,
  refunds: Object.entries(refunds).map(([refundId, { state, modifiedAt, amount, currency }]) => ({ refundId, state, amount: { amount, currency }, modifiedAt })),
  facts: noted.flatMap(({ type, data, recordedAt }) =>
    type === 'MoneyNoted' ? [{ what: data.what, kind: data.kind, statementId: data.statementId, lineId: data.lineId, amount: data.amount, fee: data.fee, net: data.net, recordedAt }] : [],
  ),
  settledAt,
});

const incidentsOf = (noted: readonly (Recorded & DossierEvent)[]): readonly contract.IncidentOverview[] => {
  const incidents = new Map<string, contract.IncidentOverview>();
  for (const { type, data } of noted) {
    if (type === 'IncidentRaisedNoted') {
      const { incidentId, rule, subjectKind, subject, severity, detail, detailZh, at } = data;
      incidents.set(incidentId, { incidentId, rule, subjectKind, subjectId: subject, severity, detail, detailZh, state: 'OPEN', raisedAt: at, clearedAt: '', by: '' });
    }
    const known = type === 'IncidentAcknowledgedNoted' || type === 'IncidentClearedNoted' ? incidents.get(data.incidentId) : undefined;
    if (known && type === 'IncidentAcknowledgedNoted') incidents.set(known.incidentId, { ...known, state: known.state === 'CLEARED' ? 'CLEARED' : 'ACKNOWLEDGED', by: data.by });
    if (known && type === 'IncidentClearedNoted') incidents.set(known.incidentId, { ...known, state: 'CLEARED', clearedAt: data.at });
  }
  return [...incidents.values()];
};

const toEntry = ({ recordedAt, type, data, meta, position }: Recorded): contract.TimelineEntry => {
  const { parcelId } = data as { readonly parcelId?: unknown };
  const { en, zh } = titleOf(type);
  return { at: recordedAt, type, title: en, titleZh: zh, actor: meta.actor, reason: reasonOf(data), parcelId: typeof parcelId === 'string' ? parcelId : '', position, sourceStream: meta.source?.stream ?? '' };
};
