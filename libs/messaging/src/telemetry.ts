import { counter, histogram, scope, spanNames } from '@flotilla/telemetry';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Link, type Span, type SpanContext, type Tracer } from '@opentelemetry/api';

export const published = counter('flotilla_published_total');
export const messages = counter('flotilla_messages_total');
export const retries = counter('flotilla_message_retries_total');
export const chunkSeconds = histogram('flotilla_message_seconds');
export const messageAge = histogram('flotilla_message_age_seconds');

export const tracerOf = (tracer?: Tracer): Tracer => tracer ?? trace.getTracer(scope);

// Read by hand: without an SDK no propagator is registered, and the context must travel all the same.
const spanContextOf = (traceparent: string): SpanContext => {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
};

export const isSampled = (traceparent: string | undefined): traceparent is string => traceparent !== undefined && (spanContextOf(traceparent).traceFlags & TraceFlags.SAMPLED) !== 0;

/** Links to the creation contexts of a batch: at most 128, each trace once. */
export const linksTo = (traceparents: readonly (string | undefined)[]): Link[] => {
  const links = new Map<string, Link>();
  for (const traceparent of traceparents) {
    if (links.size >= 128) break;
    if (isSampled(traceparent) && !links.has(traceparent)) links.set(traceparent, { context: spanContextOf(traceparent) });
  }
  return [...links.values()];
};

/** A span for one message, child of its creation context. */
export const processSpan = (tracer: Tracer, topic: string, partition: number, offset: number, group: string, traceparent: string): Span =>
  tracer.startSpan(
    spanNames.process(topic),
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': String(partition),
        'messaging.consumer.group.name': group,
        'messaging.kafka.offset': offset,
      },
    },
    trace.setSpanContext(ROOT_CONTEXT, spanContextOf(traceparent)),
  );

/** What events that are caused under this span carry. */
export const traceparentOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
};

/** Ends a span, with the error if there was one. */
export const endSpan = (span: Span, error?: unknown): void => {
  if (error !== undefined) {
    span.setAttribute('error.type', error instanceof Error ? error.name : 'Error');
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : 'not an Error' });
  }
  span.end();
};
