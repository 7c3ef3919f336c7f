import type { z } from 'zod';
import type { Routing } from '../../decide/parcel.events.js';

/** Somebody at an end of the way, opened: never stored, never logged. */
export interface Party {
  readonly name: string;
  readonly phone: string;
  readonly company: string;
  readonly country: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly postcode: string;
  readonly street: string;
}

/** What is bought. `reference` is the purchase's own id at the carrier, which takes it once. */
export interface PurchaseOrder {
  readonly reference: string;
  readonly service: string;
  readonly sender: Party;
  readonly recipient: Party;
  readonly items: readonly { readonly name: string; readonly quantity: number; readonly grams: number }[];
  readonly grams: number;
  /** The platforms' orders in it. */
  readonly orders: readonly { readonly channel: string; readonly channelOrderId: string }[];
  /** The platform's token of a recipient whom it masks, "" = not masked. */
  readonly token: string;
}

/** It is not known what the carrier did. */
export interface Unclear {
  readonly kind: 'unclear';
  readonly detail: string;
}

export interface Issued {
  readonly kind: 'issued';
  readonly waybill: string;
  readonly routing: Routing;
  /** What the platform's own print component takes for the label, sealed by the platform; absent: we draw it. */
  readonly printData?: string;
}

/** The carrier clearly will not. */
export interface CarrierRefusal {
  readonly kind: 'refused';
  readonly reason: 'CARRIER_REFUSED' | 'NOT_DELIVERABLE';
  readonly detail: string;
}

/** `known`: the carrier has this reference already; ask for it. */
export type CreateAnswer = Issued | CarrierRefusal | { readonly kind: 'known' } | Unclear;
/** `again`: the carrier takes a reference once and answers only to the order itself; place it again. */
export type AskAnswer = Issued | CarrierRefusal | { readonly kind: 'not-known' } | { readonly kind: 'again' } | Unclear;
export type CancelAnswer = { readonly kind: 'voided' } | { readonly kind: 'refused'; readonly detail: string } | Unclear;

/** What became of a purchase? */
export interface PurchaseQuestion {
  readonly reference: string;
  /** Its number is still wanted: no cancel and no change waits for the answer, and the recipient is known. */
  readonly wanted: boolean;
}

/** One carrier's protocol. Nothing here throws: whatever goes wrong on the way is `unclear`. */
export interface CarrierPort {
  create(order: PurchaseOrder, signal: AbortSignal): Promise<CreateAnswer>;
  /** `not-known`: nothing was bought under the reference, or it is void; only what is still on its way may come. */
  ask(question: PurchaseQuestion, signal: AbortSignal): Promise<AskAnswer>;
  /** Idempotent: what is void already is voided. */
  cancel(reference: string, waybill: string, signal: AbortSignal): Promise<CancelAnswer>;
}

export interface CarrierManifest {
  /** Also the folder's name, the rate cards' `carrier` and `CarrierRefused.carrier`. */
  readonly name: string;
  readonly title: { readonly zh: string; readonly en: string };
  /** Its label templates: templates/<label>.<size>.json. */
  readonly label: string;
  readonly services: readonly string[];
  /** The forms that its numbers have: expressions, or checks of their own. */
  readonly numbers: readonly Pick<RegExp, 'test'>[];
  /** Its codes at platforms whose e-waybills it takes, by platform. */
  readonly platformCodes: Readonly<Record<string, string>>;
  /** In whose days rate cards begin and end. */
  readonly timeZone: string;
  readonly ratePerSecond: number;
  readonly concurrency: number;
}

/** `fetch` with the target's breaker and rate. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Connecting {
  /** The whole environment's settings; a carrier reads its own. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly fetch: Fetch;
  /** Machine time, for signatures. */
  readonly now: () => Date;
}

export interface CarrierAdapter {
  readonly manifest: CarrierManifest;
  /** The gateway through which it is bought, whose breaker and rate it shares with the gateway's other carriers; absent: its own. */
  readonly gateway?: string;
  /** Its environment variables. */
  readonly config: z.ZodRawShape;
  /** undefined without an account: the carrier is not used. Throws if a part of it is missing: that must be noticed at the start. */
  readonly connect: (options: Connecting) => CarrierPort | undefined;
}

/**
 * The e-waybills of a platform that masks its recipients: the same carriers and numbers, bought there. `connect` gives the port of a carrier by its
 * code at the platform.
 */
export interface PlatformWaybills {
  /** As it stands before the token: `taobao:…`. */
  readonly platform: string;
  readonly gateway: string;
  readonly limits: Pick<CarrierManifest, 'ratePerSecond' | 'concurrency'>;
  readonly config: z.ZodRawShape;
  readonly connect: (options: Connecting) => ((code: string) => CarrierPort) | undefined;
}

/** The platform that masks a recipient, and its token for the person; both "" where nobody does. */
export const maskedBy = (token: string | undefined): { readonly platform: string; readonly token: string } => {
  const [, platform = '', rest = ''] = /^([^:]+):(.+)$/.exec(token ?? '') ?? [];
  return { platform, token: rest };
};

/** Whether a number has the form of the carrier's numbers. */
export const isNumberOf = (manifest: CarrierManifest, number: string): boolean => manifest.numbers.some((form) => form.test(number));

/** A carrier as papers name it, in both languages. */
export const bothTitles = ({ title }: Pick<CarrierManifest, 'title'>): string => `${title.zh} ${title.en}`;
