import { inflateSync } from 'node:zlib';
import { describe, expect, it, jest } from '@jest/globals';
import { bars, drawable, layout } from '@flotilla/paper';
import { ready } from 'zpl-renderer-js';
import { release, routing } from '../../../spec/parcels.js';
import type { ParcelPlan } from '../../decide/parcel.events.js';
import type { Party } from '../carriers/carrier.js';
import { carriers } from '../carriers/registry.js';
import { addressText, labelFields } from './label-fields.js';
import { toPdf } from './pdf.js';
import { sizes, templateOf, type LabelTemplate } from './template.js';
import { toZpl } from './zpl.js';

jest.setTimeout(60_000); // a loaded machine draws slowly

const waybill = 'SF7444471039325';
const chinese: Party = { name: '欧阳娜娜', phone: '13800138000', company: '', country: 'CN', province: '北京', city: '北京市', district: '朝阳区', postcode: '100020', street: '北京市朝阳区建国门外大街1号国贸写字楼二期38层' };
const german: Party = {
  name: 'Maximiliano Fernández-Villaverde de la Santísima Trinidad', phone: '+49 1512 3456789', company: 'Außenhandelsfinanzierungsdienstleistungsgesellschaft mbH & Co. KG', country: 'DE', province: 'Nordrhein-Westfalen',
  city: 'Mönchengladbach', district: '', postcode: '41179', street: 'Bürgermeister-Hermann-Schmitz-Straße 1234b, Hinterhaus, Klingel ^Řehoř~',
};
const plan: ParcelPlan = { ...release, choice: { carrier: 'sf', service: 'STANDARD', quoted: { amount: 1800, currency: 'CNY' }, days: 2, explain: '' } };
const fieldsFor = (recipient: Party) => labelFields({ carrierTitle: '顺丰速运', waybill, routing, plan, sender: chinese, recipient, pickupCode: '', day: '2026-11-21' });
const each = [...new Set(carriers.map(({ manifest }) => manifest.label))].flatMap((name) => sizes.flatMap((size) => [chinese, german].map((party): [string, string, string, LabelTemplate, Party] => [size, party.country, name, templateOf(name, size), party])));
const drawn = each.filter(([, , name]) => name === 'sf'); // drawing is slow; the geometry is checked of all

// The text of a PDF as a reader extracts it: glyphs back to characters by each font's own ToUnicode map.
const textOf = (pdf: Buffer): string => {
  const raw = pdf.toString('latin1');
  const objects = new Map([...raw.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map((found) => [found[1]!, found[2]!]));
  const stream = (body: string): string => {
    const data = Buffer.from(body.slice(body.indexOf('stream\n') + 7, body.lastIndexOf('\nendstream')), 'latin1');
    return (body.includes('/FlateDecode') ? inflateSync(data) : data).toString('latin1');
  };
  const page = [...objects.values()].find((body) => body.includes('/Contents'))!;
  const maps = new Map<string, string[]>();
  for (const body of objects.values()) {
    for (const [, name, font] of body.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font!) ?? '')?.[1];
      if (unicode === undefined) continue;
      const glyphs = [...stream(objects.get(unicode)!).matchAll(/<([0-9a-f ]{4,})>(?=[\s\]]*(?:<|\]))/gi)].map((found) => found[1]!);
      const list = /\[(.*?)\]/s.exec(stream(objects.get(unicode)!))?.[1] ?? '';
      maps.set(name!, list === '' ? glyphs : [...list.matchAll(/<([0-9a-f ]*)>/gi)].map((found) => Buffer.from(found[1]!.replaceAll(' ', ''), 'hex').swap16().toString('utf16le')));
    }
  }
  let font = '';
  let text = '';
  const content = stream(objects.get(/\/Contents (\d+) 0 R/.exec(page)![1]!)!);
  for (const found of content.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9a-f]+)>|(ET)/g)) {
    if (found[1]) font = found[1];
    else if (found[3]) text += '\n';
    else for (const glyph of found[2]!.match(/.{4}/g) ?? []) text += maps.get(font)?.[parseInt(glyph, 16)] ?? '?';
  }
  return text;
};

// Black dots of a PNG that zpl-renderer-js drew: grey or RGB(A), 8 bits, filtered lines.
const inkOf = (png: Buffer): { width: number; height: number; ink: number } => {
  const [width, height, colour] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25]!];
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour] ?? 4;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const lines = inflateSync(Buffer.concat(parts));
  const row = Math.floor(lines.length / height);
  let before = Buffer.alloc(row - 1);
  let ink = 0;
  for (let y = 0; y < height; y += 1) {
    const line = Buffer.from(lines.subarray(y * row + 1, (y + 1) * row));
    const filter = lines[y * row]!;
    for (let x = 0; x < line.length; x += 1) {
      const [left, up, corner] = [line[x - channels] ?? 0, before[x]!, before[x - channels] ?? 0];
      const near = left + up - corner;
      const [a, b, c] = [Math.abs(near - left), Math.abs(near - up), Math.abs(near - corner)];
      const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
      line[x] = line[x]! + [0, left, up, (left + up) >> 1, paeth][filter]!;
      if (x % channels === 0 && line[x]! < 128) ink += 1;
    }
    before = line;
  }
  return { width, height, ink };
};

