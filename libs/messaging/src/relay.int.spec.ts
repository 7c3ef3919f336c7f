import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { runFollowers, type EventStore, type Recorded } from '@flotilla/event-store';
import { crashable, eventually, quietLog, tcpProxy, type TestDatabase } from '@flotilla/testing';
import { kafkaClients, relay, type Bus, type BusRecord, type Published } from './index.js';
import { brokers, newBus, newDatabase, newStore, tally, unique } from '../specs/world.js';

jest.setTimeout(60_000);

let db: TestDatabase;
let store: EventStore;
let bus: Bus;

beforeAll(async () => {
  db = await newDatabase();
  store = newStore(db);
});
afterAll(async () => {
  await store.close();
  await db.drop();
});

const newTopic = async (): Promise<string> => {
  const topic = unique('relayed');
  await bus.admin.createTopics([{ topic, partitions: 3 }]);
  return topic;
};
const add = async (key: string, n: number): Promise<void> =>
  void (await store.execute({ streams: [[tally, key]], meta: { correlation: 'c', causation: 'c', actor: 'spec', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, decide: (unit) => void unit.run(tally, key, { type: 'Add', data: { n } }) }));
const publishTo = (topic: string, keys: readonly string[]) => (event: Recorded): readonly Published[] =>
  keys.includes(event.stream.slice('tally-'.length)) ? [{ topic, key: event.stream, type: 'Told', data: event.data }] : [];
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** All records of a topic, in order per partition. */
const readAll = async (topic: string): Promise<readonly BusRecord[]> => {
  const records: BusRecord[] = [];
  const total = (await bus.admin.offsets(topic)).reduce((sum, { high }) => sum + high, 0);
  const subscription = await bus.subscribe(unique('all'), [topic], {
    assigned: async (all) => new Map(all.map(({ topic: name, partition }) => [`${name}/${partition}`, { at: 0 }])),
    take: async (batch) => (records.push(...batch.records), { at: batch.records.at(-1)!.offset + 1 }),
  });
  await eventually(() => records.length >= total); // more, if somebody still writes
  await subscription.stop();
  return records;
};
/** Per key the versions without repeats: a repeat may only say again what was said before. */
const versionsOf = (records: readonly BusRecord[], key: string): number[] => {
  const all = records.filter((record) => record.key === `tally-${key}`).map(({ headers }) => Number(headers['sequence']));
  return all.filter((version, i) => all.indexOf(version) === i);
};

describe.each(kafkaClients)('the relay through %s', (client) => {
  beforeAll(() => {
    bus = newBus({ client });
  });
  afterAll(() => bus.close());

  it('lost answers and cut connections of the broker lose no event and turn none around', async () => {
    const topic = await newTopic();
    const keys = upTo(6).map((i) => unique(`r${i}`));
    const [host, port] = brokers()[0]!.split(':') as [string, string];
    const kafka = await tcpProxy({ target: { host, port: Number(port) } });
    const hurt = newBus({ client, route: () => ({ host: '127.0.0.1', port: kafka.port }) });
    const name = unique('relay');
    const runner = await runFollowers({ pool: db.pool, store, log: quietLog(), followers: [relay({ name, bus: hurt, publish: publishTo(topic, keys) })] });
    for (let n = 1; n <= 12; n += 1) {
      if (n % 3 === 0) kafka.dropNextResponse((request) => request.includes('chainhash'));
      await Promise.all(keys.map((key) => add(key, n)));
      if (n % 3 === 0) await eventually(() => expect(kafka.dropped).toBe(n / 3), { timeoutMs: 20_000 });
      if (n === 7) kafka.cut();
      if (n === 8) kafka.heal();
    }
    await eventually(async () => expect((await readAll(topic)).length).toBeGreaterThanOrEqual(72), { timeoutMs: 40_000, everyMs: 250 });
    await runner.stop();
    const records = await readAll(topic);
    for (const key of keys) expect(versionsOf(records, key)).toEqual(upTo(12));
    expect(records.length).toBeGreaterThan(72); // the answers were lost, the messages were not
    expect(records[0]!.headers['traceparent']).toBe('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    await hurt.close();
    await kafka.close();
  });

  it('killed between sending and its checkpoint it sends again, and nothing is missing', async () => {
    const topic = await newTopic();
    const name = unique('relay');
    const key = unique('killed');
    for (const n of upTo(5)) await add(key, n);
    const script = fileURLToPath(new URL('../specs/relaying-child.ts', import.meta.url));
    const args = [db.url, brokers().join(','), topic, name, client];
    const child = crashable(script, { args: [...args, 'hold'] });
    await child.line('sent');
    await child.kill();
    const half = await readAll(topic);
    expect(half.length).toBeGreaterThanOrEqual(5);
    const next = crashable(script, { args });
    await next.line('sent');
    await add(key, 6);
    await eventually(async () => expect(versionsOf(await readAll(topic), key)).toEqual(upTo(6)), { everyMs: 250 });
    await next.kill();
    expect((await readAll(topic)).length).toBeGreaterThan(half.length + 1);
  });

  it('of two relays of one name one leads; the other takes over when it is gone', async () => {
    const topic = await newTopic();
    const name = unique('relay');
    const key = unique('led');
    const led: string[] = [];
    const telling = (who: string) => (event: Recorded): readonly Published[] => {
      const messages = publishTo(topic, [key])(event);
      if (messages.length > 0) led.push(who);
      return messages;
    };
    const otherStore = newStore(db);
    const first = await runFollowers({ pool: db.pool, store, log: quietLog(), followers: [relay({ name, bus, publish: telling('first') })] });
    await add(key, 1);
    await eventually(() => expect(led).toEqual(['first']));
    const second = await runFollowers({ pool: db.pool, store: otherStore, log: quietLog(), followers: [relay({ name, bus, publish: telling('second') })] });
    for (const n of [2, 3]) await add(key, n);
    await eventually(() => expect(led).toEqual(['first', 'first', 'first']));
    await first.stop();
    await add(key, 4);
    await eventually(() => expect(led).toEqual(['first', 'first', 'first', 'second']), { timeoutMs: 20_000 });
    await second.stop();
    await otherStore.close();
    expect((await readAll(topic)).map(({ headers }) => headers['sequence'])).toEqual(['1', '2', '3', '4']);
  });
});
