import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';
import { toTtf } from './woff.js';

export type Weight = 'regular' | 'bold';

/** A font file of Noto Sans SC, ready to embed and to measure. */
export interface Face {
  readonly key: string;
  readonly ttf: Buffer;
  readonly font: Font;
}

/** A piece of text that one face can draw whole. */
export interface Run {
  readonly face: Face;
  readonly text: string;
}

// The main file holds 7,947 characters with Latin; the rest is spread over slices, which are read only where one is needed.
const main = 'chinese-simplified';
const scripts = ['latin', 'latin-ext', 'cyrillic', 'vietnamese'];
const weights: Readonly<Record<Weight, number>> = { regular: 400, bold: 700 };
const packaged = createRequire(import.meta.url);

const faces = new Map<string, Face | undefined>();

const faceOf = (slice: string, weight: Weight): Face | undefined => {
  const key = `${slice}-${weights[weight]}`;
  if (!faces.has(key)) faces.set(key, load(key));
  return faces.get(key);
};

const load = (key: string): Face | undefined => {
  try {
    const ttf = toTtf(readFileSync(packaged.resolve(`@fontsource/noto-sans-sc/files/noto-sans-sc-${key}-normal.woff`)));
    return { key, ttf, font: create(ttf) as Font };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.includes('NOT_FOUND') || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

interface Range {
  readonly slice: string;
  readonly from: number;
  readonly to: number;
}

let ranges: readonly Range[] | undefined;

const slicesOf = (codePoint: number): readonly string[] => {
  ranges ??= Object.entries(packaged('@fontsource/noto-sans-sc/unicode.json') as Record<string, string>).flatMap(([name, list]) =>
    list.split(',').map((part) => {
      const [from = '0', to = from] = part.replace('U+', '').split('-');
      return { slice: name.replace(/[[\]]/g, ''), from: parseInt(from, 16), to: parseInt(to, 16) };
    }),
  );
  return ranges.filter(({ from, to }) => from <= codePoint && codePoint <= to).map(({ slice }) => slice);
};

const faceFor = (codePoint: number, weight: Weight): Face | undefined => {
  for (const slice of [main, ...scripts]) {
    const face = faceOf(slice, weight);
    if (face?.font.hasGlyphForCodePoint(codePoint)) return face;
  }
  for (const slice of slicesOf(codePoint)) {
    const face = faceOf(slice, weight);
    if (face?.font.hasGlyphForCodePoint(codePoint)) return face;
  }
  return undefined;
};

// What no face can draw is printed without its accents ("Řehoř" as "Rehor"), and if that is not enough as its code point,
// for a person to look up. Never a box.
const instead = (sign: string): string | undefined => {
  const base = sign.normalize('NFKD').replace(/\p{M}/gu, '');
  return base !== '' && Array.from(base).every((part) => faceFor(part.codePointAt(0)!, 'regular')) ? base : undefined;
};
const spelt = (sign: string): string => `(U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')})`;

/**
 * Text in a form that can be drawn: accents composed, invisible and control characters gone, unknown characters
 * replaced. `missing` counts those of which only the code point could be printed.
 */
export const drawable = (text: string): { readonly text: string; readonly missing: number } => {
  let missing = 0;
  const visible = text.toWellFormed().normalize('NFC').replace(/\r\n?/g, '\n').replace(/[\t\u00a0\u3000]/g, ' ').replace(/(?!\n)[\p{Cc}\p{Cf}\p{Co}\ufe00-\ufe0f]/gu, '');
  const kept = Array.from(visible).map((sign) => {
    if (sign === '\n' || faceFor(sign.codePointAt(0)!, 'regular')) return sign;
    const base = instead(sign);
    if (base === undefined) missing += 1;
    return base ?? spelt(sign);
  });
  return { text: kept.join(''), missing };
};

/** Splits drawable text where the face changes. */
export const runsOf = (text: string, weight: Weight): readonly Run[] => {
  const runs: { face: Face; text: string }[] = [];
  for (const sign of text) {
    const face = faceFor(sign.codePointAt(0)!, weight) ?? faceFor(sign.codePointAt(0)!, 'regular');
    if (!face) continue; // not drawable; `drawable` leaves none
    const last = runs.at(-1);
    if (last?.face === face) last.text += sign;
    else runs.push({ face, text: sign });
  }
  return runs;
};

// Breaking a text measures the same characters hundreds of times.
const advances = new Map<string, number>();

const advanceOf = (sign: string, weight: Weight): number => {
  const key = `${weight}${sign}`;
  let advance = advances.get(key);
  if (advance === undefined) {
    advance = runsOf(sign, weight).reduce((sum, { face, text }) => sum + face.font.layout(text).advanceWidth / face.font.unitsPerEm, 0);
    advances.set(key, advance);
  }
  return advance;
};

/** Width of a text in em, without kerning (which only ever makes it a little narrower). */
export const widthOf = (text: string, weight: Weight): number => {
  let width = 0;
  for (const sign of text) width += advanceOf(sign, weight);
  return width;
};
