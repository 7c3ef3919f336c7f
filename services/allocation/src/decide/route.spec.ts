import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { request, warehouseAt } from '../../spec/examples.js';
import { covers, planRoute, type Snapshot } from './route.js';

const article = { nameZh: '茶', nameEn: 'Tea', grams: 320 };
const sites = [warehouseAt('WH3', '广东省'), warehouseAt('WH1', '浙江省', { serves: [] }), warehouseAt('WH2', '广东省', { city: '深圳', serves: [] }), warehouseAt('WH4', '', { country: 'US', serves: ['US'] })];
const snapshot = (free: Snapshot['free'] = {}): Snapshot => ({ warehouses: sites, free, articles: { A: article, B: article } });
const everywhere = Object.fromEntries(sites.map(({ warehouse }) => [warehouse, { A: 5, B: 5 }]));
const ranks = (...args: Parameters<typeof planRoute>): Readonly<Record<string, number>> => Object.fromEntries(planRoute(...args).candidates.map(({ warehouse, rank }) => [warehouse, rank]));

describe('planning a route', () => {
  it('ALC-01: ranks by who serves the destination, then by distance, then by id', () => expect(ranks(request(), snapshot(everywhere))).toEqual({ WH3: 1, WH2: 2, WH1: 3, WH4: 4 }));
  it('serves by country, too', () => expect(ranks(request({ country: 'US', province: 'CA', city: 'Fresno' }), snapshot(everywhere))['WH4']).toBe(1));
  it('knows a province with and without its suffix', () => expect(planRoute(request({ province: '广东', city: '深圳市' }), snapshot(everywhere)).candidates[1]!.reason).toContain('same city'));
  it('leaves out who lacks a line, and says which', () => {
    const route = planRoute(request(), snapshot({ ...everywhere, WH3: { A: 1, B: 5 } }));
    expect(route.candidates.at(-1)).toMatchObject({ warehouse: 'WH3', rank: 0, reason: 'SHORT: 1 of A short', figures: { 'free A': '1', distance: 'same province' } });
  });
  it('ALC-02: sums two lines of one SKU', () => expect(ranks(request({ lines: [{ sku: 'A', quantity: 3 }, { sku: 'A', quantity: 3 }] }), snapshot(everywhere))).toEqual({ WH1: 0, WH2: 0, WH3: 0, WH4: 0 }));
  it('ALC-02: plans without what is kept back, but for an order that may have it', () => {
    const safety = { WH3: { A: { safety: 4, safetyFrom: 10 } } };
    const route = planRoute(request(), { ...snapshot(everywhere), safety });
    expect(route.candidates.find(({ warehouse }) => warehouse === 'WH3')).toMatchObject({ rank: 0, reason: 'SHORT: 1 of A short, 4 are kept back', figures: { 'free A': '1' } });
    expect(ranks(request({ priority: 10 }), { ...snapshot(everywhere), safety })['WH3']).toBe(1);
    const only = planRoute(request(), { ...snapshot({ WH3: { A: 5, B: 5 } }), safety });
    expect([only.plans, only.missing]).toEqual([[], [{ sku: 'A', quantity: 1 }]]);
  });
  it('ALC-02: a split takes from each what is not kept back there', () => {
    const free = { WH1: { A: 5, B: 5 }, WH2: { A: 5, B: 0 } };
    const safety = { WH1: { A: { safety: 4, safetyFrom: 0 } }, WH2: { A: { safety: 4, safetyFrom: 0 } } };
    expect(planRoute(request(), { ...snapshot(free), safety }).plans[0]!.parts.map(({ warehouse, lines }) => [warehouse, lines])).toEqual([['WH2', [{ sku: 'A', quantity: 1 }]], ['WH1', [{ sku: 'A', quantity: 1 }, { sku: 'B', quantity: 1 }]]]);
  });
  it('leaves out whom order-core excludes, even if nobody else can', () => {
    const route = planRoute(request({ excludedWarehouses: ['WH1', 'WH2', 'WH3', 'WH4'] }), snapshot(everywhere));
    expect(route.candidates.every(({ rank, reason }) => rank === 0 && reason === 'EXCLUDED by order-core')).toBe(true);
    expect(route.missing).toEqual(request().lines);
  });
  it('without warehouses everything is missing', () => expect(planRoute(request(), { ...snapshot(), warehouses: [] })).toMatchObject({ candidates: [], missing: request().lines }));
  it('names items in the language of the destination', () => {
    expect(planRoute(request(), snapshot()).items[0]!.name).toBe('茶');
    expect(planRoute(request({ country: 'US' }), snapshot()).items[0]!.name).toBe('Tea');
  });
  it('ALC-15: a weight that nobody knows is the stated default, visible in the item', () =>
    expect(planRoute(request(), { ...snapshot(), articles: { A: { ...article, grams: 0 }, B: null } }).items).toEqual([{ sku: 'A', name: '茶', quantity: 2, grams: 500 }, { sku: 'B', name: 'B', quantity: 1, grams: 500 }]));
  it('knows whether a snapshot was made for the lines', () => {
    expect(covers(snapshot(), request())).toBe(true);
    expect(covers(snapshot(), request({ lines: [{ sku: 'constructor', quantity: 1 }] }))).toBe(false);
  });

  it('ALC-02: what it ranks can serve alone, and what it does not rank lacks something', () => {
    const lines = fc.array(fc.record({ sku: fc.constantFrom('A', 'B'), quantity: fc.integer({ min: 1, max: 9 }) }), { minLength: 1, maxLength: 4 });
    const free = fc.record(Object.fromEntries(sites.map(({ warehouse }) => [warehouse, fc.record({ A: fc.nat(9), B: fc.nat(9) })])));
    fc.assert(
      fc.property(lines, free, (asked, there) => {
        const route = planRoute(request({ lines: asked }), snapshot(there));
        const demand = (sku: string): number => asked.filter((line) => line.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0);
        for (const { warehouse, rank } of route.candidates) expect(rank > 0).toBe(['A', 'B'].every((sku) => there[warehouse]![sku as 'A' | 'B'] >= demand(sku)));
        expect(route.missing.length > 0).toBe(route.plans.length === 0);
      }),
    );
  });
});
