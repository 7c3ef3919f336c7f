import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { orderPull, type OrderPull, type OrderPullCommand } from './order-pull.decider.js';
import { usualRules, type Hours, type OrderPullEvent } from './order-pull.events.js';

const { given } = specify(orderPull);
const channel = 'tb';
const start = '2026-11-21T00:00:00.000Z';
const at = (minutes: number): string => new Date(Date.parse(start) + minutes * 60_000).toISOString();
const hourOf = (minutes: number): number => Math.floor((Date.parse(start) + minutes * 60_000) / 3_600_000);
const begin = (minutes: number, more: object = {}): OrderPullCommand => ({ type: 'BeginOrderPull', data: { channel, at: at(minutes), start, longestMs: 86_400_000, asked: false, ...more } });
const page = (pull: number, minutes: number, from = '', next = '', placed: Hours = []): OrderPullCommand => ({ type: 'NoteOrderPage', data: { channel, pull, from, next, orders: 3, placed, at: at(minutes) } });
const put = (minutes: number, rules: object): OrderPullCommand => ({ type: 'PutPullRules', data: { channel, rules: { ...usualRules, ...rules }, at: at(minutes), by: 'caller:ann' } });
const after = (...commands: OrderPullCommand[]): readonly OrderPullEvent[] => commands.reduce<OrderPullEvent[]>((events, command) => [...events, ...orderPull.decide(command, fold(orderPull, events))], []);
const state = (...commands: OrderPullCommand[]): OrderPull => fold(orderPull, after(...commands));

