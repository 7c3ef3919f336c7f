import { Refused } from '@flotilla/decider';
import { order as contract, type common } from '@flotilla/contracts';
import type { Task, Unit } from '@flotilla/event-store';
import { serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { normaliseCountry, normalisePostcode, phoneE164 } from '@flotilla/values';
import { conduct } from '../coordinate/conduct.js';
import type { Terms } from '../coordinate/inputs.js';
import { permit, permitRelease, type Action } from '../decide/actions.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { progressOf, type FulfilmentState } from '../decide/fulfilment.state.js';
import { order, type OrderCommand } from '../decide/order.decider.js';
import type { OrderState } from '../decide/order.state.js';
import { historyOf } from '../query/order-history.js';
import { listOrders } from '../query/order-list.js';
import { orderView } from '../query/order-view.js';

const defaultBlocks: Readonly<Record<string, readonly string[]>> = {
  MANUAL: ['RELEASE', 'LABEL', 'SHIP'],
  BUYER_REQUEST: ['RELEASE', 'LABEL', 'SHIP'],
  RISK: ['AUDIT', 'ALLOCATE'],
  ADDRESS: ['RELEASE', 'LABEL'],
};
const steps = ['AUDIT', 'ALLOCATE', 'RELEASE', 'LABEL', 'SHIP'];

interface Command {
  readonly requestId: string;
  readonly orderId: string;
}

/** Runs a command of the desk if the order allows it, and what follows from it. */
const command = async <Request extends Command>(
  ctx: ServiceContext,
  terms: () => Terms,
  action: Action,
  request: Request,
  call: Call,
  decide: (o: OrderState, f: FulfilmentState, at: string) => OrderCommand,
): Promise<contract.Order> => {
  const id = request.orderId;
  if (id === '') throw new Refused('BAD_REQUEST', 'order_id is missing');
  const task: Task = {
    streams: [[order, id], [fulfilment, id]],
    meta: call.meta,
    continues: [order, id],
    decide: (unit: Unit) => {
      const [o, f] = [unit.state(order, id), unit.state(fulfilment, id)];
      permit(action, id, o, f);
      const { policy, at } = terms();
      unit.run(order, id, decide(o, f, at));
      conduct(unit, id, policy, at);
    },
  };
  await ctx.store.execute(task, call.request(request));
  return orderView(ctx.store, id);
};

/** The address as it will be kept: personal parts sealed with the buyer's key, the rest readable for routing. */
const sealedAddress = async (ctx: ServiceContext, subject: string, request: contract.ChangeAddressRequest): Promise<common.Address> => {
  const country = normaliseCountry(request.country);
  if (country === undefined) throw new Refused('BAD_ADDRESS', `"${request.country}" is not a country; give a code such as CN`);
  if (request.city.trim() === '' || request.street.trim() === '' || request.name.trim() === '') throw new Refused('BAD_ADDRESS', 'an address needs country, city, street and name');
  const [street, company, name, phone] = await Promise.all([
    ctx.seal(subject, 'street', request.street.trim()),
    ctx.seal(subject, 'company', request.company.trim()),
    ctx.seal(subject, 'name', request.name.trim()),
    ctx.seal(subject, 'phone', request.phone.trim()),
  ]);
  const e164 = request.phone.trim() === '' ? undefined : phoneE164(request.phone, country);
  const { province, city, district } = request;
  return { country, province, city: city.trim(), district, postcode: normalisePostcode(request.postcode), street, company, name, phone, phoneIndex: e164 === undefined ? '' : ctx.index('phone', e164), token: '' };
};

/** The order desk. What is allowed is served with every order and obeyed here. */
export const ordersService = (ctx: ServiceContext, terms: () => Terms): Served => {
  const by = (call: Call): string => call.meta.actor;
  return serve(contract.Orders, {
    get: async ({ orderId }) => orderView(ctx.store, orderId),
    list: (request) => listOrders(ctx.pool, request),
    history: ({ orderId }) => historyOf(ctx.store, orderId),

    approve: (request, call) => command(ctx, terms, 'Approve', request, call, (_o, _f, at) => ({ type: 'ApproveOrder', data: { by: by(call), at } })),

    hold: async (request, call) => {
      const { type, reason } = request;
      const known = defaultBlocks[type];
      if (!known) throw new Refused('BAD_REQUEST', `type is one of ${Object.keys(defaultBlocks).join(', ')}`);
      const blocks = request.blocks.length > 0 ? request.blocks : known;
      const unknown = blocks.filter((block) => !steps.includes(block));
      if (unknown.length > 0) throw new Refused('BAD_REQUEST', `${unknown.join(', ')} cannot be blocked; choose from ${steps.join(', ')}`);
      return command(ctx, terms, 'Hold', request, call, () => ({ type: 'HoldOrder', data: { type, blocks, reason } }));
    },

    release: (request, call) =>
      command(ctx, terms, 'Release', request, call, (o, f) => {
        permitRelease(request.holdId, o, f);
        return { type: 'ReleaseHold', data: { holdId: request.holdId, by: by(call) } };
      }),

    cancel: (request, call) =>
      command(ctx, terms, 'Cancel', request, call, (_o, f) => ({ type: 'CancelOrder', data: { reason: request.reason || 'desk', by: by(call), progress: progressOf(f) } })),

    changeAddress: async (request, call) => {
      const known = (await ctx.store.folded(order, [request.orderId])).get(request.orderId)?.state.placed;
      if (!known) throw new Refused('NOT_FOUND', `there is no order ${request.orderId}; list them with Orders/List`);
      const shipTo = await sealedAddress(ctx, known.buyer.subject, request);
      return command(ctx, terms, 'ChangeAddress', request, call, () => ({ type: 'ChangeAddress', data: { shipTo } }));
    },
  });
};
