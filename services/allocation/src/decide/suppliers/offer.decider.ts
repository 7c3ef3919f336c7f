/*
 * A lock in a supplier is an order that it is offered.
 *
 * is          LockStock            the supplier says   its time is over     ReleaseStock              ConfirmStock      ConsumeStock
 * NONE        OFFERED, pending     –                   –                    RELEASED (tombstone)      expired           released
 * OFFERED     pending again        ACCEPTED | REFUSED  EXPIRED (TIMEOUT)    RELEASED, told            expired           expired
 * ACCEPTED    StockLocked again    –                   –                    RELEASED, told            CONFIRMED         expired
 * CONFIRMED   –                    SHIPPED             –                    RELEASED, told            again             CONSUMED
 * SHIPPED     –                    –                   –                    CONSUMED: it was too late again             CONSUMED
 *
 * What has ended is answered as what it is. An accepted offer has no lease: somebody keeps goods for it, and only a release ends it.
 * A confirmed one that was released for shipping has a time of its own: when that is over it is OVERDUE, until it is sent or withdrawn.
 */
import type { common, lock as wire, order } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { LockReply } from '../lock.events.js';
import type { Media } from '../media.js';
import { summed } from '../names.js';
import { DECLINES, type Decline, type MessageKind, type OfferEvent } from './offer.events.js';

type Quantities = readonly common.SkuQuantity[];

export type OfferCommand =
  /** `free`: what it has declared and not promised. `responseMs` 0 = a supplier that nobody has described. `day`: its present one, "" = it takes any number of orders; `full`: it has no place left on it. */
  | { readonly type: 'LockStock'; readonly data: { readonly ask: Omit<wire.LockStock, 'answered'>; readonly free: Quantities; readonly fence: number; readonly at: string; readonly responseMs: number; readonly day: string; readonly full: boolean } }
  | { readonly type: 'ConfirmStock'; readonly data: { readonly ask: Omit<wire.ConfirmStock, 'answered'> } }
  | { readonly type: 'ReleaseStock'; readonly data: { readonly ask: Omit<wire.ReleaseStock, 'answered'>; readonly at: string } }
  | { readonly type: 'ConsumeStock'; readonly data: { readonly ask: Omit<wire.ConsumeStock, 'answered'> } }
  | { readonly type: 'AcceptOffer'; readonly data: { readonly by: string; readonly at: string } }
  | { readonly type: 'RefuseOffer'; readonly data: { readonly by: string; readonly at: string; readonly reason: string } }
  | { readonly type: 'LookAtOffer'; readonly data: { readonly at: string } }
  /** `shipMs`: business time in which it should be sent; 0 = whenever. */
  | { readonly type: 'AskShipping'; readonly data: Pick<order.FulfilmentReleased, 'parcelId' | 'orders' | 'shipTo' | 'number'> & { readonly at: string; readonly shipMs: number } }
  /** A timer: it may be overdue. `contact`: who is in charge, told if it is. */
  | { readonly type: 'LookAtShipping'; readonly data: { readonly at: string; readonly contact: string } }
  | { readonly type: 'ShipOffer'; readonly data: { readonly by: string; readonly at: string; readonly carrier: string; readonly waybill: string; readonly evidenceSha256: string } }
  /** A video that is stored already. */
  | { readonly type: 'AttachVideo'; readonly data: { readonly by: string; readonly at: string } & Media }
  /** `often`: trying again cannot tell anybody twice, so it is tried until it is told or need not be. */
  | { readonly type: 'AttemptMessage'; readonly data: { readonly kind: MessageKind; readonly often?: boolean } }
  | { readonly type: 'SettleMessage'; readonly data: { readonly kind: MessageKind; readonly often?: boolean; readonly sent: boolean; /** Nothing can have arrived, and another try may do. */ readonly again: boolean; readonly detail: string } };

export type OfferStatus = 'NONE' | 'OFFERED' | 'ACCEPTED' | 'CONFIRMED' | 'SHIPPED' | 'CONSUMED' | 'REFUSED' | 'EXPIRED' | 'RELEASED';

