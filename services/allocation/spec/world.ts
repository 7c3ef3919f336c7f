/*
 * The fleet's stock side on a bad day. Deciders, handlers, saga, participant, timers, queue, forecast and what is published
 * are production's; replaced are the clock, chance, the bus and the store. One deployment has the saga and the ledgers of
 * local warehouses, each remote warehouse a deployment of its own. Deterministic: the same scenario, the same run.
 */
import type { DueTimer, Follower, Meta, Recorded, TimerChange } from '@flotilla/event-store';
import type { Handler, Incoming, Published } from '@flotilla/messaging';
import { Refused } from '@flotilla/decider';
import { backorders } from '../src/accept/backorders.follower.js';
import { catalogueHandlers } from '../src/accept/catalogue.consumer.js';
import { byLedger, lockRequestHandlers, prepareLedgers } from '../src/accept/lock-requests.consumer.js';
import { remoteStockHandlers } from '../src/accept/remote-stock.consumer.js';
import { prepareSnapshot, sagaHandlers } from '../src/accept/saga-events.consumer.js';
import { fireLease, fireTimer } from '../src/accept/timers.js';
import { moveInbound } from '../src/coordinate/inbound.js';
import { moveShelf, type ShelfCommand } from '../src/coordinate/shelf.js';
import { timerChanges } from '../src/coordinate/timers.js';
import { allocation } from '../src/decide/allocation.decider.js';
import { strays, uncovered } from '../src/decide/allocation.state.js';
import { ledgerOf } from '../src/decide/ledger.js';
import { lock } from '../src/decide/lock.decider.js';
import { register, WAREHOUSES } from '../src/decide/register.decider.js';
import { planRoute, type PlanPart, type Snapshot } from '../src/decide/route.js';
import { sku as article } from '../src/decide/sku.decider.js';
import { stock as stockRules } from '../src/decide/stock.decider.js';
import { warehouse } from '../src/decide/warehouse.decider.js';
import { publish } from '../src/publish/publish.js';
import { withNodes } from '../src/query/node-figures.query.js';
import { snapshotOf } from '../src/query/snapshot.query.js';
import { Agenda } from './agenda.js';
import { Audit, type Invariant, type Question, type Violation } from './audit.js';
import { article as articleOf, warehouseAt } from './examples.js';
import { Fates } from './fates.js';
import { asEventStore, MemoryStore, type Proposal, type StoreChanges } from './memory-store.js';
import { MemoryQueue } from './memory-queue.js';
import { foIdOf, OrderCore } from './order-core.js';
import { SKUS, type Fate, type Role, type Scenario, type ShelfPlan, type SitePlan } from './scenario.js';
import type { Telling } from './story.js';

/** What a mutant does otherwise than production. */
export interface Variant extends StoreChanges {
  readonly publish?: (event: Recorded, said: readonly Published[]) => readonly Published[];
  readonly timers?: (event: Recorded, changes: readonly TimerChange[]) => readonly TimerChange[];
  readonly queue?: (follower: Queue) => Queue;
  readonly pool?: (queue: MemoryQueue) => MemoryQueue['pool'];
  /** `false`: what is sent is kept in memory alone, and is gone when the process dies. */
  readonly outbox?: false;
}

type Queue = Extract<Follower, { outside: unknown }>;

/** What came of a run. */
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly checked: ReadonlyMap<Invariant, number>;
  /** Events, phases and faults that occurred, and how often. */
  readonly occurred: ReadonlyMap<string, number>;
  readonly steps: number;
  readonly restMs: number;
  readonly fates: readonly Fate[];
}

const START = Date.UTC(2026, 10, 21);
const MAX_STEPS = 30_000;
/** From the healing to rest: questions are put again at least each minute, and a chain of them has an end. */
const MAX_REST_MS = 15 * 60_000;
const LATE_MS = 1_000;

class Died extends Error {
  override readonly name = 'Died';
}

interface Timer extends DueTimer {
  readonly setBy: number;
}

interface Consumer {
  readonly role: 'saga' | 'participant' | 'forecast';
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly prepare: (messages: readonly Incoming[]) => Promise<readonly unknown[]>;
}

interface Flight {
  readonly message: Incoming;
  readonly to: Deployment;
  readonly consumer: Consumer;
  readonly order: number;
  readonly forged: boolean;
  dueAt: number;
}

type Todo = () => void | Promise<void>;

interface SagaData {
  readonly foId: string;
  readonly parts?: readonly unknown[];
  readonly kept?: readonly unknown[];
  readonly shipped?: readonly unknown[];
}

const isQuestion = (type: string): boolean => type.startsWith('flotilla.lock.v1.') && !type.startsWith('flotilla.lock.v1.Stock');
const isReply = (type: string): boolean => type.startsWith('flotilla.lock.v1.Stock');
const meta: Meta = { correlation: '', causation: '', actor: 'sim' };

/** A database with the processes that stand upon it. */
class Deployment {
  readonly store: MemoryStore;
  readonly queue = new MemoryQueue();
  readonly timers = new Map<string, Timer>();
  readonly until: Record<Role, number> = { saga: 0, participant: 0, relay: 0, timers: 0, queue: 0, rows: 0, forecast: 0 };
  readonly at: () => string;
  consumers: readonly Consumer[] = [];
  fire: (timer: DueTimer, of: Meta) => Promise<void> = async () => {};
  follower: Queue | undefined;
  /** Positions of the relay and the followers. */
  relayed = 0;
  rowsAt = 0;
  queueAt = 0;
  readonly awake = new Set<Role>();
  /** So many appends of a follower or timer still, then the process dies. */
  lives = Infinity;

