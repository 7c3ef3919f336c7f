import { decimalText, provinceKey } from '@flotilla/values';
import type { Chosen } from './parcel.decider.js';
import type { Rate, RateCard } from './rate-card.decider.js';
import type { Suspension } from './suspension.decider.js';

export interface Lane {
  readonly fromProvince: string;
  readonly country: string;
  readonly province: string;
  readonly city?: string;
  readonly grams: number;
  /** What the goods take, mm³; absent or 0 where nobody knows. */
  readonly cubicMm?: number;
  /** Business date, YYYY-MM-DD, in the carrier's zone. */
  readonly date: string;
}

export interface Card {
  readonly carrier: string;
  readonly service: string;
  readonly rates: RateCard;
  /** Its number would come out of a pool. */
  readonly pooled?: boolean;
}

export interface Quoted {
  readonly carrier: string;
  readonly service: string;
  readonly price: { readonly amount: number; readonly currency: string };
  readonly days: number;
  /** Which rate, and how the price comes about. */
  readonly rule: string;
  readonly pooled?: true;
}

/** The price of one card for a lane; undefined if it has no rate for it. The narrowest zone wins, then the latest first day. */
export const quote = (card: Card, lane: Lane): Quoted | undefined => {
  const fitting = Object.values(card.rates)
    .filter((rate) => rate.validFrom <= lane.date && (rate.validTo === '' || lane.date <= rate.validTo))
    .map((rate) => ({ rate, rank: rank(rate, lane) }))
    .filter(({ rate, rank: fits }) => fits > 0 && (rate.extraGrams > 0 || paidGrams(rate, lane) <= rate.firstGrams))
    .sort((a, b) => b.rank - a.rank || (a.rate.validFrom < b.rate.validFrom ? 1 : -1));
  const rate = fitting[0]?.rate;
  if (!rate) return undefined;
  const grams = paidGrams(rate, lane);
  const extras = rate.extraGrams > 0 ? Math.max(0, Math.ceil((grams - rate.firstGrams) / rate.extraGrams)) : 0;
  const { surcharge = 0, surchargePercent = 0 } = rate;
  const freight = rate.firstPrice + extras * rate.extraPrice;
  // Hundredths of a percent as whole numbers: 0.1 has no exact form.
  const percent = Math.ceil((freight * Math.round(surchargePercent * 100)) / 10_000);
  const amount = freight + percent + surcharge;
  const money = (minor: number): string => decimalText(minor, rate.currency);
  const rule = `${rate.from}>${rate.to} from ${rate.validFrom}: first ${rate.firstGrams} g ${money(rate.firstPrice)}${extras > 0 ? ` + ${extras} × ${rate.extraGrams} g ${money(rate.extraPrice)}` : ''}${surchargePercent > 0 ? ` + ${surchargePercent} % ${money(percent)}` : ''}${surcharge > 0 ? ` + surcharge ${money(surcharge)}` : ''} ${rate.currency}${grams > lane.grams ? `, ${grams} g by volume (÷${rate.volumeDivisor})` : ''}`;
  return { carrier: card.carrier, service: card.service, price: { amount, currency: rate.currency }, days: rate.days, rule, ...(card.pooled ? { pooled: true } : {}) };
};

// A kilogram for each `volumeDivisor` cm³ is a gram for as many mm³.
const paidGrams = ({ volumeDivisor }: Rate, { grams, cubicMm = 0 }: Lane): number => (volumeDivisor === undefined ? grams : Math.max(grams, Math.ceil(cubicMm / volumeDivisor)));

/** All prices, cheapest first; equal ones by days, then by name, so that the order never depends on luck. */
export const quotes = (cards: readonly Card[], lane: Lane): readonly Quoted[] =>
  cards
    .flatMap((card) => quote(card, lane) ?? [])
    .sort((a, b) => a.price.amount - b.price.amount || a.days - b.days || (`${a.carrier}.${a.service}` < `${b.carrier}.${b.service}` ? -1 : 1));

/** From here on a STANDARD parcel is bulky: no parcel carrier's belt takes it, grams. */
export const bulkyGrams = 50_000;

