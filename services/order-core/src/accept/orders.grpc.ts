import { Refused } from '@flotilla/decider';
import { order as contract } from '@flotilla/contracts';
import type { Task } from '@flotilla/event-store';
import { serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { actByHand } from '../coordinate/conduct.js';
import type { Terms } from '../coordinate/inputs.js';
import type { Act } from '../decide/actions.js';
import { claim, type ClaimCommand } from '../decide/claim.decider.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { order } from '../decide/order.decider.js';
import { exportOrders } from '../query/order-export.js';
import { historyOf, orderAsOf, orderDiff } from '../query/order-history.js';
import { listOrders } from '../query/order-list.js';
import { overviewOf } from '../query/order-overview.js';
import { claimView, notFound, orderView } from '../query/order-view.js';
import type { Questions } from '../query/questions.js';
import { holdAct, reasonGiven, sealedAddress } from './acts.js';

interface Command {
  readonly requestId: string;
  readonly orderId: string;
}

/** The order desk. What is allowed is served with every order, and the decider obeys the same table. */
export const ordersService = (ctx: ServiceContext, questions: Questions, terms: () => Terms): Served => {
  /** Acts if the order allows it; what follows from it is in the answer. */
  const act = async (request: Command, call: Call, how: Act): Promise<contract.Order> => {
    const id = request.orderId;
    if (id === '') throw new Refused('BAD_REQUEST', 'order_id is missing');
    const task: Task = {
      streams: [[order, id], [fulfilment, id]],
      meta: call.meta,
      continues: [order, id],
      decide: (unit) => actByHand(unit, id, how, { ...terms(), by: call.meta.actor }),
    };
    await ctx.store.execute(task, call.request(request));
    return orderView(ctx.store, id);
  };

  const addressOf = async (orderId: string, request: contract.ChangeAddressRequest) => {
    const known = orderId === '' ? undefined : (await ctx.store.folded(order, [orderId])).get(orderId)?.state.placed;
    if (!known) throw notFound(orderId);
    return sealedAddress(ctx, known.buyer.subject, request);
  };

  /** Who works at an order stands beside it: its own streams hear nothing of that. */
  const claiming = async (request: Command, call: Call, how: (said: { readonly orderId: string; readonly by: string; readonly at: string }) => ClaimCommand): Promise<contract.OrderClaim> => {
    const { orderId } = request;
    if (orderId === '') throw new Refused('BAD_REQUEST', 'order_id is missing');
    if (!(await ctx.store.folded(order, [orderId])).get(orderId)?.state.placed) throw notFound(orderId);
    const task: Task<contract.OrderClaim> = {
      streams: [[claim, orderId]],
      meta: call.meta,
      decide: (unit) => {
        const at = ctx.clock.machine().toISOString();
        unit.run(claim, orderId, how({ orderId, by: call.meta.actor, at }));
        return claimView(orderId, unit.state(claim, orderId), at);
      },
    };
    return (await ctx.store.execute(task, call.request(request))).answer;
  };

  return serve(contract.Orders, {
    get: async ({ orderId }) => orderView(ctx.store, orderId),
    list: (request) => listOrders({ ctx, questions }, request),
    export: (request, call) => exportOrders({ ctx, questions }, request, call.signal),
    overview: ({ orderId }) => overviewOf(ctx, orderId),
    history: ({ orderId }) => historyOf(ctx.store, orderId),
    asOf: (request) => orderAsOf(ctx.store, request),
    diff: (request) => orderDiff(ctx.store, request),

    approve: async (request, call) => act(request, call, { action: 'Approve', reason: reasonGiven(request.reason) }),
    hold: async (request, call) => act(request, call, holdAct(request)),
    release: async (request, call) => {
      if (request.holdId === '') throw new Refused('BAD_REQUEST', 'hold_id is missing; the order lists its holds');
      return act(request, call, { action: 'Release', holdId: request.holdId, type: '', reason: reasonGiven(request.reason) });
    },
    cancel: async (request, call) => act(request, call, { action: 'Cancel', reason: reasonGiven(request.reason) }),
    changeAddress: async (request, call) => act(request, call, { action: 'ChangeAddress', shipTo: await addressOf(request.orderId, request) }),
    split: async (request, call) => act(request, call, { action: 'Split', foId: request.foId, lines: request.lines, reason: reasonGiven(request.reason) }),
    allowPartial: async (request, call) => act(request, call, { action: 'AllowPartial', allowed: request.allowed, reason: reasonGiven(request.reason) }),
    claim: async (request, call) => claiming(request, call, (said) => ({ type: 'ClaimOrder', data: { ...said, takeOver: request.takeOver, reason: reasonGiven(request.reason) } })),
    releaseClaim: async (request, call) => claiming(request, call, (said) => ({ type: 'ReleaseClaim', data: { ...said, reason: reasonGiven(request.reason) } })),
    intercept: async (request, call) => {
      // Half an address is one, and refused as such: it must not send the parcel back to us.
      const elsewhere = Object.values(request.shipTo).some((part) => part !== '');
      return act(request, call, { action: 'Intercept', reason: reasonGiven(request.reason), shipTo: elsewhere ? await addressOf(request.orderId, request.shipTo) : null });
    },
  });
};
