import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decimalMark, fineCell, plainDecimal } from './amounts.js';
import { instant } from './instants.js';
import { textLines } from './lines.js';
import { formats } from './registry.js';
import type { Fault } from '../decide/statement.events.js';
import { readRows, recognise, type Bytes, type Ending } from './statement-file.js';

const folder = 'services/settlement/src/formats';
const channel = 'shop-1';

const inPieces = (data: Uint8Array, size = 4_096): Bytes => ({
  size: data.length,
  read: async function* () {
    for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
  },
});

interface Told {
  readonly format: string;
  readonly encoding: string;
  readonly rows: readonly string[];
  readonly fingerprints: readonly string[];
  readonly faults: readonly Fault[];
  readonly batchNo: string;
  readonly checks: Ending['checks'];
}

const tell = async (bytes: Bytes, name = ''): Promise<Told> => {
  const what = await recognise(bytes, name);
  const told = { format: what.format.name, encoding: what.encoding, rows: [] as string[], fingerprints: [] as string[], faults: [] as Fault[] };
  const read = readRows(bytes, what, channel);
  for (;;) {
    const { done, value } = await read.next();
    if (done) return { ...told, ...value };
    if ('fault' in value) told.faults.push(value.fault);
    else {
      for (const { row, part, kind, label, reference, occurredAt, amount, fee, net, fingerprint } of value.lines) {
        expect(net.amount).toBe(amount.amount - fee.amount);
        told.rows.push(`${row}${part === '' ? '' : `/${part}`} ${kind} ${label} ${reference} ${occurredAt} ${amount.amount} ${fee.amount} ${amount.currency}`);
        told.fingerprints.push(fingerprint);
      }
    }
  }
};

const fixtures = formats.flatMap(({ name }) => globSync(`${folder}/${name}/fixtures/*`).filter((file) => !file.endsWith('.expected.json')).map((file) => [name, file] as const));

describe('SET-02: the registry of statement formats', () => {
  it('SET-02: has every folder, and every folder has fixtures with what they say', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
    expect(formats.map(({ name }) => name)).toEqual(folders.toSorted());
    for (const name of folders) expect(fixtures.filter(([of]) => of === name).length).toBeGreaterThan(0);
    for (const [, file] of fixtures) expect(existsSync(`${file}.expected.json`)).toBe(true);
  });

  it('SET-02: has titles in two languages, and the columns it needs', () => {
    for (const { title, columns, needed } of formats) {
      expect(title.zh).toMatch(/\p{Script=Han}/u);
      expect(title.en).not.toBe('');
      expect(needed.length).toBeGreaterThan(3);
      for (const column of needed) expect(columns[column]?.length).toBeGreaterThan(0);
    }
  });
});

