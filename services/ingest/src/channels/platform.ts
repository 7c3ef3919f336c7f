import type { ingest } from '@flotilla/contracts';
import type { Facts, Refund } from '../decide/channel-order.events.js';
import type { ListedItem } from '../decide/listing.events.js';

export type { Facts, ListedItem, Refund };

/** An order as its platform has it, in our words and in clear: it lives only until it is sealed. Amounts are minor units. */
export interface ClearOrder {
  readonly number: string;
  readonly placedAt: string;
  readonly modifiedAt: string;
  readonly payment: ingest.PaymentState;
  readonly buyer: { readonly email: string; readonly phone: string; readonly locale: string };
  readonly shipTo: ClearAddress;
  readonly lines: readonly ClearLine[];
  readonly currency: string;
  readonly subtotal: number;
  readonly discount: number;
  readonly shipping: number;
  readonly tax: number;
  readonly total: number;
  /** What the platform says was paid, of an order that it calls paid; absent where it does not say. */
  readonly amountPaid?: number;
  readonly remark: string;
  readonly tags: readonly string[];
  readonly shippingMethod: string;
  readonly test: boolean;
  readonly attributes: readonly ClearAttribute[];
  /** What the channel's mapping declares beyond our fields, by name; a personal one is sealed. */
  readonly custom?: readonly ClearCustom[];
}

export interface ClearCustom extends ClearAttribute {
  readonly personal: boolean;
}

export interface ClearAddress {
  readonly country: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly postcode: string;
  readonly street: string;
  readonly company: string;
  readonly name: string;
  readonly phone: string;
  /** `<platform>:<token>` of a recipient whom the platform masks; absent: not masked. */
  readonly token?: string;
}

export interface ClearLine {
  readonly channelLineId: string;
  readonly channelSku: string;
  /** The channel's id of the item, and what is printed on it; absent where the platform does not tell. The SKU map knows items by them, too. */
  readonly itemId?: string;
  readonly barcode?: string;
  readonly title: string;
  /** To be shipped if none of the order's refunds were there: the decider takes off those it knows, each once. */
  readonly quantity: number;
  readonly unitPrice: number;
  /** Of that quantity. */
  readonly discount: number;
  readonly requiresShipping: boolean;
  readonly grams: number;
  readonly attributes: readonly ClearAttribute[];
}

export interface ClearAttribute {
  readonly name: string;
  readonly value: string;
}

export const noFacts = (modifiedAt: string): Facts => ({ modifiedAt, paid: null, cancelled: null, refunds: [] });

/** What a delivery says about one order. `failure`: it cannot be understood; `facts`: what of it could be. */
export type Said =
  /** `left`: lines that have been shipped, by whomever: of an order that is heard of for the first time they are nobody's to ship any more. */
  | { readonly as: 'order'; readonly order: ClearOrder; readonly facts: Facts; readonly left?: readonly string[] }
  | { readonly as: 'facts'; readonly facts: Facts }
  | { readonly as: 'failure'; readonly reason: string; readonly detail: string; readonly facts?: Facts };

export interface Reading {
  /** "" if not even that could be read. */
  readonly channelOrderId: string;
  /** `announce`: the platform says that there is a new order; anything else is an update. */
  readonly kind: 'announce' | 'update';
  /** Whose data this is, e.g. "customer:115310627314723954"; never stored as it is. */
  readonly buyer: string;
  readonly said: Said;
  /** Of a body with several orders: one with this order alone, which is what is kept of it. Absent: the body as it came. */
  readonly body?: Uint8Array;
}

/** A delivery as it came in: a webhook's body, or the data of a message. */
export interface Arrived {
  readonly topic: string;
  readonly body: Uint8Array;
  /** What the channel's fields mean, for platforms that are read by one. */
  readonly mapping?: ingest.Mapping;
  /** ISO: what a platform that does not date a message is dated with. */
  readonly receivedAt?: string;
}

/** What the platform's signature, delivery id and topic are read from. */
export interface WebhookPort {
  verify(secret: Uint8Array, headers: Headers, body: Uint8Array): boolean;
  /** "" where the platform sent none. */
  deliveryId(headers: Headers): string;
  topic(headers: Headers): string;
  /** ISO, "" where the platform does not say: decides between contents of the same second. */
  sentAt(headers: Headers): string;
  /** What a platform sends unsigned to see whether anybody is there: it is answered and says nothing. */
  greets?(headers: Headers, body: Uint8Array): boolean;
}

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A shipment to be told to its platform. */
export interface Shipment {
  readonly channelOrderId: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly lines: readonly { readonly channelLineId: string; readonly quantity: number }[];
}

/** An order that is not sent any more, by our decision. `reason`: order-core's, e.g. "payment_timeout", or what a person wrote. */
export interface Cancellation {
  readonly channelOrderId: string;
  readonly reason: string;
}

/**
 * `retry`: not now (limit, outage, no answer): the outcome is read from the platform before the next attempt. `session`: it is the session, which may be
 * renewed by itself where the platform has `sessions`. `open`: the platform waits for more of this order to be shipped.
 */
