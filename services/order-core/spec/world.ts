import type { AnyDecider, Decider, Message } from '@flotilla/decider';
import type { allocation, carrier, common, MessageName, Messages, order as orders, tracking } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import { eachOf, progressOf, type FulfilmentState } from '../src/decide/fulfilment.state.js';
import { wholeOf } from '../src/coordinate/conduct.js';
import { order } from '../src/decide/order.decider.js';
import { inputs, type InputName, type Terms } from '../src/coordinate/inputs.js';
import { shippingRule } from '../src/decide/shipping-rule.decider.js';
import { content, orderId, partOf, usd, waybill } from './samples.js';

/** One order with the production deciders and table, and the other services as simple models that keep the contract. */
export interface Said {
  readonly type: InputName;
  readonly data: unknown;
}

/** A unit in memory. Nothing drops repeats here: what makes no sense any more must change nothing by itself. */
class Memory implements Unit {
  readonly states = new Map<string, unknown>();
  readonly written: Message[] = [];
  state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S {
    return (this.states.get(`${decider.category}-${id}`) ?? decider.initial) as S;
  }
  version(_decider: AnyDecider, _id: string): number {
    return this.written.length;
  }
  run<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string, command: C): readonly E[] {
    const events = decider.decide(command, this.state(decider, id));
    this.states.set(`${decider.category}-${id}`, events.reduce(decider.evolve, this.state(decider, id)));
    this.written.push(...(JSON.parse(JSON.stringify(events)) as E[]));
    return events;
  }
}

type ParcelModel = {
  readonly foId: string;
  readonly parcelId: string;
  readonly warehouse: string;
  readonly orders: readonly common.OrderShare[];
  readonly change: string[];
  stage: 'ASKED' | 'ISSUED' | 'SHIPPED' | 'VOIDED' | 'REFUSED';
  cancel: boolean;
  milestones: number;
  over: boolean;
  lost: boolean;
};

const journey = ['MILESTONE_PICKED_UP', 'MILESTONE_IN_TRANSIT'] as const;

/** How a player acts; `pick(n)` chooses 0..n-1. */
export type Pick = (choices: number) => number;

export class World {
  readonly unit = new Memory();
  readonly parcels: ParcelModel[] = [];
  /** Told to order-core and not heard yet, one list per topic: each keeps its order, they overtake one another. */
  readonly underway: Record<'ingest' | 'allocation' | 'parcel' | 'tracking' | 'settlement', Said[]> = { ingest: [], allocation: [], parcel: [], tracking: [], settlement: [] };
  readonly heard: Said[] = [];
  readonly rounds: { foId: string; round: number; state: 'ASKED' | 'BACKORDERED' | 'GRANTED' | 'FAILED'; excluded: readonly string[]; lines: readonly common.SkuQuantity[]; parts: readonly allocation.AllocatedPart[] }[] = [];
  /** What somebody else shipped with a number of their own. */
  private external: ParcelModel | undefined;
  /** The fulfilment orders whose stock was given back for good. */
  readonly stockOver = new Set<string>();
  private read = { allocation: 0, carrier: 0 };
  private settled = false;
  private minutes = 0;
  private numbers = 0;

  constructor(
    readonly terms: Omit<Terms, 'at'>,
    private readonly check: (events: readonly Message[], world: World) => void,
  ) {}

  /** What the merchant decided for the channel. */
  allowPartialShipments(): void {
    this.unit.run(shippingRule, content().channel, { type: 'PutShippingRule', data: { channel: content().channel, partialShipments: true, at: this.time, by: 'desk' } });
  }
  get order() {
    return this.unit.state(order, orderId);
  }
  get fulfilment() {
    return wholeOf(this.unit, orderId);
  }
  get now(): Terms {
    this.minutes += 1;
    return { ...this.terms, at: this.time };
  }
  get time(): string {
    return new Date(Date.parse('2026-11-21T09:01:00.000Z') + this.minutes * 1_000).toISOString();
  }

  /** Runs something against order-core; answers what was written. */
  act(run: (unit: Unit, terms: Terms) => void): readonly Message[] {
    const before = this.unit.written.length;
    run(this.unit, this.now);
    const events = this.unit.written.slice(before);
    this.check(events, this);
    return events;
  }
  hear(said: Said): readonly Message[] {
    return this.act((unit, terms) => (inputs[said.type] as (unit: Unit, data: unknown, terms: Terms) => void)(unit, said.data, terms));
  }
  say<Name extends MessageName & InputName>(topic: keyof World['underway'], type: Name, data: Messages[Name]): void {
    this.underway[topic].push({ type, data });
  }

