import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { tableOf } from '@flotilla/files';
import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import type { ServicePerformer } from '@flotilla/service-kit';
import type { Arrival } from '../accept/deliveries.js';
import { groupsOf, type Group } from '../channels/csv/groups.js';
import { quarantinedOf, receive, streamsOf, type Accepted } from '../coordinate/receiving.js';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';
import { orderImport, type ImportedFile, type TakenRow } from '../decide/order-import.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { dropPieces, readPieces } from '../keys/pieces.js';
import { findMapping } from '../query/mappings.query.js';
import { passes, raced } from './passing.js';

const mostRows = 200_000;
const batchOrders = 50;
const batchRows = 500;

export const orderImportJobs = ({ type, data }: Recorded): readonly Job[] => {
  if (type !== 'ImportReceived') return [];
  const { id, attempt } = data as { readonly id: string; readonly attempt: number };
  return [{ kind: 'order-import', intent: `${id}.${attempt}`, payload: null }];
};

type Parts = Pick<Ingest, 'ctx' | 'keys' | 'channels' | 'platforms' | 'deliveries'>;

/**
 * Takes a file's orders, some dozens in one append with how far it has come: whoever goes on after a crash begins behind the last row that is taken,
 * and none is taken twice. It is read by one version of the channel's mapping from its beginning to its end. A file that cannot be read to its end, or whose orders do not stand together, is refused before anything of it is taken.
 */
export const orderImportPerformer = (parts: Parts): ServicePerformer => {
  const { ctx } = parts;
  const now = (): string => ctx.clock.machine().toISOString();
  /** `undefined`: taken to its end. */
  const ended = async (file: ImportedFile, from: number, signal: AbortSignal, meta: Meta): Promise<Refused | undefined> => {
    parts.channels.forget(file.channel);
    const mapping = file.mapping === undefined ? (await parts.channels.get(file.channel))?.mapping : (await findMapping(ctx.store, file.channel, file.mapping))?.mapping;
    const groups = (): AsyncGenerator<Group> => groupsOf(tableOf({ ...file, read: () => bytesOf(parts, file) }), mapping);
    try {
      if (from === 0) await survey(groups(), signal);
      let taken = from;
      for await (const batch of batches(groups(), taken)) {
        signal.throwIfAborted();
        taken = await take(parts, { file, mapping, signal, meta }, batch, taken);
      }
      return undefined;
    } catch (error) {
      if (error instanceof Refused && !raced(error)) return error;
      throw error;
    }
  };
  const perform = async ({ intent, signal }: Performed, meta: Meta): Promise<void> => {
    const [id = '', attempt = ''] = intent.split('.');
    const { state } = (await ctx.store.folded(orderImport, [id])).get(id)!;
    if (state === null || state.attempt !== Number(attempt)) return;
    if (state.state === 'RUNNING') {
      const end = await ended(state.file, state.taken, signal, meta);
      // Names of columns are the sender's: whatever is in them, they must not keep the refusal from being recorded.
      const command = end === undefined ? { type: 'EndImport' as const, data: { id, at: now() } } : { type: 'RefuseImport' as const, data: { id, reason: end.reason, detail: end.message.toWellFormed().replace(/\p{Cc}/gu, ' '), at: now() } };
      await ctx.store.execute({ streams: [[orderImport, id]], meta, decide: (unit) => void (unit.state(orderImport, id)?.attempt === state.attempt && unit.run(orderImport, id, command)) });
    }
    await dropPieces(ctx.pool, state.file.upload);
  };
  return { concurrency: 2, perform, resolve: perform };
};

async function* bytesOf({ ctx, keys }: Parts, { upload, bytes: size }: ImportedFile): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const piece of readPieces(ctx.pool, keys, upload)) {
    read += piece.length;
    yield piece;
  }
  // Half of a file would end like a whole one.
  if (read !== size) throw new Refused('UNAVAILABLE', `${size - read} of the file's ${size} bytes are gone; upload it again: what was taken of it is not taken twice`);
}

/** Reads a file to its end before anything is taken. Holds the order numbers. Refused if it cannot be taken. */
const survey = async (groups: AsyncIterable<Group>, signal: AbortSignal): Promise<void> => {
  const seen = new Map<string, number>();
  let rows = 0;
  for await (const { orderNumber, rows: { rows: own }, firstRow, lastRow } of groups) {
    signal.throwIfAborted();
    if ((rows += own.length) > mostRows) throw new Refused('TOO_LARGE', `a file has at most ${mostRows} rows; split it`);
    const before = seen.get(orderNumber);
    // Half of an order would be sent, and the other half then look like its newer content.
    if (before !== undefined) throw new Refused('BAD_CSV', `the rows of an order must stand together: row ${firstRow} is of the order that ended in row ${before}; sort the file by order number`);
    seen.set(orderNumber, lastRow);
  }
  if (rows === 0) throw new Refused('BAD_CSV', 'the file has a header and no rows');
};

