/*
 * A scenario is data: what is there, what people and order-core do and when, and what goes wrong. All of it is drawn from
 * a seed, and all of it may be taken away piece by piece, so that a failure shrinks (shrink.ts). Times are milliseconds
 * after the beginning.
 */
import type { Policy } from '../src/decide/allocation.events.js';
import { random } from './random.js';

export interface SitePlan {
  readonly warehouse: string;
  readonly province: string;
  /** Its ledger is in a deployment of its own, with its own clock; what is known of it here is a forecast. */
  readonly remote: boolean;
  readonly skewMs: number;
}

/** What order-core does when it hears that an order is allocated. */
export interface Reaction {
  readonly kind: 'ship' | 'cancel' | 'again' | 'keep';
  readonly afterMs: number;
}

export interface OrderPlan {
  /** Its id is made of it, so it stays when others are taken away. */
  readonly index: number;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly province: string;
  readonly priority: number;
  readonly askMs: number;
  /** -1 = never. May be before it is asked for. */
  readonly cancelMs: number;
  /** Higher rounds, asked for out of the blue. */
  readonly again: readonly { readonly atMs: number; readonly exclude: string }[];
  /** One after the other, each time that it is allocated. */
  readonly reactions: readonly Reaction[];
  /** Whether a displaced order is asked for elsewhere. */
  readonly elsewhere: boolean;
}

export type ShelfPlan = { readonly atMs: number; readonly sku: string } & (
  | { readonly kind: 'describe' }
  | { readonly kind: 'count' | 'adjust' | 'aside' | 'scrap'; readonly warehouse: string; readonly quantity: number }
  /** Kept back, but for orders of this priority and above; 0 = for all. */
  | { readonly kind: 'safety'; readonly warehouse: string; readonly quantity: number; readonly from: number }
  /** Announced, by another warehouse if one is named; so many arrive later, and nothing more. */
  | { readonly kind: 'inbound'; readonly warehouse: string; readonly quantity: number; readonly arrives: number; readonly afterMs: number; readonly leaves: string }
);

export const roles = ['saga', 'participant', 'relay', 'timers', 'queue', 'rows', 'forecast'] as const;
/** Parts of a deployment that may stand still by themselves. `rows`: the follower that keeps timer rows. */
export type Role = (typeof roles)[number];

export type Trouble = { readonly atMs: number } & (
  | { readonly kind: 'pause'; readonly node: number; readonly role: Role; readonly ms: number }
  | { readonly kind: 'crash'; readonly node: number; readonly ms: number }
  /** A stale coordinator puts a question with a fence that is not the lock's, or too early. */
  | { readonly kind: 'impostor'; readonly pick: number }
);

/** How often what goes wrong, each drawn anew for every seed, most of them absent in most seeds. */
export interface Weather {
  readonly lose: number;
  readonly double: number;
  readonly late: number;
  readonly slowestMs: number;
  readonly die: number;
  readonly zombie: number;
  readonly stale: number;
}

/** What became of one thing that may go wrong: how long each copy took, how long a process was down. */
export interface Fate {
  readonly name: string;
  readonly ms: readonly number[];
}

export interface Scenario {
  readonly seed: number;
  readonly leaseMs: number;
  readonly policy: Policy;
  /** Warehouses of this database answer in the append that asks; else they are asked by message, as those elsewhere always are. */
  readonly atHand: boolean;
  /** As Kafka and the store promise it: messages of a key keep their order, and streams drop repeats. `false`: neither, so deciders see anything. */
  readonly keepsOrder: boolean;
  /** From here on nothing goes wrong any more, and everything must come to rest. */
  readonly healMs: number;
  readonly sites: readonly SitePlan[];
  readonly orders: readonly OrderPlan[];
  readonly shelves: readonly ShelfPlan[];
  readonly troubles: readonly Trouble[];
  readonly weather: Weather;
  /** Instead of the weather: exactly this goes wrong. */
  readonly fates?: readonly Fate[];
}

export const SKUS = ['A', 'B', 'C'] as const;
const PROVINCES = ['广东省', '江苏省', '四川省', '辽宁省'];