/** The carrier that is preferred (`by` routing, or the buyer) if it has a price, else the cheapest; none that is excluded. With the reason in words. */
export const choose = (cards: readonly Card[], service: string, excluded: readonly string[], lane: Lane, preferred = '', suspended: readonly Suspension[] = [], by = 'routing'): Chosen => {
  const closed = new Map(cards.flatMap(({ carrier }): [string, string][] => {
    const found = suspended.find((one) => (one.carrier === '*' || one.carrier === carrier) && concerns(one, lane));
    return found ? [[carrier, wordsOf(found)]] : [];
  }));
  const open = cards.filter(({ carrier }) => !excluded.includes(carrier) && !closed.has(carrier));
  const asked = open.filter((card) => card.service === service);
  const bulky = service === 'STANDARD' && lane.grams >= bulkyGrams ? quotes(open.filter((card) => card.service === 'BULKY'), lane) : [];
  const offers = bulky.length > 0 ? bulky : quotes(asked, lane);
  const best = offers.find(({ carrier }) => carrier === preferred) ?? offers[0];
  const others = offers.filter((offer) => offer !== best);
  const where = `${lane.grams} g from ${lane.fromProvince || 'anywhere'} to ${[lane.country, lane.province].filter(Boolean).join('/')} on ${lane.date}, ${service}`;
  const without = `${excluded.length > 0 ? `; excluded: ${excluded.join(', ')}` : ''}${closed.size > 0 ? `; suspended: ${[...closed].map(([carrier, words]) => `${carrier} (${words})`).join(', ')}` : ''}`;
  if (!best) return { none: { carrier: (asked[0] ?? cards.find((card) => card.service === service && !excluded.includes(card.carrier)))?.carrier ?? '', reason: 'NO_RATE', detail: `no rate card covers ${where}${without}` } };
  const price = `${decimalText(best.price.amount, best.price.currency)} ${best.price.currency}`;
  const rest = others.length > 0 ? `; ${best === offers[0] ? 'dearer' : 'others'}: ${others.map((other) => `${other.carrier} ${decimalText(other.price.amount, other.price.currency)} ${other.price.currency}`).join(', ')}` : '';
  return { choice: { carrier: best.carrier, service: best.service, quoted: best.price, days: best.days, ...(lane.cubicMm ? { cubicMm: lane.cubicMm } : {}), ...(best.pooled ? { pooled: true } : {}), explain: `${best.carrier}${best.pooled ? ', numbers from its pool,' : ''}${best.carrier === preferred ? `, preferred by ${by},` : ''} ${price} for ${where} (${best.rule})${rest}${without}` } };
};

/** Those that hold at a moment of business time. */
export const holding = (suspended: Readonly<Record<string, Suspension>>, at: string): readonly Suspension[] => Object.values(suspended).filter(({ from, until }) => from <= at && (until === '' || at < until));

const concerns = ({ way, region, city }: Suspension, lane: Lane): boolean =>
  (way !== 'COLLECT' && destination(region, lane) > 0 && (city === '' || bareCity(city) === bareCity(lane.city ?? ''))) || (way !== 'DELIVER' && destination(region, { ...lane, country: 'CN', province: lane.fromProvince }) > 0);
const bareCity = (city: string): string => city.replace(/(?:市|地区|自治州|盟)$/u, '').toLowerCase();
const wordsOf = ({ way, region, city, until, reason }: Suspension): string => [way, city === '' ? region : `${region} ${city}`, until && `until ${until}`, reason].filter(Boolean).join(' ');

/** Grams of all items together. */
export const gramsOf = (items: readonly { readonly quantity: number; readonly grams: number }[]): number => items.reduce((sum, item) => sum + item.quantity * item.grams, 0);

// 0 = does not fit. A narrower destination is worth more than a named origin.
const rank = (rate: Rate, lane: Lane): number => {
  const from = rate.from === '*' ? 1 : provinceKey('CN', rate.from) === provinceKey('CN', lane.fromProvince) ? 2 : 0;
  const to = destination(rate.to, lane);
  return from === 0 || to === 0 ? 0 : to * 10 + from;
};

const destination = (zone: string, { country, province }: Lane): number => {
  if (zone === '*') return 1;
  if (/^[A-Z]{2}$/.test(zone)) return zone === country ? 2 : 0;
  const [, land, part] = /^([A-Z]{2})\/(.+)$/.exec(zone) ?? [undefined, 'CN', zone];
  return land === country && provinceKey(country, part!) === provinceKey(country, province) ? 3 : 0;
};
