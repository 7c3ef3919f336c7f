import { defineService } from '@flotilla/service-kit';
import { addressFlags, type AddressFlag } from '@flotilla/values';
import { z } from 'zod';
import { figuresService, operationsService, viewsService } from './accept/desk.grpc.js';
import { operationJobs, operationKind, operationPerformer } from './accept/operation-work.js';
import { orderInputs } from './accept/order-inputs.consumer.js';
import { ordersService } from './accept/orders.grpc.js';
import { shippingRulesService } from './accept/shipping-rules.grpc.js';
import { lookAtOrder, orderTimers } from './accept/order-timers.js';
import type { Terms } from './coordinate/inputs.js';
import { fulfilment } from './decide/fulfilment.decider.js';
import { order } from './decide/order.decider.js';
import { deskLists, DeskLists } from './project/desk-lists.js';
import { OrderClaims, OrderCustom, OrderDesk, orderList, OrderList, OrderListLegs, OrderSplits } from './project/order-list.js';
import { orderEvents } from './publish/order-events.js';
import { tallyOrders } from './query/order-tally.js';
import { showWaits } from './query/order-waits.js';
import { questionsOf } from './query/questions.js';

const listed = (text: string): readonly string[] => text.split(',').map((one) => one.trim()).filter((one) => one !== '');

/** order-core conducts: it alone decides what happens to an order next, and says so on order-lifecycle.order.v1. */
export const orderCore = defineService({
  name: 'order-core',
  config: {
    FLOTILLA_ALLOCATE_WHEN: z.enum(['placed', 'paid', 'approved']).default('placed').describe('when stock is asked for'),
    FLOTILLA_PAYMENT_MINUTES: z.coerce.number().positive().default(30).describe('how long an unpaid order waits, business time'),
    FLOTILLA_RETURN_DAYS: z.coerce.number().positive().default(7).describe('how long a delivered order may be sent back, business time; then it is closed'),
    FLOTILLA_RISK_LIMIT: z.coerce.number().positive().default(50_000).describe('total, in major units of its currency, from which a person approves'),
    FLOTILLA_ADDRESS_HOLDS: z.string().refine((text) => listed(text).every((flag) => Object.hasOwn(addressFlags, flag)), `the flags are ${Object.keys(addressFlags).join(', ')}`).default('VAGUE,INCOMPLETE,CONTRADICTION,AMBIGUOUS').describe('what of an address a person looks at before it is sent, separated by commas; "" = what is missing alone'),
    FLOTILLA_ADDRESS_CONFIDENCE: z.coerce.number().min(0).max(100).default(80).describe('percent; an address in China whose province or city is less sure is looked at, too'),
    FLOTILLA_AUDIT_UNPAID: z.stringbool().default(false).describe('whether what is to be sent before it is paid (cash on delivery, an authorised payment) waits for a person'),
    FLOTILLA_AMOUNT_TOLERANCE: z.coerce.number().nonnegative().default(0).describe('how far what was paid may be from the total, in major units of its currency; beyond, a person looks'),
    FLOTILLA_CARRIERS: z.string().min(1).default('sf').describe('carriers that may be asked, separated by commas'),
  },
  migrations: [OrderList, OrderListLegs, OrderDesk, DeskLists, OrderCustom, OrderSplits, OrderClaims],
  deciders: [order, fulfilment],
  build: (ctx) => {
    const { FLOTILLA_ALLOCATE_WHEN: allocateWhen, FLOTILLA_PAYMENT_MINUTES: paymentMinutes, FLOTILLA_RETURN_DAYS: returnDays, FLOTILLA_RISK_LIMIT: riskLimit, FLOTILLA_ADDRESS_HOLDS: flags, FLOTILLA_ADDRESS_CONFIDENCE: confidence, FLOTILLA_AMOUNT_TOLERANCE: amountTolerance, FLOTILLA_AUDIT_UNPAID: auditUnpaid, FLOTILLA_CARRIERS: carriers } = ctx.config;
    const fixed = { rules: { riskLimit, paymentMinutes, amountTolerance, auditUnpaid, address: { flags: listed(flags) as readonly AddressFlag[], confidence } }, policy: { allocateWhen }, carriers: listed(carriers) };
    const terms = (): Terms => ({ ...fixed, at: ctx.clock.business().toISOString() });
    const questions = questionsOf(ctx.pool, () => ctx.clock.business());
    const hideWaits = showWaits(ctx);
    return {
      consumers: [orderInputs(ctx, terms)],
      grpc: [ordersService(ctx, questions, terms), operationsService(ctx, questions), viewsService(ctx, questions), figuresService(questions), shippingRulesService(ctx)],
      timers: { changes: orderTimers(returnDays), fire: async ({ key }, meta) => void (await ctx.store.execute(lookAtOrder(key, meta, terms))) },
      jobs: operationJobs,
      performers: { [operationKind]: operationPerformer({ store: ctx.store, log: ctx.log, terms, now: () => ctx.clock.machine().toISOString() }) },
      followers: [orderList, deskLists],
      publish: orderEvents,
      tally: () => tallyOrders(ctx.pool),
      stop: async () => hideWaits(),
    };
  },
});
