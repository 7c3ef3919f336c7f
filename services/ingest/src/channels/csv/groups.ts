import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { columnName, type TableCells } from '@flotilla/files';
import { compile, orderNumberOf, orderNumberPaths } from '../mapping.js';
import { ordinaryColumns } from './columns.js';
import { sourcesOf, type Rows } from './delivery.js';

const mostColumns = 500;
const mostLines = 1_000;
// What is kept of an order has to fit into one event, sealed.
const largestGroup = 384 * 1024;

/** The rows of one order. */
export interface Group {
  readonly orderNumber: string;
  readonly rows: Rows;
  readonly firstRow: number;
  readonly lastRow: number;
}

/**
 * The rows of a table, order by order, as they come: those of one order stand together, and each has the order's number, as the mapping reads it. Refused
 * NO_ORDER_ID for a row without one: it may be a line of the order above it (cells that are merged hold their value once), which without it would be sent by half.
 * Refused BAD_CSV if the table has no column that tells orders apart.
 */
export async function* groupsOf(table: AsyncIterable<TableCells>, mapping: ingest.Mapping | undefined): AsyncGenerator<Group> {
  const compiled = compile(mapping ?? ordinaryColumns);
  const wanted = orderNumberPaths(compiled);
  let columns: readonly string[] | undefined;
  let sourceOf = sourcesOf([]);
  let open: { orderNumber: string; rows: { row: number; cells: readonly string[] }[]; size: number } | undefined;
  const closed = (): Group => {
    const { orderNumber, rows } = open!;
    // An expression may look beyond the number.
    if (rows.length > 1 && orderNumberOf(compiled, sourceOf(rows)) !== orderNumber) throw new Refused('BAD_CSV', `rows ${rows[0]!.row} to ${rows.at(-1)!.row} have one order number each and another together; correct the mapping's channel_order_id`);
    return { orderNumber, rows: { columns: columns!, rows }, firstRow: rows[0]!.row, lastRow: rows.at(-1)!.row };
  };
  for await (const { row, cells } of table) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (columns === undefined) {
      columns = checkedHeader(cells);
      sourceOf = sourcesOf(columns);
      const names = new Set(columns.map(columnName));
      if (wanted.length > 0 && !wanted.some((path) => names.has(columnName(path)))) throw new Refused('BAD_CSV', `row ${row}: no column has the order number; it is called ${wanted.slice(0, 5).map(columnName).join(', ')}`);
      continue;
    }
    const orderNumber = orderNumberOf(compiled, sourceOf([{ row, cells }]));
    if (orderNumber === '') throw new Refused('NO_ORDER_ID', `row ${row} has no order number; write it into each row of its order, or take the row out`);
    const size = cells.reduce((sum, cell) => sum + Buffer.byteLength(cell) + 3, 0);
    if (size > largestGroup) throw new Refused('TOO_LARGE', `row ${row} has more than ${largestGroup / 1024} KiB`);
    if (open !== undefined && orderNumber === open.orderNumber) {
      if (open.rows.length === mostLines) throw new Refused('TOO_LARGE', `row ${row}: an order has at most ${mostLines} rows`);
      if ((open.size += size) > largestGroup) throw new Refused('TOO_LARGE', `row ${row}: the rows of an order have at most ${largestGroup / 1024} KiB`);
      open.rows.push({ row, cells });
      continue;
    }
    if (open !== undefined) yield closed();
    open = { orderNumber, rows: [{ row, cells }], size };
  }
  if (columns === undefined) throw new Refused('BAD_CSV', 'the file is empty; its first row names the columns');
  if (open !== undefined) yield closed();
}

const checkedHeader = (cells: readonly string[]): readonly string[] => {
  if (cells.length > mostColumns) throw new Refused('TOO_LARGE', `a table has at most ${mostColumns} columns`);
  const names = cells.map(columnName).filter((name) => name !== '');
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Refused('BAD_CSV', `two columns are called "${twice.slice(0, 60)}"`);
  return cells.map((cell) => cell.replace(/\ufeff/g, '').trim().slice(0, 200).toWellFormed());
};
