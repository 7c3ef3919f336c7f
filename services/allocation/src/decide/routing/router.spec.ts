import { describe, expect, it } from '@jest/globals';
import type { allocation } from '@flotilla/contracts';
import fc from 'fast-check';
import { request, warehouseAt } from '../../../spec/examples.js';
import { planRoute, type Snapshot, type Site } from '../route.js';
import { lanes as lanesDecider } from './lanes.decider.js';
import type { Lanes } from './lanes.js';
import type { Model } from './learn.js';
import { armOf } from './router.js';
import { routingRule, ruleSet } from './rules.js';

const lane = (carrier: string, days: number, firstPrice: number, changes: Partial<allocation.Lane> = {}): allocation.Lane => ({
  carrier, service: 'STANDARD', warehouse: '', fromProvince: '', toZone: '*', firstGrams: 1_000, firstPrice, extraGrams: 1_000, extraPrice: 500, currency: 'CNY', days, validFrom: '2026-01-01', validTo: '', ...changes,
});
const tableOf = (...all: readonly allocation.Lane[]): Lanes => lanesDecider.evolve(lanesDecider.initial, { type: 'LanesSet', data: { lanes: all } });
const rules = (changes: Partial<allocation.RuleSet>, version = 1) => ({ version, rules: ruleSet(changes) });
const tea = { nameZh: '茶', nameEn: 'Tea', grams: 400 };
const sites: readonly Site[] = [warehouseAt('SZ', '广东省', { city: '深圳市' }), warehouseAt('HZ', '浙江省'), warehouseAt('CD', '四川省')];
const figures = (changes: Partial<Snapshot> = {}): Snapshot => ({
  warehouses: sites,
  free: Object.fromEntries(sites.map(({ warehouse }) => [warehouse, { A: 9, B: 9 }])),
  articles: { A: tea, B: tea },
  today: '2026-11-22',
  ...changes,
});
const order = (...args: Parameters<typeof planRoute>): readonly string[] => planRoute(...args).plans.map(({ parts }) => parts.map(({ warehouse }) => warehouse).join('+'));
const candidate = (id: string, ...args: Parameters<typeof planRoute>): allocation.Candidate => planRoute(...args).candidates.find(({ warehouse }) => warehouse === id)!;
const kashgar = { country: 'CN', province: '新疆维吾尔自治区', city: '喀什地区', district: '' };

