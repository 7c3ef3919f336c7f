import { randomUUID } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { order as contract } from '@flotilla/contracts';
import type { Task } from '@flotilla/event-store';
import { serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { isUuid } from '@flotilla/values';
import { mostOrders, operation } from '../decide/operation.decider.js';
import { view, type SavedView } from '../decide/view.decider.js';
import { dryRun, knownAs, listOperations, listOutcomes, operationView } from '../query/operation-list.js';
import { figuresOf } from '../query/order-figures.js';
import { asksNothing, filterOf } from '../query/order-filter.js';
import { chosenOrders, sortOf } from '../query/order-list.js';
import type { Questions } from '../query/questions.js';
import { countsOf, listViews, refuseMore } from '../query/view-list.js';
import { bulkAct } from './acts.js';

/** What this request was answered when it was made before: what is asked before deciding may have changed since, by the request itself. */
const answered = async <A>({ store }: Pick<ServiceContext, 'store'>, request: Parameters<Call['request']>[0], call: Call): Promise<A | undefined> => {
  const never = new Error('not answered yet');
  const task: Task<A> = {
    streams: [],
    meta: call.meta,
    decide: () => {
      throw never;
    },
  };
  return store.execute(task, call.request(request)).then(({ answer }) => answer, (error: unknown) => {
    if (error === never) return undefined;
    throw error;
  });
};

/** Bulk work: begun here, worked off by `operation-work.ts`. */
export const operationsService = (ctx: ServiceContext, questions: Questions): Served => {
  const now = (): string => ctx.clock.machine().toISOString();

  /** The orders that are meant, fixed from now on: what is done must not depend on what it changes. */
  const chosen = async ({ orderIds, filter }: contract.StartOperationRequest): Promise<readonly string[]> => {
    const asked = filterOf(filter, ctx);
    const filtered = !asksNothing(asked);
    if (orderIds.length > 0 && filtered) throw new Refused('BAD_REQUEST', 'give order_ids or a filter, not both');
    // A forgotten filter must not mean every order there is.
    if (orderIds.length === 0 && !filtered) throw new Refused('BAD_REQUEST', 'which orders? give order_ids, or a filter');
    const ids = orderIds.length > 0 ? [...new Set(orderIds)] : await chosenOrders(questions, asked, mostOrders);
    const odd = ids.find((id) => !isUuid(id));
    if (odd !== undefined) throw new Refused('BAD_REQUEST', `"${odd.slice(0, 60)}" is no order id`);
    if (ids.length > mostOrders) throw new Refused('TOO_LARGE', `an operation has at most ${mostOrders} orders; narrow the filter`);
    return ids;
  };

  return serve(contract.Operations, {
    start: async (request, call) => {
      const act = bulkAct(request);
      if (request.dryRun) return dryRun(questions, act, await chosen(request));
      if (request.requestId === '') throw new Refused('REQUEST_ID_REQUIRED', 'request_id is missing: a repeat must not begin the work a second time');
      // Its own work may have changed what the filter finds: a repeat is not asked again which orders it means.
      const begun = await answered<string>(ctx, request, call);
      if (begun !== undefined) return operationView(ctx.store, begun);
      const orderIds = await chosen(request);
      const operationId = randomUUID();
      const { answer } = await ctx.store.execute(
        {
          streams: [[operation, operationId]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(operation, operationId, { type: 'StartOperation', data: { operationId, act, orderIds, by: call.meta.actor, at: now() } });
            return operationId;
          },
        },
        call.request(request),
      );
      return operationView(ctx.store, answer);
    },
    get: ({ operationId }) => operationView(ctx.store, operationId),
    list: (request) => listOperations(questions, request),
    listOutcomes: (request) => listOutcomes(questions, request),
    cancel: async (request, call) => {
      const operationId = knownAs(request.operationId);
      await ctx.store.execute(
        { streams: [[operation, operationId]], meta: call.meta, decide: (unit) => void unit.run(operation, operationId, { type: 'CancelOperation', data: { operationId, by: call.meta.actor, at: now() } }) },
        call.request(request),
      );
      return operationView(ctx.store, operationId);
    },
  });
};

/** Saved views. Whose they are is told by the caller's name. */
export const viewsService = (ctx: ServiceContext, questions: Questions): Served => {
  const counts = countsOf(questions);
  return serve(contract.Views, {
    save: async (request, call) => {
      const { name, sort, shared } = request;
      const filter = filterOf(request.filter, ctx);
      sortOf(sort, filter);
      if (request.viewId !== '' && !isUuid(request.viewId)) throw new Refused('BAD_REQUEST', 'view_id is one that Save gave; leave it empty for a new view');
      const saved = await answered<SavedView>(ctx, request, call);
      // Its own view counts: the repeat of the last one that one may save would be one too many.
      if (saved) return { ...saved, nameZh: '', orders: 0, more: false };
      await refuseMore(questions, call.caller, request.viewId);
      const data = { viewId: request.viewId || randomUUID(), name: name.trim(), filter, sort, shared, owner: call.caller };
      const { answer } = await ctx.store.execute(
        {
          streams: [[view, data.viewId]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(view, data.viewId, { type: 'SaveView', data });
            return data;
          },
        },
        call.request(request),
      );
      return { ...answer, nameZh: '', orders: 0, more: false };
    },
    remove: async (request, call) => {
      const { viewId } = request;
      if (!isUuid(viewId)) throw new Refused('NOT_FOUND', `there is no view of yours that is called ${viewId.slice(0, 60)}`);
      await ctx.store.execute({ streams: [[view, viewId]], meta: call.meta, decide: (unit) => void unit.run(view, viewId, { type: 'RemoveView', data: { viewId, owner: call.caller } }) }, call.request(request));
      return {};
    },
    list: ({ withoutCounts }, call) => listViews(questions, call.caller, withoutCounts ? undefined : counts),
  });
};

/** Figures for dashboards. */
export const figuresService = (questions: Questions): Served => {
  const figures = figuresOf(questions);
  return serve(contract.Figures, { get: ({ hours }) => figures(hours) });
};