  constructor(
    readonly name: string,
    readonly index: number,
    readonly sites: readonly SitePlan[],
    skewMs: number,
    scenario: Scenario,
    variant: Variant,
    now: () => number,
  ) {
    let cachedFor = -1;
    let cached = '';
    this.at = () => {
      if (now() !== cachedFor) {
        cachedFor = now();
        cached = new Date(cachedFor + skewMs).toISOString();
      }
      return cached;
    };
    this.skewMs = skewMs;
    this.store = new MemoryStore(this.at, scenario.keepsOrder, variant);
  }

  readonly skewMs: number;
}

export class World {
  now = START;
  readonly audit = new Audit();
  readonly occurred = new Map<string, number>();
  readonly home: Deployment;
  readonly deployments: readonly Deployment[];
  readonly core: OrderCore;
  readonly #agenda = new Agenda<Todo>();
  readonly #fates: Fates;
  readonly #lanes = new Map<string, Flight[]>();
  readonly #lost = new Set<string>();
  readonly #newestSent = new Map<string, number>();
  readonly #factsSaid = new Set<string>();
  readonly #unchecked = new Set<string>();
  #sent = 0;
  #oldFigures: Snapshot | undefined;
  #steps = 0;

  constructor(
    readonly scenario: Scenario,
    readonly variant: Variant = {},
    readonly tale?: Telling,
    keepsFates = false,
  ) {
    this.#fates = new Fates(scenario, keepsFates);
    const { sites } = scenario;
    const make = (name: string, index: number, of: readonly SitePlan[]): Deployment => new Deployment(name, index, of, of.length === 1 && of[0]!.remote ? of[0]!.skewMs : 0, scenario, variant, () => this.now);
    this.home = make('allocation', 0, sites.filter(({ remote }) => !remote));
    this.deployments = [this.home, ...sites.filter(({ remote }) => remote).map((site, index) => make(`participant ${site.warehouse}`, index + 1, [site]))];
    this.core = new OrderCore(scenario, {
      at: () => this.home.at(),
      later: (ms, what) => this.#agenda.put(this.now + ms, what),
      tell: (type, stream, version, data) => {
        const id = `${stream}@${version}`;
        this.tale?.push({ atMs: this.now - START, kind: 'told', who: type.includes('.carrier.') ? 'carrier' : 'order-core', type, data });
        this.#send(this.home, { type, key: data.foId, data, topic: stream.slice(0, stream.indexOf('-')) }, { stream, version, id, hash: '' }, this.home.at(), false);
      },
    });
    this.#wireHome();
    for (const one of this.deployments.slice(1)) this.#wireRemote(one);
  }

  // As `allocation.service.ts` does.
  #wireHome(): void {
    const { home, scenario, variant } = this;
    const store = asEventStore(home.store, ({ decide }) => this.#execute(home, decide));
    const business = (): string => home.at();
    const atHand = scenario.atHand ? home.sites.map((site) => site.warehouse) : [];
    const now = () => ({ at: home.at(), policy: scenario.policy, business: business(), leaseMs: scenario.leaseMs, atHand });
    const pool = variant.pool?.(home.queue) ?? home.queue.pool;
    const snapshot = async (skus: readonly string[]) => withNodes(store, pool, await snapshotOf(store, skus), business());
    const folded = async (foIds: readonly string[]) => foIds.map((foId) => home.store.state(allocation, foId));
    const ledgers = async (sites: readonly string[]) => new Map(sites.map((site) => [site, ledgerOf(home.store.state(warehouse, site))]));
    const prepareSaga = prepareSnapshot({ folded, snapshot: (skus) => this.#figures(skus, snapshot) });
    const prepareLedger = prepareLedgers(ledgers);
    home.consumers = [
      { role: 'saga', handlers: sagaHandlers(now), prepare: prepareSaga },
      { role: 'participant', handlers: byLedger({ LOCAL: lockRequestHandlers(() => ({ at: home.at(), leaseMs: scenario.leaseMs })) }), prepare: prepareLedger },
      { role: 'forecast', handlers: remoteStockHandlers, prepare: prepareLedger },
    ];
    home.fire = fireTimer({ store, folded, snapshot: (skus) => this.#figures(skus, snapshot), now, business });
    const look = this.#watchQueue();
    const follower = backorders({ pool, store: look.watched(store), snapshot: look.figures(snapshot), now, meta: () => meta }) as Queue;
    const changed = variant.queue?.(follower) ?? follower;
    home.follower = { ...changed, outside: async (events) => look.around(() => changed.outside(events)) };
  }

  // As `participant.service.ts` does.
  #wireRemote(one: Deployment): void {
    const mine = new Set(one.sites.map((site) => site.warehouse));
    const prepare = prepareLedgers(async (asked) => new Map(asked.map((site) => [site, mine.has(site) ? ('LOCAL' as const) : ('REMOTE' as const)])), 'REMOTE');
    one.consumers = [
      { role: 'participant', handlers: byLedger({ LOCAL: lockRequestHandlers(() => ({ at: one.at(), leaseMs: this.scenario.leaseMs })) }), prepare },
      { role: 'participant', handlers: catalogueHandlers, prepare: async () => [null] },
    ];
    one.fire = fireLease({ store: asEventStore(one.store, ({ decide }) => this.#execute(one, decide)), at: one.at });
  }

  /** From the first order to rest, or to the first violation. */
  async run(): Promise<Outcome> {
    this.#begin();
    const { violations } = this.audit;
    while (violations.length === 0) {
      const due = this.#agenda.take();
      if (due === undefined) break;
      this.now = Math.max(this.now, due.at);
      this.#steps += 1;
      if (this.#steps > MAX_STEPS || this.now > START + this.scenario.healMs + MAX_REST_MS) {
        this.audit.check('L1', false, () => `no rest after ${this.#steps} steps, ${Math.round((this.now - START - this.scenario.healMs) / 1_000)} s after everything had healed`);
        break;
      }
      try {
        await due.item();
      } catch (error) {
        if (error instanceof Died) throw error;
        this.audit.check('possible', false, () => String(error));
      }
    }
    const restMs = this.now - START - this.scenario.healMs;
    if (this.audit.urgent > 0) this.#note('an urgent order is promised what is kept back');
    if (violations.length === 0) await this.#rest(restMs);
    return { violations, checked: this.audit.checked, occurred: this.occurred, steps: this.#steps, restMs, fates: this.#fates.drawn };
  }

  #begin(): void {
    const { scenario, home } = this;
    for (const one of this.deployments) {
      const known = one === home ? scenario.sites : one.sites;
      this.#act(one, 'people', 'warehouses are described', () => {
        one.store.execute((unit) => {
          for (const { warehouse: id, province, remote } of known) {
            unit.run(warehouse, id, { type: 'DescribeWarehouse', data: warehouseAt(id, province, { ledger: remote && one === home ? 'REMOTE' : '' }) });
            unit.run(register, WAREHOUSES, { type: 'ListWarehouse', data: { warehouse: id } });
          }
        });
      });
    }
    for (const { foId, plan } of this.core.fos) this.audit.ordered(foId, plan.lines);
    for (const plan of scenario.shelves) this.#agenda.put(START + plan.atMs, () => this.#shelf(plan));
    for (const trouble of scenario.troubles) {
      this.#agenda.put(START + trouble.atMs, () => {
        if (trouble.kind === 'impostor') return this.#impostor(trouble.pick);
        const one = this.deployments[trouble.node];
        if (one === undefined) return;
        this.#note(`fault: ${trouble.kind === 'pause' ? `pause of ${trouble.role}` : 'crash'}`);
        if (trouble.kind === 'crash') this.#crash(one, trouble.ms, 'it is killed');
        else {
          this.tale?.push({ atMs: this.now - START, kind: 'fault', who: one.name, what: `its ${trouble.role} stands still for ${trouble.ms} ms` });
          one.until[trouble.role] = Math.max(one.until[trouble.role], this.now + trouble.ms);
          this.audit.slackMs += trouble.ms;
        }
      });
    }
    this.#agenda.put(START + scenario.healMs, () => this.#fates.heal());
    this.core.begin();
  }

  #note(what: string): void {
    this.occurred.set(what, (this.occurred.get(what) ?? 0) + 1);
  }

  // --- what is written -------------------------------------------------------------------------------------------------

  /** Appends, and everything that follows by itself: it is judged, told, and those who follow the log wake up. */
  #append(one: Deployment, proposal: Proposal, question: Question | undefined, who: string, what: string, data?: unknown): readonly Recorded[] | undefined {
    const written = one.store.commit(proposal);
    if (written === undefined) return undefined;
    this.tale?.push({ atMs: this.now - START, kind: 'did', who, at: one.name, what, data, written });
    if (written.length === 0) return written;
    this.audit.unit(one.name, written, question, proposal.decidedAt);
    for (const { stream, type, data: said } of written) {
      const category = stream.slice(0, stream.indexOf('-'));
      this.#note(`${category} ${type}`);
      if (category === 'allocation' && one === this.home) this.#sagaMoved(type, said as SagaData);
      else if (category === 'lock') this.#lockMoved(one, stream.slice(5), type);
    }
    this.#wake(one);
    return written;
  }

