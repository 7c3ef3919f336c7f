import type { StatementFormat } from './format.js';
import { shopifyPayments } from './shopify-payments/shopify-payments.js';

/** Every statement format, one folder each. */
export const formats: readonly StatementFormat[] = [shopifyPayments];
