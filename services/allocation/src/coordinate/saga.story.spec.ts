import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import type { Scenario } from '../../spec/scenario.js';
import { shrink } from '../../spec/shrink.js';
import { story, type Told } from '../../spec/story.js';

const scenario: Scenario = {
  seed: 246, leaseMs: 30_000, atHand: false,
  policy: { width: 2, windowMs: 500, partial: 'all' }, keepsOrder: false, healMs: 9_000,
  sites: [{ warehouse: 'WH1', province: '广东省', remote: false, skewMs: 0 }, { warehouse: 'WH2', province: '江苏省', remote: true, skewMs: -200 }],
  orders: [0, 1].map((index) => ({ index, lines: [{ sku: 'A', quantity: 1 }, { sku: 'B', quantity: 2 }], province: '广东省', priority: index, askMs: 40, cancelMs: -1, again: [], reactions: [], elsewhere: false })),
  shelves: [{ kind: 'describe', sku: 'A', atMs: 0 }, { kind: 'count', sku: 'A', warehouse: 'WH1', quantity: 3, atMs: 30 }],
  troubles: [{ kind: 'crash', atMs: 50, node: 0, ms: 10 }],
  weather: { lose: 0, double: 0, late: 0, slowestMs: 0, die: 0, zombie: 0, stale: 0 },
};
const recorded = (stream: string, type: string, data: object): Recorded => ({ position: 1, stream, version: 1, id: '', type, schemaVersion: 1, recordedAt: '', data, meta: { correlation: '', causation: '', actor: '' }, hash: '' });
const named = (text: string): string => text.replaceAll('fo-1', 'order 1').replaceAll('lock-l1', 'lock order 1/1@WH1').replaceAll('l1', 'lock order 1/1@WH1');
const nameOf = (data: unknown): string => `${named((data as { foId: string }).foId)}/1@WH1`;

describe('the story of a failure', () => {
  const told: Told[] = [
    { kind: 'told', atMs: 40, who: 'order-core', type: 'flotilla.order.v1.AllocationRequested', data: { foId: 'fo-1', round: 1, lines: [{ sku: 'A', quantity: 1 }] } },
    { kind: 'did', atMs: 43, who: 'saga', at: 'allocation', what: 'takes AllocationRequested', data: { foId: 'fo-1' }, written: [recorded('allocation-fo-1', 'LockAsked', { foId: 'fo-1', lockId: 'l1', warehouse: 'WH1', attempt: 1, lines: [{ sku: 'A', quantity: 1 }, { sku: 'B', quantity: 2 }] })] },
    { kind: 'did', atMs: 44, who: 'participant', at: 'allocation', what: 'takes LockStock', data: { foId: 'fo-1' }, written: [] },
    { kind: 'fault', atMs: 45, who: 'the network', what: 'loses StockLocked fo-1' },
    { kind: 'did', atMs: 12_050, who: 'timer or queue', at: 'allocation', what: 'looks', data: undefined, written: [recorded('stock-WH1.A', 'StockHeld', { level: { onHand: 3, unsellable: 1, held: 1, confirmed: 0 } })] },
  ];
  const text = story({ scenario, violations: [{ invariant: 'I3', what: 'fo-1 has two' }], told, before: { ...scenario, orders: [...scenario.orders, ...scenario.orders], fates: [] }, named, nameOf });

  it('ALC-01: says what there was, and how much was left out', () =>
    expect(text.split('\n').slice(0, 6)).toEqual([
      'seed 246, shrunk: 4 orders, 2 shelf movements, 1 troubles, 0 fates of messages → 2 orders, 2 shelf movements, 1 troubles, 0 fates of messages',
      '  warehouses WH1 (广东省), WH2 (江苏省, remote, clock -200 ms)',
      '  lease 30000 ms, policy {"width":2,"windowMs":500,"partial":"all"}, heals at 9000 ms, messages overtake each other and repeats reach the deciders',
      '  order 1: 1 × A, 2 × B to 广东省',
      '  order 2: 1 × A, 2 × B to 广东省, urgent',
      '  shelf: count A in WH1: 3 at 30 ms',
    ]));

  it('ALC-01: numbers the steps: who told whom what, when, what was appended; steps that changed nothing are left out', () =>
    expect(text.split('\n').slice(7, 13)).toEqual([
      '   1.    0.040 s  order-core says AllocationRequested order 1/1@WH1 (lines 1 × A, round 1)',
      '   2.    0.043 s  the saga at allocation takes AllocationRequested order 1/1@WH1',
      '                  + allocation-order 1 LockAsked lock order 1/1@WH1 (attempt 1, lines 1 × A + 2 × B)',
      '   3.    0.045 s  ! the network: loses StockLocked order 1',
      '   4.   12.050 s  timer or queue at allocation looks',
      '                  + stock-WH1.A StockHeld → on hand 3 (1 unsellable), held 1, confirmed 0',
    ]));

  it('ALC-01: ends with what broke and how to see it again', () => expect(text.split('\n').slice(-2)).toEqual(['broken: I3 — order 1 has two', 'again: npm run sim -- --seeds 1 --from 246']));
});

describe('shrinking', () => {
  const whole = { ...scenario, orders: Array.from({ length: 6 }, (_, index) => ({ ...scenario.orders[0]!, index })), fates: Array.from({ length: 40 }, (_, n) => ({ name: `way: ${n}`, ms: [n] })) };

  it('ALC-01: leaves what the failure needs, and nothing else', async () => {
    let runs = 0;
    const small = await shrink(whole, async ({ orders, fates, troubles }) => {
      runs += 1;
      return orders.some(({ index }) => index === 4) && [7, 31].every((n) => fates!.some(({ name }) => name === `way: ${n}`)) && troubles.length > 0;
    });
    expect(small.orders.map(({ index, lines }) => ({ index, lines }))).toEqual([{ index: 4, lines: [{ sku: 'A', quantity: 1 }] }]);
    expect(small.fates!.map(({ name }) => name)).toEqual(['way: 7', 'way: 31']);
    expect([small.shelves, small.troubles.length, small.sites, small.policy.width, small.keepsOrder]).toEqual([[], 1, [], 1, true]);
    expect(runs).toBeLessThan(300);
  });

  it('ALC-01: leaves everything if all of it is needed', async () => expect(await shrink(whole, async (one) => JSON.stringify(one) === JSON.stringify(whole))).toEqual(whole));
});
