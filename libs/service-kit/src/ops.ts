import { ops } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { EventStore } from '@flotilla/event-store';
import type { Consumer } from '@flotilla/messaging';
import { serve, type Served } from './grpc-server.js';
import type { ServiceParts } from './definition.js';
import { pageOf, pageToken } from './pages.js';
import { explain } from './rpc-status.js';

// Answers are kept as JSON, which has no undefined; offsets begin at 0.
const none = -1;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text as text, since it is JSON nearly always; whatever made the message bad, its bytes are shown. */
const toContent = ({ offset, type, reason, detail, record }: Awaited<ReturnType<Consumer['parked']['content']>>[number]): ops.ParkedContent => {
  const value = record?.value ?? Buffer.alloc(0);
  let text: string | undefined;
  try {
    text = utf8.decode(value);
  } catch {
    text = undefined;
  }
  const sentAt = record === undefined ? '' : new Date(record.timestamp).toISOString();
  return { offset, type, reason, detail, value: text ?? value.toString('base64'), binary: text === undefined, headers: record?.headers ?? {}, sentAt, erased: record === undefined };
};

const headOf = (positions: ReadonlyMap<string, number>): number => Math.max(0, ...positions.values());

const readersOf = (consumers: ReadonlyMap<string, Consumer>, positions: ReadonlyMap<string, number>): readonly ops.Reader[] => [
  ...[...positions].map(([name, position]) => ({ name, kind: 'FOLLOWER', behind: headOf(positions) - position })),
  ...[...consumers].map(([name, consumer]) => ({ name, kind: 'CONSUMER', behind: consumer.lag() })),
];

/** ParkedMessages and Tallies, which every service serves. */
export const opsServices = (parts: ServiceParts, store: EventStore, consumers: () => ReadonlyMap<string, Consumer>, positions: () => ReadonlyMap<string, number>): readonly Served[] => {
  // The kit's key is "<consumer>/<the consumer's own key>".
  const find = (parkedKey: string): { readonly parked: Consumer['parked']; readonly key: string } => {
    const [consumer = '', ...rest] = parkedKey.split('/');
    const found = consumers().get(consumer);
    if (!found) throw new Refused('NOT_FOUND', `no consumer here has a parked key "${parkedKey}"; list them with ParkedMessages/List`);
    return { parked: found.parked, key: rest.join('/') };
  };
  const page = async (size: number, after: string): Promise<readonly ops.ParkedMessage[]> => {
    const queues = (
      await Promise.all(
        [...consumers()].map(async ([name, { parked }]) => (await parked.list({ size, after: after.startsWith(`${name}/`) ? after.slice(name.length + 1) : '' })).map((queue) => ({ ...queue, name, parked }))),
      )
    )
      .flat()
      .map((queue) => ({ ...queue, full: `${queue.name}/${queue.parkedKey}` }))
      .filter(({ full }) => full > after)
      .toSorted((one, other) => (one.full < other.full ? -1 : 1))
      .slice(0, size);
    return Promise.all(
      queues.map(async ({ full, parkedKey, topic, partition, waiting, parked }) => {
        const oldest = (await parked.show(parkedKey))[0];
        const { offset = 0, type = '', reason = '', detail = '' } = oldest ?? {};
        return { parkedKey: full, topic, partition, offset, type, reason, detail, waiting: waiting - 1 };
      }),
    );
  };
  return [
    serve(ops.ParkedMessages, {
      list: async ({ page: asked }) => {
        const { limit, after } = pageOf(asked, 'parked');
        const found = await page(limit + 1, after?.[0] ?? '');
        const messages = found.slice(0, limit);
        return { messages, nextToken: found.length > limit ? pageToken([messages.at(-1)!.parkedKey], 'parked') : '' };
      },
      show: async ({ parkedKey }) => {
        const { parked, key } = find(parkedKey);
        const [waiting, messages] = await Promise.all([parked.show(key), parked.content(key, { most: 50, bytes: 2 * 1024 * 1024 })]);
        return { parkedKey, waiting: waiting.length, messages: messages.map(toContent) };
      },
      replay: async ({ parkedKey }, call) => {
        const { parked, key } = find(parkedKey);
        const { handled, stillParked, failed } = await parked.replay(key, call.meta.actor);
        const { reason, message } = failed === undefined ? { reason: '', message: '' } : explain(failed);
        return { handled, stillParked, reason, detail: message };
      },
      discard: async (request, call) => {
        const { parkedKey, reason } = request;
        const { parked, key } = find(parkedKey);
        const oldest = async (): Promise<number> => (await parked.show(key))[0]?.offset ?? none;
        // A request that is repeated, since its answer was lost, means the message that it meant: never the next one.
        const first = await oldest();
        const { answer: meant } = await store.execute({ streams: [], meta: call.meta, decide: () => first }, call.request(request));
        if (meant !== none && meant === (await oldest())) await parked.discard(key, reason, call.meta.actor);
        const { handled, stillParked, failed } = await parked.replay(key, call.meta.actor);
        const explained = failed === undefined ? { reason: '', message: '' } : explain(failed);
        return { handled, stillParked, reason: explained.reason, detail: explained.message };
      },
    }),
    serve(ops.Tallies, { get: async () => ({ counts: (await parts.tally?.()) ?? {}, position: headOf(positions()), readers: readersOf(consumers(), positions()) }) }),
  ];
};