describe.each(fixtures)('SET-02: %s reads %s', (name, file) => {
  const data = readFileSync(file);
  const expected = JSON.parse(readFileSync(`${file}.expected.json`, 'utf8')) as Omit<Told, 'fingerprints'>;
  const { encoding } = expected;
  const text = new TextDecoder(encoding).decode(data);

  it('SET-02: as it should be read, whether the format is named or not', async () => {
    const { fingerprints, ...told } = await tell(inPieces(data));
    expect(told).toEqual(expected);
    expect(await tell(inPieces(data), name)).toEqual({ ...told, fingerprints });
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });

  it('SET-02: the sums of the rows are what the file says', () => {
    for (const { said, found } of expected.checks) expect(found).toBe(said);
  });

  it('SET-02: the same in pieces of any size', () =>
    fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 300 }), async (size) => expect(await tell(inPieces(data, size))).toEqual(await tell(inPieces(data)))), { numRuns: 10 }));

  it('SET-02: the same with a mark of its encoding, in UTF-8 and UTF-16, with other line ends', async () => {
    const { rows, fingerprints, checks, batchNo, faults } = await tell(inPieces(data));
    const same = { rows, fingerprints, checks, batchNo, faults };
    const bare = text.replace(/^\ufeff/, '');
    for (const written of [Buffer.from(bare), Buffer.from(`\ufeff${bare}`), Buffer.from(`\ufeff${bare.replace(/\r?\n/g, '\r\n')}`, 'utf16le'), Buffer.from(`\ufeff${bare}`, 'utf16le').swap16(), Buffer.from(bare.replace(/\r?\n/g, '\r'))]) {
      expect(await tell(inPieces(written))).toMatchObject(same);
    }
  });

  it('SET-02: refuses to be read as another format, and says what it is', async () => {
    for (const other of formats.filter((one) => one.name !== name)) {
      await expect(recognise(inPieces(data), other.name)).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT', message: expect.stringContaining(`this is a file of ${name}`) });
    }
  });

  it('SET-02: a row that cannot be read is reported by its number, the others are read, and the sums disagree', async () => {
    const lines = text.split('\n');
    const [row] = expected.rows.map((told) => Number(/^\d+/.exec(told)?.[0]));
    const broken = lines.map((line, n) => (n + 1 === row ? line.replace(/\d{4}[-.]?(\d\d)?/g, 'XX') : line)).join('\n');
    const told = await tell(inPieces(Buffer.from(broken)));
    expect(told.faults.map((fault) => fault.row)).toContain(row);
    expect(told.rows.length).toBeLessThan(expected.rows.length);
    expect(told.rows.length + told.faults.length).toBeGreaterThanOrEqual(expected.rows.filter((one) => /^\d+ /.test(one)).length);
    for (const { reason } of told.faults) expect(reason).not.toContain('XX');
  });

  it('SET-02: whatever is done to its bytes, there is an answer or a reason', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.record({ at: fc.nat(data.length), cut: fc.nat(40), put: fc.uint8Array({ maxLength: 40 }) }), { minLength: 1, maxLength: 6 }), fc.constantFrom('', name), async (harms, named) => {
        const harmed = harms.reduce<Buffer>((bytes, { at, cut, put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + cut))]), data);
        await answersOrRefuses(harmed, named);
      }),
      { numRuns: 100 },
    ));

  it('SET-02: whatever stands in its cells, there is an answer or a reason', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom('-', '1e9', '9'.repeat(30), '0x10', 'NaN', '1,234', '(1.00)', '__proto__', 'constructor', '""', '"', '2026-02-30', '#合计', '`')))), async (values) => {
        const lines = text.split('\n');
        for (const [nth, value] of values) {
          const row = expected.rows.length === 0 ? 1 : Number(/^\d+/.exec(expected.rows[nth % expected.rows.length] ?? '')?.[0]);
          const cells = (lines[row - 1] ?? '').split(/([,;\t])/);
          cells[2 * (nth % Math.ceil(cells.length / 2))] = value;
          lines[row - 1] = cells.join('');
        }
        await answersOrRefuses(Buffer.from(lines.join('\n')), name);
      }),
      { numRuns: 100 },
    ));
});

const answersOrRefuses = async (data: Uint8Array, name: string): Promise<void> => {
  const told = await tell(inPieces(data), name).catch((error: unknown) => error as { readonly reason?: string; readonly message?: string });
  if ('rows' in told) {
    for (const { row, reason } of told.faults) {
      expect(row).toBeGreaterThan(0);
      expect(reason).not.toBe('');
    }
    expect(told.batchNo.length).toBeLessThanOrEqual(200);
  } else {
    // Not a crash: a refusal with words of its own.
    expect(['UNKNOWN_FORMAT', 'BAD_CSV', 'BAD_AMOUNT', 'BAD_INSTANT', 'BAD_TEXT', 'BAD_CURRENCY']).toContain(told.reason);
    expect(told.message).not.toBe('');
  }
};

