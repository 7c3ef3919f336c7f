import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { freeze, type FreezeCommand } from '../decide/freeze.decider.js';
import { isSku, isWarehouse } from '../decide/names.js';
import { node, standing, type NodeState } from '../decide/node.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { listFrozen } from '../project/frozen.projection.js';
import { loadToday } from '../project/node-load.projection.js';
import { listOversells, listOversold } from '../project/oversell.projection.js';
import { listWarehouses } from '../query/lists.query.js';

type Context = Pick<ServiceContext, 'store' | 'pool' | 'clock'>;
type Load = { readonly day: string; readonly orders: number };

const toNode = ({ warehouse: site, dailyOrders }: api.Warehouse, state: NodeState, load: Load | undefined): api.Node => {
  const now = standing(state);
  return {
    warehouse: site,
    state: now === 'PROBED' ? 'PROBING' : now,
    reason: state.suspended || (now === 'OUT' ? 'deliveries were late' : ''),
    until: state.until,
    probeFoId: state.probe,
    lateInARow: state.row,
    day: load?.day ?? '',
    ordersToday: load?.orders ?? 0,
    dailyOrders,
  };
};

const needed = (requestId: string, reason: string): void => {
  if (requestId === '') throw new Refused('REQUEST_ID_REQUIRED', 'give the request an id, so that it can be repeated');
  if (reason.trim() === '' || reason.length > 200) throw new Refused('BAD_REQUEST', 'say why, in at most 200 characters');
};

/** Nodes: whether they may be asked and how full their day is; closing and opening them by hand. */
export const nodesGrpc = ({ store, pool, clock }: Context): Served => {
  const at = (): string => clock.business().toISOString();
  const nodes = async (sites: readonly api.Warehouse[]): Promise<readonly api.Node[]> => {
    const [states, loads] = await Promise.all([
      store.folded(node, sites.map((site) => site.warehouse)),
      loadToday(pool, Object.fromEntries(sites.map((site) => [site.warehouse, site.timeZone])), at()),
    ]);
    return sites.map((site) => toNode(site, states.get(site.warehouse)!.state, loads[site.warehouse]));
  };
  const turn = (type: 'SuspendNode' | 'ResumeNode') => async (request: api.SuspendNodeRequest, call: Parameters<NonNullable<Served['handlers'][string]>>[1]): Promise<api.Node> => {
    const { warehouse: id, reason } = request;
    needed(request.requestId, reason);
    const site = isWarehouse(id) ? (await store.folded(warehouse, [id])).get(id)?.state : null;
    if (!site) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${id.slice(0, 40)}"; list them with Warehouses/List`);
    await store.execute({ streams: [[node, id]], meta: call.meta, decide: (unit) => void unit.run(node, id, { type, data: { warehouse: id, reason, by: call.caller, at: at() } }) }, call.request(request));
    return (await nodes([site]))[0]!;
  };
  return serve(api.Nodes, { list: async () => ({ nodes: await nodes(await listWarehouses(pool)) }), suspend: turn('SuspendNode'), resume: turn('ResumeNode') });
};

const toFreeze = ({ sku, reason, failed, reserved, frozenAt, until }: api.SkuFrozen): api.SkuFreeze => ({ sku, frozen: true, reason, failed, reserved, since: frozenAt, until });

/** SKUs that are not promised at present. */
export const freezesGrpc = ({ store, pool, clock }: Context): Served => {
  const turn = async (request: api.FreezeSkuRequest, call: Parameters<NonNullable<Served['handlers'][string]>>[1], command: FreezeCommand): Promise<api.SkuFreeze> => {
    needed(request.requestId, request.reason);
    const { sku } = request;
    if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `"${sku.slice(0, 40)}" is not in the catalogue`);
    await store.execute({ streams: [[freeze, sku]], meta: call.meta, decide: (unit) => void unit.run(freeze, sku, command) }, call.request(request));
    const { frozen, reason, failed, reserved, since, until } = (await store.folded(freeze, [sku])).get(sku)!.state;
    return { sku, frozen, reason, failed, reserved, since, until };
  };
  const at = (): string => clock.business().toISOString();
  return serve(api.Freezes, {
    list: async ({ page }) => {
      const { limit, after } = pageOf(page, 'freezes');
      const frozen = await listFrozen(pool, limit, after?.[0]);
      return { freezes: frozen.map(toFreeze), nextToken: frozen.length === limit ? pageToken([frozen.at(-1)!.sku], 'freezes') : '' };
    },
    freeze: (request, call) => turn(request, call, { type: 'FreezeSku', data: { sku: request.sku, at: at(), reason: request.reason } }),
    unfreeze: (request, call) => turn(request, call, { type: 'UnfreezeSku', data: { sku: request.sku, at: at(), by: call.caller } }),
  });
};

const isDay = (text: string): boolean => text === '' || (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)));

/** Sold while nothing was available. */
export const oversellsGrpc = ({ pool }: Pick<ServiceContext, 'pool'>): Served => {
  const checked = (...days: readonly string[]): void => {
    for (const day of days) if (!isDay(day)) throw new Refused('BAD_REQUEST', `"${day.slice(0, 20)}" is no day such as 2026-11-22`);
  };
  return serve(api.Oversells, {
    list: async ({ page, channel, fromDay, toDay }) => {
      checked(fromDay, toDay);
      const question = ['oversells', channel, fromDay, toDay];
      const { limit, after } = pageOf(page, question);
      const oversells = await listOversells(pool, { channel, fromDay, toDay }, limit, after);
      const last = oversells.at(-1);
      return { oversells, nextToken: last && oversells.length === limit ? pageToken([last.day, last.channel, last.sku], question) : '' };
    },
    listSales: async ({ page, channel, fromDay, toDay }) => {
      checked(fromDay, toDay);
      const question = ['oversold', channel, fromDay, toDay];
      const { limit, after } = pageOf(page, question);
      const { sales, last } = await listOversold(pool, { channel, fromDay, toDay }, limit, after);
      return { sales, nextToken: last ? pageToken(last, question) : '' };
    },
  });
};
