import { describe, expect, it } from '@jest/globals';
import type { Incoming } from '@flotilla/messaging';
import { notes } from '../coordinate/notes.js';
import { inputs } from '../coordinate/inputs.js';
import { policy } from './order-inputs.consumer.js';

const of = (type: string): Incoming => ({ type }) as unknown as Incoming;
const wrong = new Error('CONTRACT_VIOLATED');
const away = Object.assign(new Error('the database restarts'), { code: '57P01' });

describe('a message that fails', () => {
  it.each(Object.keys(notes))('ORD-13: %s is only shown: it is passed over, and never stands in the way of its order', (type) => {
    expect(policy(wrong, of(type))).toBe('skip');
    expect(policy(away, of(type))).toBe('retry');
  });

  it.each(Object.keys(inputs))('ORD-05: %s says what happened to an order: it is parked whole', (type) => {
    expect(policy(wrong, of(type))).toBe('park');
    expect(policy(away, of(type))).toBe('retry');
  });
});
