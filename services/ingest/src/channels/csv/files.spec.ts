import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Workbook } from '@cj-tech-master/excelts';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import type { ingest } from '@flotilla/contracts';
import { cellName, csvTable, EncodingProbe, xlsxTable, type TableCells } from '@flotilla/files';
import type { Reading } from '../platform.js';
import { ordinaryColumns } from './columns.js';
import { readRows } from './delivery.js';
import { groupsOf, type Group } from './groups.js';
import { templateOf, xlsxTemplate } from './template.js';

const fixture = readFileSync(join(import.meta.dirname, 'fixtures/rows.json'));
const only = (readings: readonly Reading[]): Reading['said'] => readings[0]!.said;
const changed = (change: (rows: { columns: string[]; rows: { row: number; cells: string[] }[] }) => void): Uint8Array => {
  const rows = JSON.parse(fixture.toString()) as { columns: string[]; rows: { row: number; cells: string[] }[] };
  change(rows);
  return Buffer.from(JSON.stringify(rows));
};
async function* pieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
const all = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const csv = (bytes: Uint8Array, size = 1_000): AsyncGenerator<TableCells> => {
  const probe = new EncodingProbe();
  for (let from = 0; from < bytes.length; from += size) probe.push(bytes.subarray(from, from + size));
  return csvTable(pieces(bytes, size), probe.end());
};
const groups = (bytes: Uint8Array): Promise<readonly Group[]> => all(groupsOf(csv(bytes), undefined));
// 订单号,数量\nA1,2\n in GBK.
const gbk = Buffer.concat([Buffer.from([0xb6, 0xa9, 0xb5, 0xa5, 0xba, 0xc5, 0x2c, 0xca, 0xfd, 0xc1, 0xbf, 0x0a]), Buffer.from('A1,2\n')]);

describe('the rows of an order', () => {
  it('ING-04: are an order, with the columns’ ordinary names in Chinese or English', () => {
    const said = only(readRows({ topic: '', body: fixture }));
    expect(said).toMatchObject({
      as: 'order',
      order: {
        number: 'TB-1001', placedAt: '2026-11-30T01:00:00.000Z', modifiedAt: '2026-11-30T01:00:00.000Z', payment: 'PAYMENT_STATE_PAID', currency: 'CNY', total: 163550, subtotal: 163550,
        shipTo: { name: '王小明', phone: '13800138000', province: '浙江省', city: '杭州市', district: '西湖区', street: '文三路 90 号' },
        lines: [{ channelLineId: '#1', channelSku: 'TEA-LJ-250', quantity: 2, unitPrice: 16800 }, { channelLineId: '#2', channelSku: 'TEA-LJ-500', quantity: 1, unitPrice: 129950 }],
      },
    });
  });

  it.each([
    ['a quantity', 12, 'two', 'BAD_QUANTITY', 'M3: quantity is no quantity'],
    ['an amount', 13, '1.299,50', 'BAD_AMOUNT', 'N3: unit_price is no amount'],
  ])('ING-04: %s that cannot be read is said with its cell, and never with its value', (_what, place, text, reason, detail) => {
    const said = only(readRows({ topic: '', body: changed(({ rows }) => void (rows[1]!.cells[place] = text)) }));
    expect(said).toMatchObject({ as: 'failure', reason, detail: expect.stringContaining(detail) });
    expect(JSON.stringify(said)).not.toContain(text);
  });

  it.each([
    ['without an order number', 0, '', 'NO_ORDER_ID'],
    ['without a time', 1, '', 'BAD_INSTANT'],
    ['with a time that has no offset', 1, '2026-11-30 09:00', 'BAD_INSTANT'],
    ['with a currency that is none', 2, 'RMB!', 'BAD_CURRENCY'],
    ['with payment in words that nobody knows', 3, 'perhaps', 'BAD_FIELD'],
    ['with payment as what every object has', 3, 'constructor', 'BAD_FIELD'],
  ])('ING-04: rows %s are not understood', (_what, place, text, reason) =>
    expect(only(readRows({ topic: '', body: changed(({ rows }) => rows.forEach(({ cells }) => void (cells[place] = text))) }))).toMatchObject({ as: 'failure', reason }));

  it.each(['COD', 'cash on delivery', '货到付款'])('ORD-02: rows that are paid by %s are sent before they are paid', (text) =>
    expect(only(readRows({ topic: '', body: changed(({ rows }) => rows.forEach(({ cells }) => void (cells[3] = text))) }))).toMatchObject({ as: 'order', order: { payment: 'PAYMENT_STATE_AUTHORIZED' }, facts: { paid: null } }));

  it('ING-06: are read by the channel’s mapping where it has one', () => {
    const mapping: ingest.Mapping = { ...ordinaryColumns, utcOffset: '+08:00', currency: 'CNY', fields: [{ field: 'channel_order_id', from: ['订单号'], expression: '"CN-" + value' }, { field: 'placed_at', from: ['下单时间'], expression: '' }, { field: 'sku', from: ['商家编码'], expression: '' }, { field: 'quantity', from: ['数量'], expression: '' }] };
    const body = changed(({ rows }) => rows.forEach(({ cells }) => void (cells[1] = '2026/11/30 9:00')));
    expect(readRows({ topic: '', body, mapping })[0]).toMatchObject({ channelOrderId: 'CN-TB-1001', said: { as: 'failure', reason: 'BAD_INSTANT' } });
    expect(readRows({ topic: '', body: changed(({ rows }) => rows.forEach(({ cells }) => void (cells[1] = '2026/11/30 09:00:00'))), mapping })[0]).toMatchObject({ channelOrderId: 'CN-TB-1001', said: { as: 'order', order: { placedAt: '2026-11-30T01:00:00.000Z' } } });
    expect(templateOf(mapping)).toEqual(['订单号', '下单时间', '商家编码', '数量']);
  });

  it('ING-04: the template of a channel is also a workbook, whose cells are text, and which is read as what it is', async () => {
    const mapping: ingest.Mapping = { ...ordinaryColumns, fields: [{ field: 'channel_order_id', from: ['订单号'], expression: '' }, { field: 'sku', from: ['商家编码'], expression: '' }] };
    const book = new Workbook();
    await book.xlsx.load((await xlsxTemplate(mapping)) as never);
    const sheet = book.getWorksheet('orders')!;
    expect(sheet.getColumn(1).numFmt).toBe('@');
    sheet.addRow(['00123456789012345678', '0042']);
    const filled = Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array);
    expect(await all(xlsxTable(async function* () { yield filled; }))).toEqual([{ row: 1, cells: ['订单号', '商家编码'] }, { row: 2, cells: ['00123456789012345678', '0042'] }]);
  });
});

