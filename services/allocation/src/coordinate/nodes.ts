import type { order } from '@flotilla/contracts';
import { unreachable } from '@flotilla/decider';
import type { Recorded, TimerChange, Unit } from '@flotilla/event-store';
import { nextDay, type Clock } from '@flotilla/values';
import { allocation, type AllocationCommand } from '../decide/allocation.decider.js';
import type { AllocationEvent } from '../decide/allocation.events.js';
import type { Circumstances } from '../decide/allocation.owed.js';
import { freeze } from '../decide/freeze.decider.js';
import type { FreezeEvent } from '../decide/freeze.events.js';
import { node, standing } from '../decide/node.decider.js';
import type { NodeEvent } from '../decide/node.events.js';
import { warehouse } from '../decide/warehouse.decider.js';
import type { WarehouseEvent } from '../decide/warehouse.events.js';
import { covers, planRoute, type Snapshot } from '../decide/route.js';
import { answerAtHand } from './at-hand.js';

/** What to look at when a node's or a freeze's time is over. Business time. */
export type NodeLook = { readonly kind: 'node'; readonly warehouse: string } | { readonly kind: 'day'; readonly warehouse: string } | { readonly kind: 'freeze'; readonly sku: string };

const atNode = (warehouse: string, dueAt: string | null): TimerChange => ({ key: `node/${warehouse}`, dueAt, clock: 'business', data: dueAt === null ? null : { kind: 'node', warehouse } });
const atFreeze = (sku: string, dueAt: string | null): TimerChange => ({ key: `freeze/${sku}`, dueAt, clock: 'business', data: dueAt === null ? null : { kind: 'freeze', sku } });

const atDay = (warehouse: string, dueAt: string | null): TimerChange => ({ key: `day/${warehouse}`, dueAt, clock: 'business', data: dueAt === null ? null : { kind: 'day', warehouse } });

/** A node that is out, a probe and a freeze by rule are looked at when their time is over; a node that takes so many orders a day at its midnight. */
export const nodeTimers =
  (clock: Clock) =>
  (event: Recorded): readonly TimerChange[] => {
  const { type, data } = event as unknown as NodeEvent | FreezeEvent | WarehouseEvent;
  switch (type) {
    case 'WarehouseDescribed':
      return [atDay(data.warehouse, data.dailyOrders > 0 ? nextDay(new Date(clock.toBusinessMs(Date.parse(event.recordedAt))).toISOString(), data.timeZone) : null)];
    case 'NodeDayBegan':
      return [atDay(data.warehouse, data.until)];
    case 'NodeTripped':
    case 'ProbeStarted':
      return [atNode(data.warehouse, data.until)];
    case 'NodeHalfOpened':
    case 'ProbeDropped':
    case 'NodeRestored':
      return [atNode(data.warehouse, null)];
    case 'SkuFrozen':
      return [atFreeze(data.sku, data.until === '' ? null : data.until)];
    case 'SkuUnfrozen':
      return [atFreeze(data.sku, null)];
    default:
      return [];
  }
};

/** Looks at a node or a freeze whose time may be over. */
export const lookAtNode = (unit: Unit, look: NodeLook, at: string): void => {
  switch (look.kind) {
    case 'node':
      unit.run(node, look.warehouse, { type: 'LookAtNode', data: { warehouse: look.warehouse, at } });
      break;
    case 'day': {
      const site = unit.state(warehouse, look.warehouse);
      if (site && site.dailyOrders > 0) unit.run(node, look.warehouse, { type: 'BeginDay', data: { warehouse: look.warehouse, at, zone: site.timeZone } });
      break;
    }
    case 'freeze':
      unit.run(freeze, look.sku, { type: 'LookAtFreeze', data: { sku: look.sku, at } });
      break;
    default:
      unreachable(look);
  }
};

/** What the saga goes by, and business time; machine time where there is only one clock. */
export type Now = () => Omit<Circumstances, 'snapshot'> & Running;

/** What running the saga's commands needs beside what it decides by: business time, and the lease that a warehouse at hand grants. */
export interface Running {
  readonly business?: string | undefined;
  readonly leaseMs?: number | undefined;
}

const LEASE_MS = 30_000;

/**
 * Runs a command of the saga. A half-open node is planned with only where it is the first choice, and by one order at a
 * time: two orders that want to try it meet in its stream, and the later one plans without it. Reads only half-open
 * nodes, so that the ordinary way guards nothing more.
 */
export const runSaga = (unit: Unit, foId: string, command: AllocationCommand, { business = command.data.now.at, leaseMs = LEASE_MS }: Running = {}): readonly AllocationEvent[] => {
  const { now } = command.data;
  const snapshot = command.type === 'RequestAllocation' ? behindQueue(command.data.now.snapshot, command.data.request) : command.data.now.snapshot;
  const probes = snapshot?.warehouses.filter(({ probe }) => probe === true).map(({ warehouse }) => warehouse) ?? [];
  const planning = (figures: Snapshot | null): AllocationCommand => ({ ...command, data: { ...command.data, now: { ...command.data.now, snapshot: figures } } }) as AllocationCommand;
  if (!snapshot || probes.length === 0) return answerAtHand(unit, foId, unit.run(allocation, foId, planning(snapshot)), { ...now, snapshot }, leaseMs);
  const untried = without(snapshot, probes.filter((warehouse) => standing(unit.state(node, warehouse)) !== 'PROBING'), 'BREAKER: another order tries it');
  const request = command.type === 'RequestAllocation' ? command.data.request : unit.state(allocation, foId).request;
  const first = request && covers(untried, request) ? (planRoute(request, untried).plans[0]?.parts.map(({ warehouse }) => warehouse) ?? []) : [];
  const figures = without(untried, probes.filter((warehouse) => !first.includes(warehouse)), 'BREAKER: not the first choice of this order');
  const events = answerAtHand(unit, foId, unit.run(allocation, foId, planning(figures)), { ...now, snapshot: figures }, leaseMs);
  for (const event of events) {
    if (event.type === 'LockAsked' && probes.includes(event.data.warehouse)) unit.run(node, event.data.warehouse, { type: 'StartProbe', data: { warehouse: event.data.warehouse, foId, at: business } });
  }
  return events;
};

// A new order takes nothing from those that wait: it enters the queue behind them, and is served in its turn.
const behindQueue = (snapshot: Snapshot | null, { lines, priority }: order.AllocationRequested): Snapshot | null => {
  const behind = lines.map(({ sku }) => sku).filter((sku) => (snapshot?.queued?.[sku] ?? -Infinity) >= priority);
  return snapshot && behind.length > 0 ? { ...snapshot, behind } : snapshot;
};

const without = (snapshot: Snapshot, warehouses: readonly string[], out: string): Snapshot =>
  warehouses.length === 0 ? snapshot : { ...snapshot, warehouses: snapshot.warehouses.map((site) => (warehouses.includes(site.warehouse) && !site.out ? { ...site, out } : site)) };
