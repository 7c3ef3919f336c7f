import type { Platform } from '../platform.js';
import { readDelivery } from './delivery.js';
import { webhooks } from './signature.js';
import { stock } from './stock.js';
import { writeBack } from './write-back.js';

/** Shopify: signed webhooks in, fulfilments and stock out. */
export const shopify: Platform = { name: 'shopify', title: 'Shopify', read: readDelivery, webhooks, writeBack, stock };
