import { atOffset } from '../../clock.js';
import { Digits, type Branch } from '../../json.js';
import { decimal, exponentOf, totalsOf } from '../../orders/order.js';
import { bigId } from '../../random.js';
import type { Shop, ShopOrder } from './shop.js';

/** One line of a payout; amounts in minor units. */
export interface Transaction {
  id: string;
  payoutId: string;
  at: number;
  type: 'charge' | 'refund';
  /** `#1001` */
  order: string;
  orderId: string;
  brand: string;
  amount: number;
  fee: number;
  currency: string;
  /** Why it is not as it should be: for the driver, never in the file. */
  oddity: '' | 'short' | 'over' | 'unknown-order' | 'repeated';
}

export interface Batch {
  number: number;
  date: number;
  offsetMinutes: number;
  lines: Transaction[];
}

const HEADER =
  'Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency';

/** Which orders a batch takes. */
export type Ripe = 'paid' | 'fulfilled';

/** The payouts of a shop: each batch takes what was paid or refunded and stands in none before. */
export class Payouts {
  readonly batches: Batch[] = [];
  readonly #paid = new Set<string>();

  constructor(private readonly shop: Shop, private readonly now: () => number) {}

  /** Batch `number`, closing it if it is the next one; undefined if there is nothing for it or it lies further ahead. */
  batch(number: number, options: { ripe?: Ripe; odd?: boolean } = {}): Batch | undefined {
    if (number !== this.batches.length + 1) return this.batches[number - 1];
    const lines = [...this.shop.orders.values()].filter((order) => options.ripe !== 'fulfilled' || order.fulfilments.length > 0).flatMap((order) => this.#due(order, number));
    if (lines.length === 0) return undefined;
    if (options.odd === true && number === 1 && lines.length >= 10) this.#addOddities(lines);
    for (const { id } of lines) this.#paid.add(id);
    const batch = { number, date: this.now(), offsetMinutes: 480, lines };
    this.batches.push(batch);
    return batch;
  }

  #due(order: ShopOrder, number: number): Transaction[] {
    const { world } = order;
    if (world === null || world.paidAt === null) return [];
    const payoutId = String(BigInt(bigId('payout', this.shop.channel, number, world.currency)) % 1_000_000_000_000n);
    const base = { payoutId, order: `#${world.number}`, orderId: world.id, brand: ['visa', 'mastercard', 'unionpay', 'amex'][Number(world.id.at(-1)) % 4] ?? 'visa', currency: world.currency };
    const { total } = totalsOf(world);
    const amount = order.settles === 'short' ? total - Math.ceil(total * 0.013) : order.settles === 'over' ? total + Math.ceil(total * 0.009) : total;
    const oddity = order.settles === 'exact' ? '' : order.settles;
    const charge: Transaction = { ...base, id: bigId('charge', world.id), at: world.paidAt, type: 'charge', amount, fee: feeOf(amount, world.currency), oddity };
    const refunds = world.refunds.map((refund): Transaction => ({ ...base, id: bigId('refund', refund.id), at: refund.at, type: 'refund', amount: -refund.amount, fee: 0, oddity: '' }));
    return [charge, ...refunds].filter(({ id }) => !this.#paid.has(id));
  }

  #addOddities(lines: Transaction[]): void {
    const sound = lines.filter(({ type, oddity }) => type === 'charge' && oddity === '');
    const [first, second] = [sound[0], sound[Math.floor(sound.length / 2)]];
    if (first === undefined || second === undefined) return;
    // An order that this shop never had, and one line twice.
    lines.splice(Math.floor(lines.length / 3), 0, { ...first, id: bigId('stray', first.id), order: `#X${first.order.slice(1)}`, orderId: '', oddity: 'unknown-order' });
    lines.push({ ...second, oddity: 'repeated' });
  }
}

/** 2.9 % and 30 of the small unit. */
export const feeOf = (amount: number, currency: string): number => Math.round(amount * 0.029) + (exponentOf(currency) === 0 ? 40 : 30);

/** The payments transactions file, as exported in Shopify's English admin. */
export function toCsv(batch: Batch): string {
  const day = atOffset(batch.date, batch.offsetMinutes).slice(0, 10);
  const rows = batch.lines.map((line) => {
    const written = atOffset(line.at, batch.offsetMinutes);
    const at = `${written.slice(0, 10)} ${written.slice(11, 19)} ${written.slice(19).replace(':', '')}`;
    const money = (minor: number): string => decimal(minor, line.currency);
    return [at, line.type, line.order, line.brand, 'online', 'paid', day, line.payoutId, day, money(line.amount), money(line.fee), money(line.amount - line.fee), '', 'card', money(line.amount), line.currency, line.currency].join(',');
  });
  return `${[HEADER, ...rows].join('\n')}\n`;
}

export function payoutTrees(batches: readonly Batch[]): Branch[] {
  return batches.flatMap((batch) => {
    const ids = [...new Set(batch.lines.map(({ payoutId }) => payoutId))];
    return ids.map((id): Branch => {
      const lines = batch.lines.filter(({ payoutId }) => payoutId === id);
      const currency = lines[0]?.currency ?? '';
      const net = lines.reduce((sum, { amount, fee }) => sum + amount - fee, 0);
      return { id: new Digits(id), status: 'paid', date: atOffset(batch.date, batch.offsetMinutes).slice(0, 10), currency, amount: decimal(net, currency) };
    });
  });
}

export function transactionTrees(batches: readonly Batch[], payoutId: string | undefined): Branch[] {
  return batches.flatMap(({ lines, offsetMinutes }) =>
    lines
      .filter((line) => payoutId === undefined || line.payoutId === payoutId)
      .map((line) => ({
        id: new Digits(line.id), type: line.type, test: false, payout_id: new Digits(line.payoutId), payout_status: 'paid', currency: line.currency, amount: decimal(line.amount, line.currency),
        fee: decimal(line.fee, line.currency), net: decimal(line.amount - line.fee, line.currency), source_id: new Digits(line.id), source_type: line.type === 'charge' ? 'charge' : 'Payments::Refund',
        source_order_id: line.orderId === '' ? null : new Digits(line.orderId), processed_at: atOffset(line.at, offsetMinutes),
      })),
  );
}
