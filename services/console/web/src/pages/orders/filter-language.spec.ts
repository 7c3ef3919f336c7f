import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { actions, holds, states, waits } from './fields.js';
import { added, caretAt, compile, conditionText, parse, replaced, secondsOf, spanText, textOf, toggledValue, without } from './filter-language.js';

const asked = (text: string): unknown => {
  const { filter, faults } = compile(text);
  expect(faults).toEqual([]);
  return filter;
};

describe('the query language of the desk', () => {
  it.each<[string, unknown]>([
    ['', {}],
    ['state:AUDITING,approved', { states: ['AUDITING', 'APPROVED'] }],
    ['waits:HOLD:RISK', { waitsFor: ['HOLD:RISK'] }],
    ['waiting>2h waiting<3d', { waitsLongerSeconds: 7_200, waitsShorterSeconds: 259_200 }],
    ['total>=500CNY', { currency: 'CNY', totalFrom: 50_000 }],
    ['total<500JPY', { currency: 'JPY', totalTo: 499 }],
    ['total>=100CNY total<=200CNY', { currency: 'CNY', totalFrom: 10_000, totalTo: 20_000 }],
    ['currency:usd total>19.99', { currency: 'USD', totalFrom: 2_000 }],
    ['-tag:vip', { noneOf: [{ tags: ['vip'] }] }],
    ['NOT tag:vip', { noneOf: [{ tags: ['vip'] }] }],
    ['sku:A AND sku:B', { skus: ['A'], noneOf: [{ noneOf: [{ skus: ['B'] }] }] }],
    ['(state:CLOSED OR tag:vip)', { anyOf: [{ states: ['CLOSED'] }, { tags: ['vip'] }] }],
    ['channel:a OR channel:b', { anyOf: [{ channels: ['a'] }, { channels: ['b'] }] }],
    ['blue mug', { anyOf: [{ number: 'blue mug' }, { waybill: 'blue mug' }, { product: 'blue mug' }] }],
    ['#1001', { anyOf: [{ number: '#1001' }, { waybill: '#1001' }, { product: '#1001' }] }],
    ['buyer:Ada@example.com', { buyerEmail: 'Ada@example.com' }],
    ['buyer:+8613800138000', { buyerPhone: '+8613800138000' }],
    ['claimed_by:ada,none', { claimedBy: ['ada', 'none'] }],
    ['product:"blue mug"', { product: 'blue mug' }],
    ['custom.live_coupon:* custom.room>=10', { custom: [{ name: 'live_coupon', values: [], from: '', to: '' }, { name: 'room', values: [], from: '10', to: '' }] }],
    ['状态:AUDITING 等待时长>2小时', { states: ['AUDITING'], waitsLongerSeconds: 7_200 }],
    ['http://x', { anyOf: [{ number: 'http://x' }, { waybill: 'http://x' }, { product: 'http://x' }] }],
  ])('OPS-01: %s', (text, filter) => expect(asked(text)).toEqual(filter));

  it('OPS-01: a day is the reader’s, from midnight to midnight', () => {
    const from = new Date(2026, 10, 30);
    expect(asked('placed:2026-11-30')).toEqual({ placedFrom: from.toISOString(), placedBefore: new Date(2026, 11, 1).toISOString() });
    expect(asked('placed>2026-11-30')).toEqual({ placedFrom: new Date(2026, 11, 1).toISOString() });
    expect(asked('placed>=2026-11-30T09:30:00Z')).toEqual({ placedFrom: '2026-11-30T09:30:00.000Z' });
  });

  it.each<[string, string, number, number]>([
    ['colour:red', 'unknownField', 0, 6],
    ['sku:A "open', 'unclosedQuote', 6, 11],
    ['(sku:A', 'unclosedGroup', 0, 1],
    ['sku:A )', 'strayClose', 6, 7],
    ['OR sku:A', 'strayOr', 0, 2],
    ['state:', 'noValue', 0, 6],
    ['tag:x state:LOST', 'badValue', 6, 16],
    ['state>AUDITING', 'badOperator', 0, 14],
    ['waiting>soon', 'badSpan', 0, 12],
    ['placed>=yesterday', 'badInstant', 0, 17],
    ['placed:2026-02-31', 'badInstant', 0, 17],
    ['total>=lots', 'badMoney', 0, 11],
    ['total>=5', 'needsCurrency', 0, 8],
    ['buyer:bob', 'badPhone', 0, 9],
  ])('OPS-01: %s is wrong where it is wrong: %s', (text, what, from, to) => expect(compile(text).faults[0]).toMatchObject({ what, from, to }));

  it('OPS-01: the text of a saved filter asks what was saved', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text && text !== '');
    const values = fc.uniqueArray(value, { minLength: 1, maxLength: 3 });
    const part = fc.oneof(
      fc.record({ states: fc.uniqueArray(fc.constantFrom(...states), { minLength: 1, maxLength: 3 }) }),
      fc.record({ waitsFor: fc.uniqueArray(fc.constantFrom(...waits, 'HOLD', 'HOLD:RISK'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ holds: fc.uniqueArray(fc.constantFrom(...holds), { minLength: 1, maxLength: 2 }) }),
      fc.record({ actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1, maxLength: 2 }) }),
      fc.record({ channels: values }),
      fc.record({ tags: values }),
      fc.record({ skus: values }),
      fc.record({ product: value }),
      fc.record({ waybill: value }),
      fc.record({ waitsLongerSeconds: fc.integer({ min: 1, max: 900_000 }) }),
      fc.record({ currency: fc.constant('CNY'), totalFrom: fc.integer({ min: 2, max: 9_999_999 }) }),
      fc.record({ placedFrom: fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }).map((date) => date.toISOString()) }),
    );
    const filter = fc.tuple(part, fc.option(part), fc.option(part)).map(([one, either, not]) => ({ ...one, ...(either ? { anyOf: [one, either] } : {}), ...(not ? { noneOf: [not] } : {}) }));
    fc.assert(fc.property(filter, (saved) => expect(compile(textOf(saved))).toEqual({ filter: saved, faults: [] })));
  });

  it('OPS-01: free words come back as the words that they were', () => expect(textOf(compile('blue mug').filter)).toBe('"blue mug"'));

  it('OPS-01: chips edit the text: a term goes, changes, comes; a value is taken in and out', () => {
    const text = 'state:AUDITING  -tag:vip mug';
    expect(parse(text).terms.map(({ from, to }) => text.slice(from, to))).toEqual(['state:AUDITING', '-tag:vip', 'mug']);
    expect(without(text, 1)).toBe('state:AUDITING mug');
    expect(replaced(text, 0, 'state:CLOSED')).toBe('state:CLOSED  -tag:vip mug');
    expect(toggledValue(text, 'state', 'CLOSED')).toBe('state:AUDITING,CLOSED  -tag:vip mug');
    expect(toggledValue('state:CLOSED', 'state', 'CLOSED')).toBe('');
    expect(toggledValue('mug', 'tag', 'two words')).toBe('mug tag:"two words"');
    expect(added('a OR b', 'tag:x')).toBe('(a OR b) tag:x');
    expect(conditionText('tag', ':', ['a"b', 'c,d'], true)).toBe('-tag:"a\\"b","c,d"');
  });

  it('OPS-01: knows what is being typed', () => {
    expect(caretAt('sku:A sta', 9)).toEqual({ kind: 'field', field: '', typed: 'sta', from: 6 });
    expect(caretAt('-state:AUD', 10)).toEqual({ kind: 'value', field: 'state', typed: 'AUD', from: 7 });
    expect(caretAt('state:CLOSED,', 13)).toEqual({ kind: 'value', field: 'state', typed: '', from: 13 });
    expect(caretAt('(tag:a', 6)).toEqual({ kind: 'value', field: 'tag', typed: 'a', from: 5 });
  });

  it('OPS-01: spans of time are written as people write them', () => {
    expect([secondsOf('90m'), secondsOf('1h30m'), secondsOf('2天'), secondsOf('soon')]).toEqual([5_400, 5_400, 172_800, undefined]);
    expect([spanText(7_200), spanText(5_400), spanText(61)]).toEqual(['2h', '90m', '61s']);
  });

  it('OPS-01: nothing that is typed breaks it', () => fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', ':', '(', ')', '"', ' ', '-', ',', '>', '=', 'OR', ' OR ', 'sku', '\\', '中') }), (text) => void compile(text))));
});
