import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Request } from '@flotilla/event-store';
import { pageOf, pageToken, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { moveInbound, orders, streamsOfInbound } from '../coordinate/inbound.js';
import { inbound, MOST_LINES, type InboundCommand } from '../decide/inbound.decider.js';
import { isSku, isWarehouse } from '../decide/names.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { listInbounds, toInbound, withOverdue } from '../project/inbound-list.projection.js';
import { explainInbound } from '../query/inbound-explained.query.js';
import { instantOf, integerOf } from './csv-rows.js';
import { importRows } from './import.js';

const named = (id: string): string => {
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(id)) throw new Refused('BAD_REQUEST', `"${id.slice(0, 60)}" cannot be an inbound's number: letters, digits, "_" and "-", at most 60`);
  return id;
};

const short = (text: string, what: string): string => {
  if (text.length > 200) throw new Refused('BAD_REQUEST', `${what} has at most 200 characters`);
  return text;
};

const instant = (text: string): string => {
  const time = /^\d{4}-\d{2}-\d{2}T.+(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (text !== '' && Number.isNaN(time)) throw new Refused('BAD_INSTANT', `expected_at "${text.slice(0, 40)}" is no instant such as 2026-11-21T09:30:00Z`);
  return text === '' ? '' : new Date(time).toISOString();
};

/** Goods on their way. `keeps`: whether the warehouse's ledger is in this database; what others receive, their own ledger says. */
export const inboundsGrpc = ({ store, pool, clock }: Pick<ServiceContext, 'store' | 'pool' | 'clock'>, keeps: (site: api.Warehouse) => boolean): Served => {
  const now = (): string => clock.business().toISOString();
  const move = async (command: InboundCommand, call: Call, request?: Request): Promise<boolean> => {
    const { inbound: id } = command.data;
    const known = (await store.folded(inbound, [id])).get(id)!.state;
    const { answer } = await store.execute(
      {
        streams: streamsOfInbound(command, known),
        meta: call.meta,
        decide: (unit) => {
          const { warehouse: to, fromWarehouse: from } = orders(command) ?? { warehouse: '', fromWarehouse: '' };
          for (const site of [to, from]) {
            const described = site === '' ? null : unit.state(warehouse, site);
            if (described && !keeps(described)) throw new Refused('LEDGER_ELSEWHERE', `the ledger of ${site} is kept elsewhere (${described.ledger}); what it receives or sends is announced there`);
          }
          return moveInbound(unit, command);
        },
      },
      request,
    );
    return answer;
  };
  const shown = async (id: string): Promise<api.Inbound> => {
    const state = (await store.folded(inbound, [named(id)])).get(id)!.state;
    if (state === null) throw new Refused('NOT_FOUND', `no inbound "${id}" is announced; list them with Inbounds/List`);
    return withOverdue(toInbound(state), now());
  };
  const goods = (request: Omit<api.AnnounceInboundRequest, 'requestId'>): NonNullable<ReturnType<typeof orders>> => {
    const { kind, warehouse: site, fromWarehouse, lines, reference, expectedAt } = request;
    if (kind !== '' && kind !== 'PURCHASE' && kind !== 'TRANSFER') throw new Refused('BAD_REQUEST', `kind "${kind.slice(0, 20)}" is neither PURCHASE nor TRANSFER`);
    for (const one of [site, fromWarehouse]) if (one !== '' && !isWarehouse(one)) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${one.slice(0, 40)}"`);
    if (site === '') throw new Refused('UNKNOWN_WAREHOUSE', 'warehouse is empty');
    if (lines.length > MOST_LINES) throw new Refused('TOO_LARGE', `an inbound has at most ${MOST_LINES} lines`);
    for (const { sku } of lines) if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `"${sku.slice(0, 40)}" is not in the catalogue`);
    return { inbound: named(request.inbound), kind: kind || 'PURCHASE', warehouse: site, fromWarehouse, expectedAt: instant(expectedAt), reference: short(reference, 'reference'), lines };
  };
  return serve(api.Inbounds, {
    announce: async (request, call) => {
      await move({ type: 'AnnounceInbound', data: goods(request) }, call, call.request(request));
      return shown(request.inbound);
    },
    import: (chunks, call) =>
      importRows(chunks, ['inbound', 'warehouse', 'sku', 'quantity', 'expected_at'], (row) => {
        const { inbound: id = '', warehouse: site = '', sku = '', quantity = '', kind = '', from_warehouse: fromWarehouse = '', reference = '' } = row.values;
        if (quantity === '') throw new Refused('BAD_QUANTITY', 'quantity is empty');
        return move({ type: 'AnnounceInbound', data: goods({ inbound: id, kind: kind.toUpperCase(), warehouse: site, fromWarehouse, expectedAt: instantOf(row, 'expected_at'), reference, lines: [{ sku, quantity: integerOf(row, 'quantity') }] }) }, call);
      }),
    receive: async (request, call) => {
      const { inbound: id, lines, complete, reason } = request;
      if (request.requestId === '') throw new Refused('REQUEST_ID_REQUIRED', 'a receipt needs a request_id: done twice it would count twice');
      if (lines.length > MOST_LINES) throw new Refused('TOO_LARGE', `a receipt has at most ${MOST_LINES} lines`);
      const received = lines.map(({ sku, quantity, unsellable, cause }) => ({ sku, quantity, unsellable, cause: unsellable > 0 ? short(cause, 'cause') || 'DAMAGED' : '' }));
      await move({ type: 'ReceiveInbound', data: { inbound: named(id), received, complete, reason: short(reason, 'reason') } }, call, call.request(request));
      return shown(id);
    },
    end: async (request, call) => {
      await move({ type: 'CloseInbound', data: { inbound: named(request.inbound), reason: short(request.reason, 'reason') } }, call, call.request(request));
      return shown(request.inbound);
    },
    requestTransfer: async (request, call) => {
      await move({ type: 'RequestTransfer', data: goods({ ...request, kind: 'TRANSFER' }) }, call, call.request(request));
      return shown(request.inbound);
    },
    shipTransfer: async (request, call) => {
      const { inbound: id, lines, expectedAt, reason } = request;
      if (lines.length > MOST_LINES) throw new Refused('TOO_LARGE', `an inbound has at most ${MOST_LINES} lines`);
      await move({ type: 'ShipTransfer', data: { inbound: named(id), lines, expectedAt: instant(expectedAt), reason: short(reason, 'reason') } }, call, call.request(request));
      return shown(id);
    },
    cancelTransfer: async (request, call) => {
      await move({ type: 'CancelTransfer', data: { inbound: named(request.inbound), reason: short(request.reason, 'reason') } }, call, call.request(request));
      return shown(request.inbound);
    },
    explain: async ({ inbound: id }) => ({ inbound: await shown(id), ...(await explainInbound(store, id)) }),
    get: ({ inbound: id }) => shown(id),
    list: async ({ page, warehouse: site, open, overdue, kind, fromWarehouse }) => {
      const question = ['inbounds', site, open, overdue, kind, fromWarehouse];
      const { limit, after } = pageOf(page, question);
      const inbounds = await listInbounds(pool, { warehouse: site, open, overdue, kind, fromWarehouse, now: now() }, limit, after?.[0]);
      const last = inbounds.at(-1);
      return { inbounds, nextToken: last && inbounds.length === limit ? pageToken([last.inbound], question) : '' };
    },
  });
};
