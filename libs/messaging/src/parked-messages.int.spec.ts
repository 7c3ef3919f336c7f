import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { runFollowers, type EventStore } from '@flotilla/event-store';
import { eventually, quietLog, type TestDatabase } from '@flotilla/testing';
import { consume, publishParked, relay, toBusMessage, type Bus, type BusMessage, type BusRecord, type ConsumeOptions, type Consumer, type Handler, type ParkedMessage } from './index.js';
import { adding, consuming, eventOf, newBus, newDatabase, newStore, open, seenBy, unique } from '../specs/world.js';

jest.setTimeout(60_000);

let db: TestDatabase;
let store: EventStore;
let bus: Bus;
const running = new Set<Consumer>();
const poison = new Set<string>();

const handler: Handler = {
  ...adding,
  handle: (message, unit, prepared) => {
    const { n } = message.data as { n: number };
    if (poison.has(`${message.key}/${n}`)) throw new Refused('NOT_TODAY', `${n} cannot be taken`);
    adding.handle(message, unit, prepared);
  },
};

beforeAll(async () => {
  db = await newDatabase();
  store = newStore(db);
  bus = newBus();
});
afterAll(async () => {
  await Promise.all([...running].map((consumer) => consumer.stop()));
  await bus.close();
  await store.close();
  await db.drop();
});

const newTopic = async (partitions = 1): Promise<string> => {
  const topic = unique('parking');
  await bus.admin.createTopics([{ topic, partitions }, { topic: `${topic}.dlq`, partitions }]);
  return topic;
};
const told = (topic: string, key: string, version: number): BusMessage => toBusMessage(eventOf(key, version), { topic, key, type: 'Told', data: { n: version } }, 0);
const start = async (topic: string, more: Partial<ConsumeOptions> = {}): Promise<Consumer> => {
  const consumer = await consume(consuming({ bus, store, consumer: unique('svc'), topics: [topic], handlers: { Told: handler }, ...more }));
  running.add(consumer);
  return consumer;
};
const stop = async (consumer: Consumer): Promise<void> => {
  running.delete(consumer);
  await consumer.stop();
};
const eventuallySeen = (expected: Record<string, readonly number[]>): Promise<unknown> => eventually(async () => expect(await seenBy(store, Object.keys(expected))).toEqual(expected));