  /** Everything that may happen next. With `help` only what leads to an end. */
  moves(help: boolean): readonly ((pick: Pick) => unknown)[] {
    const moves: ((pick: Pick) => unknown)[] = [];
    for (const queue of Object.values(this.underway)) if (queue.length > 0) moves.push(() => this.deliver(queue));
    this.read.allocation = this.next(this.read.allocation, ['AllocationRequested', 'FulfilmentCancelled']);
    this.read.carrier = this.next(this.read.carrier, ['FulfilmentReleased', 'FulfilmentCancelRequested', 'FulfilmentChangeRequested']);
    if (this.read.allocation < this.unit.written.length) moves.push(() => this.allocationReads());
    if (this.read.carrier < this.unit.written.length) moves.push(() => this.carrierReads());
    for (const { foId } of eachOf(this.fulfilment)) {
      const round = this.newest(foId);
      if (!round || this.stockOver.has(foId)) continue;
      if (round.state === 'ASKED' && !help) moves.push((pick) => this.backorder(round, pick));
      if (round.state === 'BACKORDERED' && !help) moves.push((pick) => this.ease(round, pick));
      if (round.state === 'ASKED' || round.state === 'BACKORDERED') moves.push((pick) => this.grant(round, pick));
      if (round.state === 'GRANTED' && !help && this.unshipped(round).length > 0) moves.push((pick) => this.fail(round, pick));
    }
    for (const parcel of this.parcels) this.parcelMoves(parcel, help, moves);
    const { plan } = this.fulfilment;
    const open = eachOf(this.fulfilment).filter((one) => one.plan !== null);
    // Seldom, or it would be the end of nearly every play.
    if (plan && !this.external && !help) moves.push((pick) => pick(8) === 0 && this.shipExternally(open[pick(open.length)]!));
    if (this.external && !this.external.over) moves.push((pick) => this.travel(this.external!, help ? 0 : pick(6), pick(2) === 0));
    if (!this.settled && this.order.placed && (!help || progressOf(this.fulfilment) === 'DELIVERED' || (this.order.approvedAt !== '' && this.fulfilment.plan === null) || this.fulfilment.cancelled)) moves.push(() => this.settle());
    return moves;
  }

  /** Where the next event stands that concerns a player. */
  private next(from: number, types: readonly string[]): number {
    const { written } = this.unit;
    let at = from;
    while (at < written.length && !types.includes(written[at]!.type)) at += 1;
    return at;
  }

  newest(foId: string): World['rounds'][number] | undefined {
    return this.rounds.findLast((round) => round.foId === foId);
  }

  /** The parts of a round whose stock is still there. */
  unshipped(round: World['rounds'][number]): readonly allocation.AllocatedPart[] {
    return round.parts.filter(({ warehouse, lockId }) => !this.parcels.some((parcel) => parcel.foId === round.foId && parcel.stage === 'SHIPPED' && parcel.warehouse === warehouse && lockId === `lock-${round.round}-${warehouse}`));
  }

  private deliver(queue: Said[]): void {
    const said = queue.shift()!;
    this.heard.push(said);
    this.hear(said);
  }

  private allocationReads(): void {
    const event = this.unit.written[this.read.allocation++]!;
    if (event.type === 'AllocationRequested') {
      const { foId, round, lines, excludedWarehouses } = event.data as orders.AllocationRequested;
      this.rounds.push({ foId, round, state: 'ASKED', excluded: excludedWarehouses, lines, parts: [] });
    }
    if (event.type === 'FulfilmentCancelled') {
      const { foId } = event.data as orders.FulfilmentCancelled;
      this.stockOver.add(foId);
      this.say('allocation', 'flotilla.allocation.v1.StockReleased', { foId, warehouse: this.newest(foId)?.parts[0]?.warehouse ?? '' });
    }
  }

  private backorder(round: World['rounds'][number], pick: Pick): void {
    round.state = 'BACKORDERED';
    this.say('allocation', 'flotilla.allocation.v1.OrderBackordered', { foId: round.foId, round: round.round, orders: [], missing: pick(2) === 0 ? round.lines : this.short(round, pick) });
  }

