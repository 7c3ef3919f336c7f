import { describe, expect, it } from '@jest/globals';
import { toChanges } from './changes.js';

const event = (stream: string, type: string, position: number) => ({ stream, type, position });

describe('what a page of the log says (OPS-01)', () => {
  const page = [event('order-1', 'OrderPlaced', 7), event('request-ann-x', 'RequestAnswered', 8), event('order-2-a', 'OrderPlaced', 9), event('order-1', 'OrderHeld', 10), event('order-1', 'OrderHeld', 11)];
  it('is one line per stream, with each type once and where it is now', () => {
    expect(toChanges(page, new Set())).toEqual([
      { stream: 'order-1', category: 'order', id: '1', types: ['OrderPlaced', 'OrderHeld'], position: 11 },
      { stream: 'request-ann-x', category: 'request', id: 'ann-x', types: ['RequestAnswered'], position: 8 },
      { stream: 'order-2-a', category: 'order', id: '2-a', types: ['OrderPlaced'], position: 9 },
    ]);
  });
  it('is only of the categories that are watched', () => {
    expect(toChanges(page, new Set(['order'])).map(({ id }) => id)).toEqual(['1', '2-a']);
    expect(toChanges(page, new Set(['parcel']))).toEqual([]);
  });
});
