import { describe, expect, it } from '@jest/globals';
import type { allocation } from '@flotilla/contracts';
import { specify } from '@flotilla/testing';
import { cityKey } from './places.js';
import { barsFor, completed, problemsOf, routingRule, ruleSet } from './rules.js';
import { KEPT_VERSIONS, rules, type RulesEvent } from './rules.decider.js';
import { lanes, MAX_LANES } from './lanes.decider.js';
import { noLanes } from './lanes.js';

const { given } = specify(rules);
const [at, by] = ['2026-11-22T00:00:00.000Z', 'ops'];
const put = (version: number, changes: Partial<allocation.RuleSet> = {}): RulesEvent => ({ type: 'RulesPut', data: { version, rules: ruleSet({ name: `v${version}`, ...changes }), at, by } });
const paths = (changes: Partial<allocation.RuleSet>): readonly string[] => problemsOf(ruleSet(changes)).map(({ path }) => path);
const ruleWith = (when: Partial<allocation.Condition>, exclude: Partial<allocation.Targets> = { carriers: ['sf'] }): Partial<allocation.RuleSet> => ({ rules: [routingRule('r', when, { exclude })] });

describe('ALC-03: rule sets', () => {
  it('ALC-03: each is a version, complete as it is stored', () => {
    given().when({ type: 'PutRules', data: { rules: ruleSet({ name: 'v1', criteria: [], unknownGrams: 0 }), at, by } }).then(put(1));
    given(put(1)).when({ type: 'PutRules', data: { rules: ruleSet({ name: 'v2' }), at, by } }).then(put(2));
  });
  it('ALC-03: a version is activated once; 0 goes back to the built-in rules', () => {
    const active: RulesEvent = { type: 'RulesActivated', data: { version: 1, at, by } };
    given(put(1)).when({ type: 'ActivateRules', data: { version: 1, at, by } }).then(active);
    given(put(1), active).when({ type: 'ActivateRules', data: { version: 1, at, by } }).thenNothing();
    given(put(1), active).when({ type: 'ActivateRules', data: { version: 0, at, by } }).then({ type: 'RulesActivated', data: { version: 0, at, by } });
    given(put(1)).when({ type: 'ActivateRules', data: { version: 2, at, by } }).thenRefused('NOT_FOUND');
  });
  it('ALC-03: the version in force stays known, however many come after it', () => {
    const many = Array.from({ length: KEPT_VERSIONS + 5 }, (_, index) => put(index + 2));
    const state = [put(1), { type: 'RulesActivated', data: { version: 1, at, by } } as const, ...many].reduce(rules.evolve, rules.initial);
    expect(state.active.version).toBe(1);
    expect(state.versions).toHaveLength(KEPT_VERSIONS);
    expect(() => rules.decide({ type: 'ActivateRules', data: { version: 3, at, by } }, state)).toThrow('no version 3');
  });
  it('ALC-03: a bad set is refused with where and why', () => {
    given().when({ type: 'PutRules', data: { rules: ruleSet({ ranking: 'LUCK' }), at, by } }).thenRefused('BAD_RULES');
    expect(problemsOf(ruleSet())).toEqual([]);
    expect(paths({ name: ' '.repeat(3) })).toEqual(['name']);
    expect(paths({ ranking: 'SCORE' })).toEqual(['weights']);
    expect(paths({ weights: { ...ruleSet().weights, days: Number.NaN } })).toEqual(['weights.days']);
    expect(paths({ criteria: ['ARRIVAL', 'ARRIVAL'] })).toEqual(['criteria[1]']);
    expect(paths({ criteria: ['FREIGHT', 'STOCK'] })).toEqual(['criteria[1]']);
    expect(paths({ rules: Array.from({ length: 101 }, (_, index) => routingRule(`r${index}`, {}, { exclude: { carriers: ['sf'] } })) })).toEqual(['rules']);
    expect(paths({ rules: [routingRule('r', {}, { only: { carriers: ['sf'] } }), routingRule('r', {}, { only: { warehouses: ['W1'] } })] })).toEqual(['rules[1].name']);
    expect(paths(ruleWith({ countries: ['China'] }))).toEqual(['rules[0].when.countries[0]']);
    expect(paths(ruleWith({ valueAbove: 5 }))).toEqual(['rules[0].when.valueCurrency']);
    expect(paths(ruleWith({ valueAbove: 5, valueUpTo: 5, valueCurrency: 'CNY' }))).toEqual(['rules[0].when.valueUpTo']);
    expect(paths(ruleWith({ channels: ['woo eu'], tags: [''] }))).toEqual(['rules[0].when.channels[0]', 'rules[0].when.tags[0]']);
    expect(paths(ruleWith({ gramsAbove: -1 }))).toEqual(['rules[0].when.gramsAbove']);
    expect(paths(ruleWith({}, { carriers: ['S F'] }))).toEqual(['rules[0].exclude.carriers[0]']);
    expect(paths(ruleWith({ cities: Array.from({ length: 101 }, () => 'x') }))).toEqual(['rules[0].when.cities']);
    expect(paths({ currency: 'yuan' })).toEqual(['currency']);
    expect(paths({ exchange: [{ currency: 'USD', rate: 0 }] })).toEqual(['exchange[0].rate']);
    expect(paths({ handling: [{ warehouse: 'W.1', perParcel: -1 }] })).toEqual(['handling[0].warehouse[0]', 'handling[0].perParcel']);
    expect(paths({ split: { forbidden: false, maxParts: 1, minValuePerPart: { amount: 5, currency: '' } } })).toEqual(['split.maxParts', 'split.minValuePerPart.currency']);
    expect(paths({ learned: { sharePercent: 101, minSamples: -1 }, unknownGrams: 1.5 })).toEqual(['unknownGrams', 'learned.sharePercent', 'learned.minSamples']);
  });
  it('CAR-01: a rule about carriers holds by shop and by what the buyer wishes or a promotion says, together with all else that it names', () => {
    const set = ruleSet({
      rules: [
        routingRule('wishes SF', { tags: ['发顺丰', 'SF'] }, { only: { carriers: ['sf'] } }),
        routingRule('promotion ships cheaply', { tags: ['618'], channels: ['taobao-demo'], valueUpTo: 5_000, valueCurrency: 'CNY' }, { exclude: { carriers: ['sf'] } }),
      ],
    });
    const barred = (changes: Partial<Parameters<typeof barsFor>[1]>): string =>
      ['sf', 'zto'].map((name) => `${name} ${barsFor(set, { country: 'CN', province: '', city: '', district: '', grams: 100, value: { amount: 4_000, currency: 'CNY' }, priority: 0, service: 'STANDARD', orders: [{ channel: 'taobao-demo' }], ...changes }).carrier(name) ?? '-'}`).join(', ');
    expect(barred({})).toBe('sf -, zto -');
    expect(barred({ tags: [] })).toBe('sf -, zto -');
    expect(barred({ tags: [' sf '] })).toBe('sf -, zto wishes SF');
    expect(barred({ tags: ['618'] })).toBe('sf promotion ships cheaply, zto -');
    expect(barred({ tags: ['618'], orders: [{ channel: 'woo-eu' }] })).toBe('sf -, zto -');
    expect(barred({ tags: ['618'], value: { amount: 6_000, currency: 'CNY' } })).toBe('sf -, zto -');
    // A set that was stored before rules knew shops and tags.
    const { channels: _, tags: __, ...old } = routingRule('old', { gramsAbove: 0 }, { exclude: { carriers: ['zto'] } }).when;
    expect(barsFor(ruleSet({ rules: [{ ...set.rules[0]!, name: 'old', when: old as allocation.Condition }] }), { country: 'CN', province: '', city: '', district: '', grams: 100, value: { amount: 0, currency: 'CNY' }, priority: 0, service: 'STANDARD', orders: [] }).carrier('zto')).toBe('old');
  });
  it('ALC-03: completing changes nothing that was said', () => expect(completed(ruleSet({ currency: 'USD', unknownGrams: 7 }))).toEqual(ruleSet({ currency: 'USD', unknownGrams: 7 })));
});

