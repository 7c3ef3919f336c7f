import { SpanKind, type Tracer } from '@opentelemetry/api';
import type { Follower, Recorded } from '@flotilla/event-store';
import type { Bus } from './bus.js';
import { toBusMessage, type Published } from './cloud-events.js';
import { spanNames } from '@flotilla/telemetry';
import { endSpan, linksTo, published, tracerOf } from './telemetry.js';

/**
 * The follower that tells the world: each event's messages go out in the order of the log, and the checkpoint moves when
 * the broker has them. If the answer is lost the batch goes out again: at least once, in order, never a hole.
 */
export const relay = (options: { readonly name?: string; readonly bus: Bus; readonly publish: (event: Recorded) => readonly Published[]; readonly tracer?: Tracer }): Follower => ({
  name: options.name ?? 'relay',
  outside: async (events) => {
    const told = events.flatMap((event) => options.publish(event).map((published, index) => ({ event, message: toBusMessage(event, published, index) })));
    if (told.length === 0) return;
    const topics = new Set(told.map(({ message }) => message.topic));
    const destination = topics.size === 1 ? told[0]!.message.topic : 'several topics';
    const span = tracerOf(options.tracer).startSpan(spanNames.send(destination), {
      kind: SpanKind.CLIENT,
      root: true, // the relay works for many commands; each is linked
      links: linksTo(told.map(({ event }) => event.meta.traceparent)),
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': destination,
        'messaging.batch.message_count': told.length,
      },
    });
    try {
      await options.bus.publish(told.map(({ message }) => message));
    } catch (error) {
      endSpan(span, error);
      throw error;
    }
    endSpan(span);
    for (const [type, all] of Map.groupBy(told, ({ message }) => message.headers['ce_type'] ?? '')) published.inc({ type }, all.length);
  },
});
