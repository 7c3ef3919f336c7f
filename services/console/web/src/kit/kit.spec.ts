import { describe, expect, it } from '@jest/globals';
import { formatAge, formatGrams, formatMoney, formatSpan, formatWhen, isSealed } from './format.js';
import { createGrace } from './grace.js';
import { keyOf } from './hotkeys.js';
import { say } from './locale.js';
import { isChosen, nothing, ranged, toggled, toggledAll, withoutGone, type Chosen } from './selection.js';

describe('how things are written', () => {
  it('OPS-01: money in its own decimals, in both languages', () => {
    expect([formatMoney({ amount: 1999, currency: 'USD' }, 'en'), formatMoney({ amount: 1999, currency: 'JPY' }, 'en'), formatMoney({ amount: 123_456, currency: 'CNY' }, 'zh-CN'), formatMoney({ amount: 1, currency: '' }, 'en')]).toEqual(['$19.99', '¥1,999', '¥1,234.56', '']);
    expect(formatMoney({ amount: 5, currency: '??' }, 'en')).toBe('5 ??');
  });
  it('OPS-01: spans by their two largest units', () => {
    expect([formatSpan(20, 'en'), formatSpan(720, 'en'), formatSpan(11_520, 'en'), formatSpan(90_000, 'en'), formatSpan(11_520, 'zh-CN')]).toEqual(['<1m', '12m', '3h 12m', '1d 1h', '3小时12分钟']);
    expect([formatAge('', 'en'), formatAge('2026-11-30T10:00:00Z', 'en', Date.parse('2026-11-30T12:05:00Z'))]).toEqual(['', '2h 5m']);
  });
  it('OPS-01: times, with the year only where it is another', () => {
    const now = new Date(2026, 10, 30, 18, 5);
    expect([formatWhen(now.toISOString(), 'en', now), formatWhen(new Date(2025, 0, 2).toISOString(), 'en', now), formatWhen('', 'en')]).toEqual(['Nov 30, 18:05', 'Jan 2, 2025', '']);
  });
  it('OPS-01: weights as people say them', () => expect([formatGrams(300, 'en'), formatGrams(1250, 'en')]).toEqual(['300 g', '1.25 kg']));
  it('OPS-01: plurals and values', () => {
    const text = { one: '{n} order', other: '{n} orders' };
    expect([say(text, 'en', { n: 1 }), say(text, 'en', { n: 12_000 }), say({ other: '{n} 个订单' }, 'zh-CN', { n: 1 }), say('{name} and {missing}', 'en', { name: 'Ada' })]).toEqual(['1 order', '12,000 orders', '1 个订单', 'Ada and {missing}']);
  });
  it('OPS-07: knows what is sealed', () => expect([isSealed('sealed.v1.s.name.x'), isSealed('Ada'), isSealed(undefined)]).toEqual([true, false, false]));
});

describe('keys', () => {
  const press = (more: Partial<KeyboardEvent>): string => keyOf({ key: '', code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
  it('OPS-01: are named as they are written down, also with an input method that is on', () => {
    expect([press({ key: 'j' }), press({ key: 'J', shiftKey: true }), press({ key: '?', shiftKey: true }), press({ key: 'k', metaKey: true }), press({ key: 'Enter', shiftKey: true }), press({ key: 'Process', code: 'KeyJ' })]).toEqual(['j', 'shift+j', '?', 'mod+k', 'shift+Enter', 'j']);
  });
});

const keysOf = (chosen: Chosen): readonly string[] => (chosen.kind === 'all' ? ['all'] : [...chosen.keys]);

describe('a selection', () => {
  const shown = ['a', 'b', 'c', 'd'];
  it('OPS-01: one more, one less, a range, all, none', () => {
    const one = toggled(nothing, 'b', shown);
    expect([isChosen(one, 'b'), isChosen(toggled(one, 'b', shown), 'b')]).toEqual([true, false]);
    expect(keysOf(ranged(one, 'b', 'd', shown))).toEqual(['b', 'c', 'd']);
    expect(toggledAll(toggledAll(one, shown), shown)).toEqual(nothing);
  });
  it('OPS-01: one out of everything leaves those that are shown', () => expect(keysOf(toggled({ kind: 'all' }, 'b', shown))).toEqual(['a', 'c', 'd']));
  it('OPS-01: what is gone is not chosen any more', () => {
    const two = ranged(nothing, 'a', 'b', shown);
    expect(keysOf(withoutGone(two, new Set(['a'])))).toEqual(['b']);
    expect(withoutGone(two, new Set(['z']))).toBe(two);
  });
});

describe('the grace of a command', () => {
  const world = () => {
    let now = 0;
    const timers: { at: number; act: () => void; off: boolean }[] = [];
    const left: string[] = [];
    const grace = createGrace({ now: () => now, after: (ms, act) => { const timer = { at: now + ms, act, off: false }; timers.push(timer); return () => void (timer.off = true); } }, 10_000);
    const pass = (ms: number): void => {
      now += ms;
      for (const timer of timers) if (!timer.off && timer.at <= now) { timer.off = true; timer.act(); }
    };
    return { grace, left, pass, begin: (what: string) => grace.begin(what, [what], () => left.push(what)) };
  };
  it('OPS-01: it leaves after ten seconds, once', () => {
    const { begin, left, pass, grace } = world();
    begin('a');
    pass(9_999);
    expect([left, grace.pending().length]).toEqual([[], 1]);
    pass(1);
    pass(10_000);
    expect([left, grace.pending().length]).toEqual([['a'], 0]);
  });
  it('OPS-01: undone it never leaves; undone too late it has left', () => {
    const { begin, left, pass, grace } = world();
    const one = begin('a');
    expect(grace.undo(one.id)?.what).toBe('a');
    pass(20_000);
    expect([left, grace.undo(one.id)]).toEqual([[], undefined]);
  });
  it('OPS-01: it leaves at once when it is told to, and not again; a key undoes the newest', () => {
    const { begin, left, pass, grace } = world();
    const one = begin('a');
    begin('b');
    grace.leave(one.id);
    expect(grace.undo(grace.newest()!.id)?.what).toBe('b');
    pass(20_000);
    expect(left).toEqual(['a']);
  });
});
