import { bars, drawable, layout, qr, type Element, type Line, type TextBox } from '@flotilla/paper';
import type { LabelField } from './label-fields.js';
import type { Rendered } from './pdf.js';
import { rasterise, type Bitmap } from './raster.js';
import type { LabelTemplate } from './template.js';

/** 203 dpi, the head of nearly every label printer. */
export const dotsPerMillimetre = 8;
const widestModule = 3; // 0.375 mm: within SF's 0.33 to 0.5

/** A label as ZPL II. ASCII text is the printer's own font 0, all other text a bitmap: printers have no Chinese. */
export const toZpl = (template: LabelTemplate, fields: Readonly<Record<LabelField, string>>): Rendered => {
  const counts = { missing: 0, cut: 0 };
  const body = template.elements.flatMap((element) => commands(element, fields, counts));
  const zpl = ['^XA', '^CI28', `^PW${dots(template.width)}`, `^LL${dots(template.height)}`, '^LH0,0', ...body, '^PQ1', '^XZ', ''].join('\n');
  return { data: Buffer.from(zpl, 'utf8'), contentType: 'application/zpl', ...counts };
};

const dots = (millimetres: number): number => Math.round(millimetres * dotsPerMillimetre);

const commands = (element: Element<LabelField>, fields: Readonly<Record<LabelField, string>>, counts: { missing: number; cut: number }): readonly string[] => {
  switch (element.kind) {
    case 'text':
      return write(fields[element.field], element, counts);
    case 'fixed':
      return write(element.text, element, counts);
    case 'rule': {
      const [width, height] = [Math.max(1, dots(element.width)), Math.max(1, dots(element.height))];
      return [`^FO${dots(element.x)},${dots(element.y)}^GB${width},${height},${Math.min(width, height)}^FS`];
    }
    case 'frame':
      return [`^FO${dots(element.x)},${dots(element.y)}^GB${dots(element.width)},${dots(element.height)},${Math.max(1, dots(element.stroke))}^FS`];
    case 'code128': {
      const text = fields[element.field];
      const last = bars(text).at(-1);
      const modules = last ? last.from + last.width : 1;
      // A long number has narrower bars: wider ones would leave the label, and no scanner would read them.
      const moduleDots = Math.max(1, Math.min(widestModule, Math.floor(dots(element.width) / modules)));
      const width = modules * moduleDots;
      const x = dots(element.x) + Math.max(0, Math.round((dots(element.width) - width) / 2));
      return [`^BY${moduleDots}`, `^FO${x},${dots(element.y)}^BCN,${dots(element.height)},N,N,N,A^FH_^FD${escaped(text)}^FS`];
    }
    case 'qr':
      return [graphic(qrBitmap(fields[element.field], dots(element.x), dots(element.y), dots(element.size)))];
  }
};

const write = (text: string, box: TextBox, counts: { missing: number; cut: number }): readonly string[] => {
  const shown = drawable(text);
  const { lines, cut } = layout(shown.text, box);
  counts.missing += shown.missing;
  counts.cut += cut ? 1 : 0;
  // One element, one font; and what is centred or set right was measured in ours, not in the printer's.
  const own = (box.align ?? 'left') === 'left' && lines.every((line) => /^[\x20-\x7e]*$/.test(line.text));
  return lines.flatMap((line) => (own ? [plain(line)] : picture(line)));
};

// ^FT places the baseline. Font 0 is condensed: at the same height it is narrower than what was measured.
const plain = (line: Line): string => {
  const height = Math.round(line.size * (25.4 / 72) * dotsPerMillimetre);
  return `^FT${dots(line.x)},${dots(line.baseline)}^A0N,${height},${height}^FH_^FD${escaped(line.text)}^FS`;
};

const picture = (line: Line): readonly string[] => {
  const bitmap = rasterise(line, dotsPerMillimetre);
  return bitmap ? [graphic(bitmap)] : [];
};

const graphic = ({ x, y, bytesPerRow, rows, bits }: Bitmap): string => {
  const total = bytesPerRow * rows;
  return `^FO${Math.max(0, x)},${Math.max(0, y)}^GFA,${total},${total},${bytesPerRow},${hex(bits, bytesPerRow)}^FS`;
};

// "," fills a row with white to its end: most rows of a text end so.
const hex = (bits: Uint8Array, bytesPerRow: number): string => {
  const all = Buffer.from(bits).toString('hex').toUpperCase();
  const rows: string[] = [];
  for (let at = 0; at < all.length; at += bytesPerRow * 2) {
    const row = all.slice(at, at + bytesPerRow * 2);
    const inked = row.replace(/0+$/, '');
    rows.push(inked.length < row.length ? `${inked},` : row);
  }
  return rows.join('');
};

const qrBitmap = (text: string, x: number, y: number, room: number): Bitmap => {
  const { size, dark } = qr(text);
  const module = Math.max(1, Math.floor(room / size));
  const side = size * module;
  const bytesPerRow = Math.ceil(side / 8);
  const bits = new Uint8Array(bytesPerRow * side);
  for (const [column, row] of dark) {
    for (let dy = 0; dy < module; dy += 1) {
      for (let dx = column * module; dx < (column + 1) * module; dx += 1) bits[(row * module + dy) * bytesPerRow + (dx >> 3)]! |= 0x80 >> (dx & 7);
    }
  }
  const margin = Math.floor((room - side) / 2);
  return { x: x + margin, y: y + margin, bytesPerRow, rows: side, bits };
};

const escaped = (text: string): string => text.replace(/[_^~\\]/g, (sign) => `_${sign.charCodeAt(0).toString(16).toUpperCase()}`);
