import type { audit } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { EventStore, Meta, Recorded, Task } from '@flotilla/event-store';
import type { Bus, BusRecord } from './bus.js';
import { BadMessage, toIncoming, type Incoming, type Published } from './cloud-events.js';
import { lot, lotId, parked, parkedId, type ParkedCommand, type ParkedMessage, type Waiting } from './parked.decider.js';
import { openRecord } from './parked-payload.js';

/** A key that is parked, with what waits behind it. */
export interface ParkedKey {
  /** Names it in `replay` and `discard`. */
  readonly parkedKey: string;
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly waiting: number;
}

/** A parked message as it came; `record` is undefined once its key was erased. */
export interface ParkedWhole extends Waiting {
  readonly record: BusRecord | undefined;
}

/** What operators do about parked messages. Any replica may be asked: the event store decides. */
export interface ParkedMessages {
  /** Sorted by `parkedKey`, at most `size` (50) behind `after`. */
  list(page?: { readonly size?: number; readonly after?: string }): Promise<readonly ParkedKey[]>;
  /** The messages behind a key, oldest first, with why they wait; payloads stay sealed. */
  show(parkedKey: string): Promise<readonly Waiting[]>;
  /** The same, opened; at most `most` of them, and no more than `bytes` of payload, but the first one always. */
  content(parkedKey: string, bounds: { readonly most: number; readonly bytes: number }): Promise<readonly ParkedWhole[]>;
  /**
   * Sends the messages through their handler, oldest first, until one fails again (its error is in `failed`). The handler's
   * effect is written before the message leaves the queue: after a crash in between the receiving stream drops the repeat.
   */
  replay(parkedKey: string, actor?: string): Promise<{ readonly handled: number; readonly stillParked: number; readonly failed?: unknown }>;
  /** Gives up the oldest message of the key; those behind it stay and can be replayed. */
  discard(parkedKey: string, reason: string, actor: string): Promise<{ readonly discarded: number; readonly stillParked: number }>;
}

interface Parameters {
  readonly bus: Bus;
  readonly store: EventStore;
  readonly consumer: string;
  readonly topics: readonly string[];
  readonly open: (sealed: string, key: string) => Promise<string | undefined>;
  /** Decides a message as the consumer would; `undefined` if no handler knows its type or wants it (it is skipped then). */
  readonly taskOf: (message: Incoming) => Promise<Task<unknown> | undefined>;
}