describe('a file', () => {
  it('ING-04: CSV is read in UTF-8 with or without a mark, in UTF-16 with one, and in GBK', async () => {
    const text = '订单号,数量\nA1,2\n';
    const wanted = [{ orderNumber: 'A1', firstRow: 2, lastRow: 2, rows: { columns: ['订单号', '数量'], rows: [{ row: 2, cells: ['A1', '2'] }] } }];
    for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, 'utf16le'), gbk]) {
      for (const size of [1, 7, 1_000]) expect(await all(groupsOf(csv(bytes, size), undefined))).toEqual(wanted);
    }
  });

  it('ING-04: rows of one order stand together; blank rows do not count; cells may be quoted over lines', async () => {
    const found = await groups(Buffer.from('订单号;title;数量\r\nA;"one;\r\ntwo";1\r\n\r\nA;three;2\r\nB;four;3\r\n'));
    expect(found.map(({ orderNumber, firstRow, lastRow, rows }) => [orderNumber, firstRow, lastRow, rows.rows.map(({ cells }) => cells[1])])).toEqual([['A', 2, 4, ['one;\r\ntwo', 'three']], ['B', 5, 5, ['four']]]);
  });

  it.each([
    ['is empty', '', 'BAD_CSV'],
    ['has no column for the order number', 'a,b\n1,2\n', 'BAD_CSV'],
    ['has a column twice', '订单号,订单号\n1,2\n', 'BAD_CSV'],
    ['has quotes that do not close', '订单号,a\n1,"2\n', 'BAD_CSV'],
    ['has an order of more than it can keep', `订单号,a\n${`1,${'x'.repeat(40_000)}\n`.repeat(10)}`, 'TOO_LARGE'],
    ['has an order of more than a thousand rows', `订单号,a\n${'1,2\n'.repeat(1_001)}`, 'TOO_LARGE'],
    ['has a row without an end', `订单号,a\n1,"${'x'.repeat(80_000)}`, 'BAD_CSV'],
  ])('ING-04: one that %s is refused', (_what, text, reason) => expect(groups(Buffer.from(text))).rejects.toMatchObject({ reason }));

  it.each([
    ['in the middle', '订单号,a\nA1,1\n,2\nB1,3\n', 'row 3'], ['at the beginning', '订单号,a\n,1\nA1,2\n', 'row 2'], ['at the end', '订单号,a\nA1,1\n ,2\n', 'row 3'],
  ])('ING-04: one with a row without an order number %s is refused, as of cells that were merged: half an order would be sent', (_where, text, row) =>
    expect(groups(Buffer.from(text))).rejects.toMatchObject({ reason: 'NO_ORDER_ID', message: expect.stringContaining(row) }));

  const byNumber = (from: readonly string[], expression: string): ingest.Mapping => ({ ...ordinaryColumns, fields: [{ field: 'channel_order_id', from, expression }, { field: 'quantity', from: ['数量'], expression: '' }] });
  const grouped = async (text: string, mapping: ingest.Mapping): Promise<readonly (readonly [string, number, number])[]> => (await all(groupsOf(csv(Buffer.from(text)), mapping))).map(({ orderNumber, firstRow, lastRow }) => [orderNumber, firstRow, lastRow]);

  it('ING-06: rows are told apart by the number as the mapping reads it: the first column that is not empty, then the expression', async () => {
    // By the first column alone each of these rows would be an order of one line, all of one number.
    expect(await grouped('主单号,子单号,数量\n,A1-1,1\n,A1-2,2\nB1,B1-1,3\n', byNumber(['主单号', '子单号'], 'value.split("-")[0]'))).toEqual([['A1', 2, 3], ['B1', 4, 4]]);
    expect(await grouped('店,号,数量\nX,1,1\nX,1,2\nY,1,3\n', byNumber([], 'order["店"] + "/" + order["号"]'))).toEqual([['X/1', 2, 3], ['Y/1', 4, 4]]);
  });

  it('ING-06: what an expression makes of nothing is no order number; one that fails, and a table without its column, are refused', async () => {
    await expect(grouped('号,数量\n1,1\n,2\n', byNumber(['号'], '"CN-" + value'))).rejects.toMatchObject({ reason: 'NO_ORDER_ID' });
    await expect(grouped('号,数量\n1,1\n', byNumber([], 'order.nobody.number'))).rejects.toMatchObject({ reason: 'BAD_FIELD' });
    await expect(grouped('a,数量\n1,1\n', byNumber(['号'], '"CN-" + value'))).rejects.toMatchObject({ reason: 'BAD_CSV', message: expect.stringContaining('号') });
  });

  it('ING-04: an order of a thousand rows whose table lacks most of the columns is read in no time', () => {
    const columns = ['订单号', '下单时间', 'currency', '数量', ...Array.from({ length: 60 }, (_, n) => `more ${n}`)];
    const rows = Array.from({ length: 1_000 }, (_, n) => ({ row: n + 2, cells: ['A1', '2026-11-30T09:00:00Z', 'CNY', '1', ...columns.slice(4).map(String)] }));
    const began = performance.now();
    expect(only(readRows({ topic: '', body: Buffer.from(JSON.stringify({ columns, rows })) }))).toMatchObject({ as: 'order' });
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('ING-04: a hundred thousand rows go by without being held', async () => {
    let [made, most, seen] = [0, 0, 0];
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('订单号,title,数量\n');
      for (let at = 0; at < 100; at += 1) {
        made += 1_000;
        yield Buffer.from(Array.from({ length: 1_000 }, (_, n) => `O${at}-${n >> 1},tea,${n % 9}\n`).join(''));
      }
    };
    for await (const { rows } of groupsOf(csvTable(source(), 'utf-8'), undefined)) {
      seen += rows.rows.length;
      most = Math.max(most, made - seen);
    }
    expect(seen).toBe(100_000);
    expect(most).toBeLessThan(20_000);
  });

  const workbook = async (rows: readonly (readonly unknown[])[]): Promise<Buffer> => {
    const book = new Workbook();
    const sheet = book.addWorksheet('orders');
    for (const row of rows) sheet.addRow([...row] as never[]);
    return Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array);
  };
  const xlsx = (bytes: Uint8Array): Promise<readonly TableCells[]> => all(xlsxTable(() => pieces(bytes)));

  it('ING-04: XLSX is read as text: dates as the sheet shows them, formulas by their results, blank cells and rows in their place', async () => {
    const bytes = await workbook([['订单号', '下单时间', '数量', '单价', '备注'], ['A1', new Date(Date.UTC(2026, 10, 30, 9, 5)), 2, 0.1 + 0.2, '<&> 龙井'], [], ['A2', null, { formula: '1+1', result: 2 }, '1,299.50', true]]);
    expect((await xlsx(bytes)).filter(({ cells }) => cells.some((cell) => cell !== ''))).toEqual([
      { row: 1, cells: ['订单号', '下单时间', '数量', '单价', '备注'] },
      { row: 2, cells: ['A1', '2026-11-30 09:05:00', '2', '0.3', '<&> 龙井'] },
      { row: 4, cells: ['A2', '', '2', '1,299.50', 'true'] },
    ]);
  });

  it('ING-04: XLSX with a number that a spreadsheet has rounded, one that was cut off, and one that is broken are refused', async () => {
    await expect(xlsx(await workbook([['订单号'], [82_098_291_194_615 * 1_000]]))).rejects.toMatchObject({ reason: 'BAD_TEXT' });
    const bytes = await workbook(Array.from({ length: 2_000 }, (_, n) => [`A${n}`, `text ${n * 7}`]));
    await expect(xlsx(bytes.subarray(0, bytes.length >> 1))).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' });
    const broken = Buffer.from(bytes);
    broken.fill(0xff, 4_000, 4_600);
    await expect(xlsx(broken)).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' });
    await expect(xlsx(Buffer.from('PK\u0003\u0004 and no more'))).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' });
  });

  it.each([
    ['no number', 'x'], ['a fraction', '2.5'], ['a number beyond any sheet', '1e10'], ['a number of eight digits', '10485760'], ['the number of the row before', '1'], ['nothing', ''], ['less than nothing', '-3'],
  ])('ING-04: XLSX with a row whose number is %s is refused: it could be told of nowhere', async (_what, r) => {
    const parts = unzipSync(await workbook([['订单号'], ['A1'], ['A2']]));
    const sheet = 'xl/worksheets/sheet1.xml';
    const text = strFromU8(parts[sheet]!);
    expect(text).toContain('<row r="2"');
    await expect(xlsx(zipSync({ ...parts, [sheet]: strToU8(text.replace('<row r="2"', `<row r="${r}"`)) }))).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' });
  });

  it('ING-04: the sheets of an XLSX that nobody asks for are not unpacked, whatever is in them; a part that unpacks to more than it may is refused', async () => {
    const parts = unzipSync(await workbook([['订单号'], ['A1']]));
    // Not deflated at all: unpacking them would say so.
    const broken = zipSync({ 'xl/worksheets/other.xml': new Uint8Array(100_000) });
    broken.fill(0xff, 60, 100);
    const end = broken.length - 22;
    const other = broken.subarray(0, Buffer.from(broken).readUInt32LE(end + 16));
    expect(await xlsx(Buffer.concat([other, zipSync(parts)]))).toHaveLength(2);
    await expect(xlsx(zipSync({ ...parts, 'xl/styles.xml': new Uint8Array(17 * 1024 * 1024) }))).rejects.toMatchObject({ reason: 'TOO_LARGE' });
  });

  it('ING-04: others are served while a workbook is read', async () => {
    const bytes = await workbook(Array.from({ length: 20_000 }, (_, n) => [n, n * 3, n * 7]));
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);
    await all(xlsxTable(() => pieces(bytes, bytes.length)));
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });

  it('ING-04: rows of a workbook go by while it is read', async () => {
    const bytes = await workbook(Array.from({ length: 20_000 }, (_, n) => [n, n * 3, n * 7]));
    let [read, opened] = [0, 0];
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      opened += 1;
      read = 0;
      for await (const piece of pieces(bytes, 4_000)) {
        read += piece.length;
        yield piece;
      }
    };
    let first = 0;
    let rows = 0;
    for await (const _ of xlsxTable(counted)) {
      void _;
      first ||= read;
      rows += 1;
    }
    expect([rows, opened]).toEqual([20_000, 2]);
    expect(first).toBeLessThan(bytes.length / 4);
  });

  it('ING-04: cells are named as spreadsheets do', () => expect([cellName(0, 2), cellName(25, 3), cellName(26, 4), cellName(701, 5), cellName(702, 6)]).toEqual(['A2', 'Z3', 'AA4', 'ZZ5', 'AAA6']));
});
