import type { Platform } from '../platform.js';
import { readDelivery } from './delivery.js';
import { orders } from './orders.js';
import { webhooks } from './signature.js';
import { stock } from './stock.js';
import { cancel, writeBack } from './write-back.js';

/** WooCommerce: signed webhooks in, and asked for what they left out; shipments out as notes and tracking, cancellations as a status, stock. */
export const woocommerce: Platform = { name: 'woocommerce', title: 'WooCommerce', read: readDelivery, webhooks, orders, writeBack, cancel, stock };
