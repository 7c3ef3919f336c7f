import { setTimeout as sleep } from 'node:timers/promises';
import type { Tracer } from '@opentelemetry/api';
import type { EventStore, Logger } from '@flotilla/event-store';
import { partitionName, type Batch, type BatchControl, type Bus, type Next, type SubscribeOptions, type TopicPartition } from './bus.js';
import type { Incoming } from './cloud-events.js';
import type { Handler } from './handler.js';
import { lot, lotId } from './parked.decider.js';
import { parkedMessages, type ParkedMessages } from './parked-messages.js';
import { metaOf, PartitionIntake, type IntakeOptions, type Outcome } from './partition-intake.js';
import { defaultPolicy, type PolicyFunction } from './policy.js';
import { retries, tracerOf } from './telemetry.js';

export interface ConsumeOptions {
  readonly bus: Bus;
  readonly store: EventStore;
  /** The consumer group, and the owner of the offsets in the event store. */
  readonly consumer: string;
  readonly topics: readonly string[];
  /** By `ce_type`. Other types are skipped and counted. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Questions to others for a whole chunk (e.g. subject keys), answered in the order of the messages. */
  readonly prepare?: (messages: readonly Incoming[]) => Promise<readonly unknown[]>;
  /** Seals a parked message's text (≤ 64 KiB each); `key` is the message's. The result must contain no space. */
  readonly seal: (text: string, key: string) => Promise<string>;
  /** Opens it again for a replay; `undefined` if the key was erased. */
  readonly open: (sealed: string, key: string) => Promise<string | undefined>;
  readonly policy?: PolicyFunction;
  /** Parked messages per partition, at which it stops: 1,000. */
  readonly lotLimit?: number;
  readonly subscribe?: Pick<SubscribeOptions, 'sessionTimeoutMs' | 'concurrency' | 'onFatal'>;
  readonly tracer?: Tracer;
  readonly log: Logger;
}

export interface Consumer {
  /** Has its partitions, and none of them is stopped. */
  ready(): boolean;
  /** Messages that wait in the assigned partitions. */
  lag(): number;
  /** Keys in the assigned partitions that may be parked: never too few. */
  parkedKeys(): number;
  /** Partitions that stand still, and why. */
  stopped(): readonly { readonly topic: string; readonly partition: number; readonly reason: string }[];
  readonly parked: ParkedMessages;
  /** Finishes the chunk in hand and leaves the group. */
  stop(): Promise<void>;
}

const chunkSize = 500;
/** A partition that waits for something that passes looks again so often: what was away for long is not waited for much longer. */
const longestWaitMs = 5_000;