  private ease(round: World['rounds'][number], pick: Pick): void {
    this.say('allocation', 'flotilla.allocation.v1.BackorderEased', { foId: round.foId, round: round.round, missing: this.short(round, pick) });
  }

  private short({ lines }: World['rounds'][number], pick: Pick): readonly common.SkuQuantity[] {
    const short = lines.map(({ sku, quantity }) => ({ sku, quantity: pick(quantity + 1) })).filter(({ quantity }) => quantity > 0);
    return short.length > 0 ? short : lines;
  }

  private grant(round: World['rounds'][number], pick: Pick): void {
    const candidates = ['WH1', 'WH2', 'WH3', ...round.excluded.map((_, n) => `SPARE${n}`)].filter((one) => !round.excluded.includes(one));
    round.state = 'GRANTED';
    const first = pick(candidates.length);
    const warehouses = Array.from({ length: 1 + pick(Math.min(3, candidates.length)) }, (_, n) => candidates[(first + n) % candidates.length]!);
    // Each unit comes from any of them; a warehouse that nothing comes from has no part.
    const taken = round.lines.flatMap(({ sku, quantity }) => Array.from({ length: quantity }, () => ({ sku, warehouse: warehouses[pick(warehouses.length)]! })));
    round.parts = warehouses
      .map((warehouse) => partOf(warehouse, round.lines.map(({ sku }) => ({ sku, quantity: taken.filter((unit) => unit.sku === sku && unit.warehouse === warehouse).length })).filter(({ quantity }) => quantity > 0), `lock-${round.round}-${warehouse}`))
      .filter(({ lines }) => lines.length > 0);
    const items: readonly allocation.AllocatedItem[] = round.lines.map(({ sku, quantity }) => ({ sku, name: sku, quantity, grams: 100 }));
    const { warehouse, lockId } = round.parts[0]!;
    this.say('allocation', 'flotilla.allocation.v1.OrderAllocated', { foId: round.foId, round: round.round, warehouse, lockId, orders: [], items, parts: round.parts });
  }

  private fail(round: World['rounds'][number], pick: Pick): void {
    round.state = 'FAILED';
    const there = this.unshipped(round);
    const { warehouse, lines } = there[pick(there.length)]!;
    const data = { foId: round.foId, warehouse, missing: lines };
    if (pick(2) === 0) this.say('allocation', 'flotilla.allocation.v1.PickShort', data);
    else this.say('allocation', 'flotilla.allocation.v1.StockDisplaced', data);
  }

  private carrierReads(): void {
    const event = this.unit.written[this.read.carrier++]!;
    if (event.type === 'FulfilmentReleased') {
      const { foId, parcelId, warehouse, orders: shares } = event.data as orders.FulfilmentReleased;
      this.parcels.push({ foId, parcelId, warehouse, orders: shares, change: [], stage: 'ASKED', cancel: false, milestones: 0, over: false, lost: false });
    }
    if (event.type === 'FulfilmentCancelRequested') this.parcel((event.data as orders.FulfilmentCancelRequested).parcelId).cancel = true;
    if (event.type === 'FulfilmentChangeRequested') this.parcel((event.data as orders.FulfilmentChangeRequested).parcelId).change.push((event.data as orders.FulfilmentChangeRequested).changeId);
  }

  private parcel(parcelId: string): ParcelModel {
    return this.parcels.find((one) => one.parcelId === parcelId)!;
  }

