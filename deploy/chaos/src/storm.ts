import { setTimeout as sleep } from 'node:timers/promises';
import { callFleet, callWorld, patiently, type FleetClients, type World } from '@flotilla/demo';
import { Stop } from '@flotilla/tasks';
import { openSources, resting, stillness, verify, verifyKafka, type Invariant } from '@flotilla/verify';
import { fates, gather, type Crowd } from './crowd.ts';
import { comeBack, faults, rebalance, type Fault } from './faults.ts';
import { createRandom, type Random } from './random.ts';
import type { Stage } from './stage.ts';

export interface Struck {
  readonly kind: string;
  readonly what: string;
  /** From its beginning to the moment in which everything was whole again. */
  readonly lastedMs: number;
  /** From then until orders, stock and parcels all moved again: a new event in the logs of ingest, order-core and allocation. */
  readonly recoveredMs: number;
  /** From then until an order that was placed in that moment had its stock, whatever else went wrong meanwhile. */
  readonly servedMs: Promise<number>;
}

/** What `--json` writes. */
export interface Report {
  readonly faults: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** By fate; `sent` are those that were accepted as new, `parked` and `placed` what became of them. */
  readonly orders: Readonly<Record<string, number>>;
  readonly invariants: readonly Invariant[];
  readonly seconds: number;
  readonly seed: number;
  readonly atRest: boolean;
  /** By kind, in seconds: until the fleet moved again, and until an order placed after the fault had its stock. */
  readonly recovery: Readonly<Record<string, { readonly median: number; readonly worst: number; readonly worstOrder: number }>>;
  /** Event types of the saga and how often they occurred. */
  readonly branches: Readonly<Record<string, number>>;
  readonly missing: { readonly kinds: readonly string[]; readonly branches: readonly string[] };
  readonly shrugs: Readonly<Record<string, number>>;
}

/** What the saga and those who act on it can say to one another. Not among them what no storm brings about: PickShort (there are no waves in it), ParcelLost, ParcelShippedExternally. */
export const branches: readonly string[] = [
  'allocation.AllocationClaimed', 'allocation.LockAsked', 'allocation.ConfirmAsked', 'allocation.ReleaseAsked', 'allocation.ConsumeAsked',
  'allocation.OrderAllocated', 'allocation.OrderBackordered', 'allocation.StockReleased', 'allocation.StockDisplaced',
  'lock.StockLocked', 'lock.StockLockRefused', 'lock.StockConfirmed', 'lock.StockLockExpired', 'lock.StockReleased', 'lock.StockConsumed',
  'fulfilment.AllocationRequested', 'fulfilment.FulfilmentReleased', 'fulfilment.FulfilmentChangeRequested', 'fulfilment.FulfilmentCancelRequested', 'fulfilment.FulfilmentCancelled', 'fulfilment.InterceptionRequested',
  'parcel.WaybillIssued', 'parcel.ParcelShipped', 'parcel.ParcelVoided', 'parcel.ParcelChanged', 'parcel.ChangeRefused', 'parcel.CancelRefused', 'parcel.CarrierRefused',
];

/** Parcels travel for a minute and more; longer than any retry of anybody. */
const stillMs = 150_000;
const rebalanceEveryMs = 60_000;

/** From this many minutes on, every kind of fault and every branch must have occurred. */
export const completeFrom = 10;

/** A storm's end, and the end that it may be put off to. */
interface Span {
  readonly until: number;
  readonly latest: number;
}

export interface StormOptions {
  readonly stage: Stage;
  readonly seconds: number;
  readonly seed: number;
  /** Orders a second of the sandbox's scenario. */
  readonly rate: number;
  /** Which faults, in any order; all by default. */
  readonly kinds?: readonly string[];
  readonly say?: (line: string) => void;
}

