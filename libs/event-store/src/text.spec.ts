import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { checkedStream, checkedType, storableJson } from './text.js';

const reasonOf = (attempt: () => unknown): string | undefined => {
  try {
    attempt();
  } catch (error) {
    return error instanceof Refused ? error.reason : String(error);
  }
  return undefined;
};

describe('text at the door', () => {
  it('refuses NUL and halves of surrogate pairs, wherever they stand', () => {
    for (const bad of ['\u0000', 'a\u0000b', '\ud83d', '\ude00', 'x\ud83dy', '\\\u0000', '\\\\\ud800']) {
      expect(reasonOf(() => storableJson({ deep: [{ text: bad }] }, 'data'))).toBe('BAD_TEXT');
      expect(reasonOf(() => storableJson({ [bad]: 1 }, 'data'))).toBe('BAD_TEXT');
    }
  });

  it('lets everything else through, also text that only looks like an escape', () => {
    for (const good of ['😀', '\\u0000', '\\\\u0000', '\\ud83d', '\u0001\u001f', 'Straße', '\ud83d\ude00', 'C:\\users\\u0000x']) {
      expect(JSON.parse(storableJson({ good }, 'data'))).toEqual({ good });
    }
  });

  it('refuses what is not JSON', () => {
    expect(reasonOf(() => storableJson(undefined, 'data of X'))).toContain('data of X is not JSON');
  });

  it('takes stream names of printable ASCII up to 200 characters', () => {
    expect(checkedStream(`order-${'x'.repeat(194)}`)).toHaveLength(200);
    for (const bad of [`order-${'x'.repeat(195)}`, 'order-a b', 'order-é', 'order-a\n', '']) expect(reasonOf(() => checkedStream(bad))).toBe('BAD_TEXT');
  });

  it('takes no event name that could forge a line of the hashed text', () => {
    expect(checkedType('OrderPlaced')).toBe('OrderPlaced');
    expect(reasonOf(() => checkedType('Order\nPlaced'))).toContain('not the name of an event');
  });
});
