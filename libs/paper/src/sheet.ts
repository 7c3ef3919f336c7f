import { setImmediate as breath } from 'node:timers/promises';
import type { PdfPaper } from './pdf.js';
import type { Element, Template } from './template.js';

export interface Column {
  readonly title: string;
  /** Millimetres. */
  readonly width: number;
  readonly align?: 'left' | 'right';
}

export interface Table {
  /** Above the table; "" = none. */
  readonly heading: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** A paper with a head and tables: packing slip, pick list, manifest, report. */
export interface Sheet {
  /** Millimetres. */
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Drawn as a barcode beside the title; "" = none. */
  readonly code: string;
  readonly about: readonly string[];
  readonly tables: readonly Table[];
  /** Under the last table. */
  readonly foot: readonly string[];
}

export interface Page {
  readonly template: Template;
  readonly fields: Readonly<Record<string, string>>;
}

/** Puts pages on paper; answers how many. Drawing holds the process for 20 ms a page: others have their turn in between. */
export const draw = async (on: PdfPaper, pages: readonly Page[]): Promise<number> => {
  for (const { template, fields } of pages) {
    on.add(template, fields);
    await breath();
  }
  return pages.length;
};

export const paper = { A4: { width: 210, height: 297 }, A5: { width: 148, height: 210 } } as const;

const margin = 10;
const line = 5.2;
const row = 6.2;
const headingHeight = 9;
const gap = 4; // between tables

/** Part of a table, as it stands on one page. */
interface Part {
  readonly table: Table;
  readonly heading: string;
  readonly rows: Table['rows'];
  readonly y: number;
}

interface Cut {
  readonly parts: Part[];
  /** Where the last part ends. */
  end: number;
}

/** A table goes on over the page, its head again; a heading never stands alone, and the foot stays with the last rows. */
const cutPages = ({ height, about, tables, foot }: Sheet): readonly Cut[] => {
  const bottom = height - margin - line - 1;
  const footHeight = foot.length === 0 ? 0 : foot.length * line + 2;
  const pages: Cut[] = [{ parts: [], end: margin + 14 + about.length * line + 3 }];
  for (const [index, table] of tables.entries()) {
    const lastTable = index === tables.length - 1;
    for (let done = 0, begun = false; !begun || done < table.rows.length; begun = true) {
      const heading = begun || table.heading === '' ? '' : table.heading;
      const headHeight = row + (heading === '' ? 0 : headingHeight);
      let page = pages.at(-1)!;
      let y = page.parts.length === 0 ? page.end : page.end + gap;
      const left = table.rows.length - done;
      const least = headHeight + Math.min(left, 2) * row + (lastTable && left < 2 ? footHeight : 0);
      if (page.parts.length > 0 && y + least > bottom) {
        page = { parts: [], end: margin + 10 };
        pages.push(page);
        y = page.end;
      }
      let taken = Math.min(left, Math.max(1, Math.floor((bottom - y - headHeight) / row)));
      const end = y + headHeight + taken * row;
      // The foot needs a row to stand under: it is left for the page of the foot.
      if (lastTable && taken === left && end + footHeight > bottom && taken > 1) taken -= 1;
      page.parts.push({ table, heading, rows: table.rows.slice(done, done + taken), y });
      page.end = y + headHeight + taken * row;
      done += taken;
      if (table.rows.length === 0) break;
    }
  }
  return pages;
};

/** Lays a sheet out, page by page. No row is left out, however many there are. */
export const pagesOf = (sheet: Sheet): readonly Page[] => {
  const { width, height, title, code, about, foot } = sheet;
  const inner = width - 2 * margin;
  const text = (words: string, x: number, y: number, wide: number, size: number, more: Partial<Extract<Element, { kind: 'fixed' }>> = {}): Element => ({ kind: 'fixed', text: words, x, y, width: wide, height: line, size, minSize: 5, ...more });
  const partOf = ({ table: { columns }, heading, rows, y }: Part): readonly Element[] => {
    const start = y + (heading === '' ? 0 : headingHeight);
    const end = start + row * (rows.length + 1);
    let x = margin;
    const places = columns.map((column) => {
      const place = { ...column, x };
      x += column.width;
      return place;
    });
    const cells = (texts: readonly string[], at: number, weight: 'regular' | 'bold'): readonly Element[] => places.map((place, n) => text(texts[n] ?? '', place.x, at, place.width - 2, 9, { weight, align: place.align ?? 'left' }));
    return [
      ...(heading === '' ? [] : [text(heading, margin, y + 1, inner, 11, { weight: 'bold', height: 6 })]),
      ...cells(columns.map((column) => column.title), start, 'bold'),
      { kind: 'rule', x: margin, y: start + row - 0.7, width: inner, height: 0.3 },
      ...rows.flatMap((texts, n) => cells(texts, start + row * (n + 1), 'regular')),
      { kind: 'rule', x: margin, y: end - 0.4, width: inner, height: 0.2 },
    ];
  };
  const pages = cutPages(sheet);
  return pages.map(({ parts, end }, index) => {
    const head: readonly Element[] =
      index === 0
        ? [
            text(title, margin, margin, inner - (code === '' ? 0 : 62), 16, { height: 8, minSize: 8, weight: 'bold' }),
            ...(code === '' ? [] : [{ kind: 'code128', field: 'code', x: width - margin - 58, y: margin, width: 58, height: 9 } as const, text(code, width - margin - 58, margin + 9.2, 58, 7, { align: 'center', height: 3.6 })]),
            ...about.map((words, n) => text(words, margin, margin + 14 + n * line, inner, 9.5)),
          ]
        : [text(title, margin, margin, inner, 9.5)];
    const elements: readonly Element[] = [
      ...head,
      ...parts.flatMap(partOf),
      ...(index === pages.length - 1 ? foot.map((words, n) => text(words, margin, end + 2 + n * line, inner, 9.5, { weight: 'bold' })) : []),
      text(`${index + 1} / ${pages.length}`, margin, height - margin - line + 1, inner, 8, { align: 'right' }),
    ];
    return { template: { width, height, elements }, fields: { code } };
  });
};
