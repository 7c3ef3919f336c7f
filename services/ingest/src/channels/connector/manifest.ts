import type { Platform } from '../platform.js';
import { readSubmitted } from './delivery.js';

/**
 * Orders on the topic channel-orders.v1, from connectors in any language. There is nothing to write back: a connector
 * follows order-lifecycle.parcel.v1 itself. `open` opens the personal part with the key that GET /v1/keys shows.
 */
export const connector = (open: (jwe: string) => Promise<Uint8Array>): Platform => ({
  name: 'connector',
  title: 'Connector topic',
  read: (arrived) => readSubmitted(arrived, open),
});
