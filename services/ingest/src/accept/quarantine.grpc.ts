import { randomUUID } from 'node:crypto';
import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import { namespace, uuidv5 } from '@flotilla/values';
import { bulkReplay, type BulkReplay, type BulkReplayEvent } from '../decide/bulk-replay.decider.js';
import type { Delivery } from '../decide/channel-order.events.js';
import type { Ingest } from '../ingest.parts.js';
import { countQuarantine, entriesOf, entryElsewhere, listQuarantine } from '../query/quarantine.query.js';
import { openEntry, replayEntry } from './quarantine-replay.js';

const mostNamed = 500;
const mostEntries = 10_000;
const sources: readonly string[] = ['WEBHOOK', 'TOPIC', 'PULL', 'FILE'] satisfies readonly Delivery['source'][];

const checkSource = (source: string): void => {
  if (source !== '' && !sources.includes(source)) throw new Refused('BAD_REQUEST', `source is ${sources.join(', ')} or ""`);
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// JSON and CSV nearly always; what is no UTF-8 is corrected outside and handed in as a file.
const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Input that could not be understood: shown with its reason, replayed as it is or corrected, singly or in bulk. */
export const quarantineGrpc = (parts: Ingest): Served => {
  const { store, pool, clock } = parts.ctx;
  const stateOf = async (id: string): Promise<BulkReplay & object> => {
    const state = uuid.test(id) ? (await store.folded(bulkReplay, [id])).get(id)!.state : null;
    if (state === null) throw new Refused('NOT_FOUND', `no bulk replay is called "${id.slice(0, 60)}"; Quarantine/ReplayMany answers its id`);
    return state;
  };
  return serve(ingest.Quarantine, {
    list: async ({ page, channel, reason, source, channelOrderId, receivedFrom, receivedTo }) => {
      checkSource(source);
      const filter = { channel, reason, source, channelOrderId, receivedFrom, receivedTo };
      const question = ['quarantine', filter];
      const { limit, after } = pageOf(page, question);
      const { entries, last } = await listQuarantine(pool, { limit, after: after?.[0], ...filter });
      return { entries, nextToken: last === undefined ? '' : pageToken([last], question) };
    },
    open: async ({ id }) => {
      const { bytes, waiting } = await openEntry(parts, id);
      const text = textOf(bytes);
      return { id, text: text ?? '', payload: text === undefined ? bytes : new Uint8Array(), waiting: waiting.slice(0, mostNamed) };
    },
    count: async () => ({ counts: await countQuarantine(pool) }),
    replay: (request, call) => replayEntry(parts, { id: request.id, corrected: request.correctedPayload, meta: call.meta, request: call.request(request) }),
    replayMany: async (request, call) => {
      const { channel, ids, reason, source } = request;
      checkSource(source);
      if (ids.length > mostNamed || ids.some((one) => !uuid.test(one))) throw new Refused('BAD_REQUEST', `ids are at most ${mostNamed} ids of quarantine entries`);
      if (channel === '' && ids.length === 0) throw new Refused('BAD_REQUEST', 'name a channel, or entries by their ids');
      const foreign = channel === '' || ids.length === 0 ? undefined : await entryElsewhere(pool, channel, ids);
      if (foreign !== undefined) throw new Refused('BAD_REQUEST', `the entry ${foreign} is of another channel than ${channel.slice(0, 60)}`);
      const id = request.requestId === '' ? randomUUID() : uuidv5(uuidv5(namespace, 'bulk replay'), `${call.caller}/${request.requestId}`);
      const entries = ids.length > 0 ? [...new Set(ids)] : await entriesOf(pool, { channel, reason, source }, mostEntries);
      const { answer } = await store.execute(
        {
          streams: [[bulkReplay, id]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(bulkReplay, id, { type: 'BeginBulkReplay', data: { id, channel, entries, at: clock.machine().toISOString(), who: call.meta.actor } });
            return toShown(id, unit.state(bulkReplay, id)!);
          },
        },
        call.request(request),
      );
      return answer;
    },
    getReplay: async ({ id }) => toShown(id, await stateOf(id)),
    listReplayed: async ({ page, id }) => {
      await stateOf(id);
      const question = ['replayed', id];
      const { limit, after } = pageOf(page, question);
      // One event per entry behind the one that began it.
      const from = Number(after?.[0] ?? 2);
      const events = (await store.read(`bulkReplay-${id}`, { from, limit })) as unknown as readonly BulkReplayEvent[];
      const entries = events.flatMap((event) => (event.type === 'EntryReplayed' ? [{ id: event.data.entry, orderId: event.data.orderId, state: event.data.state, reason: event.data.reason }] : []));
      return { entries, nextToken: events.length === limit ? pageToken([String(from + limit)], question) : '' };
    },
  });
};

const toShown = (id: string, { channel, entries, done, placed, parked, failed, at, who, lastAt }: BulkReplay & object): ingest.BulkReplay => ({
  id, channel, state: done < entries.length ? 'RUNNING' : 'DONE', wanted: entries.length, placed, parked, failed, askedAt: at, askedBy: who, endedAt: done < entries.length ? '' : lastAt,
});