/** Load, faults, healing, rest, and what verify says in the end. */
export const storm = async (options: StormOptions): Promise<Report> => {
  const { stage, seconds, seed, rate, say = console.log } = options;
  const fleet = callFleet(stage.stack.run.grpc);
  const world = callWorld(stage.stack.run.sandbox);
  const began = Date.now();
  const clock = (): string => `${((Date.now() - began) / 1_000).toFixed(0).padStart(5)} s  `;
  await world.run({ orders: Math.max(20, Math.round(rate * seconds)), rate, seed, weather: true });
  const crowd = await gather(stage, fleet, world, createRandom(seed ^ 0x5eed));
  const struck: Struck[] = [];
  const note = (one: Struck): void => {
    struck.push(one);
    say(`${clock()}${one.kind}${one.what ? ` (${one.what})` : ''}: lasted ${(one.lastedMs / 1_000).toFixed(1)} s, progress ${(one.recoveredMs / 1_000).toFixed(1)} s later`);
  };
  const chosen = faults.filter(({ kind }) => options.kinds?.includes(kind) ?? true);
  const until = Date.now() + seconds * 1_000;
  const latest = seconds >= completeFrom * 60 ? until + seconds * 500 : until;
  const telling = setInterval(() => void tell(fleet, crowd, (line) => say(`${clock()}${line}`)), 15_000);
  try {
    await Promise.all([
      nemesis(stage, crowd, createRandom(seed), chosen.filter(({ kind }) => kind !== rebalance.kind), { until, latest }, note),
      ...(chosen.includes(rebalance) ? [rebalancing(stage, crowd, createRandom(seed ^ 0xba1a), until, note)] : []),
    ]);
    say(`${clock()}healed; nobody buys any more`);
    await heal(stage);
    await crowd.calm();
    const atRest = await rest(fleet, world, (line) => say(`${clock()}${line}`));
    await crowd.stop();
    // A finished order may be news to a service that a fault left behind; one that stays behind breaks what verify asks.
    const rested = resting(await stillness({ dir: stage.dir, withinMs: stillMs }));
    const orders = await counted(fleet, crowd, world);
    const { invariants } = await verify({ dir: stage.dir });
    const topics = await verifyKafka({ dir: stage.dir });
    const found = await occurred(stage.dir);
    const kinds = Object.fromEntries([...Map.groupBy(struck, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]));
    return {
      faults: struck.length,
      kinds,
      orders,
      invariants: [rested, ...invariants, ...topics.invariants],
      seconds: (Date.now() - began) / 1_000,
      seed,
      atRest,
      recovery: await recoveryOf(struck),
      branches: found,
      missing: { kinds: chosen.map(({ kind }) => kind).filter((kind) => !kinds[kind]), branches: branches.filter((branch) => !found[branch]) },
      shrugs: Object.fromEntries(crowd.shrugs),
    };
  } finally {
    clearInterval(telling);
    fleet.close();
  }
};

/**
 * Every kind once in a random order, then again. A long storm goes on over its time until each has struck once: on a slow machine
 * one fault may take half a minute to heal.
 */
const nemesis = async (stage: Stage, crowd: Crowd, random: Random, chosen: readonly Fault[], { until, latest }: Span, note: (one: Struck) => void): Promise<void> => {
  let dealt = 0;
  for (let deck: Fault[] = []; Date.now() < until || (dealt < chosen.length && Date.now() < latest); dealt += 1) {
    if (deck.length === 0) deck = random.shuffled(chosen);
    const fault = deck.pop();
    if (!fault) return;
    await suffer(stage, crowd, random, fault, note);
    await sleep(random.int(300, 1_500));
  }
};

/** A replica leaves and joins every minute; the first time soon. */
const rebalancing = async (stage: Stage, crowd: Crowd, random: Random, until: number, note: (one: Struck) => void): Promise<void> => {
  for (let at = Date.now() + 5_000; at < until; at += rebalanceEveryMs) {
    await sleep(Math.max(0, at - Date.now()));
    await suffer(stage, crowd, random, rebalance, note);
  }
};

const suffer = async (stage: Stage, crowd: Crowd, random: Random, fault: Fault, note: (one: Struck) => void): Promise<void> => {
  const began = Date.now();
  const what = await fault.strike(stage, random).catch((error: unknown) => {
    throw new Stop(`${fault.kind} could not be done or healed: ${(error as Error).message}`);
  });
  const lastedMs = Date.now() - began;
  const servedMs = crowd.canary();
  servedMs.catch(() => undefined); // awaited at the end of the storm
  note({ kind: fault.kind, what, lastedMs, recoveredMs: await progress(stage), servedMs });
};

const heal = async (stage: Stage): Promise<void> => {
  const { stack, toKafka, toPostgres } = stage;
  for (const proxy of [...Object.values(toKafka), ...Object.values(toPostgres)]) proxy.heal();
  for (const service of Object.keys(toKafka)) {
    for (const name of stage.replicas(service as keyof typeof toKafka)) {
      if (stack.fleet.pids()[name]) stack.fleet.resume(name);
      await comeBack(() => stack.fleet.start(name));
    }
  }
};

