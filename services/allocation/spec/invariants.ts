import { allocation } from '../src/decide/allocation.decider.js';
import type { AllocationEvent } from '../src/decide/allocation.events.js';
import { isLive } from '../src/decide/allocation.state.js';
import { lock } from '../src/decide/lock.decider.js';
import { stockId } from '../src/decide/names.js';
import { stock } from '../src/decide/stock.decider.js';
import type { StockEvent } from '../src/decide/stock.events.js';
import type { MemoryStore } from './memory-store.js';

const sum = <T>(items: Iterable<T>, of: (item: T) => number): number => [...items].reduce((total, item) => total + of(item), 0);

/** What must hold after every step; the numbers are those of the saga's invariants I1–I3. */
export const broken = (store: MemoryStore): readonly string[] => {
  const found: string[] = [];
  const locks = store.all(lock);
  const promised = new Map<string, { held: number; confirmed: number }>();
  const settledPerFo = new Map<string, number>();
  for (const { status, reply, lines } of locks.values()) {
    const { foId, warehouse } = reply!.data;
    if (status === 'CONFIRMED' || status === 'CONSUMED') settledPerFo.set(foId, (settledPerFo.get(foId) ?? 0) + 1);
    if (status !== 'LOCKED' && status !== 'CONFIRMED') continue;
    for (const { sku, quantity } of lines) {
      const sums = promised.get(stockId(warehouse, sku)) ?? { held: 0, confirmed: 0 };
      promised.set(stockId(warehouse, sku), status === 'LOCKED' ? { ...sums, held: sums.held + quantity } : { ...sums, confirmed: sums.confirmed + quantity });
    }
  }
  for (const [id, { onHand, unsellable, held, confirmed }] of store.all(stock)) {
    if (Math.min(onHand, unsellable, held, confirmed) < 0 || held + confirmed > onHand - unsellable) found.push(`I1 ${id}: ${held} + ${confirmed} of ${onHand} − ${unsellable}`);
    const sums = promised.get(id) ?? { held: 0, confirmed: 0 };
    if (held !== sums.held || confirmed !== sums.confirmed) found.push(`I2 ${id}: ${held}/${confirmed}, its locks have ${sums.held}/${sums.confirmed}`);
  }
  for (const [foId, count] of settledPerFo) if (count > 1) found.push(`I3 ${foId} has ${count} confirmed or consumed locks`);
  return found;
};

/** What must hold besides when nothing moves any more: I4–I7, one claim per round, and nothing waits for nothing. */
export const unsettled = (store: MemoryStore, isServable: (foId: string) => boolean): readonly string[] => {
  const found: string[] = [...broken(store), ...store.differing().map((stream) => `I6 ${stream} folds to another state`)];
  const locks = store.all(lock);
  for (const [id, { status }] of locks) if (status === 'LOCKED') found.push(`I4 ${id} is still locked`);
  for (const [foId, saga] of store.all(allocation)) {
    const held = [...locks].filter(([, { reply }]) => reply?.data.foId === foId);
    const confirmed = held.filter(([, { status }]) => status === 'CONFIRMED').map(([id]) => id);
    const consumed = held.filter(([, { status }]) => status === 'CONSUMED').map(([id]) => id);
    const expected = saga.phase === 'ALLOCATED' ? saga.parts : [];
    if (confirmed.join() !== expected.join()) found.push(`I5 ${foId} is ${saga.phase}, confirmed: ${confirmed.join() || 'none'}`);
    if ((saga.phase === 'CONSUMED') !== (consumed.length === 1)) found.push(`I5 ${foId} is ${saga.phase}, consumed: ${consumed.join() || 'none'}`);
    if (['ENDING', 'ASKING', 'CONFIRMING', 'RELEASING'].includes(saga.phase)) found.push(`L1 ${foId} is stuck in ${saga.phase}`);
    if (saga.phase !== 'ALLOCATED' && Object.values(saga.locks).some(isLive)) found.push(`L1 ${foId} is ${saga.phase} and waits for locks`);
    if (saga.phase === 'BACKORDERED' && isServable(foId)) found.push(`L2 ${foId} is backordered while there is stock`);
    const claims = store.events(`allocation-${foId}`).filter(({ type }) => type === 'AllocationClaimed').map((event) => (event as unknown as Extract<AllocationEvent, { type: 'AllocationClaimed' }>).data.lockRound);
    if (new Set(claims).size !== claims.length) found.push(`two claims in a round of ${foId}`);
  }
  for (const [id, { onHand }] of store.all(stock)) {
    const events = store.events(`stock-${id}`) as unknown as readonly StockEvent[];
    const counted = events.findLastIndex(({ type }) => type === 'StockCounted');
    const opening = counted < 0 ? 0 : events[counted]!.data.level.onHand;
    const since = events.slice(counted + 1);
    const taken = sum(since, (event) => (event.type === 'StockTaken' ? event.data.quantity : 0));
    const adjusted = sum(since, (event) => (event.type === 'StockAdjusted' ? event.data.delta : 0));
    if (onHand !== opening + adjusted - taken) found.push(`I7 ${id}: ${opening} + ${adjusted} − ${taken} ≠ ${onHand}`);
    for (const event of events) if (event.type === 'StockTaken' && locks.get(event.data.lockId)?.status !== 'CONSUMED') found.push(`I7 ${id}: taken without lock ${event.data.lockId}`);
  }
  return found;
};
