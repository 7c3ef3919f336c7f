import { describe, expect, it } from '@jest/globals';
import { Conflict, silentLogger, type EventStore, type Recorded, type Task } from '@flotilla/event-store';
import { MemoryUnit } from '@flotilla/testing';
import { parcelIdOf } from '@flotilla/values';
import { buyer, content, shipTo, usd, waybill } from '../../spec/samples.js';
import { actByHand } from '../coordinate/conduct.js';
import { inputs, type InputName, type Terms } from '../coordinate/inputs.js';
import type { Act } from '../decide/actions.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { operation, type OperationEvent, type Outcome } from '../decide/operation.decider.js';
import { order } from '../decide/order.decider.js';
import { workOff } from './operation-work.js';

const at = '2026-11-30T09:00:00.000Z';
const terms: Terms = { rules: { riskLimit: 50_000, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' }, carriers: ['sf'], at };
const idOf = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
const named = (id: string): string => `o${id.at(-1)}`;
const of = (code: string): Error => Object.assign(new Error(`postgres says ${code}`), { code });

/** Orders, an operation upon them, and an append that fails as `fails` says; nothing of a failed one stays. */
const work = (orders: number, act: Act, fails: (ids: readonly string[], appends: number) => Error | undefined) => {
  const unit = new MemoryUnit();
  const ids = Array.from({ length: orders }, (_, n) => idOf(n));
  const hear = (type: InputName, data: unknown): void => (inputs[type] as (unit: MemoryUnit, data: unknown, terms: Terms) => void)(unit, data, terms);
  for (const orderId of ids) hear('flotilla.ingest.v1.ChannelOrderReceived', { order: content({ orderId, total: usd(6_000_000) }) });
  const written: OperationEvent[] = [...unit.run(operation, 'op', { type: 'StartOperation', data: { operationId: 'op', act, orderIds: ids, by: 'caller:desk', at } })];
  let appends = 0;
  const pauses: number[] = [];
  const store = {
    folded: () => Promise.resolve(new Map([['op', { state: unit.state(operation, 'op'), version: 1 }]])),
    read: (_stream: string, { from }: { readonly from: number }) => Promise.resolve([written[from - 1] as unknown as Recorded]),
    execute: ({ streams, decide }: Task<unknown>) => {
      appends += 1;
      const error = fails(streams.flatMap(([decider, id]) => (decider.category === 'order' ? [named(id)] : [])), appends);
      if (error) return Promise.reject(error);
      const before = unit.log.length;
      decide(unit);
      written.push(...(unit.log.slice(before) as OperationEvent[]).filter(({ type }) => type === 'OutcomesNoted' || type === 'OperationFinished'));
      return Promise.resolve({ answer: undefined, position: appends });
    },
  } as unknown as EventStore;
  const done = async (): Promise<readonly string[]> => {
    await workOff({ store, log: silentLogger, terms: () => terms, now: () => at, pause: (ms) => Promise.resolve(pauses.push(ms)) }, 'op', new AbortController().signal, { correlation: '', causation: '', actor: '' });
    return written.flatMap((event): readonly Outcome[] => (event.type === 'OutcomesNoted' ? event.data.outcomes : [])).map(({ orderId, outcome, reason }) => `${named(orderId)} ${outcome} ${reason}`.trim());
  };
  return { done, hear, unit, pauses, appends: () => appends };
};

const approve: Act = { action: 'Approve', reason: 'checked' };

describe('bulk work', () => {
  it('ORD-16: orders that others change just then go one by one, and are tried again where they stand', async () => {
    const one = work(3, approve, (ids, appends) => (ids.length > 1 || (ids[0] === 'o1' && appends < 8) ? new Conflict(ids) : undefined));
    expect(await one.done()).toEqual(['o0 DONE', 'o1 DONE', 'o2 DONE']);
    expect(one.pauses.length).toBe(5);
    expect(Math.max(...one.pauses)).toBeLessThanOrEqual(1_000);
  });

  it('ORD-16: an order that others never leave alone fails with CONFLICT, and costs the others nothing', async () => {
    const one = work(3, approve, (ids) => (ids.includes('o1') ? new Conflict(ids) : undefined));
    expect(await one.done()).toEqual(['o0 DONE', 'o1 FAILED CONFLICT', 'o2 DONE']);
    expect(one.pauses).toHaveLength(20);
  });

  it('ORD-16: what Postgres says of the data of one order is that order’s failure, not something that passes', async () => {
    const one = work(3, approve, (ids) => (ids.includes('o1') ? of('22P05') : undefined));
    expect(await one.done()).toEqual(['o0 DONE', 'o1 FAILED INTERNAL', 'o2 DONE']);
    expect(one.pauses).toEqual([]);
  });

  it('ORD-16: what passes by itself is waited for before the job is given back', async () => {
    const away = work(2, approve, (_ids, appends) => (appends <= 5 ? of('57P01') : undefined));
    expect(await away.done()).toEqual(['o0 DONE', 'o1 DONE']);
    expect(away.pauses).toHaveLength(5);
    const gone = work(2, approve, () => of('08006'));
    await expect(gone.done()).rejects.toMatchObject({ code: '08006' });
    expect(gone.pauses).toHaveLength(12);
    expect(Math.max(...gone.pauses)).toBeLessThanOrEqual(10_000);
  });

  it('ORD-16, ORD-02: Cancel is refused for what has left: nothing of it would be cancelled', async () => {
    const one = work(2, { action: 'Cancel', reason: 'recall' }, () => undefined);
    const id = idOf(1);
    actByHand(one.unit, id, approve, { ...terms, by: 'caller:desk' });
    one.hear('flotilla.allocation.v1.OrderAllocated', { foId: id, round: 1, warehouse: 'WH1', lockId: 'l', orders: [], items: [{ sku: 'MUG-1', name: 'Mug', quantity: 2, grams: 300 }], parts: [] });
    one.hear('flotilla.carrier.v1.WaybillIssued', waybill(id, parcelIdOf(id, 1), 'SF1', []));
    one.hear('flotilla.carrier.v1.ParcelShipped', {
      parcelId: parcelIdOf(id, 1), foId: id, orders: [], warehouse: 'WH1', carrier: 'sf', service: 'STANDARD', waybill: 'SF1', shippedAt: at, shipTo, buyer, number: '#1001', items: [], freight: usd(1), dueAt: '', pickupPlace: '',
    });
    expect(one.unit.state(fulfilment, id).legs.map(({ parcel }) => parcel?.stage)).toEqual(['SHIPPED']);
    expect(await one.done()).toEqual(['o0 DONE', 'o1 REFUSED ALREADY_SHIPPED']);
    expect(one.unit.state(order, id).cancel).toBeNull();
  });
});
