import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestFleet, type TestFleet } from '@flotilla/demo';
import { metricTable, processMetrics } from '@flotilla/telemetry';
import { panelQueries, rules } from './files.ts';
import { asAsked } from './panels.ts';
import { hasData, readQuery, readSamples, type Sample, type Selector } from './promql.ts';

/** What a fleet in good health does not have: failures, and what only some merchants use. Everything else has to be there. */
const rare: readonly RegExp[] = [
  /^flotilla_requests_shed_total/, /^flotilla_message_retries_total/, /^flotilla_order_pulls_failed_total/, /^flotilla_stock_pushes_total/, /^flotilla_tracking_polls_total/, /^flotilla_alerts_/, /^flotilla_grpc_refused_total/, /^flotilla_console_reveals_total/,
  /StockLockExpired|OrderPaid|CarrierRefused|OrderBackordered|LineFlagged|StockLockRefused|outcome=bad signature|status=~5|code=~INTERNAL/,
];
const told = ({ name, matchers }: Selector): string => `${name} ${matchers.map(({ label, op, value }) => `${label}${op}${value}`).join(' ')}`;

describe('what rules and dashboards ask for', () => {
  let fleet: TestFleet;
  let samples: readonly Sample[];

  beforeAll(async () => {
    fleet = await startTestFleet();
    await fleet.sail({ orders: 24, calm: false });
    const texts = await Promise.all(Object.values(fleet.stack.run.http).map(async (url) => (await fetch(`${url}/metrics`)).text()));
    samples = texts.flatMap(readSamples);
  }, 300_000);
  afterAll(() => fleet?.stop(), 60_000);

  it('OPS-03: comes out of a real fleet', () => {
    const recordings = new Map(rules.flatMap(({ record, expr }) => (record === undefined ? [] : [[record, expr] as const])));
    const selectorsOf = (expr: string): readonly Selector[] => readQuery(asAsked(expr)).selectors.flatMap((one) => (recordings.has(one.name) ? selectorsOf(recordings.get(one.name)!) : [one]));
    const asked = [...rules, ...panelQueries].flatMap(({ expr }) => selectorsOf(expr)).filter(({ name }) => name !== 'up');
    expect(asked.length).toBeGreaterThan(100);
    const missing = [...new Set(asked.filter((one) => !hasData(one, samples)).map(told))];
    expect(missing.filter((one) => !rare.some((pattern) => pattern.test(one)))).toEqual([]);
  });

  it('OPS-03: has no name that is in no table, and names its service in every sample', () => {
    const known = new Set<string>(Object.keys(metricTable));
    const own = samples.filter(({ name }) => !/^(?:process|nodejs)_/.test(name));
    expect([...new Set(own.map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, '')).filter((name) => !known.has(name)))]).toEqual([]);
    expect(processMetrics.filter((name) => !samples.some((sample) => sample.name.startsWith(name)))).toEqual([]);
    expect([...new Set(samples.map(({ labels }) => labels['service_name']))].toSorted()).toEqual(Object.keys(fleet.stack.run.http).toSorted());
  });

  it('OPS-03: has few series, however many orders there are', async () => {
    const series = (all: readonly Sample[]): number => new Set(all.map(({ name, labels }) => `${name} ${JSON.stringify(Object.entries(labels).filter(([label]) => label !== 'le'))}`)).size;
    expect(series(samples) / Object.keys(fleet.stack.run.http).length).toBeLessThan(600);
    const values = samples.flatMap(({ labels }) => Object.values(labels));
    // No id of anything, in no label.
    expect(values.filter((value) => /[0-9a-f]{8}-[0-9a-f]{4}|\d{8}|@/.test(value))).toEqual([]);
  });

  it('OPS-03: exemplars lead to traces of the same fleet', async () => {
    const open = await (await fetch(`${fleet.stack.run.http['order-core']}/metrics`, { headers: { accept: 'application/openmetrics-text' } })).text();
    const traces = new Set([...open.matchAll(/^flotilla_message_age_seconds_bucket.* # \{trace_id="([0-9a-f]{32})"/gm)].map(([, trace]) => trace!));
    expect(traces.size).toBeGreaterThan(0);
    const known = new Set((await fleet.spans()).map(({ traceId }) => traceId));
    expect([...traces].filter((trace) => !known.has(trace))).toEqual([]);
  });

  it('OPS-03: no saga is left over when every order has come to its end', () => {
    const live = samples.filter(({ name, labels }) => name === 'flotilla_sagas' && ['ASKING', 'CONFIRMING', 'RELEASING'].includes(labels['phase'] ?? ''));
    expect(live.map(({ labels, value }) => [labels['phase'], value])).toEqual([['ASKING', 0], ['CONFIRMING', 0], ['RELEASING', 0]]);
  });
});