describe('ALC-03: lanes', () => {
  const lane: allocation.Lane = { carrier: 'sf', service: 'STANDARD', warehouse: '', fromProvince: '广东省', toZone: '北京市', firstGrams: 1_000, firstPrice: 1_600, extraGrams: 1_000, extraPrice: 600, currency: 'CNY', days: 3, validFrom: '2026-01-01', validTo: '' };
  const set = (...all: readonly allocation.Lane[]) => ({ type: 'LanesSet', data: { lanes: all } }) as const;
  const asked = specify(lanes);

  it('ALC-03: the same lane again is nothing, however its province is written; another price is the same lane changed', () => {
    asked.given(set(lane)).when({ type: 'SetLanes', data: { lanes: [lane] } }).thenNothing();
    asked.given(set(lane)).when({ type: 'SetLanes', data: { lanes: [lane, { ...lane, firstPrice: 1 }] } }).then(set({ ...lane, firstPrice: 1 }));
    expect(lanes.evolve(lanes.evolve(noLanes, set(lane)), set({ ...lane, fromProvince: 'Guangdong', firstPrice: 1 }))).toMatchObject({ version: 2, count: 1, carriers: ['sf'] });
  });
  it('ALC-03: a later first day is a lane of its own', () => expect(lanes.evolve(noLanes, set(lane, { ...lane, validFrom: '2026-07-01' })).count).toBe(2));
  it('ALC-03: refuses what cannot be', () => {
    asked.given().when({ type: 'SetLanes', data: { lanes: [{ ...lane, firstGrams: 0 }] } }).thenRefused('BAD_QUANTITY');
    asked.given().when({ type: 'SetLanes', data: { lanes: [{ ...lane, validTo: '2025-01-01' }] } }).thenRefused('BAD_INSTANT');
    expect(() => lanes.decide({ type: 'SetLanes', data: { lanes: [lane] } }, { ...noLanes, count: MAX_LANES })).toThrow(`at most ${MAX_LANES}`);
  });
  it('ALC-03: a city is one with and without its suffix', () => {
    for (const name of ['喀什地区', '喀什市', '喀什', ' 喀什 ']) expect(cityKey(name)).toBe('喀什');
    expect(cityKey('Kashgar City')).toBe(cityKey('kashgar'));
    expect(cityKey('沙市')).toBe('沙市');
    expect(cityKey('南山区')).toBe('南山');
  });
});