/** The scenario of a seed. */
export const scenarioOf = (seed: number): Scenario => {
  const chance = random(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  const below = (count: number): number => Math.floor(chance() * count);
  const one = <T>(of: readonly T[]): T => of[below(of.length)]!;
  const rate = (most: number, often = 0.6): number => (chance() < often ? chance() * most : 0);
  const healMs = 5_000 + below(40_000);
  const any = (): number => below(healMs);

  const sites: SitePlan[] = Array.from({ length: 2 + below(3) }, (_, index) => {
    const remote = index > 0 && chance() < 0.35;
    return { warehouse: `WH${index + 1}`, province: PROVINCES[index]!, remote, skewMs: remote ? below(4_000) - 2_000 : 0 };
  });
  const skus = SKUS.slice(0, 1 + below(3));
  const line = (): { sku: string; quantity: number } => ({ sku: one(skus), quantity: 1 + below(3) });
  const orders: OrderPlan[] = Array.from({ length: 1 + below(5) }, (_, index) => ({
    index,
    lines: Array.from({ length: 1 + below(3) }, line),
    province: one(PROVINCES),
    priority: below(2),
    askMs: chance() < 0.6 ? 40 + below(2_000) : any(),
    cancelMs: chance() < 0.15 ? any() : -1,
    again: Array.from({ length: chance() < 0.2 ? 1 + below(2) : 0 }, () => ({ atMs: any(), exclude: chance() < 0.5 ? one(sites).warehouse : '' })),
    reactions: Array.from({ length: 3 }, () => ({ kind: reaction(chance()), afterMs: below(chance() < 0.5 ? 50 : 8_000) })),
    elsewhere: chance() < 0.5,
  }));

  const scarce = chance() < 0.7;
  const shelves: ShelfPlan[] = [];
  for (const sku of skus) {
    const atMs = chance() < 0.9 ? 0 : any();
    shelves.push({ kind: 'describe', sku, atMs });
    for (const { warehouse } of sites) if (chance() < 0.85) shelves.push({ kind: 'count', warehouse, sku, atMs: atMs + 30, quantity: below(scarce ? 5 : 14) });
  }
  for (let moves = below(6); moves > 0; moves -= 1) {
    const kind = one(['count', 'count', 'adjust', 'adjust', 'aside'] as const);
    shelves.push({ kind, warehouse: one(sites).warehouse, sku: one(skus), atMs: any(), quantity: kind === 'count' ? below(6) : below(7) - 3 });
  }

  const nodes = 1 + sites.filter(({ remote }) => remote).length;
  const troubles: Trouble[] = [];
  for (let pauses = chance() < 0.5 ? below(4) : 0; pauses > 0; pauses -= 1) troubles.push({ kind: 'pause', atMs: any(), node: below(nodes), role: one(roles), ms: 200 + below(20_000) });
  for (let crashes = chance() < 0.4 ? below(4) : 0; crashes > 0; crashes -= 1) troubles.push({ kind: 'crash', atMs: any(), node: below(nodes), ms: 100 + below(5_000) });
  for (let tries = chance() < 0.3 ? 1 + below(4) : 0; tries > 0; tries -= 1) troubles.push({ kind: 'impostor', atMs: any(), pick: below(1_000) });

  const partial = one(['all', 'keep'] as const);
  const policy: Policy = chance() < 0.4 ? { width: 1, windowMs: 0, partial } : { width: 1 + below(4), windowMs: chance() < 0.5 ? 0 : below(5_000), partial };
  const scenario = {
    seed,
    leaseMs: chance() < 0.4 ? 1_000 + below(6_000) : 5_000 + below(40_000),
    policy,
    keepsOrder: chance() < 0.5,
    healMs,
    sites,
    orders,
    shelves,
    troubles,
    weather: { lose: rate(0.3), double: rate(0.4), late: rate(0.3), slowestMs: 500 + below(30_000), die: rate(0.08), zombie: rate(0.1), stale: rate(0.4) },
    atHand: chance() < 0.3,
  };
  // Drawn last, so that a seed that was known before is otherwise what it was.
  const safeties = Array.from({ length: chance() < 0.4 ? 1 + below(4) : 0 }, (): ShelfPlan => ({ kind: 'safety', warehouse: one(sites).warehouse, sku: one(skus), atMs: chance() < 0.5 ? 20 : any(), quantity: below(4), from: below(2) }));
  const inbounds = Array.from({ length: chance() < 0.3 ? 1 + below(2) : 0 }, (): ShelfPlan => {
    const quantity = 1 + below(4);
    return { kind: 'inbound', warehouse: one(sites).warehouse, sku: one(skus), atMs: any(), quantity, arrives: Math.max(0, quantity + below(4) - 2), afterMs: below(10_000), leaves: chance() < 0.4 ? one(sites).warehouse : '' };
  });
  const scraps = Array.from({ length: chance() < 0.2 ? 1 : 0 }, (): ShelfPlan => ({ kind: 'scrap', warehouse: one(sites).warehouse, sku: one(skus), atMs: any(), quantity: 1 }));
  return { ...scenario, shelves: [...shelves, ...safeties, ...inbounds, ...scraps] };
};

const reaction = (chance: number): Reaction['kind'] => (chance < 0.55 ? 'ship' : chance < 0.7 ? 'cancel' : chance < 0.8 ? 'again' : 'keep');
