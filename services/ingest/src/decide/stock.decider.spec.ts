import { describe, expect, it } from '@jest/globals';
import type { ingest } from '@flotilla/contracts';
import { specify } from '@flotilla/testing';
import fc from 'fast-check';
import { channelStock } from './channel-stock.decider.js';
import { listing } from './listing.decider.js';
import type { ListingEvent } from './listing.events.js';
import { levelOf, shownOf, stockKeyOf } from './stock-level.js';
import { stockRules } from './stock-rules.decider.js';
import { supply } from './supply.decider.js';

const at = '2026-11-29T00:00:00.000Z';
const rules = (change: Partial<ingest.StockRules> = {}): ingest.StockRules => ({ warehouses: [], buffer: 0, sharePercent: 0, cap: 0, leftOut: [], skus: [], location: '', paused: false, reportOnly: false, ...change });

describe('what may be sold', () => {
  const { given } = specify(supply);
  const changed = (available: number, warehouse = 'WH1') => ({ type: 'SupplyChanged', data: { sku: 'A', warehouse, available, at } }) as const;
  it('ING-12: is noted per warehouse when it changes, and a SKU without any is known', () => {
    given().when({ type: 'NoteSupply', data: changed(0).data }).then(changed(0));
    given(changed(3)).when({ type: 'NoteSupply', data: changed(3).data }).thenNothing();
    given(changed(3)).when({ type: 'NoteSupply', data: changed(3, 'WH2').data }).then(changed(3, 'WH2'));
  });
  it('ALC-07, ING-12: is nothing while the SKU is frozen', () => {
    const frozen = (is: boolean) => ({ type: 'SupplyFrozen', data: { sku: 'A', frozen: is, at } }) as const;
    given().when({ type: 'NoteFreeze', data: frozen(true).data }).then(frozen(true));
    given(frozen(true)).when({ type: 'NoteFreeze', data: frozen(true).data }).thenNothing();
    given(frozen(true)).when({ type: 'NoteFreeze', data: frozen(false).data }).then(frozen(false));
  });
});

describe('what a channel shows', () => {
  const shown = (change: Partial<ingest.StockRules>, available = 10, frozen = false) => shownOf(rules(change), { sku: 'A', available, frozen });
  it('ING-12: is what is available, less a buffer, of that a share, and no more than a cap', () => {
    expect(shown({})).toEqual({ level: 10, why: '10 available' });
    expect(shown({ buffer: 3 })).toEqual({ level: 7, why: '10 available, 3 kept back' });
    expect(shown({ buffer: 3, sharePercent: 50 })).toEqual({ level: 3, why: '10 available, 3 kept back, 50 % of 7' });
    expect(shown({ buffer: 3, sharePercent: 50, cap: 2 })).toEqual({ level: 2, why: '10 available, 3 kept back, 50 % of 7, at most 2' });
    expect(shown({ buffer: 11 }).level).toBe(0);
  });
  it('ING-12: follows the rule for its SKU where there is one, and is left alone where it is to be', () => {
    expect(shown({ buffer: 9, skus: [{ sku: 'A', buffer: 1, sharePercent: 0, cap: 0 }] })).toEqual({ level: 9, why: '10 available, 1 kept back, by the rule for this SKU' });
    expect(shown({ leftOut: ['A'] })).toEqual({ level: undefined, why: 'left out' });
    expect(shown({ paused: true })).toEqual({ level: undefined, why: 'paused' });
  });
  it('ALC-07: is 0 of a frozen SKU', () => expect(shown({}, 10, true)).toEqual({ level: 0, why: 'frozen' }));
  it('ING-12: is never below 0 nor above what is available', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(100), fc.nat(1_000), (available, buffer, sharePercent, cap) => {
        const { level } = shown({ buffer, sharePercent, cap }, available);
        return level !== undefined && level >= 0 && level <= Math.max(0, available - buffer) && (cap === 0 || level <= cap);
      }),
    );
  });
});

describe('what a channel shows of a bundle', () => {
  const part = (name: string, quantity: number, available: number, isFrozen = false) => ({ sku: name, quantity, available, frozen: isFrozen });
  it('ING-08: is what its scarcest part is enough for, each by the rules for its own SKU', () => {
    expect(levelOf(rules(), [part('CUP', 2, 9), part('TEA', 3, 20)])).toEqual({ level: 4, why: '2 of CUP each: 9 available' });
    expect(levelOf(rules({ skus: [{ sku: 'TEA', buffer: 12, sharePercent: 0, cap: 0 }] }), [part('CUP', 2, 9), part('TEA', 3, 20)]).level).toBe(2);
    expect(levelOf(rules(), [part('CUP', 2, 9), part('TEA', 1, 20, true)])).toEqual({ level: 0, why: '1 of TEA each: frozen' });
    expect(levelOf(rules({ leftOut: ['TEA'] }), [part('CUP', 2, 9), part('TEA', 1, 20)])).toEqual({ level: undefined, why: 'TEA is left out' });
    expect(levelOf(rules({ cap: 5 }), [part('CUP', 1, 9)])).toEqual(shownOf(rules({ cap: 5 }), { sku: 'CUP', available: 9, frozen: false }));
  });
  it('ING-08: is kept under what it is made of, whatever the order, which is no SKU', () => {
    expect([stockKeyOf([{ sku: 'B', quantity: 1 }, { sku: 'A', quantity: 2 }]), stockKeyOf([{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1 }]), stockKeyOf([{ sku: 'A', quantity: 1 }])]).toEqual(['1 x B + 2 x A', '1 x B + 2 x A', 'A']);
    const long = (last: string) => stockKeyOf([...Array.from({ length: 49 }, (_, n) => ({ sku: `${'S'.repeat(90)}${n}`, quantity: 1 })), { sku: last, quantity: 1 }]);
    expect([long('A').length < 200, long('A') === long('B')]).toEqual([true, false]);
  });
});

