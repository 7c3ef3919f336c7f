/*
 * A lock in a warehouse system and what follows here, as one unit: the forecast that its lines hold, and what the shelf there
 * is known to have moved.
 *
 * the lock                                    the forecast (stock-…)        the shelf there (wmsshelf-…)
 * is wanted                                   HoldStock                     asking
 * is there                                    –                             lock, at its position
 * is confirmed there                          ConfirmHold                   –
 * is to be consumed / released                –                             leaving / returning
 * is over there                               ReleaseHold | TakeStock       unlock | take, at its position
 * is taken back, since the goods are missing  ReleaseHold                   returning
 */
import type { common, lock as wire } from '@flotilla/contracts';
import type { AnyDecider } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import { stockId, summed } from '../../decide/names.js';
import { stock, type StockCommand } from '../../decide/stock.decider.js';
import { promisable } from '../../decide/stock.events.js';
import { isPromise, wmsLock, type SaidThere, type WmsLock, type WmsLockCommand } from '../../decide/wms/lock.decider.js';
import type { LockThere } from '../../decide/wms/lock.events.js';
import { netted, nothingUnderWay, plus, wmsShelf, type Move, type UnderWay, type WmsShelfCommand } from '../../decide/wms/shelf.decider.js';
import { LocksNeeded } from '../shelf.js';

/** Locks that may lose their promise, in this order. */
export type Victims = readonly string[];

export const nobody: Victims = [];

/** The streams that a lock of these lines touches. */
export const streamsOfLock = (lockId: string, site: string, lines: readonly common.SkuQuantity[]): readonly (readonly [AnyDecider, string])[] => [
  [wmsLock, lockId],
  ...summed(lines).flatMap(({ sku }): (readonly [AnyDecider, string])[] => [[stock, stockId(site, sku)], [wmsShelf, stockId(site, sku)]]),
];

/** `LockStock`: refused at once if even the forecast is short, else a call is owed. */
export const askLock = (unit: Unit, ask: Omit<wire.LockStock, 'answered'>): void => {
  const { ask: before, reply } = unit.state(wmsLock, ask.lockId);
  const free = before || reply ? [] : summed(ask.lines).map(({ sku }) => ({ sku, quantity: promisable(unit.state(stock, stockId(ask.warehouse, sku)), ask.priority) }));
  act(unit, ask.lockId, ask.warehouse, { type: 'LockStock', data: { ask, free } }, nobody);
};

export const askConfirm = (unit: Unit, ask: Omit<wire.ConfirmStock, 'answered'>, at: string): void => act(unit, ask.lockId, ask.warehouse, { type: 'ConfirmStock', data: { ask, at } }, nobody);
export const askRelease = (unit: Unit, ask: Omit<wire.ReleaseStock, 'answered'>): void => act(unit, ask.lockId, ask.warehouse, { type: 'ReleaseStock', data: { ask } }, nobody);
export const askConsume = (unit: Unit, ask: Omit<wire.ConsumeStock, 'answered'>): void => act(unit, ask.lockId, ask.warehouse, { type: 'ConsumeStock', data: { ask } }, nobody);

/** The lease is looked at. */
export const expireWmsLock = (unit: Unit, lockId: string, at: string): void => {
  const { ask } = unit.state(wmsLock, lockId);
  if (ask) act(unit, lockId, ask.warehouse, { type: 'ExpireLock', data: { at } }, nobody);
};

/**
 * What the system said of a lock. A refusal is also news of its stock. Throws `LocksNeeded` if more turns out to be promised than is there
 * and `victims` do not suffice.
 */
export const hear = (unit: Unit, lockId: string, command: WmsLockCommand, victims: Victims): void => {
  const { ask } = unit.state(wmsLock, lockId);
  if (!ask) return;
  const told = command.type === 'SettleCall' && command.data.said.there === 'REFUSED' ? shortage(ask, command.data.said) : [];
  act(unit, lockId, ask.warehouse, command, victims);
  for (const { sku, quantity, position } of told) {
    const shelf = unit.state(wmsShelf, stockId(ask.warehouse, sku));
    // A system without positions says it of what is known already.
    tellStock(unit, { type: 'TellStock', data: { warehouse: ask.warehouse, sku, meaning: 'SELLABLE', figure: quantity, unsellable: shelf.unsellable, position: position || shelf.position } }, victims);
  }
};

