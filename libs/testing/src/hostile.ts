import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import fc from 'fast-check';

/** Something that reads what a stranger sent. */
export interface Reader {
  readonly name: string;
  /** Whole inputs as they should be. JSON is also harmed field by field, a table cell by cell. */
  readonly valid: readonly (string | Uint8Array)[];
  readonly kind: 'json' | 'table' | 'bytes';
  /** What it hands on: a value, whatever is left out of it, or a refusal. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** What it hands on may have this many signs for each byte of the input, beyond the 64 KiB that are always free. 16 where absent. */
  readonly growth?: number;
  /** No exception is expected: who reads this must answer with a value. */
  readonly neverThrows?: boolean;
}

/** Texts of JSON that stand where something else is expected. */
const poisons = [
  'null', 'true', '0', '-1', '0.5', '1e21', '1e999', '-1e999', '9007199254740993', '9'.repeat(400), '""', '"x"', '" "', '[]', '{}', '[[]]', '[{}]', '[null]', '"a\\u0000b"', '"\\ud800"', '"\\ud83d"', '"﻿"', '"\u202e"', '"9999-99-99 99:99:99"', '"2026-02-30T00:00:00Z"',
  '"-1"', '"1e9"', '"NaN"', '"__proto__"', '"constructor"', '{"__proto__":{"polluted":1}}', '{"toString":1,"valueOf":1}', '{"length":1e9}', '{"constructor":{"prototype":{"polluted":1}}}', `"${'y'.repeat(20_000)}"`, `"${'9'.repeat(40)}"`, `${'['.repeat(20_000)}${']'.repeat(20_000)}`, `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, `[${'0,'.repeat(20_000)}0]`,
] as const;

/** What people, programs and attackers write into the cells of a table. */
const cells = [
  '', ' ', '-', '0', '-1', '0.5', '1e9', '1e999', 'NaN', 'Infinity', '0x10', '9'.repeat(30), '9007199254740993', '1,234', '(1.00)', '__proto__', 'constructor', 'toString', '"', '""', '"\n', '\u0000', 'a\u0000b', '\ufeff', '\ufffd', '\u202e', '2026-02-30', '9999-12-31T23:59:59.999Z', '0000-00-00', '=1+1', "'; DROP TABLE", '../../etc/passwd', '茶', '😀', `${'x'.repeat(39)}😀`, 'y'.repeat(20_000), ',', ';', '\t', '`', '\r',
] as const;

const huge = 50_000;

/** Bytes that are no input of anybody: each reader has an answer to them. */
export const hostileBytes: readonly Uint8Array[] = [
  '', '\0', '\n', '\r\n\r\n', '﻿', '[]', 'null', '{}', '""', '1e999', '"x"', '<html><body>502 Bad Gateway</body></html>', 'PK\u0003\u0004', '%PDF-1.7', '{"__proto__":{"id":1}}', '{', '"', ',', ';;;', '\t\t',
  '['.repeat(huge), `${'['.repeat(huge)}${']'.repeat(huge)}`, '"'.repeat(huge), ','.repeat(huge), '\n'.repeat(huge), 'x'.repeat(huge), `"${'x'.repeat(huge)}`, `a,b\n${'1,2\n'.repeat(5_000)}`, `${'a,'.repeat(10_000)}\n${'1\n'.repeat(10_000)}`, `{"a":"${'y'.repeat(huge)}"}`, `{"a":${'9'.repeat(huge)}}`, `{"data":[${'{},'.repeat(10_000)}{}]}`,
].map((text) => Buffer.from(text)).concat([Buffer.from([0xff, 0xfe]), Buffer.from([0xff, 0xfe, 0x00]), Buffer.from([0xfe, 0xff, 0xd8, 0x00]), Buffer.from([0x7b, 0x22, 0xff, 0xfe]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xf0, 0x9f, 0x98]), Buffer.from([0x1f, 0x8b, 0x08, 0x00]), Buffer.alloc(huge), Buffer.alloc(huge, 0xff)]);

interface Harm {
  readonly at: number;
  readonly cut: number;
  readonly put: Uint8Array;
  readonly again: boolean;
}

