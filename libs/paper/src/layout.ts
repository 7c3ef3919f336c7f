import { runsOf, widthOf, type Run, type Weight } from './fonts.js';

export interface TextBox {
  /** Millimetres from the top left corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Points; shrinks down to `minSize` until the text fits. */
  readonly size: number;
  readonly minSize?: number;
  readonly weight?: Weight;
  readonly align?: 'left' | 'center' | 'right';
}

/** A line at its place: `x` and `baseline` in millimetres, `size` in points. */
export interface Line {
  readonly text: string;
  readonly runs: readonly Run[];
  readonly x: number;
  readonly baseline: number;
  readonly size: number;
  readonly weight: Weight;
}

export const millimetresPerPoint = 25.4 / 72;
const lineHeight = 1.28;
const ascent = 0.98; // from the top of a line to its baseline, in em: CJK glyphs reach 0.88 above it

/** Breaks and shrinks a text into its box. What does not fit even at the smallest size ends in "…", and `cut` says so. */
export const layout = (text: string, box: TextBox): { readonly lines: readonly Line[]; readonly cut: boolean } => {
  const weight = box.weight ?? 'regular';
  const smallest = box.minSize ?? box.size;
  let size = box.size;
  let broken = breakLines(text, box.width / em(size), weight);
  while (!fits(broken, box, size) && size - 0.25 >= smallest) {
    size -= 0.25;
    broken = breakLines(text, box.width / em(size), weight);
  }
  const room = Math.max(1, Math.floor((box.height + 0.01) / (em(size) * lineHeight)));
  const cut = broken.length > room;
  const kept = cut ? [...broken.slice(0, room - 1), ellipsis(broken[room - 1] ?? '', box.width / em(size), weight)] : broken;
  const lines = kept.map((line, index): Line => {
    const free = box.width - widthOf(line, weight) * em(size);
    const shift = box.align === 'right' ? free : box.align === 'center' ? free / 2 : 0;
    return { text: line, runs: runsOf(line, weight), x: box.x + Math.max(0, shift), baseline: box.y + em(size) * (ascent + index * lineHeight), size, weight };
  });
  return { lines, cut };
};

const em = (size: number): number => size * millimetresPerPoint;

const fits = (lines: readonly string[], box: TextBox, size: number): boolean => lines.length * em(size) * lineHeight <= box.height + 0.01;

const ellipsis = (line: string, width: number, weight: Weight): string => {
  let kept = Array.from(line);
  while (kept.length > 0 && widthOf(`${kept.join('')}…`, weight) > width) kept = kept.slice(0, -1);
  return `${kept.join('')}…`;
};

// Chinese breaks between any two characters, but no line begins with closing punctuation; Latin breaks at spaces, and
// inside a word only where the word alone is wider than the line.
const closing = /[，。、；：！？）】》」』”’,.;:!?)\]}%]/u;
const han = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;

const tokens = (text: string): readonly string[] => {
  const found: string[] = [];
  for (const sign of text) {
    const last = found.at(-1) ?? '';
    const word = last !== '' && last !== ' ' && sign !== ' ' && !han.test(sign) && !han.test(last.at(-1)!);
    if (word || (closing.test(sign) && last !== '' && last !== ' ')) found[found.length - 1] = last + sign;
    else found.push(sign);
  }
  return found;
};

const breakLines = (text: string, width: number, weight: Weight): readonly string[] => text.split('\n').flatMap((paragraph) => breakParagraph(paragraph, width, weight));

const breakParagraph = (paragraph: string, width: number, weight: Weight): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  const push = (): void => {
    if (line.trim() !== '') lines.push(line.trim());
    line = '';
  };
  for (const token of tokens(paragraph)) {
    if (widthOf((line + token).trim(), weight) <= width) {
      line += token;
      continue;
    }
    push();
    if (token === ' ') continue;
    for (const sign of token) {
      if (line !== '' && widthOf(line + sign, weight) > width) push();
      line += sign;
    }
  }
  push();
  return lines;
};
