import { describe, expect, it } from '@jest/globals';
import { MemoryUnit, specify } from '@flotilla/testing';
import { tellLag } from '../coordinate/lagging.js';
import { count, handling, type Count } from './count.decider.js';
import { dayBefore, judge, type DayCount } from './days.js';
import { lag } from './lag.decider.js';

const at = '2026-11-29T08:00:00.000Z';
const day = '2026-11-29';
const on = (back: number, measure: Count['measure'], part: number, whole: number, currency = ''): DayCount => ({ day: dayBefore(day, back), measure, currency, part, whole });
const broken = (...counts: DayCount[]): readonly string[] => judge(counts, day).flatMap(({ rule, words }) => (words ? [rule.id] : []));

describe('ALR-01: what is counted by the day', () => {
  it('ALR-01: is counted once for a subject', () => {
    const late = { measure: 'DELIVERY', at, part: 0, whole: 1, currency: '' } as const;
    const { given } = specify(count);
    given().when({ type: 'Count', data: late }).then({ type: 'Counted', data: late });
    given({ type: 'Counted', data: late }).when({ type: 'Count', data: { ...late, part: 1 } }).thenNothing();
  });
  it('ALR-01: is the time from the payment to the first parcel, whichever is told first', () => {
    const { given } = specify(handling);
    const [paid, shipped] = [{ type: 'HandlingPaid', data: { at } }, { type: 'HandlingShipped', data: { at: '2026-11-29T09:30:00.000Z' } }] as const;
    const counted = { type: 'Counted', data: { measure: 'PROCESSING', at: shipped.data.at, part: 90, whole: 1, currency: '' } } as const;
    given(paid).when({ type: 'Ship', data: shipped.data }).then(shipped, counted);
    given(shipped).when({ type: 'Pay', data: paid.data }).then(paid, counted);
    given(shipped).when({ type: 'Pay', data: { at: '2026-11-29T12:00:00.000Z' } }).then({ type: 'HandlingPaid', data: { at: '2026-11-29T12:00:00.000Z' } });
    given(paid, shipped, counted).when({ type: 'Ship', data: { at: '2026-11-30T09:30:00.000Z' } }).thenNothing();
    given(paid, shipped, counted).when({ type: 'Pay', data: { at } }).thenNothing();
    const placed = { type: 'HandlingPlaced', data: { orderId: 'o', channel: 'woo-eu', channelOrderId: '4711' } } as const;
    given().when({ type: 'Place', data: placed.data }).then(placed);
    given(placed).when({ type: 'Place', data: placed.data }).thenNothing();
    given(placed, paid).when({ type: 'Ship', data: shipped.data }).then(shipped, counted);
  });
});

describe('ALR-01: rules of days', () => {
  const sla = (...parts: (number | undefined)[]): readonly string[] => broken(...parts.flatMap((part, back) => (part === undefined ? [] : [on(back, 'DELIVERY', part, 1_000)])));
  it('ALR-01: three days in a row below 95 % are for an audit; two or 95 % are not; a day without deliveries is none', () => {
    expect(sla(949, 900, 940)).toEqual(['sla-missed']);
    expect([sla(949, 900), sla(949, 950, 900), sla(950, 900, 900)]).toEqual([[], [], []]);
    expect(sla(500, undefined, 900, 900)).toEqual(['sla-missed']);
  });
  it('ALR-01: freight of a week over 5 % of what was sold is told by its currency', () => {
    const verdicts = judge([on(0, 'COST', 51, 0, 'CNY'), on(6, 'COST', 0, 1_000, 'CNY'), on(7, 'COST', 0, 9_000, 'CNY'), on(0, 'COST', 1, 1_000, 'EUR')], day);
    expect(verdicts).toMatchObject([{ rule: { id: 'cost-share' }, words: { zh: expect.stringContaining('CNY 5.1 %'), en: expect.stringContaining('(CNY 5.1 %)') } }]);
    expect([broken(on(0, 'COST', 50, 1_000, 'CNY')), broken(on(0, 'COST', 50, 0, 'CNY'))]).toEqual([[], []]);
  });
  it('ALR-01: an order that takes more than 20 % longer than in the week before is told', () => {
    expect(broken(on(0, 'PROCESSING', 121, 1), on(1, 'PROCESSING', 200, 2))).toEqual(['processing-time']);
    expect([broken(on(0, 'PROCESSING', 120, 1), on(1, 'PROCESSING', 200, 2)), broken(on(0, 'PROCESSING', 999, 1)), broken(on(0, 'PROCESSING', 999, 1), on(8, 'PROCESSING', 1, 1))]).toEqual([[], [], []]);
  });
  it('ALR-01: of a day on which nothing was counted nothing is said, so that what is open stays', () => expect([judge([on(1, 'DELIVERY', 1, 1)], day), judge([on(0, 'DELIVERY', 1, 1)], day).map(({ words }) => words)]).toEqual([[], [undefined]]));
});

describe('ALR-01: scans that come late', () => {
  const { given } = specify(lag);
  const after = (minutes: number): string => new Date(Date.parse(at) + minutes * 60_000).toISOString();
  const tell = (minutes: number, when = at) => ({ type: 'Tell', data: { carrier: 'sf', minutes, most: 15, at: when } }) as const;
  const began = (time = 1, when = at) => ({ type: 'LagBegan', data: { carrier: 'sf', time, minutes: 16, at: when } }) as const;
  const ended = { type: 'LagEnded', data: { carrier: 'sf', time: 1 } } as const;
  it('ALR-01: more than 15 minutes is late, and said once', () => {
    given().when(tell(15)).thenNothing();
    given().when(tell(16)).then(began());
    given(began()).when(tell(90, after(120))).thenNothing();
  });
  it('ALR-01: it is over with the first one in time after an hour, and the next time is another one', () => {
    given(began()).when(tell(1, after(59))).thenNothing();
    given(began()).when(tell(15, after(60))).then(ended);
    given(began(), ended).when(tell(1, after(61))).thenNothing();
    given(began(), ended).when(tell(16, after(61))).then(began(2, after(61)));
  });
  it('ALR-01: an incident of the carrier is raised in both languages, and cleared', () => {
    const unit = new MemoryUnit();
    tellLag(unit, 'sf', 'soon', at);
    tellLag(unit, 'sf', '2026-11-29T07:40:00.000Z', at);
    for (const minutes of [30, 60, 61]) tellLag(unit, 'sf', after(minutes), after(minutes));
    expect(unit.of('IncidentRaised')).toMatchObject([{ rule: 'status-late', subjectKind: 'CARRIER', subjectId: 'sf', severity: 'INFO', detail: expect.stringContaining('SF reached us 20 minutes'), detailZh: expect.stringContaining('上限 15 分钟') }]);
    expect(unit.of('IncidentCleared')).toHaveLength(1);
  });
});
