import { Refused } from '@flotilla/decider';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import { noFacts, type Arrived, type Reading, type Said } from '../platform.js';
import { isGraphql, restOf } from './graphql.js';
import { buyerOf, toOrder } from './order.js';
import { currencyOf } from './money.js';
import { toRefund } from './refund.js';

/** A webhook's body. What cannot be understood is a reading of its own with the reason; nothing is thrown. */
export const readDelivery = ({ topic, body }: Arrived): readonly Reading[] => {
  let parsed: unknown;
  try {
    parsed = parseExact(body);
  } catch (error) {
    return [{ channelOrderId: '', kind: kindOf(topic), buyer: '', said: failure(error) }];
  }
  return unwrapped(parsed).map((object) => readObject(topic, object));
};

/** REST answers wrap: `{"order":{…}}`, `{"orders":[…]}`, GraphQL `{"data":{"orders":{"edges":[…]}}}`. */
const unwrapped = (parsed: unknown): readonly unknown[] => {
  const body = Fields.of(parsed);
  const data = Fields.of(body?.raw('data')) ?? body;
  if (data === undefined || data.has('line_items') || data.has('id')) return [parsed];
  if (data.object('order') !== undefined) return [data.raw('order')];
  const orders = data.raw('orders');
  const list = Array.isArray(orders) ? (orders as unknown[]) : restOf(orders);
  return Array.isArray(list) && list.length > 0 && list.length <= 250 ? list : [parsed];
};

const readObject = (topic: string, object: unknown): Reading => {
  const order = Fields.of(isGraphql(object) ? restOf(object) : object);
  const kind = kindOf(topic);
  if (order === undefined) return { channelOrderId: '', kind, buyer: '', said: failure(new Refused('BAD_JSON', 'the body is no JSON object')) };
  const edit = order.object('order_edit');
  const patch = topic.startsWith('refunds/') || topic.startsWith('fulfillments/') || edit !== undefined || (order.has('order_id') && !order.has('line_items'));
  const channelOrderId = patch ? (edit ?? order).id('order_id') : order.id('id') || (/\/Order\/(\d{1,30})$/.exec(order.text('admin_graphql_api_id'))?.[1] ?? '');
  const attempt = (read: () => Said): Said => {
    try {
      if (channelOrderId === '') throw new Refused('NO_ORDER_ID', `${patch ? 'order_id' : 'id'} is missing or not a number`);
      return read();
    } catch (error) {
      return failure(error);
    }
  };
  const said = attempt(() => {
    if (topic === 'refunds/create') return readRefund(order);
    if (patch) return { as: 'facts', facts: noFacts(order.instant('updated_at')) };
    if (topic !== '' && !orderTopic.test(topic)) throw new Refused('UNKNOWN_TOPIC', `a webhook of the topic "${topic.slice(0, 60)}" says nothing that is understood here; leave it out of the subscription`);
    return { as: 'order', ...toOrder(order, topic) };
  });
  return { channelOrderId, kind, buyer: channelOrderId === '' ? '' : buyer(order, channelOrderId), said };
};

const orderTopic = /^orders\/(create|updated|paid|cancelled|edited|fulfilled|partially_fulfilled)$/;

// Without a topic header (a replayed file, a relay that drops it) an order announces itself.
const kindOf = (topic: string): Reading['kind'] => (topic === 'orders/create' || topic === '' ? 'announce' : 'update');

const readRefund = (refund: Fields): Said => {
  // The refund names no currency of its own; its transactions and lines do.
  const currency = refund.list('transactions').map((transaction) => transaction.text('currency')).find((text) => text !== '')
    ?? refund.list('refund_line_items').map((line) => line.object('subtotal_set')?.object('shop_money')?.text('currency_code') ?? '').find((text) => text !== '');
  const settled = toRefund(refund, currency === undefined ? currencyOf(refund) : currency.toUpperCase());
  return { as: 'facts', facts: { ...noFacts(settled.modifiedAt), refunds: [settled] } };
};

const buyer = (order: Fields, channelOrderId: string): string => {
  try {
    return buyerOf(order, channelOrderId);
  } catch {
    return `order:${channelOrderId}`;
  }
};

const failure = (error: unknown): Said => {
  if (error instanceof Refused) return { as: 'failure', reason: error.reason, detail: error.message };
  throw error;
};
