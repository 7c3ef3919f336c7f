import type { common } from '@flotilla/contracts';
import type { Decider } from '@flotilla/decider';

interface Fact<Type extends string, Data> {
  readonly type: Type;
  readonly data: { readonly subject: string } & Data;
}

/** What others said of an order, or of one of its parcels, that changes nothing in it, but that the desk has to see. */
export type DossierEvent =
  | Fact<'NoticeNoted', { readonly noticeId: string; readonly parcelId: string; readonly kind: string; readonly medium: string; readonly outcome: string }>
  | Fact<'IncidentRaisedNoted', { readonly incidentId: string; readonly rule: string; readonly subjectKind: string; readonly severity: string; readonly detail: string; readonly detailZh: string; readonly at: string }>
  | Fact<'IncidentAcknowledgedNoted', { readonly incidentId: string; readonly by: string; readonly at: string }>
  | Fact<'IncidentClearedNoted', { readonly incidentId: string; readonly at: string }>
  | Fact<'MoneyNoted', { readonly what: 'MATCHED' | 'FLAGGED' | 'RESOLVED'; readonly kind: string; readonly statementId: string; readonly lineId: string; readonly amount: common.Money; readonly fee: common.Money; readonly net: common.Money }>
  | Fact<'TroubleNoted', { readonly parcelId: string; readonly trouble: string; readonly time: number; readonly since: string; readonly detail: string }>
  | Fact<'TroubleEndedNoted', { readonly parcelId: string; readonly trouble: string; readonly time: number; readonly at: string }>
  | Fact<'WriteBackNoted', { readonly parcelId: string; readonly outcome: 'SUCCEEDED' | 'FAILED'; readonly reason: string; readonly detail: string }>
  | Fact<'PackingVideoNoted', { readonly parcelId: string; readonly sha256: string; readonly mediaType: string; readonly at: string }>;

export interface DossierCommand {
  readonly type: 'NoteFact';
  readonly data: { readonly fact: DossierEvent };
}

export interface Dossier {
  readonly notes: number;
  readonly incidents: readonly string[];
}

/** Nobody reads more, and a sender who goes round in circles must not fill the log. */
export const mostNotes = 500;
/** What becomes of incidents that are known already is heard behind them: else they would stay open for ever. */
export const mostHeard = 2 * mostNotes;

const decide = ({ data: { fact } }: DossierCommand, { notes, incidents }: Dossier): readonly DossierEvent[] => {
  // Incidents of warehouses and SKUs are acknowledged and cleared on the same topic, and say no more whose they are.
  const follows = fact.type === 'IncidentAcknowledgedNoted' || fact.type === 'IncidentClearedNoted';
  if (follows) return incidents.includes(fact.data.incidentId) && notes < mostHeard ? [fact] : [];
  return notes >= mostNotes ? [] : [fact];
};

/**
 * The dossier that a fact goes into. What a statement says of an order has one of its own: settlement tells it under the statement's key, so that
 * of two statements the later may be heard first, and a stream drops what is older than what it has heard of the same source.
 */
export const dossierOf = ({ type, data }: DossierEvent): string => (type === 'MoneyNoted' && /^[\w.:-]{1,80}$/.test(data.statementId) ? `${data.subject}.${data.statementId}` : data.subject);

/** What is heard of an order or a parcel beside its own way. Repeats are dropped by the store, which knows their source. */
export const dossier: Decider<Dossier, DossierCommand, DossierEvent> = {
  category: 'dossier',
  initial: { notes: 0, incidents: [] },
  evolve: ({ notes, incidents }, event) => ({ notes: notes + 1, incidents: event.type === 'IncidentRaisedNoted' ? [...incidents, event.data.incidentId] : incidents }),
  decide,
};
