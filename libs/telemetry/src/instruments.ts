import { TraceFlags, trace, type SpanContext } from '@opentelemetry/api';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type OpenMetricsContentType } from 'prom-client';
import { metricOf, type LabelOf, type NameOf } from './names.js';

/** The metrics of this process. */
const registry = new Registry<OpenMetricsContentType>();
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
collectDefaultMetrics({ register: registry as unknown as Registry });
const registers = [registry as unknown as Registry];

type Labels<L extends string> = Readonly<Record<L, string>>;

/** Names the service in every sample of this process. */
export const nameService = (service: string): void => {
  registry.setDefaultLabels({ service_name: service });
};

// A registry writes one of both: prom-client renames the counters of one that writes OpenMetrics.
const asText = (openMetrics: string): string =>
  openMetrics
    .replaceAll(/^# HELP (\S+) (.*)\n# TYPE \1 counter$/gm, '# HELP $1_total $2\n# TYPE $1_total counter')
    .replaceAll(/^(.*?) # \{.*$/gm, '$1')
    .replace(/^# EOF\n/m, '');

/** What Prometheus asks for: OpenMetrics, which has exemplars, if it takes that, else the text that everything reads. */
export const exposition = async (accept: string): Promise<{ readonly type: string; readonly body: string }> => {
  const body = await registry.metrics();
  return accept.includes('application/openmetrics-text') ? { type: Registry.OPENMETRICS_CONTENT_TYPE, body } : { type: Registry.PROMETHEUS_CONTENT_TYPE, body: asText(body) };
};

/** The same, for OTLP. */
export const collected = (): ReturnType<Registry['getMetricsAsJSON']> => registers[0]!.getMetricsAsJSON();

export const counter = <N extends NameOf<'counter'>>(name: N): { inc(labels: Labels<LabelOf<N>>, by?: number): void } => {
  const { help, labels } = metricOf(name);
  return new Counter<string>({ name, help, labelNames: labels, registers }) as never;
};

/** Seconds, or sizes. Where the work is traced and sampled, its trace becomes the bucket's exemplar: that of `span`, else of the one that is active. */
export const histogram = <N extends NameOf<'histogram'>>(name: N): { observe(labels: Labels<LabelOf<N>>, value: number, span?: SpanContext): void } => {
  const { help, labels, buckets } = metricOf(name);
  const instrument = new Histogram<string>({ name, help, labelNames: labels, buckets: [...(buckets ?? [])], registers, enableExemplars: true });
  return {
    observe: (of, value, span = trace.getActiveSpan()?.spanContext()) => {
      const sampled = span && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
      instrument.observe({ labels: of, value, ...(sampled ? { exemplarLabels: { trace_id: span.traceId, span_id: span.spanId } } : {}) });
    },
  };
};

export type SetGauge<L extends string> = (labels: Labels<L>, value: number) => void;

/** Registers what is asked when somebody looks. The gauge exists once in a process; each call adds one that is asked, and answers how to take it away. */
export const gauge = <N extends NameOf<'gauge'>>(name: N): ((ask: (set: SetGauge<LabelOf<N>>) => void | Promise<void>) => () => void) => {
  const { help, labels } = metricOf(name);
  const asked = new Set<(set: SetGauge<LabelOf<N>>) => void | Promise<void>>();
  const instrument: Gauge<string> = new Gauge<string>({
    name,
    help,
    labelNames: labels,
    registers,
    async collect() {
      const found: [Labels<string>, number][] = [];
      // What cannot be told at the moment is left out: absent() tells it from zero.
      await Promise.all([...asked].map(async (ask) => Promise.resolve(ask((of, value) => void found.push([of, value]))).catch(() => undefined)));
      instrument.reset();
      for (const [of, value] of found) instrument.set(of, value);
    },
  });
  return (ask) => {
    asked.add(ask);
    return () => void asked.delete(ask);
  };
};
