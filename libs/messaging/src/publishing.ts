import { MessageTooLarge, TooManyPublishes, type Bus, type BusMessage } from './bus.js';
import { partitionOf } from './murmur2.js';

/** A message with the partition that its key belongs to. */
export interface PlacedMessage extends BusMessage {
  readonly partition: number;
}

// A broker takes record batches of 1 MiB; clients do not split what they are given for a partition.
const largestMessage = 1024 * 1024 - 512;
const largestBatch = 900 * 1024;
const mostWaiting = 1_000;

const sizeOf = ({ key, value, headers }: BusMessage): number =>
  Object.entries(headers).reduce((sum, [name, text]) => sum + name.length + Buffer.byteLength(text) + 8, Buffer.byteLength(key) + Buffer.byteLength(value) + 40);

/** The same for every client: sizes, one call after the other, a bound to those that wait. `send` gets what one request may hold. */
export const publishing = (options: {
  readonly partitions: (topic: string) => Promise<number>;
  readonly send: (messages: readonly PlacedMessage[]) => Promise<void>;
}): { readonly publish: Bus['publish']; close(): Promise<void> } => {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let closed = false;
  const send = async (messages: readonly BusMessage[]): Promise<void> => {
    if (closed) throw new Error('the bus is closed');
    for (const part of await partsOf(messages, options.partitions)) await options.send(part);
  };
  return {
    publish: async (messages) => {
      for (const message of messages) if (sizeOf(message) > largestMessage) throw new MessageTooLarge(message.topic, message.key, sizeOf(message));
      if (messages.length === 0) return;
      if (waiting >= mostWaiting) throw new TooManyPublishes(waiting);
      waiting += 1;
      const sent = last.then(() => send(messages)).finally(() => (waiting -= 1));
      last = sent.catch(() => undefined);
      await sent;
    },
    close: async () => {
      closed = true;
      await last;
    },
  };
};

// In order per partition, and no more for any partition than a broker takes at once.
const partsOf = async (messages: readonly BusMessage[], partitions: (topic: string) => Promise<number>): Promise<readonly (readonly PlacedMessage[])[]> => {
  const parts: { readonly messages: PlacedMessage[]; readonly bytes: Map<string, number> }[] = [];
  const partOfPartition = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const { topic } of messages) if (!counts.has(topic)) counts.set(topic, await partitions(topic));
  for (const message of messages) {
    const partition = partitionOf(message.key, counts.get(message.topic));
    const name = `${message.topic}/${partition}`;
    const size = sizeOf(message);
    let at = partOfPartition.get(name) ?? 0;
    if ((parts[at]?.bytes.get(name) ?? 0) > 0 && (parts[at]?.bytes.get(name) ?? 0) + size > largestBatch) at += 1;
    partOfPartition.set(name, at);
    const part = (parts[at] ??= { messages: [], bytes: new Map() });
    part.bytes.set(name, (part.bytes.get(name) ?? 0) + size);
    part.messages.push({ ...message, partition });
  }
  return parts.map((part) => part.messages);
};
