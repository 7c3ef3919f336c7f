import { describe, expect, it } from '@jest/globals';
import { requestStreamId } from './request.js';
import { checkedStream } from './text.js';

const id = (caller: string, request: string): string => requestStreamId({ caller, id: request, hash: '' });

describe('the name of a request', () => {
  it('is readable', () => expect(id('ops', '0198c1ab-77f0')).toBe('ops-0198c1ab-77f0'));

  it('never takes one caller for another', () => {
    const pairs: readonly (readonly [string, string])[] = [['a-b', 'c'], ['a', 'b-c'], ['a%2d', 'c'], ['a', '%2db-c'], ['a ', 'c'], ['a', ' c'], ['ä', 'c'], ['A', 'c']];
    expect(new Set(pairs.map(([caller, request]) => id(caller, request))).size).toBe(pairs.length);
  });

  it('fits into a stream name, whatever the caller sends', () => {
    for (const request of ['x'.repeat(5000), 'line\nbreak', '😀'.repeat(40), '']) expect(() => checkedStream(`request-${id('ops', request)}`)).not.toThrow();
  });
});
