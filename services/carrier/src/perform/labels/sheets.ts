import { setImmediate as breath } from 'node:timers/promises';
import type { LabelField } from './label-fields.js';
import type { PdfPaper } from './pdf.js';
import type { Element, Template } from './template.js';

export interface Column {
  readonly title: string;
  /** Millimetres. */
  readonly width: number;
  readonly align?: 'left' | 'right';
}

/** A paper with a head and a table: packing slip, pick list, manifest. */
export interface Sheet {
  /** Millimetres. */
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Drawn as a barcode beside the title; "" = none. */
  readonly code: string;
  readonly about: readonly string[];
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** Under the table of the last page. */
  readonly foot: readonly string[];
}

/** A page as the label engine draws it. */
export interface Page {
  readonly template: Template;
  readonly fields: Readonly<Record<LabelField, string>>;
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

/** Lays a sheet out, page by page; the table's head stands on each. No row is left out, however many there are. */
export const pagesOf = (sheet: Sheet): readonly Page[] => {
  const { width, height, title, code, about, columns, rows, foot } = sheet;
  const inner = width - 2 * margin;
  const top = margin + 14 + about.length * line + 3; // where the first page's table begins
  const footHeight = foot.length * line + 4;
  const room = (from: number): number => Math.floor((height - margin - line - footHeight - from - row) / row);
  const [first, others] = [Math.max(1, room(top)), Math.max(1, room(margin + 10))];
  const cut = [rows.slice(0, first)];
  for (let at = first; at < rows.length; at += others) cut.push(rows.slice(at, at + others));
  const text = (words: string, x: number, y: number, wide: number, size: number, more: Partial<Extract<Element, { kind: 'fixed' }>> = {}): Element => ({ kind: 'fixed', text: words, x, y, width: wide, height: line, size, minSize: 5, ...more });
  return cut.map((part, index) => {
    const start = index === 0 ? top : margin + 10;
    const head: readonly Element[] =
      index === 0
        ? [
            text(title, margin, margin, inner - (code === '' ? 0 : 62), 16, { height: 8, minSize: 8, weight: 'bold' }),
            ...(code === '' ? [] : [{ kind: 'code128', field: 'waybill', x: width - margin - 58, y: margin, width: 58, height: 9 } as const, text(code, width - margin - 58, margin + 9.2, 58, 7, { align: 'center', height: 3.6 })]),
            ...about.map((words, n) => text(words, margin, margin + 14 + n * line, inner, 9.5)),
          ]
        : [text(title, margin, margin, inner, 9.5)];
    let x = margin;
    const places = columns.map((column) => {
      const place = { ...column, x };
      x += column.width;
      return place;
    });
    const cells = (texts: readonly string[], y: number, weight: 'regular' | 'bold'): readonly Element[] => places.map((place, n) => text(texts[n] ?? '', place.x, y, place.width - 2, 9, { weight, align: place.align ?? 'left' }));
    const end = start + row * (part.length + 1);
    const elements: readonly Element[] = [
      ...head,
      ...cells(columns.map((column) => column.title), start, 'bold'),
      { kind: 'rule', x: margin, y: start + row - 0.7, width: inner, height: 0.3 },
      ...part.flatMap((texts, n) => cells(texts, start + row * (n + 1), 'regular')),
      { kind: 'rule', x: margin, y: end - 0.4, width: inner, height: 0.2 },
      ...(index === cut.length - 1 ? foot.map((words, n) => text(words, margin, end + 2 + n * line, inner, 9.5, { weight: 'bold' })) : []),
      text(`${index + 1} / ${cut.length}`, margin, height - margin - line + 1, inner, 8, { align: 'right' }),
    ];
    return { template: { width, height, elements }, fields: { waybill: code } as Readonly<Record<LabelField, string>> };
  });
};

interface Packed {
  readonly parcelId: string;
  readonly number: string;
  readonly waybill: string;
  readonly carrier: string;
  readonly items: readonly { readonly sku: string; readonly name: string; readonly quantity: number }[];
}

/** What lies in a parcel, for whoever opens it: no prices, no phone. */
export const packingSlip = ({ number, waybill, carrier, items }: Packed, recipient: { readonly name: string; readonly place: string }, day: string): Sheet => ({
  ...paper.A5,
  title: '装箱单 PACKING SLIP',
  code: waybill,
  about: [`订单 Order  ${number}`, `收件人 For  ${recipient.name}`, recipient.place.replaceAll('\n', ', '), `${carrier}   ${day}`],
  columns: [{ title: '商品编码 SKU', width: 40 }, { title: '品名 Item', width: 70 }, { title: '数量 Qty', width: 18, align: 'right' }],
  rows: items.map(({ sku, name, quantity }) => [sku, name, String(quantity)]),
  foot: [`合计 Total  ${items.reduce((sum, { quantity }) => sum + quantity, 0)}`],
});

/** What is to be fetched for many parcels: every SKU once, in the order of the codes. Nobody's name stands on it. */
export const pickList = (parcels: readonly Packed[], warehouse: string, day: string): Sheet => {
  const wanted = new Map<string, { name: string; quantity: number; parcels: Set<string> }>();
  for (const { parcelId, items } of parcels) {
    for (const { sku, name, quantity } of items) {
      const known = wanted.get(sku) ?? { name, quantity: 0, parcels: new Set() };
      wanted.set(sku, { name: known.name || name, quantity: known.quantity + quantity, parcels: known.parcels.add(parcelId) });
    }
  }
  const skus = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...paper.A4,
    title: `拣货单 PICK LIST  ${warehouse}`,
    code: '',
    about: [`${parcels.length} 个包裹 parcels   ${day}`],
    columns: [{ title: '商品编码 SKU', width: 55 }, { title: '品名 Item', width: 85 }, { title: '数量 Qty', width: 22, align: 'right' }, { title: '包裹 Parcels', width: 28, align: 'right' }],
    rows: skus.map(([sku, { name, quantity, parcels: of }]) => [sku, name, String(quantity), String(of.size)]),
    foot: [`合计 Total  ${skus.reduce((sum, [, { quantity }]) => sum + quantity, 0)}`],
  };
};

/** What a carrier collects at once, signed by both (CAR-07). `id` is made of the numbers: two papers with the same id list the same parcels. */
export const manifestSheet = (parcels: readonly { readonly waybill: string; readonly number: string; readonly place: string; readonly grams: number }[], head: { readonly id: string; readonly carrier: string; readonly warehouse: string; readonly span: string }): Sheet => ({
  ...paper.A4,
  title: `交接清单 HANDOVER MANIFEST  ${head.carrier}`,
  code: head.id,
  about: [`仓库 Warehouse  ${head.warehouse}`, head.span],
  columns: [{ title: '#', width: 14 }, { title: '运单号 Waybill', width: 56 }, { title: '订单 Order', width: 45 }, { title: '目的地 To', width: 50 }, { title: 'kg', width: 25, align: 'right' }],
  rows: parcels.map(({ waybill, number, place, grams }, n) => [String(n + 1), waybill, number, place, (grams / 1000).toFixed(2)]),
  foot: [`合计 Total  ${parcels.length} 件 parcels   ${(parcels.reduce((sum, { grams }) => sum + grams, 0) / 1000).toFixed(2)} kg`, '', '交件人 Handed over by  ______________________     收件人 Collected by  ______________________'],
});
