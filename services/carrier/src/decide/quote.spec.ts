import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { provinceKey } from '@flotilla/values';
import { choose, holding, quote, quotes, type Card, type Lane } from './quote.js';
import { rateCard, type Rate } from './rate-card.decider.js';
import type { Suspension } from './suspension.decider.js';

const rate: Rate = { from: '*', to: 'CN', firstGrams: 1000, firstPrice: 1200, extraGrams: 500, extraPrice: 300, currency: 'CNY', days: 3, validFrom: '2026-01-01', validTo: '' };
const card = (carrier: string, ...rates: readonly Partial<Rate>[]): Card => ({ carrier, service: 'STANDARD', rates: Object.fromEntries(rates.map((part, index) => [String(index), { ...rate, ...part }])) });
const lane: Lane = { fromProvince: '广东省', country: 'CN', province: '北京市', grams: 900, date: '2026-11-21' };
const price = (rates: Card, change: Partial<Lane> = {}): number | undefined => quote(rates, { ...lane, ...change })?.price.amount;

describe('CAR-02: a quote', () => {
  it('CAR-02: is the first weight, and for each begun extra weight more', () => {
    expect(price(card('sf', {}), { grams: 0 })).toBe(1200);
    expect(price(card('sf', {}), { grams: 1000 })).toBe(1200);
    expect(price(card('sf', {}), { grams: 1001 })).toBe(1500);
    expect(price(card('sf', {}), { grams: 2500 })).toBe(2100);
    expect(price(card('sf', { extraGrams: 0 }), { grams: 1001 })).toBeUndefined();
  });

  it('CAR-02: the narrowest zone wins: province, then country, then anywhere; then the named origin', () => {
    const rates = card('sf', { to: '*', firstPrice: 1 }, { to: 'CN', firstPrice: 2 }, { to: '北京', firstPrice: 3 }, { to: '北京', from: '广东', firstPrice: 4 }, { to: 'US/California', firstPrice: 5 }, { to: 'US', firstPrice: 6 });
    expect(price(rates)).toBe(4);
    expect(price(rates, { fromProvince: '浙江' })).toBe(3);
    expect(price(rates, { province: '上海' })).toBe(2);
    expect(price(rates, { country: 'FR', province: '' })).toBe(1);
    expect(price(rates, { country: 'US', province: 'california' })).toBe(5);
    expect(price(rates, { country: 'US', province: 'Texas' })).toBe(6);
    expect(price(card('sf', { to: '北京' }), { country: 'US', province: '北京' })).toBeUndefined();
  });

  it('CAR-02: surcharges come on top: percent of the freight rounded up, then what is fixed; both in the rule', () => {
    expect(price(card('sf', { surcharge: 500 }))).toBe(1700);
    expect(price(card('sf', { surchargePercent: 12.35 }), { grams: 1001 })).toBe(1500 + 186);
    expect(price(card('sf', { surchargePercent: 0.1, firstPrice: 1000 }))).toBe(1001);
    expect(quote(card('sf', { surcharge: 500, surchargePercent: 10 }), lane)).toMatchObject({ price: { amount: 1820 }, rule: expect.stringContaining('+ 10 % 1.20 + surcharge 5.00 CNY') });
    expect(quotes([card('sf', { surcharge: 500 }), card('zto', { firstPrice: 1600 })], lane).map(({ carrier }) => carrier)).toEqual(['zto', 'sf']);
    // A season: a newer rate of the lane with a surcharge, until its last day.
    const season = card('sf', {}, { surcharge: 300, validFrom: '2026-11-01', validTo: '2026-11-21' });
    expect([price(season), price(season, { date: '2026-11-22' })]).toEqual([1500, 1200]);
  });

  it('CAR-02: what is larger than it is heavy is paid by its volume, by the divisor of each card; the rule says so', () => {
    const large = { cubicMm: 30_000_000 }; // 30 dm³: 5 kg at 6000, 3.75 kg at 8000
    const at = (volumeDivisor: number): Card => card('sf', { volumeDivisor });
    expect([price(card('sf', {}), large), price(at(6000), large), price(at(8000), large), price(at(6000)), price(at(6000), { ...large, grams: 6000 })]).toEqual([1200, 3600, 3000, 1200, 4200]);
    expect(price(card('sf', { volumeDivisor: 6000, extraGrams: 0 }), large)).toBeUndefined();
    expect(quote(at(6000), { ...lane, ...large })?.rule).toMatch(/CNY, 5000 g by volume \(÷6000\)$/);
    expect(quote(at(6000), lane)?.rule).not.toContain('volume');
    // A card that looks at the weight alone is cheaper for it, and is chosen; what it takes is kept with the choice.
    expect(choose([at(6000), card('zto', { firstPrice: 1300 })], 'STANDARD', [], { ...lane, ...large })).toMatchObject({ choice: { carrier: 'zto', cubicMm: 30_000_000 } });
  });

  it('CAR-02: holds from its first to its last day; of several the latest', () => {
    const rates = card('sf', { firstPrice: 1 }, { firstPrice: 2, validFrom: '2026-11-21', validTo: '2026-11-30' });
    expect([price(rates, { date: '2025-12-31' }), price(rates, { date: '2026-11-20' }), price(rates), price(rates, { date: '2026-11-30' }), price(rates, { date: '2026-12-01' })]).toEqual([undefined, 1, 2, 2, 1]);
  });

  it('ALC-12: from 50 kg a STANDARD parcel goes by the lorry, where one drives; nothing else changes', () => {
    const sf = card('sf', { extraGrams: 1000 });
    const lorry: Card = { carrier: 'own', service: 'BULKY', rates: { one: { ...rate, to: '广东', firstGrams: 30_000, firstPrice: 9_800, extraGrams: 10_000, extraPrice: 800 } } };
    const chosen = (grams: number, province: string, excluded: readonly string[] = [], service = 'STANDARD') => {
      const found = choose([sf, lorry], service, excluded, { ...lane, grams, province }, 'sf');
      return 'choice' in found ? `${found.choice.carrier}.${found.choice.service} ${found.choice.quoted.amount}` : found.none.reason;
    };
    expect([chosen(49_999, '广东'), chosen(50_000, '广东'), chosen(50_001, '广东'), chosen(80_000, '北京')]).toEqual(['sf.STANDARD 15900', 'own.BULKY 11400', 'own.BULKY 12200', 'sf.STANDARD 24900']);
    expect([chosen(60_000, '广东', ['own']), chosen(60_000, '广东', [], 'EXPRESS')]).toEqual(['sf.STANDARD 18900', 'NO_RATE']);
  });

  it('CAR-02: the cheapest carrier is chosen, ties by days and name, and the reason is given in words', () => {
    const cards = [card('zto', { firstPrice: 900, days: 4 }), card('yto', { firstPrice: 900 }), card('sf', {})];
    expect(quotes(cards, lane).map(({ carrier }) => carrier)).toEqual(['yto', 'zto', 'sf']);
    expect(choose(cards, 'STANDARD', ['yto'], lane)).toEqual({
      choice: {
        carrier: 'zto', service: 'STANDARD', quoted: { amount: 900, currency: 'CNY' }, days: 4,
        explain: 'zto 9.00 CNY for 900 g from 广东省 to CN/北京市 on 2026-11-21, STANDARD (*>CN from 2026-01-01: first 1000 g 9.00 CNY); dearer: sf 12.00 CNY; excluded: yto',
      },
    });
    expect(choose(cards, 'STANDARD', ['yto'], lane, 'sf')).toMatchObject({ choice: { carrier: 'sf', explain: expect.stringContaining('sf, preferred by routing, 12.00 CNY') } });
    expect(choose(cards, 'STANDARD', ['yto'], lane, 'sf', [], 'the buyer')).toMatchObject({ choice: { explain: expect.stringContaining('sf, preferred by the buyer, 12.00 CNY') } });
    expect(choose(cards, 'STANDARD', ['yto'], lane, 'yto')).toMatchObject({ choice: { carrier: 'zto' } });
    expect(choose(cards, 'EXPRESS', [], lane)).toMatchObject({ none: { carrier: '', reason: 'NO_RATE' } });
    expect(choose([card('sf', { to: 'US' })], 'STANDARD', [], lane)).toMatchObject({ none: { carrier: 'sf', reason: 'NO_RATE' } });
  });

  it('CAR-01: who does not deliver or collect there for a time is not chosen, and the explain says why', () => {
    const cards = [card('yto', { firstPrice: 900 }), card('sf', {})];
    const closed = (change: Partial<Suspension>): Suspension => ({ id: 'x', carrier: 'yto', region: '北京', city: '', way: 'DELIVER', from: '2026-11-20T00:00:00.000Z', until: '2026-11-25T00:00:00.000Z', reason: '暴雪 snow', ...change });
    const by = (change: Partial<Suspension>, of: Partial<Lane> = {}, preferred = '') => {
      const found = choose(cards, 'STANDARD', [], { ...lane, ...of }, preferred, [closed(change)]);
      return 'choice' in found ? found.choice.carrier : found.none.reason;
    };
    expect(choose(cards, 'STANDARD', [], lane, 'yto', [closed({})])).toMatchObject({ choice: { carrier: 'sf', explain: expect.stringMatching(/; suspended: yto \(DELIVER 北京 until 2026-11-25T00:00:00.000Z 暴雪 snow\)$/) } });
    expect([by({ region: '上海' }), by({ way: 'COLLECT' }), by({ way: 'COLLECT', region: '广东' }), by({ way: 'BOTH', region: '广东' }), by({ region: 'CN' }), by({ region: '*' }), by({ carrier: '*' })]).toEqual(['yto', 'yto', 'sf', 'sf', 'sf', 'sf', 'NO_RATE']);
    expect([by({ city: '延庆' }, { city: '北京市' }), by({ city: '北京' }, { city: '北京市' }), by({ city: '北京' })]).toEqual(['yto', 'sf', 'yto']);
    // A carrier that only a rate card names is barred by its name, everywhere and without an end.
    expect(by({ region: '*', way: 'BOTH', until: '' })).toBe('sf');
    // NO_RATE names somebody, so that order-core comes to an end.
    expect(choose(cards, 'STANDARD', [], lane, '', [closed({ carrier: '*' })])).toMatchObject({ none: { carrier: 'yto', detail: expect.stringContaining('suspended: yto') } });
    const all = { a: closed({}), b: closed({ until: '' }) };
    expect(['2026-11-19T23:59:59.999Z', '2026-11-20T00:00:00.000Z', '2026-11-25T00:00:00.000Z'].map((at) => holding(all, at).length)).toEqual([0, 2, 1]);
  });

  it('knows provinces by their Chinese name with and without suffix, their pinyin and their code', () => {
    for (const name of ['广西', '广西壮族自治区', 'Guangxi', 'GX', 'Guangxi Zhuang Autonomous Region', 'guangxi sheng']) expect(provinceKey('CN', name)).toBe('广西');
    expect(provinceKey('CN', 'Shaanxi')).not.toBe(provinceKey('CN', 'Shanxi'));
    expect(provinceKey('CN', '内蒙古自治区')).toBe(provinceKey('CN', 'Inner Mongolia'));
    expect(provinceKey('US', 'New  York')).toBe('newyork');
  });
});