describe('SET-02: any file', () => {
  it('SET-02: of any bytes has an answer or a reason', () => fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), fc.constantFrom('', ...formats.map(({ name }) => name)), answersOrRefuses), { numRuns: 300 }));

  it('SET-02: that is none of them says which columns are missing, or which formats there are', async () => {
    await expect(recognise(inPieces(Buffer.from('Date,What\n1,2\n')))).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT', message: expect.stringContaining('known: alipay') });
    await expect(recognise(inPieces(Buffer.from('Transaction Date,Type,Order,Payout ID,Amount,Fee,Currency\n')), 'shopify-payments')).rejects.toMatchObject({ message: expect.stringContaining('columns are missing: net') });
    await expect(recognise(inPieces(Buffer.from('')))).rejects.toMatchObject({ reason: 'BAD_CSV' });
    await expect(recognise(inPieces(Buffer.from('x')), 'paypal')).rejects.toMatchObject({ message: expect.stringContaining('there is no format "paypal"') });
  });

  it('SET-02: may have its columns in another order, quoted, with semicolons and decimal commas', async () => {
    const sample = readFileSync(`${folder}/shopify-payments/fixtures/transactions-en.csv`, 'utf8');
    const { rows, fingerprints } = await tell(inPieces(Buffer.from(sample)));
    const cells = sample.trim().split('\n').map((row) => row.split(','));
    const turned = cells.map((row) => row.toReversed().map((value) => `"${value}"`).join(',')).join('\r\n');
    expect(await tell(inPieces(Buffer.from(turned)))).toMatchObject({ rows, fingerprints });
    const semicolons = cells.map((row, n) => row.map((value) => (n > 0 && /^-?\d+\.\d\d$/.test(value) ? value.replace('.', ',').replace(/^(-?\d)(\d{3},)/, '$1.$2') : value)).join(';')).join('\n');
    expect(await tell(inPieces(Buffer.from(semicolons)))).toMatchObject({ rows, fingerprints });
  });

  it.each([
    ['2026-10-03 10:00:00 +0200,charge,#1,1,ten,0.00,1.00,EUR', 'Amount is not an amount in EUR'],
    ['2026-10-03 10:00:00,charge,#1,1,1.00,0.00,1.00,EUR', 'Transaction Date is not a time (it has no offset from UTC)'],
    ['2026-10-03 10:00:00 +0200,charge,#1,1,1.00,0.10,1.00,EUR', 'Net is not Amount − Fee'],
    ['2026-10-03 10:00:00 +0200,charge,#1,1,1.00,0.00,1.00,euro', 'Currency is not a currency such as EUR'],
    ['a,b', 'Currency is not'],
    ['"open', 'its quotes do not close'],
    [`2026-10-03 10:00:00 +0200,charge,${'#'.repeat(70_000)},1,1.00,0.00,1.00,EUR`, 'the row is longer than 64 KiB'],
  ])('SET-02: with a bad row goes on after it (%#)', async (row, reason) => {
    const header = 'Transaction Date,Type,Order,Payout ID,Amount,Fee,Net,Currency';
    const good = (n: number): string => `2026-10-03 10:00:00 +0200,charge,#${n},1,1.00,0.00,1.00,EUR`;
    const told = await tell(inPieces(Buffer.from([header, good(1), row, good(2)].join('\n'))));
    expect(told.faults).toMatchObject([{ row: 3, reason: expect.stringContaining(reason) }]);
    expect(told.rows.map((line) => line.split(' ')[3])).toEqual(['#1', '#2']);
  });

  it('SET-02: whose sums are not what it says is told so', async () => {
    const { checks } = await tell(inPieces(Buffer.from(readFileSync(`${folder}/wechat-pay/fixtures/all-v3.csv`, 'utf8').replace('`145.00', '`146.00').replace('`3,`', '`4,`'))));
    expect(checks.filter(({ said, found }) => said !== found)).toEqual([{ what: '总交易单数', currency: '', said: 4, found: 3 }, { what: '应结订单总金额', currency: 'CNY', said: 14_600, found: 14_500 }]);
  });

  it('SET-02: of Alipay may have its preamble without marks, and days written otherwise', async () => {
    const text = new TextDecoder('gb18030').decode(readFileSync(`${folder}/alipay/fixtures/account.gbk.csv`));
    const [title = '', account = '', period = '', rule = '', ...rest] = text.split('\n');
    const { rows, batchNo } = await tell(inPieces(Buffer.from(text)));
    const bare = [title, account.slice(1), period.slice(1).replace(/(\d{4})年(\d\d)月(\d\d)日/g, '$1-$2-$3'), rule.slice(1), ...rest].join('\n');
    expect(bare).not.toBe(text);
    expect(await tell(inPieces(Buffer.from(bare)))).toMatchObject({ rows, batchNo, faults: [] });
  });

  it('SET-02: whose fees are off by less than a fen is told so, as finely as they are told', async () => {
    const { checks } = await tell(inPieces(Buffer.from(readFileSync(`${folder}/wechat-pay/fixtures/all-v3.csv`, 'utf8').replace('`0.69000', '`0.69001'))));
    expect(checks.filter(({ said, found }) => said !== found)).toEqual([{ what: '手续费总金额 (0.00001 CNY)', currency: '', said: 69_001, found: 69_000 }]);
  });

  it('SET-02: of 100,000 rows is read without being held', async () => {
    const [header = '', row = ''] = readFileSync(`${folder}/shopify-payments/fixtures/transactions-en.csv`, 'utf8').split('\n');
    let given = 0;
    const large: Bytes = {
      size: 20_000_000,
      read: async function* () {
        yield Buffer.from(`${header}\n`);
        const piece = Buffer.from(`${row}\n`.repeat(500));
        for (given = 0; given < 100_000; given += 500) yield piece;
      },
    };
    const what = await recognise(large);
    let most = 0;
    let count = 0;
    const read = readRows(large, what, channel);
    for (let next = await read.next(); !next.done; next = await read.next()) {
      count += 1;
      // What was given, not yet read: a piece of 500 rows at most is ahead of the reader.
      most = Math.max(most, given - count);
    }
    expect(count).toBe(100_000);
    expect(most).toBeLessThanOrEqual(1_000);
  }, 60_000);
});

