// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export interface IncidentRaised {
  readonly incidentId: string;
  readonly rule: string;
  /** ORDER, PARCEL, SKU, WAREHOUSE, CHANNEL, SERVICE, CARRIER, FLEET, WEBHOOK */
  readonly subjectKind: string;
  readonly subjectId: string;
  /** INFO, WARNING, CRITICAL */
  readonly severity: string;
  readonly detail: string;
  readonly raisedAt: string;
  /** the same in Chinese */
  readonly detailZh: string;
  /** which it is about, where the fact that raised it names them; at most 20 */
  readonly orders: readonly IncidentOrder[];
}

/** An order as its platform knows it. */
export interface IncidentOrder {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
}

export interface IncidentAcknowledged {
  readonly incidentId: string;
  readonly subjectId: string;
  readonly by: string;
  readonly acknowledgedAt: string;
}

/** Nobody acknowledged it in time: the next role is told. Level 0: it was silenced, the silence is over, it is told now. */
export interface IncidentEscalated {
  readonly incidentId: string;
  readonly subjectId: string;
  readonly level: number;
  readonly escalatedAt: string;
}

export interface IncidentCleared {
  readonly incidentId: string;
  readonly subjectId: string;
  readonly clearedAt: string;
}

export interface ListIncidentsRequest {
  readonly page: common.Page;
  /** OPEN, ACKNOWLEDGED, CLEARED; "" = all */
  readonly state: string;
  /** "" = any */
  readonly rule: string;
  /** "" = any */
  readonly severity: string;
  /** "" = any */
  readonly subjectId: string;
  /** OPEN and ACKNOWLEDGED */
  readonly notOver: boolean;
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
  readonly detailZh: string;
  /** how often it was escalated */
  readonly level: number;
  readonly acknowledgedAt: string;
  /** of Get, Ack and Escalate alone */
  readonly orders: readonly IncidentOrder[];
}

export interface GetIncidentRequest {
  readonly incidentId: string;
}

export interface IncidentHistory {
  readonly incident: Incident;
  /** the oldest first, at most 500 */
  readonly steps: readonly IncidentStep[];
}

export interface IncidentStep {
  /** machine time */
  readonly at: string;
  /** RAISED, TOLD, SILENCED, ESCALATED, ACKNOWLEDGED, COMMENTED, CLEARED */
  readonly type: string;
  readonly by: string;
  /** of COMMENTED and ESCALATED */
  readonly text: string;
  /** of TOLD, SILENCED and ESCALATED */
  readonly level: number;
  /** of TOLD */
  readonly targets: readonly string[];
  /** of SILENCED; of TOLD when the next role is told */
  readonly until: string;
}

export interface GetBoardRequest {
}

export interface IncidentBoard {
  /** business time */
  readonly at: string;
  readonly columns: readonly BoardColumn[];
}

export interface BoardColumn {
  readonly rule: string;
  /** nobody has acknowledged them */
  readonly open: number;
  readonly acknowledged: number;
  /** of both */
  readonly critical: number;
  readonly oldestAt: string;
}

export interface EscalateIncidentRequest {
  readonly requestId: string;
  readonly incidentId: string;
  /** at most 500 characters */
  readonly reason: string;
}

export interface CommentIncidentRequest {
  readonly requestId: string;
  readonly incidentId: string;
  /** at most 2,000 characters; of work, never of a person */
  readonly text: string;
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
  readonly get: { readonly kind: 'unary'; readonly input: GetIncidentRequest; readonly output: IncidentHistory };
  readonly board: { readonly kind: 'unary'; readonly input: GetBoardRequest; readonly output: IncidentBoard };
  readonly escalate: { readonly kind: 'unary'; readonly input: EscalateIncidentRequest; readonly output: Incident };
  readonly comment: { readonly kind: 'unary'; readonly input: CommentIncidentRequest; readonly output: IncidentHistory };
}
export const Incidents: ServiceRef<IncidentsRpc> = { typeName: 'flotilla.alerts.v1.Incidents' };

/** Clocks that are running: what will be looked at, and when. */
export interface TimersRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListTimersRequest; readonly output: ListTimersResponse };
}
export const Timers: ServiceRef<TimersRpc> = { typeName: 'flotilla.alerts.v1.Timers' };

export interface NoticePolicy {
  readonly matrix: readonly MatrixRow[];
  /** per severity in this order */
  readonly escalations: readonly Escalation[];
  /** how long the first of a burst waits for the others: 0 to 60 */
  readonly groupWaitSeconds: number;
  /** between two messages of one severity to one target: 15 to 3600 */
  readonly groupIntervalSeconds: number;
  readonly rotas: readonly Rota[];
}

