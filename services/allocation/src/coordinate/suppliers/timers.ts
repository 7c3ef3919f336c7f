import type { Recorded, TimerChange } from '@flotilla/event-store';
import type { MessageKind, OfferEvent } from '../../decide/suppliers/offer.events.js';

/** An offer whose time to answer, or whose time to send, may be over. Business time. */
export interface OfferLook {
  readonly kind: 'offer' | 'shipping';
  readonly lockId: string;
}

const at = (kind: OfferLook['kind'], lockId: string, dueAt: string | null): TimerChange => ({ key: `${kind}/${lockId}`, dueAt, clock: 'business', data: dueAt === null ? null : ({ kind, lockId } satisfies OfferLook) });

/** Every offer has its time; an answer, or a release, calls it off. So has a parcel that is released to its supplier, until it is sent. */
export const offerTimers = (event: Recorded): readonly TimerChange[] => {
  if (!event.stream.startsWith('offer-')) return [];
  const { type, data } = event as unknown as OfferEvent;
  switch (type) {
    case 'OfferMade':
      return [at('offer', data.lockId, data.until)];
    case 'OfferAccepted':
    case 'OfferRefused':
    case 'OfferExpired':
      return [at('offer', data.lockId, null)];
    case 'OfferWithdrawn':
      return [at('offer', data.lockId, null), at('shipping', data.lockId, null)];
    case 'ShippingAsked':
      return data.dueAt ? [at('shipping', data.lockId, data.dueAt)] : [];
    case 'SupplierShipped':
    case 'StockConsumed':
    case 'SupplierOverdue':
      return [at('shipping', data.lockId, null)];
    default:
      return [];
  }
};

export const isOfferLook = (data: unknown): data is OfferLook => ['offer', 'shipping'].includes(String((data as { readonly kind?: unknown } | null)?.kind));

/** What a job that tells a supplier needs to know; all else stands in the offer's stream. */
export interface SupplierMessage {
  readonly lockId: string;
  readonly message: MessageKind;
}

const messages: Readonly<Partial<Record<OfferEvent['type'], MessageKind>>> = { OfferMade: 'OFFER', OfferWithdrawn: 'WITHDRAWN', ShippingAsked: 'SHIP' };

/** One message for an offer, for one that is withdrawn, and for each parcel that is to be sent. */
export const offerJobs = (event: Recorded): readonly { readonly kind: string; readonly intent: string; readonly payload: SupplierMessage }[] => {
  if (!event.stream.startsWith('offer-')) return [];
  const { type, data } = event as unknown as OfferEvent;
  const message = messages[type];
  if (message === undefined || !('lockId' in data)) return [];
  const which = type === 'ShippingAsked' ? `${message}/${data.parcelId}` : message;
  return [{ kind: 'supplier', intent: `supplier/${data.lockId}/${which}`, payload: { lockId: data.lockId, message } }];
};
