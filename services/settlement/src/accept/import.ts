import type { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Call, ServiceContext } from '@flotilla/service-kit';
import { uuidv5 } from '@flotilla/values';
import type { Line } from '../decide/line.js';
import { statement } from '../decide/statement.decider.js';
import type { Fault } from '../decide/statement.events.js';
import { readRows, type Bytes, type Ending, type Recognised } from '../formats/statement-file.js';
import { statementIn } from './archive.js';
import { boundedChannel } from './channel.js';
import { describedFormats } from './statement-formats.grpc.js';
import { matchStatement, type MatchConfig } from './match.js';
import { spool } from './spool.js';

const largest = 64 * 1024 * 1024;
const partRows = 200;
const namespace = '2f6d1a44-0c1e-5f7a-8a39-6f5e2d1c0b9a';

/** Where an upload comes from and what it holds. */
const open = async (requests: AsyncIterable<settlement.ImportStatementRequest>): Promise<{ readonly channel: string; readonly format: string; readonly pieces: AsyncIterable<Uint8Array> }> => {
  const iterator = requests[Symbol.asyncIterator]();
  const { done, value: first } = await iterator.next();
  if (done || first.channel === '') throw new Refused('BAD_REQUEST', 'the first message names the channel');
  const pieces = async function* (): AsyncIterable<Uint8Array> {
    for (let message: settlement.ImportStatementRequest | undefined = first; message; ) {
      yield message.data;
      const next = await iterator.next();
      message = next.done ? undefined : next.value;
    }
  };
  return { channel: boundedChannel(first.channel), format: first.format, pieces: pieces() };
};

interface Survey extends Ending {
  readonly lines: number;
  readonly faults: number;
  readonly firstFault: Fault | undefined;
}

/** Reads a file to its end without keeping it: a file is received when it is known what it says. */
const survey = async (bytes: Bytes, what: Recognised, channel: string): Promise<Survey> => {
  const rows = readRows(bytes, what, channel);
  let [lines, faults] = [0, 0];
  let firstFault: Fault | undefined;
  for (;;) {
    const { done, value } = await rows.next();
    if (done) return { lines, faults, firstFault, ...value };
    if ('fault' in value) {
      faults += 1;
      firstFault ??= value.fault;
    } else lines += value.lines.length;
  }
};

/**
 * Takes a statement in, also out of a ZIP archive: a file of which nothing can be read is refused, and rows of it that cannot are kept with their reason. The
 * same file again goes on where the last attempt ended, and otherwise changes nothing. Returns the statement's id and the
 * position at which it was settled.
 */
export const importStatement = async (ctx: ServiceContext<MatchConfig>, requests: AsyncIterable<settlement.ImportStatementRequest>, call: Call): Promise<{ readonly statementId: string; readonly position: number }> => {
  const { channel, format: name, pieces } = await open(requests);
  const upload = await spool(pieces, largest);
  let file = upload;
  try {
    const found = await statementIn(upload, name, await describedFormats(ctx.store), largest);
    const { what } = found;
    file = found.file;
    const { format, encoding, header } = what;
    const { lines, faults, firstFault, batchNo, checks } = await survey(file, what, channel);
    if (lines === 0) throw new Refused('BAD_CSV', firstFault ? `none of its rows can be read; row ${firstFault.row}: ${firstFault.reason}` : 'the file has no lines', { row: String(firstFault?.row ?? header) });
    const statementId = uuidv5(namespace, JSON.stringify([channel, format.name, file.hash]));
    const at = ctx.clock.business().toISOString();
    const { meta } = call;
    const received = await ctx.store.execute({
      streams: [[statement, statementId]],
      meta,
      decide: (unit) => {
        unit.run(statement, statementId, { type: 'Receive', data: { statementId, channel, format: format.name, batchNo, lines, receivedAt: at } });
        return unit.state(statement, statementId).read;
      },
    });
    let { position } = received;
    let n = 0;
    let part: { from: number; lines: Line[]; faults: Fault[] } = { from: 0, lines: [], faults: [] };
    const flush = async (): Promise<void> => {
      const { from, ...rest } = part;
      part = { from: n, lines: [], faults: [] };
      // Read by an attempt before this one.
      if (from < received.answer || rest.lines.length + rest.faults.length === 0) return;
      const done = await ctx.store.execute({ streams: [[statement, statementId]], meta, decide: (unit) => void unit.run(statement, statementId, { type: 'Read', data: { statementId, from, ...rest } }) });
      position = Math.max(position, done.position);
    };
    for await (const read of readRows(file, what, channel)) {
      if ('fault' in read) part.faults.push(read.fault);
      else part.lines.push(...read.lines.map(({ part: of, ...line }) => ({ lineId: uuidv5(statementId, of === '' ? String(line.row) : `${line.row}/${of}`), ...line })));
      n = part.from + part.lines.length + part.faults.length;
      if (part.lines.length + part.faults.length >= partRows) await flush();
    }
    await flush();
    const parsed = await ctx.store.execute({
      streams: [[statement, statementId]],
      meta,
      decide: (unit) => void unit.run(statement, statementId, { type: 'Parse', data: { statementId, encoding, lines, faults, checks: [...checks], parsedAt: at } }),
    });
    position = Math.max(position, parsed.position);
    return { statementId, position: Math.max(position, await matchStatement(ctx, statementId, position, meta)) };
  } finally {
    if (file !== upload) await file.close();
    await upload.close();
  }
};
