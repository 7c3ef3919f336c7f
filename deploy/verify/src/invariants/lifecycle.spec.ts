import { describe, expect, it } from '@jest/globals';
import type { Sources } from '../sources.ts';
import { orderLives, unitsInvariant, type Parcels } from './lifecycle.ts';
import { waitingInvariants } from './waiting.ts';

type Said = readonly [stream: string, type: string, data: object];

const line = (quantity: number) => ({ lineId: 'L1', sku: 'MUG', quantity });
const placed: Said = ['order-O', 'OrderPlaced', { orderId: 'O', channel: 'shop', channelOrderId: '1', paidAt: 'x', lines: [line(3)] }];
const asks = (foId: string): Said => [`fulfilment-${foId}`, 'AllocationRequested', { foId }];
const split: Said = ['order-O', 'OrderSplit', { orderId: 'O', foId: 'P', part: 1, fromFoId: 'O', lines: [line(1)] }];

const sourcesOf = (log: readonly Said[], timers: readonly string[] = []): Sources =>
  ({
    run: { clock: '' },
    async *log() {
      for (const [stream, type, data] of log) yield { stream, type, data: JSON.stringify(data) };
    },
    query: (service: string, sql: string) => Promise.resolve(service === 'order-core' && sql.includes('es.timer') ? timers.map((key) => ({ key, clock: 'machine', due_at: new Date() })) : []),
  }) as unknown as Sources;

const shipped = (...parcels: readonly [foId: string, units: number][]): Pick<Parcels, 'shipped'> => ({
  shipped: new Map(parcels.map(([foId, units]) => [`parcel of ${foId}`, { foId, orders: [{ orderId: 'O', lines: [line(units)] }], lines: [line(units)] }])),
});

/** What is wrong with the waiting, with these sagas known to allocation. */
const waiting = async (log: readonly Said[], sagas: readonly string[], timers: readonly string[] = []): Promise<boolean> => {
  const sources = sourcesOf(log, timers);
  const parcels = { shipped: new Map(), waybilled: new Map(), voided: new Set(), open: new Set(), invariants: [] } as unknown as Parcels;
  const [waits] = await waitingInvariants(sources, await orderLives(sources), { parcels, sagas: new Map(sagas.map((foId) => [foId, 'OrderBackordered'])), receivables: new Set(['O']), asOf: new Date() });
  return waits!.holds;
};

describe('an order that ships in parts, recounted', () => {
  it('ORD-01: no unit may leave twice, whichever fulfilment order it leaves with', async () => {
    const lives = await orderLives(sourcesOf([placed, split]));
    expect(unitsInvariant(lives, shipped(['O', 2], ['P', 1]))).toMatchObject({ holds: true });
    expect(unitsInvariant(lives, shipped(['O', 3], ['P', 1]))).toMatchObject({ holds: false });
    expect(unitsInvariant(lives, shipped())).toMatchObject({ holds: false });
    const more = await orderLives(sourcesOf([placed, split, ['order-O', 'OrderAmended', { orderId: 'O', lines: [line(4)] }]]));
    expect(unitsInvariant(more, shipped(['O', 3], ['P', 1]))).toMatchObject({ holds: true });
  });

  it('ORD-01: each of its fulfilment orders has to wait for something that exists', async () => {
    const log = [placed, asks('O'), split, asks('P')];
    expect(await waiting(log, ['O', 'P'])).toBe(true);
    expect(await waiting(log, ['O'])).toBe(false);
    // A return window of the one brings the other nowhere; nor does its end.
    expect(await waiting(log, ['O'], ['return/O'])).toBe(false);
    expect(await waiting([...log, ['fulfilment-P', 'StockGivenBack', { foId: 'P' }]], ['O'])).toBe(true);
    expect(await waiting(log, [], ['payment/O'])).toBe(true);
  });
});
