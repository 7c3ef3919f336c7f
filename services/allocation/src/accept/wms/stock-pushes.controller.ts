import { Refused } from '@flotilla/decider';
import type { Meta } from '@flotilla/event-store';
import { counter, Describe, json } from '@flotilla/service-kit';
import { Body, Controller, Headers, HttpCode, Param, Post, Res, type Type } from '@nestjs/common';
import type { WmsConnection } from '../../perform/wms/wms.js';
import { takePage, type Feeding } from './feeds.js';

const received = counter('flotilla_stock_pushes_total');

interface Reply {
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

/** `POST /v1/warehouses/{warehouse}/stock`: a warehouse system tells its stock, signed over the bytes. Answered when it is kept. */
export const stockPushesController = (feeding: Feeding, connections: ReadonlyMap<string, WmsConnection>, meta: (actor: string) => Meta): Type => {
  @Controller('v1/warehouses')
  class StockPushesController {
    @Describe({
      id: 'pushStock',
      summary: 'A warehouse system tells its stock, signed over the bytes; answered when it is kept',
      description: 'What stands in it and how it is signed is the matter of the warehouse’s adapter. A page that is older than what is known changes nothing.',
      body: { '*/*': {} },
      answers: { 200: ['Kept', json({ type: 'object' })], 400: 'What is signed cannot be read, or names what is not there', 401: 'The signature is missing or wrong, or the warehouse is not connected', 404: 'The warehouse is not in the catalogue', 409: 'The ledger of the warehouse is elsewhere, or a SKU is unknown' },
    })
    @Post(':warehouse/stock')
    @HttpCode(200)
    async receive(@Param('warehouse') warehouse: string, @Headers() headers: Readonly<Record<string, string | readonly string[] | undefined>>, @Body() sent: unknown, @Res() reply: Reply): Promise<void> {
      const push = connections.get(warehouse)?.push;
      const page = push?.(headers, Buffer.isBuffer(sent) ? sent : Buffer.alloc(0));
      if (!page) {
        // The same for a warehouse that nobody knows: who cannot sign learns nothing.
        received.inc({ outcome: 'bad signature' });
        throw new Refused('BAD_SIGNATURE', 'the signature is missing or wrong');
      }
      const taken = await takePage(feeding, warehouse, page, meta(`wms:${warehouse}`));
      received.inc({ outcome: taken.applied > 0 ? 'applied' : 'older' });
      reply.header('content-type', 'application/json').send(taken);
    }
  }
  return StockPushesController;
};
