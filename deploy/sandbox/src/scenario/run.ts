import { sleep, type Clock } from '../clock.js';
import type { Publisher } from '../connector/publisher.js';
import type { Faults } from '../faults/faults.js';
import type { Product } from '../orders/catalogue.js';
import { generateOrder } from '../orders/generate.js';
import type { ShopFront } from '../platforms/shopify/front.js';
import type { Shop } from '../platforms/shopify/shop.js';
import { makePlan, type Plan, type PlanEntry, type PlanOptions } from './plan.js';
import { isWayRole, type Mix } from './quotas.js';
import { sail, type Correction, type Sea } from './voyage.js';
import { FileStacks, sailWay, type WaysSea } from './ways.js';

export interface RunRequest {
  orders: number;
  rate: number;
  seed: string | number;
  weather: boolean;
  /** Also switches the world's own faults off while the orders' weather stays. */
  faults: boolean;
  channels?: string[] | undefined;
  salt?: string | undefined;
  firstNumber?: number | undefined;
  mix?: Mix | undefined;
  /** Orders come by every way in that there is, not by Shopify and the topic alone. */
  ways?: boolean | undefined;
}

export interface Progress {
  state: 'idle' | 'running' | 'done' | 'stopped';
  planned: number;
  started: number;
  /** All that the world does about it by itself is done. */
  sent: number;
  failed: { channelOrderId: string; error: string }[];
  done: boolean;
  seconds: number;
}

interface Current {
  plan: Plan;
  corrections: Correction[];
  stacks: FileStacks;
  startedAt: number;
  endedAt: number | null;
  started: number;
  sent: number;
  failed: Progress['failed'];
  stop: AbortController;
}

/** Order numbers count on from the last run of this process, and from the wall clock for the next process. */
const NUMBERS_SINCE = Date.parse('2026-11-01T00:00:00Z');

/** A shop or connector that is not there. */
export class RunRefused extends Error {}

/** Sends one scenario at a time. */
export class Runs {
  #current: Current | undefined;
  #nextNumber = Math.floor((Date.now() - NUMBERS_SINCE) / 10);

  constructor(
    private readonly options: {
      shops: ReadonlyMap<string, Shop>; connectors: readonly string[]; catalogue: readonly Product[]; clock: Clock; front: ShopFront; publisher: Publisher; faults: Faults;
      others: Omit<WaysSea, 'clock' | 'stacks' | 'corrections' | 'signal'>;
    },
  ) {}

  start(request: RunRequest): Plan {
    if (this.#current !== undefined && this.#current.endedAt === null) throw new RunRefused('a run is under way; POST /_control/run/stop ends it');
    const known = [...this.options.shops.keys(), ...this.options.connectors];
    const asked = request.channels ?? known;
    const unknown = asked.filter((channel) => !known.includes(channel));
    if (unknown.length > 0) throw new RunRefused(`no such channel here: ${unknown.join(', ')}`);
    const shops = asked.filter((channel) => this.options.shops.has(channel));
    if (shops.length === 0) throw new RunRefused('a run needs a Shopify channel in FLOTILLA_CHANNELS_FILE');
    const planned: PlanOptions = {
      orders: request.orders, rate: request.rate, seed: request.seed, salt: request.salt ?? String(Date.now()), weather: request.weather, mix: request.mix, shops,
      connector: asked.find((channel) => this.options.connectors.includes(channel)), topic: this.options.publisher.usable, firstNumber: request.firstNumber ?? this.#nextNumber,
      ...(request.ways === true ? { ways: this.#ways() } : {}),
    };
    const plan = makePlan(planned);
    this.#nextNumber = Math.max(this.#nextNumber, planned.firstNumber + planned.orders);
    if (request.faults) for (const fault of plan.faults) this.options.faults.add(fault);
    const current: Current = { plan, corrections: [], stacks: new FileStacks(plan.entries), startedAt: Date.now(), endedAt: null, started: 0, sent: 0, failed: [], stop: new AbortController() };
    this.#current = current;
    void this.#send(current).finally(() => (current.endedAt = Date.now()));
    return plan;
  }

  /** Ends the run under way: what is being sent is given up. */
  stop(): void {
    if (this.#current === undefined || this.#current.endedAt !== null) return;
    this.#current.stop.abort();
    this.options.front.giveUp();
    this.options.publisher.giveUp();
  }

  progress(): Progress {
    const run = this.#current;
    if (run === undefined) return { state: 'idle', planned: 0, started: 0, sent: 0, failed: [], done: false, seconds: 0 };
    const done = run.endedAt !== null;
    return {
      state: !done ? 'running' : run.stop.signal.aborted ? 'stopped' : 'done', planned: run.plan.entries.length, started: run.started, sent: run.sent, failed: run.failed, done,
      seconds: ((run.endedAt ?? Date.now()) - run.startedAt) / 1_000,
    };
  }

  #ways(): NonNullable<PlanOptions['ways']> {
    const { woo, taobao, live, files } = this.options.others.shops;
    return { woocommerce: [...woo.keys()], taobao: [...taobao.keys()], csv: [...files.keys()], generic: [...live.keys()], mapped: [...woo.values()].filter(({ skuPrefix }) => skuPrefix !== '').map(({ channel }) => channel) };
  }

  get plan(): Plan | undefined {
    return this.#current?.plan;
  }

  get corrections(): readonly Correction[] {
    return this.#current?.corrections ?? [];
  }

  async #send(run: Current): Promise<void> {
    const voyages: Promise<void>[] = [];
    for (const entry of run.plan.entries) {
      const wait = run.startedAt + entry.at - Date.now();
      // Also at full speed others get their turn, or nothing could be accepted while orders are made.
      if (wait > 0 || entry.index % 16 === 0) await sleep(Math.max(0, wait), run.stop.signal);
      if (run.stop.signal.aborted) break;
      run.started += 1;
      voyages.push(this.#sail(run, entry));
    }
    await Promise.all(voyages);
  }

  async #sail(run: Current, entry: PlanEntry): Promise<void> {
    const { options } = this;
    const { seed, salt } = run.plan.options;
    const order = generateOrder({
      catalogue: options.catalogue, seed, salt, index: entry.index, channel: entry.channel, number: entry.number, at: options.clock.business().getTime(), wish: entry.wish,
    });
    if (isWayRole(entry.role)) {
      try {
        await sailWay(entry, order, { ...options.others, clock: options.clock, stacks: run.stacks, corrections: run.corrections, signal: run.stop.signal });
        run.sent += 1;
      } catch (error) {
        run.failed.push({ channelOrderId: entry.channelOrderId, error: error instanceof Error ? error.message : String(error) });
      }
      return;
    }
    const shop = options.shops.get(entry.channel);
    const place = shop === undefined ? undefined : { shop, kept: shop.place(order, entry.settles) };
    const sea: Sea = { clock: options.clock, front: options.front, publisher: options.publisher, corrections: run.corrections, signal: run.stop.signal };
    try {
      await sail(entry, order, place, sea);
      run.sent += 1;
    } catch (error) {
      run.failed.push({ channelOrderId: entry.channelOrderId, error: error instanceof Error ? error.message : String(error) });
    }
  }
}
