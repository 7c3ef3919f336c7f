// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export interface ListAuditRequest {
  /** newest first */
  readonly page: common.Page;
  /** "" = any */
  readonly caller: string;
  /** "flotilla.order.v1.Orders/Cancel"; "" = any */
  readonly method: string;
  /** "orderId=…", as the calls name what they were about; "" = any */
  readonly target: string;
  /** only what was refused */
  readonly refused: boolean;
}

export interface ListAuditResponse {
  readonly calls: readonly AuditedCall[];
  readonly nextToken: string;
}

export interface AuditedCall {
  readonly id: number;
  readonly at: string;
  readonly method: string;
  /** a person whom a service named, "service:…" or "key:…" */
  readonly caller: string;
  /** the service that named the person */
  readonly through: string;
  /** those that allowed it; none: refused */
  readonly roles: readonly string[];
  readonly requestId: string;
  /** ids that the request named: orderId=…, channel=… */
  readonly targets: readonly string[];
  /** of the events that it caused */
  readonly correlation: string;
  /** OK, or the reason of the refusal */
  readonly outcome: string;
}

export interface ListParkedRequest {
  readonly page: common.Page;
}

export interface ListParkedResponse {
  readonly messages: readonly ParkedMessage[];
  readonly nextToken: string;
}

export interface ParkedMessage {
  /** names the queue: "<consumer>/<topic>/<partition>/<key>" */
  readonly parkedKey: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly type: string;
  readonly reason: string;
  readonly detail: string;
  /** how many stand behind it */
  readonly waiting: number;
}

export interface ReplayParkedRequest {
  readonly requestId: string;
  readonly parkedKey: string;
}

export interface DiscardParkedRequest {
  readonly requestId: string;
  readonly parkedKey: string;
  readonly reason: string;
}

export interface ReplayParkedResponse {
  readonly handled: number;
  readonly stillParked: number;
  /** why the next one failed again; "" if none did */
  readonly reason: string;
  readonly detail: string;
}

export interface GetTallyRequest {
}

export interface Tally {
  readonly counts: { readonly [key: string]: number };
  /** of the log */
  readonly position: number;
}

/** Messages that a consumer could not handle. A parked key keeps its later messages behind it, in order. */
export interface ParkedMessagesRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListParkedRequest; readonly output: ListParkedResponse };
  readonly replay: { readonly kind: 'unary'; readonly input: ReplayParkedRequest; readonly output: ReplayParkedResponse };
  readonly discard: { readonly kind: 'unary'; readonly input: DiscardParkedRequest; readonly output: ReplayParkedResponse };
}
export const ParkedMessages: ServiceRef<ParkedMessagesRpc> = { typeName: 'flotilla.ops.v1.ParkedMessages' };

/** Counts of what the service has done since its log began, by name; read from the log's projections. */
export interface TalliesRpc {
  readonly get: { readonly kind: 'unary'; readonly input: GetTallyRequest; readonly output: Tally };
}
export const Tallies: ServiceRef<TalliesRpc> = { typeName: 'flotilla.ops.v1.Tallies' };

/** Who asked for what: every call that changes something, and every one that was refused for its roles. Rows are written once and never changed. */
export interface AuditLogRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListAuditRequest; readonly output: ListAuditResponse };
}
export const AuditLog: ServiceRef<AuditLogRpc> = { typeName: 'flotilla.ops.v1.AuditLog' };

