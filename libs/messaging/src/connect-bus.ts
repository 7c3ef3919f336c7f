import type { ConnectionOptions } from 'node:tls';
import type { Logger } from '@flotilla/event-store';
import type { Bus } from './bus.js';

/** The clients that stand behind the port. Members of one group may run on different ones. */
export const kafkaClients = ['kafkajs', 'platformatic'] as const;
export type KafkaClient = (typeof kafkaClients)[number];

export interface BusOptions {
  /** kafkajs unless told. */
  readonly client?: KafkaClient;
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: Logger;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: { readonly mechanism: 'scram-sha-512' | 'scram-sha-256' | 'plain'; readonly username: string; readonly password: string };
  /** Where a broker's advertised address is really reached: a tunnel, or a proxy that a spec hurts. */
  readonly route?: (address: { readonly host: string; readonly port: number }) => { readonly host: string; readonly port: number };
}

const connecting: Readonly<Record<KafkaClient, (options: BusOptions) => Promise<Bus>>> = {
  kafkajs: async (options) => (await import('./kafkajs-bus.js')).connectKafkajs(options),
  platformatic: async (options) => (await import('./platformatic-bus.js')).connectPlatformatic(options),
};

/** Loads its client at once and alone: the other one costs neither time nor memory. Connects on first use. */
export const connectBus = (options: BusOptions): Bus => {
  const loaded = connecting[options.client ?? 'kafkajs'](options);
  loaded.catch(() => undefined); // said by whoever uses it
  const bus = (): Promise<Bus> => loaded;
  return {
    publish: async (messages) => (await bus()).publish(messages),
    subscribe: async (...given) => (await bus()).subscribe(...given),
    admin: {
      createTopics: async (topics) => (await bus()).admin.createTopics(topics),
      offsets: async (topic) => (await bus()).admin.offsets(topic),
      partitions: async (topic) => (await bus()).admin.partitions(topic),
      committed: async (group, topic) => (await bus()).admin.committed(group, topic),
    },
    close: async () => (await bus()).close(),
  };
};
