import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const rows = readFileSync(join(root, 'docs', 'progress.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| ([A-Z]{3}-\d\d) \| (\w+) \|/.exec(line))
  .flatMap((match) => (match ? [{ id: match[1]!, state: match[2]! }] : []));

const titles = globSync('{libs,services,deploy}/*/src/**/*.spec.ts', { cwd: root })
  .filter((file) => !file.includes('node_modules'))
  .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/\b(?:it|describe|test)(?:\.each\([^)]*\))?\(\s*[`'"]([^\n]*)/g)].map((match) => match[1]!));

// "ALC-01–03", "ALC-01/02" and "ING-11, ING-13" all name their rows.
const named = (id: string): boolean => titles.some((title) => title.includes(id));

describe('docs/progress.md', () => {
  it('has every row of the features', () => {
    const counts = { ING: 16, ORD: 17, ALC: 15, CAR: 13, TRK: 7, SET: 11, ALR: 6, OPS: 9 };
    const wanted = Object.entries(counts).flatMap(([group, count]) => Array.from({ length: count }, (_, n) => `${group}-${String(n + 1).padStart(2, '0')}`));
    expect(rows.map(({ id }) => id)).toEqual(wanted);
  });

  it('knows three states', () => {
    expect(rows.filter(({ state }) => !['done', 'begun', 'open'].includes(state))).toEqual([]);
  });

  it('calls nothing done or begun that no spec names', () => {
    expect(rows.filter(({ id, state }) => state !== 'open' && !named(id)).map(({ id }) => id)).toEqual([]);
  });
});
