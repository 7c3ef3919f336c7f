/*
 * One question to a warehouse: the lock's memory and the stock of all its SKUs move as one unit.
 *
 * the lock says       stock of each line                undo
 * StockLocked         HoldStock      free → held        StockReleased, StockLockExpired
 * StockConfirmed      ConfirmHold    held → confirmed   StockReleased
 * StockLockExpired    ReleaseHold    held → free        –
 * StockReleased       ReleaseHold    held | confirmed → free
 * StockConsumed       TakeStock      confirmed → gone   –
 * refusals, repeats, tombstones: nothing
 */
import type { common, lock as wire } from '@flotilla/contracts';
import type { AnyDecider } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import { lock, type Ask, type LockCommand, type LockState } from '../decide/lock.decider.js';
import type { LockEvent } from '../decide/lock.events.js';
import { stockId, summed } from '../decide/names.js';
import { stock, type StockCommand } from '../decide/stock.decider.js';
import { freeOf, keptFrom, promisable } from '../decide/stock.events.js';
import { warehouse } from '../decide/warehouse.decider.js';

/** The participant's clock and how long it grants a lock. */
export interface Terms {
  readonly at: string;
  readonly leaseMs: number;
}

/** The stock that a lock request needs; the other questions find theirs in the lock's memory. */
export const stockOfAsk = (site: string, lines: readonly common.SkuQuantity[]): readonly (readonly [AnyDecider, string])[] =>
  summed(lines).map(({ sku }): [AnyDecider, string] => [stock, stockId(site, sku)]);

/** The streams that a lock of these lines touches. */
export const streamsOfLock = (lockId: string, site: string, lines: readonly common.SkuQuantity[]): readonly (readonly [AnyDecider, string])[] => [[lock, lockId], ...stockOfAsk(site, lines)];

/** `LockStock`: all lines or none, decided and written together. */
export const answerLock = (unit: Unit, ask: Ask<wire.LockStock>, { at, leaseMs }: Terms): readonly LockEvent[] => {
  const asked = unit.state(lock, ask.lockId).status === 'NONE' ? summed(ask.lines) : [];
  const shelves = asked.map(({ sku }) => unit.state(stock, stockId(ask.warehouse, sku)));
  const free = asked.map(({ sku }, index) => ({ sku, quantity: freeOf(shelves[index]!) }));
  const kept = asked.map(({ sku }, index) => ({ sku, quantity: keptFrom(shelves[index]!, ask.priority) })).filter(({ quantity }) => quantity > 0);
  const short = asked.some(({ quantity }, index) => promisable(shelves[index]!, ask.priority) < quantity);
  // Read only for the reason of a refusal: whatever a unit reads is guarded, and a grant needs no guard on the site.
  const known = !short || unit.state(warehouse, ask.warehouse) !== null;
  const fence = 1 + Math.max(0, ...asked.map(({ sku }) => unit.version(stock, stockId(ask.warehouse, sku))));
  const expiresAt = new Date(Date.parse(at) + leaseMs).toISOString();
  return run(unit, ask.lockId, ask.warehouse, { type: 'LockStock', data: { ask, free, kept, fence, known, at, expiresAt } }, ask.priority);
};

/** `ConfirmStock`, if the lease lasts and the fence is right. */
export const answerConfirm = (unit: Unit, ask: Ask<wire.ConfirmStock>, { at }: Terms): readonly LockEvent[] => run(unit, ask.lockId, ask.warehouse, { type: 'ConfirmStock', data: { ask, at } });

/** `ReleaseStock`, at any time; a lock never seen becomes a tombstone. */
export const answerRelease = (unit: Unit, ask: Ask<wire.ReleaseStock>): readonly LockEvent[] => run(unit, ask.lockId, ask.warehouse, { type: 'ReleaseStock', data: { ask } }, 0, ask.reason);

/** `ConsumeStock`: the goods have left. */
export const answerConsume = (unit: Unit, ask: Ask<wire.ConsumeStock>): readonly LockEvent[] => run(unit, ask.lockId, ask.warehouse, { type: 'ConsumeStock', data: { ask } });

/** The lease is looked at; it ends only here or at a late question. */
export const expireLock = (unit: Unit, lockId: string, at: string): void => {
  const site = unit.state(lock, lockId).reply?.data.warehouse;
  if (site !== undefined) run(unit, lockId, site, { type: 'ExpireLock', data: { at } });
};

/** Takes promises back, in this order, until `needed` more of a SKU are free. Answers how much is still lacking. */
export const displace = (unit: Unit, site: string, sku: string, needed: number, victims: readonly string[]): number => {
  let lacking = needed;
  for (const lockId of victims) {
    if (lacking <= 0) break;
    const mine = quantityOf(unit.state(lock, lockId), sku);
    if (mine === 0) continue;
    run(unit, lockId, site, { type: 'DisplaceLock', data: { missing: [{ sku, quantity: Math.min(mine, lacking) }] } }, 0, 'DISPLACED');
    lacking -= mine;
  }
  return Math.max(0, lacking);
};

const quantityOf = (state: LockState, sku: string): number => state.lines.find((line) => line.sku === sku)?.quantity ?? 0;

const run = (unit: Unit, lockId: string, site: string, command: LockCommand, priority = 0, cause = ''): readonly LockEvent[] => {
  const before = unit.state(lock, lockId);
  const events = unit.run(lock, lockId, command);
  for (const event of events) {
    for (const [sku, movement] of movements(before, event, site, priority, cause)) {
      // A lock that moved without its stock would be a leak. Redelivery cannot cause it: both streams have applied the same.
      if (unit.run(stock, stockId(site, sku), movement).length === 0) throw new Error(`lock ${lockId} moved, ${stockId(site, sku)} did not`);
    }
  }
  return events;
};

const movements = (before: LockState, event: LockEvent, site: string, priority: number, cause: string): readonly (readonly [string, StockCommand])[] => {
  if (event.type === 'LockAnswered') return [];
  const { lockId, foId } = event.data;
  const share = ({ sku, quantity }: common.SkuQuantity) => ({ warehouse: site, sku, lockId, foId, quantity });
  const from = before.status === 'CONFIRMED' ? 'confirmed' : 'held';
  const each = (lines: readonly common.SkuQuantity[], toCommand: (line: common.SkuQuantity) => StockCommand): readonly (readonly [string, StockCommand])[] =>
    lines.map((line) => [line.sku, toCommand(line)]);
  switch (event.type) {
    case 'StockLocked':
      return each(event.data.lines, (line) => ({ type: 'HoldStock', data: { ...share(line), priority } }));
    case 'StockConfirmed':
      return each(before.lines, (line) => ({ type: 'ConfirmHold', data: share(line) }));
    case 'StockLockExpired':
      return each(before.lines, (line) => ({ type: 'ReleaseHold', data: { ...share(line), from, cause: 'EXPIRED' } }));
    case 'StockReleased':
      return each(before.lines, (line) => ({ type: 'ReleaseHold', data: { ...share(line), from, cause } }));
    case 'StockConsumed':
      return each(before.lines, (line) => ({ type: 'TakeStock', data: { ...share(line), parcelId: event.data.parcelId } }));
    case 'StockLockRefused':
      return [];
    default:
      return [];
  }
};
