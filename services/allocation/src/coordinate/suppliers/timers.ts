import type { Recorded, TimerChange } from '@flotilla/event-store';
import type { MessageKind, OfferEvent } from '../../decide/suppliers/offer.events.js';

/** An offer whose time may be over. Business time. */
export interface OfferLook {
  readonly kind: 'offer';
  readonly lockId: string;
}

const key = (lockId: string): string => `offer/${lockId}`;

/** Every offer has its time; an answer, or a release, calls it off. */
export const offerTimers = (event: Recorded): readonly TimerChange[] => {
  if (!event.stream.startsWith('offer-')) return [];
  const { type, data } = event as unknown as OfferEvent;
  switch (type) {
    case 'OfferMade':
      return [{ key: key(data.lockId), dueAt: data.until, clock: 'business', data: { kind: 'offer', lockId: data.lockId } satisfies OfferLook }];
    case 'OfferAccepted':
    case 'OfferRefused':
    case 'OfferExpired':
    case 'OfferWithdrawn':
      return [{ key: key(data.lockId), dueAt: null, clock: 'business', data: null }];
    default:
      return [];
  }
};

export const isOfferLook = (data: unknown): data is OfferLook => (data as { readonly kind?: unknown } | null)?.kind === 'offer';

/** What a job that tells a supplier needs to know; all else stands in the offer's stream. */
export interface SupplierMessage {
  readonly lockId: string;
  readonly message: MessageKind;
}

const messages: Readonly<Partial<Record<OfferEvent['type'], MessageKind>>> = { OfferMade: 'OFFER', OfferWithdrawn: 'WITHDRAWN', ShippingAsked: 'SHIP' };

/** One message for an offer, for one that is withdrawn, and when it is to be sent. */
export const offerJobs = (event: Recorded): readonly { readonly kind: string; readonly intent: string; readonly payload: SupplierMessage }[] => {
  if (!event.stream.startsWith('offer-')) return [];
  const { type, data } = event as unknown as OfferEvent;
  const message = messages[type];
  return message === undefined || !('lockId' in data) ? [] : [{ kind: 'supplier', intent: `supplier/${data.lockId}/${message}`, payload: { lockId: data.lockId, message } }];
};
