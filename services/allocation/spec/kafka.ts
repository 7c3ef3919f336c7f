import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, toIncoming, type Bus, type Incoming, type Subscription } from '@flotilla/messaging';

/** What a spec says and hears on real topics. */
export interface Ears {
  readonly heard: Incoming[];
  /** Each under the key of its fulfilment order, or under the one given. */
  tell(type: string, topic: string, messages: readonly object[], key?: string): Promise<void>;
  /** Of a type of any package, about these fulfilment orders. */
  told(type: string, foIds: readonly string[]): readonly Incoming[];
  /** What allocation said of a type, in order. */
  said(type: string): readonly Record<string, unknown>[];
  close(): Promise<void>;
}

export const ears = async (brokers: string, group: string, topics: readonly string[]): Promise<Ears> => {
  const bus: Bus = connectBus({ brokers: [brokers], clientId: group, log: silentLogger });
  const heard: Incoming[] = [];
  let tellings = 0;
  const listening: Subscription = await bus.subscribe(group, topics, {
    assigned: async (partitions) => new Map(partitions.map((one) => [partitionName(one), { at: 0 }])),
    take: async ({ topic, partition, records }) => {
      heard.push(...records.map((record) => toIncoming({ topic, partition }, record)));
      return { at: records.at(-1)!.offset + 1 };
    },
  });
  return {
    heard,
    tell: (type, topic, messages, named) =>
      bus.publish(
        messages.map((data) => {
          const key = named ?? (data as { foId: string }).foId;
          // Each of a stream of its own: topics are read side by side, and none may make another look like a repeat.
          const source = `test-${group}-${(tellings += 1)}`;
          return {
            topic,
            key,
            value: JSON.stringify(data),
            headers: { 'content-type': 'application/json', ce_specversion: '1.0', ce_id: `${source}-1/0`, ce_source: source, ce_type: type, ce_time: new Date().toISOString(), sequence: '1', correlation: key, causation: key, chainhash: 'ab' },
          };
        }),
      ),
    said: (type) => heard.filter((message) => message.type === `flotilla.allocation.v1.${type}`).map(({ data }) => data as Record<string, unknown>),
    told: (type, foIds) => heard.filter((message) => message.type.endsWith(`.${type}`) && foIds.includes((message.data as { foId?: string }).foId ?? '')),
    close: async () => {
      await listening.stop();
      await bus.close();
    },
  };
};