export const parkedMessages = ({ bus, store, consumer, topics, open, taskOf }: Parameters): ParkedMessages => {
  const partsOf = (parkedKey: string): { topic: string; partition: number; id: string } => {
    const [, topic = '', partition = ''] = /^([^/]+)\/(\d+)\/[^/]+$/.exec(parkedKey) ?? [];
    if (!topics.includes(topic)) throw new Refused('PARKED_KEY_UNKNOWN', `${parkedKey} names no parked key of ${consumer}; list them`);
    return { topic, partition: Number(partition), id: `${consumer}/${parkedKey}` };
  };
  const waitingOf = async (id: string): Promise<readonly Waiting[]> => (await store.folded(parked, [id])).get(id)?.state.waiting ?? [];
  const messageAt = async (id: string, { version }: Waiting): Promise<ParkedMessage> => {
    const [event] = await store.read(`${parked.category}-${id}`, { from: version, limit: 1 });
    if (event?.type !== 'MessageParked') throw new Error(`event ${version} of parked-${id} is not a parked message`);
    return event.data as ParkedMessage;
  };
  const leave = async (id: string, message: ParkedMessage, meta: Meta, command: Exclude<ParkedCommand, { readonly type: 'ParkMessage' }>): Promise<boolean> => {
    const lotOf = lotId(consumer, message.topic, message.partition);
    const { answer } = await store.execute({
      streams: [[parked, id], [lot, lotOf]],
      meta,
      decide: (unit) => {
        if (unit.run(parked, id, command).length === 0) return false;
        unit.run(lot, lotOf, { type: 'Free', data: { key: message.key } });
        return true;
      },
    });
    return answer;
  };

  return {
    list: async ({ size = 50, after = '' } = {}) => {
      const partitions = (await Promise.all(topics.map(async (topic) => Array.from({ length: await bus.admin.partitions(topic) }, (_, partition) => ({ topic, partition }))))).flat();
      const lots = await store.folded(lot, partitions.map(({ topic, partition }) => lotId(consumer, topic, partition)));
      return partitions
        .flatMap(({ topic, partition }) =>
          Object.entries(lots.get(lotId(consumer, topic, partition))?.state.keys ?? {}).map(([key, waiting]) => ({
            parkedKey: parkedId(consumer, topic, partition, key).slice(consumer.length + 1), topic, partition, key, waiting,
          })),
        )
        .filter(({ parkedKey }) => parkedKey > after)
        .sort((a, b) => (a.parkedKey < b.parkedKey ? -1 : 1))
        .slice(0, size);
    },
    show: (parkedKey) => waitingOf(partsOf(parkedKey).id),
    content: async (parkedKey, { most, bytes }) => {
      const { id } = partsOf(parkedKey);
      const found: ParkedWhole[] = [];
      let size = 0;
      for (const one of (await waitingOf(id)).slice(0, most)) {
        const record = await openRecord(await messageAt(id, one), open);
        size += record?.value?.length ?? 0;
        if (found.length > 0 && size > bytes) break;
        found.push({ ...one, record });
      }
      return found;
    },
    replay: async (parkedKey, actor) => {
      const { topic, partition, id } = partsOf(parkedKey);
      let handled = 0;
      for (;;) {
        const waiting = await waitingOf(id);
        const oldest = waiting[0];
        if (oldest === undefined) return { handled, stillParked: 0 };
        const message = await messageAt(id, oldest);
        const meta: Meta = { correlation: message.id, causation: message.id, actor: actor ?? `service:${consumer}` };
        try {
          const record = await openRecord(message, open);
          if (record === undefined) throw new Refused('SUBJECT_ERASED', 'the key of this message was erased; discard it');
          const task = await taskOf(toIncoming({ topic, partition }, record));
          if (task !== undefined) await store.execute(task);
        } catch (failed) {
          return { handled, stillParked: waiting.length, failed };
        }
        if (await leave(id, message, meta, { type: 'ReplayMessage', data: { offset: oldest.offset } })) handled += 1;
      }
    },
    discard: async (parkedKey, reason, actor) => {
      const { id } = partsOf(parkedKey);
      const waiting = await waitingOf(id);
      const oldest = waiting[0];
      if (oldest === undefined) return { discarded: 0, stillParked: 0 };
      const message = await messageAt(id, oldest);
      const meta: Meta = { correlation: message.id, causation: message.id, actor };
      const discarded = await leave(id, message, meta, { type: 'DiscardMessage', data: { offset: oldest.offset, reason, actor } });
      return { discarded: discarded ? 1 : 0, stillParked: (await waitingOf(id)).length };
    },
  };
};

const largestPayload = 700_000;

/** For a relay's `publish`: each parked message on `<topic>.dlq`, payload sealed. `[]` for every other event. */
export const publishParked = (event: Recorded): readonly Published[] => {
  if (event.type !== 'MessageParked' || !event.stream.startsWith(`${parked.category}-`)) return [];
  const { consumer, topic, partition, offset, key, type, reason, detail, payload } = event.data as ParkedMessage;
  const whole = payload.length <= largestPayload;
  return [
    {
      topic: `${topic}.dlq`,
      key,
      type: 'flotilla.audit.v1.MessageParked',
      // Sealed it may be larger than a message can be; it is kept where it was parked.
      data: { consumer, topic, partition, offset, key, type, reason, detail: whole ? detail : `${detail} (payload in ${event.stream}, version ${event.version})`, payload: whole ? payload : '' } satisfies audit.MessageParked,
    },
  ];
};

/** The reason that is shown for an error: a refusal's own, or the error's name. */
export const reasonOf = (error: unknown): string =>
  error instanceof Refused ? error.reason : error instanceof BadMessage ? 'BAD_MESSAGE' : error instanceof Error ? error.name : 'Error';
