import { parseMessage, topics } from '@flotilla/contracts';
import type { Handler } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { act, askShipping, offerLock } from '../../coordinate/suppliers/participant.js';

/** Every question of flotilla.lock.v1 to suppliers. `at`: business time, in which they answer. */
export const supplierRequestHandlers = (at: () => string): Readonly<Record<string, Handler>> => ({
  'flotilla.lock.v1.LockStock': { handle: ({ data }, unit) => offerLock(unit, parseMessage('flotilla.lock.v1.LockStock', data), at()) },
  'flotilla.lock.v1.ConfirmStock': {
    handle: ({ data }, unit) => {
      const ask = parseMessage('flotilla.lock.v1.ConfirmStock', data);
      act(unit, ask.lockId, { type: 'ConfirmStock', data: { ask } });
    },
  },
  'flotilla.lock.v1.ReleaseStock': {
    handle: ({ data }, unit) => {
      const ask = parseMessage('flotilla.lock.v1.ReleaseStock', data);
      act(unit, ask.lockId, { type: 'ReleaseStock', data: { ask, at: at() } });
    },
  },
  'flotilla.lock.v1.ConsumeStock': {
    handle: ({ data }, unit) => {
      const ask = parseMessage('flotilla.lock.v1.ConsumeStock', data);
      act(unit, ask.lockId, { type: 'ConsumeStock', data: { ask } });
    },
  },
});

/** Parcels that order-core has released to a supplier. `at`: business time. */
export const supplierReleases = (at: () => string): ServiceConsumer => ({
  name: 'allocation-suppliers',
  topics: [topics.order],
  handlers: {
    'flotilla.order.v1.FulfilmentReleased': {
      wants: ({ data }) => (data as { readonly external?: unknown } | null)?.external === true,
      handle: ({ data }, unit) => askShipping(unit, parseMessage('flotilla.order.v1.FulfilmentReleased', data), at()),
    },
  },
});
