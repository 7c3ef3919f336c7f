import { Refused } from '@flotilla/decider';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import { noFacts, type Arrived, type Facts, type Reading, type Said } from '../platform.js';
import { buyerOf, factsOf, statusOf, toOrder } from './order.js';

/** The topic of orders that were asked for rather than sent. */
export const pulledOrder = 'order.pulled';

const whole = new Set(['order.created', 'order.updated', 'order.restored', pulledOrder, '']);

/** One order, or the id of one that was deleted. What cannot be understood is a reading with its reason; nothing is thrown. */
export const readDelivery = ({ topic, body, receivedAt = '' }: Arrived): readonly Reading[] => {
  let channelOrderId = '';
  let buyer = '';
  let known: Facts | undefined;
  // Without a topic header (a replayed file, a relay that drops it) an order announces itself.
  let kind: Reading['kind'] = topic === 'order.created' || topic === pulledOrder || topic === '' ? 'announce' : 'update';
  const said = ((): Said => {
    try {
      const order = Fields.of(parseExact(body));
      if (order === undefined) throw new Refused('BAD_JSON', 'the body is no JSON object');
      // Before the id: a product's must not be taken for an order's.
      if (topic !== 'order.deleted' && !whole.has(topic)) throw new Refused('UNKNOWN_TOPIC', `a webhook of the topic "${topic.slice(0, 60)}" says nothing that is understood here; delete it in the shop`);
      channelOrderId = order.id('id');
      if (channelOrderId === '') throw new Refused('NO_ORDER_ID', 'id is missing or not a number');
      buyer = `order:${channelOrderId}`;
      if (topic === 'order.deleted') return { as: 'facts', facts: deleted(receivedAt) };
      buyer = buyerOf(order, channelOrderId);
      const facts = factsOf(order);
      known = facts;
      switch (statusOf(order)) {
        case 'sent':
          if (topic === pulledOrder) kind = 'update';
          return { as: 'facts', facts };
        case 'draft':
          kind = 'update';
          return { as: 'facts', facts: noFacts(facts.modifiedAt) };
        case 'order':
          return { as: 'order', order: toOrder(order, facts), facts };
      }
    } catch (error) {
      if (error instanceof Refused) return { as: 'failure', reason: error.reason, detail: error.message, ...(known === undefined ? {} : { facts: known }) };
      throw error;
    }
  })();
  return [{ channelOrderId, kind, buyer, said }];
};

// The body is the id alone: when it came in is the only time there is.
const deleted = (receivedAt: string): ReturnType<typeof noFacts> => {
  if (receivedAt === '') throw new Refused('BAD_INSTANT', 'nothing says when the order was deleted');
  return { ...noFacts(receivedAt), cancelled: { cancelledAt: receivedAt, reason: 'deleted' } };
};