interface Head {
  readonly lockId: string;
  readonly foId: string;
  readonly round: number;
  readonly warehouse: string;
}

/** What is to be sent, once order-core has released it. */
export interface Shipping extends Pick<order.FulfilmentReleased, 'parcelId' | 'orders' | 'shipTo' | 'number'> {
  readonly at: string;
  /** "" = whenever. */
  readonly dueAt: string;
}

export interface Offer {
  readonly status: OfferStatus;
  readonly head: Head | null;
  readonly lines: Quantities;
  readonly priority: number;
  readonly fence: number;
  readonly until: string;
  /** On which it has a place; "" = places are not counted. */
  readonly day: string;
  /** The supplier said so, and when. */
  readonly accepted: boolean;
  readonly reply: LockReply | null;
  readonly shipping: Shipping | null;
  readonly overdue: boolean;
  readonly sent: { readonly carrier: string; readonly waybill: string; readonly at: string } | null;
  /** How it was packed, the newest first. */
  readonly videos: readonly (Media & { readonly at: string })[];
  readonly messages: Readonly<Partial<Record<MessageKind, { readonly attempts: number; readonly settled: boolean }>>>;
}

const initial: Offer = { status: 'NONE', head: null, lines: [], priority: 0, fence: 0, until: '', day: '', accepted: false, reply: null, shipping: null, overdue: false, sent: null, videos: [], messages: {} };

const ends = { StockLockRefused: 'REFUSED', StockLockExpired: 'EXPIRED', StockReleased: 'RELEASED', StockConsumed: 'CONSUMED' } as const;

const headOf = ({ lockId, foId, round, warehouse }: Head): Head => ({ lockId, foId, round, warehouse });

const evolve = (state: Offer, event: OfferEvent): Offer => {
  switch (event.type) {
    case 'OfferMade': {
      const { lines, priority, fence, until, day = '' } = event.data;
      return { ...state, status: 'OFFERED', head: headOf(event.data), lines, priority, fence, until, day };
    }
    case 'OfferAccepted':
      return { ...state, accepted: true };
    case 'StockLocked':
      return { ...state, status: 'ACCEPTED', reply: { type: event.type, data: event.data } };
    case 'StockConfirmed':
      return { ...state, status: 'CONFIRMED', reply: { type: event.type, data: event.data } };
    case 'StockLockRefused':
    case 'StockLockExpired':
    case 'StockReleased':
    case 'StockConsumed':
      // A lock that was shipped says its carrier for ever; one that was never seen has a head from now on.
      return { ...state, head: state.head ?? headOf(event.data), status: state.status === 'EXPIRED' && event.type === 'StockLockRefused' ? 'EXPIRED' : ends[event.type], reply: { type: event.type, data: event.data } as LockReply };
    case 'OfferExpired':
      return { ...state, status: 'EXPIRED' };
    case 'ShippingAsked': {
      const { parcelId, orders, shipTo, number, at = '', dueAt = '' } = event.data;
      // Where another parcel goes has to be told anew.
      const { SHIP: _, ...messages } = state.messages;
      return { ...state, shipping: { parcelId, orders, shipTo, number, at, dueAt }, messages };
    }
    case 'SupplierOverdue':
      return { ...state, overdue: true };
    case 'SupplierOverdueEnded':
      return { ...state, overdue: false };
    case 'SupplierShipped': {
      const { carrier, waybill, shippedAt } = event.data;
      return { ...state, status: 'SHIPPED', sent: { carrier, waybill, at: shippedAt } };
    }
    case 'PackingVideoAttached': {
      const { sha256, bytes, mediaType, attachedAt } = event.data;
      return { ...state, videos: [{ sha256, bytes, mediaType, at: attachedAt }, ...state.videos] };
    }
    case 'MessageAttempted':
      return withMessage(state, event.data.kind, { attempts: (state.messages[event.data.kind]?.attempts ?? 0) + 1, settled: false });
    case 'MessageSettled':
      return withMessage(state, event.data.kind, { attempts: state.messages[event.data.kind]?.attempts ?? 0, settled: true });
    case 'OfferRefused':
    case 'OfferWithdrawn':
    case 'StockLockPending':
    case 'LockAnswered':
      return state;
    default:
      return state;
  }
};

