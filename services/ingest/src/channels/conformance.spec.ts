import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { reasons } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import { newKey, orderIdOf } from '@flotilla/values';
import fc from 'fast-check';
import { examples } from '../../spec/channel-examples.js';
import { Deliveries } from '../accept/deliveries.js';
import type { Accepted } from '../coordinate/receiving.js';
import { channelOrder, type ChannelOrderState } from '../decide/channel-order.decider.js';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';
import { secretsOf } from '../keys/secrets.js';
import type { ChannelApi, Reading } from './platform.js';
import { platforms } from './registry.js';

// The personal part of a connector's order stands in clear in its example.
const registered = platforms((text) => Promise.resolve(Buffer.from(text)));
const keys = new Map<string, Uint8Array>();
const deliveries = new Deliveries(
  { ensure: (subjects) => Promise.resolve(new Map(subjects.map((subject) => [subject, keys.get(subject) ?? (keys.set(subject, newKey()), keys.get(subject)!)]))) },
  secretsOf(randomBytes(32)),
  () => '',
);

describe.each([...registered])('the channel %s', (name, platform) => {
  const example = examples[name]!;
  const body = (second: number, remark = 'one'): Buffer => Buffer.from(JSON.stringify(example.order({ second, remark })));
  const accept = async (bytes: Uint8Array, deliveryId: string, sentAt = ''): Promise<readonly Accepted[]> => {
    const connected = { id: 'shop', platform: name, apiUrl: '', secret: new Uint8Array(), token: '', connectedAt: '', hasSkuMap: false, mapping: example.mapping };
    return (await deliveries.accept([{ channel: 'shop', connected, platform, deliveryId, source: 'WEBHOOK', topic: example.topic, sentAt, receivedAt: '2026-12-01T12:00:00.000Z', body: bytes }]))[0]!;
  };
  const mapped = example.mapping === undefined ? {} : { mapping: example.mapping };
  /** What is written about each order when these come in, one after the other. */
  const after = async (...bodies: readonly (readonly [Uint8Array, string])[]): Promise<ReadonlyMap<string, readonly ChannelOrderEvent[]>> => {
    const written = new Map<string, readonly ChannelOrderEvent[]>();
    for (const [bytes, deliveryId] of bodies) {
      for (const { delivery, outcome } of await accept(bytes, deliveryId)) {
        const before = written.get(delivery.orderId) ?? [];
        written.set(delivery.orderId, [...before, ...channelOrder.decide({ type: 'ReceiveDelivery', data: { delivery, outcome } }, fold(channelOrder, before))]);
      }
    }
    return written;
  };
  const mine = orderIdOf('shop', example.id);
  const eventsOf = async (...bodies: readonly (readonly [Uint8Array, string])[]): Promise<readonly ChannelOrderEvent[]> => (await after(...bodies)).get(mine) ?? [];
  const news = (events: readonly ChannelOrderEvent[]): readonly string[] => events.map(({ type }) => type).filter((type) => type.startsWith('Channel'));
  const told = (events: readonly ChannelOrderEvent[]): Pick<ChannelOrderState, 'known' | 'parked'> => {
    const { known, parked } = fold(channelOrder, events);
    return { known, parked };
  };
  /** Whatever comes in is an order, says facts, or has a reason that is registered and quotes nobody. */
  const readable = async (bytes: Uint8Array): Promise<void> => {
    const readings: readonly Reading[] = await platform.read({ topic: example.topic, body: bytes, receivedAt: '2026-12-01T12:00:00.000Z', ...mapped });
    expect(readings.length).toBeGreaterThan(0);
    for (const { said } of readings) {
      if (said.as !== 'failure') continue;
      expect(Object.keys(reasons)).toContain(said.reason);
      for (const word of example.personal) expect(said.detail).not.toContain(word);
    }
  };
  /** And it is written as that. */
  const harmless = async (bytes: Uint8Array): Promise<void> => {
    await readable(bytes);
    for (const events of (await after([bytes, 'd1'])).values()) {
      const { told: { received }, parked, quarantined } = fold(channelOrder, events);
      const facts = events[0]!.type === 'DeliveryRecorded';
      expect(received || facts || parked !== null || quarantined.length > 0).toBe(true);
    }
  };

  it('ING-11: reads its order under the platform’s id, as an announcement, and seals the person', async () => {
    const events = await eventsOf([body(1, 'Nobody may read this'), 'd1']);
    expect(news(events)[0]).toBe('ChannelOrderReceived');
    expect(events[0]).toMatchObject({ type: 'DeliveryRecorded', data: { channelOrderId: example.id, kind: 'announce' } });
    const text = JSON.stringify(events);
    for (const word of [...example.personal, 'Nobody may read this']) expect(text).not.toContain(word);
  });

  it('ING-11: the same delivery again writes nothing, the same order again says nothing', async () => {
    const once = await eventsOf([body(1), 'd1']);
    expect(await eventsOf([body(1), 'd1'], [body(1), 'd1'])).toHaveLength(once.length);
    expect(news(await eventsOf([body(1), 'd1'], [body(1), 'd2']))).toEqual(news(once));
  });

  it('ING-11: a change is told as one, and updates in any order come to the same end', async () => {
    const versions = [[body(1, 'one'), 'd1'], [body(2, 'two'), 'd2'], [body(3, 'three'), 'd3']] as const;
    const straight = await eventsOf(...versions);
    expect(news(straight).filter((type) => type === 'ChannelOrderReceived' || type === 'ChannelOrderAmended')).toEqual(['ChannelOrderReceived', 'ChannelOrderAmended', 'ChannelOrderAmended']);
    for (const order of [[2, 1, 0], [1, 2, 0], [2, 0, 1], [1, 0, 2, 1, 0]]) expect(told(await eventsOf(...order.map((at) => versions[at]!)))).toEqual(told(straight));
    expect(news(await eventsOf(versions[2], versions[0])).filter((type) => type === 'ChannelOrderAmended')).toEqual([]);
  });

  it('ING-14: a body that breaks off, or is changed anywhere, is an order or has a reason', async () => {
    const whole = body(1);
    for (let cut = 0; cut < whole.length; cut += Math.ceil(whole.length / 25)) await harmless(whole.subarray(0, cut));
    const order = example.order({ second: 1, remark: 'one' });
    const paths = pathsOf(order);
    for (const [at, path] of paths.entries()) {
      for (const [which, poison] of poisons.entries()) await (which === at % poisons.length ? harmless : readable)(Buffer.from(JSON.stringify(changed(order, path, poison))));
    }
  }, 60_000);

  it('ING-14: hostile bytes have a reason and nothing else', async () => {
    const hostile = ['', '\0', '[]', 'null', '1e999', '"x"', '{"__proto__":{"id":1}}', '['.repeat(100_000), `{"id":${'9'.repeat(10_000)}}`, `{"a":${'{"a":'.repeat(70)}1${'}'.repeat(71)}`, `{"id":"1","x":"${'y'.repeat(900_000)}"}`].map((text) => Buffer.from(text));
    for (const bytes of [...hostile, Buffer.from([0x7b, 0x22, 0xff, 0xfe]), randomBytes(4_096)]) {
      const readings = await platform.read({ topic: example.topic, body: bytes, ...mapped });
      expect(readings.map(({ said }) => said.as)).toEqual(readings.map(() => 'failure'));
      await harmless(bytes);
    }
    await fc.assert(fc.asyncProperty(fc.json({ maxDepth: 6 }), async (text) => readable(Buffer.from(text))), { numRuns: 200 });
    const order = example.order({ second: 1, remark: 'one' });
    await fc.assert(fc.asyncProperty(fc.constantFrom(...pathsOf(order)), fc.jsonValue({ maxDepth: 3 }), async (path, value) => harmless(Buffer.from(JSON.stringify(changed(order, path, value))))), { numRuns: 100 });
  }, 60_000);

  const { sign } = example;
  const webhooks = platform.webhooks ?? platform.webhooksOf?.(example.mapping);
  if (webhooks !== undefined) {
    it('ING-01: a webhook is taken with the right signature over these bytes alone', () => {
      const bytes = body(1);
      const headers = sign!('s3cret', bytes);
      expect(webhooks.verify(Buffer.from('s3cret'), headers, bytes)).toBe(true);
      expect(webhooks.topic(headers)).toBe(example.topic);
      const wrong = [[headers, Buffer.concat([bytes, Buffer.from(' ')]), 's3cret'], [sign!('other', bytes), bytes, 's3cret'], [{}, bytes, 's3cret'], [sign!('', bytes), bytes, '']] as const;
      for (const [sent, over, secret] of wrong) expect(webhooks.verify(Buffer.from(secret), sent, over)).toBe(false);
      for (const header of Object.keys(headers)) for (const value of ['', '=', 'AAAA', 'x'.repeat(10_000), ['a', 'b'], undefined]) expect(webhooks.verify(Buffer.from('s3cret'), { [header]: value }, bytes)).toBe(false);
    });
  }

  // What a platform may answer to anything; none of it says that something was done.
  const answers: readonly (readonly [string, () => Promise<Response>])[] = [
    ['nothing', () => Promise.reject(new TypeError('fetch failed'))], ['an outage', () => Promise.resolve(new Response('oops', { status: 503 }))], ['a page of HTML', () => Promise.resolve(new Response('<html>', { status: 200 }))],
    ['more than anybody asked for', () => Promise.resolve(new Response(Buffer.alloc(17 * 1024 * 1024, ' '), { status: 200 }))], ['garbage', () => Promise.resolve(new Response(randomBytes(64), { status: 200 }))], ['a list', () => Promise.resolve(new Response('[]', { status: 200 }))], ['an empty object', () => Promise.resolve(new Response('{}', { status: 200 }))],
    ['a wrong key', () => Promise.resolve(new Response('{}', { status: 401 }))], ['a refusal', () => Promise.resolve(new Response('{"errors":"no"}', { status: 422 }))],
  ];
  const api = (fetch: () => Promise<Response>): ChannelApi => ({ url: 'http://shop', token: 'key:part', secret: Buffer.from('s3cret'), fetch, wait: () => Promise.resolve() });

  const { writeBack, cancel, orders, stock } = platform;
  if (writeBack !== undefined) {
    it.each(answers)('ING-13: a shipment that is answered with %s is not told, and nothing is thrown', async (_what, fetch) => {
      const lines = [{ channelLineId: '315', quantity: 1 }];
      const written = await writeBack(api(fetch), { channelOrderId: example.id, carrier: 'sf', waybill: 'SF7444400031887', lines });
      expect(written.outcome).not.toBe('done');
      for (const hostile of ['', '../../x', 'a b', '1; DROP', 'x'.repeat(5_000)]) expect((await writeBack(api(fetch), { channelOrderId: hostile, carrier: hostile, waybill: hostile, lines })).outcome).not.toBe('done');
    });
  }
  if (cancel !== undefined) {
    it.each(answers)('ING-13: a cancellation that is answered with %s is not told, and nothing is thrown', async (_what, fetch) => {
      for (const id of [example.id, '', '../../x', 'a b', '1; DROP', 'x'.repeat(5_000)]) expect((await cancel(api(fetch), { channelOrderId: id, reason: 'x'.repeat(5_000) })).outcome).not.toBe('done');
    });
  }
  if (stock !== undefined) {
    it.each(answers)('ING-12: stock that is answered with %s is not taken as listed or set, and nothing is thrown', async (what, fetch) => {
      const listed = await stock.list(api(fetch), { from: '', location: '' });
      expect([what, listed.outcome === 'page' ? listed.items.length : 0]).toEqual([what, 0]);
      const set = await stock.set(api(fetch), { location: 'here', levels: [{ item: '12', level: 3 }, { item: '../x', level: 1 }], reference: 'r' });
      expect([what, set.outcome === 'set' ? set.changed : []]).toEqual([what, []]);
    });
  }
  if (orders !== undefined) {
    it.each(answers)('ING-02: a pull that is answered with %s takes nothing, and nothing is thrown', async (what, fetch) => {
      const pulled = await orders.pull(api(fetch), { from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T10:15:00.000Z', next: '' });
      expect([what, pulled.outcome]).not.toEqual([what, 'page']);
    });
  }
});

describe('the examples', () => {
  it('ING-01: are one per platform of the registry', () => expect(Object.keys(examples).toSorted()).toEqual([...registered.keys()].toSorted()));
});

const poisons: readonly unknown[] = [null, '', 'x', -1, 1e21, 0.5, true, [], {}, [[]], [{}], 'a\u0000b', '\ud800', '9'.repeat(40), 'y'.repeat(20_000), '2026-02-30T00:00:00Z'];

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, at: Path = []): readonly Path[] => {
  const inside = Array.isArray(value) ? [...value.entries()] : typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [...(at.length > 0 ? [at] : []), ...inside.flatMap(([name, one]) => pathsOf(one, [...at, name as string | number]))];
};

const changed = (value: unknown, [name, ...rest]: Path, to: unknown): unknown => {
  if (name === undefined) return to;
  if (Array.isArray(value)) return value.map((one: unknown, at) => (at === name ? changed(one, rest, to) : one));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: changed(object[name], rest, to) };
};
