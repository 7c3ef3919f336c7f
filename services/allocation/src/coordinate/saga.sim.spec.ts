import { describe, expect, it } from '@jest/globals';
import { uuidv5, namespace } from '@flotilla/values';
import { broken, unsettled } from '../../spec/invariants.js';
import { warehouseAt } from '../../spec/examples.js';
import { calm, random, World, type Faults } from '../../spec/world.js';
import { allocation } from '../decide/allocation.decider.js';
import { planRoute } from '../decide/route.js';

const SKUS = ['A', 'B', 'C'];

interface Fo {
  readonly foId: string;
  readonly lines: readonly { sku: string; quantity: number }[];
  version: number;
  round: number;
  end: 'open' | 'shipped' | 'cancelled';
  excluded: string[];
}

// order-core and carrier as far as allocation can see them: rounds, cancels and shipments, never both of the last two.
class Conductor {
  readonly fos: Fo[];
  #heard = 0;
  constructor(
    readonly world: World,
    count: number,
  ) {
    this.fos = Array.from({ length: count }, (_, index) => ({
      foId: uuidv5(namespace, `fo-${world.options.seed}-${index}`),
      lines: SKUS.slice(0, 1 + world.pick(2)).flatMap((sku) => [{ sku, quantity: 1 + world.pick(2) }, ...(world.chance() < 0.2 ? [{ sku, quantity: 1 }] : [])]),
      version: 0,
      round: 0,
      end: 'open',
      excluded: [],
    }));
  }

  ask(fo: Fo): void {
    fo.round += 1;
    fo.version += 1;
    this.world.tell('flotilla.order.v1.AllocationRequested', `fulfilment-${fo.foId}`, fo.version, {
      foId: fo.foId, round: fo.round, orders: [], lines: fo.lines, country: 'CN', province: '广东省', city: '', district: '', postcode: '',
      priority: this.world.pick(2), promisedAt: '', excludedWarehouses: fo.excluded, orderedAt: this.world.at(),
      shipped: [], value: { amount: 0, currency: 'CNY' }, service: 'STANDARD',
    });
  }

  cancel(fo: Fo): void {
    fo.end = 'cancelled';
    fo.version += 1;
    this.world.tell('flotilla.order.v1.FulfilmentCancelled', `fulfilment-${fo.foId}`, fo.version, { foId: fo.foId, reason: 'BUYER' } as { foId: string });
  }

  ship(fo: Fo): void {
    fo.end = 'shipped';
    this.world.tell('flotilla.carrier.v1.ParcelShipped', `parcel-${fo.foId}`, 1, { foId: fo.foId, parcelId: uuidv5(fo.foId, 'parcel-1') } as { foId: string });
  }

