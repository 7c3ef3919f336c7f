import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { records, spool, tableOf, type Spooled, type TableRow } from '@flotilla/files';
import { checkedParts } from '../decide/sku-item.decider.js';
import { itemName, skuItemId } from '../decide/sku-lines.js';
import type { ItemName } from '../decide/sku-map.events.js';

const largest = 16 * 1024 * 1024;
const batchSize = 100;
const columns = { channel_sku: 'SKU', item_id: 'ID', barcode: 'BARCODE', name: 'NAME' } as const;

export interface MappedRow {
  readonly row: number;
  readonly item: ItemName;
  readonly parts: readonly ingest.SkuPart[];
}

type Leave = (row: number, error: unknown) => void;

interface Open {
  readonly row: number;
  readonly item: ItemName;
  readonly parts: ingest.SkuPart[];
}

async function* dataOf(requests: AsyncIterable<ingest.ImportSkuMapRequest>): AsyncGenerator<Uint8Array> {
  for await (const { data } of requests) yield data;
}

interface Row {
  readonly row: number;
  /** The items that it names: one, if it is right. */
  readonly items: readonly ItemName[];
  readonly part: ingest.SkuPart;
  readonly wrong: unknown;
}

const rowOf = ({ row, at }: TableRow): Row => {
  const named = Object.entries(columns).filter(([column]) => at(column) !== '');
  const items: ItemName[] = [];
  let wrong: unknown = named.length === 1 ? undefined : new Refused('BAD_CSV', `one of ${Object.keys(columns).join(', ')} names the item, and no other`);
  for (const [column, by] of named) {
    try {
      items.push(itemName(at('channel'), by, at(column)));
    } catch (error) {
      wrong ??= error;
    }
  }
  const quantity = at('quantity');
  if (quantity !== '' && !/^\d{1,5}$/.test(quantity)) wrong ??= new Refused('BAD_QUANTITY', 'quantity is no whole number from 1 to 10000');
  return { row, items, part: { sku: at('sku'), quantity: quantity === '' ? 1 : Number(quantity) }, wrong };
};

async function* rowsOf(file: Spooled): AsyncGenerator<Row> {
  for await (const row of records(tableOf(file), { required: ['channel', 'sku'], anyOf: Object.keys(columns) })) yield rowOf(row);
}

/** The items of which any row is wrong: half a bundle would ship half, and let go of the orders that wait for it. What is wrong goes to `leave`. */
const brokenItems = async (file: Spooled, leave: Leave): Promise<ReadonlySet<string>> => {
  const broken = new Set<string>();
  const ended = new Set<string>();
  let open = '';
  for await (const { row, items, wrong } of rowsOf(file)) {
    const ids = items.map(skuItemId);
    let error = wrong;
    // A row without a name, of merged cells perhaps, may well be of the item above it.
    if (ids.length === 0) broken.add(open);
    if (ids.length > 0 && !ids.includes(open)) {
      ended.add(open);
      [open] = ids as [string];
    }
    if (ids.some((id) => ended.has(id))) error ??= new Refused('BAD_CSV', 'the rows of an item stand together; this one was there before');
    if (error === undefined) continue;
    for (const id of ids) broken.add(id);
    leave(row, error);
  }
  return broken;
};

/** The items of a SKU map, CSV or XLSX, in batches. An item of which any row is wrong is left out whole; what is wrong goes to `leave` with its row, and the rest goes on. */
export async function* mappedRows(requests: AsyncIterable<ingest.ImportSkuMapRequest>, leave: Leave): AsyncGenerator<readonly MappedRow[]> {
  const file = await spool(dataOf(requests), largest);
  try {
    yield* batchesOf(file, leave);
  } finally {
    await file.close();
  }
}

async function* batchesOf(file: Spooled, leave: Leave): AsyncGenerator<readonly MappedRow[]> {
  const broken = await brokenItems(file, leave);
  let batch: MappedRow[] = [];
  let open: Open | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const { row, item, parts } = open;
    open = undefined;
    try {
      batch.push({ row, item, parts: checkedParts(parts) });
    } catch (error) {
      leave(row, error);
    }
  };
  for await (const { row, items: [item], part } of rowsOf(file)) {
    if (item === undefined) continue;
    const id = skuItemId(item);
    if (open === undefined || skuItemId(open.item) !== id) {
      close();
      if (batch.length >= batchSize) {
        yield batch;
        batch = [];
      }
      if (!broken.has(id)) open = { row, item, parts: [] };
    }
    open?.parts.push(part);
  }
  close();
  if (batch.length > 0) yield batch;
}
