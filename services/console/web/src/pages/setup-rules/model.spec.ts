import { describe, expect, it } from '@jest/globals';
import type { allocation } from '@flotilla/contracts';
import { moved, newRule, orderOf, triedOf, withOrder, withRule } from './model.js';

const set = (criteria: readonly string[] = [], rules: readonly allocation.RoutingRule[] = []): allocation.RuleSet => ({ criteria, rules }) as unknown as allocation.RuleSet;

describe('ALC-14: a draft of rules', () => {
  it('stock comes first, whatever is chosen behind it', () => {
    expect(orderOf(set())).toEqual(['ARRIVAL', 'FREIGHT']);
    expect(orderOf(set(['STOCK', 'FREIGHT', 'LOAD']))).toEqual(['FREIGHT', 'LOAD']);
    expect(withOrder(set(), ['LOAD']).criteria).toEqual(['STOCK', 'LOAD']);
  });
  it('what is moved stays within the list', () => {
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
  });
  it('rules are changed and taken out by their place', () => {
    const two = set([], [newRule('a'), newRule('b')]);
    expect(withRule(two, 1, { name: 'c' }).rules.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(withRule(two, 0, undefined).rules.map(({ name }) => name)).toEqual(['b']);
  });
  it('a replay is its last word, and what would have gone another way', () => {
    const figures = { orders: 3 } as allocation.WhatIfFigures;
    const part = (kind: string, more: Partial<allocation.WhatIfResponse> = {}): allocation.WhatIfResponse => ({ kind, done: 1, total: 1, changed: { foId: '', happened: [], draft: [], reason: '' }, happened: figures, draft: figures, rulesVersion: 0, lanesVersion: 1, matched: [], ...more });
    const changed = { foId: 'F', happened: ['A'], draft: ['B'], reason: 'FREIGHT' };
    expect(triedOf([part('PROGRESS')])).toBeUndefined();
    const tried = triedOf([part('PROGRESS'), part('CHANGED', { changed }), part('RESULT', { matched: [{ rule: 'heavy', orders: 2 }] })]);
    expect(tried).toMatchObject({ changed: [changed], draft: { orders: 3 } });
    expect(tried?.matched.get('heavy')).toBe(2);
  });
});
