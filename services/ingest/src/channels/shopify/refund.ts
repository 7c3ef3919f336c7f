import { Refused } from '@flotilla/decider';
import { add } from '@flotilla/values';
import type { Fields } from '../fields.js';
import type { Refund } from '../platform.js';
import { shopMoney } from './money.js';

/** One of an order's `refunds[]`, or the body of `refunds/create`. */
export const toRefund = (refund: Fields, currency: string): Refund => {
  const refundId = refund.id('id');
  if (refundId === '') throw new Refused('BAD_REQUEST', `${refund.at('id')} is missing: a refund without an id cannot be told from another`);
  return {
    refundId,
    state: stateOf(refund),
    modifiedAt: refund.instant('processed_at') || refund.instant('created_at'),
    amount: amountOf(refund, currency),
    currency,
    lines: refund.list('refund_line_items').flatMap((line) => {
      const channelLineId = line.id('line_item_id') || line.object('line_item')?.id('id') || '';
      const quantity = line.quantity('quantity') ?? 0;
      // "return": these units came back, so they have been shipped; every other kind takes them off what is to be shipped.
      if (channelLineId === '' || quantity === 0 || line.text('restock_type') === 'return') return [];
      return [{ channelLineId, sku: line.object('line_item')?.text('sku') ?? '', quantity }];
    }),
  };
};

// Nothing is paid back before a transaction succeeds; an edit that removes a line is a refund without transactions.
const stateOf = (refund: Fields): Refund['state'] => {
  const states = refund.list('transactions').filter(isPayback).map((transaction) => transaction.text('status'));
  if (states.length === 0 || states.includes('success')) return 'settled';
  return states.includes('pending') ? 'requested' : 'withdrawn';
};

const amountOf = (refund: Fields, currency: string): number => {
  const paid = refund.list('transactions').filter(isPayback).filter((transaction) => transaction.text('status') !== 'failure' && transaction.text('status') !== 'error');
  if (paid.length > 0) return add(...paid.map((transaction) => transaction.amount('amount', currency) ?? 0));
  return shopMoney(refund, 'total_refunded', currency) ?? 0;
};

const isPayback = (transaction: Fields): boolean => transaction.text('kind') === 'refund';
