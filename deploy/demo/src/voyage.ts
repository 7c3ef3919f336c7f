import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@flotilla/tasks';
import type { Args } from './args.ts';
import { createBuyers, createDesk } from './desk.ts';
import { createClerk } from './finance.ts';
import { callFleet, pages, patienceMs, patiently, type FleetClients } from './fleet.ts';
import { workTheFloor } from './floor.ts';
import { importSeed, openWays, paceShops, shortStock } from './seed.ts';
import { countAll, readReports, settledDown, type Counts, type Files } from './summary.ts';
import { blow, letALockExpire, letASessionEnd, type Weather } from './weather.ts';
import { callWorld } from './world.ts';

export interface Voyage {
  readonly counts: Counts;
  readonly weather: Readonly<Record<string, number | readonly string[]>>;
  readonly settled: boolean;
  readonly seconds: number;
  /** The page of one buyer; "" if nothing was shipped. */
  readonly page: string;
  readonly files: Files;
  /** Orders that waited until somebody mapped what they are of. */
  readonly waited: readonly string[];
}

/** Below this all orders come by Shopify's webhooks. */
const leastForAllWays = 20;
// Who is paid by Alipay or WeChat Pay rather than by Shopify.
const billed = ['woo-demo', 'woo-sh', 'taobao-demo', 'csv-demo', 'live-demo'];

/** Drives a whole scenario: the world sends, and the people of the demo do their work, until every order has come to its end. */
export const sail = async (options: { readonly stack: Stack; readonly args: Args; readonly leaseSeconds: number; readonly say?: (line: string) => void }): Promise<Voyage> => {
  const { stack, args, leaseSeconds, say = console.log } = options;
  const fleet = callFleet(stack.run.grpc);
  const world = callWorld(stack.run.sandbox);
  await importSeed(fleet);
  const started = Date.now();
  const rough = !args.calm;
  const ways = args.orders >= leastForAllWays;
  if (ways) {
    await openWays(fleet, world, stack.run.sandbox);
    await paceShops(fleet, stack.run.clock, false);
  }
  await world.run({ orders: args.orders, rate: args.rate, seed: args.seed, weather: rough, ways });
  const weather: Weather = { killed: [], pauses: 0, amid: [], sessions: 0 };
  const storm = rough && args.orders >= 100 ? [letASessionEnd(fleet, world, weather, say), blow(stack, fleet, world, leaseSeconds, weather, say), letALockExpire(stack, fleet, world, leaseSeconds, weather, say)] : [];
  const storms = Promise.all(storm);
  storms.catch(() => undefined); // looked at below; until then it must not end the process
  const people = await staff(fleet, stack, world, ways);
  const limit = started + patienceMs + 120_000 + args.orders * 4_000; // a slow disk or a busy machine is no failure
  let counts = await patiently(() => countAll(fleet, world));
  let restocked = false;
  let calmSince = 0;
  let doneSince = 0;
  for (let said = 0; Date.now() < limit; ) {
    await people.step();
    counts = await patiently(() => countAll(fleet, world));
    const { done } = await world.progress();
    if (done) doneSince ||= Date.now();
    if (done && !restocked && rough && (await people.allAllocated())) {
      restocked = true;
      await people.restock();
    }
    if (Date.now() - said > 2_000) {
      said = Date.now();
      const { orders, parcels, settlement } = counts;
      say(`${((Date.now() - started) / 1_000).toFixed(0).padStart(4)} s  sent ${orders.sent}, placed ${orders.placed}, waybilled ${parcels.waybilled}, shipped ${parcels.shipped}, delivered ${parcels.delivered}, settled lines ${settlement.matched}, completed ${orders.completed}, cancelled ${orders.cancelled}, backordered ${orders.backordered}, held ${orders.held.length}, parked ${orders.parked}`);
    }
    // Twice in a row, a moment apart: a late update may still wake an order that had come to rest.
    calmSince = done && people.idle(doneSince) && (restocked || !rough) && settledDown(counts) ? calmSince || Date.now() : 0;
    if (calmSince && Date.now() - calmSince > 1_500) break;
    await sleep(200);
  }
  await storms;
  // A fleet in which nothing happens any more comes to rest; who looks at it may have them asked again.
  if (ways) await paceShops(fleet, stack.run.clock, true);
  const settled = settledDown(counts) && (restocked || !rough);
  const seconds = (Date.now() - started) / 1_000;
  const { tallies, ...rest } = counts;
  const told = {
    'killed -9': weather.killed, amid: weather.amid, pauses: weather.pauses, 'unknown outcomes': tallies['carrier']?.['unknownEver'] ?? 0, 'backorders served': tallies['allocation']?.['backordersServed'] ?? 0,
    'alert timers called off': tallies['alerts']?.['watchesCalledOff'] ?? 0, 'mails accepted': tallies['tracking']?.['noticesAccepted'] ?? 0, 'write-backs': tallies['ingest']?.['writeBacksDone'] ?? 0,
    'sessions given again': weather.sessions, 'items mapped': people.mapped(), 'orders that waited for it': people.waited().length, 'webhooks saved again': people.saved(),
    ...Object.fromEntries(Object.entries(tallies['order-core'] ?? {}).filter(([name]) => name.startsWith('cancelledAt.')).map(([name, count]) => [`cancelled at ${name.slice('cancelledAt.'.length)}`, count])),
  };
  const { shipments } = await patiently(() => fleet.shipments.list({ page: { size: 1 } }));
  const files = await readReports(fleet);
  fleet.close();
  return { counts: rest, weather: told, settled, seconds, files, waited: people.waited(), page: shipments[0]?.pageUrl ?? '' };
};

