import { Readable } from 'node:stream';
import { Refused } from '@flotilla/decider';
import { csv, Describe, json, TakesStream, type Upload } from '@flotilla/service-kit';
import { Body, Controller, Get, Headers, Param, Post, Query, Res, type Type } from '@nestjs/common';
import { csvTemplate, xlsxTemplate } from '../../channels/csv/template.js';
import type { Ingest } from '../../ingest.parts.js';
import { findImport, reportLines } from '../../query/order-imports.query.js';
import { channelName } from '../channel-name.js';
import { channelSecret, noSecret, withSecret } from '../channel-secret.js';
import type { ConnectedChannel } from '../connected-channels.js';
import { largestFile, receiveFile } from './receive-file.js';

type Sent = Readonly<Record<string, string | undefined>>;

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

const importState = json({ type: 'object', required: ['id', 'state'], properties: { id: { type: 'string', format: 'uuid' }, state: { enum: ['RUNNING', 'DONE', 'REFUSED'] } } });

/**
 * Files with orders of a channel: uploaded, and their reports and templates fetched, with the channel's secret as bearer token. An upload is
 * answered when it is stored; its rows are taken after that.
 */
export const importsController = (parts: Ingest): Type => {
  const { ctx, channels } = parts;
  const allowed = (id: string, sent: Sent): Promise<ConnectedChannel> => withSecret(channels, id, sent);

  @Controller('v1/channels')
  class ImportsController {
    @Describe({
      id: 'importOrders',
      summary: 'A file with orders, CSV or XLSX, as it is',
      description:
        'CSV: UTF-8 with or without a mark, UTF-16 with one, GBK; "," ";" or a tab between cells. XLSX: the first sheet. A row is a line; the rows of one order stand together. At most 64 MiB and 200,000 rows. Answered when it is stored; rows are taken after that: flotilla.ingest.v1.Imports shows progress and what became of each. The same file again is the same import, and an order that is known already is taken once.',
      params: { channel: channelName },
      security: channelSecret,
      body: { 'text/csv': { minLength: 1 }, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {} },
      bodyRequired: true,
      answers: { 200: ['The same file was uploaded before', importState], 202: ['Stored', importState], 400: 'Neither CSV nor XLSX, or empty', 401: noSecret, 409: 'The same file is being stored by another request; send it again' },
    })
    @TakesStream(largestFile)
    // "::" is a ":" that begins no parameter.
    @Post(':channel/orders::import')
    async receive(@Param('channel') id: string, @Headers() headers: Sent, @Body() { bytes }: Upload, @Res() reply: Reply): Promise<void> {
      try {
        const { id: importId, state, isNew } = await receiveFile(parts, { channel: (await allowed(id, headers)).id, fileName: fileNameOf(headers), actor: `channel:${id}` }, bytes);
        reply.status(isNew ? 202 : 200).header('content-type', 'application/json').send({ id: importId, state });
      } finally {
        bytes.destroy();
      }
    }

    @Describe({
      id: 'orderTemplate',
      summary: 'An empty file, CSV or XLSX, with the columns that the channel’s files have, by its mapping',
      params: { channel: channelName },
      query: { format: { enum: ['csv', 'xlsx'], default: 'csv' } },
      security: channelSecret,
      answers: { 200: ['The template', { ...csv, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {} }], 400: 'No such format', 401: noSecret },
    })
    @Get(':channel/orders::template')
    async template(@Param('channel') id: string, @Query('format') format: string | undefined, @Headers() headers: Sent, @Res() reply: Reply): Promise<void> {
      const { mapping } = await allowed(id, headers);
      if (format !== undefined && format !== 'csv' && format !== 'xlsx') throw new Refused('BAD_REQUEST', 'format is csv or xlsx');
      const isBook = format === 'xlsx';
      reply
        .status(200)
        .header('content-type', isBook ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' : 'text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="orders-${id}.${isBook ? 'xlsx' : 'csv'}"`)
        .send(isBook ? await xlsxTemplate(mapping) : csvTemplate(mapping));
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
      reply.status(200).header('content-type', 'text/csv; charset=utf-8').header('content-disposition', `attachment; filename="import-${importId}.csv"`).send(Readable.from(reportLines(ctx.pool, importId)));
    }
  }
  return ImportsController;
};

const fileNameOf = (headers: Sent): string => {
  const name = /filename="?([^";]{1,200})"?/.exec(headers['content-disposition'] ?? '')?.[1] ?? '';
  return Buffer.from(name, 'latin1').toString('utf8');
};
