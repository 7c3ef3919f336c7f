import { describe, expect, it } from '@jest/globals';
import { assign, express, fits, lacking, noMapping, readSample, readTable, shaped, suggest, tried, unassign } from './model.js';

const body = JSON.stringify({
  order_no: 'A-1', created_at: '2026-11-30T10:00:00+08:00', currency: 'CNY', total: '59.00', billing: { name: '张三', city: '上海' },
  receiver: { name: '李雷', mobile: '13800138000', province: '广东', city: '深圳', address: '人民路1号' },
  goods: [{ outer_sku: 'MUG-1', name: '马克杯', num: 2, price: '29.50' }], coupons: ['NEW', 'LIVE'],
});
const fromOf = (mapping: ReturnType<typeof suggest>): Record<string, readonly string[]> => Object.fromEntries(mapping.fields.map(({ field, from }) => [field, from]));

describe('ING-07: a sample is taken apart', () => {
  it('a body with one order: its places, and those of its lines', () => {
    const sample = readSample(body)!;
    expect(sample).toMatchObject({ kind: 'json', orders: '', lines: 'goods' });
    expect(sample.leaves).toContainEqual({ path: 'receiver.mobile', example: '13800138000', line: false });
    expect(sample.leaves).toContainEqual({ path: 'outer_sku', example: 'MUG-1', line: true });
    expect(sample.leaves).toContainEqual({ path: 'coupons', example: 'NEW,LIVE', line: false });
  });
  it('a body with a list of orders, deep inside or at its top', () => {
    expect(readSample(JSON.stringify({ code: 0, data: { orders: [JSON.parse(body)] } }))).toMatchObject({ orders: 'data.orders', lines: 'goods' });
    expect(readSample(`[${body}]`)).toMatchObject({ orders: '', lines: 'goods' });
  });
  it('what is known of its shape is not guessed', () => expect(readSample(body, { lines: '' })?.leaves.some(({ line }) => line)).toBe(false));
  it('a file: its columns', () => {
    const csv = '\ufeff订单号;商家编码;数量\n"A;1";MUG-1;2\n';
    expect(readSample(csv)).toEqual({ kind: 'table', orders: '', lines: '', lists: [], leaves: [{ path: '订单号', example: 'A;1', line: false }, { path: '商家编码', example: 'MUG-1', line: false }, { path: '数量', example: '2', line: false }] });
    expect(readSample(JSON.stringify({ columns: ['订单号'], rows: [{ row: 2, cells: ['A1'] }] }))?.leaves).toEqual([{ path: '订单号', example: 'A1', line: false }]);
  });
  it('what is neither is nothing', () => {
    for (const text of ['', 'hello', '12', '[]', 'null']) expect(readSample(text)).toBeUndefined();
  });
  it('a table’s quotes hold anything', () => expect(readTable('a,b\r\n"x, ""y""\nz",2\n\n')).toEqual([['a', 'b'], ['x, "y"\nz', '2']]));
});

describe('ING-07: places are given to fields', () => {
  it('by their names, addresses from addresses, each place once', () => {
    const mapping = suggest(noMapping, readSample(body)!);
    expect(fromOf(mapping)).toMatchObject({ channel_order_id: ['order_no'], placed_at: ['created_at'], currency: ['currency'], total: ['total'], name: ['receiver.name'], phone: ['receiver.mobile'], city: ['receiver.city'], street: ['receiver.address'], sku: ['outer_sku'], title: ['name'], quantity: ['num'], unit_price: ['price'] });
    expect(mapping).toMatchObject({ orders: '', lines: 'goods' });
    expect(lacking(mapping)).toEqual([]);
  });
  it('from a Chinese file, too', () => expect(fromOf(suggest(noMapping, readSample('订单编号,下单时间,收货人,手机,收货地址,商家编码,数量,单价\n1,2,3,4,5,6,7,8')!))).toEqual({ channel_order_id: ['订单编号'], placed_at: ['下单时间'], name: ['收货人'], phone: ['手机'], street: ['收货地址'], sku: ['商家编码'], quantity: ['数量'], unit_price: ['单价'] }));
  it('what somebody has filled stays', () => expect(fromOf(suggest(assign(noMapping, 'phone', 'tel'), readSample(body)!))['phone']).toEqual(['tel']));
  it('the first of them says the shape that was guessed, and what somebody said of it stays', () => {
    const sample = readSample(body)!;
    const first = shaped(noMapping, assign(noMapping, 'channel_order_id', 'order_no'), sample);
    expect(first).toMatchObject({ orders: '', lines: 'goods' });
    expect(fromOf(suggest(first, sample))).toMatchObject({ sku: ['outer_sku'], quantity: ['num'] });
    expect(shaped(noMapping, assign({ ...noMapping, lines: 'rows' }, 'sku', 'a'), sample).lines).toBe('rows');
    expect(shaped(first, { ...first, lines: '' }, sample).lines).toBe('');
    expect(shaped(first, noMapping, sample)).toBe(noMapping);
  });
  it('one after the other, where those before are empty; and taken away', () => {
    const both = assign(assign(noMapping, 'name', 'receiver.name'), 'name', 'buyer.nick');
    expect(both.fields).toEqual([{ field: 'name', from: ['receiver.name', 'buyer.nick'], expression: '' }]);
    expect(assign(both, 'name', 'buyer.nick')).toBe(both);
    expect(unassign(unassign(both, 'name', 'receiver.name'), 'name', 'buyer.nick').fields).toEqual([]);
    expect(unassign(noMapping, 'name', 'x')).toBe(noMapping);
  });
  it('an expression alone is a rule', () => {
    const fixed = express(noMapping, 'currency', '"CNY"');
    expect(fixed.fields).toEqual([{ field: 'currency', from: [], expression: '"CNY"' }]);
    expect(express(fixed, 'currency', '').fields).toEqual([]);
  });
  it('a line’s place is for lines; a column for anything', () => {
    expect([fits({ path: 'sku', example: '', line: true }, 'sku', 'json'), fits({ path: 'sku', example: '', line: true }, 'name', 'json'), fits({ path: 'x', example: '', line: false }, 'sku', 'json'), fits({ path: 'x', example: '', line: false }, 'sku', 'table')]).toEqual([true, false, false, true]);
  });
  it('what no order can be read without is named', () => {
    expect(lacking(noMapping)).toEqual(['channel_order_id', 'placed_at', 'quantity', 'currency', 'sku']);
    expect(lacking({ ...assign(noMapping, 'title', 'name'), currency: 'CNY' })).toEqual(['channel_order_id', 'placed_at', 'quantity']);
  });
});

describe('ING-07: a preview is summed up', () => {
  it('field by field, with the orders that have it', () => {
    const field = (name: string, reason = ''): { field: string; value: string; from: string; reason: string; detail: string } => ({ field: name, value: '', from: '', reason, detail: reason && 'why' });
    const preview = [
      { channelOrderId: '1', reason: '', detail: '', fields: [field('number')] },
      { channelOrderId: '2', reason: 'BAD_QUANTITY', detail: 'why', fields: [field('lines[0].quantity', 'BAD_QUANTITY'), field('lines[1].quantity', 'BAD_QUANTITY')] },
      { channelOrderId: '3', reason: 'BAD_JSON', detail: 'not JSON', fields: [] },
    ];
    expect(tried(preview)).toEqual({ orders: 3, taken: 1, problems: [{ field: 'quantity', reason: 'BAD_QUANTITY', detail: 'why', orders: 1 }, { field: '', reason: 'BAD_JSON', detail: 'not JSON', orders: 1 }] });
  });
});
