import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ParsedStatement } from './format.js';
import { formats } from './registry.js';
import { plainDecimal } from './shopify-payments/amounts.js';
import { shopifyPayments } from './shopify-payments/shopify-payments.js';

const sample = readFileSync('services/settlement/src/formats/shopify-payments/fixtures/transactions-en.csv', 'utf8');
const inPieces = async function* (text: string, size = 7): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};
const parse = (text: string, size?: number): Promise<ParsedStatement> => shopifyPayments.parse(inPieces(text, size), 'shopify-demo');
const header = 'Transaction Date,Type,Order,Payout ID,Amount,Fee,Net,Currency';

describe('Shopify’s payments transactions', () => {
  it('SET-01: the format’s folder stands in the registry', () => {
    const folders = readdirSync('services/settlement/src/formats', { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
    expect(formats.map(({ name }) => name)).toEqual(folders);
  });

  it('SET-01: reads the sample: typed lines, minor units, instants in UTC, negative refunds', async () => {
    const { batchNo, lines } = await parse(sample);
    expect(batchNo).toBe('123456789,987654321');
    expect(lines.map(({ row, kind, reference, occurredAt, amount, fee, net }) => [row, kind, reference, occurredAt, amount, fee.amount, net.amount])).toEqual([
      [2, 'CHARGE', '#1001', '2026-10-03T08:12:31.000Z', { amount: 3_000, currency: 'EUR' }, 75, 2_925],
      [3, 'REFUND', '#1001', '2026-10-04T07:00:00.000Z', { amount: -500, currency: 'EUR' }, 0, -500],
      [4, 'CHARGE', '#1002', '2026-10-05T16:00:00.000Z', { amount: 123_450, currency: 'EUR' }, 2_210, 121_240],
    ]);
  });

  it('SET-01: reads the same with a BOM, quotes, other line ends, another order of columns, and in pieces of any size', async () => {
    const { lines } = await parse(sample);
    const rows = sample.trim().split('\n').map((row) => row.split(','));
    const turned = `\ufeff${rows.map((row) => row.toReversed().map((value) => `"${value}"`).join(',')).join('\r\n')}`;
    expect((await parse(turned)).lines).toEqual(lines);
    const semicolons = rows.map((row, n) => row.map((value) => (n > 0 && /^-?\d+\.\d\d$/.test(value) ? value.replace('.', ',').replace(/^(-?\d)(\d{3},)/, '$1.$2') : value)).join(';')).join('\n');
    expect((await parse(semicolons)).lines).toEqual(lines);
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (size) => expect((await parse(sample, size)).lines).toEqual(lines)), { numRuns: 20 });
  });

  it.each([
    ['1.234,50', ';', '1234.50'],
    ['-1.234.567,8', ';', '-1234567.8'],
    ['12,5', ';', '12.5'],
    ['1,234.50', ',', '1234.50'],
    ['1234.50', ',', '1234.50'],
    ['\u22121 234,50', ';', '-1234.50'],
  ] as const)('SET-01: the number %s in a file with "%s" is %s', (written, separator, plain) => expect(plainDecimal(written, separator)).toBe(plain));

  it('SET-03: a type that is not known stays unknown', async () => {
    const { lines } = await parse(`${header}\n2026-10-03 10:00:00 +0200,mystery,#1,1,1.00,0.00,1.00,EUR\n2026-10-03 10:00:00 +0200,Adjustment,,1,-1.00,0.00,-1.00,EUR\n`);
    expect(lines.map(({ kind }) => kind)).toEqual(['UNKNOWN', 'ADJUSTMENT']);
  });

  it('SET-01: yen has no decimals', async () => {
    const { lines } = await parse(`${header}\n2026-10-03 10:00:00 +0900,charge,#1,1,1500,44,1456,JPY\n`);
    expect(lines[0]?.amount).toEqual({ amount: 1_500, currency: 'JPY' });
  });

  it.each([
    ['2026-10-03 10:00:00 +0200,charge,#1,1,ten,0.00,1.00,EUR', 'BAD_CSV', 'row 3: "ten" EUR'],
    ['2026-10-03 10:00:00,charge,#1,1,1.00,0.00,1.00,EUR', 'BAD_CSV', 'row 3: "2026-10-03 10:00:00" has no offset'],
    ['2026-10-03 10:00:00 +0200,charge,#1,1,1.00,0.10,1.00,EUR', 'BAD_CSV', 'row 3: Net 1.00 is not'],
    ['2026-10-03 10:00:00 +0200,charge,#1,1,1.00,0.00,1.00,euro', 'BAD_CSV', 'row 3: "EURO" is not'],
    ['a,b', 'BAD_CSV', 'row 3: '],
    ['"open', 'BAD_CSV', 'row 3: '],
  ])('SET-01: a file with the row %s is refused as a whole', async (row, reason, words) => {
    await expect(parse(`${header}\n2026-10-03 10:00:00 +0200,charge,#0,1,1.00,0.00,1.00,EUR\n${row}\n`)).rejects.toMatchObject({ reason, message: expect.stringContaining(words) });
  });

  it.each([
    ['Date,What\n1,2\n', 'UNKNOWN_FORMAT'],
    ['', 'BAD_CSV'],
    [`${header}\n`, 'BAD_CSV'],
    ['\u0000\u0001binary', 'UNKNOWN_FORMAT'],
  ])('SET-01: %j is no such file', async (text, reason) => {
    await expect(parse(text)).rejects.toMatchObject({ reason });
  });

  it('SET-01: an upload that breaks off is refused with its own reason', async () => {
    const broken = async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from(`${header}\n`);
      throw new Error('hung up');
    };
    await expect(shopifyPayments.parse(broken(), 'shopify-demo')).rejects.toThrow('hung up');
  });

  it('SET-01: a caller that hangs up after a refusal harms nobody', async () => {
    let hangUp: (error: Error) => void = () => undefined;
    const waiting = new Promise<void>((_resolve, reject) => (hangUp = reject));
    const refused = async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from('Date,What\n1,2\n');
      await waiting;
    };
    await expect(shopifyPayments.parse(refused(), 'shopify-demo')).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' });
    hangUp(new Error('Premature close'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