describe('SET-02: cells', () => {
  it.each([
    ['1.234,50', ';', undefined, '1234.50'], ['-1.234.567,8', ';', undefined, '-1234567.8'], ['12,5', ';', undefined, '12.5'], ['1,234.50', ',', undefined, '1234.50'], ['1234.50', ',', undefined, '1234.50'], ['\u22121 234,50', ';', undefined, '-1234.50'],
    ['1,234', ',', undefined, '1234'], ['1,234', ';', undefined, '1.234'], ['1,234', '\t', ',', '1.234'], ['1.234', '\t', ',', '1234'], ['(12.50)', ',', undefined, '-12.50'], ['12,50-', ';', undefined, '-12.50'], ['¥12.00', ',', undefined, '12.00'], ['￥1,012.00', ',', undefined, '1012.00'], ['1.5', ';', undefined, '1.5'], ['.', ',', undefined, '.'],
  ] as const)('SET-02: the number %s in a file with %j (%s) is %s', (written, separator, mark, plain) => expect(plainDecimal(written, separator, mark)).toBe(plain));

  it('SET-02: see which mark a file uses where it can be seen', () => {
    expect([decimalMark('1.180,29'), decimalMark('1,180.29'), decimalMark('3,99'), decimalMark('1,180'), decimalMark('12')]).toEqual([',', '.', ',', undefined, undefined]);
  });

  it('SET-02: a fee of less than a fen is rounded for the books and exact for the sum', () => {
    expect(fineCell('f', '0.00600', 'CNY')).toEqual({ fine: 600, minor: 1 });
    expect(fineCell('f', '-0.00500', 'CNY')).toEqual({ fine: -500, minor: -1 });
    expect(fineCell('f', '-0.00400', 'CNY')).toEqual({ fine: -400, minor: 0 });
    expect(() => fineCell('f', '0.0000001', 'CNY')).toThrow('f is not an amount');
  });

  it.each([
    ['2026-03-02T14:23:00+00:00', undefined, '2026-03-02T14:23:00.000Z'], ['02.03.2026 14:23:00 UTC', undefined, '2026-03-02T14:23:00.000Z'], ['2026/03/02 14:23:00 JST', undefined, '2026-03-02T05:23:00.000Z'], ['2014-11-1016：33：45', '+08:00', '2014-11-10T08:33:45.000Z'],
    ['2026-03-02', 'Z', '2026-03-02T00:00:00.000Z'], ['02.03.2026', 'Z', '2026-03-02T00:00:00.000Z'], ['2026/3/2 9:05:00', '+08:00', '2026-03-02T01:05:00.000Z'],
  ])('SET-02: the time %s (%s) is %s', (written, offset, iso) => expect(instant('t', written, offset)).toBe(iso));

  it('SET-02: a date whose month cannot be told is refused', () => expect(() => instant('posted-date', '03/02/2026 14:23:00 UTC')).toThrow('which number is the month cannot be told'));

  it('SET-02: lines end with \\n, \\r\\n or \\r, wherever the pieces part', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b,c', '\n', '\r\n', '\r', ''), { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), async (parts, size) => {
        const all = parts.join('');
        const pieces = async function* (): AsyncIterable<string> {
          for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
        };
        const read: string[] = [];
        for await (const { text, row } of textLines(pieces())) {
          read.push(text);
          expect(row).toBe(read.length);
        }
        const wanted = all.split(/\r\n|\n|\r/);
        expect(read).toEqual(wanted.at(-1) === '' ? wanted.slice(0, -1) : wanted);
      }),
    ));
});
