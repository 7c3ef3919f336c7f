import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { checkedParts } from '../decide/sku-item.decider.js';
import { itemName, skuItemId } from '../decide/sku-lines.js';
import type { ItemName } from '../decide/sku-map.events.js';
import { csvTable, EncodingProbe, records } from '../channels/csv/table.js';

const largest = 16 * 1024 * 1024;
const batchSize = 100;
const columns = { channel_sku: 'SKU', item_id: 'ID', barcode: 'BARCODE', name: 'NAME' } as const;

export interface MappedRow {
  readonly row: number;
  readonly item: ItemName;
  readonly parts: readonly ingest.SkuPart[];
}

interface Open {
  readonly row: number;
  readonly item: ItemName;
  readonly parts: ingest.SkuPart[];
}

// Whole, since only its end tells what it is written in; it is small enough.
const fileOf = async (requests: AsyncIterable<ingest.ImportSkuMapRequest>): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const { data } of requests) {
    size += data.length;
    if (size > largest) throw new Refused('TOO_LARGE', `a SKU map has at most ${largest / 1024 / 1024} MiB; split it`);
    pieces.push(data);
  }
  return Buffer.concat(pieces);
};

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** The items of a SKU map in batches. What is wrong with an item goes to `leave` with its row, and the rest goes on. */
export async function* mappedRows(requests: AsyncIterable<ingest.ImportSkuMapRequest>, leave: (row: number, error: unknown) => void): AsyncIterable<readonly MappedRow[]> {
  const file = await fileOf(requests);
  const probe = new EncodingProbe();
  probe.push(file);
  const seen = new Set<string>();
  let batch: MappedRow[] = [];
  let open: Open | undefined;
  // An item of which one row is wrong is left out whole: half a bundle would ship half.
  let broken = '';
  const close = (): void => {
    if (open === undefined) return;
    const { row, item, parts } = open;
    open = undefined;
    try {
      if (skuItemId(item) !== broken) batch.push({ row, item, parts: checkedParts(parts) });
    } catch (error) {
      leave(row, error);
    }
  };
  for await (const { row, at } of records(csvTable(one(file), probe.end()), { required: ['channel', 'sku'], anyOf: Object.keys(columns) })) {
    try {
      const named = Object.entries(columns).filter(([column]) => at(column) !== '');
      if (named.length !== 1) throw new Refused('BAD_CSV', `one of ${Object.keys(columns).join(', ')} names the item, and no other`);
      const [[column, by]] = named as [(typeof named)[number]];
      const item = itemName(at('channel'), by, at(column));
      const id = skuItemId(item);
      if (open === undefined || skuItemId(open.item) !== id) {
        close();
        if (batch.length >= batchSize) {
          yield batch;
          batch = [];
        }
        open = { row, item, parts: [] };
        if (seen.has(id)) {
          broken = id;
          throw new Refused('BAD_CSV', 'the rows of an item stand together; this one was there before');
        }
        seen.add(id);
      }
      const quantity = at('quantity');
      if (quantity !== '' && !/^\d{1,5}$/.test(quantity)) {
        broken = id;
        throw new Refused('BAD_QUANTITY', 'quantity is no whole number from 1 to 10000');
      }
      open.parts.push({ sku: at('sku'), quantity: quantity === '' ? 1 : Number(quantity) });
    } catch (error) {
      leave(row, error);
    }
  }
  close();
  if (batch.length > 0) yield batch;
}
