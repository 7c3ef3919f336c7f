import { describe, expect, it } from '@jest/globals';
import { daysOf, isParcelId, saysNothing, underWay } from './journey.js';

const scan = (occurredAt: string, milestone: 'MILESTONE_IN_TRANSIT' | 'MILESTONE_UNSPECIFIED' = 'MILESTONE_IN_TRANSIT') => ({ occurredAt, code: '50', text: '', place: '', milestone });

describe('OPS-01, TRK-06: a parcel’s way', () => {
  it('is shown by the reader’s days, the newest first', () => {
    const days = daysOf([scan('2026-11-28T10:00:00Z'), scan('2026-11-29T15:30:00Z'), scan('2026-11-29T17:00:00Z')], 'Asia/Shanghai');
    expect(days.map(({ day, scans }) => [day, scans.map(({ occurredAt }) => occurredAt)])).toEqual([
      ['2026-11-30', ['2026-11-29T17:00:00Z']],
      ['2026-11-29', ['2026-11-29T15:30:00Z']],
      ['2026-11-28', ['2026-11-28T10:00:00Z']],
    ]);
  });
  it('counts the time until it arrived, or until now', () => {
    const now = Date.parse('2026-11-30T12:00:00Z');
    expect(underWay({ shippedAt: '2026-11-30T10:00:00Z', deliveredAt: '' }, now)).toBe(7_200);
    expect(underWay({ shippedAt: '2026-11-30T10:00:00Z', deliveredAt: '2026-11-30T11:00:00Z' }, now)).toBe(3_600);
    expect(underWay({ shippedAt: '', deliveredAt: '' }, now)).toBeUndefined();
  });
  it('knows scans that say nothing, and ids from waybills', () => {
    expect(saysNothing(scan('2026-11-30T10:00:00Z', 'MILESTONE_UNSPECIFIED'))).toBe(true);
    expect(isParcelId('0198c1a2-0000-5000-8000-000000000001')).toBe(true);
    expect(isParcelId('SF1234567890')).toBe(false);
  });
});
