import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Refused } from '@flotilla/decider';
import { toInstant } from '@flotilla/values';
import { parse, CsvError } from 'csv-parse';
import type { LineKind } from '../../decide/line.js';
import type { ParsedStatement, StatementFormat } from '../format.js';
import { cell } from './amounts.js';

const kinds: Readonly<Record<string, LineKind>> = { charge: 'CHARGE', refund: 'REFUND', adjustment: 'ADJUSTMENT', payout: 'PAYOUT' };
const needed = ['transaction date', 'type', 'order', 'payout id', 'amount', 'fee', 'net', 'currency'] as const;
const separators = [',', ';', '\t'] as const;
const recordLimit = 64 * 1024;

type Separator = (typeof separators)[number];
type Row = Readonly<Record<string, string>>;

const bad = (row: number, why: string): never => {
  throw new Refused('BAD_CSV', `row ${row}: ${why}`, { row: String(row) });
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);

/** Looks at the first line, then gives all bytes on: which separator stands most often outside quotes. */
const withSeparator = async (chunks: AsyncIterable<Uint8Array>): Promise<{ readonly separator: Separator; readonly bytes: AsyncIterable<Uint8Array> }> => {
  const iterator = chunks[Symbol.asyncIterator]();
  const begun: Uint8Array[] = [];
  let size = 0;
  while (size < recordLimit && !begun.some((chunk) => chunk.includes(0x0a))) {
    const { done, value } = await iterator.next();
    if (done) break;
    begun.push(value);
    size += value.length;
  }
  const first = (Buffer.concat(begun).toString('utf8').split(/\r?\n/, 1)[0] ?? '').replace(/"[^"]*"/g, '');
  const counted = separators.map((separator) => ({ separator, times: first.split(separator).length }));
  const separator = counted.toSorted((a, b) => b.times - a.times)[0]?.separator ?? ',';
  const rest = async function* (): AsyncIterable<Uint8Array> {
    yield* begun;
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return;
      yield value;
    }
  };
  return { separator, bytes: rest() };
};

const toLine = (row: number, cells: Row, channel: string, separator: Separator): ParsedStatement['lines'][number] => {
  const at = (name: (typeof needed)[number]): string => (cells[name] ?? '').trim();
  const currency = at('currency').toUpperCase();
  try {
    const [amount, fee, net] = [cell(at('amount'), currency, separator), cell(at('fee') || '0', currency, separator), cell(at('net'), currency, separator)];
    if (amount - fee !== net) bad(row, `Net ${at('net')} is not Amount ${at('amount')} − Fee ${at('fee')}`);
    const occurredAt = toInstant(at('transaction date'));
    const reference = at('order');
    const told = [channel, occurredAt, at('type').toLowerCase(), reference, amount, fee, currency];
    return {
      row, kind: kinds[at('type').toLowerCase()] ?? 'UNKNOWN', reference, occurredAt,
      amount: { amount, currency }, fee: { amount: fee, currency }, net: { amount: net, currency },
      // Without the payout: a line that is exported before and after it was paid out is one line.
      fingerprint: createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 22),
    };
  } catch (error) {
    if (error instanceof Refused && error.reason !== 'BAD_CSV') return bad(row, error.message);
    throw error;
  }
};

/** Shopify's payments transactions export: by the names of its header, in whatever order, quoted or not, with comma, semicolon or tab. */
export const shopifyPayments: StatementFormat = {
  name: 'shopify-payments',
  parse: async (chunks, channel) => {
    const { separator, bytes } = await withSeparator(chunks);
    const parser = parse({
      bom: true, delimiter: separator, max_record_size: recordLimit, skip_empty_lines: true, info: true,
      columns: (header: string[]) => {
        const names = header.map((name) => name.trim().toLowerCase());
        const missing = needed.filter((name) => !names.includes(name));
        if (missing.length > 0) throw new Refused('UNKNOWN_FORMAT', `row 1: not a payments transactions file of Shopify; these columns are missing: ${missing.join(', ')}`, { row: '1' });
        return names;
      },
    });
    // `pipe` keeps errors to itself: without these an upload that breaks off would wait for ever, and one that was refused
    // would end the process when its caller hangs up.
    const source = Readable.from(bytes, { objectMode: false });
    source.on('error', (error) => parser.destroy(error));
    parser.on('error', () => undefined);
    source.pipe(parser);
    const lines: ParsedStatement['lines'][number][] = [];
    const payouts = new Set<string>();
    try {
      for await (const { record, info } of parser as AsyncIterable<{ record: Row; info: { lines: number } }>) {
        lines.push(toLine(info.lines, record, channel, separator));
        const payout = (record['payout id'] ?? '').trim();
        if (payout !== '' && payouts.size < 20) payouts.add(payout);
      }
    } catch (error) {
      if (error instanceof CsvError) return bad(Number(error['lines'] ?? 1), reasonOf(error));
      throw error;
    } finally {
      source.destroy();
    }
    if (lines.length === 0) return bad(1, 'the file has no lines');
    return { batchNo: [...payouts].join(','), lines };
  },
};