/** A whole input after accidents: bytes are changed, left out, put in, doubled; it breaks off. */
export const harmed = (valid: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.tuple(fc.array(fc.record({ at: fc.nat(valid.length), cut: fc.nat(60), put: fc.uint8Array({ maxLength: 30 }), again: fc.boolean() }), { minLength: 1, maxLength: 6 }), fc.option(fc.nat(valid.length), { freq: 3 })).map(([harms, end]) => {
    const all = harms.reduce<Uint8Array>((bytes, { at, cut, put, again }: Harm) => {
      const to = Math.min(bytes.length, at + cut);
      return Buffer.concat([bytes.subarray(0, at), put, again ? bytes.subarray(at, to) : new Uint8Array(), bytes.subarray(again ? at : to)]);
    }, valid);
    return all.subarray(0, end ?? all.length);
  });

/** A table of which cells are changed, left out, doubled and swapped, in its header too; and it may be written otherwise than in UTF-8. */
export const harmedTable = (valid: string): fc.Arbitrary<Uint8Array> =>
  fc.tuple(fc.array(fc.record({ row: fc.nat(20), cell: fc.nat(40), how: fc.constantFrom('put', 'drop', 'twice', 'swap'), what: fc.oneof(fc.constantFrom(...cells), fc.string({ unit: 'binary', maxLength: 60 })) }), { minLength: 1, maxLength: 5 }), fc.constantFrom<BufferEncoding>('utf8', 'utf8', 'utf8', 'utf16le', 'latin1')).map(([harms, encoding]) => {
    const rows = valid.split('\n').map((row) => row.split(/([,;\t])/));
    for (const { row, cell, how, what } of harms) {
      const parts = rows[row % rows.length]!;
      const at = 2 * (cell % Math.ceil(parts.length / 2));
      if (how === 'put') parts[at] = what;
      else if (how === 'drop') parts.splice(at, 2);
      else if (how === 'twice') parts.splice(at, 0, parts[at] ?? '', ',');
      else [parts[at], parts[0]] = [parts[0] ?? '', parts[at] ?? ''];
    }
    return Buffer.from(rows.map((parts) => parts.join('')).join('\n'), encoding);
  });

/** A table in which one cell after the other, of its header and its first rows, is something else. */
export const tablesHarmed = (valid: string): readonly string[] => {
  const rows = valid.split('\n');
  const head = rows.slice(0, 4).map((row) => row.split(/([,;\t])/));
  return head.flatMap((parts, row) =>
    parts.flatMap((_cell, at) => (at % 2 === 1 ? [] : cells.map((what) => rows.with(row, parts.with(at, what).join('')).join('\n')))),
  );
};

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, at: Path = []): readonly Path[] => {
  const inside = Array.isArray(value) ? [...value.entries()] : typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [...(at.length > 0 ? [at] : []), ...inside.flatMap(([name, one]) => pathsOf(one, [...at, name as string | number]))];
};

const mark = '\u00a7here\u00a7';
const changed = (value: unknown, [name, ...rest]: Path): unknown => {
  if (name === undefined) return mark;
  if (Array.isArray(value)) return value.map((one: unknown, at) => (at === name ? changed(one, rest) : one));
  return { ...(value as object), [name]: changed((value as Record<string, unknown>)[name], rest) };
};

/** JSON in which one value after the other is something else, its text put there as it stands: numbers that no number holds, keys that objects have of their own, halves of characters. JSON in JSON's texts, too. */
export const harmedJson = (valid: string): readonly string[] => {
  const value = JSON.parse(valid) as unknown;
  return pathsOf(value).flatMap((path) => {
    const [before = '', after = ''] = JSON.stringify(changed(value, path)).split(JSON.stringify(mark));
    const inside = path.reduce<unknown>((at, name) => (at as Record<string | number, unknown>)[name], value);
    const nested = typeof inside === 'string' && /^[[{]/.test(inside) ? harmedJson(inside).map((text) => JSON.stringify(text)) : [];
    return [...poisons, ...nested].map((poison) => before + poison + after);
  });
};

// JSON.stringify writes NUL and halves of characters as escapes; behind an even run of backslashes that is data.
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

const told = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one === 'number' && !Number.isFinite(one)) throw new Error('it hands on a number that is none');
    if (typeof one === 'function') throw new Error('it hands on what objects have of their own');
    if (typeof one === 'string' && one.length > 1024 * 1024) throw new Error('it hands on a text of more than a million signs');
    return one;
  }) ?? '';

