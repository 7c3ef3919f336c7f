import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricTable } from './names.js';

const root = join(import.meta.dirname, '..', '..', '..');
const sources = globSync('{libs,services,deploy}/*/{src,spec,specs}/**/*.ts', { cwd: root })
  .filter((file) => !/node_modules|\/dist\/|\/gen\/|\/plain\/|\.spec\.ts$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
const made = sources.flatMap(({ file, text }) => [...text.matchAll(/\b(counter|gauge|histogram)\('([^']+)'\)/g)].map(([, kind, name]) => ({ file, kind, name: name! })));

describe('the table of metrics', () => {
  it('OPS-03: names say what they are', () => {
    for (const [name, { kind, labels }] of Object.entries(metricTable)) {
      expect([name, /^flotilla_[a-z]+(?:_[a-z]+)*$/.test(name), kind === 'counter', new Set(labels).size]).toEqual([name, true, name.endsWith('_total'), labels.length]);
      if (kind === 'histogram') expect([name, /_(?:seconds|commands)$/.test(name)]).toEqual([name, true]);
    }
  });

  it('OPS-03: no label is an order, a SKU, a person or a place in a log', () => {
    const labels = Object.values(metricTable).flatMap((one): readonly string[] => one.labels);
    expect(labels.filter((label) => /order|sku|buyer|phone|mail|waybill|key|offset|partition|trace|stream/.test(label))).toEqual([]);
  });

  it('OPS-03: every name of it is made once, of its kind, and no other is', () => {
    expect(made.map(({ name }) => name).toSorted()).toEqual(Object.keys(metricTable).toSorted());
    for (const { name, kind } of made) expect([name, kind]).toEqual([name, metricTable[name as keyof typeof metricTable].kind]);
  });

  it('OPS-03: nobody makes metrics or names spans past it', () => {
    const elsewhere = sources.filter(({ file }) => !file.startsWith('libs/telemetry/'));
    expect(elsewhere.length).toBeGreaterThan(300);
    expect(elsewhere.filter(({ text }) => /from 'prom-client'|createCounter|createHistogram|getMeter\(/.test(text)).map(({ file }) => file)).toEqual([]);
    expect(elsewhere.filter(({ text }) => /start(?:Active)?Span\(\s*['"`]/.test(text)).map(({ file }) => file)).toEqual([]);
  });
});
