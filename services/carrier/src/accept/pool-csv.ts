import { Refused } from '@flotilla/decider';
import { numberAt, rangeOf, type NumberRange } from '../decide/number-range.js';
import type { VoidedRule } from '../decide/pool.events.js';
import { isNumberOf, type CarrierManifest } from '../perform/carriers/carrier.js';
import { readRows, type ReadRows } from './csv.js';

const columns = ['carrier', 'warehouse', 'from', 'to'] as const;
const mostRows = 10_000;
const mostInRow = 100_000;
const mostInFile = 1_000_000;

export interface PoolRow {
  readonly carrier: string;
  readonly warehouse: string;
  readonly range: NumberRange;
  /** Absent where the file does not say: as it was. */
  readonly low?: number;
  readonly voided?: VoidedRule;
}

/** Carriers whose numbers may be pooled: known, and without an account. */
export type Poolable = ReadonlyMap<string, { readonly manifest: CarrierManifest; readonly open: boolean }>;

/** Reads a file of ranges. Every number of them has the carrier's form. Refused BAD_CSV if it is none at all. */
export const readPools = (bytes: Uint8Array, carriers: Poolable): ReadRows<PoolRow> => {
  // Before any of them is looked at: a small file may name very many.
  let numbers = 0;
  return readRows(bytes, columns, mostRows, (record) =>
    toRow(record, carriers, (more) => {
      numbers += more;
      if (numbers > mostInFile) throw new Refused('TOO_LARGE', `a file has at most ${mostInFile} numbers; split it`);
    }),
  );
};

const toRow = (record: Readonly<Record<string, string>>, carriers: Poolable, room: (numbers: number) => void): PoolRow => {
  const { carrier = '', warehouse = '', low = '', voided = '' } = record;
  const known = carriers.get(carrier);
  if (!known) throw new Refused('NOT_FOUND', `no carrier "${carrier.slice(0, 40)}"; there are ${[...carriers.keys()].join(', ')}`);
  if (known.open) throw new Refused('BAD_REQUEST', `${carrier} has an account here, at which its numbers are bought; a pool of it would never be used`);
  if (warehouse === '') throw new Refused('BAD_REQUEST', 'warehouse is empty');
  if (!/^\d{0,7}$/.test(low)) throw new Refused('BAD_QUANTITY', `low "${low.slice(0, 40)}" is not a whole number`);
  const rule = voided.toUpperCase();
  if (rule !== '' && rule !== 'BURN' && rule !== 'RECLAIM') throw new Refused('BAD_REQUEST', `voided "${voided.slice(0, 40)}" is neither BURN nor RECLAIM`);
  const range = checkedRange(known.manifest, tidy(record['from']), tidy(record['to']), room);
  return { carrier, warehouse, range, ...(low === '' ? {} : { low: Number(low) }), ...(rule === '' ? {} : { voided: rule }) };
};

// A spreadsheet's own habits: small letters, spaces in groups.
const tidy = (text = ''): string => text.replaceAll(' ', '').toUpperCase();

const checkedRange = (manifest: CarrierManifest, first: string, end: string, room: (numbers: number) => void): NumberRange => {
  const last = end || first;
  const range = first.length > 40 || last.length > 40 ? undefined : rangeOf(first, last);
  if (!range) throw new Refused('BAD_REQUEST', `"${first.slice(0, 40)}" to "${last.slice(0, 40)}" are no numbers that follow one another: the same letters, as many digits, a right check digit, and the last not before the first`);
  if (range.to - range.from >= mostInRow) throw new Refused('TOO_LARGE', `a row has at most ${mostInRow} numbers, this one ${range.to - range.from + 1}`);
  room(range.to - range.from + 1);
  for (let n = range.from; n <= range.to; n += 1) {
    if (!isNumberOf(manifest, numberAt(range, n))) throw new Refused('BAD_REQUEST', `${numberAt(range, n)} does not have the form of a number of ${manifest.name}`);
  }
  return range;
};