async function* batches(groups: AsyncIterable<Group>, taken: number): AsyncGenerator<readonly Group[]> {
  let batch: Group[] = [];
  let rows = 0;
  for await (const group of groups) {
    if (group.lastRow <= taken) continue;
    batch.push(group);
    rows += group.rows.rows.length;
    if (batch.length < batchOrders && rows < batchRows) continue;
    yield batch;
    [batch, rows] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

interface Taking {
  readonly file: ImportedFile;
  readonly mapping: ingest.Mapping | undefined;
  readonly signal: AbortSignal;
  readonly meta: Meta;
}

/** Answers the last row that is taken now. What does not pass by itself is the fault of one order: they are taken one by one, and that one waits in quarantine. */
const take = async (parts: Parts, taking: Taking, groups: readonly Group[], from: number): Promise<number> => {
  // Another worker may have come into the middle of them.
  const batch = groups.filter(({ lastRow }) => lastRow > from);
  if (batch.length === 0) return from;
  const taken = await takeBatch(parts, taking, batch, from);
  return taken > from && taken < batch.at(-1)!.lastRow ? take(parts, taking, batch, taken) : taken;
};

const takeBatch = async (parts: Parts, taking: Taking, batch: readonly Group[], from: number): Promise<number> => {
  const { file, mapping, signal, meta } = taking;
  const { id, channel, receivedAt } = file;
  const connected = await parts.channels.get(channel);
  const arrivals = batch.map(({ rows, firstRow }): Arrival => ({
    channel, connected: connected && { ...connected, mapping }, platform: parts.platforms.get('csv'), deliveryId: `${id}/${firstRow}`, source: 'FILE', topic: 'orders:import', sentAt: receivedAt, receivedAt, body: Buffer.from(JSON.stringify(rows)),
  }));
  try {
    return await record(parts, file, batch, (await parts.deliveries.accept(arrivals)).map(([one]) => one!), from, meta);
  } catch (error) {
    if (signal.aborted || passes(error)) throw error;
    if (batch.length > 1) {
      let taken = from;
      for (const group of batch) taken = await take(parts, taking, [group], taken);
      return taken;
    }
    const { orderNumber, firstRow } = batch[0]!;
    parts.ctx.log.error({ import: id, row: firstRow, err: error }, 'an order of a file cannot be taken; it is in quarantine');
    const failed = await parts.deliveries.unreadable(arrivals[0]!, { channelOrderId: orderNumber.length > 200 ? '' : orderNumber, reason: error instanceof Refused ? error.reason : 'INTERNAL', detail: `the order that begins in row ${firstRow} cannot be taken as it is` });
    return record(parts, file, batch, [failed], from, meta);
  }
};

const record = async ({ ctx }: Parts, { id, upload }: ImportedFile, batch: readonly Group[], accepted: readonly Accepted[], from: number, meta: Meta): Promise<number> => {
  const to = batch.at(-1)!.lastRow;
  const { answer } = await ctx.store.execute({
    streams: [[orderImport, id], ...accepted.flatMap(streamsOf)],
    meta,
    decide: (unit) => {
      const now = unit.state(orderImport, id);
      // Another worker has come farther: what it took is taken. Or it is another upload of the file by now, which somebody else takes.
      if (now?.state !== 'RUNNING' || now.file.upload !== upload || now.taken !== from) return now?.taken ?? to;
      const rows = accepted.flatMap((one, at) => rowsOf(batch[at]!, one, receive(unit, one)));
      unit.run(orderImport, id, { type: 'TakeRows', data: { id, from, to, rows } });
      return to;
    },
  });
  return answer;
};

const rowsOf = ({ rows }: Group, { delivery }: Accepted, events: readonly ChannelOrderEvent[]): readonly TakenRow[] => {
  const types = new Set(events.map(({ type }) => type));
  const waits = types.has('DeliveryQuarantined') || types.has('DeliveryQueued');
  const { reason, detail } = !waits ? { reason: '', detail: '' } : (quarantinedOf(events) ?? { reason: 'PARKED', detail: 'an earlier message of this order is in quarantine; this one waits behind it' });
  const cell = /^([A-Z]{1,3}(\d+)): /.exec(detail);
  return rows.rows.map(({ row }) => {
    // The order waits whole; the row of the cell at fault says why.
    const own = cell === null || Number(cell[2]) === row;
    return {
      row,
      channelOrderId: delivery.channelOrderId,
      orderId: delivery.orderId,
      outcome: waits ? 'QUARANTINED' : types.has('ChannelOrderReceived') ? 'ACCEPTED' : [...types].some((type) => type.startsWith('Channel')) ? 'UPDATED' : 'DUPLICATE',
      reason,
      detail: own ? detail : waits ? `waits with its order: see ${cell![1]}` : '',
      cell: own ? (cell?.[1] ?? '') : '',
    };
  });
};
