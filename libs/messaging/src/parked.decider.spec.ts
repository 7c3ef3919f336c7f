import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import { specify } from '@flotilla/testing';
import { lot, parked, parkedId, safeKey, waitingFor, type LotEvent, type ParkedEvent, type ParkedMessage } from './parked.decider.js';
import { publishParked } from './parked-messages.js';

const message = (offset: number): ParkedMessage => ({
  consumer: 'c', topic: 't.v1', partition: 2, offset, key: 'k', id: `e${offset}`, type: 'T', source: { stream: 's', version: offset, id: `e${offset}`, hash: '' }, reason: 'NO', detail: 'no', payload: 'sealed.v1.x',
});
const wasParked = (offset: number): ParkedEvent => ({ type: 'MessageParked', data: message(offset) });
const replayed = (offset: number): ParkedEvent => ({ type: 'MessageReplayed', data: { offset } });
const discarded = (offset: number): ParkedEvent => ({ type: 'MessageDiscarded', data: { offset, reason: 'wrong', actor: 'user:1' } });
const waits = (version: number, offset: number) => ({ version, offset, id: `e${offset}`, type: 'T', reason: 'NO', detail: 'no' });

describe('the queue behind a parked key', () => {
  const { given } = specify(parked);
  it('keeps messages in order, each once, without their payload', () => {
    given().when({ type: 'ParkMessage', data: message(1) }).then(wasParked(1));
    given(wasParked(1)).when({ type: 'ParkMessage', data: message(1) }).thenNothing();
    given(wasParked(1), wasParked(4)).thenState({ version: 2, waiting: [waits(1, 1), waits(2, 4)] });
    given(wasParked(1), wasParked(4), replayed(1), wasParked(6)).thenState({ version: 4, waiting: [waits(2, 4), waits(4, 6)] });
    expect.hasAssertions();
  });
  it('lets only the oldest go', () => {
    given(wasParked(1), wasParked(4)).when({ type: 'ReplayMessage', data: { offset: 4 } }).thenNothing();
    given(wasParked(1), wasParked(4)).when({ type: 'ReplayMessage', data: { offset: 1 } }).then(replayed(1));
    given(wasParked(1), replayed(1)).when({ type: 'ReplayMessage', data: { offset: 1 } }).thenNothing();
    given(wasParked(1)).when({ type: 'DiscardMessage', data: { offset: 1, reason: 'wrong', actor: 'user:1' } }).then(discarded(1));
    given(wasParked(1), discarded(1)).thenState({ version: 2, waiting: [] });
    expect.hasAssertions();
  });
});

describe('the lot of a partition', () => {
  const { given } = specify(lot);
  const took = (key: string): LotEvent => ({ type: 'Taken', data: { key } });
  const freed = (key: string): LotEvent => ({ type: 'Freed', data: { key } });
  it('counts per key and is bounded', () => {
    given(took('a'), took('__proto__'), took('a'), freed('a')).thenState({ keys: Object.fromEntries([['__proto__', 1], ['a', 1]]), total: 2 });
    given(took('a'), freed('a')).thenState({ keys: {}, total: 0 });
    given(took('a')).when({ type: 'Take', data: { key: 'b', limit: 2 } }).then(took('b'));
    given(took('a'), took('a')).when({ type: 'Take', data: { key: 'b', limit: 2 } }).thenRefused('PARKING_LOT_FULL');
    given().when({ type: 'Free', data: { key: 'a' } }).thenNothing();
    expect(waitingFor(lot.initial, '__proto__')).toBe(0);
  });
});

describe('names', () => {
  it('of queues are storable whatever the key', () => {
    expect(parkedId('order-core', 't.v1', 2, 'k-1')).toBe('order-core/t.v1/2/k-1');
    for (const key of ['', 'a b', 'ключ', 'x'.repeat(500), 'a/b', '~a']) expect(safeKey(key)).toMatch(/^~[0-9a-f]{40}$/);
  });
});

describe('ING-05: a parked message on the dead-letter topic', () => {
  const event = (data: ParkedMessage): Recorded => ({
    position: 1, stream: 'parked-c/t.v1/2/k', version: 1, id: 'x', type: 'MessageParked', schemaVersion: 1, recordedAt: '2026-11-21T00:00:00.000Z', data, meta: { correlation: 'c', causation: 'c', actor: 'a' }, hash: '',
  });
  it('tells what failed and why, sealed', () => {
    expect(publishParked(event(message(1)))).toEqual([
      { topic: 't.v1.dlq', key: 'k', type: 'flotilla.audit.v1.MessageParked', data: { consumer: 'c', topic: 't.v1', partition: 2, offset: 1, key: 'k', type: 'T', reason: 'NO', detail: 'no', payload: 'sealed.v1.x' } },
    ]);
    expect(publishParked({ ...event(message(1)), type: 'MessageReplayed' })).toEqual([]);
  });
  it('names where it is kept if it is too large to travel', () => {
    const [published] = publishParked(event({ ...message(1), payload: 'x'.repeat(800_000) }));
    expect(published!.data).toMatchObject({ payload: '', detail: 'no (payload in parked-c/t.v1/2/k, version 1)' });
  });
});
