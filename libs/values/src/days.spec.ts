import { describe, expect, it } from '@jest/globals';
import { dayOf, isTimeZone, nextDay, nextTime } from './days.js';

describe('the days of a node', () => {
  it('ALC-04: begin at its own midnight', () => {
    expect(dayOf('2026-11-21T15:59:59.000Z', '')).toBe('2026-11-21');
    expect(dayOf('2026-11-21T16:00:00.000Z', 'Asia/Shanghai')).toBe('2026-11-22');
    expect(nextDay('2026-11-21T16:00:00.000Z', 'Asia/Shanghai')).toBe('2026-11-22T16:00:00.000Z');
    expect(nextDay('2026-11-21T10:00:00.000Z', 'Asia/Kathmandu')).toBe('2026-11-21T18:15:00.000Z');
  });
  it('ALC-04: are an hour shorter or longer where clocks change', () => {
    expect(nextDay('2026-03-29T00:30:00.000Z', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z');
    expect(nextDay('2026-10-24T22:00:00.000Z', 'Europe/Berlin')).toBe('2026-10-25T23:00:00.000Z');
  });
});

describe('a time zone', () => {
  it('ALC-04: is one with a name; an offset is none', () => expect(['Asia/Shanghai', 'UTC', '+05:37', '-03:00', '', 'Mars/Olympus'].map(isTimeZone)).toEqual([true, true, false, false, false, false]));
});

describe('the next time of a clock on a wall', () => {
  it.each([
    ['later today', '2026-11-29T20:00:00.000Z', '08:00', 'Asia/Shanghai', '2026-11-30T00:00:00.000Z'],
    ['not now', '2026-11-30T00:00:00.000Z', '08:00', 'Asia/Shanghai', '2026-12-01T00:00:00.000Z'],
    ['in a zone of quarters', '2026-11-30T00:00:00.000Z', '08:15', 'Asia/Kathmandu', '2026-11-30T02:30:00.000Z'],
    ['a day that is an hour shorter', '2026-03-28T07:00:00.000Z', '08:00', 'Europe/Berlin', '2026-03-29T06:00:00.000Z'],
    ['a night without it', '2026-03-29T00:00:00.000Z', '02:30', 'Europe/Berlin', '2026-03-30T00:30:00.000Z'],
  ])('ALR-04: %s', (_, at, time, zone, next) => expect(nextTime(at, time, zone)).toBe(next));
});
