import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import { Refused } from '@flotilla/decider';
import { csv, Describe, json, TakesStream, type Upload } from '@flotilla/service-kit';
import { csvRow, namespace, uuidv5 } from '@flotilla/values';
import { Body, Controller, Get, Headers, Param, Post, Res, type Type } from '@nestjs/common';
import { templateOf } from '../../channels/csv/columns.js';
import { fieldMapping } from '../../decide/mapping.decider.js';
import { orderImport } from '../../decide/order-import.decider.js';
import type { Ingest } from '../../ingest.parts.js';
import { dropAbandoned, dropPieces, keepPieces } from '../../keys/pieces.js';
import { findImport, listImportRows } from '../../query/order-imports.query.js';
import { channelName } from '../channel-name.js';
import type { ConnectedChannel } from '../connected-channels.js';
import { EncodingProbe } from '../../channels/csv/table.js';

const largest = 64 * 1024 * 1024;
const reportPage = 500;

type Sent = Readonly<Record<string, string | undefined>>;

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

const channelSecret = { channelSecret: { type: 'http', scheme: 'bearer', description: 'the channel’s secret, as it was connected with' } } as const;
const importState = json({ type: 'object', required: ['id', 'state'], properties: { id: { type: 'string', format: 'uuid' }, state: { enum: ['RUNNING', 'DONE', 'REFUSED'] } } });
const noSecret = 'The channel’s secret is missing or wrong';

const csvLine = (cells: readonly (string | number)[]): string => `${csvRow(cells.map(String))}\r\n`;

/**
 * Files with orders of a channel: uploaded, and their reports and templates fetched, with the channel's secret as bearer token. An upload is
 * answered when it is stored; its rows are taken after that.
 */
export const importsController = ({ ctx, channels, keys }: Ingest): Type => {
  const allowed = async (id: string, { authorization = '' }: Sent): Promise<ConnectedChannel> => {
    const channel = await channels.get(id);
    const given = createHash('sha256').update(/^Bearer (.+)$/i.exec(authorization)?.[1] ?? '').digest();
    const right = createHash('sha256').update(channel?.secret ?? randomUUID()).digest();
    // The same for a channel that does not exist: who has no secret learns nothing. An empty one lets nobody in.
    if (!timingSafeEqual(given, right) || channel === undefined || channel.secret.length === 0) throw new Refused('UNAUTHENTICATED', 'send the channel’s secret as "authorization: Bearer <secret>"');
    return channel;
  };

  @Controller('v1/channels')
  class ImportsController {
    @Describe({
      id: 'importOrders',
      summary: 'A file with orders, CSV or XLSX, as it is',
      description:
        'CSV: UTF-8 with or without a mark, UTF-16 with one, GBK; "," ";" or a tab between cells. XLSX: the first sheet. A row is a line; the rows of one order stand together. At most 64 MiB and 200,000 rows. Answered when it is stored; rows are taken after that: flotilla.ingest.v1.Imports shows progress and what became of each. The same file again is the same import, and an order that is known already is taken once.',
      params: { channel: channelName },
      security: channelSecret,
      body: { 'text/csv': {}, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {} },
      bodyRequired: true,
      answers: { 200: ['The same file was uploaded before', importState], 202: ['Stored', importState], 400: 'Neither CSV nor XLSX, or empty', 401: noSecret, 409: 'The same file is being stored by another request; send it again' },
    })
    @TakesStream(largest)
    // "::" is a ":" that begins no parameter.
    @Post(':channel/orders::import')
    async receive(@Param('channel') id: string, @Headers() headers: Sent, @Body() { bytes }: Upload, @Res() reply: Reply): Promise<void> {
      const upload = randomUUID();
      let asked = false;
      try {
        const channel = (await allowed(id, headers)).id;
        await dropAbandoned(ctx.pool);
        const seen = new Seen();
        await keepPieces(ctx.pool, keys, upload, seen.through(bytes));
        const { format, encoding, size, sha256 } = seen.end();
        const importId = uuidv5(uuidv5(uuidv5(namespace, 'order import'), channel), sha256);
        const file = { id: importId, channel, fileName: fileNameOf(headers), format, encoding, bytes: size, sha256, upload, receivedAt: ctx.clock.business().toISOString() };
        asked = true;
        const { answer } = await ctx.store.execute({
          streams: [[orderImport, importId], [fieldMapping, channel]],
          meta: ctx.meta({ actor: `channel:${channel}`, causation: importId }),
          decide: (unit) => {
            unit.run(orderImport, importId, { type: 'ReceiveImport', data: { ...file, mapping: unit.state(fieldMapping, channel)?.version ?? 0 } });
            const { state, file: kept } = unit.state(orderImport, importId)!;
            return { state, upload: kept.upload };
          },
        });
        // The same file again: it is there already.
        if (answer.upload !== upload) await dropPieces(ctx.pool, upload);
        reply.status(answer.upload === upload ? 202 : 200).header('content-type', 'application/json').send({ id: importId, state: answer.state });
      } catch (error) {
        // Once it was asked for, the import may be there, whatever the answer was: pieces that nobody owns go with what was abandoned.
        if (!asked) await dropPieces(ctx.pool, upload);
        throw error;
      } finally {
        bytes.destroy();
      }
    }

    @Describe({
      id: 'orderTemplate',
      summary: 'A CSV with the columns that the channel’s files have, by its mapping',
      params: { channel: channelName },
      security: channelSecret,
      answers: { 200: ['CSV', csv], 401: noSecret },
    })
    @Get(':channel/orders::template')
    async template(@Param('channel') id: string, @Headers() headers: Sent, @Res() reply: Reply): Promise<void> {
      const { mapping } = await allowed(id, headers);
      // With a mark: Excel takes a CSV without one for the local code page.
      reply.status(200).header('content-type', 'text/csv; charset=utf-8').header('content-disposition', `attachment; filename="orders-${id}.csv"`).send(`\ufeff${csvLine(templateOf(mapping))}`);
    }

    @Describe({
      id: 'importReport',
      summary: 'What became of each row of a file, as CSV',
      params: { channel: channelName, import: { type: 'string', format: 'uuid' } },
      security: channelSecret,
      answers: { 200: ['CSV', csv], 401: noSecret, 404: 'The channel has no such import' },
    })
    @Get(':channel/imports/:import/report.csv')
    async report(@Param('channel') id: string, @Param('import') importId: string, @Headers() headers: Sent, @Res() reply: Reply): Promise<void> {
      const channel = await allowed(id, headers);
      const found = await findImport(ctx.pool, importId);
      if (found === undefined || found.channel !== channel.id) throw new Refused('NOT_FOUND', `the channel has no import "${importId.slice(0, 60)}"`);
      const lines = async function* (): AsyncGenerator<string> {
        yield `\ufeff${csvLine(['row', 'channel_order_id', 'order_id', 'outcome', 'reason', 'detail', 'cell'])}`;
        for (let after = 0; ; ) {
          const rows = await listImportRows(ctx.pool, importId, '', reportPage, after);
          yield rows.map(({ row, channelOrderId, orderId, outcome, reason, detail, cell }) => csvLine([row, channelOrderId, orderId, outcome, reason, detail, cell])).join('');
          if (rows.length < reportPage) return;
          after = rows.at(-1)!.row;
        }
      };
      reply.status(200).header('content-type', 'text/csv; charset=utf-8').header('content-disposition', `attachment; filename="import-${importId}.csv"`).send(Readable.from(lines()));
    }
  }
  return ImportsController;
};

