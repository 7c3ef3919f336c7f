import type { order as contract } from '@flotilla/contracts';
import type pg from 'pg';
import { everything, type Filter } from './order-filter.js';
import { countOrders } from './order-list.js';

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

/** The built-in views, then one's own and those that others share, with how many orders each finds. */
export const listViews = async (pool: pg.Pool, owner: string, withCounts: boolean): Promise<contract.ListViewsResponse> => {
  const { rows } = await pool.query<Row>('SELECT view_id, name, filter, sort, shared, owner FROM read.order_view WHERE shared OR owner = $1 ORDER BY name, view_id LIMIT 200', [owner]);
  const views: contract.View[] = [
    ...builtIn.map((view) => ({ ...view, filter: { ...everything, ...view.filter }, shared: true, owner: '', orders: 0, more: false })),
    // What a filter could not ask when it was saved, it does not ask.
    ...rows.map((row) => ({ viewId: row.view_id, name: row.name, nameZh: '', filter: { ...everything, ...row.filter }, sort: row.sort, shared: row.shared, owner: row.owner, orders: 0, more: false })),
  ];
  if (!withCounts) return { views };
  const counted: contract.View[] = [];
  for (const view of views) {
    const orders = await countOrders(pool, view.filter, most);
    counted.push({ ...view, orders: Math.min(orders, most), more: orders > most });
  }
  return { views: counted };
};