describe.each(drawn)('CAR-05: a label of %s mm to %s by %s', (_, country, __, template, recipient) => {
  const fields = fieldsFor(recipient);

  it('CAR-05: as PDF has the true size, the waybill and the whole recipient as text, and bars as vectors', async () => {
    const { data, contentType, cut, missing } = await toPdf(template, fields, '2026-11-29');
    const pdf = Buffer.from(data);
    const box = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf.toString('latin1'))!;
    expect([Number(box[1]) / 72 * 25.4, Number(box[2]) / 72 * 25.4]).toEqual([expect.closeTo(template.width, 2), expect.closeTo(template.height, 2)]);
    const text = textOf(pdf);
    expect(text.replace(/\s/g, '')).toContain(waybill);
    expect(text.replace(/\s/g, '')).toContain(drawable(recipient.name).text.replace(/\s/g, ''));
    for (const part of drawable(fields.recipientAddress).text.split(/[\s\n]+/)) if (country !== 'CN') expect(text.replace(/\s/g, '')).toContain(part);
    if (country === 'CN') expect(text.replace(/\n/g, '')).toContain('北京市朝阳区建国门外大街1号国贸写字楼');
    expect(pdf.toString('latin1')).not.toContain('/Subtype /Image');
    expect({ contentType, cut, missing, small: pdf.length < 200_000 }).toEqual({ contentType: 'application/pdf', cut: 0, missing: 0, small: true });
  });

  it('CAR-05: as ZPL is drawn by a printer: barcode and text, Chinese as bitmaps', async () => {
    const zpl = Buffer.from(toZpl(template, fields).data).toString('utf8');
    expect(zpl).toMatch(/^\^XA\n/);
    expect(zpl).toMatch(new RegExp(`\\^BCN,\\d+,N,N,N,A\\^FH_\\^FD${waybill}\\^FS`));
    expect(zpl).toContain(`^PW${template.width * 8}`);
    expect(zpl).toMatch(/^[\n\x20-\x7e]*$/); // nothing that a printer without the font would turn into boxes
    const { api } = await ready;
    const { width, height, ink } = inkOf(Buffer.from(await api.zplToBase64Async(zpl, template.width, template.height, 8), 'base64'));
    expect([width, height]).toEqual([template.width * 8, template.height * 8]);
    expect(ink / (width * height)).toBeGreaterThan(0.05);
    expect(ink / (width * height)).toBeLessThan(0.35);
  }, 30_000);
});

describe.each(each)('CAR-05: the template of %s mm to %s by %s', (_, __, ___, template, recipient) => {
  const fields = fieldsFor(recipient);

  it('CAR-05: nothing overlaps and nothing leaves the label', () => {
    const boxes = template.elements.flatMap((element) => {
      if (element.kind === 'text') return [layout(drawable(fields[element.field]).text, element).lines.map((line) => ({ left: element.x, right: element.x + element.width, top: line.baseline - line.size * 0.31, bottom: line.baseline + line.size * 0.05 }))].flat();
      if (element.kind === 'code128') return [{ left: element.x, right: element.x + element.width, top: element.y, bottom: element.y + element.height }];
      return element.kind === 'qr' ? [{ left: element.x, right: element.x + element.size, top: element.y, bottom: element.y + element.size }] : [];
    });
    for (const [index, one] of boxes.entries()) {
      expect(one.left >= 2 && one.right <= template.width - 2 && one.top >= 2 && one.bottom <= template.height - 2).toBe(true);
      for (const other of boxes.slice(index + 1)) expect(one.right <= other.left || other.right <= one.left || one.bottom <= other.top + 0.05 || other.bottom <= one.top + 0.05).toBe(true);
    }
  });
});