const fileNameOf = (headers: Sent): string => {
  const name = /filename="?([^";]{1,200})"?/.exec(headers['content-disposition'] ?? '')?.[1] ?? '';
  return Buffer.from(name, 'latin1').toString('utf8').replace(/[\p{C}/\\\ufffd]/gu, '');
};

/** What is found out of a file while it goes by. Refused UNKNOWN_FORMAT, BAD_CSV at its end. */
class Seen {
  readonly #probe = new EncodingProbe();
  readonly #hash = createHash('sha256');
  #head = Buffer.alloc(0);
  #size = 0;

  async *through(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      if (this.#head.length < 8) this.#head = Buffer.concat([this.#head, chunk.subarray(0, 8)]).subarray(0, 8);
      this.#size += chunk.length;
      this.#hash.update(chunk);
      this.#probe.push(chunk);
      yield chunk;
    }
  }

  end(): { readonly format: 'CSV' | 'XLSX'; readonly encoding: ReturnType<EncodingProbe['end']>; readonly size: number; readonly sha256: string } {
    if (this.#size === 0) throw new Refused('BAD_CSV', 'the body is empty: send the file as it is');
    const head = this.#head.toString('latin1');
    if (head.startsWith('\u00d0\u00cf\u0011\u00e0')) throw new Refused('UNKNOWN_FORMAT', 'this is an old Excel file (XLS); save it as XLSX, or as CSV UTF-8');
    if (head.startsWith('%PDF') || head.startsWith('\u001f\u008b')) throw new Refused('UNKNOWN_FORMAT', 'this is neither CSV nor XLSX');
    return { format: head.startsWith('PK\u0003\u0004') ? 'XLSX' : 'CSV', encoding: this.#probe.end(), size: this.#size, sha256: this.#hash.digest('hex') };
  }
}