const withMessage = (state: Offer, kind: MessageKind, message: { readonly attempts: number; readonly settled: boolean }): Offer => ({ ...state, messages: { ...state.messages, [kind]: message } });

const again = (reply: LockReply): readonly OfferEvent[] => [{ type: 'LockAnswered', data: { reply } }];
const released = (head: Head): LockReply => ({ type: 'StockReleased', data: { ...headOf(head), missing: [] } });
const expired = (head: Head): LockReply => ({ type: 'StockLockExpired', data: headOf(head) });
const refused = (head: Head, reason: string, free: Quantities): LockReply => ({ type: 'StockLockRefused', data: { ...headOf(head), reason, free: [...free], kept: [] } });

const lockStock = ({ data: { ask, free, fence, at, responseMs, day, full } }: Of<OfferCommand, 'LockStock'>, state: Offer): readonly OfferEvent[] => {
  if (state.status === 'OFFERED') return isOver(state, at) ? end(state, at) : [{ type: 'StockLockPending', data: { ...headOf(ask), until: state.until } }];
  if (state.reply) return again(state.status === 'RELEASED' ? refused(ask, 'RELEASED', []) : state.reply);
  const lines = summed(ask.lines);
  const there = new Map(free.map(({ sku, quantity }) => [sku, quantity]));
  if (responseMs === 0) return [refused(ask, 'UNKNOWN_WAREHOUSE', [])];
  if (lines.some(({ sku, quantity }) => (there.get(sku) ?? 0) < quantity)) return [refused(ask, 'SHORT', free)];
  if (full) return [refused(ask, 'FULL', free)];
  return [{ type: 'OfferMade', data: { ...headOf(ask), lines, priority: ask.priority, fence, at, until: later(at, responseMs), day } }];
};

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

const isOver = ({ until }: Offer, at: string): boolean => at >= until;

const end = (state: Offer, at: string): readonly OfferEvent[] => [{ type: 'OfferExpired', data: { ...state.head!, at } }, refused(state.head!, 'TIMEOUT', [])];

const confirmStock = ({ data: { ask } }: Of<OfferCommand, 'ConfirmStock'>, state: Offer): readonly OfferEvent[] => {
  switch (state.status) {
    case 'ACCEPTED':
      return ask.fence === state.fence ? [{ type: 'StockConfirmed', data: { ...headOf(ask), fence: state.fence } }] : again(state.reply!);
    case 'CONFIRMED':
    case 'SHIPPED':
    case 'CONSUMED':
    case 'RELEASED':
      return again(state.reply!);
    case 'NONE':
    case 'OFFERED':
    case 'REFUSED':
    case 'EXPIRED':
      return again(expired(ask));
    default:
      return unreachable(state.status);
  }
};

const releaseStock = ({ data: { ask, at } }: Of<OfferCommand, 'ReleaseStock'>, state: Offer): readonly OfferEvent[] => {
  switch (state.status) {
    case 'OFFERED':
    case 'ACCEPTED':
    case 'CONFIRMED':
      return [...noLongerOverdue(state, 'WITHDRAWN'), { type: 'OfferWithdrawn', data: { ...state.head!, at, reason: ask.reason } }, released(ask)];
    case 'NONE': // a tombstone: the LockStock that is still on its way finds it
      return [released(ask)];
    case 'SHIPPED':
      return [{ type: 'StockConsumed', data: { ...headOf(ask), parcelId: state.shipping?.parcelId ?? '' } }];
    case 'CONSUMED':
    case 'RELEASED':
      return again(state.reply!);
    case 'REFUSED':
    case 'EXPIRED':
      return again(released(ask));
    default:
      return unreachable(state.status);
  }
};

