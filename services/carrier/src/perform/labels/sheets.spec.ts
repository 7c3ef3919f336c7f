import { describe, expect, it, jest } from '@jest/globals';
import { layout, pagesOf, pdfPaper, type Page, type Sheet } from '@flotilla/paper';
import { giftCard, longestCard, manifestSheet, packingSlip, pickList } from './sheets.js';
import { packingWishes } from './wishes.js';

jest.setTimeout(60_000); // a loaded machine draws slowly

const packed = (n: number, items: readonly { sku: string; name: string; quantity: number }[]) => ({ parcelId: `p${n}`, number: `#${1000 + n}`, waybill: `SF74444710393${n}`, carrier: '顺丰速运', items });
const items = Array.from({ length: 70 }, (_, n) => ({ sku: `SKU-${String(n).padStart(3, '0')}`, name: `西湖龙井 ${n} 号 Longjing green tea, spring harvest, with a very long name`, quantity: n + 1 }));
const slip = packingSlip(packed(25, items), { name: '欧阳娜娜', place: '北京市朝阳区建国门外大街1号国贸写字楼二期38层\n100020' }, '2026-11-29');
const list = pickList([packed(1, [{ sku: 'B', name: '杯', quantity: 2 }, { sku: 'A', name: '', quantity: 1 }]), packed(2, [{ sku: 'A', name: '碗', quantity: 4 }])], 'SZ1', '2026-11-29');
const manifest = manifestSheet(Array.from({ length: 120 }, (_, n) => ({ waybill: `SF7${String(n).padStart(12, '0')}`, number: `#${n}`, place: '广东省 深圳市', grams: 1_250 })), { id: 'M0123456789AB', carrier: '顺丰速运', warehouse: 'SZ1', span: '2026-11-29T00:00:00.000Z – 2026-11-29T10:00:00.000Z' });
const rowsOf = ({ tables }: Sheet): readonly (readonly string[])[] => tables.flatMap(({ rows }) => rows);
const texts = (page: Page): readonly string[] => page.template.elements.flatMap((element) => (element.kind === 'fixed' ? [element.text] : []));

describe.each<[string, Sheet]>([['packing slip', slip], ['pick list', list], ['manifest', manifest]])('a %s', (_, sheet) => {
  const pages = pagesOf(sheet);

  it('CAR-05, CAR-07: has every row once, in order, over as many pages as it takes', () => {
    const firsts = pages.flatMap((page) => texts(page)).filter((text) => rowsOf(sheet).some(([first]) => first === text));
    expect(firsts.filter((text, index) => firsts.indexOf(text) === index)).toEqual(rowsOf(sheet).map(([first]) => first));
    expect(pages.map((page) => texts(page).at(-1))).toEqual(pages.map((__, index) => `${index + 1} / ${pages.length}`));
    expect(pages.length).toBe(sheet === list ? 1 : sheet === slip ? 3 : 4);
  });

  it('CAR-05, CAR-07: nothing overlaps and nothing leaves the paper', () => {
    for (const { template } of pages) {
      const boxes = template.elements.flatMap((element) => {
        if (element.kind === 'fixed') return element.text === '' ? [] : layout(element.text, element).lines.map((one) => ({ left: element.x, right: element.x + element.width, top: one.baseline - one.size * 0.31, bottom: one.baseline + one.size * 0.05 }));
        return element.kind === 'code128' ? [{ left: element.x, right: element.x + element.width, top: element.y, bottom: element.y + element.height }] : [];
      });
      for (const [index, one] of boxes.entries()) {
        expect(one.left >= 5 && one.right <= template.width - 5 && one.top >= 5 && one.bottom <= template.height - 5).toBe(true);
        for (const other of boxes.slice(index + 1)) expect(one.right <= other.left + 0.01 || other.right <= one.left + 0.01 || one.bottom <= other.top + 0.05 || other.bottom <= one.top + 0.05).toBe(true);
      }
    }
  });
});

it('CAR-05: a pick list sums every SKU over its parcels, in the order of the codes, and names nobody', () => {
  expect(rowsOf(list)).toEqual([['A', '碗', '5', '2'], ['B', '杯', '2', '1']]);
  expect(list.foot).toEqual(['合计 Total  7']);
});

it('ING-10 CAR-05: a slip begins with what the buyer asked for, the card’s text whole over as many rows as it takes; without wishes it has no such part', () => {
  const card = `生日快乐！${'愿你平安喜乐，万事胜意。'.repeat(12)}\nWith love from everybody at home`;
  const sheet = packingSlip(packed(1, items.slice(0, 2)), { name: '李雷', place: '深圳' }, '2026-11-29', { wishes: packingWishes(['vip', 'buyer:packaging', 'buyer:carrier:sf', 'buyer:not:yto', 'buyer:call-first', 'buyer:no-price', 'buyer:ribbon']), card });
  const [wished] = sheet.tables;
  expect(wished!.columns[0]!.title).toContain('买家要求 The buyer asks');
  const rows = wished!.rows.map(([text]) => text!);
  expect(rows[0]).toBe('包装要牢 pack it with care · 不放价格单 no prices in the parcel · ribbon');
  expect(rows.slice(1).join('').replace(/\s/g, '')).toBe(`贺卡Card:${card}`.replace(/\s/g, ''));
  for (const element of pagesOf(sheet).flatMap(({ template }) => template.elements)) if (element.kind === 'fixed' && rows.includes(element.text)) expect([element.text, layout(element.text, element).cut]).toEqual([element.text, false]);
  expect(slip.tables).toHaveLength(1);
});

it('CAR-05: a card has room for its whole text, in Chinese and in English, and no prices', () => {
  for (const text of ['祝'.repeat(longestCard), 'Many happy returns of the day. '.repeat(20).slice(0, longestCard), '生日快乐！\n永远爱你的\n妈妈']) {
    const { template, fields } = giftCard({ to: '欧阳娜娜·斯琴高娃', text, from: '深圳一号仓', number: '#1001' });
    for (const element of template.elements) if (element.kind === 'text') expect([element.field, layout(fields[element.field]!, element).cut]).toEqual([element.field, false]);
    expect([template.width, template.height]).toEqual([105, 148]);
  }
});

it('CAR-05: many papers are one PDF, whose pieces come as they are ready, each page at its own size', async () => {
  const paper = pdfPaper('batch', '2026-11-29');
  const pages = [...pagesOf(list), ...pagesOf(packingSlip(packed(1, items.slice(0, 3)), { name: '李雷', place: '深圳' }, '2026-11-29'))];
  const pieces: Buffer[] = [];
  for (const { template, fields } of pages) {
    paper.add(template, fields);
    await new Promise(setImmediate);
    pieces.push(paper.take());
  }
  pieces.push(await paper.end());
  const pdf = Buffer.concat(pieces).toString('latin1');
  expect([pdf.slice(0, 5), pdf.trimEnd().slice(-5), paper.counts]).toEqual(['%PDF-', '%%EOF', { missing: 0, cut: 0 }]);
  const boxes = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map((found) => [Math.round((Number(found[1]) / 72) * 25.4), Math.round((Number(found[2]) / 72) * 25.4)]);
  expect(boxes).toEqual([[210, 297], [148, 210]]);
  expect(pieces.slice(0, -1).reduce((sum, piece) => sum + piece.length, 0)).toBeGreaterThan(500); // a page is out before the end
});
