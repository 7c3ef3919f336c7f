// What the generators of adapters have in common.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Stop } from './ending.ts';

export type Written = readonly (readonly [file: string, text: string])[];

/** Small letters, digits and hyphens, at most 32. */
export const isAdapterName = (name: string): boolean => /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) && name.length <= 32;

/** `jd-cloud` → `jdCloud`. */
export const camel = (name: string): string => name.replace(/-([a-z0-9])/g, (_, sign: string) => sign.toUpperCase());

/** Puts a line before what stands in a file. A file that no longer has the place is said, not guessed at. */
export const inserting =
  (guide: string) =>
  (text: string, file: string, before: string, line: string): string => {
    const at = text.indexOf(before);
    if (at < 0) throw new Stop(`${file} has no "${before.trim()}" any more; ${guide} says what the generator should write there.`);
    return `${text.slice(0, at)}${line}${text.slice(at)}`;
  };

/** Writes into a checkout; the answer is the files that are new or changed. */
export const writeInto = (checkout: string, changes: Written): readonly string[] => {
  for (const [file, text] of changes) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    writeFileSync(join(checkout, file), text);
  }
  return changes.map(([file]) => file);
};