/** Who with this role is told of this severity. */
export interface MatrixRow {
  /** INFO, WARNING, CRITICAL */
  readonly severity: string;
  readonly role: string;
  /** a target's name, or rota:<name> for whoever is on call */
  readonly targets: readonly string[];
}

export interface Escalation {
  readonly severity: string;
  /** business time since the one before was told, if nobody acknowledged */
  readonly afterMinutes: number;
  readonly role: string;
}

/** People who are on call in turn. */
export interface Rota {
  readonly name: string;
  /** targets */
  readonly members: readonly string[];
  readonly startsAt: string;
  /** how long a turn is */
  readonly hours: number;
}

export interface PutPolicyRequest {
  readonly requestId: string;
  readonly policy: NoticePolicy;
}

export interface GetPolicyRequest {
}

export interface PolicyVersion {
  /** 0 = what the targets file says */
  readonly version: number;
  readonly policy: NoticePolicy;
  readonly putAt: string;
  readonly putBy: string;
}

export interface ListTargetsRequest {
}

export interface ListTargetsResponse {
  readonly targets: readonly Target[];
}

export interface Target {
  readonly name: string;
  /** dingtalk, wecom, feishu, sms, mail, webhook, tickets */
  readonly channel: string;
  /** zh, en */
  readonly language: string;
}

export interface ListMessagesRequest {
  readonly page: common.Page;
  /** PENDING, ACCEPTED, FAILED, UNKNOWN; "" = all */
  readonly state: string;
}

export interface ListMessagesResponse {
  readonly messages: readonly NoticeMessage[];
  readonly nextToken: string;
}

export interface NoticeMessage {
  readonly messageId: string;
  readonly target: string;
  readonly severity: string;
  /** 1 of a ticket system's: a change of it */
  readonly incidents: number;
  readonly state: string;
  readonly attempts: number;
  /** why the last attempt failed; codes alone */
  readonly detail: string;
  readonly requestedAt: string;
  /** "" while it is pending */
  readonly settledAt: string;
}

export interface AddSilenceRequest {
  readonly requestId: string;
  /** "" = every rule; one of rule and subject_id is needed */
  readonly rule: string;
  /** "" = every subject */
  readonly subjectId: string;
  /** business time, at most 30 days from now */
  readonly until: string;
  readonly reason: string;
}

export interface LiftSilenceRequest {
  readonly requestId: string;
  readonly silenceId: string;
}

export interface ListSilencesRequest {
}

export interface ListSilencesResponse {
  readonly silences: readonly Silence[];
}

export interface Silence {
  readonly silenceId: string;
  readonly rule: string;
  readonly subjectId: string;
  readonly until: string;
  readonly reason: string;
  readonly by: string;
}

export interface NoticesRpc {
  readonly putPolicy: { readonly kind: 'unary'; readonly input: PutPolicyRequest; readonly output: PolicyVersion };
  readonly getPolicy: { readonly kind: 'unary'; readonly input: GetPolicyRequest; readonly output: PolicyVersion };
  readonly listTargets: { readonly kind: 'unary'; readonly input: ListTargetsRequest; readonly output: ListTargetsResponse };
  readonly listMessages: { readonly kind: 'unary'; readonly input: ListMessagesRequest; readonly output: ListMessagesResponse };
}
export const Notices: ServiceRef<NoticesRpc> = { typeName: 'flotilla.alerts.v1.Notices' };

/** Rules or subjects that nobody is told of for a while. Their incidents are raised all the same. */
export interface SilencesRpc {
  readonly add: { readonly kind: 'unary'; readonly input: AddSilenceRequest; readonly output: Silence };
  readonly lift: { readonly kind: 'unary'; readonly input: LiftSilenceRequest; readonly output: Silence };
  readonly list: { readonly kind: 'unary'; readonly input: ListSilencesRequest; readonly output: ListSilencesResponse };
}
export const Silences: ServiceRef<SilencesRpc> = { typeName: 'flotilla.alerts.v1.Silences' };

export interface ListReportsRequest {
  readonly page: common.Page;
}

export interface ListReportsResponse {
  readonly reports: readonly ReportSummary[];
  readonly nextToken: string;
}

export interface ReportSummary {
  /** YYYY-MM-DD, on which it was due */
  readonly day: string;
  /** business time */
  readonly from: string;
  readonly to: string;
  readonly raised: number;
  /** when it was made, acknowledged ones too */
  readonly open: number;
  readonly deliveries: readonly ReportDelivery[];
}

export interface GetReportRequest {
  /** "" = the newest */
  readonly day: string;
}

export interface ReportPaper {
  readonly data: Uint8Array;
  readonly contentType: string;
  readonly filename: string;
}