export type WrittenBack =
  | { readonly outcome: 'done'; readonly fulfilmentId: string; readonly open?: boolean }
  | { readonly outcome: 'failed'; readonly reason: string; readonly detail: string }
  | { readonly outcome: 'retry'; readonly afterMs: number; readonly why: string; readonly session?: boolean };

/** The platform's API of one channel. */
export interface ChannelApi {
  readonly url: string;
  readonly token: string;
  readonly secret: Uint8Array;
  /** An answer longer than `largestAnswer` fails while it is read. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Ends early, by rejecting, when the process must stop. */
  wait(ms: number): Promise<void>;
}

/** `next`: where the next page begins; "" after the last. `location`: the place whose stock it shows. */
export type Listed =
  | { readonly outcome: 'page'; readonly items: readonly ListedItem[]; readonly next: string; readonly location: string }
  | { readonly outcome: 'retry'; readonly afterMs: number; readonly why: string };

/**
 * `changed`: the items that showed something else before; `refused`: why, by item. `unsure`: a call had no answer, and may still take effect.
 */
export type LevelsSet =
  | { readonly outcome: 'set'; readonly changed: readonly string[]; readonly refused: ReadonlyMap<string, string> }
  | { readonly outcome: 'retry'; readonly afterMs: number; readonly why: string; readonly unsure: boolean };

/** Products and stock of a channel. */
export interface StockPort {
  /** A page of what the channel lists, from `from` on ("": the first). `location` "": the place that serves online orders. */
  list(api: ChannelApi, ask: { readonly from: string; readonly location: string }): Promise<Listed>;
  /**
   * Makes items show these levels, at most `batch` at once. Safe to repeat; a call of before that takes effect only now must not turn
   * a newer level back where the channel showed something else in between.
   */
  set(api: ChannelApi, ask: { readonly location: string; readonly levels: readonly { readonly item: string; readonly level: number }[]; readonly reference: string }): Promise<LevelsSet>;
  readonly batch: number;
}

/**
 * `next`: where the next page begins; "" after the last. `retry`: not now (limit, outage, no answer). `blocked`: only people can help, such as a
 * session that has run out; `why` says what to do. `session`: it is the session, which may be renewed by itself where the platform has `sessions`.
 */
export type OrdersPulled =
  | { readonly outcome: 'page'; readonly orders: readonly Arrived[]; readonly next: string }
  | { readonly outcome: 'retry'; readonly afterMs: number; readonly why: string }
  | { readonly outcome: 'blocked'; readonly why: string; readonly session?: boolean };

/** Orders of a platform that is asked. */
export interface OrdersPort {
  /** Longer windows are asked for in pieces. */
  readonly longestWindowMs: number;
  /** A page of what was changed from `from` to `to` (ISO), beginning at `next` ("": the first). Orders that change meanwhile may come again, but none may be passed over. */
  pull(api: ChannelApi, ask: { readonly from: string; readonly to: string; readonly next: string }): Promise<OrdersPulled>;
}

/** `token`: the channel's from now on, `expiresAt` (ISO, the wall's) when it runs out. `refused`: only people can help; `why` says what to do. */
export type SessionRenewed =
  | { readonly outcome: 'done'; readonly token: string; readonly expiresAt: string }
  | { readonly outcome: 'retry'; readonly afterMs: number; readonly why: string }
  | { readonly outcome: 'refused'; readonly why: string };

/** Sessions that run out and are renewed without people. */
export interface SessionsPort {
  /** Whether a channel's token has what a renewal takes. */
  canRenew(token: string): boolean;
  renew(api: ChannelApi): Promise<SessionRenewed>;
}

/** One platform: its folder is `channels/<name>/`, its line in the registry. */
export interface Platform {
  readonly name: string;
  readonly title: string;
  /** Reads a delivery; never throws for what the platform sent. A body may hold several orders. */
  read(arrived: Arrived): readonly Reading[] | Promise<readonly Reading[]>;
  readonly webhooks?: WebhookPort;
  /** Where the signature is made is data of the channel; `undefined` if it takes none. */
  readonly webhooksOf?: (mapping: ingest.Mapping | undefined) => WebhookPort | undefined;
  /** Absent where everything comes by itself. */
  readonly orders?: OrdersPort;
  /** Tells a shipment to the platform, which is read first: safe to repeat. Absent where the platform follows our topics. */
  readonly writeBack?: (api: ChannelApi, shipment: Shipment) => Promise<WrittenBack>;
  /** Tells that an order is not sent any more, after the platform was read: safe to repeat. It pays nothing back. Absent where the platform follows our topics. */
  readonly cancel?: (api: ChannelApi, cancellation: Cancellation) => Promise<WrittenBack>;
  /** Absent where the platform follows our topics. */
  readonly stock?: StockPort;
  /** Absent where keys hold until people change them. */
  readonly sessions?: SessionsPort;
}
