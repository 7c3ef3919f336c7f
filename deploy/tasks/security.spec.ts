import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './paths.ts';

const text = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
const rows = (text.split('## Mitigations')[1] ?? '').split('\n## ')[0]!.split('\n').filter((line) => line.startsWith('| ')).slice(1).map((line) => line.split(' | '));

describe('docs/security.md', () => {
  it('has its mitigations in a table', () => expect(rows.length).toBeGreaterThan(15));

  it.each(rows)('OPS-07: against %s: its specs are there and try something', (_threat, _what, proof = '') => {
    const specs = [...proof.matchAll(/`([^`]+)`/g)].map(([, file]) => file!);
    expect(specs.length).toBeGreaterThan(0);
    for (const file of specs) {
      expect(file).toMatch(/\.spec\.ts$/);
      expect([file, /\b(?:it|it\.each|hostileContract)\(/.test(readFileSync(join(root, file), 'utf8'))]).toEqual([file, true]);
    }
  });
});