const consumeStock = ({ data: { ask } }: Of<OfferCommand, 'ConsumeStock'>, state: Offer): readonly OfferEvent[] => {
  switch (state.status) {
    case 'CONFIRMED':
    case 'SHIPPED':
      return [...noLongerOverdue(state, 'SHIPPED'), { type: 'StockConsumed', data: { ...headOf(ask), parcelId: ask.parcelId } }];
    case 'CONSUMED':
    case 'RELEASED':
      return again(state.reply!);
    case 'NONE':
      return [released(ask)];
    case 'OFFERED':
    case 'ACCEPTED':
    case 'REFUSED':
    case 'EXPIRED':
      return again(expired(ask));
    default:
      return unreachable(state.status);
  }
};

// Whatever the supplier says too late changes nothing but, at most, that it was too late; the page then says what the offer is.
const accept = ({ data: { by, at } }: Of<OfferCommand, 'AcceptOffer'>, state: Offer): readonly OfferEvent[] => {
  if (state.status !== 'OFFERED') return [];
  if (isOver(state, at)) return end(state, at);
  const head = state.head!;
  return [{ type: 'OfferAccepted', data: { ...head, by, at } }, { type: 'StockLocked', data: { ...head, fence: state.fence, expiresAt: '', lines: [...state.lines] } }];
};

const refuse = ({ data: { by, at, reason } }: Of<OfferCommand, 'RefuseOffer'>, state: Offer): readonly OfferEvent[] => {
  const known: Decline | undefined = DECLINES.find((one) => one === reason);
  if (!known) throw new Refused('BAD_REQUEST', `"${reason.slice(0, 20)}" is no reason; there are ${DECLINES.join(', ')}`);
  if (state.status !== 'OFFERED') return [];
  if (isOver(state, at)) return end(state, at);
  return [{ type: 'OfferRefused', data: { ...state.head!, by, at, reason: known } }, refused(state.head!, known === 'OUT_OF_STOCK' ? 'OUT_OF_STOCK' : 'DECLINED', [])];
};

const askShipping = ({ data: { shipMs, ...data } }: Of<OfferCommand, 'AskShipping'>, state: Offer): readonly OfferEvent[] =>
  state.status === 'CONFIRMED' && state.shipping?.parcelId !== data.parcelId
    ? [...noLongerOverdue(state, 'ASKED_ANEW'), { type: 'ShippingAsked', data: { ...state.head!, ...data, dueAt: shipMs > 0 ? later(data.at, shipMs) : '' } }]
    : [];

const lookAtShipping = ({ data: { at, contact } }: Of<OfferCommand, 'LookAtShipping'>, { status, head, shipping, overdue }: Offer): readonly OfferEvent[] => {
  if (status !== 'CONFIRMED' || overdue || !shipping || shipping.dueAt === '' || at < shipping.dueAt) return [];
  const { lockId, foId, warehouse } = head!;
  return [{ type: 'SupplierOverdue', data: { foId, warehouse, lockId, parcelId: shipping.parcelId, askedAt: shipping.at, dueAt: shipping.dueAt, contact } }];
};

const noLongerOverdue = ({ head, shipping, overdue }: Offer, by: 'SHIPPED' | 'WITHDRAWN' | 'ASKED_ANEW'): readonly OfferEvent[] => {
  if (!overdue) return [];
  const { lockId, foId, warehouse } = head!;
  return [{ type: 'SupplierOverdueEnded', data: { foId, warehouse, lockId, parcelId: shipping!.parcelId, by } }];
};

const NUMBER = /^[A-Z0-9][A-Z0-9-]{5,39}$/;
const CARRIER = /^[a-z][a-z0-9-]{1,31}$/;

