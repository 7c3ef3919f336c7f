import { serviceNames } from '@flotilla/tasks';
import { businessClock } from '@flotilla/values';
import { check, type Invariant } from '../invariant.ts';
import type { Sources } from '../sources.ts';
import type { OrderLife, Parcels } from './lifecycle.ts';

const slackMs = 60_000;

interface Known {
  readonly parcels: Parcels;
  /** foId → last event of its saga. */
  readonly sagas: ReadonlyMap<string, string>;
  /** Orders that settlement waits to be paid for. */
  readonly receivables: ReadonlySet<string>;
}

/** Invariant 7: nothing waits for nothing, and no timer is overdue. */
export const waitingInvariants = async (sources: Sources, lives: ReadonlyMap<string, OrderLife>, known: Known): Promise<readonly Invariant[]> => {
  const waits = check('7 every order that is not finished waits for something that exists');
  const punctual = check('7 no timer is overdue');
  const clock = businessClock(sources.run.clock || undefined);
  const timers = new Map<string, string[]>();
  for (const service of serviceNames) {
    const rows = await sources.query<{ key: string; clock: string; due_at: Date }>(service, 'SELECT key, clock, due_at FROM es.timer');
    timers.set(service, rows.map(({ key }) => key));
    for (const { key, clock: which, due_at } of rows) {
      const dueWall = which === 'business' ? clock.toWallMs(due_at.getTime()) : due_at.getTime();
      punctual.that(dueWall > Date.now() - slackMs, () => `${service}: timer ${key} was due ${Math.round((Date.now() - dueWall) / 1_000)} s ago`);
    }
  }
  const timer = (service: string, id: string): boolean => (timers.get(service) ?? []).some((key) => key.includes(id));
  const exists = (orderId: string, life: OrderLife): boolean => {
    if (life.holds.size > 0 || timer('order-core', orderId)) return true;
    const { parcels, sagas, receivables } = known;
    switch (life.asked) {
      case 'ALLOCATION':
      case 'RELEASE_OF_STOCK':
        return sagas.has(orderId);
      case 'WAYBILL':
      case 'VOID':
        return parcels.open.has(life.parcelId) || parcels.waybilled.has(life.parcelId);
      case 'DELIVERY':
        return timer('tracking', life.parcelId);
      case 'SETTLEMENT':
        return receivables.has(orderId);
      default:
        return false;
    }
  };
  for (const [orderId, life] of lives) {
    waits.that(life.state !== 'open' || exists(orderId, life), () => `order ${orderId} (${life.channel}/${life.channelOrderId}) waits for ${life.asked || (life.unpaid ? 'payment' : 'audit')}, and there is nothing that would bring it on`);
  }
  return [waits.done(), punctual.done({ allowNothing: true })];
};
