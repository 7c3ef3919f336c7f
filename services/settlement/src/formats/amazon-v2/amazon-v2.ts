import { Refused } from '@flotilla/decider';
import type { LineKind } from '../../decide/line.js';
import { cell, decimalMark } from '../amounts.js';
import { currencyOf, fingerprint, label, number } from '../cells.js';
import type { Reader, Sheet, StatementFormat } from '../format.js';
import { instant } from '../instants.js';

// | transaction | amount type                    | kind                                            |
// | Order       | ItemPrice, ShipmentPrice …     | CHARGE: what the buyer paid, tax included       |
// | Order       | Promotion                      | PROMOTION                                       |
// | any         | ItemFees, ItemWithheldTax …    | FEE of that order                               |
// | Refund …    | ItemPrice …                    | REFUND                                          |
// | Transfer    |                                | PAYOUT: what the rest adds up to                |
// | other       |                                | ADJUSTMENT without an order, UNKNOWN with one   |
const paid = new Set(['itemprice', 'shipmentprice', 'orderprice', 'cost of advertising reimbursement']);
const taken = new Set(['itemfees', 'shipmentfees', 'orderfees', 'itemwithheldtax', 'itemtcs', 'itemtds', 'other-fees']);
const back = new Set(['refund', 'chargeback refund', 'a-to-z guarantee refund', 'guarantee claim']);

const kindOf = (transaction: string, type: string, order: string): LineKind => {
  if (transaction === 'transfer') return 'PAYOUT';
  if (order === '') return 'ADJUSTMENT';
  if (taken.has(type)) return 'FEE';
  if (type === 'promotion') return 'PROMOTION';
  if (paid.has(type)) return transaction === 'order' ? 'CHARGE' : back.has(transaction) ? 'REFUND' : 'UNKNOWN';
  return 'UNKNOWN';
};

const start = ({ channel, separator }: Sheet): Reader => {
  let settlement = '';
  let currency = '';
  let said: number | undefined;
  let found = 0;
  let mark: ',' | '.' | undefined;
  const times = new Map<string, number>();
  return {
    row: ({ row, at }) => {
      const id = number('settlement-id', at('settlement'));
      if (id === '') throw new Refused('BAD_CSV', 'settlement-id is missing');
      settlement ||= id;
      if (id !== settlement) throw new Refused('BAD_CSV', 'the row belongs to another settlement');
      mark ??= decimalMark(at('amount') || at('total'));
      if (at('type') === '' && at('total') !== '') {
        // The first row: what the settlement comes to. It alone is sure to have a currency.
        currency = currencyOf('currency', at('currency'));
        said = cell('total-amount', at('total'), currency, separator, mark);
        return [];
      }
      currency = at('currency') === '' && currency !== '' ? currency : currencyOf('currency', at('currency'));
      const text = at('amount');
      // "1,234" alone: a thousand, or a bit more than one. Where no other cell has told, nobody may guess.
      if (mark === undefined && /[.,]/.test(text)) throw new Refused('BAD_AMOUNT', 'amount can be read in two ways');
      const amount = cell('amount', text, currency, separator, mark);
      const [transaction, type, what] = [at('type').toLowerCase(), at('amountType').toLowerCase(), `${at('amountType')}/${at('description')}`];
      const order = number('order-id', at('order'));
      const occurredAt = instant('posted-date', at('postedTime') || at('posted'), 'Z');
      const kind = kindOf(transaction, type, order);
      if (kind !== 'PAYOUT') found += amount;
      const told = [channel, 'amazon-v2', settlement, transaction, what, order, at('adjustment'), at('shipment'), at('item'), at('sku'), at('promotion'), occurredAt, amount, currency];
      const base = fingerprint(...told);
      // Rows may be alike in everything (two units, one row each): they are told apart by how often they came within the settlement.
      const nth = (times.get(base) ?? 0) + 1;
      times.set(base, nth);
      const zero = { amount: 0, currency };
      return [
        {
          row, part: '', kind, label: label(type === '' ? at('type') : what), reference: kind === 'ADJUSTMENT' || kind === 'PAYOUT' ? '' : order, occurredAt,
          amount: { amount, currency }, fee: zero, net: { amount, currency }, fingerprint: nth === 1 ? base : fingerprint(...told, nth),
        },
      ];
    },
    end: () => ({ batchNo: settlement, checks: said === undefined ? [] : [{ what: 'total-amount', currency, said, found }] }),
  };
};

/** Amazon's V2 settlement flat file: tab separated, the total on the first row, a row per amount of an order. */
export const amazonV2: StatementFormat = {
  name: 'amazon-v2',
  title: { zh: '亚马逊结算报告 V2', en: 'Amazon settlement report V2' },
  legacy: 'windows-1252',
  columns: {
    settlement: ['settlement-id'], total: ['total-amount'], currency: ['currency'], type: ['transaction-type'], order: ['order-id'], adjustment: ['adjustment-id'], shipment: ['shipment-id'], amountType: ['amount-type'],
    description: ['amount-description'], amount: ['amount'], posted: ['posted-date'], postedTime: ['posted-date-time'], item: ['order-item-code'], sku: ['sku'], promotion: ['promotion-id'],
  },
  needed: ['settlement', 'total', 'currency', 'type', 'order', 'amountType', 'description', 'amount', 'posted'],
  start,
};
