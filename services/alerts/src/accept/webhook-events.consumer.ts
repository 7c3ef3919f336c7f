import type { ServiceConsumer, ServiceContext } from '@flotilla/service-kit';
import { hookTopics, hookTypes, queueFor, queuesFor } from '../coordinate/hooking.js';
import { hookQueue } from '../decide/hook-queue.decider.js';
import { webhooks, WEBHOOKS, type Webhook } from '../decide/webhook.decider.js';
import { masked } from '../perform/webhooks/masked.js';

/** Every event of which others may be told, into the queues of those who ask for it. A group of its own: what others want must not hold up what people have to know. */
export const webhookEvents = (ctx: Pick<ServiceContext, 'clock'>): ServiceConsumer => {
  // As it was last seen: only so that the queues are loaded with the rest. What holds is read in the unit.
  let known: readonly Webhook[] = [];
  const handler: ServiceConsumer['handlers'][string] = {
    streams: (message) => [[webhooks, WEBHOOKS], ...queuesFor(known, message).map((queue) => [hookQueue, queue] as const)],
    handle: (message, unit) => {
      known = unit.state(webhooks, WEBHOOKS).all;
      queueFor(unit, message, masked, ctx.clock.machine().toISOString());
    },
  };
  return { name: 'alerts-webhooks', topics: hookTopics, handlers: Object.fromEntries(hookTypes.map((type) => [type, handler])) };
};
