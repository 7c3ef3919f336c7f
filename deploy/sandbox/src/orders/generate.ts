import { bigId, createRandom, type Random } from '../random.js';
import type { Product } from './catalogue.js';
import { divide, exponentOf, type WorldAddress, type WorldLine, type WorldOrder } from './order.js';
import * as places from './places.js';

/** What a role in a scenario needs of its order; all else is chance. */
export interface Wish {
  paid?: boolean;
  /** The first line has at least so many units. */
  units?: number;
  /** It has at least so many lines. */
  lines?: number;
  /** The first line is of a SKU that runs short. */
  short?: boolean;
  domestic?: boolean;
  /** A street that no carrier serves. */
  unreachable?: boolean;
}

export interface Draw {
  catalogue: readonly Product[];
  seed: string | number;
  /** Makes ids new where the content is to be the same. */
  salt: string;
  index: number;
  channel: string;
  number: number;
  /** Business time, ms. */
  at: number;
  wish?: Wish;
}

// Units of a currency for one fen.
const FROM_FEN: Record<string, number> = { CNY: 1, USD: 0.14, EUR: 0.13, GBP: 0.11, JPY: 0.21 };
const inCurrency = (fen: number, currency: string): number => {
  const amount = Math.round(fen * (FROM_FEN[currency] ?? 1));
  return exponentOf(currency) === 0 ? Math.max(100, Math.round(amount / 10) * 10) : Math.max(100, amount - (amount % 10) + 9);
};

const digitsOf = (random: Random) => (count: number): string => Array.from({ length: count }, () => random.int(0, 9)).join('');

/** An order like those that shops send; the same draw gives the same order. */
export function generateOrder(draw: Draw): WorldOrder {
  const random = createRandom(`order/${draw.seed}/${draw.index}`);
  const wish = draw.wish ?? {};
  const id = bigId('order', draw.salt, draw.seed, draw.channel, draw.index);
  const domestic = wish.domestic ?? (wish.unreachable === true || random.chance(0.6));
  const country = domestic ? undefined : random.pick(places.ABROAD);
  const currency = country?.currency ?? 'CNY';
  const shipTo = country === undefined ? chinese(random.fork('address'), wish) : foreign(random.fork('address'), country);
  const lines = linesOf(random.fork('lines'), draw, id, currency, domestic);
  const order: WorldOrder = {
    channel: draw.channel, id, number: draw.number,
    customerId: bigId('customer', draw.seed, shipTo.name, shipTo.postcode),
    createdAt: draw.at, updatedAt: draw.at, paidAt: wish.paid === false ? null : draw.at, cancelledAt: null, cancelReason: null,
    currency, presentment: country?.presentment !== undefined && random.chance(0.7) ? country.presentment : null,
    locale: country?.locale ?? 'zh-CN', offsetMinutes: country?.offsetMinutes ?? 480,
    email: random.chance(0.94) ? `buyer.${id.slice(-8)}@example.${random.pick(['com', 'org', 'net'])}` : null,
    phone: shipTo.phone === null && random.chance(0.6) ? `+86139${digitsOf(random)(8)}` : null,
    shipTo, billing: random.chance(0.8) ? shipTo : null,
    lines, shippingLines: shippingOf(random.fork('shipping'), id, currency, domestic), code: null,
    taxesIncluded: country?.taxesIncluded ?? true, taxTitle: country?.taxTitle ?? '', taxRate: country?.taxRate ?? 0,
    note: random.chance(0.45) ? random.pick(domestic ? places.REMARKS_ZH : places.REMARKS_EN) : null,
    attributes: random.chance(0.15) ? [{ name: domestic ? '直播间优惠券' : 'gift-wrap', value: domestic ? '满300减20 🧧' : 'yes / red ribbon' }] : [],
    tags: random.chance(0.25) ? random.pick(['VIP', 'wholesale, EU', '老客户, 直播', 'newsletter']) : '',
    refunds: [],
    hand: { pretty: random.chance(0.5), escapedSlashes: random.chance(0.7) },
  };
  discount(random.fork('discount'), order);
  tax(order);
  return order;
}

function linesOf(random: Random, draw: Draw, id: string, currency: string, domestic: boolean): WorldLine[] {
  const wish = draw.wish ?? {};
  const many = Math.max(wish.lines ?? 1, random.pick([1, 1, 1, 2, 2, 2, 3, 3, 4, 5]));
  const products = random.shuffled(draw.catalogue.filter((product) => !product.short)).slice(0, many);
  if (wish.short === true) products[0] = random.pick(draw.catalogue.filter((product) => product.short));
  return products.map((product, line): WorldLine => {
    // Short SKUs are asked for above what any one warehouse has.
    const quantity = line === 0 && wish.short === true ? random.int(3, 5) : Math.max(line === 0 ? (wish.units ?? 1) : 1, random.pick([1, 1, 1, 1, 1, 2, 2, 3]));
    const title = domestic ? product.titleZh : product.titleEn;
    const gift = random.chance(0.08);
    return {
      id: bigId('line', id, line), productId: bigId('product', product.sku), sku: product.sku, title, variant: random.chance(0.3) ? (domestic ? '默认' : 'Default') : null,
      quantity, currentQuantity: quantity, price: inCurrency(product.price, currency), discount: 0, tax: 0, grams: product.grams,
      properties: gift ? [{ name: domestic ? '贺卡' : 'Gift note', value: domestic ? '生日快乐🎂！永远爱你' : 'Happy Birthday 🎈 "Grandpa" \\o/' }] : [],
    };
  });
}

