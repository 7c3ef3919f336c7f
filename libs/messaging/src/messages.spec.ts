import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import type { Recorded } from '@flotilla/event-store';
import type { BusRecord } from './bus.js';
import { coPartitioned } from './kafkajs-assigner.js';
import { defaultPolicy, murmur2, partitionOf, toBusMessage, toIncoming, type Incoming } from './index.js';
import { openRecord, sealRecord } from './parked-payload.js';
import kafkajs from 'kafkajs';

const event: Recorded = {
  position: 9, stream: 'order-1', version: 3, id: '0198c1aa-0000-7000-8000-000000000001', type: 'OrderPlaced', schemaVersion: 1, recordedAt: '2026-11-21T10:00:00.000Z', data: {},
  meta: { correlation: 'c', causation: 'k', actor: 'user:1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, hash: 'ab',
};
const recordOf = (change: Partial<BusRecord> & { type?: string } = {}): BusRecord => ({ offset: 7, key: 'k', value: Buffer.from('{"a":1}'), headers: { ce_type: 't' }, timestamp: 0, ...change });
const at = { topic: 't.v1', partition: 2 };

describe('partitions', () => {
  it.each([
    ['21', -973932308], ['foobar', -790332482], ['a-little-bit-long-string', -985981536], ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('murmur2 of %s is what Java says', (key, hash) => expect(murmur2(key)).toBe(hash));

  it('takes bytes too, and a key goes where a Java producer sends it', () => {
    expect(murmur2(Buffer.from('abc'))).toBe(479470107);
    expect(partitionOf('foobar')).toBe((-790332482 & 0x7fffffff) % 12);
    expect(partitionOf('foobar', 1)).toBe(0);
    const { DefaultPartitioner } = kafkajs.Partitioners;
    const theirs = DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({ partitionId, leader: 1, partitionErrorCode: 0, replicas: [1], isr: [1] }));
    for (let i = 0; i < 500; i += 1) {
      const key = `order-${i * 7919}-ü`;
      expect(theirs({ topic: 't', partitionMetadata, message: { key, value: '' } })).toBe(partitionOf(key));
    }
  });

  it.each([1, 2, 5, 7, 12, 13])('partition i of every topic goes to the same of %i members, evenly', async (count) => {
    const topics = ['a', 'b', 'c'];
    const partitionsOf = (): never => Array.from({ length: 12 }, (_, partitionId) => ({ partitionId })) as never;
    const assigner = coPartitioned({ cluster: { findTopicPartitionMetadata: partitionsOf } as never, groupId: 'g', logger: {} as never });
    const members = Array.from({ length: count }, (_, i) => ({ memberId: `m${(i * 7) % 13}`, memberMetadata: assigner.protocol({ topics }).metadata }));
    const assigned = (await assigner.assign({ members, topics })).map(({ memberAssignment }) => kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)!.assignment);
    for (const one of assigned) expect([one['b'], one['c']]).toEqual([one['a'], one['a']]);
    expect(assigned.flatMap((one) => one['a'] ?? []).sort((x, y) => x - y)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    const sizes = assigned.map((one) => one['a']?.length ?? 0);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('gives a member only topics that it knows', async () => {
    const assigner = coPartitioned({ cluster: { findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }] as never } as never, groupId: 'g', logger: {} as never });
    const members = [{ memberId: 'old', memberMetadata: assigner.protocol({ topics: ['a'] }).metadata }, { memberId: 'new', memberMetadata: assigner.protocol({ topics: ['a', 'b'] }).metadata }];
    const assigned = new Map((await assigner.assign({ members, topics: ['a', 'b'] })).map(({ memberId, memberAssignment }) => [memberId, kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)!.assignment]));
    expect(assigned.get('old')).toEqual({ a: [1] });
    expect(assigned.get('new')).toEqual({ a: [0], b: [0, 1] });
  });
});

describe('CloudEvents', () => {
  it('carry the stored event in headers and the data alone in the value', () => {
    const message = toBusMessage(event, { topic: 't.v1', key: 'o1', type: 'flotilla.order.v1.OrderPlaced', data: { orderId: 'o1' } }, 0);
    expect(message).toEqual({
      topic: 't.v1', key: 'o1', value: '{"orderId":"o1"}',
      headers: {
        'content-type': 'application/json', ce_specversion: '1.0', ce_id: `${event.id}/0`, ce_source: 'order-1', ce_type: 'flotilla.order.v1.OrderPlaced', ce_time: event.recordedAt, ce_subject: 'o1',
        sequence: '3', correlation: 'c', causation: 'k', chainhash: 'ab', traceparent: event.meta.traceparent,
      },
    });
  });

  it('come back as they were sent; a second message of an event is a source of its own', () => {
    const back = (index: number): Incoming => {
      const { key, value, headers } = toBusMessage(event, { topic: 't.v1', key: 'o1', type: 'T', data: { a: 1 } }, index);
      return toIncoming(at, recordOf({ key, value: Buffer.from(value), headers }));
    };
    expect(back(0)).toEqual({
      ...at, offset: 7, key: 'o1', id: `${event.id}/0`, source: { stream: 'order-1', version: 3, id: `${event.id}/0`, hash: 'ab' }, type: 'T', time: event.recordedAt, subject: 'o1', correlation: 'c', causation: 'k',
      traceparent: event.meta.traceparent, data: { a: 1 },
    });
    expect(back(2).source).toEqual({ stream: 'order-1#2', version: 3, id: `${event.id}/2`, hash: 'ab' });
  });

  it('ING-05: an outsider needs a type alone; its place in the topic stands for stream and version', () => {
    expect(toIncoming(at, recordOf({ headers: { ce_type: 't', ce_id: 'mine', ce_source: 'shop', traceparent: 'nonsense' } }))).toEqual({
      ...at, offset: 7, key: 'k', id: 'mine', source: { stream: 'kafka/t.v1/2', version: 8, id: 'mine', hash: '' }, type: 't', time: '1970-01-01T00:00:00.000Z', subject: 'k', correlation: 'mine', causation: 'mine', data: { a: 1 },
    });
    expect(toIncoming(at, recordOf({ value: null })).data).toBeNull();
    expect(toIncoming(at, recordOf({ headers: { ce_type: 't', ce_id: 'a\0b\ud800' } })).id).toBe('a\ufffdb\ufffd');
  });

  it.each([
    ['no type', recordOf({ headers: {} })], ['no JSON', recordOf({ value: Buffer.from('{') })], ['no UTF-8', recordOf({ value: Buffer.from([0x22, 0xff, 0x22]) })], ['another version', recordOf({ headers: { ce_type: 't', ce_specversion: '0.3' } })],
  ])('%s is a bad message', (_, record) => expect(() => toIncoming(at, record)).toThrow(expect.objectContaining({ name: 'BadMessage' })));
});

describe('the failure policy', () => {
  const message = toIncoming(at, recordOf());
  it.each([
    [new Refused('NO', 'no'), 'park'], [new TypeError('x is undefined'), 'park'], ['text', 'park'], [Object.assign(new Error('down'), { code: 'ECONNREFUSED' }), 'retry'],
    [Object.assign(new Error('shutdown'), { code: '57P01' }), 'retry'], [Object.assign(new Error('dup'), { code: '23505' }), 'park'], [new Error('outer', { cause: Object.assign(new Error('x'), { code: 'ETIMEDOUT' }) }), 'retry'],
    [Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'x' }), 'retry'], [Object.assign(new Error('5 NOT_FOUND'), { code: 5, details: 'x' }), 'park'], [new Error('Connection terminated unexpectedly'), 'retry'],
    [new Refused('OVERLOADED', '16384 commands wait to be written'), 'retry'], [new Refused('BAD_REQUEST', 'no'), 'park'],
  ])('%s → %s', (error, policy) => expect(defaultPolicy(error, message)).toBe(policy));
});

describe('a parked payload', () => {
  const seal = async (text: string, key: string): Promise<string> => `sealed.${key}.${Buffer.from(text).toString('base64url')}`;
  const open = async (sealed: string): Promise<string> => Buffer.from(sealed.split('.')[2]!, 'base64url').toString();

  it('comes back byte for byte, whatever it was and however large', async () => {
    for (const value of [null, Buffer.from('{"a":"ü\\u0000"}'), Buffer.from([0, 255, 0xd8]), Buffer.alloc(100_000, 'x')]) {
      const record = recordOf({ value, headers: { ce_type: 't', odd: 'é\ud800😀' } });
      const payload = await sealRecord(record, seal);
      expect(payload).toMatch(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/);
      expect(await openRecord({ payload, offset: 7, key: 'k' }, open)).toEqual(record);
    }
  });

  it('is gone when its key is erased', async () => expect(await openRecord({ payload: await sealRecord(recordOf(), seal), offset: 7, key: 'k' }, async () => undefined)).toBeUndefined());
});
