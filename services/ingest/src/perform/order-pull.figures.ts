import { counter } from '@flotilla/service-kit';
import type { PullFigures } from './order-pull.performer.js';

const pulled = counter('flotilla_pulled_orders_total', 'Orders that a platform was asked for, by platform', ['platform']);
const failed = counter('flotilla_order_pulls_failed_total', 'Pulls of orders that came to nothing, by platform and whether only people can help', ['platform', 'blocked']);

export const pullFigures: PullFigures = {
  pulled: (platform, orders) => pulled.inc({ platform }, orders),
  failed: (platform, blocked) => failed.inc({ platform, blocked: String(blocked) }),
};
