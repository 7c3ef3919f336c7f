import { Refused } from '@flotilla/decider';
import type { Fields } from '../fields.js';

/**
 * An amount in the shop's currency. Shopify writes it as `price` and as `price_set.shop_money`; `presentment_money` is what
 * the buyer saw and is never booked.
 */
export const shopMoney = (of: Fields, name: string, currency: string): number | undefined =>
  of.amount(name, currency) ?? of.object(`${name}_set`)?.object('shop_money')?.amount('amount', currency);

/** Where an order without the amount makes no sense. Refused BAD_AMOUNT. */
export const requiredMoney = (of: Fields, name: string, currency: string): number => {
  const amount = shopMoney(of, name, currency);
  if (amount === undefined) throw new Refused('BAD_AMOUNT', `${of.at(name)} is missing`);
  return amount;
};

/** ISO 4217. Refused BAD_CURRENCY. */
export const currencyOf = (order: Fields): string => {
  const text = (order.text('currency') || order.object('total_price_set')?.object('shop_money')?.text('currency_code') || '').toUpperCase();
  if (!/^[A-Z]{3}$/.test(text)) throw new Refused('BAD_CURRENCY', text === '' ? `${order.at('currency')} is missing` : `${order.at('currency')} is no ISO 4217 code`);
  return text;
};
