import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ingest } from '@flotilla/contracts';
import { compile } from '../mapping.js';
import { mapBody, readBody } from './delivery.js';
import { webhooksOf } from './signature.js';

const body = readFileSync(join(import.meta.dirname, 'fixtures/order.json'));
const mapping = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/mapping.json'), 'utf8')) as ingest.Mapping;
const change = (more: Partial<ingest.Mapping>): ingest.Mapping => ({ ...mapping, ...more });
const rule = (field: string, expression: string, from: readonly string[] = ['x']): ingest.Mapping => change({ fields: [...mapping.fields.filter((one) => one.field !== field), { field, from, expression }] });

describe('a made-up shop', () => {
  it('ING-06: is understood by its mapping: paths, other names, expressions, defaults', () => {
    expect(readBody({ topic: '', body, mapping })).toMatchObject([
      {
        channelOrderId: 'MU-7001', kind: 'announce', buyer: 'phone:+36301234567',
        said: {
          as: 'order',
          order: {
            placedAt: '2026-11-30T08:00:00.000Z', payment: 'PAYMENT_STATE_PAID', currency: 'EUR', total: 33550, shipTo: { name: 'Ana Próba', country: 'HU', city: 'Szeged', postcode: '6720', street: 'Kossuth utca 7' },
            lines: [{ channelSku: 'MU-SET', quantity: 2, unitPrice: 15025 }, { channelSku: 'MU-CUP', quantity: 1, unitPrice: 3500 }],
            custom: [{ name: 'live_coupon', value: 'LIVE-88', personal: false }, { name: 'live_room', value: '42', personal: false }],
          },
        },
      },
    ]);
  });

  it('ING-06: without a mapping its orders wait in quarantine', () => expect(readBody({ topic: '', body })[0]?.said).toMatchObject({ as: 'failure', reason: 'BAD_MAPPING' }));

  const bodyOf = (...orders: readonly unknown[]): Buffer => Buffer.from(JSON.stringify({ event: 'x', data: orders }));
  const one = (JSON.parse(body.toString()) as { data: readonly [Record<string, unknown>] }).data[0];

  it('ING-06: of a body with several orders each is kept without the others, where the mapping finds it again', () => {
    const readings = readBody({ topic: '', body: bodyOf(one, { ...one, orderNo: 'MU-7002', consignee: { tel: '+36309999999' } }, 'no order', { ...one, orderNo: '' }), mapping });
    expect(readings.map(({ channelOrderId, said }) => [channelOrderId, said.as === 'failure' ? said.reason : said.as])).toEqual([['MU-7001', 'order'], ['MU-7002', 'order'], ['', 'CONTRACT_VIOLATED'], ['', 'NO_ORDER_ID']]);
    const kept = readings.map((reading) => Buffer.from(reading.body!).toString());
    expect(kept.map((text) => [text.includes('+36301234567'), text.includes('+36309999999')])).toEqual([[true, false], [false, true], [false, false], [true, false]]);
    readings.forEach(({ body: own, ...reading }) => expect(readBody({ topic: '', body: own!, mapping })).toEqual([reading.said.as === 'failure' ? { ...reading, said: { ...reading.said, detail: expect.any(String) } } : reading]));
  });

  it('ING-06: a body with more lines than one may have is refused whole', () => {
    const many = { ...one, goods: Array.from({ length: 1_000 }, () => ({ n: 1 })) };
    expect(readBody({ topic: '', body: bodyOf(many, many, many, many, many, many), mapping })).toMatchObject([{ channelOrderId: '', said: { as: 'failure', reason: 'TOO_LARGE' } }]);
  });

  it('ORD-02: a mapping may tell what was paid of an order that is paid; an empty field tells nothing', () => {
    const paidBy = (pay: object): unknown => {
      const { said } = readBody({ topic: '', body: bodyOf({ ...one, pay: { ...(one['pay'] as object), ...pay } }), mapping: rule('amount_paid', '', ['pay.received']) })[0]!;
      return said.as === 'order' ? [said.order.amountPaid, said.facts.paid?.amount, said.facts.paid?.told] : said;
    };
    expect(paidBy({ received: '300.00' })).toEqual([30_000, 30_000, true]);
    expect(paidBy({ received: '' })).toEqual([undefined, 33_550, undefined]);
    expect(paidBy({})).toEqual([undefined, 33_550, undefined]);
    expect(paidBy({ received: '0' })).toEqual([0, 0, true]);
    expect(paidBy({ received: '300.00', status: 'WAIT' })).toEqual([undefined, undefined, undefined]);
    expect(paidBy({ received: 'dear' })).toMatchObject({ as: 'failure', reason: 'BAD_AMOUNT' });
  });

  it('ING-06: an expression that would make a text of gigabytes fails', () => {
    const long = bodyOf({ ...one, remark: 'a'.repeat(16_000) });
    const began = performance.now();
    const said = readBody({ topic: '', body: long, mapping: rule('remark', 'value.replace("a", value).replace("a", value)', ['remark']) })[0]!.said;
    expect(said).toMatchObject({ as: 'failure', reason: 'TOO_LARGE' });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('ING-06: an expression that goes through a long list for each of many lines is refused before it runs', () => {
    const goods = Array.from({ length: 1_000 }, () => (one['goods'] as readonly unknown[])[0]);
    const large = bodyOf({ ...one, goods, extra: Array.from({ length: 300_000 }, () => 1) });
    const counting = change({ fields: [...mapping.fields.filter(({ field }) => field !== 'title'), { field: 'title', from: [], expression: 'string(order.extra.filter(x, true).size())' }] });
    const taking = (by: ingest.Mapping): number => {
      const began = performance.now();
      expect(readBody({ topic: '', body: large, mapping: by })).toHaveLength(1);
      return performance.now() - began;
    };
    const without = taking(mapping);
    expect(readBody({ topic: '', body: large, mapping: counting })[0]!.said).toMatchObject({ as: 'failure', reason: 'TOO_LARGE' });
    // Run, it would take minutes.
    expect(taking(counting)).toBeLessThan(3 * without + 1_000);
    // Of an order as orders are it takes no time, and is done.
    expect(readBody({ topic: '', body: bodyOf({ ...one, extra: [1, 2, 0] }), mapping: counting })[0]!.said).toMatchObject({ as: 'order', order: { lines: [{ title: '3' }, { title: '3' }] } });
  });

  it('ING-06: a preview says of each field where it was found, and what is wrong with it', () => {
    const [mapped] = mapBody(Buffer.from(body.toString().replace('"150.25"', '"dear"').replace('"room": 42', '"room": "kitchen"')), mapping);
    expect(mapped!.found.order['name']).toEqual({ text: 'Ana Próba', where: 'consignee.收货人' });
    expect(mapped!.problems.map(({ field, reason, detail }) => [field, reason, detail])).toEqual([
      ['custom.live_room', 'BAD_FIELD', 'live.room: live_room is no number'],
      ['lines[0].unit_price', 'BAD_AMOUNT', 'goods[0].each: unit_price is no amount from 0 in the order’s currency'],
    ]);
  });

  it.each([
    ['TEXT', ['a', 'b'], '"c"', 'none of the declared'], ['NUMBER', [], '"1e5"', 'no number'], ['BOOL', [], '"maybe"', 'neither true nor false'], ['INSTANT', [], '"yesterday"', 'no time'], ['TEXT', [], '""', 'required and missing'],
  ])('ING-07: a custom field of %s %j that is %s is refused', (type, values, expression, why) => {
    const [reading] = readBody({ topic: '', body, mapping: change({ custom: [{ name: 'field', type, from: [], expression, required: true, values, personal: false }] }) });
    expect(reading?.said).toMatchObject({ as: 'failure', reason: 'BAD_FIELD', detail: expect.stringContaining(why) });
  });

  it('ING-07: custom values come in one form', () => {
    const of = (type: string, expression: string): string => {
      const said = readBody({ topic: '', body, mapping: change({ custom: [{ name: 'field', type, from: [], expression, required: true, values: [], personal: true }] }) })[0]!.said;
      return said.as === 'order' ? said.order.custom![0]!.value : said.as;
    };
    expect([of('NUMBER', '"007.50"'), of('NUMBER', '0.1 + 0.2'), of('BOOL', '1 < 2'), of('BOOL', '"否"'), of('INSTANT', '"2026-11-30 09:00:00"')]).toEqual(['7.5', '0.3', 'true', 'false', '2026-11-30T08:00:00.000Z']);
  });

  it.each([
    ['a name that is not there', rule('name', 'valu + "x"'), 'expression'],
    ['a regular expression', rule('name', 'value.matches("(a+)+$")'), 'regular expression'],
    ['a loop in a loop', rule('name', 'order.a.map(x, order.a.map(y, x + y)).size() > 1 ? "" : ""'), 'more than once'],
    ['half an expression', rule('name', 'value +'), 'expression'],
    ['more than a thousand characters', rule('name', `"${'x'.repeat(1_000)}"`), 'longer than 1000'],
    ['a field that there is not', rule('colour', ''), 'is none of'],
    ['a field that every object has', rule('constructor', ''), 'is none of'],
    ['a field twice', change({ fields: [...mapping.fields, mapping.fields[0]!] }), 'twice'],
    ['no order id', change({ fields: mapping.fields.slice(1) }), 'channel_order_id'],
    ['nowhere to look', rule('name', '', []), 'is empty'],
    ['an offset that there is not', change({ utcOffset: '+25:00' }), 'utc_offset'],
    ['a signature that does not cover the body', change({ webhook: { ...mapping.webhook, signed: '{timestamp}' } }), '{body}'],
    ['a timestamp that is not signed', change({ webhook: { ...mapping.webhook, signed: '' } }), 'go together'],
  ])('ING-06: a mapping with %s is refused', (_what, wrong, why) => expect(() => compile(wrong)).toThrow(why));

  it('ING-06: an expression that fails on an order puts it into quarantine, and quotes nothing', () => {
    const said = readBody({ topic: '', body, mapping: rule('name', 'order.nobody.name', []) })[0]!.said;
    expect(said).toEqual({ as: 'failure', reason: 'BAD_FIELD', detail: 'name: name its expression fails on this order' });
  });
});

describe('a generic signature', () => {
  const secret = Buffer.from('made-up');
  const now = String(Date.now());
  const signed = (text: string | Buffer, digest = 'sha256', encoding: 'hex' | 'base64' = 'hex'): string => createHmac(digest, secret).update(text).digest(encoding);
  const verify = (signing: Partial<ingest.WebhookSigning>, headers: Record<string, string>, key: Uint8Array = secret): boolean => webhooksOf(change({ webhook: { signatureHeader: 'X-Sign', digest: '', encoding: '', prefix: '', signed: '', timestampHeader: '', deliveryIdHeader: '', ...signing } }))!.verify(key, headers, body);

  it('ING-01: stands where the mapping says, made as it says', () => {
    expect(verify({}, { 'x-sign': signed(body) })).toBe(true);
    expect(verify({ digest: 'HMAC_SHA1', encoding: 'BASE64', prefix: 'sha1=' }, { 'x-sign': `sha1=${signed(body, 'sha1', 'base64')}` })).toBe(true);
    expect(verify({ digest: 'HMAC_SHA512', signed: '{timestamp}.{body}', timestampHeader: 'X-Time' }, { 'x-sign': signed(`${now}.${body.toString()}`, 'sha512'), 'x-time': now })).toBe(true);
  });

  it('ING-01: is wrong if it is missing, of another secret, of another body, older than five minutes, or if there is no secret', () => {
    expect(verify({}, {})).toBe(false);
    expect(verify({}, { 'x-sign': createHmac('sha256', 'other').update(body).digest('hex') })).toBe(false);
    expect(verify({}, { 'x-sign': signed('other') })).toBe(false);
    expect(verify({ prefix: 'v1=' }, { 'x-sign': signed(body) })).toBe(false);
    const old = String(Date.now() - 301_000);
    expect(verify({ signed: '{timestamp}.{body}', timestampHeader: 'X-Time' }, { 'x-sign': signed(`${old}.${body.toString()}`), 'x-time': old })).toBe(false);
    expect(verify({}, { 'x-sign': createHmac('sha256', '').update(body).digest('hex') }, new Uint8Array())).toBe(false);
  });
});