describe('CAR-05: bars on labels', () => {
  // A parcel of several at JD, the own fleet's, a common one.
  const numbers = ['JDVA12345678901-10-12-', 'FL12345678901234567890', waybill];
  it.each(numbers.flatMap((number) => sizes.map((size) => [number, size] as const)))('CAR-05: the bars of %s stay in their box on %s, wide enough to be read', (number, size) => {
    const template = templateOf('express', size);
    const box = template.elements.find(({ kind }) => kind === 'code128') as { readonly x: number; readonly width: number };
    const zpl = Buffer.from(toZpl(template, { ...fieldsFor(chinese), waybill: number }).data).toString();
    const [, wide, x] = /\^BY(\d+)\n\^FO(\d+),\d+\^BC/.exec(zpl)!;
    const last = bars(number).at(-1)!;
    expect(Number(wide)).toBeGreaterThanOrEqual(2);
    expect(Number(x)).toBeGreaterThanOrEqual(box.x * 8);
    expect(Number(x) + (last.from + last.width) * Number(wide)).toBeLessThanOrEqual((box.x + box.width) * 8);
  });
});

describe('CAR-05: text on labels', () => {
  it('CAR-05: what no font has is printed without accents or as its code point, never as a box', () => {
    expect(drawable('Řehoř ①℃ 䶮')).toEqual({ text: 'Rehor ①℃ (U+4DAE)', missing: 1 });
    expect(drawable('a\u200bb\u0007c\r\nd\ufe0f')).toEqual({ text: 'abc\nd', missing: 0 });
  });

  it('shrinks to fit, keeps words whole where it can, and says when even that was not enough', () => {
    const box = { x: 0, y: 0, width: 40, height: 10, size: 12, minSize: 6 };
    const long = layout('1 Market Street Apt 5 San Francisco California 94107 United States of America', box);
    expect(long.cut).toBe(false);
    expect(long.lines.map(({ text }) => text).join(' ')).toBe('1 Market Street Apt 5 San Francisco California 94107 United States of America');
    expect(long.lines[0]!.size).toBeLessThan(12);
    const cut = layout('字'.repeat(500), box);
    expect(cut.cut).toBe(true);
    expect(cut.lines.at(-1)!.text.endsWith('…')).toBe(true);
    expect(layout('（收）。', { ...box, width: 9 }).lines.map(({ text }) => text)).not.toContain('。');
  });

  it('an address reads as its country reads it, and says no place twice', () => {
    expect(addressText(chinese)).toBe('北京市朝阳区建国门外大街1号国贸写字楼二期38层 100020');
    expect(addressText({ ...chinese, province: '广东省', city: '东莞市', district: '', street: '长安镇1号', postcode: '' })).toBe('广东省东莞市长安镇1号');
    expect(addressText({ ...german, country: 'CN', province: 'Guangdong', city: 'Shenzhen', district: 'Nanshan', postcode: '518000', street: '1 Keji Rd' })).toBe('1 Keji Rd\nNanshan, Shenzhen, Guangdong 518000\nCHINA');
    expect(addressText(german).split('\n').slice(1)).toEqual(['Mönchengladbach, Nordrhein-Westfalen 41179', 'GERMANY']);
  });

  it('a Code 128 begins and ends as the standard has it', () => {
    const all = bars(waybill);
    expect(all.slice(0, 2)).toEqual([{ from: 0, width: 2 }, { from: 3, width: 1 }]); // start B: 211214
    expect(all.at(-1)).toMatchObject({ width: 2 }); // stop: 2331112
  });
});

describe('ALC-12: labels of the own fleet', () => {
  it.each(sizes)('ALC-12: %s: what is collected shows the code and the store and no address of the buyer', async (size) => {
    const choice = { ...plan.choice, carrier: 'own', service: 'PICKUP' };
    const store = { ...chinese, company: '南山店', name: '店员' };
    const buyer = { ...german, street: 'Hinterhaus 1' };
    const fields = labelFields({ carrierTitle: '自营配送', waybill: 'FL12345678901234567890', routing: { ...routing, sorting: '', destination: '' }, plan: { ...plan, choice }, sender: store, recipient: buyer, pickupCode: '042137', day: '2026-11-21' });
    expect(fields).toMatchObject({ sorting: '042137', service: '自提 PICKUP', recipientAddress: expect.stringMatching(/^南山店\n.*建国门外大街/) });
    const zpl = toZpl(templateOf('own', size), fields).data.toString();
    expect(zpl).toContain('FL12345678901234567890');
    const pdf = textOf(Buffer.from((await toPdf(templateOf('own', size), fields, '2026-11-29')).data));
    expect(pdf).toContain('042137');
    expect(pdf).not.toContain('Hinterhaus');
  });
  it('ALC-12: what a courier brings shows the address', () => {
    const fields = labelFields({ carrierTitle: '自营配送', waybill: 'FL1', routing, plan: { ...plan, choice: { ...plan.choice, service: 'SAME_CITY' } }, sender: chinese, recipient: chinese, pickupCode: '', day: '2026-11-21' });
    expect(fields).toMatchObject({ service: '同城 SAME CITY', recipientAddress: expect.stringContaining('建国门外大街') });
  });
});