  // What is worth to have occurred, beside events and faults.
  #sagaMoved(type: string, data: SagaData): void {
    const { foId } = data;
    this.#unchecked.add(foId);
    if (type === 'AllocationClaimed' && data.parts!.length > 1) this.#note('a split plan is claimed');
    if (type === 'RoundEnded' && data.kept!.length > 0) this.#note('parts are kept');
    if (type === 'RequestNoted' && data.shipped!.length > 0) this.#note('a part has left when a higher round comes');
    const { phase, request } = this.home.store.state(allocation, foId);
    this.#note(`passes ${phase}`);
    if (type === 'CancelNoted' && request === null) this.#note('a cancel comes before the request');
  }

  #lockMoved(one: Deployment, lockId: string, type: string): void {
    if (one !== this.home && type === 'StockLocked') this.#note('a remote warehouse grants');
    if (type === 'StockLockRefused' && (one.store.state(lock, lockId).reply?.data as { readonly reason?: string } | undefined)?.reason === 'SAFETY') this.#note('a lock is refused for what is kept back');
    const { status, lines } = one.store.state(lock, lockId);
    const known = this.audit.locks.get(lockId);
    if (known === undefined) return;
    const live = status === 'LOCKED' || status === 'CONFIRMED';
    this.audit.check('I6', status === known.status && (!live || JSON.stringify(lines) === JSON.stringify(known.lines)), () => `${lockId} is ${status} to its warehouse; its events say ${known.status}`);
  }

  /** A task of a follower, a timer or a person. */
  #execute<A>(one: Deployment, decide: (unit: Parameters<Parameters<MemoryStore['execute']>[0]>[0]) => A): A {
    if (one.lives <= 0) throw new Died();
    one.lives -= 1;
    const proposal = one.store.decide(decide);
    this.#append(one, proposal, undefined, 'timer or queue', 'looks');
    return proposal.answer;
  }

  #act(one: Deployment, who: string, what: string, work: () => void): void {
    const from = one.store.log.length;
    work();
    const written = one.store.log.slice(from);
    this.tale?.push({ atMs: this.now - START, kind: 'did', who, at: one.name, what, data: undefined, written });
    this.audit.unit(one.name, written);
    for (const { stream, type } of written) {
      this.#note(`${stream.slice(0, stream.indexOf('-'))} ${type}`);
      if (!stream.startsWith('lock-')) continue;
      this.#note('a lock is displaced');
      this.#lockMoved(one, stream.slice(5), type);
    }
    if (written.length > 0) this.#wake(one);
  }

  #wake(one: Deployment): void {
    this.#follow(one, 'relay', 2);
    this.#follow(one, 'rows', 4);
    if (one.follower !== undefined) this.#follow(one, 'queue', 11);
  }

  #follow(one: Deployment, role: 'relay' | 'rows' | 'queue', ms: number): void {
    if (one.awake.has(role)) return;
    one.awake.add(role);
    this.#agenda.put(Math.max(this.now + ms, one.until[role]), () => {
      one.awake.delete(role);
      if (one.until[role] > this.now) return this.#follow(one, role, 0);
      if (role === 'relay') return this.#relay(one);
      if (role === 'rows') return this.#rows(one);
      return this.#queue(one);
    });
  }

  #crash(one: Deployment, ms: number, why: string): void {
    this.tale?.push({ atMs: this.now - START, kind: 'fault', who: one.name, what: `${why}; down for ${ms} ms, then folded from its log` });
    for (const role of Object.keys(one.until) as Role[]) one.until[role] = Math.max(one.until[role], this.now + ms);
    this.audit.slackMs += ms + 100;
    const differing = one.store.refold();
    this.audit.check('I6', differing.length === 0, () => `${differing.join(', ')} fold to another state`);
    one.lives = Infinity;
  }

  // --- the bus ---------------------------------------------------------------------------------------------------------

  #relay(one: Deployment): void {
    const { log } = one.store;
    const head = log.length;
    if (one.relayed === head) return;
    const name = (): string => `relay of ${one.name}`;
    const diedBefore = this.#fates.dies('dies before send', name);
    if (diedBefore !== undefined) {
      this.#note('fault: dies before send');
      this.#crash(one, diedBefore, 'it dies before it sends what was appended');
      if (this.variant.outbox === false) one.relayed = head;
      return this.#follow(one, 'relay', 0);
    }
    for (let position = one.relayed; position < head; position += 1) {
      const event = log[position]!;
      const said = one !== this.home && event.stream.startsWith('sku-') ? [] : publish(event);
      for (const published of this.variant.publish?.(event, said) ?? said) this.#publish(one, event, published);
    }
    const diedAfter = this.#fates.dies('dies after send', name);
    if (diedAfter === undefined) {
      one.relayed = head;
      return;
    }
    this.#note('fault: dies after send');
    this.#crash(one, diedAfter, 'it dies after sending, before its checkpoint: all of it goes out again');
    this.#follow(one, 'relay', 0);
  }

  #publish(one: Deployment, event: Recorded, published: Published): void {
    const { type, data } = published;
    const at = event.recordedAt;
    const source = { stream: event.stream, version: event.version, id: event.id, hash: '' };
    if (isQuestion(type)) {
      const { warehouse: site } = data as { warehouse: string };
      const to = this.deployments.find(({ sites }) => sites.some((own) => own.warehouse === site));
      if (to !== undefined) this.#send(to, published, source, at, true);
    } else if (isReply(type)) {
      // Questions and answers may be lost, since somebody asks again. A displacement is said unasked, like any other fact.
      this.#send(this.home, published, source, at, ((data as { missing?: readonly unknown[] }).missing ?? []).length === 0);
    } else if (type === 'flotilla.allocation.v1.StockChanged') {
      if (one !== this.home) this.#send(this.home, published, source, at, false);
    } else if (type === 'flotilla.allocation.v1.SkuChanged') {
      for (const to of this.deployments.slice(1)) this.#send(to, published, source, at, false);
    } else {
      this.#factsSaid.add(event.id);
      for (const ms of this.#fates.way(() => `${short(type)} ${this.nameOf(data)}`, false)) {
        this.#agenda.put(this.now + ms, () => {
          if (!this.core.heard.has(event.id)) this.tale?.push({ atMs: this.now - START, kind: 'told', who: 'allocation', type, data });
          this.core.hear(event.id, type, data as { foId: string });
        });
      }
    }
  }

  #send(to: Deployment, published: Published, source: Incoming['source'], time: string, mayBeLost: boolean): void {
    for (const consumer of to.consumers) if (Object.hasOwn(consumer.handlers, published.type)) this.#sendTo(to, consumer, published, source, time, mayBeLost);
  }

  #sendTo(to: Deployment, consumer: Consumer, { topic, type, key, data }: Published, source: Incoming['source'], time: string, mayBeLost: boolean): void {
    const message: Incoming = { topic, partition: 0, offset: 0, key, id: source.id, source, type, time, subject: '', correlation: '', causation: '', data };
    const { keepsOrder } = this.scenario;
    // What is lost where order is kept stays lost, or sending it again would turn the order around.
    const loss = `${consumer.role} ${source.id}`;
    const copies = keepsOrder && this.#lost.has(loss) ? [] : this.#fates.way(() => `${short(type)} ${this.nameOf(data)}${consumer.role === 'forecast' ? ' for the forecast' : ''}`, mayBeLost);
    const order = (this.#sent += 1);
    if (copies.length === 0) {
      this.#lost.add(loss);
      this.#note('fault: lost');
      this.tale?.push({ atMs: this.now - START, kind: 'fault', who: 'the network', what: `loses ${short(type)} ${this.nameOf(data)}` });
    }
    if (copies.length > 1) this.#note('fault: doubled');
    const lane = keepsOrder ? this.#lane(`${to.index} ${consumer.role} ${topic} ${key}`) : undefined;
    for (const ms of copies) {
      if (ms > LATE_MS) this.#note('fault: late');
      const flight: Flight = { message, to, consumer, order, forged: false, dueAt: this.now + ms };
      const own = lane ?? [];
      own.push(flight);
      this.#agenda.put(flight.dueAt, () => this.#arrive(own));
    }
  }

  #lane(name: string): Flight[] {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = [];
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  // The first of a lane holds up those behind it.
  async #arrive(lane: Flight[]): Promise<void> {
    const [flight] = lane;
    if (flight === undefined || flight.dueAt > this.now) return;
    const downUntil = flight.to.until[flight.consumer.role];
    const againAt = downUntil > this.now ? downUntil : await this.#deliver(flight, true);
    if (againAt === undefined) lane.shift();
    else flight.dueAt = againAt;
    const next = lane[0];
    if (next !== undefined) this.#agenda.put(Math.max(this.now, next.dueAt), () => this.#arrive(lane));
  }

  /** Answers when it is to be delivered again; `undefined` = it is taken in. */
  async #deliver(flight: Flight, mayFail: boolean): Promise<number | undefined> {
    const { message, to, consumer, order, forged } = flight;
    const { role } = consumer;
    const { store } = to;
    const handler = consumer.handlers[message.type]!;
    if (handler.wants?.(message) === false) return undefined;
    const newest = this.#newestSent.get(message.key) ?? 0;
    if (order < newest) this.#note('fault: overtaken');
    else this.#newestSent.set(message.key, order);
    const name = (): string => `${short(message.type)} ${this.nameOf(message.data)}`;
    const [prepared] = await consumer.prepare([message]);
    let proposal: Proposal;
    try {
      proposal = store.decide((unit) => handler.handle(message, unit, prepared), message.source);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.audit.check('possible', forged, () => `${name()} is parked: ${error.reason} ${error.message}`);
      this.#note('fault: forged message parked');
      return undefined;
    }
    if (mayFail) {
      const zombieMs = this.#fates.zombie(name);
      if (zombieMs !== undefined) {
        this.#note('fault: zombie');
        this.tale?.push({ atMs: this.now - START, kind: 'fault', who: to.name, what: `a replica decides about ${name()} and stands still for ${zombieMs} ms before its append; another takes over` });
        this.#agenda.put(this.now + zombieMs, () => {
          if (this.#take(flight, proposal, 'the replica that stood still') === undefined) {
            this.#note('fault: zombie refused');
            this.tale?.push({ atMs: this.now - START, kind: 'fault', who: to.name, what: `the append about ${name()} is refused: its streams have moved` });
          }
        });
        return this.now + Math.min(50, zombieMs);
      }
      const diedBefore = this.#fates.dies('dies before append', name);
      if (diedBefore !== undefined) {
        this.#note('fault: dies before append');
        this.#crash(to, diedBefore, `it dies before it appends what it decided about ${name()}`);
        return this.now + diedBefore;
      }
      const diedAfter = this.#fates.dies('dies after append', name);
      if (diedAfter !== undefined) {
        this.#note('fault: dies after append');
        this.#take(flight, proposal, role);
        this.#crash(to, diedAfter, `it dies after appending, before anybody knows; ${name()} is delivered again`);
        return this.now + diedAfter;
      }
    }
    if (this.#take(flight, proposal, role) === undefined) throw new Error('a fresh decision conflicts');
    return undefined;
  }

  #take({ message, to, consumer, forged }: Flight, proposal: Proposal, who: string): readonly Recorded[] | undefined {
    const { type, data, source } = message;
    const foId = (data as { foId?: string }).foId ?? '';
    const reply = isReply(type) && consumer.role === 'saga';
    const lockId = (data as { lockId?: string }).lockId ?? '';
    const unknown = reply && type.endsWith('.StockLocked') && !to.store.hasApplied(allocation, foId, source) && to.store.state(allocation, foId).locks[lockId] === undefined;
    const written = this.#append(to, proposal, isQuestion(type) ? { type, data: data as Question['data'] } : undefined, forged ? 'an impostor' : who, `takes ${short(type)}`, data);
    if (written === undefined || !reply) return written;
    if (unknown) this.audit.check('saga grant', written.some((event) => event.type === 'ReleaseAsked' && (event.data as { lockId: string }).lockId === lockId), () => `the saga hears that ${lockId} is granted, does not know it, and lets it be`);
    for (const event of written) {
      if (!event.type.endsWith('Noted')) continue;
      const other = (event.data as { lockId?: string }).lockId;
      // Or a warehouse at hand has answered in this very append.
      this.audit.check('saga older', other === lockId || written.some(({ stream }) => stream === `lock-${other}`), () => `an answer about ${lockId} is noted as one about ${other}`);
    }
    return written;
  }

  // --- timers and the queue --------------------------------------------------------------------------------------------

  // Rows of timers follow the log in one transaction with their checkpoint: late, but once.
  #rows(one: Deployment): void {
    const { log } = one.store;
    for (; one.rowsAt < log.length; one.rowsAt += 1) {
      const event = log[one.rowsAt]!;
      const changes = timerChanges(event);
      for (const { key, dueAt, data } of this.variant.timers?.(event, changes) ?? changes) {
        if (dueAt === null) one.timers.delete(key);
        else {
          const timer: Timer = { key, dueAt, data, correlation: '', setBy: event.position };
          one.timers.set(key, timer);
          this.#agenda.put(Math.max(this.now, Date.parse(dueAt) - one.skewMs), () => this.#due(one, timer));
        }
      }
    }
    this.#waits();
  }

  #due(one: Deployment, timer: Timer): void | Promise<void> {
    if (one.timers.get(timer.key) !== timer) return undefined;
    if (one.until.timers <= this.now) return this.#fire(one, timer);
    this.#agenda.put(one.until.timers, () => this.#due(one, timer));
    return undefined;
  }

  async #fire(one: Deployment, timer: Timer): Promise<void> {
    const again = (ms: number): void => this.#agenda.put(this.now + ms, () => this.#due(one, timer));
    const name = (): string => this.named(timer.key);
    const diedBefore = this.#fates.dies('dies before firing', name);
    if (diedBefore !== undefined) {
      this.#note('fault: dies before firing');
      this.#crash(one, diedBefore, `it dies when the timer ${name()} is due`);
      return again(diedBefore);
    }
    await one.fire(timer, meta);
    const diedAfter = this.#fates.dies('dies after firing', name);
    if (diedAfter !== undefined) {
      this.#note('fault: dies after firing');
      this.#crash(one, diedAfter, `it dies after the timer ${name()} fired: it fires again`);
      return again(diedAfter);
    }
    if (one.timers.get(timer.key) === timer) one.timers.delete(timer.key);
  }

  async #queue(one: Deployment): Promise<void> {
    const head = one.store.log.length;
    const events = one.store.log.slice(one.queueAt, head);
    if (events.length === 0) return undefined;
    const died = this.#fates.dies('dies serving', () => 'the queue');
    one.lives = died === undefined ? Infinity : died % 3;
    try {
      await one.follower!.outside(events);
      one.queueAt = head;
      this.#waits();
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      this.#note('fault: dies serving');
      this.#crash(one, died!, 'it dies while it serves the queue: the same events are followed again');
      this.#follow(one, 'queue', 0);
    }
    one.lives = Infinity;
    return undefined;
  }

  // Figures may be those of a while ago: a chunk of messages is planned with one look.
  async #figures(skus: readonly string[], snapshot: (skus: readonly string[]) => Promise<Snapshot>): Promise<Snapshot> {
    const old = this.#oldFigures;
    if (old !== undefined && skus.every((one) => Object.hasOwn(old.articles, one)) && this.#fates.stale(() => skus.join())) {
      this.#note('fault: stale figures');
      return old;
    }
    this.#oldFigures = await snapshot(skus);
    return this.#oldFigures;
  }

  /** Watches one look at the queue from outside: who waited, what was there, who was woken. */
  #watchQueue() {
    const { queue, store } = this.home;
    let waiting: { readonly foId: string; readonly looked: boolean; readonly able: boolean; readonly request: Parameters<typeof planRoute>[0] }[] = [];
    let there: Snapshot | undefined;
    const woken = new Map<string, readonly PlanPart[]>();
    queue.onPage = (skus, foIds) => {
      if (waiting.length > 0) return;
      waiting = foIds.flatMap((foId) => {
        const state = store.state(allocation, foId);
        if (state.phase !== 'BACKORDERED' || state.request === null) return [];
        const request = { ...state.request, lines: uncovered(state) };
        return { foId, looked: skus === null || request.lines.some(({ sku }) => skus.includes(sku)), able: strays(state).length === 0, request };
      });
    };
    const judge = (): void => {
      if (there === undefined) return;
      if (woken.size > 1) this.#note('two orders are woken by one look');
      let left: Snapshot = there;
      for (const { foId, looked, able, request } of waiting) {
        // Whose last lock has not ended yet cannot be woken, and what there is stays for it.
        const parts = woken.get(foId) ?? (able || !looked ? undefined : planRoute(request, left).plans[0]?.parts);
        if (parts !== undefined) {
          left = parts.reduce((free, part) => without(free, part), left);
          const short = parts.some(({ warehouse: site, lines }) => lines.some(({ sku }) => (left.free[site]?.[sku] ?? 0) < 0));
          this.audit.check('queue once', !short, () => `${foId} is woken for what was given to others in the same look`);
        } else if (looked) {
          this.audit.check('queue order', planRoute(request, left).plans.length === 0, () => `${foId} is passed over, although there is a plan for it`);
        }
      }
    };
    return {
      figures: (snapshot: (skus: readonly string[]) => Promise<Snapshot>) => async (skus: readonly string[]) => {
        const seen = await snapshot(skus);
        there ??= seen;
        return seen;
      },
      watched: (events: ReturnType<typeof asEventStore>): ReturnType<typeof asEventStore> => ({
        ...events,
        execute: async (task) => {
          const from = store.log.length;
          const executed = await events.execute(task);
          const plan = store.log.slice(from).find(({ type }) => type === 'AllocationPlanned');
          if (plan !== undefined) {
            const { foId, plans } = plan.data as { foId: string; plans: readonly { parts: readonly PlanPart[] }[] };
            woken.set(foId, plans[0]?.parts ?? []);
          }
          return executed;
        },
      }),
      around: async (outside: () => Promise<void>): Promise<void> => {
        waiting = [];
        there = undefined;
        woken.clear();
        await outside();
        judge();
      },
    };
  }

  // --- people and impostors --------------------------------------------------------------------------------------------

  #shelf(plan: ShelfPlan): void {
    if (plan.kind === 'describe') return this.#act(this.home, 'people', `describe ${plan.sku}`, () => this.home.store.execute((unit) => unit.run(article, plan.sku, { type: 'DescribeArticle', data: articleOf(plan.sku) })));
    const { kind, warehouse: site, sku, quantity } = plan;
    const one = this.deployments.find(({ sites }) => sites.some((own) => own.warehouse === site));
    if (one === undefined) return undefined;
    const priority = ({ foId }: { foId: string }): number => this.core.fos.find((fo) => fo.foId === foId)?.plan.priority ?? 0;
    const victims = [...this.audit.locks.values()]
      .filter(({ warehouse: own, status, lines }) => own === site && (status === 'LOCKED' || status === 'CONFIRMED') && lines.some((line) => line.sku === sku))
      .toReversed()
      .toSorted((a, b) => priority(a) - priority(b))
      .map(({ lockId }) => lockId);
    if (plan.kind === 'inbound') return this.#inbound(one, plan);
    return this.#act(one, 'people', `${kind} ${sku} in ${site}: ${quantity}`, () => this.#mayRefuse(() => one.store.execute((unit) => moveShelf(unit, shelfCommand(plan), victims))));
  }

  #mayRefuse(move: () => unknown): void {
    try {
      move();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#note('a shelf is not moved');
    }
  }

  // Goods are announced, perhaps by a warehouse of the same ledger that they leave; then some arrive, and nothing more will come.
  #inbound(one: Deployment, { warehouse: to, sku, quantity, arrives, afterMs, leaves, atMs }: Extract<ShelfPlan, { kind: 'inbound' }>): void {
    const fromWarehouse = leaves !== to && one.sites.some((own) => own.warehouse === leaves) ? leaves : '';
    const inbound = `${to}-${sku}-${atMs}`;
    const kind = fromWarehouse === '' ? 'PURCHASE' : 'TRANSFER';
    const lines = [{ sku, quantity }];
    this.#act(one, 'people', `announce ${quantity} of ${sku} for ${to}`, () =>
      this.#mayRefuse(() => one.store.execute((unit) => moveInbound(unit, { type: 'AnnounceInbound', data: { inbound, kind, warehouse: to, fromWarehouse, expectedAt: '', reference: '', lines } }))),
    );
    this.#agenda.put(this.now + afterMs, () =>
      this.#act(one, 'people', `receive ${arrives} of ${sku} in ${to}`, () =>
        this.#mayRefuse(() => one.store.execute((unit) => moveInbound(unit, { type: 'ReceiveInbound', data: { inbound, received: [{ sku, quantity: arrives, unsellable: arrives > 2 ? 1 : 0, cause: 'DAMAGED' }], complete: true, reason: '' } }))),
      ),
    );
  }

  // A coordinator that was restored from a backup, say: it knows of a lock, and not what has become of it.
  async #impostor(pick: number): Promise<void> {
    const live = [...this.audit.locks.values()].filter(({ status }) => status === 'LOCKED' || status === 'CONFIRMED');
    const known = live[pick % Math.max(1, live.length)];
    if (known === undefined) return;
    const { lockId, foId, round, warehouse: site, fence, status } = known;
    const to = this.deployments.find(({ sites }) => sites.some((own) => own.warehouse === site))!;
    const early = status === 'LOCKED' && pick % 3 === 0;
    const type = early || pick % 3 === 1 ? 'flotilla.lock.v1.ConsumeStock' : 'flotilla.lock.v1.ConfirmStock';
    const data = { lockId, foId, round, warehouse: site, fence: early ? fence : fence + 1, ...(type.endsWith('ConsumeStock') ? { parcelId: 'impostor' } : {}) };
    const source = { stream: `impostor-${pick}-${this.#steps}`, version: 1, id: 'impostor', hash: '' };
    this.#note('fault: impostor');
    const message: Incoming = { topic: '', partition: 0, offset: 0, key: site, id: 'impostor', source, type, time: this.home.at(), subject: '', correlation: '', causation: '', data };
    await this.#deliver({ message, to, consumer: to.consumers.find(({ handlers }) => Object.hasOwn(handlers, type))!, order: this.#sent, forged: true, dueAt: this.now }, false);
  }

  // --- waiting and rest ------------------------------------------------------------------------------------------------

  /** Nothing waits for nothing: whenever timers and queue have followed the log to its end. */
  #waits(): void {
    const { home } = this;
    if (this.#unchecked.size === 0 || home.rowsAt !== home.store.log.length || home.queueAt !== home.store.log.length) return;
    for (const foId of this.#unchecked) {
      const { phase, locks } = home.store.state(allocation, foId);
      let waitsFor = home.timers.has(`window/${foId}`) || home.timers.has(`plan/${foId}`);
      for (const lockId in locks) {
        if (locks[lockId]!.open === '') continue;
        const timed = home.timers.has(`question/${lockId}`);
        this.audit.check('L4', timed, () => `${foId} waits for an answer about ${lockId} (${locks[lockId]!.open}), and no timer asks again`);
        waitsFor ||= timed;
      }
      const restless = phase === 'ENDING' || phase === 'ASKING' || phase === 'CONFIRMING' || phase === 'RELEASING';
      if (restless) this.audit.check('D7', waitsFor, () => `${foId} is ${phase} and waits for nothing`);
      if (phase === 'BACKORDERED') this.audit.check('D7', home.queue.has(foId), () => `${foId} is backordered and not in the queue`);
    }
    this.#unchecked.clear();
  }

  async #rest(restMs: number): Promise<void> {
    const { audit, home, core } = this;
    audit.check('L1', restMs <= MAX_REST_MS, () => 'rest came too late');
    for (const one of this.deployments) {
      // Folding what was read as JSON costs as much as the rest of a step; each eighth seed does it, the others fold what they have.
      const differing = this.scenario.seed % 8 === 0 ? one.store.differing() : one.store.refold();
      audit.check('I6', differing.length === 0, () => `${differing.join(', ')} fold to another state`);
      audit.check('L4', one.timers.size === 0, () => `timers are left at ${one.name}: ${[...one.timers.keys()].join(', ')}`);
      audit.check('outbox', one.relayed === one.store.log.length, () => `${one.name} has not said everything`);
    }
    audit.check('outbox', [...this.#expectedFacts()].every((id) => core.heard.has(id)), () => 'order-core has not heard of everything');
    for (const { lockId, status } of audit.locks.values()) audit.check('I4', status !== 'LOCKED', () => `${lockId} is locked for ever`);
    const figures = await snapshotOf(asEventStore(home.store, ({ decide }) => home.store.execute(decide)), SKUS);
    for (const one of this.deployments.slice(1)) {
      for (const [id, level] of one.store.all(stockRules)) {
        const { onHand, unsellable, held, confirmed, safety, safetyFrom, inTransit } = home.store.state(stockRules, id);
        const same = onHand === level.onHand && unsellable === level.unsellable && held === level.held && confirmed === level.confirmed && safety === level.safety && safetyFrom === level.safetyFrom && inTransit === level.inTransit;
        audit.check('forecast', same, () => `${id} is taken for ${JSON.stringify({ onHand, unsellable, held, confirmed, safety, safetyFrom, inTransit })}, its ledger has ${JSON.stringify(level)}`);
      }
    }
    const uncoveredParcels = new Set(home.store.log.flatMap((event) => (event.type === 'ShippedUncovered' ? [(event.data as { parcelId: string }).parcelId] : [])));
    for (const { foId, end, shipped } of core.fos) {
      const state = home.store.state(allocation, foId);
      const { phase, request } = state;
      this.#note(`rests ${phase}`);
      const mine = [...audit.locks.values()].filter((one) => one.foId === foId);
      const confirmed = mine.filter(({ status }) => status === 'CONFIRMED');
      const consumed = mine.filter(({ status }) => status === 'CONSUMED');
      const ids = (of: readonly { readonly lockId: string }[]): string => of.map(({ lockId }) => lockId).toSorted().join();
      const knows = (wanted: string): string => ids(Object.entries(state.locks).filter(([, one]) => one.state === wanted).map(([lockId]) => ({ lockId })));
      audit.check('I5', ids(confirmed) === knows('CONFIRMED'), () => `${foId} is ${phase}, confirmed are ${ids(confirmed) || 'none'}, it knows of ${knows('CONFIRMED') || 'none'}`);
      const mayHave = phase === 'ALLOCATED' || phase === 'BACKORDERED' || phase === 'DISPLACED';
      audit.check('I5', mayHave || confirmed.length === 0, () => `${foId} is ${phase} and has ${ids(confirmed)}`);
      if (phase === 'ALLOCATED') audit.check('I5', covers(request!.lines, [...confirmed, ...consumed]), () => `${foId} is allocated, its locks do not cover it`);
      for (const { parcelId, warehouse: site, lines } of shipped) {
        audit.check('I7', uncoveredParcels.has(parcelId) || covers(lines, consumed.filter((one) => one.warehouse === site)), () => `a parcel of ${foId} left ${site}, nothing was consumed for it, and nobody says so`);
      }
      if (end === 'cancelled') audit.check('D3 over', phase === 'RELEASED' || (shipped.length > 0 && (phase === 'CONSUMED' || phase === 'UNCOVERED')), () => `${foId} was cancelled and is ${phase}`);
      if (end === 'shipped') audit.check('D3 over', phase === 'CONSUMED' || phase === 'UNCOVERED', () => `${foId} was shipped and is ${phase}`);
      if (end === 'open') {
        audit.check('D7', ['ALLOCATED', 'BACKORDERED'].includes(phase), () => `${foId} is open and ${phase}`);
        if (phase === 'BACKORDERED') audit.check('D7', planRoute({ ...request!, lines: uncovered(state) }, figures).plans.length === 0, () => `${foId} is backordered while there is stock`);
      }
    }
  }

  #expectedFacts(): ReadonlySet<string> {
    const facts = new Set(this.#factsSaid);
    for (const event of this.home.store.log) {
      if (event.stream.startsWith('allocation-') && ['OrderAllocated', 'OrderBackordered', 'StockReleased', 'StockDisplaced'].includes(event.type)) facts.add(event.id);
    }
    return facts;
  }

  // --- names for people ------------------------------------------------------------------------------------------------

  /** Which order, round and warehouse a message is about. */
  nameOf(data: unknown): string {
    const { foId, round, warehouse: site, sku } = data as { foId?: string; round?: number; warehouse?: string; sku?: string };
    if (foId === undefined) return [site, sku].filter(Boolean).join(' ');
    return `${this.named(foId)}${round === undefined ? '' : `/${round}`}${site ? `@${site}` : ''}`;
  }

  /** A text with ids replaced by what people call them. */
  named(text: string): string {
    let out = text;
    for (const { plan } of this.core.fos) out = out.replaceAll(foIdOf(this.scenario.seed, plan.index), `order ${plan.index + 1}`);
    for (const { lockId, foId, round, warehouse: site } of this.audit.locks.values()) if (out.includes(lockId)) out = out.replaceAll(lockId, `lock ${this.named(foId)}/${round}@${site}`);
    return out;
  }
}

