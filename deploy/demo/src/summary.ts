import type { Invariant } from '@flotilla/verify';
import { pages, type FleetClients } from './fleet.ts';
import type { World } from './world.ts';

/** One way in of one channel. `sent` is the world's word; an order is placed or parked with the way that brought it first, and a duplicate with any other. */
export interface Way {
  readonly channel: string;
  readonly way: string;
  readonly sent: number;
  /** What ingest says was announced: as much as was sent, once everything is there. */
  readonly announced: number;
  readonly placed: number;
  readonly duplicates: number;
  readonly parked: number;
}

/** Files with orders, by what became of them and of their rows. */
export interface Files {
  readonly done: number;
  readonly refused: number;
  readonly rows: Readonly<Record<string, number>>;
}

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
  readonly ways: readonly Way[];
  readonly files: Files;
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

export type Counts = Omit<Summary, 'files' | 'weather' | 'invariants' | 'startSeconds' | 'seconds' | 'ordersPerSecond'>;

/** Orders that stand still until a person does something. */
const heldOrders = async (fleet: FleetClients): Promise<{ id: string; reason: string }[]> => {
  const held: { id: string; reason: string }[] = [];
  for await (const { orders } of pages((token) => fleet.orders.list({ page: { size: 500, token } }))) {
    for (const { orderId, waitsFor } of orders) if (waitsFor.startsWith('HOLD:')) held.push({ id: orderId, reason: waitsFor.slice('HOLD:'.length) });
  }
  return held;
};

const waysOf = (sent: Readonly<Record<string, number>>, tally: Readonly<Record<string, number>>): readonly Way[] => {
  const told = Object.keys(tally).flatMap((name) => (name.startsWith('announcements.') ? [name.slice('announcements.'.length)] : []));
  return [...new Set([...Object.keys(sent), ...told])].map((name) => {
    const [way = '', channel = ''] = name.split('.');
    const [announced, placed, parked] = ['announcements', 'placed', 'parked'].map((what) => tally[`${what}.${name}`] ?? 0) as [number, number, number];
    return { channel, way, sent: sent[name] ?? 0, announced, placed, duplicates: announced - placed - parked, parked };
  }).toSorted((a, b) => a.channel.localeCompare(b.channel) || a.way.localeCompare(b.way));
};

/** The reports of all files, row by row. */
export const readReports = async (fleet: FleetClients): Promise<Files & { readonly running: number }> => {
  const found = { done: 0, refused: 0, running: 0, rows: {} as Record<string, number> };
  for await (const { imports } of pages((token) => fleet.imports.list({ page: { size: 100, token } }))) {
    for (const { id, state } of imports) {
      found[state === 'DONE' ? 'done' : state === 'REFUSED' ? 'refused' : 'running'] += 1;
      for await (const { rows } of pages((token) => fleet.imports.listRows({ id, page: { size: 500, token } }))) {
        for (const { outcome, reason } of rows) {
          const what = reason === '' ? outcome.toLowerCase() : `${outcome.toLowerCase()} ${reason}`;
          found.rows[what] = (found.rows[what] ?? 0) + 1;
        }
      }
    }
  }
  return found;
};

export const countAll = async (fleet: FleetClients, world: World): Promise<Counts & { readonly tallies: Readonly<Record<string, Readonly<Record<string, number>>>> }> => {
  const names = ['ingest', 'order-core', 'allocation', 'carrier', 'tracking', 'settlement', 'alerts'] as const;
  const found = await Promise.all(names.map(async (name) => [name, await fleet.tally(name)] as const));
  const tallies = Object.fromEntries(found);
  const of = (service: (typeof names)[number], count: string): number => tallies[service]?.[count] ?? 0;
  const { sent, byWay } = await world.ledger();
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
    ways: waysOf(byWay, tallies['ingest'] ?? {}),
    allocation: { locked: of('allocation', 'locked'), released: of('allocation', 'released'), expired: of('allocation', 'expired') },
    parcels: { waybilled: of('carrier', 'waybilled'), voided: of('carrier', 'voided'), shipped: of('carrier', 'shipped'), delivered: of('tracking', 'delivered') },
    settlement: { statements: of('settlement', 'statements'), matched: of('settlement', 'matched'), flagged: of('settlement', 'flagged') },
    tallies,
  };
};

/** Every order has come as far as it can without a person. */
export const settledDown = ({ orders, ways }: Counts): boolean =>
  ways.every(({ sent, announced }) => sent === announced) &&
  orders.sent === orders.distinct + orders.duplicates &&
  orders.distinct === orders.placed + orders.parked &&
  orders.placed === orders.completed + orders.cancelled + orders.backordered + orders.held.length;

export const print = (summary: Summary, urls: Readonly<Record<string, string>>): string => {
  const { orders, ways, files, allocation, parcels, settlement, weather, invariants } = summary;
  const row = (name: string, counts: Readonly<Record<string, number | readonly unknown[]>>): string =>
    `  ${name.padEnd(12)}${Object.entries(counts)
      .map(([what, count]) => `${typeof count === 'number' ? count : count.length} ${what}`)
      .join(', ')}`;
  return [
    '',
    row('orders', orders),
    ...ways.map(({ channel, way, sent, placed, duplicates, parked }) => `    ${`${channel} ${way.toLowerCase()}`.padEnd(24)}${[`${sent} sent`, `${placed} placed`, `${duplicates} duplicates`, `${parked} parked`].map((text) => text.padEnd(16)).join('').trimEnd()}`),
    ...(files.done + files.refused > 0 ? [`  ${'files'.padEnd(12)}${files.done} done, ${files.refused} refused; rows: ${Object.entries(files.rows).map(([what, count]) => `${count} ${what}`).join(', ')}`] : []),
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