describe('CAR-02: a rate card', () => {
  const { given } = specify(rateCard);
  const set = (...rates: readonly Rate[]) => ({ type: 'SetRates' as const, data: { carrier: 'sf', service: 'STANDARD', rates } });
  const event = (of: Rate) => ({ type: 'RateSet' as const, data: { carrier: 'sf', service: 'STANDARD', ...of } });

  it('CAR-02: takes what is new or changed; the same again is nothing', () => {
    given().when(set(rate, { ...rate, to: 'US' }, rate)).then(event(rate), event({ ...rate, to: 'US' }));
    given(event(rate)).when(set(rate)).thenNothing();
    given(event(rate)).when(set({ ...rate, firstPrice: 1300 })).then(event({ ...rate, firstPrice: 1300 }));
    given(event(rate)).when(set({ ...rate, validFrom: '2026-12-01' })).then(event({ ...rate, validFrom: '2026-12-01' }));
  });

  it('refuses what cannot be a rate', () => {
    given().when(set({ ...rate, firstGrams: 0 })).thenRefused('BAD_QUANTITY');
    given().when(set({ ...rate, surchargePercent: 101 })).thenRefused('BAD_QUANTITY');
    given().when(set({ ...rate, surcharge: -1 })).thenRefused('BAD_QUANTITY');
    given(event({ ...rate, surcharge: 100 })).when(set(rate)).then(event(rate));
    for (const volumeDivisor of [0, 999, 20_001, 6000.5]) given().when(set({ ...rate, volumeDivisor })).thenRefused('BAD_QUANTITY');
    given().when(set({ ...rate, validTo: '2025-12-31' })).thenRefused('BAD_INSTANT');
  });
});
