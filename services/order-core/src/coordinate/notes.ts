import type { MessageName, Messages } from '@flotilla/contracts';
import { isUuid } from '@flotilla/values';
import { dossier, dossierOf, type DossierEvent } from '../decide/dossier.decider.js';
import type { Streams } from './conduct.js';

type Note<Name extends MessageName> = (data: Messages[Name]) => readonly DossierEvent[];

/** Whether an incident's message, as it came, is of an order or a parcel: alerts speak of SKUs, warehouses and services, too. One that is of no shape at all is read, and fails there. */
export const isOrdersOwn = (data: unknown): boolean => {
  const { subjectKind = 'ORDER', subjectId } = (data ?? {}) as { readonly subjectKind?: unknown; readonly subjectId?: unknown };
  return typeof subjectId !== 'string' || ((subjectKind === 'ORDER' || subjectKind === 'PARCEL') && isUuid(subjectId));
};

const none = { amount: 0, currency: '' };

const lineMatched: Note<'flotilla.settlement.v1.LineMatched'> = ({ orderId, shares, statementId, lineId, kind, amount, fee, net }) => {
  const line = { what: 'MATCHED' as const, kind, statementId, lineId };
  // Where one payment is for several orders, fee and net are of all of them.
  const parts = orderId === '' ? shares.map((share) => ({ subject: share.orderId, amount: share.amount, fee: none, net: none })) : [{ subject: orderId, amount, fee, net }];
  return parts.filter(({ subject }) => subject !== '').map((part) => ({ type: 'MoneyNoted', data: { ...part, ...line } }));
};

/** What the desk has to see of what others say, and that changes nothing in the order. */
export const notes = {
  'flotilla.ingest.v1.WriteBackSucceeded': (({ orderId, parcelId }) => [{ type: 'WriteBackNoted', data: { subject: orderId, parcelId, outcome: 'SUCCEEDED', reason: '', detail: '' } }]) as Note<'flotilla.ingest.v1.WriteBackSucceeded'>,
  'flotilla.ingest.v1.WriteBackFailed': (({ orderId, parcelId, reason, detail }) => [{ type: 'WriteBackNoted', data: { subject: orderId, parcelId, outcome: 'FAILED', reason, detail } }]) as Note<'flotilla.ingest.v1.WriteBackFailed'>,
  'flotilla.allocation.v1.PackingVideoAttached': (({ foId, parcelId, sha256, mediaType, attachedAt }) => [{ type: 'PackingVideoNoted', data: { subject: foId, parcelId, sha256, mediaType, at: attachedAt } }]) as Note<'flotilla.allocation.v1.PackingVideoAttached'>,
  'flotilla.tracking.v1.NoticeSettled': (({ foId, noticeId, parcelId, kind, medium, outcome }) => [{ type: 'NoticeNoted', data: { subject: foId, noticeId, parcelId, kind, medium, outcome } }]) as Note<'flotilla.tracking.v1.NoticeSettled'>,
  'flotilla.tracking.v1.ShipmentTroubled': (({ foId, parcelId, trouble, time, since, detail }) => [{ type: 'TroubleNoted', data: { subject: foId, parcelId, trouble, time, since, detail } }]) as Note<'flotilla.tracking.v1.ShipmentTroubled'>,
  'flotilla.tracking.v1.TroubleEnded': (({ foId, parcelId, trouble, time, endedAt }) => [{ type: 'TroubleEndedNoted', data: { subject: foId, parcelId, trouble, time, at: endedAt } }]) as Note<'flotilla.tracking.v1.TroubleEnded'>,
  'flotilla.settlement.v1.LineMatched': lineMatched,
  'flotilla.settlement.v1.LineFlagged': (({ orderId, statementId, lineId, cause, amount }) => (orderId === '' ? [] : [{ type: 'MoneyNoted', data: { subject: orderId, what: 'FLAGGED', kind: cause, statementId, lineId, amount, fee: none, net: none } }])) as Note<'flotilla.settlement.v1.LineFlagged'>,
  'flotilla.settlement.v1.LineResolved': (({ orderId, statementId, lineId, action, amount }) => (orderId === '' ? [] : [{ type: 'MoneyNoted', data: { subject: orderId, what: 'RESOLVED', kind: action, statementId, lineId, amount, fee: none, net: none } }])) as Note<'flotilla.settlement.v1.LineResolved'>,
  'flotilla.alerts.v1.IncidentRaised': (({ incidentId, rule, subjectKind, subjectId, severity, detail, detailZh, raisedAt }) =>
    [{ type: 'IncidentRaisedNoted', data: { subject: subjectId, incidentId, rule, subjectKind, severity, detail, detailZh, at: raisedAt } }]) as Note<'flotilla.alerts.v1.IncidentRaised'>,
  'flotilla.alerts.v1.IncidentAcknowledged': (({ incidentId, subjectId, by, acknowledgedAt }) => [{ type: 'IncidentAcknowledgedNoted', data: { subject: subjectId, incidentId, by, at: acknowledgedAt } }]) as Note<'flotilla.alerts.v1.IncidentAcknowledged'>,
  'flotilla.alerts.v1.IncidentCleared': (({ incidentId, subjectId, clearedAt }) => [{ type: 'IncidentClearedNoted', data: { subject: subjectId, incidentId, at: clearedAt } }]) as Note<'flotilla.alerts.v1.IncidentCleared'>,
} as const;

export type NoteName = keyof typeof notes;

export const noteFacts = (unit: Streams, facts: readonly DossierEvent[]): void => {
  for (const fact of facts) unit.run(dossier, dossierOf(fact), { type: 'NoteFact', data: { fact } });
};