/** The floor, the desk, the buyers and the clerk, each doing a turn per step. */
const staff = async (fleet: FleetClients, stack: Stack, world: ReturnType<typeof callWorld>, ways: boolean) => {
  const plan = await world.plan();
  const buyers = createBuyers(fleet, world, plan);
  const desk = createDesk(fleet, world);
  const clerk = createClerk(fleet, world, { payouts: stack.run.channels.filter(({ platform }) => platform === 'shopify').map(({ id }) => id), bills: ways ? billed : [] });
  const wantsMapping = plan.some(({ role }) => role === 'woo-unmapped');
  let turn = 0;
  let saved = 0;
  let lastStatement = Date.now();
  const fetchStatements = async (): Promise<void> => {
    if ((await clerk.step()) > 0) lastStatement = Date.now();
  };
  const saveWebhooks = async (): Promise<void> => {
    for (const channel of ['woo-demo', 'woo-sh']) if (await world.saveWebhook(channel).catch(() => false)) saved += 1;
  };
  return {
    step: async (): Promise<void> => {
      turn += 1;
      await Promise.all([workTheFloor(fleet, world, buyers.keepBack), buyers.step(), turn % 5 === 0 ? desk.step() : undefined, turn % 10 === 0 ? desk.correct() : undefined, turn % 15 === 0 ? fetchStatements() : undefined,
        ...(ways ? [turn % 5 === 0 ? desk.map() : undefined, turn % 10 === 0 ? saveWebhooks() : undefined] : [])]);
    },
    /** The purchase arrives: three of the four short SKUs are there again; the orders of the fourth go on waiting. */
    restock: async (): Promise<void> => {
      const arrived = [...new Set(shortStock().map(({ sku }) => sku))].slice(0, -1);
      for (const { warehouse, sku } of shortStock().filter((short) => arrived.includes(short.sku))) {
        await patiently(() => fleet.stock.adjust({ requestId: `purchase-${warehouse}-${sku}`, warehouse, sku, delta: 500, reason: 'purchase received' }));
      }
    },
    /** Nobody waits for an answer of allocation: what it could not serve is in its queue. */
    allAllocated: async (): Promise<boolean> => {
      for await (const { orders } of pages((token) => fleet.orders.list({ state: 'ALLOCATING', page: { size: 500, token } }))) if (orders.some(({ waitsFor }) => waitsFor === 'ALLOCATION')) return false;
      return true;
    },
    waited: desk.waited,
    mapped: desk.mapped,
    saved: (): number => saved,
    /** Everybody has done what there was to do; bills come some business hours after what they are about. */
    idle: (doneSince: number): boolean => buyers.done() && (!wantsMapping || desk.mapped() > 0) && (!ways || Date.now() - Math.max(doneSince, lastStatement) > 5_000),
  };
};
