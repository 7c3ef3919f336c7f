import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { conditionsOf, everything, filterOf, type Filter } from './order-filter.js';
import { cell } from './order-export.js';
import { orderPage, sortOf } from './order-list.js';
import { titles } from './timeline.js';

const ctx = { index: (kind: 'phone' | 'email', value: string): string => `${kind}(${value})` };
const filter = (more: Partial<Filter>): Filter => filterOf({ ...everything, ...more }, ctx);
const now = new Date('2026-11-30T12:00:00Z');
const newest = { by: 'placed_at', descending: true } as const;

describe('a filter of orders', () => {
  it('ORD-11: turns a buyer into an index at the door, in whatever form they are named', () => {
    expect(filter({ buyerEmail: ' Ada@Example.com ' })).toEqual({ ...everything, buyerIndex: 'email(ada@example.com)' });
    expect(filter({ buyerPhone: '138 0013 8000' })).toEqual({ ...everything, buyerIndex: 'phone(+8613800138000)' });
    expect(() => filter({ buyerPhone: '138****8000' })).toThrow(expect.objectContaining({ reason: 'BAD_REQUEST' }));
    expect(() => filter({ buyerPhone: '13800138000', buyerEmail: 'a@b.c' })).toThrow(expect.objectContaining({ reason: 'BAD_REQUEST' }));
  });

  it.each<[string, Partial<Filter>, string]>([
    ['a state that is none', { states: ['LOST'] }, 'BAD_REQUEST'],
    ['an action that is none', { actions: ['Explode'] }, 'BAD_REQUEST'],
    ['a wait that is none', { waitsFor: ['GODOT'] }, 'BAD_REQUEST'],
    ['a wait of less than nothing', { waitsLongerSeconds: -1 }, 'BAD_REQUEST'],
    ['a time that is none', { placedFrom: 'yesterday' }, 'BAD_INSTANT'],
    ['an amount of no currency', { totalFrom: 100 }, 'BAD_REQUEST'],
    ['a product without a word', { product: '!!!' }, 'BAD_REQUEST'],
    ['too many values', { tags: Array.from({ length: 101 }, String) }, 'BAD_REQUEST'],
    ['too long a value', { number: 'x'.repeat(201) }, 'BAD_REQUEST'],
    ['too deep', { anyOf: [{ ...everything, anyOf: [{ ...everything, anyOf: [{ ...everything, number: '1' }] }] }] }, 'BAD_REQUEST'],
    ['too many parts', { anyOf: Array.from({ length: 20 }, () => ({ ...everything, number: '1' })) }, 'BAD_REQUEST'],
    ['a custom field of no name', { custom: [{ name: '', values: ['x'], from: '', to: '' }] }, 'BAD_REQUEST'],
    ['a custom field whose name no channel could declare', { custom: [{ name: 'a"b', values: [], from: '', to: '' }] }, 'BAD_REQUEST'],
    ['a custom field from what is neither number nor time', { custom: [{ name: 'room', values: [], from: 'ten', to: '' }] }, 'BAD_INSTANT'],
    ['a custom field from a number to a time', { custom: [{ name: 'room', values: [], from: '10', to: '2026-11-21T09:00:00Z' }] }, 'BAD_REQUEST'],
    ['too many custom fields', { custom: Array.from({ length: 21 }, (_, n) => ({ name: `f${n}`, values: [], from: '', to: '' })) }, 'BAD_REQUEST'],
    ['too long a value of a custom field', { custom: [{ name: 'room', values: ['x'.repeat(201)], from: '', to: '' }] }, 'BAD_REQUEST'],
    ['a part of any_of that says nothing, which would be every order', { number: '1', anyOf: [everything] }, 'BAD_REQUEST'],
    ['a part of none_of that says nothing, however deep', { noneOf: [{ ...everything, anyOf: [everything] }] }, 'BAD_REQUEST'],
  ])('ORD-11: is refused with %s', (_what, more, reason) => expect(() => filter(more)).toThrow(expect.objectContaining({ reason })));

  it('ORD-11: no text from outside ever stands in the statement', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((one) => `'--${one.replaceAll('\0', '')}`);
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const more: Partial<Filter> = { channels: [a], tags: [b, c], skus: [c], number: a, waybill: b, holds: [c], platforms: [a, b], currency: 'USD', totalFrom: 1, noneOf: [{ ...everything, countries: [a] }], anyOf: [{ ...everything, carriers: [b] }, { ...everything, buyerIndex: c }] };
        const { text: statement, values } = orderPage(filter(more), newest, 51, now, [a, b]);
        expect(statement).toBe(orderPage(filter({ ...more, channels: ['x'], tags: ['x', 'y'], skus: ['x'], number: 'x', waybill: 'x', holds: ['x'], platforms: ['x', 'y'], noneOf: [{ ...everything, countries: ['x'] }], anyOf: [{ ...everything, carriers: ['x'] }, { ...everything, buyerIndex: 'x' }] }), newest, 51, now, ['x', 'y']).text);
        expect(statement).not.toContain("'--");
        expect(values.length).toBeGreaterThan(10);
      }),
    );
  });

  it('ORD-11: asks only what it is asked, and combines with or and not', () => {
    const said = (more: Partial<Filter>): string => conditionsOf(filter(more), () => '?', now).join(' AND ');
    expect(said({})).toBe('');
    expect(said({ states: ['AUDITING'], tags: ['vip'] })).toBe('o.state = ? AND f.facets @> ?::text[]');
    expect(said({ claimedBy: ['ada'] })).toBe("o.claimed_by <> '' AND o.claimed_by = ANY (?) AND o.claimed_until > now()");
    expect(said({ claimedBy: ['none'] })).toBe('o.claimed_until <= now()');
    expect(said({ claimedBy: ['none', 'caller:ada'] })).toBe("(o.claimed_by <> '' AND o.claimed_by = ANY (?) AND o.claimed_until > now() OR o.claimed_until <= now())");
    expect(said({ waitsLongerSeconds: 7200, waitsShorterSeconds: 9000 })).toBe("o.waits_for <> '' AND o.waits_since < ? AND o.waits_for <> '' AND o.waits_since >= ?");
    expect(said({ anyOf: [{ ...everything, states: ['AUDITING'] }, { ...everything, waitsFor: ['HOLD'] }], noneOf: [{ ...everything, skus: ['MUG-1'] }] })).toBe("((o.state = ?)) OR ((o.waits_for LIKE 'HOLD:%'))".replace(/^/, '(').concat(') AND NOT ((f.facets @> ?::text[]))'));
  });

  it('ORD-11: counts waits until the instant of the events’ clock', () => {
    expect(orderPage(filter({ waitsLongerSeconds: 7_200 }), newest, 51, now).values).toContain('2026-11-30T10:00:00.000Z');
  });

  it('ING-07: asks for custom fields by value, by range, or whether the order has them', () => {
    const said = (...custom: readonly Partial<Filter['custom'][number]>[]): readonly [string, readonly unknown[]] => {
      const values: unknown[] = [];
      return [conditionsOf(filter({ custom: custom.map((one) => ({ name: 'room', values: [], from: '', to: '', ...one })) }), (value) => `$${values.push(value)}`, now).join(' AND '), values];
    };
    expect(said({ values: ['４２'] })).toEqual(['f.facets @> $1::text[]', [['custom:room=42']]]);
    expect(said({ values: ['42', '43'] }, {})).toEqual(['f.facets && $1::text[] AND f.facets @> $2::text[]', [['custom:room=42', 'custom:room=43'], ['custom:room']]]);
    const [numbers, bounds] = said({ from: '10', to: '20.5' });
    expect(numbers).toMatch(/^EXISTS \(.+c\.name = \$1 AND CASE .+ >= \$2::numeric AND CASE .+ <= \$3::numeric\) AND f\.facets @> \$4::text\[\]$/);
    expect(bounds).toEqual(['room', '10', '20.5', ['custom:room']]);
    const [times, instants] = said({ from: '2026-11-21T09:00:00+08:00' });
    expect(times).not.toContain('numeric');
    expect(instants).toEqual(['room', '2026-11-21T01:00:00.000Z', ['custom:room']]);
    // A view that was saved before there were custom fields.
    const { custom: _, ...before } = everything;
    expect(conditionsOf({ ...everything, anyOf: [{ ...before, number: '1' } as Filter] }, () => '?', now).join()).toBe('((f.facets @> ?::text[]))'.replace('((', '(((').replace('))', ')))'));
  });

  it.each<[string, Partial<Filter>, boolean]>([
    ['held', { holds: ['RISK'] }, true],
    ['waiting for a hold', { waitsFor: ['HOLD'] }, true],
    ['waiting for the buyer’s door', { waitsFor: ['DELIVERY'] }, false],
    ['waiting for a hold or for money', { waitsFor: ['HOLD', 'SETTLEMENT'] }, false],
    ['that may be approved', { actions: ['Approve'] }, true],
    ['that may be held, which is all that is on its way', { actions: ['Approve', 'Hold'] }, false],
    ['that wait since long', { waitsSinceBefore: '2026-11-22T09:00:00.000Z' }, false],
    ['in audit', { states: ['AUDITING'] }, true],
    ['shipped', { states: ['AUDITING', 'SHIPPED'] }, false],
  ])('ORD-11: looks facets up order by order only where orders are few: %s', (_which, more, few) => expect(orderPage(filter({ ...more, tags: ['vip'] }), newest, 51, now).text.includes('LATERAL (SELECT facets')).toBe(few));

  it('ORD-11: of several states the page of each is read, once, and the first of them shown', () => {
    const { text, values } = orderPage(filter({ states: ['AUDITING', 'SHIPPED', 'AUDITING'], tags: ['vip'] }), newest, 51, now, ['2026-11-21T09:00:00.000Z', 'x']);
    expect(text).toMatch(/^SELECT o\.\* FROM unnest\(\$5::text\[\]\) AS s\(state\) CROSS JOIN LATERAL \(SELECT .+ WHERE .*o\.state = s\.state AND .+ LIMIT \$1\) o ORDER BY o\.placed_at DESC, o\.order_id DESC LIMIT \$1$/);
    expect(values).toEqual([51, ['tag:vip'], '2026-11-21T09:00:00.000Z', 'x', ['AUDITING', 'SHIPPED']]);
    expect(orderPage(filter({ states: ['AUDITING', 'SHIPPED'] }), { by: 'waits_since', descending: false }, 51, now).text).toContain('o.state = ANY');
  });

  it('ORD-11: is sorted by what has an index, by amounts in one currency only', () => {
    expect(sortOf('', everything)).toEqual(newest);
    expect(sortOf('waits_since', everything)).toEqual({ by: 'waits_since', descending: false });
    expect(sortOf('total desc', { ...everything, currency: 'CNY' })).toEqual({ by: 'total', descending: true });
    for (const bad of ['total', 'standing', 'placed_at; DROP TABLE x', 'constructor']) expect(() => sortOf(bad, everything)).toThrow(expect.objectContaining({ reason: 'BAD_REQUEST' }));
    expect(() => orderPage({ ...everything, currency: 'CNY' }, { by: 'total', descending: true }, 51, now, ['x', 'y'])).toThrow(expect.objectContaining({ reason: 'BAD_PAGE_TOKEN' }));
  });
});

describe('an export', () => {
  it('ORD-11: has no cell that a spreadsheet would run', () => {
    for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1']) expect(cell(formula).replace(/^"/, '')).toMatch(/^'/);
    expect(cell('a "b", c')).toBe('"a ""b"", c"');
    expect(cell('-12.50', true)).toBe('-12.50');
    expect(cell('围巾')).toBe('围巾');
  });
});

describe('a timeline', () => {
  it('ORD-13: names every event in Chinese and English', () => {
    for (const { zh, en } of Object.values(titles)) {
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(en).toMatch(/^[A-Z]/);
    }
  });
});
