// What every client behind the port must do; a second client runs the same suite.
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually, tcpProxy } from '@flotilla/testing';
import { kafkaClients, partitionName, partitionOf, type Batch, type BatchHandler, type Bus, type BusMessage, type BusOptions, type BusRecord, type KafkaClient, type Next, type Subscription, type TopicPartition } from '../src/index.js';
import { unique } from './world.js';

export type MakeBus = (options?: Pick<BusOptions, 'route' | 'client'>) => Bus;

const message = (topic: string, key: string, value: string, headers: Record<string, string> = {}): BusMessage => ({ topic, key, value, headers });

interface Seen {
  readonly handler: BatchHandler;
  readonly records: (BusRecord & TopicPartition)[];
  readonly values: () => string[];
  readonly assignments: (readonly TopicPartition[])[];
}

/** Reads everything from offset 0, unless told otherwise; after another assignment from where it was. */
const seeing = (how: { take?: (batch: Batch, seen: Seen) => Promise<Next | undefined> | Next | undefined; start?: (at: TopicPartition) => Next } = {}): Seen => {
  const records: Seen['records'] = [];
  const assignments: Seen['assignments'] = [];
  const seen: Seen = {
    records,
    assignments,
    values: () => records.map(({ value }) => value?.toString() ?? ''),
    handler: {
      assigned: async (partitions) => {
        assignments.push(partitions);
        return new Map(partitions.map((at) => [partitionName(at), how.start?.(at) ?? { at: Math.max(-1, ...records.filter((one) => partitionName(one) === partitionName(at)).map(({ offset }) => offset)) + 1 }]));
      },
      take: async (batch) => {
        const next = await how.take?.(batch, seen);
        if (next !== undefined) return next;
        records.push(...batch.records.map((record) => ({ ...record, topic: batch.topic, partition: batch.partition })));
        return { at: batch.records.at(-1)!.offset + 1 };
      },
    },
  };
  return seen;
};