  act(fuzz: boolean): void {
    const { world } = this;
    for (const event of world.published.slice(this.#heard)) {
      const fo = this.fos.find(({ foId }) => foId === (event.data as { foId: string }).foId)!;
      if (event.type === 'StockDisplaced' && fo.end === 'open') {
        fo.excluded = world.chance() < 0.5 ? [(event.data as { warehouse: string }).warehouse] : [];
        this.ask(fo);
      }
      const allocated = event.type === 'OrderAllocated' && (event.data as { round: number }).round === fo.round && fo.end === 'open';
      if (!allocated) continue;
      const fate = world.chance();
      if (fate < 0.5) this.ship(fo);
      else if (fuzz && fate < 0.6) this.cancel(fo);
      else if (fuzz && fate < 0.7) this.ask(fo);
    }
    this.#heard = world.published.length;
    if (!fuzz) return;
    const fo = this.fos[world.pick(this.fos.length)]!;
    if (fo.round === 0) {
      if (world.chance() < 0.02) this.cancel(fo);
      else if (fo.end === 'open' && world.chance() < 0.3) this.ask(fo);
    } else if (fo.end === 'open' && world.chance() < 0.002) this.cancel(fo);
    else if (fo.end === 'open' && fo.round < 3 && world.chance() < 0.003) this.ask(fo);
  }
}

const bad = (chance: () => number): Faults => ({ lose: chance() * 0.3, duplicate: chance() * 0.4, slow: chance() * 0.3, crashAfterSend: chance() * 0.1, pause: chance() * 0.002, slowestMs: 1_000 + chance() * 30_000 });

/** One run: trouble for 600 steps, then everything heals and must come to rest. */
const run = (seed: number): { readonly world: World; readonly violations: readonly string[] } => {
  const chance = random(seed * 7 + 1);
  const sites = Array.from({ length: 2 + Math.floor(chance() * 2) }, (_, index) => warehouseAt(`WH${index + 1}`, index === 0 ? '广东省' : '江苏省'));
  const partial = 'all' as const;
  const policy = chance() < 0.5 ? { width: 1, windowMs: 0, partial } : { width: 1 + Math.floor(chance() * 3), windowMs: chance() < 0.5 ? 0 : Math.floor(chance() * 5_000), partial };
  const world = new World({ seed, faults: bad(chance), policy, leaseMs: 2_000 + Math.floor(chance() * 40_000), dropsRepeats: chance() < 0.7, sites });
  for (const { warehouse } of sites) for (const sku of SKUS) world.count(warehouse, sku, world.pick(5));
  for (const sku of SKUS.slice(0, 2)) world.describe(sku);
  const conductor = new Conductor(world, 2 + world.pick(6));
  const violations: string[] = [];
  let checked = 0;
  const check = (): void => {
    if (world.store.log.length > checked) violations.push(...broken(world.store));
    checked = world.store.log.length;
  };
  for (let step = 0; step < 600 && violations.length === 0; step += 1) {
    conductor.act(true);
    world.step();
    if (world.chance() < 0.02) world.skip();
    if (world.chance() < 0.005) world.count(sites[world.pick(sites.length)]!.warehouse, SKUS[world.pick(3)]!, world.pick(5));
    check();
  }
  world.faults = calm;
  for (const fo of conductor.fos) if (fo.round === 0 && fo.end === 'open') conductor.ask(fo);
  for (let step = 0; step < 20_000 && violations.length === 0; step += 1) {
    conductor.act(false);
    world.step();
    check();
    if (world.quiet() && step > 100) break;
    if (step % 4 === 0) world.skip();
  }
  const isServable = (foId: string): boolean => planRoute(world.store.state(allocation, foId).request!, world.snapshot()).candidates.some(({ rank }) => rank > 0);
  if (violations.length === 0) violations.push(...(world.quiet() ? [] : ['L1 no rest']), ...unsettled(world.store, isServable));
  return { world, violations };
};

describe('the saga on a bad network', () => {
  it('ALC-01: holds every invariant in every run, and comes to rest', () => {
    const occurred = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { world, violations } = run(seed);
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      for (const { type, stream } of world.store.log) {
        const name = `${stream.slice(0, stream.indexOf('-'))} ${type}`;
        occurred.set(name, (occurred.get(name) ?? 0) + 1);
      }
      for (const { phase } of world.store.all(allocation).values()) occurred.set(phase, (occurred.get(phase) ?? 0) + 1);
    }
    // A fault or branch that never occurs is not covered.
    for (const name of SOMETIMES) expect({ name, times: occurred.get(name) ?? 0 }).not.toEqual({ name, times: 0 });
  });
});

const SEEDS = Number(process.env['FLOTILLA_SIM_SEEDS'] ?? 500);
const SOMETIMES = [
  'lock StockLocked', 'lock StockLockRefused', 'lock StockConfirmed', 'lock StockLockExpired', 'lock StockReleased', 'lock StockConsumed', 'lock LockAnswered',
  'allocation AskGivenUp', 'allocation ConfirmGivenUp', 'allocation RoundEnded', 'allocation PlanPostponed', 'allocation BackorderKept', 'allocation OrderBackordered',
  'allocation StockDisplaced', 'allocation StockReleased', 'allocation ShippedUncovered', 'ALLOCATED', 'BACKORDERED', 'RELEASED', 'CONSUMED',
];
