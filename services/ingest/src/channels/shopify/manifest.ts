import type { Platform } from '../platform.js';
import { readDelivery } from './delivery.js';
import { webhooks } from './signature.js';
import { stock } from './stock.js';
import { cancel, writeBack } from './write-back.js';

/** Shopify: signed webhooks in, fulfilments, cancellations and stock out. */
export const shopify: Platform = { name: 'shopify', title: 'Shopify', read: readDelivery, webhooks, writeBack, cancel, stock };
