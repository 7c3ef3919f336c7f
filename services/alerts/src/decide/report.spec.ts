import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { figures, figuresOf } from './figures.js';
import { reporting } from './report.decider.js';

const monday = { day: '2026-11-30', dueAt: '2026-11-30T00:00:00.000Z' };
const tuesday = { day: '2026-12-01', dueAt: '2026-12-01T00:00:00.000Z' };
const later = '2026-11-30T00:00:01.000Z';
const report = { day: monday.day, from: '2026-11-29T00:00:01.000Z', to: later, figures: figuresOf({ 'order-core': { placed: 7 } }, new Map()), rules: [], owners: [], oldest: [], acknowledged: 0, medianMinutes: 0, silent: [], position: 41 };
const scheduled = { type: 'ReportScheduled', data: monday } as const;
const made = { type: 'ReportMade', data: report } as const;
const next = { type: 'ReportScheduled', data: tuesday } as const;
const mailed = { type: 'ReportDelivered', data: { day: monday.day, target: 'ops-mail', outcome: 'MAILED', detail: '', at: later } } as const;

describe('the report of a day', () => {
  const { given } = specify(reporting);
  const schedule = (now: string, at = monday) => ({ type: 'Schedule', data: { now, next: at } }) as const;
  const make = (now: string) => ({ type: 'Make', data: { now, report, next: tuesday } }) as const;
  const deliver = { type: 'Deliver', data: mailed.data } as const;

  it('ALR-04: has its time from the first start on, and no other start changes it', () => {
    given().when(schedule('2026-11-29T12:00:00.000Z')).then(scheduled);
    given(scheduled).when(schedule('2026-11-29T13:00:00.000Z')).thenNothing();
  });
  it('ALR-04: another time of day holds at once', () => given(scheduled).when(schedule('2026-11-29T13:00:00.000Z', tuesday)).then(next));
  it('ALR-04: one that became due while nothing ran is made, not put off', () => given(scheduled).when(schedule('2026-11-30T05:00:00.000Z', tuesday)).thenNothing());
  it('ALR-04: a day that has its report gets no second one, whatever a start says', () => given(scheduled, made, next).when(schedule('2026-11-30T01:00:00.000Z', { day: monday.day, dueAt: '2026-11-30T09:00:00.000Z' })).thenNothing());
  it('ALR-04: is said again where its timer is missing, also when its time is past; before the first there is none', () => {
    given(scheduled).when({ type: 'Reschedule', data: {} }).then(scheduled);
    given(scheduled, made, next).when({ type: 'Reschedule', data: {} }).then(next);
    given().when({ type: 'Reschedule', data: {} }).thenNothing();
  });
  it('ALR-04: is made when it is due, not before, and once, and the next one has its time', () => {
    given(scheduled).when(make('2026-11-29T23:59:59.000Z')).thenNothing();
    given(scheduled).when(make(later)).then(made, next);
    given(scheduled, made, next).when(make(later)).thenNothing();
  });
  it('ALR-04: its mail is told once for each reader', () => {
    given(scheduled, made, next).when(deliver).then(mailed);
    given(scheduled, made, next, mailed).when(deliver).thenNothing();
  });
});

describe('its figures', () => {
  const of = (id: string, all: ReturnType<typeof figuresOf>) => all.find(({ figure }) => figure === id)!;
  const first = figuresOf({ 'order-core': { placed: 100, held: 4 }, tracking: { shipped: 80 } }, new Map());
  const known = new Map(first.filter((figure) => figure.known).map((figure) => [figure.figure, figure]));

  it('ALR-04: a flow is what came since the report before, a state is how it stands', () => {
    const second = figuresOf({ 'order-core': { placed: 130, held: 1 }, tracking: { shipped: 80 } }, known);
    expect(of('orders-placed', second)).toMatchObject({ known: true, value: 30, compared: true, before: 100, total: 130 });
    expect(of('orders-held', second)).toMatchObject({ value: 1, compared: true, before: 4 });
    expect(of('parcels-shipped', second)).toMatchObject({ value: 0, before: 80 });
  });
  it('ALR-04: of a service that did not answer nothing is said, and the next report counts both days', () => {
    const second = figuresOf({ tracking: { shipped: 90 } }, known);
    expect(of('orders-placed', second)).toMatchObject({ known: false, value: 0 });
    expect(of('orders-placed', figuresOf({ 'order-core': { placed: 150 } }, known))).toMatchObject({ value: 50 });
  });
  it('ALR-04: statement lines are those that wait for a decision, not all that were ever flagged', () =>
    expect(of('lines-flagged', figuresOf({ settlement: { flagged: 9, toLookAt: 2 } }, new Map()))).toMatchObject({ flow: false, value: 2 }));
  it('ALR-04: has each figure once', () => expect(new Set(figures.map(({ id }) => id)).size).toBe(figures.length));
});
