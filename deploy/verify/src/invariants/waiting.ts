import { serviceNames } from '@flotilla/tasks';
import { businessClock } from '@flotilla/values';
import { check, type Invariant } from '../invariant.ts';
import type { Sources } from '../sources.ts';
import type { FulfilmentLife, OrderLife, Parcels } from './lifecycle.ts';

const slackSeconds = 60;

interface Known {
  readonly parcels: Parcels;
  /** foId → last event of its saga. */
  readonly sagas: ReadonlyMap<string, string>;
  /** Orders that settlement waits to be paid for. */
  readonly receivables: ReadonlySet<string>;
  /** Timers are overdue as of this instant. */
  readonly asOf: Date;
}

/** Invariant 7: nothing waits for nothing, and no timer is overdue. */
export const waitingInvariants = async (sources: Sources, lives: ReadonlyMap<string, OrderLife>, known: Known): Promise<readonly Invariant[]> => {
  const waits = check('7 every order that is not finished waits for something that exists');
  const punctual = check('7 no service has an overdue timer');
  const clock = businessClock(sources.run.clock || undefined);
  const timers = new Map<string, string[]>();
  for (const service of serviceNames) {
    const rows = await sources.query<{ key: string; clock: string; due_at: Date }>(service, 'SELECT key, clock, due_at FROM es.timer');
    timers.set(service, rows.map(({ key }) => key));
    // One check per service: that none of its timers is overdue, however many run.
    const late = rows.flatMap(({ key, clock: which, due_at }) => {
      const seconds = (known.asOf.getTime() - (which === 'business' ? clock.toWallMs(due_at.getTime()) : due_at.getTime())) / 1_000;
      return seconds > slackSeconds ? [`timer ${key} was due ${Math.round(seconds)} s ago`] : [];
    });
    punctual.that(late.length === 0, () => `${service}: ${late.slice(0, 3).join(', ')}${late.length > 3 ? ` and ${late.length - 3} more` : ''}`);
  }
  const polled = new Set((await sources.query<{ waybill: string }>('tracking', 'SELECT waybill FROM read.poll')).map(({ waybill }) => waybill));
  const timer = (service: string, id: string): boolean => (timers.get(service) ?? []).some((key) => key.includes(id));
  const exists = (orderId: string, life: OrderLife): boolean => {
    if (life.holds.size > 0 || timer('order-core', `payment/${orderId}`)) return true;
    // Each of its fulfilment orders comes on, or has ended; once all have, it waits to be paid for.
    const open = [...life.fulfilments].filter(([, { asked }]) => asked !== 'ENDED');
    return open.length > 0 ? open.every(([foId, one]) => comesOn(orderId, foId, one)) : life.fulfilments.size > 0 && known.receivables.has(orderId);
  };
  const comesOn = (orderId: string, foId: string, life: FulfilmentLife): boolean => {
    if (timer('order-core', foId)) return true;
    const { parcels, sagas, receivables } = known;
    switch (life.asked) {
      case 'ALLOCATION':
      case 'RELEASE_OF_STOCK':
        return sagas.has(foId);
      case 'WAYBILL':
      case 'VOID':
      case 'DELIVERY':
      case 'SETTLEMENT': {
        const underWay = [...life.parcels].filter(([, stage]) => stage !== 'delivered');
        if (underWay.length === 0) return receivables.has(orderId);
        return underWay.every(([id, stage]) => (stage === 'asked' ? parcels.open.has(id) || parcels.waybilled.has(id) : polled.has(parcels.waybilled.get(id) ?? '')));
      }
      default:
        return false;
    }
  };
  for (const [orderId, life] of lives) {
    waits.that(life.state !== 'open' || exists(orderId, life), () => `order ${orderId} (${life.channel}/${life.channelOrderId}) waits for ${[...life.fulfilments.values()].map(({ asked }) => asked).join(', ') || (life.unpaid ? 'payment' : 'audit')}, and there is nothing that would bring it on`);
  }
  return [waits.done(), punctual.done()];
};
