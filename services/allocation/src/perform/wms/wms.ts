import type { common } from '@flotilla/contracts';
import type { z } from 'zod';
import type { SaidThere } from '../../decide/wms/lock.decider.js';
import type { Meaning } from '../../decide/wms/shelf.decider.js';

/** What a system is asked to lock. `lockId` is the key of every question about it: asked twice, it locks once. */
export interface LockOrder {
  readonly lockId: string;
  readonly foId: string;
  readonly lines: readonly common.SkuQuantity[];
  /** Until then it should be kept if nobody confirms it. */
  readonly keepUntil: string;
}

/** It is not known what the system did. */
export interface Unclear {
  readonly kind: 'unclear';
  readonly detail: string;
}

export type WmsAnswer = { readonly kind: 'is'; readonly said: SaidThere } | Unclear;
export type WmsAskAnswer = WmsAnswer | { readonly kind: 'not-known' };

/**
 * One warehouse system's protocol. Nothing here throws but `stock`: whatever goes wrong on the way is `unclear`. Every answer says what the lock is
 * now, with the position of the system's ledger at which it became so.
 */
export interface WmsPort {
  lock(order: LockOrder, signal: AbortSignal): Promise<WmsAnswer>;
  confirm(lockId: string, fence: number, signal: AbortSignal): Promise<WmsAnswer>;
  /** Also of a lock that the system never heard of: a LOCK that comes after it must not lock. */
  release(lockId: string, reason: string, signal: AbortSignal): Promise<WmsAnswer>;
  consume(lockId: string, fence: number, parcelId: string, signal: AbortSignal): Promise<WmsAnswer>;
  ask(lockId: string, signal: AbortSignal): Promise<WmsAskAnswer>;
  /** All that it has, in pages. Throws if it cannot be had. */
  stock(signal: AbortSignal): AsyncIterable<FeedPage>;
  close?(): Promise<void>;
}

/** A figure of one SKU: a level (`delta` null), or a difference since `previous`. */
export interface Figure {
  readonly sku: string;
  readonly figure: number;
  readonly unsellable: number;
  readonly position: number;
  readonly delta: { readonly previous: number } | null;
}

/** `sequence` counts pushes, so that a missing one is noticed; 0 = not counted. */
export interface FeedPage {
  readonly meaning: Meaning;
  readonly sequence: number;
  readonly figures: readonly Figure[];
}

export interface WmsManifest {
  /** Also the folder's name and a target's `adapter`. */
  readonly name: string;
  readonly title: string;
  readonly ratePerSecond: number;
  readonly concurrency: number;
  /** Between two questions about one lock, when its outcome stays unknown. */
  readonly longestPauseMs: number;
}

/** `fetch` with the target's breaker, rate and deadline. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Connecting {
  readonly warehouse: string;
  readonly fetch: Fetch;
  /** Machine time, for signatures. */
  readonly now: () => Date;
}

export interface Collecting {
  readonly take: (page: FeedPage) => Promise<void>;
  /** A lock is over there, though nobody asked for its end. Told again, it changes nothing. */
  readonly ended: (end: { readonly lockId: string; readonly there: 'RELEASED' | 'EXPIRED' | 'REFUSED'; readonly position: number; readonly detail: string }) => Promise<void>;
}

export interface WmsConnection {
  readonly port: WmsPort;
  readonly longestPauseMs: number;
  /** Reads a push over HTTP; undefined if the signature is missing, wrong or too old. Throws Refused for what cannot be read. */
  readonly push?: (headers: Readonly<Record<string, string | readonly string[] | undefined>>, body: Buffer) => FeedPage | undefined;
  /** Files that wait to be taken in: each is moved away when `take` has kept it, parked whole with the reason when `take` refuses it. */
  readonly collect?: (collecting: Collecting, signal: AbortSignal) => Promise<void>;
}

export interface WmsAdapter {
  readonly manifest: WmsManifest;
  /** Settings of one target, as in FLOTILLA_WMS_TARGETS. Throws if they cannot be used. */
  readonly settings: z.ZodType;
  readonly connect: (settings: never, options: Connecting) => WmsConnection;
}