export interface DailyReport {
  readonly day: string;
  readonly from: string;
  readonly to: string;
  readonly figures: readonly ReportFigure[];
  /** those of which anything happened or is open */
  readonly rules: readonly ReportRule[];
  readonly owners: readonly ReportOwner[];
  /** open or acknowledged, at most 15 */
  readonly oldest: readonly ReportIncident[];
  /** in this time */
  readonly acknowledged: number;
  /** from raised to acknowledged; 0 where none was */
  readonly medianMinutes: number;
  /** services that did not answer: their figures are missing */
  readonly silent: readonly string[];
  readonly deliveries: readonly ReportDelivery[];
}

/** One row of the KPI table. */
export interface ReportFigure {
  readonly figure: string;
  readonly title: string;
  readonly titleZh: string;
  /** counted over the time of the report; else how it stands at its end */
  readonly flow: boolean;
  /** its service answered */
  readonly known: boolean;
  readonly value: number;
  /** the report before knew it */
  readonly compared: boolean;
  readonly before: number;
  /** since the log began */
  readonly total: number;
}

export interface ReportRule {
  readonly rule: string;
  readonly title: string;
  readonly titleZh: string;
  readonly severity: string;
  readonly raised: number;
  readonly cleared: number;
  /** acknowledged ones too */
  readonly open: number;
}

/** Who has to look after what: by the first role that a rule tells. */
export interface ReportOwner {
  /** "" = a rule that tells nobody */
  readonly role: string;
  readonly raised: number;
  /** nobody has acknowledged them */
  readonly open: number;
  readonly acknowledged: number;
  /** "" = none */
  readonly oldestAt: string;
}

export interface ReportIncident {
  readonly incidentId: string;
  readonly rule: string;
  readonly title: string;
  readonly titleZh: string;
  readonly severity: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly raisedAt: string;
  readonly acknowledgedBy: string;
}

export interface ReportDelivery {
  readonly target: string;
  /** MAILED, FAILED */
  readonly outcome: string;
  readonly detail: string;
  readonly at: string;
}

export interface ReportsRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListReportsRequest; readonly output: ListReportsResponse };
  readonly get: { readonly kind: 'unary'; readonly input: GetReportRequest; readonly output: DailyReport };
  readonly paper: { readonly kind: 'unary'; readonly input: GetReportRequest; readonly output: ReportPaper };
}
export const Reports: ServiceRef<ReportsRpc> = { typeName: 'flotilla.alerts.v1.Reports' };

export interface RuleSetting {
  readonly rule: string;
  readonly enabled: boolean;
  /** INFO, WARNING, CRITICAL */
  readonly severity: string;
  /** whom it concerns: rows of the matrix */
  readonly roles: readonly string[];
  /** business time from the fact that starts its clock, or before the promise; 0 for a rule without a clock */
  readonly minutes: number;
}

export interface PutRulesRequest {
  readonly requestId: string;
  readonly rules: readonly RuleSetting[];
}

export interface GetRulesRequest {
  /** 0 = the one in force */
  readonly version: number;
}

export interface RulesVersion {
  /** 0 = built in */
  readonly version: number;
  /** all of them */
  readonly rules: readonly Rule[];
  readonly putAt: string;
  readonly putBy: string;
}

export interface Rule {
  readonly setting: RuleSetting;
  readonly title: string;
  readonly titleZh: string;
  readonly subjectKind: string;
  /** AFTER the fact, BEFORE the promise, "" = raised by a fact that is itself the alarm */
  readonly clock: string;
}

export interface RulesRpc {
  readonly putRules: { readonly kind: 'unary'; readonly input: PutRulesRequest; readonly output: RulesVersion };
  readonly getRules: { readonly kind: 'unary'; readonly input: GetRulesRequest; readonly output: RulesVersion };
}
export const Rules: ServiceRef<RulesRpc> = { typeName: 'flotilla.alerts.v1.Rules' };

export interface Webhook {
  readonly webhookId: string;
  readonly url: string;
  readonly description: string;
  /** flotilla.order.v1.OrderPlaced, or flotilla.order.v1.* for all of a package */
  readonly types: readonly string[];
  /** none = all, also what is of no channel */
  readonly channels: readonly string[];
  /** ACTIVE, DISABLED */
  readonly state: string;
  /** BY_HAND, GONE (it answered 410), FAILING (for days); "" while it is active */
  readonly disabledWhy: string;
  /** "" while it takes what it is sent */
  readonly failingSince: string;
  /** "" = everything is signed with one secret */
  readonly oldSecretUntil: string;
  readonly createdAt: string;
  readonly createdBy: string;
  /** of a folder: SHA-256 of the server's key, base64; "" by HTTP */
  readonly hostKey: string;
  /** of a folder: a file is closed so long after its first event, or with 1000 events or 1 MiB; 0 by HTTP */
  readonly everySeconds: number;
}