function shippingOf(random: Random, id: string, currency: string, domestic: boolean): WorldOrder['shippingLines'] {
  const express = random.chance(0.2);
  const title = domestic ? (express ? '顺丰特快' : random.pick(['包邮', '标准快递'])) : express ? 'Express International' : 'Standard Shipping';
  const price = title === '包邮' ? 0 : inCurrency(express ? 60_00 : 18_00, currency);
  const first = { id: bigId('shipping', id, 0), title, code: express ? 'EXPRESS' : 'STANDARD', price, discount: 0, tax: 0 };
  // Several shipping lines are possible: an insurance beside the freight.
  if (!random.chance(0.08)) return [first];
  return [first, { id: bigId('shipping', id, 1), title: domestic ? '运费险' : 'Shipping protection', code: 'INSURANCE', price: inCurrency(6_00, currency), discount: 0, tax: 0 }];
}

function discount(random: Random, order: WorldOrder): void {
  if (!random.chance(0.3)) return;
  const worth = order.lines.map((line) => line.price * line.quantity);
  const items = worth.reduce((total, amount) => total + amount, 0);
  const type = random.pick(['fixed_amount', 'percentage', 'shipping'] as const);
  if (type === 'shipping') {
    order.code = { code: 'FREESHIP', type, value: '100.0' };
    for (const line of order.shippingLines.slice(0, 1)) line.discount = line.price;
    return;
  }
  const amount = type === 'percentage' ? Math.round(items * 0.1) : Math.min(Math.floor(items / 3), inCurrency(15_00, order.currency));
  order.code = { code: type === 'percentage' ? 'WELCOME10' : random.pick(['双11满减', 'TENOFF']), type, value: type === 'percentage' ? '10.0' : String(amount) };
  divide(amount, worth).forEach((share, index) => {
    const line = order.lines[index];
    if (line !== undefined) line.discount = share;
  });
}

function tax(order: WorldOrder): void {
  const of = (net: number): number => Math.round(order.taxesIncluded ? net - net / (1 + order.taxRate) : net * order.taxRate);
  for (const line of order.lines) line.tax = of(line.price * line.quantity - line.discount);
  for (const line of order.shippingLines) line.tax = order.taxesIncluded ? of(line.price - line.discount) : 0;
}

function chinese(random: Random, wish: Wish): WorldAddress {
  const [province, english, code, city, district, postcode] = random.pick(places.CHINA);
  const lastName = random.pick(places.CHINA_SURNAMES);
  const firstName = random.pick(places.CHINA_GIVEN);
  const name = code === 'XJ' && random.chance(0.6) ? random.pick(places.UYGHUR) : lastName + firstName;
  const house = `${random.pick(places.CHINA_STREETS)}${random.int(1, 399)}号${random.pick(places.CHINA_ESTATES)}${random.int(1, 28)}号楼${random.int(1, 4)}单元${random.int(1, 32)}0${random.int(1, 6)}室`;
  // Buyers write province and city into the street again, or not.
  const prefix = random.pick(['', district, district, `${city}${district}`, `${province}${city}${district}`]);
  const mobile = `1${random.pick(['38', '39', '50', '86', '98', '77'])}${digitsOf(random)(8)}`;
  const phone = random.pick([`+86${mobile}`, `+86${mobile}`, mobile, `+86 ${mobile.slice(0, 3)} ${mobile.slice(3, 7)} ${mobile.slice(7)}`]);
  return {
    name, firstName: name === lastName + firstName ? firstName : name, lastName: name === lastName + firstName ? lastName : '',
    company: random.chance(0.12) ? random.pick(places.CHINA_COMPANIES) : null, phone: random.chance(0.95) ? phone : null,
    country: 'CN', countryName: 'China', province: random.chance(0.85) ? province : english, provinceCode: code, city, district, postcode,
    street: wish.unreachable === true ? `${district}戈壁滩不可达哨所${random.int(1, 9)}号` : prefix + house, street2: random.chance(0.1) ? '（靠近地铁口）' : null,
  };
}

function foreign(random: Random, from: places.Abroad): WorldAddress {
  const [city, province, provinceCode, postcode] = random.pick(from.places);
  const firstName = random.pick(from.first);
  const lastName = random.pick(from.last);
  const number = random.int(1, 480);
  const street = random.pick(from.streets);
  const line = from.country === 'DE' ? `${street} ${number}` : from.country === 'JP' ? `${street}${random.int(1, 6)}-${random.int(1, 30)}-${random.int(1, 20)}` : `${number} ${street}`;
  return {
    name: from.country === 'JP' ? `${lastName} ${firstName}` : `${firstName} ${lastName}`, firstName, lastName,
    company: random.chance(0.12) ? random.pick(['Søren & Söhne GmbH', 'Acme, Inc.', 'Café "Le Petit"', 'K/S Trading Sdn Bhd']) : null,
    phone: random.chance(0.92) ? from.phone(digitsOf(random)) : null,
    country: from.country, countryName: from.countryName, province, provinceCode, city, district: '', postcode,
    street: line, street2: random.chance(0.3) ? random.pick(['Apt 4B', '3rd floor / Suite 12', 'c/o Hofmann']) : null,
  };
}
