// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export interface ListIncidentsRequest {
  readonly page: common.Page;
  /** OPEN, ACKNOWLEDGED, CLEARED; "" = all */
  readonly state: string;
}

export interface ListIncidentsResponse {
  readonly incidents: readonly Incident[];
  readonly nextToken: string;
}

export interface Incident {
  readonly incidentId: string;
  readonly rule: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly severity: string;
  readonly detail: string;
  readonly state: string;
  readonly raisedAt: string;
  readonly acknowledgedBy: string;
}

export interface AckIncidentRequest {
  readonly requestId: string;
  readonly incidentId: string;
}

export interface ListTimersRequest {
  readonly page: common.Page;
}

export interface ListTimersResponse {
  readonly timers: readonly Timer[];
  readonly nextToken: string;
}

export interface Timer {
  readonly rule: string;
  readonly subjectId: string;
  /** business time */
  readonly dueAt: string;
}

export interface IncidentsRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListIncidentsRequest; readonly output: ListIncidentsResponse };
  readonly ack: { readonly kind: 'unary'; readonly input: AckIncidentRequest; readonly output: Incident };
}
export const Incidents: ServiceRef<IncidentsRpc> = { typeName: 'flotilla.alerts.v1.Incidents' };

/** Clocks that are running: what will be looked at, and when. */
export interface TimersRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListTimersRequest; readonly output: ListTimersResponse };
}
export const Timers: ServiceRef<TimersRpc> = { typeName: 'flotilla.alerts.v1.Timers' };

export interface IncidentRaised {
  readonly incidentId: string;
  readonly rule: string;
  /** ORDER, PARCEL, SKU, WAREHOUSE, SERVICE */
  readonly subjectKind: string;
  readonly subjectId: string;
  /** INFO, WARNING, CRITICAL */
  readonly severity: string;
  readonly detail: string;
  readonly raisedAt: string;
}

export interface IncidentAcknowledged {
  readonly incidentId: string;
  readonly subjectId: string;
  readonly by: string;
  readonly acknowledgedAt: string;
}

export interface IncidentCleared {
  readonly incidentId: string;
  readonly subjectId: string;
  readonly clearedAt: string;
}

