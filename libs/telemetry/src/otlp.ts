import { DataPointType, InstrumentType, MeterProvider, PeriodicExportingMetricReader, AggregationTemporality, type MetricData, type MetricProducer } from '@opentelemetry/sdk-metrics';
import { ValueType } from '@opentelemetry/api';
import { detectResources, defaultResource, envDetector } from '@opentelemetry/resources';
import { collected } from './instruments.js';

type Collected = Awaited<ReturnType<typeof collected>>[number];
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

const instant = (ms: number): [number, number] => [Math.floor(ms / 1_000), (ms % 1_000) * 1e6];
const begun = instant(Math.floor(performance.timeOrigin));

const attributesOf = (labels: Sample['labels']): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => name !== 'le').map(([name, value]) => [name, String(value)]));

/** Buckets, sum and count of each set of labels, as one point: OTLP counts each bucket alone, Prometheus all up to its bound. */
const histogramPoints = (samples: readonly Sample[]) =>
  [...Map.groupBy(samples, ({ labels }) => JSON.stringify(attributesOf(labels))).values()].map((own) => {
    const of = (suffix: string): number => own.find(({ metricName }) => metricName?.endsWith(suffix))?.value ?? 0;
    const buckets = own.filter(({ labels }) => 'le' in labels && labels['le'] !== '+Inf').toSorted((a, b) => Number(a.labels['le']) - Number(b.labels['le']));
    const upTo = [...buckets.map(({ value }) => value), of('_count')];
    const counts = upTo.map((value, at) => value - (at === 0 ? 0 : upTo[at - 1]!));
    return { attributes: attributesOf(own[0]!.labels), value: { buckets: { boundaries: buckets.map(({ labels }) => Number(labels['le'])), counts }, sum: of('_sum'), count: of('_count') } };
  });

const toMetricData = ({ name: own, help, type, values }: Collected, endTime: [number, number]): MetricData | undefined => {
  let name = own;
  const samples = values as readonly Sample[];
  const times = { startTime: begun, endTime };
  const common = { aggregationTemporality: AggregationTemporality.CUMULATIVE };
  const described = (kind: InstrumentType) => ({ descriptor: { name, description: help, unit: '', type: kind, valueType: ValueType.DOUBLE, advice: {} } });
  const points = samples.map(({ labels, value }) => ({ ...times, attributes: attributesOf(labels), value }));
  switch (String(type)) {
    case 'counter':
      // prom-client takes the suffix away once OpenMetrics was written.
      name = `${name.replace(/_total$/, '')}_total`;
      return { ...common, ...described(InstrumentType.COUNTER), dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points } as MetricData;
    case 'gauge':
      return { ...common, ...described(InstrumentType.GAUGE), dataPointType: DataPointType.GAUGE, dataPoints: points } as MetricData;
    case 'histogram':
      return { ...common, ...described(InstrumentType.HISTOGRAM), dataPointType: DataPointType.HISTOGRAM, dataPoints: histogramPoints(samples).map((point) => ({ ...times, ...point })) } as MetricData;
    default:
      return undefined;
  }
};

/** The same metrics that /metrics shows, for a reader of OpenTelemetry's SDK. Exemplars stay behind: the JavaScript SDK has no place for them. */
export const metricProducer: MetricProducer = {
  collect: async () => {
    const endTime = instant(Date.now());
    const metrics = (await collected()).flatMap((one) => toMetricData(one, endTime) ?? []);
    return { resourceMetrics: { resource: defaultResource(), scopeMetrics: [{ scope: { name: 'flotilla' }, metrics }] }, errors: [] };
  },
};

/** Pushes the metrics to the collector that the standard variables of OpenTelemetry name, every 15 s unless OTEL_METRIC_EXPORT_INTERVAL says otherwise. */
export const pushMetrics = async (): Promise<{ shutdown(): Promise<void> }> => {
  const { OTLPMetricExporter } = process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] === 'http/json' ? await import('@opentelemetry/exporter-metrics-otlp-http') : await import('@opentelemetry/exporter-metrics-otlp-proto');
  const everyMs = Number(process.env['OTEL_METRIC_EXPORT_INTERVAL'] ?? 15_000);
  const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: everyMs, exportTimeoutMillis: Math.min(everyMs, 10_000), metricProducers: [metricProducer] });
  // A provider of its own, which nothing else knows: instrumentations would add their own metrics of the same calls.
  return new MeterProvider({ resource: defaultResource().merge(detectResources({ detectors: [envDetector] })), readers: [reader] });
};
