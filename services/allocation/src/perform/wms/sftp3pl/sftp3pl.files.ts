import { Refused } from '@flotilla/decider';
import { csvField } from '@flotilla/values';
import { parse } from 'csv-parse/sync';
import type { common } from '@flotilla/contracts';
import { isSku } from '../../../decide/names.js';
import { MEANINGS, type Meaning } from '../../../decide/wms/shelf.decider.js';
import { csvFile } from '@flotilla/files';
import type { FeedPage, WmsAskAnswer } from '../wms.js';

// Machines read these; what stands in them is ours, and a SKU has to stand there as the other side knows it.
const file = (columns: readonly string[], ...rows: readonly (readonly string[])[]): string => csvFile(columns, rows, csvField);

export const lockFile = (lockId: string, reference: string, lines: readonly common.SkuQuantity[]): string =>
  file(['lock_id', 'reference', 'sku', 'quantity'], ...lines.map(({ sku, quantity }) => [lockId, reference, sku, String(quantity)]));
export const confirmFile = (lockId: string): string => file(['lock_id'], [lockId]);
export const releaseFile = (lockId: string, reason: string): string => file(['lock_id', 'reason'], [lockId, reason]);
export const shipFile = (lockId: string, parcelId: string): string => file(['lock_id', 'parcel_id'], [lockId, parcelId]);

/** A file about a lock, where it lies: waiting, worked in, or rejected. `mtime` in seconds. */
export interface Found {
  readonly folder: 'in' | 'done' | 'rejected';
  readonly kind: 'lock' | 'confirm' | 'release' | 'ship';
  readonly mtime: number;
}

// SFTP has seconds: the end of the second is later than whatever happened in it, so that no figure is taken to hold more than it does.
const positionOf = ({ mtime }: Found): number => mtime * 1_000 + 999;

/**
 * What a lock is, by the files about it. A lock, its confirmation and its release hold once their file is there: the third party works files in
 * in their order. That goods were taken counts only when the file was worked in, since only then are they out of its figures.
 */
export const readFiles = (files: readonly Found[]): WmsAskAnswer => {
  const of = (kind: Found['kind']): Found | undefined => files.find((file) => file.kind === kind);
  const is = (there: 'LOCKED' | 'CONFIRMED' | 'CONSUMED' | 'RELEASED' | 'REFUSED', file: Found): WmsAskAnswer => ({ kind: 'is', said: { there, fence: 1, position: positionOf(file), reason: '', free: [] } });
  const [lock, confirmed, release, ship] = [of('lock'), of('confirm'), of('release'), of('ship')];
  if (ship?.folder === 'done') return is('CONSUMED', ship);
  if (ship?.folder === 'in') return { kind: 'unclear', detail: 'the ship file waits to be worked in' };
  if (release && release.folder !== 'rejected') return is('RELEASED', release);
  const rejected = [lock, confirmed].find((file) => file?.folder === 'rejected');
  if (rejected) return confirmed ? is('RELEASED', rejected) : is('REFUSED', rejected);
  if (confirmed) return is('CONFIRMED', confirmed);
  return lock ? is('LOCKED', lock) : { kind: 'not-known' };
};

const COLUMNS = ['as_of', 'meaning', 'sku', 'quantity'] as const;

/** A stock file, whole or not at all: Refused where any row cannot be read. */
export const readStockFile = (text: string): FeedPage => {
  let rows: readonly Readonly<Record<string, string>>[];
  try {
    rows = parse(text, { bom: true, trim: true, columns: (head: string[]) => head.map((name) => name.toLowerCase()), skip_empty_lines: true, max_record_size: 64 * 1024 }) as Record<string, string>[];
  } catch (error) {
    throw new Refused('BAD_CSV', (error as Error).message.slice(0, 200));
  }
  const missing = COLUMNS.filter((column) => rows.length > 0 && !(column in rows[0]!));
  if (rows.length === 0 || missing.length > 0) throw new Refused('BAD_CSV', rows.length === 0 ? `no rows; columns are ${COLUMNS.join(',')}[,unsellable]` : `columns are missing: ${missing.join(', ')}`);
  const meaning = MEANINGS.find((one) => one === rows[0]!['meaning']);
  // Locks are in these figures only once their files were worked in, and nobody says when that was.
  if (meaning !== 'PHYSICAL') throw new Refused('BAD_REQUEST', `meaning is "${(rows[0]!['meaning'] ?? '').slice(0, 20)}"; stock files count PHYSICAL goods`);
  return { meaning, sequence: 0, figures: rows.map((row, index) => toFigure(row, index + 2, meaning)) };
};

const toFigure = (row: Readonly<Record<string, string>>, line: number, meaning: Meaning) => {
  const sku = row['sku'] ?? '';
  const asOf = /^\d{4}-\d{2}-\d{2}T.+(?:Z|[+-]\d{2}:?\d{2})$/.test(row['as_of'] ?? '') ? Date.parse(row['as_of']!) : Number.NaN;
  if (Number.isNaN(asOf)) throw new Refused('BAD_INSTANT', `row ${line}: as_of "${(row['as_of'] ?? '').slice(0, 40)}" is no instant such as 2026-11-21T09:30:00Z`);
  if (row['meaning'] !== meaning) throw new Refused('BAD_REQUEST', `row ${line}: a file has one meaning`);
  if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `row ${line}: "${sku.slice(0, 40)}" cannot be a SKU`);
  return { sku, figure: count(row['quantity'] ?? '', line), unsellable: count(row['unsellable'] || '0', line), position: asOf, delta: null };
};

const count = (text: string, line: number): number => {
  if (!/^\d{1,12}$/.test(text)) throw new Refused('BAD_QUANTITY', `row ${line}: "${text.slice(0, 40)}" is not a whole number from 0`);
  return Number(text);
};
