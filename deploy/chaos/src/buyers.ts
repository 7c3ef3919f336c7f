import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@flotilla/contracts';
import { kafkaClient, type DemoChannel } from '@flotilla/tasks';
import { orderIdOf } from '@flotilla/values';
import { CompactEncrypt, importJWK, type JWK } from 'jose';

/** One unit of each SKU, for somebody who has never bought here before. */
export interface Wish {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly number: number;
  readonly skus: readonly string[];
  readonly at: string;
}

/** `count` buyers who all want the same, each under an order number of the platform's own. */
export const wishes = (channel: string, sku: string | readonly string[], count: number, at = new Date()): readonly Wish[] => {
  const first = randomInt(2 ** 40, 2 ** 46);
  return Array.from({ length: count }, (_, n) => {
    const channelOrderId = String(first + n);
    return { orderId: orderIdOf(channel, channelOrderId), channel, channelOrderId, number: first + n, skus: [sku].flat(), at: at.toISOString() };
  });
};

const price = 4_900;
const shipping = 800;
const street = (number: number): string => `文三路${(number % 900) + 1}号华星时代广场A座1203室`;
const phone = (number: number): string => `+86139${String(number % 100_000_000).padStart(8, '0')}`;
const email = (number: number): string => `buyer-${number}@example.com`;
const names = ['林晓雨', '周子昂', '陈思源', '吴佳怡', '赵明轩'] as const;
const nameOf = (number: number): string => names[number % names.length]!;

/** As its platform has the order. */
export const shopifyBody = ({ channelOrderId, number, skus, at }: Wish): string => {
  const goods = price * skus.length;
  const money = (minor: number): string => (minor / 100).toFixed(2);
  const lastName = nameOf(number).slice(0, 1);
  const firstName = nameOf(number).slice(1);
  return JSON.stringify({
    id: Number(channelOrderId), name: `#${number}`, email: email(number), created_at: at, updated_at: at, processed_at: at, cancelled_at: null, currency: 'CNY', financial_status: 'paid',
    fulfillment_status: null, confirmed: true, test: false, note: '', note_attributes: [], tags: '', discount_codes: [],
    subtotal_price: money(goods), total_line_items_price: money(goods), total_discounts: '0.00', total_tax: '0.00', total_price: money(goods + shipping), current_total_price: money(goods + shipping),
    customer: { id: number, email: email(number), first_name: firstName, last_name: lastName, phone: phone(number) },
    shipping_address: {
      name: nameOf(number), first_name: firstName, last_name: lastName, company: null, address1: street(number), address2: '', city: '杭州市', province: '浙江省', province_code: 'CN-ZJ', country: 'China',
      country_code: 'CN', zip: '310012', phone: phone(number),
    },
    line_items: skus.map((sku, n) => ({ id: number + n, sku, title: sku, quantity: 1, current_quantity: 1, price: money(price), total_discount: '0.00', discount_allocations: [], properties: [], requires_shipping: true, gift_card: false, grams: 300 })),
    shipping_lines: [{ title: '顺丰标快', price: money(shipping), discounted_price: money(shipping) }],
    refunds: [],
  });
};

/** The buyer's platform posts the order, signed, until it is told 200; as a platform does, under the same id. Answers how often it asked. */
export const buyByWebhook = async (ingest: string, channel: DemoChannel, wish: Wish, patienceMs = 60_000): Promise<number> => {
  const body = shopifyBody(wish);
  const headers = {
    'content-type': 'application/json',
    'x-shopify-topic': 'orders/create',
    'x-shopify-shop-domain': `${channel.id}.myshopify.com`,
    'x-shopify-api-version': '2025-10',
    'x-shopify-webhook-id': randomUUID(),
    'x-shopify-triggered-at': wish.at,
    'x-shopify-hmac-sha256': createHmac('sha256', channel.secret).update(body).digest('base64'),
  };
  for (let tries = 1, until = Date.now() + patienceMs; ; tries += 1) {
    const answer = await fetch(`${ingest}/v1/channels/${channel.id}/webhooks`, { method: 'POST', headers, body, signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (answer) {
      const text = await answer.text().catch(() => '');
      if (answer.ok) return tries;
      if (answer.status < 500 && answer.status !== 429) throw new Error(`ingest answered ${answer.status} to ${wish.orderId}: ${text.slice(0, 300)}`);
    }
    if (Date.now() > until) throw new Error(`${wish.orderId} got no answer within ${patienceMs} ms`);
    await sleep(150 + (wish.number % 100));
  }
};

/** The buyers' connector publishes all orders at once, personal data encrypted to ingest's key; acknowledged by the broker, or it throws. */
export const buyByTopic = async (ingest: string, brokers: string, channel: DemoChannel, all: readonly Wish[]): Promise<void> => {
  const { keys } = (await (await fetch(`${ingest}/v1/keys`)).json()) as { keys: [JWK] };
  const key = await importJWK(keys[0], 'ECDH-ES');
  const sealed = async ({ number }: Wish): Promise<string> =>
    new CompactEncrypt(new TextEncoder().encode(JSON.stringify({ name: nameOf(number), phone: phone(number), email: email(number), company: '', street: street(number), buyerId: String(number), remark: '', attributes: [] })))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', ...(keys[0].kid === undefined ? {} : { kid: keys[0].kid }) })
      .encrypt(key);
  const messages = await Promise.all(
    all.map(async (wish) => ({
      key: `${channel.id}/${wish.channelOrderId}`,
      value: JSON.stringify(submitted(channel.id, wish, await sealed(wish))),
      headers: {
        ce_specversion: '1.0', ce_id: randomUUID(), ce_source: `connector/${channel.id}`, ce_type: 'flotilla.connector.v1.ChannelOrderSubmitted', ce_time: wish.at, ce_subject: wish.channelOrderId,
        'content-type': 'application/json',
      },
    })),
  );
  const producer = kafkaClient(brokers, 'chaos-connector').producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({ topic: topics.channelOrders, acks: -1, messages });
  } finally {
    await producer.disconnect();
  }
};

const submitted = (channel: string, { channelOrderId, number, skus, at }: Wish, personal: string): object => ({
  channel, channelOrderId, number: `#${number}`, placedAt: at, modifiedAt: at, payment: 'paid', paidAt: at, cancelledAt: '', cancelReason: '', currency: 'CNY', personal,
  country: 'CN', province: '浙江省', city: '杭州市', district: '西湖区', postcode: '310012',
  lines: skus.map((sku, n) => ({ channelLineId: String(number + n), channelSku: sku, title: sku, quantity: 1, unitPrice: price, discount: 0, grams: 300 })),
  discount: 0, shipping, tax: 0, total: price * skus.length + shipping, tags: [], shippingMethod: '顺丰标快', refunds: [],
});
