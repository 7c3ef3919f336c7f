// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';
import type { ServiceRef } from '../service-ref.js';

export interface WatchChangesRequest {
  /** of this service's log; 0 = from now on */
  readonly afterPosition: number;
  /** of streams: order, parcel; none = all */
  readonly categories: readonly string[];
}

export interface ChangeBatch {
  /** one per stream */
  readonly changes: readonly Change[];
  /** up to which this tells */
  readonly position: number;
  /** there was more before it than is told: ask everything again */
  readonly missed: boolean;
}

export interface Change {
  /** order-<id> */
  readonly stream: string;
  /** order */
  readonly category: string;
  readonly id: string;
  /** of its events, each once */
  readonly types: readonly string[];
  /** of the last of them */
  readonly position: number;
}

/** What is being written here, for whoever shows it: names alone. What it says is asked for. */
export interface ChangesRpc {
  readonly watch: { readonly kind: 'server_streaming'; readonly input: WatchChangesRequest; readonly output: ChangeBatch };
}
export const Changes: ServiceRef<ChangesRpc> = { typeName: 'flotilla.ops.v1.Changes' };

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

export interface ShowParkedRequest {
  readonly parkedKey: string;
}

export interface ParkedQueue {
  readonly parkedKey: string;
  /** at most 50, and no more than 2 MiB of them */
  readonly messages: readonly ParkedContent[];
  /** in all */
  readonly waiting: number;
}

export interface ParkedContent {
  readonly offset: number;
  readonly type: string;
  readonly reason: string;
  readonly detail: string;
  /** text, or base64 where it is none; "" also once the key was erased */
  readonly value: string;
  readonly binary: boolean;
  readonly headers: { readonly [key: string]: string };
  readonly sentAt: string;
  readonly erased: boolean;
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
  /** who follows the log or Kafka here, and how far behind each is */
  readonly readers: readonly Reader[];
}

export interface Reader {
  readonly name: string;
  /** FOLLOWER (of the log: events), CONSUMER (of Kafka, in this process: messages) */
  readonly kind: string;
  readonly behind: number;
}

/** Messages that a consumer could not handle. A parked key keeps its later messages behind it, in order. */
export interface ParkedMessagesRpc {
  readonly list: { readonly kind: 'unary'; readonly input: ListParkedRequest; readonly output: ListParkedResponse };
  readonly show: { readonly kind: 'unary'; readonly input: ShowParkedRequest; readonly output: ParkedQueue };
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