const ship = ({ data: { by, at, evidenceSha256, ...data } }: Of<OfferCommand, 'ShipOffer'>, state: Offer): readonly OfferEvent[] => {
  const carrier = data.carrier.trim().toLowerCase();
  const waybill = data.waybill.replace(/\s/g, '').toUpperCase();
  if (!CARRIER.test(carrier)) throw new Refused('BAD_REQUEST', `"${carrier.slice(0, 40)}" is no carrier's code, such as sf or zto`);
  if (!NUMBER.test(waybill)) throw new Refused('BAD_REQUEST', `"${waybill.slice(0, 40)}" is no waybill number: 6 to 40 letters, digits and "-"`);
  if (state.status !== 'CONFIRMED' || !state.shipping) return [];
  const { foId, warehouse, lockId } = state.head!;
  const { parcelId, orders } = state.shipping;
  return [...noLongerOverdue(state, 'SHIPPED'), { type: 'SupplierShipped', data: { foId, parcelId, warehouse, carrier, waybill, shippedAt: at, orders, evidenceSha256, lockId, by } }];
};

const MOST_VIDEOS = 5;

const attachVideo = ({ data: { by, at, sha256, bytes, mediaType } }: Of<OfferCommand, 'AttachVideo'>, { head, shipping, sent, videos }: Offer): readonly OfferEvent[] => {
  if (!head || !shipping || !sent) throw new Refused('OFFER_OVER', 'a packing video is attached to what has been sent');
  if (videos.some((one) => one.sha256 === sha256)) return [];
  if (videos.length >= MOST_VIDEOS) throw new Refused('OFFER_OVER', `there are ${MOST_VIDEOS} videos of this parcel already`);
  const { foId, warehouse, lockId } = head;
  return [{ type: 'PackingVideoAttached', data: { foId, warehouse, lockId, parcelId: shipping.parcelId, sha256, bytes, mediaType, attachedAt: at, by } }];
};

/** A message to people is tried twice at most. */
const MOST_ATTEMPTS = 2;

const attempt = ({ data: { kind, often = false } }: Of<OfferCommand, 'AttemptMessage'>, { head, messages }: Offer): readonly OfferEvent[] => {
  const { attempts = 0, settled = false } = messages[kind] ?? {};
  if (!head || settled) return [];
  const { lockId } = head;
  return often || attempts < MOST_ATTEMPTS ? [{ type: 'MessageAttempted', data: { lockId, kind } }] : [{ type: 'MessageSettled', data: { lockId, kind, outcome: 'FAILED', detail: 'nobody knows whether it arrived' } }];
};

const settle = ({ data: { kind, often = false, sent, again: oneMore, detail } }: Of<OfferCommand, 'SettleMessage'>, { head, messages }: Offer): readonly OfferEvent[] => {
  const known = messages[kind];
  if (!head || !known || known.settled || (!sent && oneMore && (often || known.attempts < MOST_ATTEMPTS))) return [];
  return [{ type: 'MessageSettled', data: { lockId: head.lockId, kind, outcome: sent ? 'SENT' : 'FAILED', detail } }];
};

const decide = (command: OfferCommand, state: Offer): readonly OfferEvent[] => {
  switch (command.type) {
    case 'LockStock':
      return lockStock(command, state);
    case 'ConfirmStock':
      return confirmStock(command, state);
    case 'ReleaseStock':
      return releaseStock(command, state);
    case 'ConsumeStock':
      return consumeStock(command, state);
    case 'AcceptOffer':
      return accept(command, state);
    case 'RefuseOffer':
      return refuse(command, state);
    case 'LookAtOffer':
      return state.status === 'OFFERED' && isOver(state, command.data.at) ? end(state, command.data.at) : [];
    case 'AskShipping':
      return askShipping(command, state);
    case 'LookAtShipping':
      return lookAtShipping(command, state);
    case 'ShipOffer':
      return ship(command, state);
    case 'AttachVideo':
      return attachVideo(command, state);
    case 'AttemptMessage':
      return attempt(command, state);
    case 'SettleMessage':
      return settle(command, state);
    default:
      return unreachable(command);
  }
};

/** An order offered to a supplier, by lock id. */
export const offer: Decider<Offer, OfferCommand, OfferEvent> = { category: 'offer', initial, evolve, decide };