// Whoever refuses without being short, or without saying of what, has nothing until a feed says otherwise: else the same question would be put for ever.
const shortage = (ask: Omit<wire.LockStock, 'answered'>, { free, position }: SaidThere): readonly (common.SkuQuantity & { readonly position: number })[] => {
  const there = new Map(free.map(({ sku, quantity }) => [sku, quantity]));
  const short = summed(ask.lines).filter(({ sku, quantity }) => (there.get(sku) ?? 0) < quantity);
  return short.length > 0 ? short.map(({ sku }) => ({ sku, quantity: there.get(sku) ?? 0, position })) : summed(ask.lines).map(({ sku }) => ({ sku, quantity: 0, position }));
};

/**
 * A figure of one SKU, not `told` if it was older than what is known, or did not follow it. Locks are taken back in the order
 * of `victims` if need be.
 */
export const tellStock = (unit: Unit, command: Exclude<WmsShelfCommand, { type: 'NoteMoves' }>, victims: Victims): { readonly told: boolean; readonly displaced: number } => {
  const { warehouse: site, sku } = command.data;
  const told = unit.run(wmsShelf, stockId(site, sku), command).length > 0;
  return { told, displaced: told ? forecast(unit, site, sku, victims) : 0 };
};

// The forecast follows the shelf there; what cannot be kept is taken back first, as the ledger itself never holds more promises than goods.
const forecast = (unit: Unit, site: string, sku: string, victims: Victims): number => {
  const id = stockId(site, sku);
  const shelf = unit.state(wmsShelf, id);
  if (shelf.meaning === '') return 0;
  const promised = (): number => unit.state(stock, id).held + unit.state(stock, id).confirmed;
  let { lacking } = netted(shelf, promised());
  let displaced = 0;
  const others = new Set<string>();
  for (const lockId of victims) {
    if (lacking <= 0) break;
    const lock = unit.state(wmsLock, lockId);
    const mine = isPromise(lock) ? heldOf(lock, sku) : 0;
    if (mine === 0) continue;
    for (const moved of step(unit, lockId, site, { type: 'DisplaceLock', data: { missing: [{ sku, quantity: Math.min(mine, lacking) }] } })) if (moved !== sku) others.add(moved);
    displaced += 1;
    ({ lacking } = netted(unit.state(wmsShelf, id), promised()));
  }
  // Who holds all that is still promised is everybody: what is lacking beyond them was promised by somebody else.
  if (lacking > 0 && victims.reduce((all, lockId) => all + heldOf(unit.state(wmsLock, lockId), sku), 0) < promised()) throw new LocksNeeded(site, sku, lacking);
  follow(unit, site, sku);
  for (const other of others) displaced += forecast(unit, site, other, victims);
  return displaced;
};

const follow = (unit: Unit, site: string, sku: string): void => {
  const id = stockId(site, sku);
  const shelf = unit.state(wmsShelf, id);
  const { unsellable, position } = shelf;
  const { held, confirmed, ...level } = unit.state(stock, id);
  const { free } = netted(shelf, held + confirmed);
  const onHand = free + held + confirmed + unsellable;
  if (onHand === level.onHand && unsellable === level.unsellable && level.known) return;
  unit.run(stock, id, { type: 'ForecastStock', data: { warehouse: site, sku, level: { onHand, unsellable, held, confirmed }, from: 'WMS', asOf: position, at: '' } });
};

const act = (unit: Unit, lockId: string, site: string, command: WmsLockCommand, victims: Victims): void => {
  for (const sku of step(unit, lockId, site, command)) forecast(unit, site, sku, victims);
};

