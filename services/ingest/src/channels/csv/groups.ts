import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { compile, orderNumberIn } from '../mapping.js';
import { columnName, ordinaryColumns } from './columns.js';
import { sourceOf, type Rows } from './delivery.js';

const mostColumns = 500;
const mostLines = 1_000;
// What is kept of an order has to fit into one event, sealed.
const largestGroup = 384 * 1024;

export interface TableCells {
  readonly row: number;
  readonly cells: readonly string[];
}

/** The rows of one order. */
export interface Group {
  readonly orderNumber: string;
  readonly rows: Rows;
  readonly firstRow: number;
  readonly lastRow: number;
}

/**
 * The rows of a table, order by order, as they come: those of one order stand together, by the number that the mapping reads in each. A row without one is
 * a group of its own, which cannot be understood and says so; behind a row that has one it may be another line of that order, and the table is Refused
 * BAD_CSV, as it is without a column that tells orders apart.
 */
export async function* groupsOf(table: AsyncIterable<TableCells>, mapping: ingest.Mapping | undefined): AsyncGenerator<Group> {
  const compiled = compile(mapping ?? ordinaryColumns);
  let columns: readonly string[] | undefined;
  let open: { orderNumber: string; rows: { row: number; cells: readonly string[] }[]; size: number } | undefined;
  let read: ReturnType<typeof orderNumberIn>;
  const numberOf = (rows: Rows['rows']): string => read!(sourceOf({ columns: columns!, rows }));
  const closed = ({ orderNumber, rows }: NonNullable<typeof open>): Group => {
    const [firstRow, lastRow] = [rows[0]!.row, rows.at(-1)!.row];
    // An order is read from all of its rows: it must not become another one than each of them is of.
    if (rows.length > 1 && numberOf(rows) !== orderNumber) throw new Refused('BAD_CSV', `rows ${firstRow} to ${lastRow} have one order number each by itself, and another together; let the mapping look for it in one column`);
    return { orderNumber, rows: { columns: columns!, rows }, firstRow, lastRow };
  };
  for await (const { row, cells } of table) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (columns === undefined) {
      columns = checkedHeader(cells);
      const names = new Set(columns.map(columnName));
      read = orderNumberIn(compiled, (path) => names.has(columnName(path)));
      if (read === undefined) throw new Refused('BAD_CSV', `row ${row}: no column has the order number; it is called ${compiled.order.find(({ field }) => field === 'channel_order_id')!.from.slice(0, 5).join(', ')}`);
      continue;
    }
    const orderNumber = numberOf([{ row, cells }]);
    const size = cells.reduce((sum, cell) => sum + Buffer.byteLength(cell) + 3, 0);
    if (size > largestGroup) throw new Refused('TOO_LARGE', `row ${row} has more than ${largestGroup / 1024} KiB`);
    if (open !== undefined && orderNumber !== '' && orderNumber === open.orderNumber) {
      if (open.rows.length === mostLines) throw new Refused('TOO_LARGE', `row ${row}: an order has at most ${mostLines} rows`);
      if ((open.size += size) > largestGroup) throw new Refused('TOO_LARGE', `row ${row}: the rows of an order have at most ${largestGroup / 1024} KiB`);
      open.rows.push({ row, cells });
      continue;
    }
    if (orderNumber === '' && open !== undefined && open.orderNumber !== '') throw new Refused('BAD_CSV', `row ${row} has no order number and stands behind one that has; write it into every row, since merged cells have it in their first alone`);
    if (open !== undefined) yield closed(open);
    open = { orderNumber, rows: [{ row, cells }], size };
  }
  if (columns === undefined) throw new Refused('BAD_CSV', 'the file is empty; its first row names the columns');
  if (open !== undefined) yield closed(open);
}

const checkedHeader = (cells: readonly string[]): readonly string[] => {
  if (cells.length > mostColumns) throw new Refused('TOO_LARGE', `a table has at most ${mostColumns} columns`);
  const names = cells.map(columnName).filter((name) => name !== '');
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Refused('BAD_CSV', `two columns are called "${twice.slice(0, 60)}"`);
  return cells.map((cell) => cell.replace(/\ufeff/g, '').trim().slice(0, 200));
};