describe('ALC-03: routing rules', () => {
  const known = tableOf(lane('zto', 3, 900, { warehouse: 'SZ' }), lane('zto', 2, 1_500, { warehouse: 'HZ' }), lane('zto', 2, 1_200, { warehouse: 'CD' }));

  it('ALC-03: stock, then arrival, then freight', () => {
    expect(order(request(), figures({ lanes: known }))).toEqual(['CD', 'HZ', 'SZ']);
    expect(order(request(), figures({ lanes: known, free: { SZ: { A: 9, B: 9 }, HZ: { A: 9, B: 9 }, CD: { A: 1, B: 9 } } }))).toEqual(['HZ', 'SZ']);
  });
  it('ALC-03: other criteria in another order are other data', () => {
    expect(order(request(), figures({ lanes: known, rules: rules({ criteria: ['STOCK', 'FREIGHT', 'ARRIVAL'] }) }))).toEqual(['SZ', 'CD', 'HZ']);
    expect(order(request(), figures({ lanes: known, rules: rules({ criteria: ['SERVES'] }) }))).toEqual(['SZ', 'CD', 'HZ']);
  });
  it('ALC-03: a weighted score counts freight, days, distance and handling', () => {
    const weights = { freight: 1, days: 4, load: 0, tier: 0, distance: 0, handling: 1 };
    // SZ 14 + 12, HZ 20 + 8, CD 17 + 8; with 2 yuan of handling CD is 27.
    expect(order(request(), figures({ lanes: known, rules: rules({ ranking: 'SCORE', weights }) }))).toEqual(['CD', 'SZ', 'HZ']);
    expect(order(request(), figures({ lanes: known, rules: rules({ ranking: 'SCORE', weights, handling: [{ warehouse: 'CD', perParcel: 200 }] }) }))).toEqual(['SZ', 'CD', 'HZ']);
    expect(candidate('CD', request(), figures({ lanes: known, rules: rules({ ranking: 'SCORE', weights }) })).reason).toContain('score 25.00');
  });
  it('ALC-03: without a lane distance decides, and the reason says so', () => {
    expect(order(request(), figures())).toEqual(['SZ', 'CD', 'HZ']);
    expect(candidate('SZ', request(), figures()).reason).toBe('STOCK: all lines free; no lane: by distance; serves 广东省; same city');
  });
  it('ALC-03: what no lane says comes behind what one says', () => expect(order(request(), figures({ lanes: tableOf(lane('zto', 9, 900, { warehouse: 'HZ' })) }))).toEqual(['HZ', 'SZ', 'CD']));
  it('ALC-03: the narrowest lane of its days holds: the warehouse before its province, the city before the country', () => {
    const several = tableOf(lane('sf', 5, 2_000), lane('sf', 4, 1_900, { toZone: 'CN' }), lane('sf', 3, 1_800, { toZone: '广东' }), lane('sf', 2, 1_700, { toZone: 'CN/Guangdong/深圳' }), lane('sf', 1, 1_600, { toZone: 'CN/广东省/深圳市', warehouse: 'SZ', validTo: '2026-11-21' }));
    expect(candidate('HZ', request(), figures({ lanes: several })).figures).toMatchObject({ carrier: 'sf', days: '2', freight: '22.00 CNY' });
    expect(candidate('HZ', request({ city: '广州市' }), figures({ lanes: several })).figures).toMatchObject({ days: '3' });
    expect(candidate('SZ', request(), figures({ lanes: several })).figures['days']).toBe('2');
    expect(candidate('SZ', request(), figures({ lanes: several, today: '2026-11-20' })).figures['days']).toBe('1');
  });
  it('ALC-03: too heavy for a lane that has no price above its first weight', () => expect(candidate('SZ', request(), figures({ lanes: tableOf(lane('ems', 2, 800, { extraGrams: 0 })) })).figures['carrier']).toBeUndefined());
  it('ALC-03: compares prices in the currency of the rules, and only where there is a rate', () => {
    const foreign = tableOf(lane('sf', 2, 1_000, { warehouse: 'SZ', currency: 'HKD' }), lane('sf', 2, 950, { warehouse: 'HZ', extraPrice: 0 }));
    expect(order(request(), figures({ lanes: foreign }))).toEqual(['HZ', 'SZ', 'CD']);
    expect(order(request(), figures({ lanes: foreign, rules: rules({ exchange: [{ currency: 'HKD', rate: 0.5 }] }) }))[0]).toBe('SZ');
  });

  describe('exclusions', () => {
    const carriers = tableOf(lane('yunda', 3, 500), lane('sto', 3, 600), lane('zto', 5, 900), lane('ems', 7, 800));
    const rule = routingRule('kashgar-heavy', { provinces: ['新疆'], cities: ['喀什', 'Kashgar'], gramsAbove: 3_000 }, { exclude: { carriers: ['yunda', 'sto'] } });
    const heavy = request({ ...kashgar, lines: [{ sku: 'A', quantity: 8 }] });
    const light = request({ ...kashgar, lines: [{ sku: 'A', quantity: 7 }] });
    const taken = (asked: typeof heavy, one: Partial<allocation.RuleSet> = { rules: [rule] }): string | undefined => planRoute(asked, figures({ lanes: carriers, rules: rules(one) })).plans[0]!.parts[0]!.carrier;

    it('ALC-03: to Kashgar in Xinjiang over 3 kg neither Yunda nor STO is taken, and ZTO and EMS are asked', () => {
      expect(taken(heavy)).toBe('zto');
      expect(taken(heavy, { rules: [rule], criteria: ['STOCK', 'FREIGHT'] })).toBe('ems');
      expect(taken(light)).toBe('yunda');
      expect(taken(request({ lines: [{ sku: 'A', quantity: 8 }] }))).toBe('yunda');
      for (const city of ['喀什市', '喀什', 'Kashgar', 'kashgar city']) expect(taken({ ...heavy, province: 'Xinjiang', city })).toBe('zto');
      const { plans, candidates } = planRoute(heavy, figures({ lanes: carriers, rules: rules({ rules: [rule] }, 7) }));
      expect(plans[0]!.parts[0]!.excludedCarriers).toEqual(['yunda', 'sto']);
      expect(candidates[0]!.figures['excluded carriers']).toBe('yunda by "kashgar-heavy", sto by "kashgar-heavy"');
    });
    it('ALC-03: "only" keeps every other carrier away', () => {
      const only = routingRule('xinjiang', { provinces: ['XJ'] }, { only: { carriers: ['ems'] } });
      expect(taken(light, { rules: [only] })).toBe('ems');
      expect(planRoute(light, figures({ lanes: carriers, rules: rules({ rules: [only] }) })).plans[0]!.parts[0]!.excludedCarriers).toEqual(['sto', 'yunda', 'zto']);
    });
    it('ALC-03: where every carrier is kept away nothing is sent, and it says why', () => {
      const none = routingRule('none', {}, { exclude: { carriers: ['zto'] } });
      const one = figures({ lanes: tableOf(lane('zto', 3, 900)), rules: rules({ rules: [none] }) });
      expect(planRoute(request(), one)).toMatchObject({ plans: [], missing: request().lines });
      expect(candidate('SZ', request(), one).reason).toBe('NO CARRIER: zto excluded by "none"');
    });
    it('ALC-03: a rule keeps warehouses away by destination, service, value and priority', () => {
      const by = (when: Partial<allocation.Condition>): readonly string[] => order(request({ value: { amount: 50_001, currency: 'CNY' }, priority: 2 }), figures({ rules: rules({ rules: [routingRule('r', when, { exclude: { warehouses: ['SZ'] } })] }) }));
      for (const when of [{ countries: ['CN'] }, { districts: ['南山'] }, { services: ['STANDARD'] }, { valueAbove: 50_000, valueCurrency: 'CNY' }, { priorityFrom: 2 }, { gramsUpTo: 1_200 }]) expect(by(when)).toEqual(['CD', 'HZ']);
      for (const when of [{ countries: ['US'] }, { districts: ['福田'] }, { services: ['EXPRESS'] }, { valueAbove: 50_000, valueCurrency: 'USD' }, { valueUpTo: 50_000, valueCurrency: 'CNY' }, { priorityFrom: 3 }, { gramsUpTo: 1_199 }]) expect(by(when)).toEqual(['SZ', 'CD', 'HZ']);
    });
  });

  it('ALC-15: a weight that nobody knows is the one that the rules state, and is shown', () => {
    const unknown = figures({ articles: { A: { ...tea, grams: 0 }, B: tea }, lanes: known, rules: rules({ unknownGrams: 2_000 }) });
    expect(candidate('SZ', request(), unknown).figures).toMatchObject({ grams: '4400, A unknown at 2000 each', freight: '29.00 CNY' });
    expect(planRoute(request(), unknown).items[0]!.grams).toBe(2_000);
  });
  it('ALC-03: names the version of the rules', () => expect(planRoute(request(), figures({ rules: rules({}, 12) }))).toMatchObject({ rules: 12, router: 'RULES', model: 0 }));
});

