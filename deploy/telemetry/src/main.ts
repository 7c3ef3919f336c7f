// `npm run telemetry`: the rules under promtool, then a fleet with orders that the real Prometheus and collector watch.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startTestFleet } from '@flotilla/demo';
import { freePorts, onEnd, root, run, Stop } from '@flotilla/tasks';
import { binaryOf, call, stays } from './binaries.ts';
import { panelQueries, ruleFiles, rules, ruleTests, write } from './files.ts';
import { asAsked } from './panels.ts';

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: never;
}
interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

const testRules = (): number => call(binaryOf('promtool'), ['check', 'rules', ...ruleFiles]) || call(binaryOf('promtool'), ['test', 'rules', ...ruleTests]);

/** Says what was shown, and counts what was not. */
const checks = (): { readonly say: (holds: boolean, what: string) => void; readonly failed: () => number } => {
  let failed = 0;
  return {
    say: (holds, what) => {
      console.log(`  ${holds ? 'holds ' : 'BROKEN'}  ${what}`);
      if (!holds) failed += 1;
    },
    failed: () => failed,
  };
};

const watchAFleet = async (collects: boolean): Promise<number> => {
  const prometheus = binaryOf('prometheus');
  const otelcol = collects ? binaryOf('otelcol') : '';
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-telemetry-'));
  onEnd(() => rmSync(dir, { recursive: true, force: true }));
  const [promPort = 0, otlpHttp = 0, otlpGrpc = 0, health = 0] = await freePorts(4);
  const prom = `http://127.0.0.1:${promPort}`;
  const ask = async <T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> => {
    const answer = (await (await fetch(`${prom}/api/v1/${path}?${new URLSearchParams(query).toString()}`)).json()) as Answer;
    if (answer.status !== 'success') throw new Error(`${path} ${JSON.stringify(query)}: ${answer.error}`);
    return answer.data as T;
  };
  const found = async (expr: string): Promise<readonly Found[]> => (await ask<{ result: readonly Found[] }>('query', { query: expr })).result;
  const eventually = async (ready: () => Promise<boolean>, ms: number): Promise<boolean> => {
    for (const deadline = Date.now() + ms; ; await sleep(2_000)) {
      if (await ready().catch(() => false)) return true;
      if (Date.now() > deadline) return false;
    }
  };

  console.log(`\nstarting ${collects ? 'the collector and ' : ''}a fleet …`);
  const fleet = await startTestFleet({
    otlp: async (sink) => {
      if (!collects) return sink;
      await stays(otelcol, ['--config', join(root, 'deploy', 'telemetry', 'collector', 'collector.yaml')], `http://127.0.0.1:${health}/`, {
        HEALTH_ENDPOINT: `127.0.0.1:${health}`, OTLP_HTTP_ENDPOINT: `127.0.0.1:${otlpHttp}`, OTLP_GRPC_ENDPOINT: `127.0.0.1:${otlpGrpc}`,
        TRACES_ENDPOINT: sink, TRACES_ENCODING: 'json', TRACES_PERCENT: '100', REMOTE_WRITE_ENDPOINT: `${prom}/api/v1/write`,
      });
      return `http://127.0.0.1:${otlpHttp}`;
    },
    everyEnv: collects ? { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '2000' } : {},
  });
  onEnd(() => fleet.stop());
  mkdirSync(join(dir, 'data'));
  const targets = Object.values(fleet.stack.run.http).map((url) => new URL(url).host);
  writeFileSync(
    join(dir, 'prometheus.yml'),
    JSON.stringify({ global: { scrape_interval: '2s', evaluation_interval: '2s' }, rule_files: ruleFiles, scrape_configs: [{ job_name: 'flotilla', static_configs: [{ targets }] }] }),
  );
  await stays(prometheus, [`--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=127.0.0.1:${promPort}`, '--enable-feature=exemplar-storage', '--web.enable-remote-write-receiver', '--log.level=warn'], `${prom}/-/ready`);

  console.log('orders …');
  await fleet.sail({ orders: 24, calm: false });
  const { say, failed } = checks();
  say(await eventually(async () => (await found('up{job="flotilla"} == 1')).length === targets.length, 30_000), `all ${targets.length} services are scraped`);
  const { groups } = await ask<{ groups: { rules: { name: string; health: string; lastError?: string }[] }[] }>('rules');
  const loaded = groups.flatMap((group) => group.rules);
  say(loaded.length === rules.length && loaded.every(({ health: state }) => state === 'ok'), `${loaded.length} rules are loaded and evaluated (${loaded.filter(({ health: state }) => state !== 'ok').map(({ name, lastError }) => `${name}: ${lastError}`).join('; ') || 'none fails'})`);
  const empty: string[] = [];
  for (const { panel, expr } of panelQueries) if ((await found(asAsked(expr))).length === 0) empty.push(panel);
  say(empty.length < panelQueries.length / 5, `${panelQueries.length - empty.length} of ${panelQueries.length} panels’ queries have data; none is refused. Without: ${[...new Set(empty)].join(', ') || '–'}`);
  const exemplars = await ask<{ exemplars: { labels: { trace_id: string } }[] }[]>('query_exemplars', { query: 'flotilla_message_age_seconds_bucket', start: String(Date.now() / 1_000 - 600), end: String(Date.now() / 1_000) });
  const traces = new Set(exemplars.flatMap((series) => series.exemplars.map(({ labels }) => labels.trace_id)));
  const spans = await eventually(async () => (await fleet.spans()).some(({ traceId }) => traces.has(traceId)), 30_000);
  say(traces.size > 0 && spans, `${traces.size} traces are exemplars, and are found where spans go`);
  if (collects) {
    const pushed = async (): Promise<readonly Found[]> => found('sum by (job) (flotilla_published_total{job!="flotilla"})');
    say(await eventually(async () => (await pushed()).length >= 5, 30_000), `the same metrics come over OTLP and remote write: ${(await pushed()).map(({ metric }) => metric['job']).join(', ')}`);
    // Scraped and pushed at different moments: the fleet is at rest, so both say the same.
    const scraped = Number((await found('sum(flotilla_published_total{job="flotilla",type="flotilla.order.v1.OrderPlaced"})'))[0]?.value[1]);
    say(await eventually(async () => Number((await found('sum(flotilla_published_total{job!="flotilla",type="flotilla.order.v1.OrderPlaced"})'))[0]?.value[1]) === scraped, 20_000), `both ways count the same orders placed: ${scraped}`);
  }
  const firing = async (): Promise<readonly string[]> => (await ask<{ alerts: { state: string; labels: { alertname: string } }[] }>('alerts')).alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
  const calm = await firing();
  say(!calm.some((name) => ['FlotillaDown', 'FlotillaMetricsMissing', 'FlotillaOutboxLate', 'FlotillaPartitionStopped', 'FlotillaShedding', 'FlotillaSagaStuck'].includes(name)), `in good health no such alert fires (firing: ${calm.join(', ') || 'none'})`);
  console.log('a drill: tracking is stopped …');
  await fleet.stack.fleet.stop('tracking');
  say(await eventually(async () => (await firing()).includes('FlotillaDown'), 240_000), 'FlotillaDown fires');
  await fleet.stack.fleet.start('tracking');
  say(await eventually(async () => !(await firing()).includes('FlotillaDown'), 120_000), 'and ends when tracking is back');
  return failed() === 0 ? 0 : 1;
};

await run(async () => {
  const { values } = parseArgs({ options: { write: { type: 'boolean' }, rules: { type: 'boolean' }, 'no-collector': { type: 'boolean', default: false } } });
  if (values.write) return write();
  const code = testRules();
  if (code !== 0) throw new Stop('The rules are not right.');
  return values.rules ? 0 : watchAFleet(!values['no-collector']);
});
