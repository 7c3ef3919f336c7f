import { describe, expect, it } from '@jest/globals';
import { dayOf, nextDay } from './days.js';

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