describe('ALC-04: nodes', () => {
  const with_ = (changes: Partial<Site>, snapshot: Partial<Snapshot> = {}): Snapshot => figures({ warehouses: [{ ...sites[0]!, ...changes }, sites[1]!], ...snapshot });
  it.each([
    [{ out: 'BREAKER: late' }, 'OUT: BREAKER: late'],
    [{ capacityLeft: 0 }, 'FULL: takes no more orders today'],
    [{ services: ['PICKUP'] }, 'SERVICE: does not offer STANDARD'],
  ])('ALC-04: %j takes nothing', (changes, reason) => {
    expect(order(request(), with_(changes))).toEqual(['HZ']);
    expect(candidate('SZ', request(), with_(changes))).toMatchObject({ rank: 0, reason });
  });
  it('ALC-07: nothing of a frozen SKU is promised', () => {
    expect(planRoute(request(), figures({ frozen: ['A'] }))).toMatchObject({ plans: [], missing: [{ sku: 'A', quantity: 2 }] });
    expect(candidate('SZ', request(), figures({ frozen: ['A'] })).reason).toBe('SHORT: FROZEN A');
  });
  it('ALC-12: bulky goods go to who takes them, services to who offers them', () => {
    const bulky = { articles: { A: { ...tea, flags: ['bulky'] }, B: tea } };
    expect(order(request(), with_({ flags: ['BULKY'] }, bulky))).toEqual(['SZ']);
    expect(candidate('HZ', request(), with_({ flags: ['BULKY'] }, bulky)).reason).toBe('BULKY: does not take A');
    expect(order(request({ service: 'PICKUP' }), with_({ services: ['PICKUP'] }))).toEqual(['SZ']);
    const courier = figures({ warehouses: sites.map((site) => ({ ...site, services: ['SAME_CITY'] })) });
    expect(order(request({ service: 'SAME_CITY' }), courier)).toEqual(['SZ']);
    expect(candidate('HZ', request({ service: 'SAME_CITY' }), courier).reason).toBe('SERVICE: not in 深圳市');
  });
  it('ALC-12: STANDARD and EXPRESS never go to a store that does not offer them', () => {
    const store = with_({ services: ['PICKUP', 'SAME_CITY'], kind: 'STORE' });
    for (const service of ['STANDARD', 'EXPRESS', '']) {
      expect(order(request({ service }), store)).toEqual(['HZ']);
      expect(candidate('SZ', request({ service }), store).reason).toBe(`SERVICE: does not offer ${service || 'STANDARD'}`);
    }
    expect(candidate('HZ', request({ service: 'PICKUP' }), store).reason).toBe('SERVICE: does not offer PICKUP');
  });
  it('ALC-12: what is collected waits where the buyer said, by id or name; else in any store of the city', () => {
    const store = (warehouse: string, name: string, city: string): Site => ({ ...sites[0]!, warehouse, name, city, services: ['PICKUP'] });
    const stores = figures({ warehouses: [store('NS', '南山店', '深圳市'), store('FT', '福田店', '深圳市'), store('GZ', '天河店', '广州市'), sites[1]!], free: { NS: { A: 9, B: 9 }, FT: { A: 9, B: 9 }, GZ: { A: 9, B: 9 } } });
    const asked = (pickupLocation: string, changes: Parameters<typeof request>[0] = {}) => request({ service: 'PICKUP', pickupLocation, ...changes });
    for (const named of ['FT', '福田店', '福田', ' 福田 门店']) expect(order(asked(named), stores)).toEqual(['FT']);
    expect(order(asked('天河店'), stores)).toEqual(['GZ']);
    expect(candidate('FT', asked('福田'), stores).reason).toContain('pickup at the store that the buyer chose');
    expect(candidate('NS', asked('福田'), stores).reason).toBe('PICKUP: the buyer chose 福田');
    expect(order(asked('宝安店'), stores)).toEqual(['FT', 'NS']);
    expect(candidate('FT', asked('宝安店'), stores).reason).toContain('pickup, no store is called "宝安店": any of 深圳市');
    expect(candidate('GZ', asked('宝安店'), stores).reason).toBe('SERVICE: not in 深圳市');
    expect(order(asked(''), stores)).toEqual(['FT', 'NS']);
    expect(candidate('NS', asked(''), stores).reason).toContain('pickup, no store was named');
    const nowhere = { country: '', province: '', city: '', district: '', postcode: '' };
    expect(order(asked('', nowhere), stores)).toHaveLength(3);
    expect(order(asked('南山店', nowhere), stores)).toEqual(['NS']);
  });
  it('ALC-12: nobody collects one order in two stores', () => {
    const halves = figures({ warehouses: sites.map((site) => ({ ...site, city: '深圳市', province: '广东省', services: ['PICKUP'] })), free: { SZ: { A: 9 }, HZ: { B: 9 } } });
    expect(order(request({ service: 'PICKUP' }), halves)).toEqual([]);
  });
  it('ALC-12: a courier of the city stays in it, and what is bulky and of the same city needs a node for both', () => {
    const node = with_({ services: ['SAME_CITY'], flags: [] }, { articles: { A: { ...tea, flags: ['bulky'] }, B: tea } });
    expect(candidate('SZ', request({ service: 'SAME_CITY' }), node).reason).toBe('BULKY: does not take A');
    expect(order(request({ service: 'SAME_CITY' }), with_({ services: ['SAME_CITY'], flags: ['BULKY'] }, { articles: { A: { ...tea, flags: ['bulky'] }, B: tea } }))).toEqual(['SZ']);
  });
  it('ALC-04: suppliers come after own stock, by tier, also after a split', () => {
    const suppliers = [{ ...sites[0]!, warehouse: 'S2', kind: 'SUPPLIER', tier: 2 }, { ...sites[0]!, warehouse: 'S1', kind: 'SUPPLIER', tier: 1 }];
    const all = { S1: { A: 9, B: 9 }, S2: { A: 9, B: 9 } };
    expect(order(request(), figures({ warehouses: [...suppliers, ...sites], free: { ...figures().free, ...all } }))).toEqual(['SZ', 'CD', 'HZ', 'S1', 'S2']);
    expect(order(request(), figures({ warehouses: [...suppliers, ...sites], free: { SZ: { A: 9 }, HZ: { B: 9 }, ...all } }))).toEqual(['SZ+HZ', 'S1', 'S2']);
  });
  it('ALC-04: a lower tier of own stock is asked first', () => expect(order(request(), figures({ warehouses: [{ ...sites[0]!, tier: 1 }, sites[1]!] }))).toEqual(['HZ', 'SZ']));
  it('ALC-04: load is a criterion', () => {
    const loaded = with_({ capacityLeft: 1, dailyOrders: 10 }, { rules: rules({ criteria: ['LOAD'] }) });
    expect(order(request(), loaded)).toEqual(['HZ', 'SZ']);
    expect(candidate('SZ', request(), loaded).figures).toMatchObject({ load: '0.90', 'capacity left': '1' });
  });
});