describe('ING-05: a message that cannot be handled', () => {
  it('parks its key: later ones queue behind it in order, other keys go on, replay drains them in order', async () => {
    const topic = await newTopic();
    const [bad, good] = [unique('bad'), unique('good')];
    poison.add(`${bad}/2`);
    const consumer = await start(topic);
    await bus.publish([1, 2, 3].flatMap((n) => [told(topic, bad, n), told(topic, good, n)]));
    await eventuallySeen({ [bad]: [1], [good]: [1, 2, 3] });
    await bus.publish([told(topic, bad, 4), told(topic, good, 4), told(topic, bad, 3)]); // the last is a repeat
    await eventuallySeen({ [bad]: [1], [good]: [1, 2, 3, 4] });
    await eventually(() => expect(consumer.lag()).toBe(0));
    const [parkedKey, ...others] = await consumer.parked.list();
    expect([parkedKey, others]).toEqual([{ parkedKey: `${topic}/0/${bad}`, topic, partition: 0, key: bad, waiting: 3 }, []]);
    expect((await consumer.parked.show(parkedKey!.parkedKey)).map(({ id, reason, detail }) => [id, reason, detail])).toEqual([
      [`${bad}-2/0`, 'NOT_TODAY', '2 cannot be taken'], [`${bad}-3/0`, 'BEHIND_PARKED', 'an earlier message of this key is parked'], [`${bad}-4/0`, 'BEHIND_PARKED', 'an earlier message of this key is parked'],
    ]);

    expect(await consumer.parked.replay(parkedKey!.parkedKey)).toMatchObject({ handled: 0, stillParked: 3, failed: { reason: 'NOT_TODAY' } });
    poison.delete(`${bad}/2`);
    poison.add(`${bad}/4`);
    expect(await consumer.parked.replay(parkedKey!.parkedKey)).toMatchObject({ handled: 2, stillParked: 1 });
    await eventuallySeen({ [bad]: [1, 2, 3] });
    poison.delete(`${bad}/4`);
    expect(await consumer.parked.replay(parkedKey!.parkedKey)).toEqual({ handled: 1, stillParked: 0 });
    expect(await consumer.parked.list()).toEqual([]);
    await bus.publish([told(topic, bad, 5)]);
    await eventuallySeen({ [bad]: [1, 2, 3, 4, 5] });
    await stop(consumer);
  });

  it('stays parked over a restart; another replica may replay it, and the owner goes on as usual', async () => {
    const topic = await newTopic();
    const [bad, group] = [unique('bad'), unique('svc')];
    poison.add(`${bad}/1`);
    const before = await start(topic, { consumer: group });
    await bus.publish([told(topic, bad, 1)]);
    await eventually(async () => expect(await before.parked.list()).toHaveLength(1));
    await stop(before);
    await bus.publish([told(topic, bad, 2)]);
    const owner = await start(topic, { consumer: group });
    await eventually(async () => expect(await owner.parked.list()).toMatchObject([{ waiting: 2 }]));
    poison.delete(`${bad}/1`);
    const otherBus = newBus();
    const otherStore = newStore(db); // with a cache of its own
    const replica = await start(topic, { consumer: group, bus: otherBus, store: otherStore });
    await eventually(() => expect([owner, replica].filter((one) => one.ready())).toHaveLength(2));
    const { parkedKey } = (await replica.parked.list())[0]!;
    expect(await replica.parked.replay(parkedKey)).toEqual({ handled: 2, stillParked: 0 });
    await bus.publish([told(topic, bad, 3)]);
    await eventuallySeen({ [bad]: [1, 2, 3] });
    expect(await owner.parked.list()).toEqual([]);
    await stop(replica);
    await stop(owner);
    await otherBus.close();
    await otherStore.close();
  });

  it('that its service does not want any more has no effect when it is replayed', async () => {
    const topic = await newTopic();
    const key = unique('unwanted');
    const unwanted = new Set<number>();
    poison.add(`${key}/1`);
    const consumer = await start(topic, { handlers: { Told: { ...handler, wants: ({ data }) => !unwanted.has((data as { n: number }).n) } } });
    await bus.publish([told(topic, key, 1), told(topic, key, 2)]);
    const [parkedKey] = await eventually(async () => {
      const parked = await consumer.parked.list();
      expect(parked).toMatchObject([{ waiting: 2 }]);
      return parked;
    });
    poison.delete(`${key}/1`);
    unwanted.add(1);
    expect(await consumer.parked.replay(parkedKey!.parkedKey)).toEqual({ handled: 2, stillParked: 0 });
    await eventuallySeen({ [key]: [2] });
    await stop(consumer);
  });

  it('can be discarded: those behind it wait for their replay', async () => {
    const topic = await newTopic();
    const bad = unique('bad');
    poison.add(`${bad}/1`);
    const consumer = await start(topic);
    await bus.publish([told(topic, bad, 1), told(topic, bad, 2)]);
    await eventually(async () => expect(await consumer.parked.list()).toMatchObject([{ waiting: 2 }]));
    const { parkedKey } = (await consumer.parked.list())[0]!;
    expect(await consumer.parked.discard(parkedKey, 'sent by mistake', 'user:ann')).toEqual({ discarded: 1, stillParked: 1 });
    expect(await consumer.parked.replay(parkedKey, 'user:ann')).toEqual({ handled: 1, stillParked: 0 });
    expect(await consumer.parked.discard(parkedKey, 'twice', 'user:ann')).toEqual({ discarded: 0, stillParked: 0 });
    await eventuallySeen({ [bad]: [2] });
    await expect(consumer.parked.replay('elsewhere/0/k')).rejects.toMatchObject({ reason: 'PARKED_KEY_UNKNOWN' });
    await stop(consumer);
  });

  it('is parked too when no handler can have it, and travels sealed to the dead-letter topic with the reason', async () => {
    const topic = await newTopic();
    const key = unique('key');
    const runner = await runFollowers({ pool: db.pool, store, log: quietLog(), followers: [relay({ name: unique('relay'), bus, publish: publishParked })] });
    const consumer = await start(topic);
    await bus.publish([{ topic, key, value: Buffer.from('{"name":"Maria"'), headers: { ce_type: 'Told', ce_id: 'odd\u0000id' } }, { topic, key: 'nul\u0000key', value: '1', headers: {} }]);
    await eventually(async () => expect(await consumer.parked.list()).toHaveLength(2));
    const letters: BusRecord[] = [];
    const reader = await bus.subscribe(unique('dlq'), [`${topic}.dlq`], {
      assigned: async (all) => new Map(all.map(({ topic: name, partition }) => [`${name}/${partition}`, { at: 0 }])),
      take: async ({ records }) => (letters.push(...records), { at: records.at(-1)!.offset + 1 }),
    });
    await eventually(() => expect(letters).toHaveLength(2));
    await reader.stop();
    await runner.stop();
    expect(letters.map((letter) => letter.headers['ce_type'])).toEqual(['flotilla.audit.v1.MessageParked', 'flotilla.audit.v1.MessageParked']);
    const data = JSON.parse(letters.find((letter) => letter.key === key)!.value!.toString()) as ParkedMessage;
    expect(data).toMatchObject({ topic, partition: 0, offset: 0, key, reason: 'BAD_MESSAGE', detail: 'the value is not JSON in UTF-8' });
    expect(JSON.stringify(data)).not.toContain('Maria');
    expect(Buffer.from((JSON.parse(await open(data.payload)) as { value: string }).value, 'base64').toString()).toBe('{"name":"Maria"');
    const parkedKey = (await consumer.parked.list()).find((one) => one.key === key)!.parkedKey;
    expect(await consumer.parked.replay(parkedKey)).toMatchObject({ handled: 0, stillParked: 1, failed: { name: 'BadMessage' } });
    await stop(consumer);
  });

  it('whose key was erased says so at its replay', async () => {
    const topic = await newTopic();
    const bad = unique('bad');
    poison.add(`${bad}/1`);
    const consumer = await start(topic, { open: async () => undefined });
    await bus.publish([told(topic, bad, 1)]);
    await eventually(async () => expect(await consumer.parked.list()).toHaveLength(1));
    expect(await consumer.parked.replay(`${topic}/0/${bad}`)).toMatchObject({ handled: 0, stillParked: 1, failed: { reason: 'SUBJECT_ERASED' } });
    await stop(consumer);
  });

  it('a full lot stops the partition until somebody makes room; many bad messages are no burden', async () => {
    const topic = await newTopic();
    const keys = Array.from({ length: 40 }, () => unique('bad'));
    for (const key of keys) poison.add(`${key}/1`);
    const log = quietLog();
    const consumer = await start(topic, { lotLimit: 30, log });
    await bus.publish(keys.map((key) => told(topic, key, 1)));
    await eventually(() => expect(consumer.stopped()).toEqual([{ topic, partition: 0, reason: 'its parking lot is full' }]));
    expect(await consumer.parked.list({ size: 500 })).toHaveLength(30);
    expect([consumer.ready(), consumer.lag()]).toEqual([false, 10]);
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    for (const { parkedKey } of await consumer.parked.list({ size: 20 })) await consumer.parked.discard(parkedKey, 'make room', 'user:ann');
    await eventually(() => expect([consumer.ready(), consumer.lag()]).toEqual([true, 0]), { timeoutMs: 30_000 });
    const [page, next] = [await consumer.parked.list({ size: 15 }), await consumer.parked.list({ size: 100 })];
    expect([...page, ...(await consumer.parked.list({ size: 100, after: page.at(-1)!.parkedKey }))]).toEqual(next);
    expect(next).toHaveLength(20);
    await stop(consumer);
  });
});
