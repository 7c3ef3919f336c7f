import type { allocation, order } from '@flotilla/contracts';

/** Where an age begins, in hours, as order-core counts them. */
export const ages = [0, 1, 4, 24, 72, 168] as const;

const hour = 3_600_000;
const quoted = (value: string): string => (/[\s,()"]/.test(value) ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : value);

export interface Asked {
  /** Of `waitsFor`, "HOLD" for every hold. */
  readonly wait?: string;
  readonly state?: string;
  readonly channel?: string;
  /** Waits so many hours or more at `at`, and less than `toHours` (0 = without end). */
  readonly fromHours?: number;
  readonly toHours?: number;
  readonly at?: string;
  readonly placedFrom?: string;
  readonly placedBefore?: string;
}

/** The desk's query for what a figure counts. Instants and not spans: what opens is what was counted. */
export const queryOf = ({ wait, state, channel, fromHours = 0, toHours = 0, at, placedFrom, placedBefore }: Asked): string => {
  const ago = (hours: number): string => new Date(Date.parse(at!) - hours * hour).toISOString();
  return [
    // What is in audit waits for it or for a hold.
    wait === 'AUDIT' ? 'state:AUDITING -waits:HOLD' : wait === undefined ? '' : `waits:${wait}`,
    state === undefined ? '' : `state:${state}`,
    channel === undefined ? '' : `channel:${quoted(channel)}`,
    at !== undefined && fromHours > 0 ? `waits_since<${ago(fromHours)}` : '',
    at !== undefined && toHours > 0 ? `waits_since>=${ago(toHours)}` : '',
    placedFrom === undefined ? '' : `placed>=${placedFrom}`,
    placedBefore === undefined ? '' : `placed<${placedBefore}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
};

export const deskPath = (asked: Asked): string => `/orders?q=${encodeURIComponent(queryOf(asked))}${asked.wait === undefined && asked.fromHours === undefined ? '' : '&sort=waits_since'}`;

/** Holds are one kind of waiting here; which one stands in the desk. */
export const kindOf = (waitsFor: string): string => (waitsFor.startsWith('HOLD:') ? 'HOLD' : waitsFor);

export interface Backlog {
  readonly kind: string;
  readonly total: number;
  /** One for each of `ages`. */
  readonly byAge: readonly number[];
}

/** What waits, by what for and how long; the largest first. */
export const backlogOf = (waiting: readonly order.WaitingOrders[]): readonly Backlog[] =>
  [...Map.groupBy(waiting, ({ waitsFor }) => kindOf(waitsFor))]
    .map(([kind, own]) => {
      const byAge = ages.map((from) => own.filter(({ fromHours }) => fromHours === from).reduce((sum, { orders }) => sum + orders, 0));
      return { kind, byAge, total: byAge.reduce((sum, orders) => sum + orders, 0) };
    })
    .toSorted((a, b) => b.total - a.total || (a.kind < b.kind ? -1 : 1));

/** The three parts of an order's health, and what people still have to look at. */
export const health = {
  stock: ['ALLOCATION', 'BACKORDER', 'RELEASE_OF_STOCK'],
  payment: ['TIMER:PAYMENT', 'SETTLEMENT'],
  logistics: ['WAYBILL', 'SHIP', 'DELIVERY', 'CHANGE', 'VOID'],
  people: ['AUDIT', 'HOLD'],
} as const;
export type Part = keyof typeof health;

/** Hours after which waiting for this is late. Delivery takes its days; a waybill takes seconds. */
const lateAfter: Readonly<Record<string, number>> = { ALLOCATION: 1, BACKORDER: 72, RELEASE_OF_STOCK: 4, 'TIMER:PAYMENT': 24, SETTLEMENT: Infinity, WAYBILL: 1, SHIP: 24, DELIVERY: 168, CHANGE: 4, VOID: 4, AUDIT: 4, HOLD: 24 };

export interface Health {
  readonly part: Part;
  readonly total: number;
  readonly late: number;
  readonly kinds: readonly { readonly kind: string; readonly orders: number; readonly late: number; readonly lateAfter: number }[];
}

export const healthOf = (waiting: readonly order.WaitingOrders[]): readonly Health[] => {
  const backlog = new Map(backlogOf(waiting).map((one) => [one.kind, one]));
  return (Object.keys(health) as Part[]).map((part) => {
    const kinds = health[part].map((kind) => {
      const after = lateAfter[kind] ?? 24;
      const byAge = backlog.get(kind)?.byAge ?? [];
      return { kind, orders: backlog.get(kind)?.total ?? 0, late: byAge.reduce((sum, orders, at) => sum + (ages[at]! >= after ? orders : 0), 0), lateAfter: after };
    });
    return { part, kinds, total: kinds.reduce((sum, { orders }) => sum + orders, 0), late: kinds.reduce((sum, one) => sum + one.late, 0) };
  });
};

export interface FlowBar {
  readonly from: string;
  readonly before: string;
  readonly placed: number;
  readonly cancelled: number;
}

/** Orders by the hour, without gaps; by the day where that would be more than `most` bars. */
export const barsOf = (flow: readonly order.OrderFlow[], since: string, at: string, most = 72): readonly FlowBar[] => {
  const begin = Math.floor(Date.parse(since) / hour) * hour;
  const end = Date.parse(at);
  const width = (end - begin) / hour > most ? 24 * hour : hour;
  const count = Math.max(1, Math.ceil((end - begin) / width));
  const bars = Array.from({ length: count }, () => ({ placed: 0, cancelled: 0 }));
  for (const { hour: from, placed, cancelled } of flow) {
    const bar = bars[Math.floor((Date.parse(from) - begin) / width)];
    if (!bar) continue;
    bar.placed += placed;
    bar.cancelled += cancelled;
  }
  return bars.map((bar, n) => ({ ...bar, from: new Date(begin + n * width).toISOString(), before: new Date(begin + (n + 1) * width).toISOString() }));
};

export interface ChannelRate {
  readonly channel: string;
  readonly placed: number;
  readonly cancelled: number;
  /** Of those placed; 0 where none were. */
  readonly rate: number;
}

/** Cancelled of what each channel sold; the highest rate first. */
export const cancelRates = (flow: readonly order.OrderFlow[]): readonly ChannelRate[] =>
  [...Map.groupBy(flow, ({ channel }) => channel)]
    .map(([channel, own]) => {
      const [placed, cancelled] = [own.reduce((sum, one) => sum + one.placed, 0), own.reduce((sum, one) => sum + one.cancelled, 0)];
      return { channel, placed, cancelled, rate: placed === 0 ? 0 : cancelled / placed };
    })
    .toSorted((a, b) => b.rate - a.rate || b.placed - a.placed || (a.channel < b.channel ? -1 : 1));

export interface Heat {
  readonly carriers: readonly string[];
  readonly regions: readonly { readonly country: string; readonly province: string }[];
  /** Of carriers × regions, only those with parcels. */
  readonly cells: readonly (allocation.LatenessCell & { readonly x: number; readonly y: number; readonly rate: number })[];
}

const regionOf = ({ country, province }: { readonly country: string; readonly province: string }): string => `${country}/${province}`;

/** The lateness of carriers by region: those with most parcels, so that it can be read. */
export const heatOf = (cells: readonly allocation.LatenessCell[], mostRegions = 12): Heat => {
  const weight = Map.groupBy(cells, regionOf);
  const regions = [...weight.values()]
    .map((own) => ({ country: own[0]!.country, province: own[0]!.province, parcels: own.reduce((sum, { parcels, underWay }) => sum + parcels + underWay, 0) }))
    .toSorted((a, b) => b.parcels - a.parcels || (regionOf(a) < regionOf(b) ? -1 : 1))
    .slice(0, mostRegions)
    .map(({ country, province }) => ({ country, province }));
  const carriers = [...new Set(cells.map(({ carrier }) => carrier))].toSorted();
  const column = new Map(regions.map((region, at) => [regionOf(region), at]));
  return {
    carriers, regions,
    cells: cells.flatMap((cell) => {
      const x = column.get(regionOf(cell));
      return x === undefined || cell.parcels === 0 ? [] : [{ ...cell, x, y: carriers.indexOf(cell.carrier), rate: cell.late / cell.parcels }];
    }),
  };
};

/** A figure, or "–" where the service has no ground for one. */
export const known = (value: number, show: (value: number) => string): string => (value < 0 ? '–' : show(value));
