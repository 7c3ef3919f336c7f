import { readFileSync } from 'node:fs';
import { Refused } from '@flotilla/decider';
import type { LabelField } from './label-fields.js';
import type { TextBox } from './layout.js';

export type Element =
  | ({ readonly kind: 'text'; readonly field: LabelField } & TextBox)
  | ({ readonly kind: 'fixed'; readonly text: string } & TextBox)
  | { readonly kind: 'rule'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly kind: 'frame'; readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly stroke: number }
  | { readonly kind: 'code128'; readonly field: LabelField; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly kind: 'qr'; readonly field: LabelField; readonly x: number; readonly y: number; readonly size: number };

/** A label as data: everything in millimetres from the top left corner, type sizes in points. */
export interface Template {
  readonly width: number;
  readonly height: number;
  readonly elements: readonly Element[];
}

export const sizes = ['100x150', '76x130'] as const;
export type Size = (typeof sizes)[number];

// JSON beside the sources: the build compiles TypeScript alone.
const folder = new URL('../../../src/perform/labels/templates/', import.meta.url);
const read = new Map<string, Template>();

/** The template of a carrier in a size, from templates/<carrier>.<size>.json. Refused BAD_REQUEST for another size. */
export const templateOf = (carrier: string, size: string): Template => {
  if (!(sizes as readonly string[]).includes(size)) throw new Refused('BAD_REQUEST', `no label size "${size}"; there are ${sizes.join(' and ')}`);
  const name = `${carrier}.${size}.json`;
  const known = read.get(name) ?? (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Template);
  read.set(name, known);
  return known;
};