export const busContract = (name: string, makeBus: MakeBus): void =>
  describe(`the bus: ${name}`, () => {
    const buses: Bus[] = [];
    const bus = (options?: Pick<BusOptions, 'route' | 'client'>): Bus => {
      const made = makeBus(options);
      buses.push(made);
      return made;
    };
    const newTopic = async (partitions: number, on: Bus = bus()): Promise<string> => {
      const topic = unique('bus');
      await on.admin.createTopics([{ topic, partitions }]);
      return topic;
    };
    const allOf = async (topic: string): Promise<Seen> => {
      const seen = seeing();
      const reader = bus();
      const total = (await reader.admin.offsets(topic)).reduce((sum, { high }) => sum + high, 0);
      const subscription = await reader.subscribe(unique('all'), [topic], seen.handler, { sessionTimeoutMs: 6_000 });
      await eventually(() => expect(seen.records).toHaveLength(total), { timeoutMs: 20_000 });
      await subscription.stop();
      return seen;
    };
    afterAll(() => Promise.all(buses.map((one) => one.close())));

    it('stores each message whole, in the order it was given, where its key belongs', async () => {
      const one = bus();
      const topic = await newTopic(12, one);
      await one.publish(Array.from({ length: 300 }, (_, i) => message(topic, `k${i % 20}`, `${i}`, { ce_type: 'ü', sequence: `${i}` })));
      const { records } = await allOf(topic);
      for (const { key, partition } of records) expect(partition).toBe(partitionOf(key));
      for (let k = 0; k < 20; k += 1) {
        const mine = records.filter(({ key }) => key === `k${k}`);
        expect(mine.map(({ value }) => Number(value))).toEqual(Array.from({ length: 15 }, (_, i) => k + 20 * i));
        expect(mine[0]!.headers).toEqual({ ce_type: 'ü', sequence: `${k}` });
      }
    });

    it('a lost answer costs duplicates at most: nothing is lost, also not of the next batch of the same size', async () => {
      const calm = bus();
      const topic = await newTopic(1, calm);
      const { host, port } = hostOf(process.env['FLOTILLA_TEST_KAFKA_BROKERS']!);
      const proxy = await tcpProxy({ target: { host, port } });
      const hurt = bus({ route: () => ({ host: '127.0.0.1', port: proxy.port }) });
      const batch = (letter: string): BusMessage[] => Array.from({ length: 5 }, (_, i) => message(topic, 'k', `${letter}${i}`));
      const sent = async (letter: string): Promise<void> => {
        for (let i = 0; i < 20; i += 1) {
          try {
            return await hurt.publish(batch(letter));
          } catch {
            continue; // as a relay does: again from its checkpoint
          }
        }
        throw new Error('never sent');
      };
      await sent('a');
      for (const letter of ['b', 'c', 'd']) {
        // The produce request names the topic; requests in between (metadata) do not carry the values.
        proxy.dropNextResponse((request) => request.includes(`${letter}0`));
        await sent(letter);
      }
      expect(proxy.dropped).toBe(3);
      await proxy.close();
      const values = (await allOf(topic)).values();
      for (const letter of ['a', 'b', 'c', 'd']) for (let i = 0; i < 5; i += 1) expect(values).toContain(`${letter}${i}`);
      expect(values.length).toBeGreaterThan(20);
      const firsts = values.filter((value, i) => values.indexOf(value) === i);
      expect(firsts).toEqual([...firsts].sort());
    });

    it('refuses a message over 1 MiB before anything is sent, and splits what is too much for one request', async () => {
      const one = bus();
      const topic = await newTopic(1, one);
      await expect(one.publish([message(topic, 'k', 'small'), message(topic, 'k', 'x'.repeat(1024 * 1024))])).rejects.toMatchObject({ name: 'MessageTooLarge', topic, key: 'k' });
      const large = Array.from({ length: 6 }, (_, i) => message(topic, 'k', `${i}${'x'.repeat(700_000)}`));
      await one.publish([...large, message(topic, 'k', 'y'.repeat(1_047_000))]);
      const values = (await allOf(topic)).values();
      expect(values.map((value) => value[0])).toEqual(['0', '1', '2', '3', '4', '5', 'y']);
    });

    it('reads from where it is told, again if told so, and waits as long as told', async () => {
      const one = bus();
      const topic = await newTopic(2, one);
      const keyOf = (partition: number): string => ['a', 'b', 'c', 'd', 'e', 'f'].find((key) => partitionOf(key, 2) === partition)!;
      await one.publish(Array.from({ length: 10 }, (_, i) => message(topic, keyOf(0), `${i}`)));
      await one.publish([message(topic, keyOf(1), 'other')]);
      let waited = false;
      const seen = seeing({
        start: ({ partition }) => ({ at: partition === 0 ? 4 : 0 }),
        take: ({ partition, records }, { records: before }) => {
          if (partition === 1) return undefined;
          if (!waited) {
            waited = true;
            return { at: 4, waitMs: 300 };
          }
          if (before.filter((record) => record.partition === 0).length === 6) return { at: records.at(-1)!.offset + 1 };
          return undefined;
        },
      });
      const subscription = await one.subscribe(unique('g'), [topic], seen.handler, { sessionTimeoutMs: 6_000 });
      await eventually(() => expect(seen.records.map(({ partition, offset }) => `${partition}:${offset}`).sort()).toEqual(['0:4', '0:5', '0:6', '0:7', '0:8', '0:9', '1:0']));
      expect(seen.records[0]!.partition).toBe(1); // the other partition did not wait
      await subscription.stop();

      const again = seeing({ take: ({ records }, { records: before }) => (before.length === 3 && records[0]!.offset === 3 ? { at: 1 } : before.length < 3 ? (before.push(...records.slice(0, 3).map((r) => ({ ...r, topic, partition: 0 }))), { at: 3 }) : undefined) });
      const single = await newTopic(1, one);
      await one.publish(Array.from({ length: 5 }, (_, i) => message(single, 'k', `${i}`)));
      const back = await one.subscribe(unique('g'), [single], again.handler, { sessionTimeoutMs: 6_000 });
      await eventually(() => expect(again.values()).toEqual(['0', '1', '2', '1', '2', '3', '4']));
      await back.stop();
    });

    it('a partition that is stopped stands still while others go on', async () => {
      const one = bus();
      const topic = await newTopic(2, one);
      const seen = seeing({ take: ({ partition, records }) => (partition === 0 ? { at: records[0]!.offset, stop: true } : undefined) });
      const subscription = await one.subscribe(unique('g'), [topic], seen.handler, { sessionTimeoutMs: 6_000 });
      const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
      await one.publish(keys.map((key) => message(topic, key, key)));
      await eventually(() => expect(seen.values()).toEqual(keys.filter((key) => partitionOf(key, 2) === 1)));
      expect(subscription.running()).toBe(true);
      await subscription.stop();
      expect(subscription.running()).toBe(false);
    });

    it('a handler that throws neither loses a message nor its place in the group', async () => {
      const one = bus();
      const topic = await newTopic(1, one);
      let throws = 1;
      const seen = seeing({
        take: () => {
          if (throws > 0) {
            throws -= 1;
            throw new Error('of the handler');
          }
          return undefined;
        },
      });
      const subscription = await one.subscribe(unique('g'), [topic], seen.handler, { sessionTimeoutMs: 6_000 });
      await one.publish([message(topic, 'k', '1'), message(topic, 'k', '2')]);
      await eventually(() => expect(seen.values()).toEqual(['1', '2']), { timeoutMs: 20_000 });
      expect(seen.assignments).toHaveLength(1);
      await subscription.stop();
    });

    it('shares partitions out anew when a member joins or leaves, each to one, the same number of every topic to the same member', async () => {
      const one = bus();
      const topics = [await newTopic(12, one), await newTopic(12, one)];
      const group = unique('g');
      const members: { readonly seen: Seen; readonly stop: () => Promise<void>; readonly running: () => boolean }[] = [];
      const join = async (): Promise<void> => {
        const seen = seeing();
        const subscription = await bus().subscribe(group, topics, seen.handler, { sessionTimeoutMs: 6_000 });
        members.push({ seen, ...subscription });
      };
      const shared = (count: number) => async (): Promise<void> => {
        expect(members.map(({ running }) => running())).toEqual(Array.from({ length: count }, () => true));
        const owned = members.map(({ seen }) => seen.assignments.at(-1) ?? []);
        expect(owned.flat().map(partitionName).sort()).toEqual(topics.flatMap((topic) => Array.from({ length: 12 }, (_, partition) => `${topic}/${partition}`)).sort());
        for (const partitions of owned) {
          const of = (topic: string): number[] => partitions.filter((at) => at.topic === topic).map(({ partition }) => partition).sort((a, b) => a - b);
          expect(of(topics[1]!)).toEqual(of(topics[0]!));
        }
      };
      for (const count of [5, 7]) {
        while (members.length < count) await join();
        await eventually(shared(count), { timeoutMs: 60_000, everyMs: 100 });
      }
      await members.pop()!.stop();
      await eventually(shared(6), { timeoutMs: 30_000, everyMs: 100 });
      await Promise.all(members.map(({ stop }) => stop()));
    }, 150_000);

    it('ING-11: replicas that come and go under load, whichever client they run on, lose and double nothing where offsets are stored with the effect', async () => {
      const one = bus();
      const topic = await newTopic(6, one);
      const group = unique('g');
      const stored = new Map<number, number>();
      const effects: string[] = [];
      let refused = 0;
      // As a database has it: the effect and the offset move together, from where they were, or not at all.
      const handler = (): BatchHandler => ({
        assigned: async (all) => new Map(all.map((at) => [partitionName(at), { at: stored.get(at.partition) ?? 0 }])),
        take: async ({ partition, records }, control) => {
          let from = stored.get(partition) ?? 0;
          for (const record of records.filter(({ offset }) => offset >= from)) {
            if (control.ending()) break;
            await new Promise((resolve) => setTimeout(resolve, 1));
            if ((stored.get(partition) ?? 0) !== from) {
              refused += 1;
              break;
            }
            effects.push(record.value!.toString());
            stored.set(partition, (from = record.offset + 1));
          }
          return { at: stored.get(partition) ?? 0 };
        },
      });
      const join = (client?: KafkaClient): Promise<Subscription> => bus(client === undefined ? {} : { client }).subscribe(group, [topic], handler(), { sessionTimeoutMs: 6_000 });
            const members = [await join()];
      let sent = 0;
      let sending = true;
      const load = (async () => {
        for (; sending; await new Promise((resolve) => setTimeout(resolve, 10))) await one.publish(Array.from({ length: 20 }, () => message(topic, `k${sent % 50}`, `${(sent += 1)}`)));
      })();
      for (const client of [undefined, ...kafkaClients]) {
        members.push(await join(client));
        await eventually(() => expect(members.every((member) => member.running())).toBe(true), { timeoutMs: 30_000 });
        const before = effects.length;
        await eventually(() => expect(effects.length).toBeGreaterThan(before + 100), { timeoutMs: 30_000 });
      }
      for (const leaving of members.splice(0, 2)) {
        await leaving.stop();
        const before = effects.length;
        await eventually(() => expect(effects.length).toBeGreaterThan(before + 100), { timeoutMs: 30_000 });
      }
      sending = false;
      await load;
      await eventually(() => expect(effects.length).toBeGreaterThanOrEqual(sent), { timeoutMs: 60_000 });
      expect(new Set(effects).size).toBe(sent);
      expect(effects.length).toBe(sent);
      expect(refused).toBeLessThan(sent / 10); // the fence is for the moment of a change, not for every day
      await Promise.all(members.map((member) => member.stop()));
    }, 150_000);

    it('OPS-06: what is read ahead of a handler that hangs is bounded, and all of it arrives when it goes on', async () => {
      const one = bus();
      const topic = await newTopic(1, one);
      const value = 'x'.repeat(10_000);
      for (let i = 0; i < 20; i += 1) await one.publish(Array.from({ length: 50 }, (_, n) => message(topic, 'k', `${i * 50 + n} ${value}`)));
      let open: (() => void) | undefined;
      const sizes: number[] = [];
      const seen = seeing({
        take: async ({ records }) => {
          sizes.push(records.reduce((sum, record) => sum + record.value!.length, 0));
          if (sizes.length === 1) await new Promise<void>((resolve) => (open = resolve));
          return undefined;
        },
      });
      const subscription = await one.subscribe(unique('g'), [topic], seen.handler, { sessionTimeoutMs: 6_000, readAhead: { perPartition: 500_000 } });
      await eventually(() => expect(open).toBeDefined());
      await new Promise((resolve) => setTimeout(resolve, 500));
      open!();
      await eventually(() => expect(seen.records).toHaveLength(1_000), { timeoutMs: 30_000 });
      expect(seen.records.map(({ offset }) => offset)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
      expect(Math.max(...sizes)).toBeLessThan(500_000 + 2 * 256 * 1024 + 510_000); // the limit, a fetch beyond it, and a batch that is larger than a fetch should be
      await subscription.stop();
    }, 60_000);

    it('goes on when its connections were cut, and tells lag tools no more than it was told', async () => {
      const calm = bus();
      const topic = await newTopic(1, calm);
      const { host, port } = hostOf(process.env['FLOTILLA_TEST_KAFKA_BROKERS']!);
      const proxy = await tcpProxy({ target: { host, port } });
      const hurt = bus({ route: () => ({ host: '127.0.0.1', port: proxy.port }) });
      const group = unique('g');
      const seen = seeing({ start: () => ({ at: seen.records.length }) });
      const subscription = await hurt.subscribe(group, [topic], seen.handler, { sessionTimeoutMs: 6_000 });
      await calm.publish([message(topic, 'k', '1')]);
      await eventually(() => expect(seen.values()).toEqual(['1']));
      await subscription.commit([{ topic, partition: 0, offset: 1 }]);
      await eventually(async () => expect(await calm.admin.committed(group, topic)).toEqual([{ partition: 0, offset: 1 }]));
      proxy.cut();
      await calm.publish([message(topic, 'k', '2')]);
      await eventually(() => expect(proxy.connections).toBe(0));
      proxy.heal();
      await eventually(() => expect(seen.values()).toEqual(['1', '2']), { timeoutMs: 40_000 });
      await subscription.stop();
      await proxy.close();
      expect(await calm.admin.committed(group, topic)).toEqual([{ partition: 0, offset: 1 }]);
    }, 60_000);

    it('stopping waits for the batch in hand', async () => {
      const one = bus();
      const topic = await newTopic(1, one);
      let release: (() => void) | undefined;
      let finished = false;
      const seen = seeing({
        take: async ({ records }) => {
          await new Promise<void>((done) => (release = done));
          finished = true;
          return { at: records.at(-1)!.offset + 1 };
        },
      });
      const subscription = await one.subscribe(unique('g'), [topic], seen.handler, { sessionTimeoutMs: 6_000 });
      await one.publish([message(topic, 'k', '1')]);
      await eventually(() => expect(release).toBeDefined());
      const stopped = subscription.stop().then(() => finished);
      release!();
      expect(await stopped).toBe(true);
    });
  });

const hostOf = (list: string): { host: string; port: number } => {
  const [host = '', port = ''] = list.split(',')[0]!.split(':');
  return { host, port: Number(port) };
};
