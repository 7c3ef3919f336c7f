/**
 * The port: what Flotilla asks of a message broker's client. It knows nothing of the client's types, so that another
 * client passes the same suite (`bus-contract.ts`) and takes over.
 */
export interface Bus {
  /**
   * Resolves when all replicas in sync have every message. Rejects if that is not known: then any of them may have been
   * stored, and publishing again makes duplicates, never a loss. Calls go out one after the other; more than 1,000 that
   * wait are refused (`TooManyPublishes`). Throws `MessageTooLarge` before anything is sent if one message is over 1 MiB.
   */
  publish(messages: readonly BusMessage[]): Promise<void>;
  /** Joins a group. Offsets are the handler's business: the bus reads where it is told to. */
  subscribe(group: string, topics: readonly string[], handler: BatchHandler, options?: SubscribeOptions): Promise<Subscription>;
  readonly admin: BusAdmin;
  /** Stops the subscriptions (each finishes the batch in hand), then disconnects. */
  close(): Promise<void>;
}

export interface BusMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: string | Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface BusRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Records of one partition in order; there may be holes between their offsets. */
export interface Batch extends TopicPartition {
  readonly records: readonly BusRecord[];
  /** The offset that the next published message gets. */
  readonly highWatermark: number;
}

/** Where to read on. `waitMs` pauses the partition; `stop` does so until the next assignment. */
export interface Next {
  readonly at: number;
  readonly waitMs?: number;
  readonly stop?: boolean;
}

export interface BatchHandler {
  /** At every assignment, before anything is read: where to begin in each partition. May be called again if it throws. */
  assigned(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string /* partitionName */, Next>>;
  /** One batch of a partition at a time; partitions in parallel. */
  take(batch: Batch, control: BatchControl): Promise<Next>;
}

export interface BatchControl {
  /** The partition is being taken away or the subscription stopped: return where you are. */
  ending(): boolean;
}

export interface SubscribeOptions {
  /** How long the group waits for a silent member; 30 s. */
  readonly sessionTimeoutMs?: number;
  /** Partitions handled at the same time; 12. */
  readonly concurrency?: number;
  readonly readAhead?: Partial<ReadAhead>;
  /** The client gave up and will not come back: end the process. Without it, `running()` is false and an error logged. */
  readonly onFatal?: (error: Error) => void;
}

export interface Subscription {
  /** Joined, and neither crashed nor stopped. */
  running(): boolean;
  /** Tells the broker how far the group is, for lag tools alone: it is never read back. Never throws. */
  commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void>;
  /** Finishes the batches in hand, leaves the group. */
  stop(): Promise<void>;
}

export interface BusAdmin {
  /** Creates those that are missing; resolves when all can be used. */
  createTopics(topics: readonly { readonly topic: string; readonly partitions?: number; readonly config?: Readonly<Record<string, string>> }[]): Promise<void>;
  /** Per partition: the oldest offset that is kept and the one that the next message gets. */
  offsets(topic: string): Promise<readonly { readonly partition: number; readonly low: number; readonly high: number }[]>;
  partitions(topic: string): Promise<number>;
  /** What was committed for lag tools; -1 where nothing was. */
  committed(group: string, topic: string): Promise<readonly { readonly partition: number; readonly offset: number }[]>;
}

/** How much a member of a group reads ahead of its handlers, in bytes of values plus 1 KiB per record; a fetch may go beyond. */
export interface ReadAhead {
  /** Per partition at most; 1 MiB. */
  readonly perPartition: number;
  /** In all, in equal shares: one partition that waits must not keep the others from reading; 16 MiB. */
  readonly inAll: number;
}

/** `topic/partition`. */
export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** Over 1 MiB with key and headers: brokers refuse it, and would refuse all that is sent with it. Send a `dataref`. */
export class MessageTooLarge extends Error {
  override readonly name = 'MessageTooLarge';
  constructor(
    readonly topic: string,
    readonly key: string,
    readonly bytes: number,
  ) {
    super(`a message of ${bytes} bytes for ${topic} (key ${key}) is over 1 MiB; publish a dataref instead`);
  }
}

/** The broker does not keep up, or is away: so many calls of `publish` wait already. */
export class TooManyPublishes extends Error {
  override readonly name = 'TooManyPublishes';
  constructor(readonly waiting: number) {
    super(`${waiting} calls of publish wait for the broker already`);
  }
}