const shelfCommand = (plan: Exclude<ShelfPlan, { kind: 'describe' | 'inbound' }>): ShelfCommand => {
  const { warehouse: site, sku, quantity } = plan;
  switch (plan.kind) {
    case 'count':
      return { type: 'CountStock', data: { warehouse: site, sku, onHand: quantity, asOf: '' } };
    case 'adjust':
      return { type: 'AdjustStock', data: { warehouse: site, sku, delta: quantity, reason: 'FOUND' } };
    case 'aside':
      return { type: 'SetAside', data: { warehouse: site, sku, quantity, reason: 'DAMAGED' } };
    case 'scrap':
      return { type: 'ScrapStock', data: { warehouse: site, sku, quantity, reason: 'DAMAGED' } };
    case 'safety':
      return { type: 'SetSafety', data: { warehouse: site, sku, units: quantity, from: plan.from } };
  }
};

const short = (type: string): string => type.slice(type.lastIndexOf('.') + 1);

const without = (left: Snapshot, { warehouse: site, lines }: PlanPart): Snapshot => {
  const bySku = { ...left.free[site] };
  for (const { sku, quantity } of lines) bySku[sku] = (bySku[sku] ?? 0) - quantity;
  return { ...left, free: { ...left.free, [site]: bySku } };
};

type Quantities = readonly { readonly sku: string; readonly quantity: number }[];
const covers = (lines: Quantities, locks: readonly { readonly lines: Quantities }[]): boolean => {
  const there = new Map<string, number>();
  for (const { lines: held } of locks) for (const { sku, quantity } of held) there.set(sku, (there.get(sku) ?? 0) + quantity);
  for (const { sku, quantity } of lines) {
    const left = (there.get(sku) ?? 0) - quantity;
    if (left < 0) return false;
    there.set(sku, left);
  }
  return true;
};
