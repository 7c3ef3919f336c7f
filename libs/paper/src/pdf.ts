import bwipjs from 'bwip-js/node';
import PDFDocument from 'pdfkit';
import { drawable } from './fonts.js';
import { layout, type TextBox } from './layout.js';
import type { Element, Template } from './template.js';

const pointsPerMillimetre = 72 / 25.4;

/** A PDF that is written page by page: what is ready is taken as it comes. */
export interface PdfPaper {
  add<Field extends string>(template: Template<Field>, fields: Readonly<Record<Field, string>>): void;
  /** The bytes since the last time. */
  take(): Buffer;
  end(): Promise<Buffer>;
  readonly counts: { readonly missing: number; readonly cut: number };
}

/**
 * Pages at true size in one document; barcodes are vectors, fonts embedded as subsets. `at` (an instant, or a day) is its date, and belongs to what is
 * printed: the same pages of the same date are the same bytes.
 */
export const pdfPaper = (title: string, at: string): PdfPaper => {
  const date = new Date(at);
  const doc = new PDFDocument({ autoFirstPage: false, margin: 0, info: { Title: title, Creator: 'Flotilla', Producer: 'Flotilla', CreationDate: date, ModDate: date } });
  let chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve) => doc.on('end', resolve));
  const counts = { missing: 0, cut: 0 };
  const take = (): Buffer => {
    const taken = Buffer.concat(chunks);
    chunks = [];
    return taken;
  };
  return {
    add: (template, fields) => {
      doc.addPage({ size: [template.width * pointsPerMillimetre, template.height * pointsPerMillimetre], margin: 0 });
      doc.scale(pointsPerMillimetre);
      for (const element of template.elements) draw(doc, element, fields, counts);
    },
    take,
    end: async () => {
      doc.end();
      await ended;
      return take();
    },
    counts,
  };
};

const draw = <Field extends string>(doc: PDFKit.PDFDocument, element: Element<Field>, fields: Readonly<Record<Field, string>>, counts: { missing: number; cut: number }): void => {
  switch (element.kind) {
    case 'text':
      return write(doc, fields[element.field], element, counts);
    case 'fixed':
      return write(doc, element.text, element, counts);
    case 'rule':
      return void doc.rect(element.x, element.y, element.width, element.height).fill('black');
    case 'frame':
      return void doc.lineWidth(element.stroke).rect(element.x, element.y, element.width, element.height).stroke('black');
    case 'code128':
      return bars(fields[element.field]).forEach(({ from, width }, _, all) => {
        const module = element.width / (all.at(-1)!.from + all.at(-1)!.width);
        doc.rect(element.x + from * module, element.y, width * module, element.height).fill('black');
      });
    case 'qr': {
      const { size, dark } = qr(fields[element.field]);
      const module = element.size / size;
      // One path: single squares would show hairlines between them on a screen.
      for (const [column, row] of dark) doc.rect(element.x + column * module, element.y + row * module, module, module);
      return void doc.fill('black');
    }
  }
};

const write = (doc: PDFKit.PDFDocument, text: string, box: TextBox, counts: { missing: number; cut: number }): void => {
  const shown = drawable(text);
  const { lines, cut } = layout(shown.text, box);
  counts.missing += shown.missing;
  counts.cut += cut ? 1 : 0;
  for (const line of lines) {
    let x = line.x;
    for (const { face, text: part } of line.runs) {
      const size = line.size / pointsPerMillimetre; // the page is scaled to millimetres
      doc.registerFont(face.key, face.ttf).font(face.key).fontSize(size).fillColor('black').text(part, x, line.baseline, { lineBreak: false, baseline: 'alphabetic' });
      x += doc.widthOfString(part);
    }
  }
};

/** The bars of a Code 128, in modules. */
export const bars = (text: string): readonly { readonly from: number; readonly width: number }[] => {
  const [drawn] = bwipjs.raw({ bcid: 'code128', text }) as unknown as readonly { readonly sbs: readonly number[] }[];
  let at = 0;
  return (drawn?.sbs ?? []).flatMap((width, index) => {
    const from = at;
    at += width;
    return index % 2 === 0 ? [{ from, width }] : [];
  });
};

/** The dark modules of a QR code: `[column, row]`. */
export const qr = (text: string): { readonly size: number; readonly dark: readonly (readonly [number, number])[] } => {
  const [drawn] = bwipjs.raw({ bcid: 'qrcode', text, eclevel: 'M' } as never) as unknown as readonly { readonly pixs: readonly number[]; readonly pixx: number }[];
  const size = drawn?.pixx ?? 0;
  return { size, dark: (drawn?.pixs ?? []).flatMap((pixel, index) => (pixel === 1 ? [[index % size, Math.floor(index / size)] as const] : [])) };
};
