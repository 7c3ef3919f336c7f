import { Refused } from '@flotilla/decider';
import type { Fields } from '../fields.js';
import type { Refund } from '../platform.js';
import { metaOf } from './meta.js';
import { gmt } from './times.js';

/**
 * One of an order's `refunds[]` (`{id, reason, total: "-10.00"}`), and the same as GET orders/{id}/refunds has it. Without that its units are not known,
 * and it is only asked for.
 */
export const toRefund = (named: Fields, detail: Fields | undefined, currency: string, { modifiedAt, completedAt }: { readonly modifiedAt: string; readonly completedAt: string }): Refund => {
  const refundId = named.id('id');
  if (refundId === '') throw new Refused('BAD_REQUEST', `${named.at('id')} is missing: a refund without an id cannot be told from another`);
  const amount = positive(named, 'total', currency);
  if (detail === undefined) return { refundId, state: 'requested', modifiedAt, amount, currency, lines: [] };
  const refundedAt = gmt(detail, 'date_created_gmt') || modifiedAt;
  // What was paid back after the order had left had been shipped.
  const shipped = completedAt !== '' && completedAt <= refundedAt;
  return { refundId, state: 'settled', modifiedAt: refundedAt, amount, currency, lines: shipped ? [] : detail.list('line_items').flatMap(unitsOf) };
};

/** A refund's line has an id of its own; whose units they are stands in its meta data. Units are negative. */
export const unitsOf = (line: Fields): Refund['lines'] => {
  const of = metaOf(line).find((meta) => meta.raw('key') === '_refunded_item_id');
  const channelLineId = of?.id('value') ?? '';
  const quantity = /^-?\d{1,7}$/.test(line.text('quantity')) ? Math.abs(Number(line.text('quantity'))) : 0;
  return channelLineId === '' || quantity === 0 ? [] : [{ channelLineId, sku: line.text('sku'), quantity }];
};

const positive = (of: Fields, name: string, currency: string): number => {
  const text = of.text(name).replace(/^-/, '');
  return text === '' ? 0 : (of.amountOf(text, name, currency) ?? 0);
};
