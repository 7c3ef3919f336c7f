import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import fc from 'fast-check';
import { toInstant } from './instants.js';

describe('instants', () => {
  it.each([
    ['2026-11-21T10:00:00Z', undefined, '2026-11-21T10:00:00.000Z'], ['2026-11-21T18:00:00+08:00', undefined, '2026-11-21T10:00:00.000Z'], ['2026-11-21 18:00:00', '+08:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00.123456789-0330', undefined, '2026-11-21T13:30:00.123Z'], ['2026-11-21', 'Z', '2026-11-21T00:00:00.000Z'], ['1795255200', undefined, '2026-11-21T10:00:00.000Z'],
    ['1795255200123', undefined, '2026-11-21T10:00:00.123Z'], ['2028-02-29T00:00Z', undefined, '2028-02-29T00:00:00.000Z'], ['0099-01-01T00:00:00Z', undefined, '0099-01-01T00:00:00.000Z'],
  ])('reads %s (%s)', (text, offset, instant) => expect(toInstant(text, offset)).toBe(instant));

  it.each([['2026-11-21 18:00:00', undefined], ['2026-02-30T00:00:00Z', undefined], ['2026-11-21T24:00:00Z', undefined], ['2026-11-21T10:00:61Z', undefined], ['tomorrow', '+08:00'], ['', 'Z'], ['2026-11-21T10:00:00+25:00', undefined], ['2026-11-21', 'Berlin'], ['0000-01-01T00:00:00Z', undefined]])(
    'refuses %s (%s)',
    (text, offset) => {
      let refused: unknown;
      try {
        toInstant(text, offset);
      } catch (error) {
        refused = error;
      }
      expect(refused).toBeInstanceOf(Refused);
      expect((refused as Refused).reason).toBe('BAD_INSTANT');
    },
  );

  it('leaves what it wrote as it is', () => {
    fc.assert(fc.property(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => expect(toInstant(date.toISOString())).toBe(date.toISOString())));
  });
});