export interface CreateWebhookRequest {
  readonly requestId: string;
  /** https, of a public address; or a folder of a server there, sftp://user@host:22/folder */
  readonly url: string;
  readonly description: string;
  readonly types: readonly string[];
  readonly channels: readonly string[];
  /** of a folder alone: as ssh-keygen -lf shows it; no other server is told anything */
  readonly hostKey: string;
  /** of a folder alone: 1 to 86400; 0 = 60 */
  readonly everySeconds: number;
  /** of a folder alone: the user's password, or a private key without a passphrase (PEM or OpenSSH); sealed at once, never shown again */
  readonly secret: string;
}

export interface WebhookSecret {
  readonly webhook: Webhook;
  /** whsec_ and base64; "" of a folder */
  readonly secret: string;
}

export interface GetWebhookRequest {
  readonly webhookId: string;
}

export interface ListWebhooksRequest {
}

export interface ListWebhooksResponse {
  readonly webhooks: readonly Webhook[];
}

export interface UpdateWebhookRequest {
  readonly requestId: string;
  readonly webhookId: string;
  readonly url: string;
  readonly description: string;
  readonly types: readonly string[];
  readonly channels: readonly string[];
  readonly hostKey: string;
  /** 0 = 60 */
  readonly everySeconds: number;
}

export interface RotateWebhookSecretRequest {
  readonly requestId: string;
  readonly webhookId: string;
  /** 0 = the old one is void at once; at most 168 */
  readonly keepHours: number;
  /** of a folder alone: as Create has it */
  readonly secret: string;
}

export interface DisableWebhookRequest {
  readonly requestId: string;
  readonly webhookId: string;
}

export interface EnableWebhookRequest {
  readonly requestId: string;
  readonly webhookId: string;
}

export interface DeleteWebhookRequest {
  readonly requestId: string;
  readonly webhookId: string;
}

export interface DeleteWebhookResponse {
}

export interface ListWebhookTypesRequest {
}

export interface ListWebhookTypesResponse {
  readonly types: readonly string[];
}

export interface ListWebhookDeliveriesRequest {
  readonly page: common.Page;
  /** "" = of all */
  readonly webhookId: string;
  /** PENDING, DELIVERED, FAILED, DROPPED; "" = all */
  readonly state: string;
}

export interface ListWebhookDeliveriesResponse {
  readonly deliveries: readonly WebhookDelivery[];
  readonly nextToken: string;
}

export interface WebhookDelivery {
  /** webhook-id */
  readonly deliveryId: string;
  readonly webhookId: string;
  /** of the event; "file" for a file of them */
  readonly type: string;
  /** those of one key are sent in order: an order's id, a SKU, a statement's id; of a file its name, and files are put in the order of their names */
  readonly key: string;
  /** PENDING, DELIVERED, FAILED (given up), DROPPED (its webhook was disabled or deleted meanwhile) */
  readonly state: string;
  readonly attempts: number;
  /** why the last attempt failed; codes alone */
  readonly detail: string;
  readonly queuedAt: string;
  /** "" while it is pending */
  readonly settledAt: string;
}

export interface RedeliverWebhookRequest {
  readonly requestId: string;
  readonly deliveryId: string;
}

/** Who is told of which events. What is sent, and how a receiver checks it, stands in services/alerts/src/perform/webhooks/README.md. */
export interface WebhooksRpc {
  readonly create: { readonly kind: 'unary'; readonly input: CreateWebhookRequest; readonly output: WebhookSecret };
  readonly get: { readonly kind: 'unary'; readonly input: GetWebhookRequest; readonly output: Webhook };
  readonly list: { readonly kind: 'unary'; readonly input: ListWebhooksRequest; readonly output: ListWebhooksResponse };
  readonly update: { readonly kind: 'unary'; readonly input: UpdateWebhookRequest; readonly output: Webhook };
  readonly rotateSecret: { readonly kind: 'unary'; readonly input: RotateWebhookSecretRequest; readonly output: WebhookSecret };
  readonly disable: { readonly kind: 'unary'; readonly input: DisableWebhookRequest; readonly output: Webhook };
  readonly enable: { readonly kind: 'unary'; readonly input: EnableWebhookRequest; readonly output: Webhook };
  readonly delete: { readonly kind: 'unary'; readonly input: DeleteWebhookRequest; readonly output: DeleteWebhookResponse };
  readonly listTypes: { readonly kind: 'unary'; readonly input: ListWebhookTypesRequest; readonly output: ListWebhookTypesResponse };
  readonly listDeliveries: { readonly kind: 'unary'; readonly input: ListWebhookDeliveriesRequest; readonly output: ListWebhookDeliveriesResponse };
  readonly redeliver: { readonly kind: 'unary'; readonly input: RedeliverWebhookRequest; readonly output: WebhookDelivery };
}
export const Webhooks: ServiceRef<WebhooksRpc> = { typeName: 'flotilla.alerts.v1.Webhooks' };

