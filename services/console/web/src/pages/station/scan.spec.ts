import { describe, expect, it } from '@jest/globals';
import { scanDetector, signOf, usualScanner, type Heard, type KeyPress } from './scan.js';

const codeOf = (sign: string): string => (/[a-z]/i.test(sign) ? `Key${sign.toUpperCase()}` : /\d/.test(sign) ? `Digit${sign}` : sign === '-' ? 'Minus' : sign === '#' ? 'Digit3' : 'Period');
const press = (key: string, time: number, more: Partial<KeyPress> = {}): KeyPress => ({ key, code: codeOf(key), shift: /[A-Z#]/.test(key), modified: false, composing: false, repeat: false, time, inField: true, ...more });
const end = (time: number, key = 'Enter', more: Partial<KeyPress> = {}): KeyPress => ({ ...press('x', time), key, code: key, shift: false, ...more });

/** Signs so many milliseconds apart, then Enter. */
const typed = (text: string, gap: number, from = 0, more: Partial<KeyPress> = {}): readonly KeyPress[] => [...Array.from(text).map((sign, at) => press(sign, from + at * gap, more)), end(from + text.length * gap, 'Enter', more)];
const hear = (presses: readonly KeyPress[], settings = usualScanner): readonly Heard[] => presses.map(scanDetector(settings));
const scans = (presses: readonly KeyPress[], settings = usualScanner): readonly string[] => hear(presses, settings).flatMap(({ scan }) => scan ?? []);

describe('CAR-06: a wedge scanner is told from a person by its speed', () => {
  it('a burst that ends with Enter or Tab is a scan', () => {
    expect(scans(typed('SF7444471039325', 8))).toEqual(['SF7444471039325']);
    expect(scans([...typed('SF7444471039325', 8).slice(0, -1), end(125, 'Tab')])).toEqual(['SF7444471039325']);
  });
  it('a person’s typing is none, and stays in the field', () => {
    const heard = hear(typed('SF744447', 120));
    expect(heard.flatMap(({ scan }) => scan ?? [])).toEqual([]);
    expect(heard.every(({ keep }) => !keep)).toBe(true);
  });
  it('a burst is kept from the field from its third sign on, with its Enter; where it began is told', () => {
    const heard = hear(typed('MUG-10', 10));
    expect(heard.map(({ keep }) => keep)).toEqual([false, false, true, true, true, true, true]);
    expect(heard[0]).toEqual({ keep: false, begins: true });
  });
  it('short bursts in a field are words; with no field focused three signs are a code', () => {
    expect(scans(typed('1001', 10))).toEqual([]);
    expect(scans(typed('1001', 10, 0, { inField: false }))).toEqual(['1001']);
    expect(scans(typed('10', 10, 0, { inField: false }))).toEqual([]);
  });
  it('two scans back to back are two', () => expect(scans([...typed('MUG-RED-1', 6), ...typed('MUG-BLUE-2', 6, 65)])).toEqual(['MUG-RED-1', 'MUG-BLUE-2']));
  it('a scan right behind a person’s typing is the scan alone', () => expect(scans([press('h', 0), press('i', 200), ...typed('SF7444471039325', 8, 900)])).toEqual(['SF7444471039325']));
  it('CR and LF end one scan', () => {
    const heard = hear([...typed('SF7444471039325', 8), end(125)]);
    expect(heard.at(-1)).toEqual({ keep: true });
    expect(heard.flatMap(({ scan }) => scan ?? [])).toHaveLength(1);
  });
  it('Enter alone, later, is a person’s', () => expect(hear([...typed('SF7444471039325', 8), end(900)]).at(-1)).toEqual({ keep: false }));
  it('a pause in the middle makes it typing', () => expect(scans([...typed('SF7444', 8).slice(0, -1), ...typed('47', 8, 300)])).toEqual([]));

  it('an input method that is on leaves the keys’ places: they are read, and it is said', () => {
    const composing = typed('SF7444471039325', 8).map((one) => (one.key === 'Enter' ? { ...one, key: 'Process' } : { ...one, key: 'Process', composing: true }));
    const heard = hear(composing);
    expect(heard.at(-1)).toEqual({ keep: true, scan: 'SF7444471039325', composed: true });
  });
  it('composing at a person’s speed is left to the input method', () => {
    const heard = hear(typed('nihaoma', 150).map((one) => ({ ...one, key: 'Process', composing: true })));
    expect(heard.every(({ keep, scan }) => !keep && scan === undefined)).toBe(true);
  });
  it('Shift between the signs is no pause, and shortcuts and held keys are none of a scan', () => {
    const [first, ...rest] = typed('SF7444471039325', 8);
    expect(scans([end(0, 'Shift'), first!, end(4, 'Shift'), ...rest])).toEqual(['SF7444471039325']);
    expect(scans(typed('aaaaaaaa', 8).map((one) => ({ ...one, repeat: one.key === 'a' })))).toEqual([]);
    expect(hear([press('k', 0, { modified: true })])).toEqual([{ keep: false }]);
  });
  it('a prefix opens a scan at any speed and length, and is no part of it', () => {
    const settings = { ...usualScanner, prefix: '~' };
    const slow = [press('~', 0, { code: 'Backquote', shift: true }), ...typed('A1', 400, 300)];
    const heard = hear(slow, settings);
    expect(heard.at(-1)).toEqual({ keep: true, scan: 'A1' });
    expect(heard.every(({ keep }) => keep)).toBe(true);
  });
  it('signs by their places', () => {
    expect([signOf('KeyA', true), signOf('KeyA', false), signOf('Digit3', true), signOf('Numpad7', true), signOf('Minus', false), signOf('Minus', true), signOf('F5', false)]).toEqual(['A', 'a', '#', '7', '-', '_', undefined]);
  });
});
