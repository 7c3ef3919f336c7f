import { Refused } from '@flotilla/decider';
import { cellName, columnName } from '@flotilla/files';
import { parseExact } from '../exact-json.js';
import { Fields, storable } from '../fields.js';
import { compile, mapOrder, readMapped, type Source } from '../mapping.js';
import type { Arrived, Reading } from '../platform.js';
import { ordinaryColumns } from './columns.js';

/** The rows of one order, as they stand in quarantine: a person corrects a cell and replays it. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly row: number; readonly cells: readonly string[] }[];
}

/** One order of a file, by its channel's mapping, or by the columns' ordinary names. A failure begins with the cell. */
export const readRows = ({ body, mapping }: Arrived): readonly Reading[] => {
  try {
    return [readMapped(compile(mapping ?? ordinaryColumns), sourceOf(rowsOf(body)))];
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [{ channelOrderId: '', kind: 'announce', buyer: '', said: { as: 'failure', reason: error.reason, detail: error.message } }];
  }
};

export const mapRows = (rows: Rows, mapping: Parameters<typeof compile>[0]): ReturnType<typeof mapOrder> => mapOrder(compile(mapping), sourceOf(rows));

const sourceOf = ({ columns, rows }: Rows): Source => sourcesOf(columns)(rows);

/** Rows of an order as they were kept. Refused BAD_JSON, NO_LINES. */
export const rowsOf = (body: Uint8Array): Rows => {
  const given = Fields.of(parseExact(body));
  if (given === undefined) throw new Refused('BAD_JSON', 'rows are {"columns": […], "rows": [{"row": 2, "cells": […]}]}');
  const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map((one) => storable(one, 'a cell')) : []);
  const rows = given.list('rows').map((row) => ({ row: Number(row.text('row')) || 0, cells: textsOf(row.raw('cells')) }));
  if (rows.length === 0) throw new Refused('NO_LINES', 'there are no rows');
  return { columns: textsOf(given.raw('columns')), rows };
};

/** Rows of a table as a mapping looks in them. Made once for a table: a column's name is compared once, whatever the number of rows. */
export const sourcesOf = (columns: readonly string[]): ((rows: Rows['rows']) => Source) => {
  const places = new Map(columns.map((column, place) => [columnName(column), place]));
  const placeOf = memo((path) => places.get(columnName(path)) ?? -1);
  const named = (cells: readonly string[]): Readonly<Record<string, string>> => Object.fromEntries(columns.map((column, place) => [column.trim(), cells[place] ?? '']));
  return (rows) => {
    const text = (path: string, at: number): string => (rows[at]?.cells[placeOf(path)] ?? '').trim();
    // What an order says of itself often stands in the first of its rows alone, or in each.
    const rowOf = memo((path) => (placeOf(path) < 0 ? 0 : Math.max(0, rows.findIndex((_row, at) => text(path, at) !== ''))));
    return {
      // By their names they are asked for by expressions alone.
      get order() {
        return named(rows[0]!.cells);
      },
      lines: rows.length,
      line: (at) => named(rows[at]!.cells),
      find: (path, line) => (placeOf(path) < 0 ? '' : text(path, line ?? rowOf(path))),
      where: (path, line) => (placeOf(path) < 0 ? '' : cellName(placeOf(path), rows[line ?? rowOf(path)]!.row)),
    };
  };
};

const memo = (of: (path: string) => number): ((path: string) => number) => {
  const known = new Map<string, number>();
  return (path) => {
    let value = known.get(path);
    if (value === undefined) known.set(path, (value = of(path)));
    return value;
  };
};
