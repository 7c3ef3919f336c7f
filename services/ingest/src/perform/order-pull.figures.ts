import { counter } from '@flotilla/service-kit';
import type { PullFigures } from './order-pull.performer.js';

const pulled = counter('flotilla_pulled_orders_total');
const failed = counter('flotilla_order_pulls_failed_total');

export const pullFigures: PullFigures = {
  pulled: (platform, orders) => pulled.inc({ platform }, orders),
  failed: (platform, blocked) => failed.inc({ platform, blocked: String(blocked) }),
};