  private parcelMoves(parcel: ParcelModel, help: boolean, moves: ((pick: Pick) => unknown)[]): void {
    const { foId, parcelId, orders: shares } = parcel;
    const ids = { parcelId, foId };
    const said = <Name extends MessageName & InputName>(type: Name, data: Messages[Name]): void => this.say('parcel', type, data);
    const open = parcel.stage === 'ASKED' || parcel.stage === 'ISSUED';
    if (parcel.stage === 'ASKED' && !parcel.cancel) {
      moves.push(() => {
        parcel.stage = 'ISSUED';
        said('flotilla.carrier.v1.WaybillIssued', waybill(foId, parcelId, `SF${++this.numbers}`, shares));
      });
      if (!help) {
        moves.push((pick) => {
          parcel.stage = 'REFUSED';
          said('flotilla.carrier.v1.CarrierRefused', { ...ids, carrier: ['sf', 'yto', ''][pick(3)]!, reason: 'CARRIER_REFUSED', detail: '' });
        });
        moves.push(() => {
          parcel.stage = 'VOIDED';
          said('flotilla.carrier.v1.ParcelVoided', { ...ids, waybill: '', reason: 'by hand' });
        });
      }
    }
    if (parcel.change.length > 0 && parcel.stage !== 'VOIDED' && parcel.stage !== 'REFUSED') {
      moves.push((pick) => {
        const changeId = parcel.change.shift()!;
        if (parcel.stage === 'SHIPPED') said('flotilla.carrier.v1.ChangeRefused', { ...ids, changeId, reason: 'SHIPPED' });
        else if (pick(2) === 0) said('flotilla.carrier.v1.ChangeRefused', { ...ids, changeId, reason: 'NOT_POSSIBLE' });
        else said('flotilla.carrier.v1.ParcelChanged', { ...ids, changeId });
      });
    }
    // Void and ship exclude one another: the parcel's own stream decides.
    if (parcel.cancel && open) {
      moves.push(() => {
        parcel.stage = 'VOIDED';
        said('flotilla.carrier.v1.ParcelVoided', { ...ids, waybill: '', reason: 'asked' });
      });
    } else if (parcel.cancel) {
      moves.push(() => {
        parcel.cancel = false;
        if (parcel.stage === 'SHIPPED') said('flotilla.carrier.v1.CancelRefused', { ...ids, reason: 'SHIPPED' });
      });
    }
    if (parcel.stage === 'ISSUED' && (!parcel.cancel || !help)) moves.push((pick) => this.ship(parcel, pick(4) === 0 && !help));
    if (parcel.stage === 'SHIPPED' && !parcel.over) moves.push((pick) => this.travel(parcel, help ? 0 : pick(6), pick(2) === 0));
  }

  private ship(parcel: ParcelModel, externally: boolean): void {
    parcel.stage = 'SHIPPED';
    const { parcelId, orders: shares } = parcel;
    const common_ = { parcelId, foId: parcel.foId, orders: shares, carrier: 'sf', waybill: `SF${this.numbers}`, shippedAt: this.time };
    if (externally) return this.say('parcel', 'flotilla.carrier.v1.ParcelShippedExternally', { ...common_, warehouse: '' });
    const { plan } = this.fulfilment;
    const data: carrier.ParcelShipped = { ...common_, warehouse: parcel.warehouse, service: 'STANDARD', shipTo: plan!.shipTo, buyer: plan!.buyer, number: '#1001', items: [], freight: usd(450), dueAt: '', pickupPlace: '' };
    this.say('parcel', 'flotilla.carrier.v1.ParcelShipped', data);
  }

  private shipExternally({ foId, plan }: FulfilmentState): void {
    const shares = plan!.orders;
    this.external = { foId, parcelId: 'external-1', warehouse: '', orders: shares, change: [], stage: 'SHIPPED', cancel: false, milestones: 0, over: false, lost: false };
    this.say('parcel', 'flotilla.carrier.v1.ParcelShippedExternally', { parcelId: 'external-1', foId, orders: shares, carrier: 'yto', waybill: 'YT1', shippedAt: this.time, warehouse: '' });
  }

  private travel(parcel: ParcelModel, choice: number, again: boolean): void {
    this.minutes += 1;
    const milestone = (name: tracking.Milestone): void =>
      this.say('tracking', 'flotilla.tracking.v1.MilestoneReached', { parcelId: parcel.parcelId, foId: parcel.foId, orders: parcel.orders, carrier: 'sf', waybill: '', milestone: name, occurredAt: this.time, place: '', pushed: false });
    const next = journey[parcel.milestones];
    if (choice === 5) {
      parcel.over = true;
      return milestone('MILESTONE_RETURNED');
    }
    if (choice === 4 && !parcel.lost) {
      // Some turn up again.
      parcel.lost = true;
      parcel.over = again;
      return this.say('parcel', 'flotilla.carrier.v1.ParcelLost', { parcelId: parcel.parcelId, foId: parcel.foId, carrier: 'sf', waybill: '' });
    }
    if (next) {
      parcel.milestones += 1;
      return milestone(next);
    }
    parcel.over = true;
    return milestone('MILESTONE_DELIVERED');
  }

  private settle(): void {
    this.settled = true;
    this.say('settlement', 'flotilla.settlement.v1.OrderSettled', { orderId, statementId: 'st-1', net: usd(3_400), settledAt: this.time });
  }
}