describe('rules for the stock of a channel', () => {
  const { given } = specify(stockRules);
  const put = (version: number, change: Partial<ingest.StockRules>) => ({ type: 'StockRulesPut', data: { channel: 'shop', version, rules: rules(change), at, by: 'op' } }) as const;
  const ask = (change: Partial<ingest.StockRules>) => ({ type: 'PutRules', data: { channel: 'shop', rules: rules(change), at, by: 'op' } }) as const;
  it('ING-12: are versions; the same again change nothing', () => {
    given().when(ask({ buffer: 1 })).then(put(1, { buffer: 1 }));
    given(put(1, { buffer: 1 })).when(ask({ buffer: 1 })).thenNothing();
    given(put(1, { buffer: 1 })).when(ask({ buffer: 2 })).then(put(2, { buffer: 2 }));
  });
  it.each([
    { buffer: -1 }, { buffer: 0.5 }, { sharePercent: 101 }, { cap: 1e9 }, { leftOut: ['A', 'A'] }, { leftOut: ['no sku'] }, { warehouses: ['a.b'] }, { location: 'x y' }, { leftOut: Array.from({ length: 5_001 }, (_, n) => `S${n}`) },
    { skus: [{ sku: 'A', buffer: 0, sharePercent: 200, cap: 0 }] },
  ] satisfies Partial<ingest.StockRules>[])('ING-12: %j are refused', (change) => given().when(ask(change)).thenRefused('BAD_REQUEST'));
});

describe('what a channel lists', () => {
  const { given } = specify(listing);
  const item = (name: string) => ({ item: name, sku: name, title: '', barcode: '', product: '', variant: '', tracked: true, shown: 1 });
  const begun: ListingEvent = { type: 'PullBegun', data: { channel: 'shop', pull: 1, at } };
  const page = (from: string, next: string, name: string) => ({ channel: 'shop', pull: 1, from, next, location: 'L', items: [item(name)], differences: [], at });
  const listed = (from: string, next: string, name: string): ListingEvent => {
    const { from: _, ...data } = page(from, next, name);
    return { type: 'PageListed', data };
  };
  it('ING-12: is fetched in one pull at a time', () => {
    given().when({ type: 'BeginPull', data: { channel: 'shop', at } }).then(begun);
    given(begun).when({ type: 'BeginPull', data: { channel: 'shop', at } }).thenNothing();
  });
  it('ING-12: is fetched anew where a pull has come no further for an hour, and what that one still finds is not noted', () => {
    const later = (minutes: number): string => new Date(Date.parse(at) + minutes * 60_000).toISOString();
    const again: ListingEvent = { type: 'PullBegun', data: { channel: 'shop', pull: 2, at: later(60) } };
    const moved: ListingEvent = { type: 'PageListed', data: { channel: 'shop', pull: 1, next: 'c1', location: 'L', items: [item('A')], differences: [], at: later(30) } };
    given(begun).when({ type: 'BeginPull', data: { channel: 'shop', at: later(59) } }).thenNothing();
    given(begun).when({ type: 'BeginPull', data: { channel: 'shop', at: later(60) } }).then(again);
    given(begun, moved).when({ type: 'BeginPull', data: { channel: 'shop', at: later(60) } }).thenNothing();
    given(begun, moved, again).when({ type: 'NotePage', data: page('c1', '', 'B') }).thenNothing();
    given(begun, moved, again).when({ type: 'NotePage', data: { ...page('', '', 'A'), pull: 2 } }).then({ type: 'PageListed', data: { channel: 'shop', pull: 2, next: '', location: 'L', items: [item('A')], differences: [], at } }, { type: 'PullEnded', data: { channel: 'shop', pull: 2, items: 1, differences: 0, at } });
  });
  it('ING-12: is noted page by page, each once, until the last', () => {
    given(begun).when({ type: 'NotePage', data: page('', 'c1', 'A') }).then(listed('', 'c1', 'A'));
    given(begun, listed('', 'c1', 'A')).when({ type: 'NotePage', data: page('', 'c1', 'A') }).thenNothing();
    given(begun, listed('', 'c1', 'A')).when({ type: 'NotePage', data: page('c1', '', 'B') }).then(listed('c1', '', 'B'), { type: 'PullEnded', data: { channel: 'shop', pull: 1, items: 2, differences: 0, at } });
    given(begun).when({ type: 'NotePage', data: { ...page('', 'c1', 'A'), pull: 2 } }).thenNothing();
  });
});

describe('what a channel was told', () => {
  it('ING-12: is a fact with how long after the change it was accepted', () => {
    const told = { channel: 'shop', sku: 'A', level: 1, items: ['1'], available: 1, frozen: false, rulesVersion: 1, since: at, asOf: at, acceptedAt: '2026-11-29T00:00:01.500Z' };
    specify(channelStock).given().when({ type: 'NoteTold', data: told }).then({ type: 'ChannelStockTold', data: { ...told, delayMs: 1_500 } });
  });
});
