import { describe, expect, it } from '@jest/globals';
import { nextAfter, reportConfig } from './reporting.js';

const at = (time: string, zone: string) => ({ config: { FLOTILLA_REPORT_AT: time, FLOTILLA_REPORT_ZONE: zone } }) as Parameters<typeof nextAfter>[0];

describe('when the next report is due', () => {
  it('ALR-04: at a later time of the day whose report is made already, it is due tomorrow', () => {
    expect(nextAfter(at('18:00', 'Asia/Shanghai'), '2026-11-30T02:00:00.000Z', '')).toEqual({ day: '2026-11-30', dueAt: '2026-11-30T10:00:00.000Z' });
    expect(nextAfter(at('18:00', 'Asia/Shanghai'), '2026-11-30T02:00:00.000Z', '2026-11-30')).toEqual({ day: '2026-12-01', dueAt: '2026-12-01T10:00:00.000Z' });
  });
  it('ALR-04: a night that has the time twice has one report', () =>
    expect(nextAfter(at('02:30', 'Europe/Berlin'), '2026-10-25T00:30:00.000Z', '2026-10-25')).toEqual({ day: '2026-10-26', dueAt: '2026-10-26T01:30:00.000Z' }));
});

describe('the zone of the reports', () => {
  const zone = reportConfig.FLOTILLA_REPORT_ZONE;
  it.each(['Asia/Shanghai', 'UTC', 'Etc/GMT+5'])('ALR-04: may be %s', (name) => expect(zone.parse(name)).toBe(name));
  it.each(['+05:37', '-03:00', 'Mars/Olympus', ''])('ALR-04: is not "%s"', (name) => expect(zone.safeParse(name).success).toBe(false));
});
