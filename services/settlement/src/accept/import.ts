import { createHash } from 'node:crypto';
import type { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Task } from '@flotilla/event-store';
import type { Call, ServiceContext } from '@flotilla/service-kit';
import { uuidv5 } from '@flotilla/values';
import { referenceId, settlePart } from '../coordinate/settling.js';
import type { Line } from '../decide/line.js';
import { receivable } from '../decide/receivable.decider.js';
import { reference } from '../decide/reference.decider.js';
import { statement } from '../decide/statement.decider.js';
import { voucher } from '../decide/voucher.decider.js';
import { lineVoucherId } from '../decide/vouchers.js';
import { formats } from '../formats/registry.js';

const largest = 64 * 1024 * 1024;
const partLines = 50;
const day = 86_400_000;
const namespace = '2f6d1a44-0c1e-5f7a-8a39-6f5e2d1c0b9a';

/** Where an upload comes from and what it holds, with its bytes counted and hashed as they pass. */
const open = async (
  requests: AsyncIterable<settlement.ImportStatementRequest>,
): Promise<{ readonly channel: string; readonly format: string; readonly bytes: AsyncIterable<Uint8Array>; readonly hash: () => string }> => {
  const iterator = requests[Symbol.asyncIterator]();
  const { done, value: first } = await iterator.next();
  if (done || first.channel === '' || first.format === '') throw new Refused('BAD_REQUEST', 'the first message names channel and format');
  const sha256 = createHash('sha256');
  const bytes = async function* (): AsyncIterable<Uint8Array> {
    let size = 0;
    for (let message: settlement.ImportStatementRequest | undefined = first; message; ) {
      size += message.data.length;
      if (size > largest) throw new Refused('TOO_LARGE', `a statement file may have ${largest / 1024 / 1024} MiB`);
      sha256.update(message.data);
      if (message.data.length > 0) yield message.data;
      const next = await iterator.next();
      message = next.done ? undefined : next.value;
    }
  };
  return { channel: first.channel, format: first.format, bytes: bytes(), hash: () => sha256.digest('hex') };
};

// Lines of one order stay together, wherever they stand in the file; parts end between groups.
const partsOf = (lines: readonly Line[]): readonly { readonly from: number; readonly groups: readonly (readonly Line[])[] }[] => {
  const groups = [...Map.groupBy(lines, (line) => (line.reference === '' ? line.lineId : line.reference)).values()];
  const parts: { from: number; groups: (readonly Line[])[]; size: number }[] = [];
  let from = 0;
  for (const group of groups) {
    const last = parts.at(-1);
    if (last && last.size + group.length <= partLines) {
      last.groups.push(group);
      last.size += group.length;
    } else parts.push({ from, groups: [group], size: group.length });
    from += group.length;
  }
  return parts;
};

// Two queries for a part: the orders behind all its numbers, then everything that judging its lines may touch. A stream that
// is missing here is loaded while deciding, one by one.
const streamsOf = async (ctx: ServiceContext, channel: string, lines: readonly Line[]): Promise<Task['streams']> => {
  const numbers = [...new Set(lines.flatMap((line) => (line.reference === '' ? [] : [referenceId(channel, line.reference)])))];
  const orders = [...(await ctx.store.folded(reference, numbers)).values()].flatMap(({ state }) => (state.orderId === '' ? [] : [state.orderId]));
  return [
    ...numbers.map((id) => [reference, id] as const),
    ...orders.map((id) => [receivable, id] as const),
    ...[...new Set(lines.map(lineVoucherId))].map((id) => [voucher, id] as const),
  ];
};

/**
 * Takes a statement in: nothing is kept unless the whole file can be read. The same file again goes on where the last attempt
 * ended, and otherwise changes nothing. Returns the statement's id and the position at which it was settled.
 */
export const importStatement = async (ctx: ServiceContext<{ FLOTILLA_SETTLEMENT_WAIT_DAYS: number }>, requests: AsyncIterable<settlement.ImportStatementRequest>, call: Call): Promise<{ readonly statementId: string; readonly position: number }> => {
  const { channel, format: name, bytes, hash } = await open(requests);
  const format = formats.find((one) => one.name === name);
  if (!format) throw new Refused('UNKNOWN_FORMAT', `there is no format "${name}"; known: ${formats.map((one) => one.name).join(', ')}`);
  const { batchNo, lines: parsed } = await format.parse(bytes, channel);
  const statementId = uuidv5(namespace, JSON.stringify([channel, name, hash()]));
  const lines = parsed.map((line) => ({ lineId: uuidv5(statementId, String(line.row)), ...line }));
  const now = ctx.clock.business();
  const at = now.toISOString();
  const dueAt = new Date(now.getTime() + ctx.config.FLOTILLA_SETTLEMENT_WAIT_DAYS * day).toISOString();
  const { meta } = call;
  const received = await ctx.store.execute({
    streams: [[statement, statementId]],
    meta,
    decide: (unit) => unit.run(statement, statementId, { type: 'Receive', data: { statementId, channel, format: name, batchNo, lines: lines.length, receivedAt: at } }).length,
  });
  let { position } = received;
  const done = received.answer > 0 ? 0 : ((await ctx.store.folded(statement, [statementId])).get(statementId)?.state.done ?? 0);
  for (const { from, groups } of partsOf(lines)) {
    if (from < done) continue;
    const settled = await ctx.store.execute({
      streams: [[statement, statementId], ...(await streamsOf(ctx, channel, groups.flat()))],
      meta,
      decide: (unit) => settlePart(unit, channel, statementId, from, groups, at, dueAt),
    });
    position = Math.max(position, settled.position);
  }
  return { statementId, position };
};
