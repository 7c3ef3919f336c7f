import type { Invariant } from '@flotilla/verify';
import { pages, type FleetClients } from './fleet.ts';
import type { World } from './world.ts';

/** What `--json` writes; `sent` is the world's word, all else the services'. */
export interface Summary {
  readonly orders: {
    readonly sent: number;
    readonly distinct: number;
    readonly duplicates: number;
    readonly parked: number;
    readonly placed: number;
    readonly completed: number;
    readonly cancelled: number;
    readonly backordered: number;
    readonly held: readonly { readonly id: string; readonly reason: string }[];
  };
  readonly allocation: { readonly locked: number; readonly released: number; readonly expired: number };
  readonly parcels: { readonly waybilled: number; readonly voided: number; readonly shipped: number; readonly delivered: number };
  readonly settlement: { readonly statements: number; readonly matched: number; readonly flagged: number };
  /** What the weather brought, as the services saw it. */
  readonly weather: Readonly<Record<string, number | readonly string[]>>;
  readonly invariants: readonly Invariant[];
  readonly startSeconds: number;
  readonly seconds: number;
  readonly ordersPerSecond: number;
}

export type Counts = Omit<Summary, 'weather' | 'invariants' | 'startSeconds' | 'seconds' | 'ordersPerSecond'>;

/** Orders that stand still until a person does something. */
const heldOrders = async (fleet: FleetClients): Promise<{ id: string; reason: string }[]> => {
  const held: { id: string; reason: string }[] = [];
  for await (const { orders } of pages((token) => fleet.orders.list({ page: { size: 500, token } }))) {
    for (const { orderId, waitsFor } of orders) if (waitsFor.startsWith('HOLD:')) held.push({ id: orderId, reason: waitsFor.slice('HOLD:'.length) });
  }
  return held;
};

export const countAll = async (fleet: FleetClients, world: World): Promise<Counts & { readonly tallies: Readonly<Record<string, Readonly<Record<string, number>>>> }> => {
  const names = ['ingest', 'order-core', 'allocation', 'carrier', 'tracking', 'settlement', 'alerts'] as const;
  const found = await Promise.all(names.map(async (name) => [name, await fleet.tally(name)] as const));
  const tallies = Object.fromEntries(found);
  const of = (service: (typeof names)[number], count: string): number => tallies[service]?.[count] ?? 0;
  const { sent } = await world.ledger();
  return {
    orders: {
      sent,
      distinct: of('ingest', 'distinct'),
      duplicates: of('ingest', 'duplicates'),
      parked: of('ingest', 'parked'),
      placed: of('order-core', 'placed'),
      completed: of('order-core', 'completed'),
      cancelled: of('order-core', 'cancelled'),
      backordered: of('order-core', 'backordered'),
      held: await heldOrders(fleet),
    },
    allocation: { locked: of('allocation', 'locked'), released: of('allocation', 'released'), expired: of('allocation', 'expired') },
    parcels: { waybilled: of('carrier', 'waybilled'), voided: of('carrier', 'voided'), shipped: of('carrier', 'shipped'), delivered: of('tracking', 'delivered') },
    settlement: { statements: of('settlement', 'statements'), matched: of('settlement', 'matched'), flagged: of('settlement', 'flagged') },
    tallies,
  };
};

/** Every order has come as far as it can without a person. */
export const settledDown = ({ orders }: Counts): boolean =>
  orders.sent === orders.distinct + orders.duplicates &&
  orders.distinct === orders.placed + orders.parked &&
  orders.placed === orders.completed + orders.cancelled + orders.backordered + orders.held.length;

export const print = (summary: Summary, urls: Readonly<Record<string, string>>): string => {
  const { orders, allocation, parcels, settlement, weather, invariants } = summary;
  const row = (name: string, counts: Readonly<Record<string, number | readonly unknown[]>>): string =>
    `  ${name.padEnd(12)}${Object.entries(counts)
      .map(([what, count]) => `${typeof count === 'number' ? count : count.length} ${what}`)
      .join(', ')}`;
  return [
    '',
    row('orders', orders),
    row('allocation', allocation),
    row('parcels', parcels),
    row('settlement', settlement),
    `  ${'weather'.padEnd(12)}${Object.entries(weather).map(([what, count]) => (typeof count === 'number' ? `${count} ${what}` : `${what}: ${count.join(' ') || 'none'}`)).join(', ')}`,
    ...orders.held.slice(0, 5).map(({ id, reason }) => `  held        ${id} ${reason}`),
    '',
    ...invariants.flatMap(({ name, holds, checked, faults }) => [`  ${holds ? 'holds ' : 'BROKEN'}  ${name} (${checked} checked)`, ...faults.map((fault) => `            ${fault}`)]),
    '',
    `  started in ${summary.startSeconds.toFixed(1)} s, ran ${summary.seconds.toFixed(1)} s, ${summary.ordersPerSecond.toFixed(1)} orders a second`,
    '',
    ...Object.entries(urls).map(([name, url]) => `  ${name.padEnd(16)}${url}`),
  ].join('\n');
};
