import { describe, expect, it } from '@jest/globals';
import { adviceOf, changedLines, fixOf, laidOut, partsOfKey, toBase64 } from './fix.js';

describe('OPS-01: correcting an input', () => {
  it('lays JSON out, and keeps as it came what reading would change', () => {
    expect(laidOut('{"a":1,"b":"中"}')).toEqual({ text: '{\n  "a": 1,\n  "b": "中"\n}', json: true });
    expect(laidOut('{"b":"\\u4e2d"}').text).toBe('{\n  "b": "中"\n}');
    expect(laidOut('{"price":1.10}')).toEqual({ text: '{"price":1.10}', json: true });
    expect(laidOut('{"id":12345678901234567890}').text).toBe('{"id":12345678901234567890}');
    expect(laidOut('sku;qty\nMUG;1')).toEqual({ text: 'sku;qty\nMUG;1', json: false });
  });
  it('tells in which line a correction is no JSON any more', () => {
    const before = laidOut('{"a":1}');
    expect(fixOf(before, before.text)).toEqual({ kind: 'unchanged' });
    expect(fixOf(before, '{\n  "a": 2\n}')).toEqual({ kind: 'ready' });
    expect(fixOf(before, '{\n  "a": 2,\n}')).toMatchObject({ kind: 'broken', line: 3 });
    expect(fixOf(laidOut('a;b'), 'a;c')).toEqual({ kind: 'ready' });
  });
  it('counts the lines between the first and the last that differ', () => {
    expect(changedLines('a\nb\nc', 'a\nx\nc')).toBe(1);
    expect(changedLines('a\nc', 'a\nb\nc')).toBe(1);
    expect(changedLines('a', 'a')).toBe(0);
  });
  it('sends the bytes of the text, whatever its letters and its length', () => {
    expect(Buffer.from(toBase64('中文 £'), 'base64').toString('utf8')).toBe('中文 £');
    expect(Buffer.from(toBase64('x'.repeat(100_000)), 'base64')).toHaveLength(100_000);
  });
});

describe('OPS-01: what is parked', () => {
  it('reads a parked key, whatever its message key holds', () => {
    expect(partsOfKey('order-core/order-lifecycle.ingest.v1/3/a/b')).toEqual({ consumer: 'order-core', topic: 'order-lifecycle.ingest.v1', partition: '3', key: 'a/b' });
  });
  it.each([
    ['UNKNOWN_SKU', 'advMapSku'],
    ['UNKNOWN_CHANNEL', 'advChannel'],
    ['BAD_QUANTITY', 'advFixValue'],
    ['NO_LINES', 'advFixValue'],
    ['BAD_FIELD', 'advMapping'],
    ['SOMETHING_ELSE', 'advMoreHelp'],
  ])('%s has its advice', (reason, advice) => expect(adviceOf(reason)).toBe(advice));
});
