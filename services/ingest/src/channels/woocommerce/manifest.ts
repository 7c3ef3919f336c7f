import type { Platform } from '../platform.js';
import { readDelivery } from './delivery.js';
import { orders } from './orders.js';
import { webhooks } from './signature.js';
import { writeBack } from './write-back.js';

/** WooCommerce: signed webhooks in, and asked for what they left out; shipments out as notes and tracking. */
export const woocommerce: Platform = { name: 'woocommerce', title: 'WooCommerce', read: readDelivery, webhooks, orders, writeBack };