/** Waits until every order has come as far as it can: over, in the queue for stock, or held for somebody. Gives up when nothing moves any more. */
const rest = async (fleet: FleetClients, world: World, say: (line: string) => void): Promise<boolean> => {
  let since = 0;
  let last = '';
  for (let moved = Date.now(); Date.now() - moved < stillMs; await sleep(500)) {
    const [ingest, order] = await Promise.all([patiently(() => fleet.tally('ingest')), patiently(() => fleet.tally('order-core'))]);
    const { done } = await world.progress();
    const ended = (order['completed'] ?? 0) + (order['cancelled'] ?? 0) + (order['backordered'] ?? 0) + (order['held'] ?? 0);
    const still = done && ingest['distinct'] === (order['placed'] ?? 0) + (ingest['parked'] ?? 0) && order['placed'] === ended;
    since = still ? since || Date.now() : 0;
    if (since && Date.now() - since > 2_000) return true;
    const now = JSON.stringify([ingest, order]);
    if (now !== last) moved = Date.now();
    last = now;
  }
  say(`nothing has moved for ${stillMs / 1_000} s: ${JSON.stringify(await fates(fleet))}`);
  return false;
};

const tell = async (fleet: FleetClients, crowd: Crowd, say: (line: string) => void): Promise<void> => {
  const order = await fleet.tally('order-core').catch(() => undefined);
  if (order) say(`placed ${order['placed']}, completed ${order['completed']}, cancelled ${order['cancelled']}, backordered ${order['backordered']}, held ${order['held']}; ${crowd.bought.length} orders of our own`);
};

const counted = async (fleet: FleetClients, crowd: Crowd, world: World): Promise<Readonly<Record<string, number>>> => {
  const ingest = await patiently(() => fleet.tally('ingest'));
  const { sent } = await world.ledger();
  return { sent: sent + crowd.bought.length, distinct: ingest['distinct'] ?? 0, duplicates: ingest['duplicates'] ?? 0, parked: ingest['parked'] ?? 0, ...(await fates(fleet)) };
};

const recoveryOf = async (struck: readonly Struck[]): Promise<Report['recovery']> => {
  const served = await Promise.all(struck.map(async ({ kind, recoveredMs, servedMs }) => ({ kind, recovered: recoveredMs / 1_000, served: (await servedMs) / 1_000 })));
  return Object.fromEntries(
    [...Map.groupBy(served, ({ kind }) => kind)].map(([kind, all]) => {
      const sorted = all.map(({ recovered }) => recovered).sort((a, b) => a - b);
      return [kind, { median: sorted[Math.floor(sorted.length / 2)]!, worst: sorted.at(-1)!, worstOrder: Math.max(...all.map((one) => one.served)) }];
    }),
  );
};

/** How long until every log through which an order goes has grown; Infinity after five minutes without. */
const progress = async ({ dir }: Stage): Promise<number> => {
  const began = Date.now();
  const sources = openSources(dir);
  const heads = (): Promise<readonly number[]> =>
    Promise.all((['ingest', 'order-core', 'allocation'] as const).map(async (service) => Number((await sources.query<{ last: string }>(service, 'SELECT coalesce(max(position), 0) AS last FROM es.event'))[0]!.last)));
  try {
    let first: readonly number[] | undefined;
    for (; Date.now() - began < 300_000; await sleep(50)) {
      const now = await heads().catch(() => undefined);
      if (!now) continue;
      first ??= now;
      if (now.every((position, n) => position > first![n]!)) return Date.now() - began;
    }
    return Number.POSITIVE_INFINITY;
  } finally {
    await sources.close();
  }
};

/** Event types by kind of stream, from the logs of those who take part in the saga. */
const occurred = async (dir: string): Promise<Readonly<Record<string, number>>> => {
  const sources = openSources(dir);
  try {
    const rows = await Promise.all(
      (['allocation', 'order-core', 'carrier'] as const).map((service) =>
        sources.query<{ name: string; count: string }>(service, "SELECT split_part(stream_id, '-', 1) || '.' || type AS name, count(*) FROM es.event WHERE split_part(stream_id, '-', 1) IN ('allocation', 'lock', 'fulfilment', 'parcel') GROUP BY 1 ORDER BY 1"),
      ),
    );
    return Object.fromEntries(rows.flat().map(({ name, count }) => [name, Number(count)]));
  } finally {
    await sources.close();
  }
};
