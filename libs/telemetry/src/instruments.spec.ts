import { describe, expect, it } from '@jest/globals';
import { counter, exposition, gauge, histogram, nameService } from './instruments.js';
import { metricProducer } from './otlp.js';

const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const lines = async (accept: string, name: string): Promise<readonly string[]> => (await exposition(accept)).body.split('\n').filter((line) => line.includes(name));

describe('instruments', () => {
  const webhooks = counter('flotilla_webhooks_total');
  const requests = histogram('flotilla_http_server_seconds');
  const sagas = gauge('flotilla_sagas');
  nameService('ingest');
  webhooks.inc({ platform: 'shopify', outcome: 'accepted' });
  webhooks.inc({ platform: 'shopify', outcome: 'accepted' }, 2);
  requests.observe({ method: 'POST', route: '/v1/x', status: '200' }, 0.3, span);
  requests.observe({ method: 'POST', route: '/v1/x', status: '200' }, 0.02, { ...span, traceFlags: 0 });

  it('OPS-03: a scraper that takes OpenMetrics gets exemplars of what was sampled, one that does not the plain text', async () => {
    const open = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
    for (const accept of ['', open, 'text/plain', open, '']) {
      const { type, body } = await exposition(accept);
      expect(type).toContain(accept === open ? 'application/openmetrics-text' : 'text/plain');
      expect([body.endsWith('# EOF\n'), body.includes('trace_id')]).toEqual([accept === open, accept === open]);
    }
    const exemplars = (await lines(open, 'flotilla_http_server_seconds')).filter((line) => line.includes('trace_id'));
    expect(exemplars).toHaveLength(1);
    expect(exemplars[0]).toMatch(/^flotilla_http_server_seconds_bucket\{le="0\.5",.*\} 2 # \{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"\} 0\.3 /);
  });

  it('OPS-03: counters keep their names in both', async () => {
    expect(await lines('', 'flotilla_webhooks')).toEqual([
      '# HELP flotilla_webhooks_total Webhooks by platform and what became of them',
      '# TYPE flotilla_webhooks_total counter',
      'flotilla_webhooks_total{platform="shopify",outcome="accepted",service_name="ingest"} 3',
    ]);
    expect(await lines('application/openmetrics-text', 'flotilla_webhooks')).toContain('flotilla_webhooks_total{platform="shopify",outcome="accepted",service_name="ingest"} 3');
  });

  it('OPS-03: a gauge is asked when somebody looks; what cannot be told is left out, and what has ended is gone', async () => {
    const ends = [sagas((set) => set({ phase: 'ASKING' }, 2)), sagas(() => Promise.reject(new Error('the database is away'))), sagas(async (set) => set({ phase: 'RELEASING' }, 1))];
    expect((await lines('', 'flotilla_sagas{')).length).toBe(2);
    for (const end of ends) end();
    expect(await lines('', 'flotilla_sagas{')).toEqual([]);
  });

  it('OPS-03: OTLP carries the same figures, each bucket for itself', async () => {
    const { resourceMetrics } = await metricProducer.collect();
    const metrics = new Map(resourceMetrics.scopeMetrics[0]!.metrics.map((one) => [one.descriptor.name, one]));
    expect(metrics.get('flotilla_webhooks_total')).toMatchObject({ isMonotonic: true, dataPoints: [{ value: 3, attributes: { platform: 'shopify', service_name: 'ingest' } }] });
    const [point] = metrics.get('flotilla_http_server_seconds')!.dataPoints;
    expect(point).toMatchObject({ value: { count: 2, sum: 0.32, buckets: { boundaries: expect.arrayContaining([0.025, 0.5]) } } });
    const { buckets } = point!.value as { buckets: { boundaries: number[]; counts: number[] } };
    expect(buckets.counts).toHaveLength(buckets.boundaries.length + 1);
    expect(buckets.boundaries.filter((_, at) => buckets.counts[at] === 1)).toEqual([0.025, 0.5]);
  });
});
