import type { alerts } from '@flotilla/contracts';
import type { Words } from './rules.js';

/** A row of the KPI table, read from a count of a service's tally. */
interface Figure {
  readonly id: string;
  readonly title: Words;
  readonly service: FigureService;
  readonly count: string;
  /** Counted since the log began, so that a day is a difference; else how it stands. */
  readonly flow: boolean;
}

export const figureServices = ['ingest', 'order-core', 'allocation', 'tracking', 'settlement'] as const;
export type FigureService = (typeof figureServices)[number];

/** Counts of the services that answered. */
export type Counts = Readonly<Partial<Record<FigureService, Readonly<Record<string, number>>>>>;

const flow = (id: string, zh: string, en: string, service: FigureService, count: string): Figure => ({ id, title: { zh, en }, service, count, flow: true });
const state = (id: string, zh: string, en: string, service: FigureService, count: string): Figure => ({ id, title: { zh, en }, service, count, flow: false });

/** In the order of the report: from the order to the money, then what stands still. */
export const figures: readonly Figure[] = [
  flow('orders-placed', '新订单', 'orders placed', 'order-core', 'placed'),
  flow('orders-completed', '完成订单', 'orders completed', 'order-core', 'completed'),
  flow('orders-cancelled', '取消订单', 'orders cancelled', 'order-core', 'cancelled'),
  flow('locks-taken', '库存锁定', 'stock locks', 'allocation', 'locked'),
  flow('locks-refused', '锁定失败', 'stock locks refused', 'allocation', 'refused'),
  flow('parcels-shipped', '发出包裹', 'parcels shipped', 'tracking', 'shipped'),
  flow('parcels-delivered', '签收包裹', 'parcels delivered', 'tracking', 'delivered'),
  flow('orders-settled', '结清订单', 'orders settled', 'settlement', 'settledOrders'),
  flow('notices-sent', '买家通知', 'notices to buyers', 'tracking', 'noticesAccepted'),
  flow('notices-failed', '通知失败', 'notices failed', 'tracking', 'noticesFailed'),
  state('orders-backordered', '缺货等待', 'waiting for stock', 'order-core', 'backordered'),
  state('orders-held', '人工冻结', 'held for a person', 'order-core', 'held'),
  state('intake-parked', '待修复订单', 'orders parked at intake', 'ingest', 'parked'),
  state('write-backs-failed', '回写失败', 'write-backs failed', 'ingest', 'writeBacksFailed'),
  state('parcels-troubled', '异常包裹', 'parcels in trouble', 'tracking', 'exceptions'),
  state('lines-flagged', '对账差异', 'statement lines to look at', 'settlement', 'toLookAt'),
];

/** The rows as they stand now, beside those of the report before. Where it knew no total, the day of a flow begins with the log. */
export const figuresOf = (counts: Counts, before: ReadonlyMap<string, alerts.ReportFigure>): readonly alerts.ReportFigure[] =>
  figures.map(({ id, title, service, count, flow: flows }) => {
    const known = counts[service] !== undefined;
    const earlier = before.get(id);
    const total = counts[service]?.[count] ?? earlier?.total ?? 0;
    return {
      figure: id, title: title.en, titleZh: title.zh, flow: flows, known,
      value: !known ? 0 : flows ? total - (earlier?.total ?? 0) : total,
      compared: earlier?.known ?? false, before: earlier?.value ?? 0, total,
    };
  });
