import { readFileSync } from 'node:fs';
import { Refused } from '@flotilla/decider';
import type { Template } from '@flotilla/paper';
import type { LabelField } from './label-fields.js';

/** A label as data. */
export type LabelTemplate = Template<LabelField>;

export const sizes = ['100x150', '76x130'] as const;
export type Size = (typeof sizes)[number];

// JSON beside the sources: the build compiles TypeScript alone.
const folder = new URL('../../../src/perform/labels/templates/', import.meta.url);
const read = new Map<string, LabelTemplate>();

/** A template in a size, from templates/<label>.<size>.json; the carrier's manifest says which. Refused BAD_REQUEST for another size. */
export const templateOf = (label: string, size: string): LabelTemplate => {
  if (!(sizes as readonly string[]).includes(size)) throw new Refused('BAD_REQUEST', `no label size "${size}"; there are ${sizes.join(' and ')}`);
  const name = `${label}.${size}.json`;
  const known = read.get(name) ?? (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as LabelTemplate);
  read.set(name, known);
  return known;
};