describe('ALC-04: splits', () => {
  const apart = { SZ: { A: 9, B: 0 }, HZ: { A: 0, B: 9 }, CD: { A: 1, B: 9 } };
  it('ALC-04: over two warehouses when no single one can, best first, with a carrier for each part', () => {
    const known = tableOf(lane('zto', 2, 900, { warehouse: 'SZ' }), lane('sf', 4, 1_000, { warehouse: 'HZ' }), lane('sf', 2, 1_300, { warehouse: 'CD' }));
    const { plans, missing } = planRoute(request(), figures({ free: apart, lanes: known }));
    expect(missing).toEqual([]);
    expect(plans.map(({ parts }) => parts)).toEqual([
      [{ warehouse: 'CD', lines: [{ sku: 'B', quantity: 1 }], carrier: 'sf', excludedCarriers: [] }, { warehouse: 'SZ', lines: [{ sku: 'A', quantity: 2 }], carrier: 'zto', excludedCarriers: [] }].toSorted((a, b) => (a.warehouse < b.warehouse ? 1 : -1)),
      [{ warehouse: 'SZ', lines: [{ sku: 'A', quantity: 2 }], carrier: 'zto', excludedCarriers: [] }, { warehouse: 'HZ', lines: [{ sku: 'B', quantity: 1 }], carrier: 'sf', excludedCarriers: [] }],
    ]);
    expect(plans[1]!.reason).toBe('SPLIT over 2: SZ 2 of A (zto 2 days 9.00 CNY) + HZ 1 of B (sf 4 days 10.00 CNY)');
  });
  it('ALC-04: not where one warehouse can serve it all', () => expect(order(request(), figures({ free: { ...apart, CD: { A: 2, B: 1 } } }))).toEqual(['CD']));
  it('ALC-04: not if the rules forbid it, nor into parts of less than they ask for', () => {
    expect(order(request(), figures({ free: apart, rules: rules({ split: { ...ruleSet().split, forbidden: true } }) }))).toEqual([]);
    const least = (amount: number): readonly string[] => order(request({ value: { amount: 30_000, currency: 'CNY' } }), figures({ free: apart, rules: rules({ split: { forbidden: false, maxParts: 3, minValuePerPart: { amount, currency: 'CNY' } } }) }));
    expect(least(10_000)).toEqual(['SZ+CD', 'SZ+HZ']);
    expect(least(10_001)).toEqual([]);
  });
  it('ALC-04: a part that no carrier may take is no part', () => {
    const known = tableOf(lane('zto', 2, 900));
    const barred = rules({ rules: [routingRule('no HZ', {}, { exclude: { warehouses: ['HZ'] } })] });
    expect(order(request(), figures({ free: apart, lanes: known, rules: barred }))).toEqual(['SZ+CD']);
  });

  it('ALC-04: whatever the stock, every plan is the lines exactly and promises no more than is free', () => {
    const free = fc.record(Object.fromEntries(sites.map(({ warehouse }) => [warehouse, fc.record({ A: fc.nat(6), B: fc.nat(6) })])));
    const lines = fc.array(fc.record({ sku: fc.constantFrom('A', 'B'), quantity: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(free, lines, (there, asked) => {
        const { plans } = planRoute(request({ lines: asked }), figures({ free: there }));
        for (const { parts } of plans) {
          for (const sku of ['A', 'B'] as const) {
            const sent = parts.map(({ lines: own }) => own.find((line) => line.sku === sku)?.quantity ?? 0);
            expect(sent.reduce((sum, units) => sum + units, 0)).toBe(asked.filter((line) => line.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0));
            parts.forEach(({ warehouse }, index) => expect(sent[index]).toBeLessThanOrEqual(there[warehouse]![sku]));
          }
        }
        expect(new Set(plans.map(({ parts }) => parts.length)).size).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('ALC-05: the learned arm', () => {
  const model: Model = {
    version: 4, trainedAt: '', from: '', to: '', samples: 900, heldBack: 200,
    targets: [{ target: 'COST', n: 200, learnedError: 1, ruleError: 2, naiveError: 3, used: false, why: '' }, { target: 'DAYS', n: 200, learnedError: 1, ruleError: 2, naiveError: 3, used: true, why: '' }],
    cells: { 'LANE SZ>CN/广东 sf.STANDARD': [50, 0], 'DAYS SZ>CN/广东 sf.STANDARD': [50, 6.2], 'COST *': [900, 5], 'LANE HZ>CN/广东 sf.STANDARD': [10, 0], 'DAYS HZ>CN/广东 sf.STANDARD': [10, 9] },
  };
  const known = tableOf(lane('sf', 2, 1_000, { warehouse: 'SZ' }), lane('sf', 3, 1_000, { warehouse: 'HZ' }));
  const compared = (share: number): Snapshot => figures({ lanes: known, model, rules: rules({ learned: { sharePercent: share, minSamples: 20 } }) });

  it('ALC-05: expects what history says, where a lane has enough of it, and only what was taken into use', () => {
    const route = planRoute(request(), compared(100));
    expect(route).toMatchObject({ router: 'LEARNED', model: 4, grounded: true });
    expect(route.candidates.slice(0, 2).map(({ warehouse, figures: shown }) => [warehouse, shown['days'], shown['freight'], shown['learned from']])).toEqual([['HZ', '3', '15.00 CNY', undefined], ['SZ', '6', '15.00 CNY', '50']]);
  });
  it('ALC-05: the other arm is decided by the rules, and says that it is compared', () => expect(planRoute(request({ foId: 'b' }), compared(1))).toMatchObject({ router: 'RULES', model: 4, grounded: false }));
  it('ALC-05: without a model in use, or without a share, there are no arms', () => {
    expect(planRoute(request(), compared(0))).toMatchObject({ router: 'RULES', model: 0 });
    expect(planRoute(request(), figures({ rules: rules({ learned: { sharePercent: 100, minSamples: 20 } }), model: { ...model, targets: [] } }))).toMatchObject({ router: 'RULES', model: 0 });
  });
  it('ALC-05: the arm follows from the id alone, in the share that the rules say', () => {
    const arms = Array.from({ length: 2_000 }, (_, index) => armOf(`fo-${index}`, 30));
    expect(arms.filter((arm) => arm === 'LEARNED').length / 2_000).toBeCloseTo(0.3, 1);
    expect(armOf('fo-1', 30)).toBe(arms[1]);
  });
});

describe('ALC-08: suppliers', () => {
  const supplier = (id: string, tier: number, score: number): Site => ({ ...warehouseAt(id, '浙江省', { kind: 'SUPPLIER', tier }), external: true, capability: { acceptance: score, speed: 1, punctuality: 1, score } });
  const known = figures({ warehouses: [supplier('S1', 1, 0.4), supplier('S2', 1, 0.7), supplier('S3', 2, 0.9), ...sites], free: Object.fromEntries(['S1', 'S2', 'S3', 'SZ'].map((id) => [id, { A: 9, B: 9 }])) });

  it('ALC-08: come after own stock; by tier, and of a tier the one that may be expected to do best; their parts are external', () => {
    expect(order(request(), known)).toEqual(['SZ', 'S2', 'S1', 'S3']);
    expect(planRoute(request(), known).plans.map(({ parts }) => parts[0]!.external ?? false)).toEqual([false, true, true, true]);
    expect(candidate('S2', request(), known).figures).toMatchObject({ 'predicted acceptance': '0.70', 'predicted punctuality': '1.00', capability: '0.70', tier: '1' });
  });
  it('ALC-08: one that has taken all the orders of its day is passed over for the next, and says so', () => {
    const full = { ...known, warehouses: known.warehouses.map((site) => (site.warehouse === 'S2' ? { ...site, dailyOrders: 3, capacityLeft: 0 } : site)) };
    expect(order(request(), full)).toEqual(['SZ', 'S1', 'S3']);
    expect(candidate('S2', request(), full).reason).toContain('FULL: takes no more orders today');
    const almost = { ...known, warehouses: known.warehouses.map((site) => (site.warehouse === 'S2' ? { ...site, dailyOrders: 3, capacityLeft: 1 } : site)) };
    expect(candidate('S2', request(), almost).figures).toMatchObject({ 'capacity left': '1' });
  });
});