describe('the pull of a channel’s orders', () => {
  it('ING-02: begins where orders are wanted from, less the overlap, and the next where it ended', () => {
    given().when(begin(5)).then({ type: 'OrderPullBegun', data: { channel, pull: 1, from: at(-10), to: at(5), at: at(5) } });
    given(...after(begin(5), page(1, 6))).when(begin(20)).then({ type: 'OrderPullBegun', data: { channel, pull: 2, from: at(-5), to: at(20), at: at(20) } });
    given(...after(begin(5))).when(begin(20)).thenNothing();
  });

  it('ING-02: takes each page once, whoever noted it', () => {
    given(...after(begin(5), page(1, 6, '', '2'))).when(page(1, 6, '', '2')).thenNothing();
    given(...after(begin(5), page(1, 6, '', '2'))).when(page(2, 6, '2')).thenNothing();
    expect(after(begin(5), page(1, 6, '', '2'), page(1, 7, '2')).map(({ type }) => type)).toEqual(['OrderPullBegun', 'OrderPagePulled', 'OrderPagePulled', 'OrderPullEnded']);
    expect(state(begin(5), page(1, 6, '', '2'), page(1, 7, '2'))).toMatchObject({ status: 'ended', since: at(5), orders: 6, nextAt: at(20) });
  });

  it('ING-02: that comes to nothing moves nothing, and says why', () => {
    const failed: OrderPullCommand = { type: 'FailOrderPull', data: { channel, pull: 2, why: 'TOP 27', blocked: true, at: at(21), notBefore: '' } };
    const before = after(begin(5), page(1, 6), begin(20), page(2, 20, '', '4'));
    given(...before).when(failed).then({ type: 'OrderPullFailed', data: { channel, pull: 2, why: 'TOP 27', blocked: true, at: at(21), nextAt: at(36) } });
    expect(fold(orderPull, [...before, ...orderPull.decide(failed, fold(orderPull, before)), ...after()])).toMatchObject({ status: 'failed', since: at(5), why: 'TOP 27', blocked: true });
    expect(state(begin(5), page(1, 6), begin(20), failed, begin(36))).toMatchObject({ pull: 3, from: at(-5), to: at(36), next: '' });
  });

  it('ING-02: that comes to no further page for an hour may be begun anew; nobody can note anything of the old one', () => {
    const stuck = after(begin(5), page(1, 30, '', '2'));
    given(...stuck).when(begin(89)).thenNothing();
    given(...stuck).when(begin(90)).then({ type: 'OrderPullBegun', data: { channel, pull: 2, from: at(-10), to: at(90), at: at(90) } });
    given(...stuck, ...orderPull.decide(begin(90), fold(orderPull, stuck))).when(page(1, 91, '2')).thenNothing();
    // Whoever changes the rules meanwhile does not take away that it is looked after.
    given(...stuck).when(put(40, { everyMinutes: 2 })).then({ type: 'OrderPullRulesPut', data: { channel, rules: { ...usualRules, everyMinutes: 2 }, at: at(40), by: 'caller:ann', nextAt: at(90) } });
  });

  it('ING-02: is not begun before the platform answers again, if it says when', () => {
    const failed = (minutes: number): OrderPullCommand => ({ type: 'FailOrderPull', data: { channel, pull: 1, why: 'limited', blocked: false, at: at(6), notBefore: at(minutes) } });
    expect(state(begin(5), failed(600))).toMatchObject({ nextAt: at(600) });
    expect(state(begin(5), failed(7))).toMatchObject({ nextAt: at(21) });
  });

  it('ING-02: an overlap as long as a window of the platform’s does not keep it where it is', () => {
    const days = 24 * 60;
    expect(state(put(0, { overlapMinutes: 1_440 }), begin(3 * days))).toMatchObject({ from: at(-days / 2), to: at(days / 2) });
    expect(state(put(0, { overlapMinutes: 1_440 }), begin(3 * days), page(1, 3 * days), begin(3 * days))).toMatchObject({ from: at(0), to: at(days) });
  });

  it('ING-02: longer than the platform allows is asked for in pieces, one right after the other', () => {
    const days = 24 * 60;
    expect(state(begin(3 * days))).toMatchObject({ from: at(-10), to: at(days - 10) });
    expect(state(begin(3 * days), page(1, 3 * days + 1))).toMatchObject({ since: at(days - 10), nextAt: at(3 * days + 1) });
  });

  it('ING-02: a clock that was set back asks for no negative time', () => expect(state(begin(60), page(1, 61), begin(5))).toMatchObject({ from: at(-5), to: at(5) }));

  it('ING-03: is every 15 minutes, every 5 in a peak, and back', () => {
    const quiet = after(begin(0), page(1, 1, '', '', [{ hour: hourOf(0), orders: 20 }]), begin(60), page(2, 61, '', '', [{ hour: hourOf(60), orders: 20 }]), begin(120), page(3, 120, '', '', [{ hour: hourOf(90), orders: 0 }]));
    expect(fold(orderPull, quiet)).toMatchObject({ peak: false, mean: 20, lastHour: 20, nextAt: at(135) });
    const rush = [begin(150), page(4, 151, '', '', [{ hour: hourOf(150), orders: 45 }])].reduce<readonly OrderPullEvent[]>((events, command) => [...events, ...orderPull.decide(command, fold(orderPull, events))], quiet);
    expect(fold(orderPull, rush)).toMatchObject({ peak: true, nextAt: at(155) });
    const over = [begin(245), page(5, 245)].reduce<readonly OrderPullEvent[]>((events, command) => [...events, ...orderPull.decide(command, fold(orderPull, events))], rush);
    expect(fold(orderPull, over)).toMatchObject({ peak: false, lastHour: 0, nextAt: at(260) });
  });

  it('ING-03: few orders are no peak, and neither are the first two hours', () => {
    expect(state(begin(0), page(1, 1), begin(120), page(2, 121, '', '', [{ hour: hourOf(120), orders: 29 }]))).toMatchObject({ peak: false, lastHour: 29 });
    expect(state(begin(0), page(1, 1), begin(60), page(2, 61, '', '', [{ hour: hourOf(60), orders: 500 }]))).toMatchObject({ peak: false, lastHour: 500 });
    expect(state(begin(0), page(1, 1), begin(120), page(2, 121, '', '', [{ hour: hourOf(120), orders: 30 }]))).toMatchObject({ peak: true });
  });

  it('ING-03: a rush that came to be known only in the hour after is compared with what was before it', () =>
    expect(state(begin(0), page(1, 1, '', '', [{ hour: hourOf(0), orders: 1 }]), begin(185), page(2, 186, '', '', [{ hour: hourOf(175), orders: 45 }]))).toMatchObject({ peak: true, lastHour: 41, mean: 0.5 }));

  it('ING-03: the rules hold from now on; paused asks for nothing until somebody wants it', () => {
    given(...after(begin(0), page(1, 1))).when(put(2, { everyMinutes: 30 })).then({ type: 'OrderPullRulesPut', data: { channel, rules: { ...usualRules, everyMinutes: 30 }, at: at(2), by: 'caller:ann', nextAt: at(31) } });
    expect(state(begin(0), page(1, 1), put(40, { everyMinutes: 2 }))).toMatchObject({ nextAt: at(40) });
    expect(state(begin(0), page(1, 1), put(2, { paused: true }))).toMatchObject({ nextAt: '' });
    given(...after(put(2, { paused: true }))).when(begin(15)).thenNothing();
    expect(state(put(2, { paused: true }), begin(15, { asked: true }), page(1, 16))).toMatchObject({ pull: 1, status: 'ended', nextAt: '' });
    given(...after(put(2, { everyMinutes: 30 }))).when(put(3, { everyMinutes: 30 })).thenNothing();
    for (const rules of [{ everyMinutes: 0 }, { peakEveryMinutes: 1.5 }, { peakPercent: 100 }, { overlapMinutes: -1 }, { peakLeast: 0 }]) given().when(put(1, rules)).thenRefused('BAD_REQUEST');
  });
});