// The lock, what it holds and the shelves there. Answers the SKUs whose forecast may have to follow.
const step = (unit: Unit, lockId: string, site: string, command: WmsLockCommand): readonly string[] => {
  const before = unit.state(wmsLock, lockId);
  let state = before;
  let position = 0;
  for (const event of unit.run(wmsLock, lockId, command)) {
    const after = wmsLock.evolve(state, event);
    if (event.type === 'CallSettled' || event.type === 'EndedThere') ({ position } = event.data);
    for (const [sku, movement] of movements(state, after, site)) unit.run(stock, stockId(site, sku), movement);
    state = after;
  }
  if (state === before || !state.ask) return [];
  const moves = movesThere(before.there, state.there);
  const change = plus(underWay(state), underWay(before), -1);
  for (const { sku, quantity } of state.lines) {
    if (moves.length > 0 || Object.values(change).some((one) => one !== 0)) {
      const data = { warehouse: site, sku, lockId, moves: moves.map((kind): Move => ({ kind, quantity, position })), change: plus(nothingUnderWay, change, quantity) };
      unit.run(wmsShelf, stockId(site, sku), { type: 'NoteMoves', data });
    }
  }
  return state.lines.map(({ sku }) => sku);
};

const heldOf = (lock: WmsLock, sku: string): number => (isHeld(lock) ? (lock.lines.find((line) => line.sku === sku)?.quantity ?? 0) : 0);
const isThere = (there: LockThere | ''): boolean => there === 'LOCKED' || there === 'CONFIRMED';
const isHeld = ({ ask, there, calling, missing, reply }: WmsLock): boolean => ask !== null && missing.length === 0 && (isThere(there) || (there === '' && !(calling === '' && reply !== null)));
// Of one unit of each line.
const underWay = (state: WmsLock): UnderWay => {
  const { ask, there, calling, reply, wanted, missing } = state;
  const asking = ask !== null && there === '' && !(calling === '' && reply !== null);
  const back = wanted === 'RELEASED';
  const flags = { asking, voiding: asking && back && missing.length === 0, leaving: isThere(there) && wanted === 'CONSUMED', returning: isThere(there) && back && missing.length === 0, displaced: isThere(there) && missing.length > 0 };
  return { asking: Number(flags.asking), voiding: Number(flags.voiding), leaving: Number(flags.leaving), returning: Number(flags.returning), displaced: Number(flags.displaced) };
};

const holding = (state: WmsLock): '' | 'held' | 'confirmed' => (isHeld(state) ? (state.there === 'CONFIRMED' ? 'confirmed' : 'held') : '');

const movesThere = (before: LockThere | '', after: LockThere | ''): readonly Move['kind'][] => {
  if (before === after || (isThere(before) && isThere(after))) return [];
  if (isThere(after)) return ['lock'];
  if (after === 'CONSUMED') return isThere(before) ? ['take'] : ['lock', 'take'];
  return isThere(before) ? ['unlock'] : [];
};

const movements = (before: WmsLock, after: WmsLock, site: string): readonly (readonly [string, StockCommand])[] => {
  const [from, to] = [holding(before), holding(after)];
  const ask = after.ask;
  if (from === to || !ask) return [];
  const { lockId, foId, priority } = ask;
  return after.lines.flatMap(({ sku, quantity }): (readonly [string, StockCommand])[] => {
    const share = { warehouse: site, sku, lockId, foId, quantity };
    const confirm: readonly [string, StockCommand] = [sku, { type: 'ConfirmHold', data: share }];
    if (from === '') return [[sku, { type: 'HoldStock', data: { ...share, priority } }], ...(to === 'confirmed' ? [confirm] : [])];
    if (to === 'confirmed') return [confirm];
    if (to === '' && after.there === 'CONSUMED') return [...(from === 'held' ? [confirm] : []), [sku, { type: 'TakeStock', data: { ...share, parcelId: after.parcelId } }]];
    return [[sku, { type: 'ReleaseHold', data: { ...share, from: from === 'confirmed' ? 'confirmed' : 'held', cause: after.reason || after.there } }]];
  });
};