/** What a stranger sent has an answer that can be kept and is no larger than it must be, or a refusal with a reason that is registered. */
export const expectAnswer = async ({ name, read, growth = 16, neverThrows = false }: Reader, bytes: Uint8Array, reasons: readonly string[]): Promise<void> => {
  let value: unknown;
  try {
    value = await read(bytes);
  } catch (error) {
    const shown = Buffer.from(bytes).toString('latin1', 0, 300);
    if (neverThrows || !(error instanceof Refused)) throw new Error(`${name} throws at ${JSON.stringify(shown)}`, { cause: error });
    expect(reasons).toContain(error.reason);
    expect(error.message).not.toBe('');
    expect(error.message.length).toBeLessThanOrEqual(1_000);
    expect(error.message.isWellFormed()).toBe(true);
    return;
  }
  const text = told(value);
  if (unstorable.test(text)) throw new Error(`${name} hands on what cannot be stored: ${text.slice(0, 300)}`);
  expect(text.length).toBeLessThanOrEqual(64 * 1024 + growth * bytes.length);
  expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
};

/** `FLOTILLA_FUZZ_TIMES` makes a longer search of the same specs. */
const times = Number(process.env['FLOTILLA_FUZZ_TIMES'] ?? 1);
const runs = (usual: number): number => usual * times;

/**
 * The contract of everything that reads what strangers send. `reasons` are those that may be given.
 *
 * ```ts
 * hostileContract('SET-02', Object.keys(reasons), [{ name: 'rates', kind: 'table', valid: [sample], read: readRates }]);
 * ```
 */
export const hostileContract = (feature: string, reasons: readonly string[], readers: readonly Reader[]): void =>
  describe.each(readers.map((reader): [string, Reader] => [reader.name, reader]))(`hostile input: %s`, (_name, reader) => {
    const valid = reader.valid.map((one) => Buffer.from(one));
    const answers = (bytes: Uint8Array): Promise<void> => expectAnswer(reader, bytes, reasons);

    it(`${feature}: reads what is as it should be`, async () => {
      for (const bytes of valid) expect(await reader.read(bytes)).toBeDefined();
    });
    it(`${feature}: has an answer or a reason to what is nobody’s`, async () => {
      for (const bytes of hostileBytes) await answers(bytes);
      await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), answers), { numRuns: runs(100) });
    }, 60_000 * times);
    it(`${feature}: has an answer or a reason to what breaks off, and to what is changed anywhere`, async () => {
      for (const bytes of valid) {
        for (let end = 0; end < bytes.length; end += Math.ceil(bytes.length / 40)) await answers(bytes.subarray(0, end));
        await fc.assert(fc.asyncProperty(harmed(bytes), answers), { numRuns: runs(100) });
      }
    }, 60_000 * times);
    if (reader.kind === 'table') {
      it(`${feature}: has an answer or a reason to whatever stands in its cells`, async () => {
        for (const bytes of valid) {
          for (const text of tablesHarmed(bytes.toString())) await answers(Buffer.from(text));
          await fc.assert(fc.asyncProperty(harmedTable(bytes.toString()), answers), { numRuns: runs(150) });
        }
      }, 60_000 * times);
      it(`${feature}: does not grow with columns that nobody asked for`, async () => {
        for (const bytes of valid) {
          const [header = '', row = ''] = bytes.toString().split('\n');
          const wide = Array.from({ length: 6_000 }, (_, n) => `c${n}`).join(',');
          await answers(Buffer.from(`${header.trimEnd()},${wide}\n${`${row}\n`.repeat(300)}`));
        }
      }, 60_000 * times);
    }
    if (reader.kind === 'json') {
      it(`${feature}: has an answer or a reason to whatever stands in its fields`, async () => {
        for (const bytes of valid) for (const text of harmedJson(bytes.toString())) await answers(Buffer.from(text));
        await fc.assert(fc.asyncProperty(fc.json({ maxDepth: 6 }), async (text) => answers(Buffer.from(text))), { numRuns: runs(100) });
      }, 60_000 * times);
    }
  });
