import { silentLogger } from '@flotilla/event-store';
import { connectBus, partitionName, toIncoming, type Bus, type Incoming, type Subscription } from '@flotilla/messaging';

/** What a spec says and hears on real topics. */
export interface Ears {
  readonly heard: Incoming[];
  tell(type: string, topic: string, messages: readonly { readonly foId: string }[]): Promise<void>;
  /** Of a type of any package, about these fulfilment orders. */
  told(type: string, foIds: readonly string[]): readonly Incoming[];
  close(): Promise<void>;
}

export const ears = async (brokers: string, group: string, topics: readonly string[]): Promise<Ears> => {
  const bus: Bus = connectBus({ brokers: [brokers], clientId: group, log: silentLogger });
  const heard: Incoming[] = [];
  const versions = new Map<string, number>();
  const listening: Subscription = await bus.subscribe(group, topics, {
    assigned: async (partitions) => new Map(partitions.map((one) => [partitionName(one), { at: 0 }])),
    take: async ({ topic, partition, records }) => {
      heard.push(...records.map((record) => toIncoming({ topic, partition }, record)));
      return { at: records.at(-1)!.offset + 1 };
    },
  });
  return {
    heard,
    tell: (type, topic, messages) =>
      bus.publish(
        messages.map((data) => {
          const version = (versions.get(data.foId) ?? 0) + 1;
          versions.set(data.foId, version);
          return {
            topic,
            key: data.foId,
            value: JSON.stringify(data),
            headers: {
              'content-type': 'application/json', ce_specversion: '1.0', ce_id: `${data.foId}-${version}/0`, ce_source: `test-${data.foId}`, ce_type: type, ce_time: new Date().toISOString(),
              sequence: String(version), correlation: data.foId, causation: data.foId, chainhash: 'ab',
            },
          };
        }),
      ),
    told: (type, foIds) => heard.filter((message) => message.type.endsWith(`.${type}`) && foIds.includes((message.data as { foId?: string }).foId ?? '')),
    close: async () => {
      await listening.stop();
      await bus.close();
    },
  };
};
