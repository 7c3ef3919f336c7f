import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricTable } from '@flotilla/telemetry';
import { root } from '@flotilla/tasks';
import { parse } from 'yaml';
import { dashboards } from './dashboards.ts';
import { panelQueries, recorded, rules, ruleTests, written } from './files.ts';
import { asAsked } from './panels.ts';
import { readQuery, unknownIn } from './promql.ts';

const alerts = rules.filter(({ alert }) => alert !== undefined);
const golden = (type: string): boolean => existsSync(join(root, 'proto', 'golden', `${type}.json`));
const everyExpr = [...rules.map(({ expr }) => expr), ...panelQueries.map(({ expr }) => asAsked(expr))];

describe('rules and dashboards', () => {
  it('OPS-03: the check itself finds what is wrong', () => {
    expect(unknownIn('rate(flotilla_webhooks_total{platform="x"}[5m])', recorded)).toEqual([]);
    expect(unknownIn('rate(flotilla_webhook_total[5m])', recorded)).toEqual(['flotilla_webhook_total is no metric of the table']);
    expect(unknownIn('flotilla_webhooks_total{order="x"}', recorded)).toEqual(['flotilla_webhooks_total has no label order']);
    expect(unknownIn('flotilla_append_seconds', recorded)).toEqual(['flotilla_append_seconds is no metric of the table']);
    expect(unknownIn('sum(rate(up[5m])', recorded)).not.toEqual([]);
  });

  it.each(rules)('OPS-03: $file: $alert$record asks for what the fleet has', ({ expr }) => {
    expect(readQuery(expr).names.length).toBeGreaterThan(0);
    expect(unknownIn(expr, recorded)).toEqual([]);
  });

  it.each(panelQueries)('OPS-03: $panel asks for what the fleet has', ({ expr }) => {
    expect(readQuery(asAsked(expr)).names.length).toBeGreaterThan(0);
    expect(unknownIn(asAsked(expr), recorded)).toEqual([]);
  });

  it('OPS-03: types of messages that they name are contracts', () => {
    const types = [...new Set(everyExpr.flatMap((expr) => [...expr.matchAll(/type="([^"]+)"/g)].map(([, type]) => type!)))];
    expect(types.length).toBeGreaterThan(20);
    expect(types.filter((type) => !golden(type))).toEqual([]);
  });

  it('OPS-03: no metric is measured for nobody', () => {
    const asked = new Set(everyExpr.flatMap((expr) => readQuery(expr).names).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')));
    expect(Object.keys(metricTable).filter((name) => !asked.has(name))).toEqual([]);
  });

  it('OPS-03: every alert says how bad it is, and has a runbook, which is written', () => {
    const runbooks = readFileSync(join(root, 'docs', 'runbooks.md'), 'utf8');
    const headings = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, heading]) => heading!);
    expect(alerts.map(({ alert }) => alert).toSorted()).toEqual(headings.toSorted());
    for (const { alert, labels, annotations } of alerts) {
      expect([alert, ['page', 'ticket'].includes(labels?.['severity'] ?? ''), annotations?.['summary'] !== undefined, annotations?.['runbook']]).toEqual([alert, true, true, `docs/runbooks.md#${alert!.toLowerCase()}`]);
    }
  });

  it('OPS-03: every alert has a test in which it fires and one in which it does not', () => {
    const tests = ruleTests.flatMap((file) => (parse(readFileSync(file, 'utf8')) as { tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[] }).tests.flatMap((one) => one.alert_rule_test));
    const tested = (fires: boolean): string[] => [...new Set(tests.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname))].toSorted();
    const names = alerts.map(({ alert }) => alert!).toSorted();
    expect([tested(true), tested(false)]).toEqual([names, names]);
  });

  it('OPS-03: titles are in English and Chinese', () => {
    const titled = Object.values(dashboards).flatMap((dashboard) => [dashboard, ...dashboard.rows, ...dashboard.rows.flatMap(({ panels }) => panels)]);
    expect(titled.filter(({ en, zh }) => !/^[\x20-\x7e]+$/.test(en) || (!/\p{Script=Han}/u.test(zh) && zh !== 'CPU'))).toEqual([]);
  });

  it('OPS-03: what is generated is what is committed', () => {
    for (const [file, text] of written()) expect([file, existsSync(file) && readFileSync(file, 'utf8') === text]).toEqual([file, true]);
  });
});
