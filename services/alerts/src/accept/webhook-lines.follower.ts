import { reactor, type Follower } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { addLine, filesOf } from '../coordinate/hooking.js';
import { drop } from '../decide/drop.decider.js';
import { hookQueue, type HookQueueEvent } from '../decide/hook-queue.decider.js';
import { webhooks, WEBHOOKS } from '../decide/webhook.decider.js';

/** Adds each event that goes into a file to that file. One process leads it: every partition of every topic would fight for the file. */
export const webhookLines = (ctx: ServiceContext): Follower =>
  reactor('webhook-lines', ctx.store, (event) => {
    const { type, data: line } = event as unknown as HookQueueEvent;
    if (type !== 'LineWritten') return [];
    const { webhookId } = line;
    return [{
      streams: [[webhooks, WEBHOOKS], [drop, webhookId], [hookQueue, filesOf(webhookId)]],
      meta: ctx.meta({ actor: 'rule:webhook-lines', correlation: event.meta.correlation, causation: event.id }),
      decide: (unit) => addLine(unit, { position: event.position, line }, ctx.clock.machine().toISOString()),
    }];
  });
