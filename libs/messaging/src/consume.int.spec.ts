import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '@flotilla/event-store';
import { crashable, eventually, quietLog, tcpProxy, type Crashable, type TestDatabase } from '@flotilla/testing';
import { consume, kafkaClients, partitionOf, toBusMessage, type Bus, type BusMessage, type ConsumeOptions, type Consumer, type Handler } from './index.js';
import { adding, brokers, consuming, eventOf, newBus, newDatabase, newStore, seenBy, tally, unique } from '../specs/world.js';

jest.setTimeout(90_000);

let db: TestDatabase;
let store: EventStore;
let bus: Bus;
const consumers = new Set<Consumer>();

beforeAll(async () => {
  db = await newDatabase();
  store = newStore(db);
});
afterAll(async () => {
  await store.close();
  await db.drop();
});

const newTopic = async (partitions = 12): Promise<string> => {
  const topic = unique('intake');
  await bus.admin.createTopics([{ topic, partitions }, { topic: `${topic}.dlq`, partitions }]);
  return topic;
};
const told = (topic: string, key: string, version: number): BusMessage => toBusMessage(eventOf(key, version), { topic, key, type: 'Told', data: { n: version } }, 0);
const start = async (parts: Pick<ConsumeOptions, 'consumer' | 'topics'> & Partial<ConsumeOptions>): Promise<Consumer> => {
  const consumer = await consume(consuming({ bus, store, ...parts }));
  consumers.add(consumer);
  return consumer;
};
const stop = async (consumer: Consumer): Promise<void> => {
  consumers.delete(consumer);
  await consumer.stop();
};
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe.each(kafkaClients)('intake through %s', (client) => {
  const ownBuses: Bus[] = [];
  const newOwnBus = (): Bus => {
    const own = newBus({ client });
    ownBuses.push(own);
    return own;
  };
  beforeAll(() => {
    bus = newOwnBus();
  });
  afterAll(async () => {
    await Promise.all([...consumers].map((consumer) => consumer.stop()));
    consumers.clear();
    await Promise.all(ownBuses.splice(0).map((own) => own.close()));
  });

  it('ING-11: each message has its effect once, through duplicates, reordering, restarts and rebalances', async () => {
    const topic = await newTopic();
    const group = unique('svc');
    const keys = Array.from({ length: 30 }, (_, i) => unique(`k${i}`));
    const versions = 40;
    const first = await start({ consumer: group, topics: [topic] });
    let others: Consumer[] = [];
    // In order per key; every tenth is published twice, and every twentieth round an old window once more.
    for (let version = 1; version <= versions; version += 1) {
      const round = keys.flatMap((key, i) => ((version + i) % 10 === 0 ? [told(topic, key, version), told(topic, key, version)] : [told(topic, key, version)]));
      await bus.publish(round);
      if (version % 20 === 0) await bus.publish(keys.flatMap((key) => upTo(version).slice(-5).map((old) => told(topic, key, old))));
      if (version === 8) others = [await start({ consumer: group, topics: [topic], bus: newOwnBus() }), await start({ consumer: group, topics: [topic], bus: newOwnBus() })];
      if (version === 16) await stop(others.pop()!);
      if (version === 24) others.push(await start({ consumer: group, topics: [topic], bus: newOwnBus() }));
      if (version === 32) await stop(first);
    }
    await eventually(async () => expect(await seenBy(store, keys)).toEqual(Object.fromEntries(keys.map((key) => [key, upTo(versions)]))), { timeoutMs: 60_000, everyMs: 100 });
    const ends = await bus.admin.offsets(topic);
    await eventually(async () => expect(await Promise.all(ends.map(({ partition }) => store.offset(group, topic, partition)))).toEqual(ends.map(({ high }) => (high === 0 ? undefined : high))));
    expect(others.map((consumer) => consumer.lag())).toEqual(others.map(() => 0));
    for (const consumer of others) await stop(consumer);
    // and once more from the very beginning of the topic, under another name of the group: the receiving streams drop it
    const again = await start({ consumer: unique('svc'), topics: [topic] });
    await eventually(() => expect(again.ready() && again.lag()).toBe(0));
    expect(await seenBy(store, keys)).toEqual(Object.fromEntries(keys.map((key) => [key, upTo(versions)])));
    await stop(again);
  });

  it('reads several topics, skips types that it does not know, and carries correlation, causation, source and trace', async () => {
    const [a, b] = [await newTopic(2), await newTopic(2)];
    const group = unique('svc');
    const key = unique('k');
    const spans: string[] = [];
    const consumer = await start({ consumer: group, topics: [a, b], tracer: recording(spans) });
    await bus.publish([{ ...told(a, key, 1), headers: { ...told(a, key, 1).headers, ce_type: 'Unheard' } }, told(a, key, 2)]);
    await eventually(async () => expect((await seenBy(store, [key]))[key]).toEqual([2]));
    const other = unique('k');
    await bus.publish([told(b, other, 1)]);
    await eventually(async () => expect((await seenBy(store, [other]))[other]).toEqual([1]));
    const [event] = await store.read(`tally-${key}`);
    expect(event!.meta).toEqual({
      correlation: `c-${key}`, causation: `${key}-2/0`, actor: `service:${group}`, source: { stream: `source-${key}`, version: 2, id: `${key}-2/0`, hash: '2' },
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-00000000000000aa-01',
    });
    expect(spans).toEqual([`process ${a} of b7ad6b7169203331`, `process ${b} of b7ad6b7169203331`]);
    await stop(consumer);
    expect(await bus.admin.committed(group, a)).toContainEqual({ partition: partitionOf(key, 2), offset: 2 });
  });

  it('OPS-06: what nobody asks for is passed over without a transaction of its own, and kept as passed over all the same', async () => {
    const topic = await newTopic(1);
    const group = unique('svc');
    const key = unique('k');
    const intakes: number[] = [];
    const counting = Object.assign(Object.create(store) as typeof store, { intake: (...args: Parameters<typeof store.intake>) => (intakes.push(args[0].length), store.intake(...args)) });
    const handler: Handler = { ...adding, wants: ({ data }) => (data as { readonly n: number }).n > 40 };
    const consumer = await start({ consumer: group, topics: [topic], store: counting, handlers: { Told: handler } });
    for (const n of upTo(40)) await bus.publish([n % 2 === 0 ? told(topic, key, n) : { ...told(topic, key, n), headers: { ...told(topic, key, n).headers, ce_type: 'Unheard' } }]);
    await eventually(async () => expect(await store.offset(group, topic, 0)).toBe(40));
    // One in two seconds, however many batches there were.
    expect(intakes.length).toBeLessThanOrEqual(10);
    expect(intakes.every((tasks) => tasks === 0)).toBe(true);
    await bus.publish([told(topic, key, 41)]);
    await eventually(async () => expect((await seenBy(store, [key]))[key]).toEqual([41]));
    expect(await store.offset(group, topic, 0)).toBe(41);
    await stop(consumer);
  });

  it('OPS-06: what was passed over is kept also where an owner that was just leaving moved the offset', async () => {
    const topic = await newTopic(1);
    const group = unique('svc');
    const handler: Handler = { ...adding, wants: () => false };
    const consumer = await start({ consumer: group, topics: [topic], handlers: { Told: handler } });
    await bus.publish(upTo(5).map((n) => told(topic, unique('k'), n)));
    await eventually(async () => expect(await store.offset(group, topic, 0)).toBe(5));
    await bus.publish(upTo(5).map((n) => told(topic, unique('k'), n)));
    await store.intake([], { consumer: group, topic, partition: 0, from: 5, next: 7 });
    await eventually(async () => expect(await store.offset(group, topic, 0)).toBe(10));
    await stop(consumer);
  });

  it('a message that fails by something that passes is tried again; other partitions go on meanwhile', async () => {
    const topic = await newTopic();
    const keys = upTo(40).map((i) => `${i}-${topic}`);
    const bad = keys[0]!;
    let down = true;
    const handler: Handler = {
      ...adding,
      handle: (message, unit, prepared) => {
        if (message.key === bad && down) throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
        adding.handle(message, unit, prepared);
      },
    };
    const consumer = await start({ consumer: unique('svc'), topics: [topic], handlers: { Told: handler } });
    await bus.publish(keys.map((key) => told(topic, key, 1)));
    const elsewhere = keys.filter((key) => partitionOf(key) !== partitionOf(bad));
    await eventually(async () => expect(Object.values(await seenBy(store, elsewhere)).flat()).toHaveLength(elsewhere.length));
    expect((await seenBy(store, [bad]))[bad]).toEqual([]);
    expect(consumer.lag()).toBeGreaterThan(0);
    down = false;
    await eventually(async () => expect(Object.values(await seenBy(store, keys)).flat()).toHaveLength(keys.length));
    expect(await consumer.parked.list()).toEqual([]);
    await stop(consumer);
  });

  it('by policy a failing message is skipped, or stops its partition', async () => {
    const topic = await newTopic(1);
    const failing: Handler = { handle: (message, unit, prepared) => ((message.data as { n: number }).n % 2 === 0 ? fail() : adding.handle(message, unit, prepared)) };
    const log = quietLog();
    const skipping = await start({ consumer: unique('svc'), topics: [topic], handlers: { Told: failing }, policy: () => 'skip', log });
    const key = unique('k');
    await bus.publish(upTo(5).map((n) => told(topic, key, n)));
    await eventually(async () => expect((await seenBy(store, [key]))[key]).toEqual([1, 3, 5]));
    expect(log.lines.filter(({ message }) => message === 'a message failed and is skipped')).toHaveLength(2);
    await stop(skipping);
    const stopping = await start({ consumer: unique('svc'), topics: [topic], handlers: { Told: failing }, policy: () => 'stop' });
    await eventually(() => expect(stopping.stopped()).toEqual([{ topic, partition: 0, reason: 'by policy: even' }]));
    expect([stopping.ready(), stopping.lag()]).toEqual([false, 4]);
    await stop(stopping);
  });

  it('asks for a whole chunk before it decides, and finds the one message for which the asking fails', async () => {
    const topic = await newTopic(1);
    const key = unique('k');
    const asked: number[] = [];
    const consumer = await start({
      consumer: unique('svc'), topics: [topic],
      prepare: async (messages) => {
        asked.push(messages.length);
        if (messages.some((message) => (message.data as { n: number }).n === 2)) throw new Error('not this one');
        return messages.map((message) => (message.data as { n: number }).n * 10);
      },
      handlers: { Told: { handle: (message, unit, prepared) => void unit.run(tally, message.key, { type: 'Add', data: { n: prepared as number } }) } },
      policy: () => 'skip',
    });
    await bus.publish([1, 2, 3].map((n) => told(topic, key, n)));
    await eventually(async () => expect((await seenBy(store, [key]))[key]).toEqual([10, 30]));
    expect(asked).toContain(3);
    await stop(consumer);
  });

  it('another owner that moved the offset is noticed; nothing is done twice', async () => {
    const topic = await newTopic(1);
    const group = unique('svc');
    const key = unique('k');
    const log = quietLog();
    const consumer = await start({ consumer: group, topics: [topic], log });
    await bus.publish([told(topic, key, 1)]);
    await eventually(async () => expect(await store.offset(group, topic, 0)).toBe(1));
    await store.intake([], { consumer: group, topic, partition: 0, from: 1, next: 3 }); // as a zombie, or its successor, would
    await bus.publish([2, 3, 4].map((n) => told(topic, key, n)));
    await eventually(async () => expect((await seenBy(store, [key]))[key]).toEqual([1, 4]));
    expect(log.lines.map(({ message }) => message)).toContain('another owner moved the offset; reading it again');
    expect(consumer.ready()).toBe(true);
    await stop(consumer);
  });

  it('ING-11: a member that was killed, and one that slept while another took its place, do nothing twice and lose nothing', async () => {
    const topic = await newTopic(4);
    const group = unique('svc');
    const keys = upTo(12).map((i) => unique(`z${i}`));
    const script = fileURLToPath(new URL('../specs/consuming-child.ts', import.meta.url));
    const member = (): Crashable => crashable(script, { args: [db.url, brokers().join(','), topic, group, client] });
    const [sleeper, victim] = [member(), member()];
    await Promise.all([sleeper.line('ready'), victim.line('ready')]);
    let version = 0;
    const publish = (rounds: number): Promise<void> => bus.publish(upTo(rounds).flatMap(() => ((version += 1), keys.map((key) => told(topic, key, version)))));
    await publish(50);
    await Promise.all([sleeper.line('took'), victim.line('took')]);
    sleeper.stop();
    await victim.kill();
    await publish(50);
    const heir = member(); // gets everything once the group no longer waits for the two
    await eventually(async () => expect(await seenBy(store, keys)).toEqual(Object.fromEntries(keys.map((key) => [key, upTo(version)]))), { timeoutMs: 60_000, everyMs: 250 });
    sleeper.resume(); // believes that it still owns its partitions
    await publish(50);
    await eventually(async () => expect(await seenBy(store, keys)).toEqual(Object.fromEntries(keys.map((key) => [key, upTo(version)]))), { timeoutMs: 60_000, everyMs: 250 });
    const before = sleeper.lines.length;
    await eventually(() => sleeper.lines.slice(before).includes('ready')); // a member again
    await Promise.all([heir.kill(), sleeper.kill()]);
    expect(version).toBe(150);
  });

  it('a gap in the topic, or a topic that was cut, stops the partition and says so', async () => {
    const topic = await newTopic(1);
    const group = unique('svc');
    const key = unique('k');
    await bus.publish(upTo(5).map((n) => told(topic, key, n)));
    await store.intake([], { consumer: group, topic, partition: 0, from: 0, next: 2 });
    await deleteRecords(topic, 4);
    const log = quietLog();
    const gap = await start({ consumer: group, topics: [topic], log });
    await eventually(() => expect(gap.stopped()).toEqual([{ topic, partition: 0, reason: 'offsets 2 to 3 are gone from the topic (retention)' }]));
    expect(gap.ready()).toBe(false);
    expect(log.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual(['a partition stands still']);
    expect((await seenBy(store, [key]))[key]).toEqual([]);
    await stop(gap);

    const other = unique('svc');
    await store.intake([], { consumer: other, topic, partition: 0, from: 0, next: 9 });
    const cut = await start({ consumer: other, topics: [topic] });
    await eventually(() => expect(cut.stopped()[0]?.reason).toBe('the topic ends at 5, before 9: it was replaced or cut'));
    await stop(cut);

    const fresh = await start({ consumer: unique('svc'), topics: [topic] }); // who never read it begins with what is there
    await eventually(async () => expect((await seenBy(store, [key]))[key]).toEqual([5]));
    expect(fresh.ready()).toBe(true);
    await stop(fresh);
  });

  it('ING-11: a broker that has just come back and says for a moment that a partition ends earlier is asked again', async () => {
    const topic = await newTopic(1);
    const group = unique('svc');
    const key = unique('k');
    await bus.publish(upTo(3).map((n) => told(topic, key, n)));
    await store.intake([], { consumer: group, topic, partition: 0, from: 0, next: 2 });
    let asked = 0;
    const admin = Object.assign(Object.create(bus.admin) as Bus['admin'], {
      offsets: async (name: string) => (await bus.admin.offsets(name)).map((one) => ((asked += 1) <= 2 ? { ...one, high: 1 } : one)),
    });
    const consumer = await start({ bus: Object.assign(Object.create(bus) as Bus, { admin }), consumer: group, topics: [topic] });
    await eventually(async () => expect((await seenBy(store, [key]))[key]).toEqual([3]));
    expect(consumer.stopped()).toEqual([]);
    await stop(consumer);
  });

  it('a database that is away is waited for; nothing is lost or done twice', async () => {
    const topic = await newTopic(2);
    const url = new URL(db.url);
    const proxy = await tcpProxy({ target: { port: Number(url.port) } });
    const { default: pg } = await import('pg');
    url.port = String(proxy.port);
    const pool = new pg.Pool({ connectionString: url.toString(), max: 4, connectionTimeoutMillis: 1_000 });
    pool.on('error', () => undefined);
    const shaky = newStore({ ...db, pool });
    const keys = [unique('k'), unique('k'), unique('k')];
    const consumer = await start({ consumer: unique('svc'), topics: [topic], store: shaky });
    await bus.publish(keys.map((key) => told(topic, key, 1)));
    await eventually(async () => expect(Object.values(await seenBy(store, keys)).flat()).toHaveLength(3));
    for (let version = 2; version <= 6; version += 1) {
      if (version % 2 === 0) proxy.dropNextResponse((request) => request.includes('es.append') || request.includes('append')); // written, but nobody hears of it
      else proxy.cut();
      await bus.publish(keys.map((key) => told(topic, key, version)));
      await eventually(() => proxy.connections === 0 || version % 2 === 0);
      proxy.heal();
    }
    await eventually(async () => expect(await seenBy(store, keys)).toEqual(Object.fromEntries(keys.map((key) => [key, upTo(6)]))), { timeoutMs: 40_000 });
    await stop(consumer);
    await pool.end();
    await proxy.close();
  });
});

const fail = (): never => {
  throw new Error('even');
};

// Retention as a broker does it, at once.
const deleteRecords = async (topic: string, before: number): Promise<void> => {
  const { default: kafkajs } = await import('kafkajs');
  const admin = new kafkajs.Kafka({ brokers: brokers(), logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.fetchTopicOffsets(topic); // kafkajs deletes records only of topics whose metadata it has
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(before) }] });
  } finally {
    await admin.disconnect();
  }
};

/** A tracer that notes the name of each span and its remote parent. */
const recording = (names: string[]): NonNullable<ConsumeOptions['tracer']> =>
  ({
    startSpan: (name: string, _: unknown, context: { getValue(key: symbol): unknown; _currentContext?: Map<symbol, { spanContext(): { spanId: string } }> }) => {
      const parent = [...(context._currentContext?.values() ?? [])][0]?.spanContext().spanId;
      names.push(`${name} of ${parent}`);
      return { spanContext: () => ({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00000000000000aa', traceFlags: 1 }), end: () => undefined, setStatus: () => undefined, setAttribute: () => undefined };
    },
  }) as never;