/** Takes topics into the event store: effects and offset in one transaction, so that each message has its effect once. */
export const consume = async (options: ConsumeOptions): Promise<Consumer> => {
  const { bus, store, consumer, topics, handlers, prepare, log } = options;
  const intake: IntakeOptions = {
    store, consumer, handlers, seal: options.seal, log,
    policy: options.policy ?? defaultPolicy,
    lotLimit: options.lotLimit ?? 1_000,
    tracer: tracerOf(options.tracer),
    ...(prepare === undefined ? {} : { prepare }),
  };
  let partitions = new Map<string, PartitionIntake>();
  const stopped = new Map<string, { readonly topic: string; readonly partition: number; readonly reason: string }>();
  const failures = new Map<string, number>();
  const told = new Map<string, number>();

  const halt = (at: TopicPartition, next: number, reason: string): Next => {
    if (!stopped.has(partitionName(at))) log.error({ ...at, consumer, offset: next, reason }, 'a partition stands still');
    stopped.set(partitionName(at), { ...at, reason });
    return { at: next, stop: true };
  };

  // What the broker still has against what is next here. Null: all is there.
  const gap = (next: number, low: number, high: number): string | undefined =>
    low > next ? `offsets ${next} to ${low - 1} are gone from the topic (retention)` : high < next ? `the topic ends at ${high}, before ${next}: it was replaced or cut` : undefined;

  // A broker that has just come back may say for a moment that a partition ends before what was read of it.
  const lasting = async (at: TopicPartition, next: number, bounds: { readonly low: number; readonly high: number }): Promise<string | undefined> => {
    let { low, high } = bounds;
    for (let looks = 0; high < next && looks < 10; looks += 1) {
      await sleep(500);
      ({ low, high } = await boundsOf(at).catch(() => ({ low, high })));
    }
    return gap(next, low, high);
  };

  const begin = async (at: TopicPartition, bounds: { readonly low: number; readonly high: number }, keys: Iterable<string>): Promise<Next> => {
    const next = (await store.offset(consumer, at.topic, at.partition)) ?? bounds.low;
    partitions.set(partitionName(at), new PartitionIntake(intake, at, { next, high: bounds.high, keys }));
    const missing = await lasting(at, next, bounds);
    return missing === undefined ? { at: next } : halt(at, next, missing);
  };

  const parkedKeys = async (all: readonly TopicPartition[]): Promise<ReadonlyMap<string, readonly string[]>> => {
    const lots = await store.folded(lot, all.map(({ topic, partition }) => lotId(consumer, topic, partition)));
    return new Map(all.map((at) => [partitionName(at), Object.keys(lots.get(lotId(consumer, at.topic, at.partition))?.state.keys ?? {})]));
  };

  const boundsOf = async (at: TopicPartition): Promise<{ readonly low: number; readonly high: number }> => {
    const found = (await bus.admin.offsets(at.topic)).find(({ partition }) => partition === at.partition);
    if (found === undefined) throw new Error(`${partitionName(at)} does not exist`);
    return found;
  };

  const assigned = async (all: readonly TopicPartition[]): Promise<ReadonlyMap<string, Next>> => {
    partitions = new Map();
    stopped.clear();
    failures.clear();
    told.clear();
    const bounds = new Map<string, { readonly low: number; readonly high: number }>((await Promise.all([...new Set(all.map(({ topic }) => topic))].map(async (topic) => (await bus.admin.offsets(topic)).map((one) => [`${topic}/${one.partition}`, one] as const)))).flat());
    const keys = await parkedKeys(all);
    return new Map(await Promise.all(all.map(async (at) => {
      const name = partitionName(at);
      return [name, await begin(at, bounds.get(name) ?? { low: 0, high: 0 }, keys.get(name) ?? [])] as const;
    })));
  };

  const take = async (batch: Batch, control: BatchControl): Promise<Next> => {
    const at = { topic: batch.topic, partition: batch.partition };
    const partition = partitions.get(partitionName(at));
    if (partition === undefined) return { at: batch.records[0]?.offset ?? 0, waitMs: 1_000 };
    partition.high = batch.highWatermark;
    const records = batch.records.filter(({ offset }) => offset >= partition.next);
    // A hole between offsets is no loss by itself (transactions, compaction); one that begins before what is kept is.
    if (records.length === 0 || records[0]!.offset > partition.next) {
      const missing = await lasting(at, partition.next, await boundsOf(at));
      if (missing !== undefined) return halt(at, partition.next, missing);
    }
    for (let first = 0; first < records.length; first += chunkSize) {
      if (control.ending()) break;
      const outcome = await partition.take(records.slice(first, first + chunkSize), control);
      if (outcome.kind === 'ending') break;
      if (outcome.kind !== 'done') return settle(partition, outcome);
      failures.delete(partitionName(at));
      stopped.delete(partitionName(at));
    }
    return { at: partition.next };
  };

  const settle = async (partition: PartitionIntake, outcome: Exclude<Outcome, { readonly kind: 'done' } | { readonly kind: 'ending' }>): Promise<Next> => {
    const { at, next } = partition;
    const name = partitionName(at);
    if (outcome.kind === 'stale') {
      log.warn({ ...at, consumer, offset: next }, 'another owner moved the offset; reading it again');
      const keys = await parkedKeys([at]);
      return begin(at, await boundsOf(at), keys.get(name) ?? []);
    }
    if (outcome.kind === 'stop') return halt(at, next, `by policy: ${outcome.error instanceof Error ? outcome.error.message : String(outcome.error)}`);
    const attempt = (failures.get(name) ?? 0) + 1;
    failures.set(name, attempt);
    if (outcome.kind === 'full') {
      halt(at, next, 'its parking lot is full');
      return { at: next, waitMs: 5_000 }; // goes on by itself when a person made room
    }
    retries.inc({ consumer });
    const waitMs = Math.round(Math.min(longestWaitMs, 50 * 2 ** Math.min(attempt, 10)) * (0.75 + Math.random() / 2));
    log[attempt > 5 ? 'error' : 'warn']({ ...at, consumer, offset: next, attempt, waitMs, err: outcome.error }, 'a chunk could not be taken in; trying again');
    return { at: next, waitMs };
  };

  const subscription = await bus.subscribe(consumer, topics, { assigned, take }, options.subscribe ?? {});

  // Never beyond what the event store has: a lag tool must not say that work is done which a restart would do again.
  const tell = async (): Promise<void> => {
    const all = [...partitions.values()];
    await Promise.all(all.map((partition) => partition.keep(async () => (await parkedKeys([partition.at])).get(partitionName(partition.at)) ?? []).catch((error: unknown) => log.debug({ ...partition.at, consumer, err: error }, 'it was not written down how far messages were passed over'))));
    const moved = all.filter(({ at, stored }) => stored > 0 && told.get(partitionName(at)) !== stored);
    const offsets = moved.map(({ at, stored }) => ({ ...at, offset: stored }));
    await subscription.commit(offsets);
    for (const { topic, partition, offset } of offsets) told.set(partitionName({ topic, partition }), offset);
  };
  let telling: Promise<void> | undefined;
  const timer = setInterval(() => {
    telling ??= tell().finally(() => (telling = undefined));
  }, 2_000);
  timer.unref();

  return {
    ready: () => subscription.running() && stopped.size === 0,
    lag: () => [...partitions.values()].reduce((sum, { high, next }) => sum + Math.max(0, high - next), 0),
    parkedKeys: () => [...partitions.values()].reduce((sum, { parkedKeys }) => sum + parkedKeys, 0),
    stopped: () => [...stopped.values()],
    parked: parkedMessages({
      bus, store, consumer, topics, open: options.open,
      taskOf: async (message) => {
        const handler = Object.hasOwn(handlers, message.type) ? handlers[message.type] : undefined;
        if (handler === undefined || handler.wants?.(message) === false) return undefined;
        const [prepared] = prepare === undefined ? [] : await prepare([message]);
        return { streams: handler.streams?.(message, prepared) ?? [], meta: metaOf(consumer, message, message, message), decide: (unit) => handler.handle(message, unit, prepared) };
      },
    }),
    stop: async () => {
      clearInterval(timer);
      await telling;
      await tell();
      await subscription.stop();
    },
  };
};
