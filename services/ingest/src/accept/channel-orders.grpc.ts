import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import { orderIdOf } from '@flotilla/values';
import type { Ingest } from '../ingest.parts.js';
import { listWriteBacks, writeBackStates } from '../query/write-backs.query.js';
import { findSummary, listSummaries, readOrder } from '../query/channel-orders.query.js';

/** Orders as their platforms have them. */
export const channelOrdersGrpc = ({ ctx }: Ingest): Served =>
  serve(ingest.ChannelOrders, {
    get: async ({ orderId, channel, channelOrderId }) => {
      const id = orderId === '' ? orderIdOf(channel, channelOrderId) : orderId;
      const summary = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? await findSummary(ctx.pool, id) : undefined;
      if (summary === undefined) throw new Refused('NOT_FOUND', 'no such channel order; list them with ChannelOrders/List');
      return { order: (await readOrder(ctx.store, summary)).order, summary };
    },
    list: async ({ page, channel, state }) => {
      if (!['', 'PLACED', 'PARKED'].includes(state)) throw new Refused('BAD_REQUEST', 'state is PLACED, PARKED or ""');
      const question = ['channel-orders', channel, state];
      const { limit, after } = pageOf(page, question);
      const { orders, last } = await listSummaries(ctx.pool, { limit, after: after?.[0], channel, state });
      return { orders, nextToken: last === undefined ? '' : pageToken([last], question) };
    },
  });

/** What platforms were told, and did not take. */
export const writeBacksGrpc = ({ ctx }: Ingest): Served =>
  serve(ingest.WriteBacks, {
    list: async ({ page, state }) => {
      if (state !== '' && !writeBackStates.includes(state)) throw new Refused('BAD_REQUEST', `state is ${writeBackStates.join(', ')} or ""`);
      const question = ['write-backs', state];
      const { limit, after } = pageOf(page, question);
      const { writeBacks, last } = await listWriteBacks(ctx.pool, { states: state === '' ? ['FAILED', 'UNKNOWN'] : [state], limit, after: after?.[0] });
      return { writeBacks, nextToken: last === undefined ? '' : pageToken([last], question) };
    },
  });
