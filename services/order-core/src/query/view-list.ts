import { Refused } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import { everything, type Filter } from './order-filter.js';
import { countOrders } from './order-list.js';
import type { Questions } from './questions.js';

/** Counting stops here: nobody works off more by hand, and it keeps a count as quick as a page. */
const most = 10_000;

interface Built {
  readonly viewId: string;
  readonly name: string;
  readonly nameZh: string;
  readonly filter: Partial<Filter>;
  readonly sort: string;
}

/** The queues of the desk. */
const builtIn: readonly Built[] = [
  { viewId: 'to-audit', name: 'To audit', nameZh: '待审核', filter: { actions: ['Approve'], states: ['AUDITING'] }, sort: 'placed_at' },
  { viewId: 'held', name: 'Held', nameZh: '已冻结', filter: { waitsFor: ['HOLD'] }, sort: 'waits_since' },
  { viewId: 'exceptions', name: 'Exceptions', nameZh: '异常', filter: { waitsFor: ['HOLD:EXCEPTION'] }, sort: 'waits_since' },
  { viewId: 'risk', name: 'Risk review', nameZh: '风控复核', filter: { waitsFor: ['HOLD:RISK'] }, sort: 'waits_since' },
  { viewId: 'unpaid', name: 'Awaiting payment', nameZh: '待付款', filter: { states: ['AWAITING_PAYMENT'] }, sort: 'placed_at' },
  { viewId: 'backordered', name: 'Backordered', nameZh: '缺货', filter: { waitsFor: ['BACKORDER'] }, sort: 'waits_since' },
  { viewId: 'to-ship', name: 'To ship', nameZh: '待发货', filter: { waitsFor: ['WAYBILL', 'SHIP'] }, sort: 'waits_since' },
];

interface Row {
  readonly view_id: string;
  readonly name: string;
  readonly filter: Filter;
  readonly sort: string;
  readonly shared: boolean;
  readonly owner: string;
}

/** Views that one may save; what is saved in the same moment may be a few more. */
const mostViews = 50;

export const refuseMore = async (questions: Questions, owner: string, viewId: string): Promise<void> => {
  const { rows } = await questions.query<{ views: number }>('SELECT count(*)::int AS views FROM read.order_view WHERE owner = $1 AND view_id <> $2', [owner, viewId]);
  if (rows[0]!.views >= mostViews) throw new Refused('TOO_LARGE', `you have ${rows[0]!.views} views, and may have ${mostViews}; remove one first`);
};

/** How many orders a view finds, no further than `most` + 1; undefined if that cannot be counted in time. */
export type Counts = (filter: Filter) => Promise<number | undefined>;

/** Counts stand so long: everybody's desk asks for the same ones, again and again. */
const keptMs = 5_000;

export const countsOf = (questions: Questions): Counts => {
  const kept = new Map<string, { readonly at: number; readonly orders: Promise<number | undefined> }>();
  return (filter) => {
    const now = Date.now();
    for (const [key, { at }] of kept) if (now - at > keptMs) kept.delete(key);
    const key = JSON.stringify(filter);
    const known = kept.get(key);
    if (known) return known.orders;
    // One view that asks too much is no reason to show none.
    const orders = countOrders(questions, filter, most).catch((error: unknown) => {
      if (error instanceof Refused) return undefined;
      kept.delete(key);
      throw error;
    });
    kept.set(key, { at: now, orders });
    return orders;
  };
};

/** A caller gives up after half a minute; what is not counted by then is shown without its number. */
const countingMs = 10_000;

/** The built-in views, then one's own, then those that others share, with how many orders each finds. */
export const listViews = async (questions: Questions, owner: string, counts: Counts | undefined): Promise<contract.ListViewsResponse> => {
  const { rows } = await questions.query<Row>('SELECT view_id, name, filter, sort, shared, owner FROM read.order_view WHERE shared OR owner = $1 ORDER BY owner <> $1, name, view_id LIMIT 200', [owner]);
  const views: contract.View[] = [
    ...builtIn.map((view) => ({ ...view, filter: { ...everything, ...view.filter }, shared: true, owner: '', orders: 0, more: false })),
    // What a filter could not ask when it was saved, it does not ask.
    ...rows.map((row) => ({ viewId: row.view_id, name: row.name, nameZh: '', filter: { ...everything, ...row.filter }, sort: row.sort, shared: row.shared, owner: row.owner, orders: 0, more: false })),
  ];
  if (!counts) return { views };
  const until = Date.now() + countingMs;
  const counted: contract.View[] = [];
  for (const view of views) {
    const orders = Date.now() < until ? await counts(view.filter) : undefined;
    counted.push({ ...view, ...(orders === undefined ? { more: true } : { orders: Math.min(orders, most), more: orders > most }) });
  }
  return { views: counted };
};
