import { Refused } from '@flotilla/decider';
import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import type { ServicePerformer } from '@flotilla/service-kit';
import { csvTable } from '../channels/csv/table.js';
import { groupsOf, type Group, type TableCells } from '../channels/csv/groups.js';
import { xlsxTable } from '../channels/csv/workbook.js';
import { quarantinedOf, receive, streamsOf, type Accepted } from '../coordinate/receiving.js';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';
import { orderImport, type ImportedFile, type TakenRow } from '../decide/order-import.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { dropPieces, readPieces } from '../keys/pieces.js';

const mostRows = 200_000;
const batchOrders = 50;
const batchRows = 500;

export const orderImportJobs = ({ type, data }: Recorded): readonly Job[] => {
  if (type !== 'ImportReceived') return [];
  const { id, attempt } = data as { readonly id: string; readonly attempt: number };
  return [{ kind: 'order-import', intent: `${id}.${attempt}`, payload: null }];
};

/**
 * Takes a file's orders, some dozens in one append with how far it has come: whoever goes on after a crash begins behind the last row that is taken,
 * and none is taken twice. A file that cannot be read to its end, or whose orders do not stand together, is refused before anything of it is taken.
 */
export const orderImportPerformer = (parts: Pick<Ingest, 'ctx' | 'keys' | 'channels' | 'platforms' | 'deliveries'>): ServicePerformer => {
  const { ctx } = parts;
  const now = (): string => ctx.clock.machine().toISOString();
  const perform = async ({ intent, signal }: Performed, meta: Meta): Promise<void> => {
    const [id = '', attempt = ''] = intent.split('.');
    const { state } = (await ctx.store.folded(orderImport, [id])).get(id)!;
    if (state === null || state.attempt !== Number(attempt)) return;
    if (state.state === 'RUNNING') {
      const table = (): AsyncIterable<TableCells> => tableOf(parts, state.file);
      const mapping = (await parts.channels.get(state.file.channel))?.mapping;
      const refusal = state.taken === 0 ? await survey(groupsOf(table(), mapping), signal) : undefined;
      if (refusal !== undefined) {
        await ctx.store.execute({ streams: [[orderImport, id]], meta, decide: (unit) => void unit.run(orderImport, id, { type: 'RefuseImport', data: { id, reason: refusal.reason, detail: refusal.message, at: now() } }) });
      } else {
        let taken = state.taken;
        for await (const batch of batches(groupsOf(table(), mapping), taken)) {
          signal.throwIfAborted();
          taken = await take(parts, state.file, batch, taken, meta);
        }
        await ctx.store.execute({ streams: [[orderImport, id]], meta, decide: (unit) => void unit.run(orderImport, id, { type: 'EndImport', data: { id, at: now() } }) });
      }
    }
    await dropPieces(ctx.pool, state.file.upload);
  };
  return { concurrency: 2, perform, resolve: perform };
};

const tableOf = ({ ctx, keys }: Pick<Ingest, 'ctx' | 'keys'>, { format, encoding, upload }: ImportedFile): AsyncIterable<TableCells> => {
  const bytes = (): AsyncIterable<Uint8Array> => readPieces(ctx.pool, keys, upload);
  return format === 'XLSX' ? xlsxTable(bytes) : csvTable(bytes(), encoding);
};

/** Reads a file to its end before anything is taken; `undefined` if it can be taken. Holds the order numbers. */
const survey = async (groups: AsyncIterable<Group>, signal: AbortSignal): Promise<Refused | undefined> => {
  const seen = new Map<string, number>();
  let [rows, orders] = [0, 0];
  try {
    for await (const { orderNumber, rows: { rows: own }, firstRow, lastRow } of groups) {
      signal.throwIfAborted();
      orders += 1;
      if ((rows += own.length) > mostRows) throw new Refused('TOO_LARGE', `a file has at most ${mostRows} rows; split it`);
      const before = orderNumber === '' ? undefined : seen.get(orderNumber);
      // Half of an order would be sent, and the other half then look like its newer content.
      if (before !== undefined) throw new Refused('BAD_CSV', `the rows of an order must stand together: row ${firstRow} is of the order that ended in row ${before}; sort the file by order number`);
      seen.set(orderNumber, lastRow);
    }
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  return orders === 0 ? new Refused('BAD_CSV', 'the file has a header and no rows') : undefined;
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

/** Answers the last row that is taken now. */
const take = async ({ ctx, channels, platforms, deliveries }: Pick<Ingest, 'ctx' | 'channels' | 'platforms' | 'deliveries'>, { id, channel, receivedAt }: ImportedFile, batch: readonly Group[], from: number, meta: Meta): Promise<number> => {
  const connected = await channels.get(channel);
  const accepted = (
    await deliveries.accept(
      batch.map(({ rows, firstRow }) => ({ channel, connected, platform: platforms.get('csv'), deliveryId: `${id}/${firstRow}`, source: 'FILE', topic: 'orders:import', sentAt: receivedAt, receivedAt, body: Buffer.from(JSON.stringify(rows)) })),
    )
  ).map(([one]) => one!);
  const to = batch.at(-1)!.lastRow;
  const { answer } = await ctx.store.execute({
    streams: [[orderImport, id], ...accepted.flatMap(streamsOf)],
    meta,
    decide: (unit) => {
      const now = unit.state(orderImport, id);
      // Another worker has come farther: what it took is taken.
      if (now?.state !== 'RUNNING' || now.taken !== from) return now?.taken ?? to;
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
