import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import kafkajs, { type Consumer } from 'kafkajs';
import { connect } from 'node:net';
import { startSandbox, type Sandbox } from './app.js';
import { topSignOf } from './carriers/cainiao/top.http.js';
import { dataSignOf } from './carriers/kdniao/gateway.http.js';
import { digestOf } from './carriers/sf/digest.js';
import { TOPIC } from './connector/publisher.js';
import { sign } from './platforms/shopify/signature.js';

const shopChannel = { id: 'shopify-demo', platform: 'shopify', secret: 'shop-secret', appKey: 'shop-token' };
const partner = 'FLOTILLA';
const checkword = 'sandbox-checkword';

/** What the fleet would have heard. */
interface Heard {
  webhooks: { id: string; topic: string; signed: boolean; body: string }[];
  messages: { key: string; id: string; value: string; headers: Record<string, string> }[];
  routes: { mailno: string; opCode: string; id: string }[];
}

let sandbox: Sandbox;
let fleet: FastifyInstance;
let consumer: Consumer;
let at: string;
/** ingest answers nothing but 500. */
let deaf = false;
const heard: Heard = { webhooks: [], messages: [], routes: [] };
const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });

async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

type Json = Record<string, unknown>;
const call = async <T = Json>(method: string, path: string, payload?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; json: T; headers: Headers }> => {
  const body = payload === undefined ? null : typeof payload === 'string' ? payload : JSON.stringify(payload);
  const response = await fetch(at + path, { method, headers: { 'content-type': 'application/json', ...headers }, body });
  return { status: response.status, json: (await response.json()) as T, headers: response.headers };
};
const admin = <T = Json>(method: string, path: string, payload?: unknown) => call<T>(method, `/shopify/shopify-demo/admin/api/2025-10/${path}`, payload, { 'X-Shopify-Access-Token': 'shop-token' });
const sf = async (serviceCode: string, asked: unknown, key = checkword): Promise<{ code: string; data: { success: boolean; errorCode: string; msgData: Json } | undefined }> => {
  const msgData = JSON.stringify(asked);
  const timestamp = String(Date.now());
  const body = new URLSearchParams({ partnerID: partner, requestID: crypto.randomUUID(), serviceCode, timestamp, msgDigest: digestOf(msgData, timestamp, key), msgData });
  const { apiResultCode, apiResultData } = (await (await fetch(`${at}/sf/std/service`, { method: 'POST', body })).json()) as { apiResultCode: string; apiResultData: string };
  return { code: apiResultCode, data: apiResultData === '' ? undefined : (JSON.parse(apiResultData) as { success: boolean; errorCode: string; msgData: Json }) };
};
const parcelFor = (orderId: string, address = '西湖区文三路1号') => ({
  orderId, expressTypeId: 2, contactInfoList: [{ contactType: 1, city: '深圳市', address: 'x' }, { contactType: 2, province: '浙江省', city: '杭州市', address, contact: '张三', mobile: '13800000000' }],
});

beforeAll(async () => {
  const brokers = (process.env['FLOTILLA_TEST_KAFKA_BROKERS'] ?? '').split(',');
  const kafka = new kafkajs.Kafka({ clientId: 'sandbox-spec', brokers, logLevel: kafkajs.logLevel.NOTHING });
  const topics = kafka.admin();
  await topics.connect();
  if (!(await topics.listTopics()).includes(TOPIC)) await topics.createTopics({ waitForLeaders: true, topics: [{ topic: TOPIC, numPartitions: 12, replicationFactor: 1 }] });
  await topics.disconnect();
  consumer = kafka.consumer({ groupId: `sandbox-spec-${process.pid}-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]));
      heard.messages.push({ key: String(message.key), id: headers['ce_id'] ?? '', value: String(message.value), headers });
    },
  });

  fleet = fastify({ forceCloseConnections: true });
  fleet.removeAllContentTypeParsers();
  fleet.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
  fleet.get('/v1/keys', async () => ({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', use: 'enc' }] }));
  fleet.post('/v1/channels/:channel/webhooks', async (request, reply) => {
    const body = request.body as Buffer;
    const signed = request.headers['x-shopify-hmac-sha256'] === sign(shopChannel.secret, body);
    heard.webhooks.push({ id: String(request.headers['x-shopify-webhook-id']), topic: String(request.headers['x-shopify-topic']), signed, body: body.toString() });
    if (deaf) return reply.code(500).send();
    // One delivery in nine fails at first, as a service does that is being restarted.
    if (signed && heard.webhooks.length % 9 === 0) return reply.code(503).send();
    return reply.code(signed ? 202 : 401).send();
  });
  fleet.post('/v1/sources/sf/routes', async (request) => {
    const form = new URLSearchParams(String(request.body));
    const [msgData, timestamp] = [form.get('msgData') ?? '', form.get('timestamp') ?? ''];
    if (form.get('msgDigest') !== digestOf(msgData, timestamp, checkword)) return { return_code: '1000' };
    const { Body } = JSON.parse(msgData) as { Body: { WaybillRoute: Heard['routes'] } };
    expect(Body.WaybillRoute.length).toBeLessThanOrEqual(10);
    heard.routes.push(...Body.WaybillRoute);
    return { return_code: '0000' };
  });
  const url = await fleet.listen({ port: 0, host: '127.0.0.1' });
  sandbox = await startSandbox({
    httpPort: 0, smtpPort: 0, channels: [shopChannel, { id: 'topic-demo', platform: 'topic', secret: '', appKey: '' }], brokers, clock: `${Date.now()}@43200`, ingestUrl: url, trackingUrl: url,
    allocationUrl: url, sfPartner: partner, sfCheckword: checkword, wmsKey: 'flotilla', wmsSecret: 'sandbox-wms-secret', kdniaoBusinessId: 'FLOTILLA', kdniaoAppKey: 'sandbox-app-key', topAppKey: '12345678', topAppSecret: 'sandbox-top-secret', shopifyRateScale: 20,
  });
  at = `http://127.0.0.1:${sandbox.httpPort}`;
}, 60_000);

afterAll(async () => {
  await Promise.all([sandbox.close(), fleet.close(), consumer.disconnect()]);
});

interface Entry {
  role: string;
  channel: string;
  channelOrderId: string;
}
const entriesOf = async (role: string): Promise<Entry[]> => (await call<{ entries: Entry[] }>('GET', `/_control/run/plan?role=${role}`)).json.entries;

describe('a run', () => {
  it('ING-11: sends every role, and its ledger agrees with what was heard', async () => {
    const started = await call<{ planned: number; roles: Record<string, number> }>('POST', '/_control/run', { orders: 150, rate: 0, seed: 7, salt: `int-${Date.now()}` });
    expect(started).toMatchObject({ status: 202, json: { planned: 150 } });
    expect((await call('POST', '/_control/run', { orders: 1 })).status).toBe(409);
    await eventually(async () => (await call<{ done: boolean }>('GET', '/_control/run')).json.done, 'the run');
    expect((await call('GET', '/_control/run')).json).toMatchObject({ state: 'done', planned: 150, sent: 150, failed: [] });

    const { json: summary } = await call<{ sent: number; distinct: number; duplicates: number; forged: number }>('GET', '/_control/ledger/summary');
    const own = new Set(heard.webhooks.filter(({ signed, topic }) => signed && topic === 'orders/create').map(({ id }) => id));
    const ofTopic = (): number => new Set(heard.messages.map(({ id }) => id)).size;
    await eventually(() => ofTopic() >= summary.sent - own.size, 'the topic');
    expect(summary.sent).toBe(own.size + ofTopic());
    expect(ofTopic()).toBeGreaterThan((started.json.roles['both-ways'] ?? 0) + (started.json.roles['topic-only'] ?? 0));
    expect(summary.distinct).toBe(150);
    expect(summary.duplicates).toBe((started.json.roles['both-ways'] ?? 0) + (started.json.roles['repeat-new-id'] ?? 0));
    expect(summary.forged).toBe(heard.webhooks.filter(({ signed }) => !signed).length);
    expect(summary.forged).toBeGreaterThanOrEqual(1);
    // The run's own faults would strike what follows.
    const { faults } = (await call<{ faults: { target: string; hits: number }[] }>('GET', '/_control/faults')).json;
    expect(faults.filter(({ target, hits }) => target === 'webhooks' && hits > 0)).toHaveLength(4);
    await call('DELETE', '/_control/faults');
  }, 90_000);

  it('ING-05: the topic carries CloudEvents with personal data that only ingest can open', async () => {
    const [entry] = await entriesOf('topic-only');
    const message = heard.messages.find(({ key }) => key === `topic-demo/${entry?.channelOrderId}`);
    expect(message?.headers).toMatchObject({ ce_type: 'flotilla.connector.v1.ChannelOrderSubmitted', ce_source: 'connector/topic-demo', 'content-type': 'application/json', ce_specversion: '1.0' });
    const order = JSON.parse(message?.value ?? '{}') as { personal: string; channelOrderId: string };
    expect(order.channelOrderId).toBe(entry?.channelOrderId);
    const opened = JSON.parse(new TextDecoder().decode((await compactDecrypt(order.personal, privateKey)).plaintext)) as { name: string; street: string };
    expect(opened.street).not.toBe('');
    expect(message?.value).not.toContain(opened.name);
  });

  it('ING-14: says how every bad body should have been', async () => {
    const { corrections } = (await call<{ corrections: { role: string; payload: string; source: string }[] }>('GET', '/_control/run/corrections')).json;
    expect(new Set(corrections.map(({ role }) => role))).toEqual(new Set(['bad-truncated', 'bad-lines', 'bad-currency', 'bad-quantity', 'bad-amount', 'bad-address', 'bad-topic']));
    expect(corrections.every(({ payload }) => typeof JSON.parse(payload) === 'object')).toBe(true);
  });

  it('overtaking and stale updates arrive in the planned order', async () => {
    const topicsOf = async (role: string): Promise<string[]> => {
      const [entry] = await entriesOf(role);
      return heard.webhooks.filter(({ body }) => body.includes(`"id"${body.startsWith('{\n') ? ': ' : ':'}${entry?.channelOrderId}`)).map(({ topic }) => topic);
    };
    const first = (topics: string[]): string | undefined => topics[0];
    expect(first(await topicsOf('paid-before-create'))).toBe('orders/paid');
    expect(first(await topicsOf('cancel-before-create'))).toBe('orders/cancelled');
    expect(new Set(await topicsOf('stale-update'))).toEqual(new Set(['orders/create', 'orders/updated']));
  });
});

describe('the Shopify Admin API', () => {
  it('needs the token and pages by Link', async () => {
    expect((await call('GET', '/shopify/shopify-demo/admin/api/2025-10/orders.json')).status).toBe(401);
    const ids: string[] = [];
    let path: string | undefined = 'orders.json?status=any&limit=60&updated_at_min=2020-01-01T00:00:00Z';
    while (path !== undefined) {
      const page: Response = await fetch(`${at}/shopify/shopify-demo/admin/api/2025-10/${path}`, { headers: { 'X-Shopify-Access-Token': 'shop-token' } });
      expect(page.headers.get('x-shopify-shop-api-call-limit')).toMatch(/^\d+\/40$/);
      ids.push(...[...(await page.text()).matchAll(/"admin_graphql_api_id":"gid:\/\/shopify\/Order\/(\d+)"/g)].map(([, id]) => id ?? ''));
      path = /2025-10\/([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
    }
    const shopOrders = (await call<{ entries: Entry[] }>('GET', '/_control/run/plan')).json.entries.filter(({ channel }) => channel === 'shopify-demo');
    expect(new Set(ids).size).toBe(shopOrders.length);
    expect(ids).toHaveLength(shopOrders.length);
  });

  it('ING-13: takes a fulfilment once; the parcel then travels', async () => {
    const [entry] = await entriesOf('plain');
    const created = await sf('EXP_RECE_CREATE_ORDER', parcelFor('parcel-1'));
    const waybillNo = (created.data?.msgData['waybillNoInfoList'] as { waybillNo: string }[] | undefined)?.[0]?.waybillNo ?? '';
    const { json } = await call<{ payload: Json }>('GET', `/_control/shopify/orders/${entry?.channelOrderId}`);
    expect(json.payload['id']).toBe(entry?.channelOrderId);
    const text = await (await fetch(`${at}/shopify/shopify-demo/admin/api/2025-10/orders/${entry?.channelOrderId}/fulfillment_orders.json`, { headers: { 'X-Shopify-Access-Token': 'shop-token' } })).text();
    const fulfilmentOrder = /"fulfillment_orders":\[\{"id":(\d+)/.exec(text)?.[1];
    const body = `{"fulfillment":{"line_items_by_fulfillment_order":[{"fulfillment_order_id":${fulfilmentOrder}}],"tracking_info":{"number":"${waybillNo}","company":"SF Express"},"notify_customer":true}}`;
    expect((await admin('POST', 'fulfillments.json', body)).status).toBe(201);
    expect(await admin('POST', 'fulfillments.json', body)).toMatchObject({ status: 422, json: { errors: [expect.stringContaining('already been fulfilled')] } });
    expect((await admin('POST', 'fulfillments.json', { fulfillment: { line_items_by_fulfillment_order: [{ fulfillment_order_id: 5 }] } })).status).toBe(422);
    const fulfilments = (await admin<{ fulfillments: { tracking_number: string }[] }>('GET', `orders/${entry?.channelOrderId}/fulfillments.json`)).json.fulfillments;
    expect(fulfilments.map(({ tracking_number }) => tracking_number)).toEqual([waybillNo]);
    const delivered = async (): Promise<boolean> => {
      const routes = await sf('EXP_RECE_SEARCH_ROUTES', { trackingType: 1, trackingNumber: [waybillNo] });
      const found = routes.data?.msgData['routeResps'] as { routes: { opCode: string }[] }[] | undefined;
      return found?.[0]?.routes.at(-1)?.opCode === '80';
    };
    await eventually(delivered, 'the delivery');
    // Each scan of the journey was pushed, but for those that the carrier keeps to itself until it is asked.
    const asked = await sf('EXP_RECE_SEARCH_ROUTES', { trackingType: 1, trackingNumber: [waybillNo] });
    const journey = (asked.data!.msgData['routeResps'] as { routes: unknown[] }[])[0]!.routes.length;
    const withheld = async (): Promise<number> => (await call<{ byKind: Record<string, number> }>('GET', '/_control/ledger/summary')).json.byKind['route withheld'] ?? 0;
    await eventually(async () => new Set(heard.routes.filter(({ mailno }) => mailno === waybillNo).map(({ id }) => id)).size + (await withheld()) === journey, 'the pushes');
    expect((await sf('EXP_RECE_UPDATE_ORDER', { orderId: 'parcel-1', dealType: 2 })).data).toMatchObject({ success: false });
  }, 90_000);

  it('serves a planted order byte for byte', async () => {
    const raw = '{\n  "id": 450789469, "updated_at": "2099-01-01T00:00:00-05:00", "name": "#9999",\n "note": "a\\/b", "line_items": [\n\n] }';
    expect((await call('PUT', '/_control/shopify/orders/450789469', raw)).status).toBe(201);
    const listed = await (await fetch(`${at}/shopify/shopify-demo/admin/api/2025-10/orders.json?updated_at_min=2098-01-01T00:00:00Z`, { headers: { 'X-Shopify-Access-Token': 'shop-token' } })).text();
    expect(listed).toBe(`{"orders":[${raw}]}`);
  });

  it('ING-12: lists variants page by page, and takes levels only as the platform does', async () => {
    interface Variants { nodes: { sku: string; inventoryItem: { id: string; inventoryLevel: { quantities: { quantity: number }[] } | null } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } }
    const ask = async <T>(query: string, variables: object): Promise<T> => (await admin<T>('POST', 'graphql.json', { query, variables })).json;
    const place = 'gid://shopify/Location/24826418';
    const page = (after: string | null) => ask<{ data: { productVariants: Variants } }>('query V { productVariants(first: $first) { nodes { id } } }', { first: 25, after, location: place });
    const first = (await page(null)).data.productVariants;
    const second = (await page(first.pageInfo.endCursor)).data.productVariants;
    expect([first.nodes.length, first.pageInfo.hasNextPage, second.nodes.some(({ sku }) => first.nodes.some((one) => one.sku === sku))]).toEqual([25, true, false]);
    await call('PUT', '/_control/shopify/shopify-demo/stock', { sku: 'SPEC-1', available: 3 });
    await call('PUT', '/_control/shopify/shopify-demo/stock', { sku: 'SPEC-2', stocked: false });
    const { items } = (await call<{ items: { itemId: string; sku: string }[] }>('GET', '/_control/shopify/shopify-demo/stock')).json;
    const idOf = (sku: string): string => items.find((item) => item.sku === sku)!.itemId;
    const set = async (...quantities: object[]): Promise<readonly string[]> =>
      (await ask<{ data: { inventorySetQuantities: { userErrors: { code: string; field: string[] }[] } } }>('mutation S { inventorySetQuantities(input: $input) { userErrors { code } } }', { input: { name: 'available', reason: 'correction', referenceDocumentUri: 'gid://spec/1', ignoreCompareQuantity: false, quantities } })).data.inventorySetQuantities.userErrors.map(({ code, field }) => `${code} ${field.slice(2).join('.')}`);
    const level = (sku: string, quantity: number, compareQuantity?: number) => ({ inventoryItemId: idOf(sku), locationId: place, quantity, compareQuantity });
    expect(await set(level('SPEC-1', 9, 4))).toEqual(['COMPARE_QUANTITY_STALE 0.compareQuantity']);
    expect(await set(level('SPEC-1', 9))).toEqual(['COMPARE_QUANTITY_REQUIRED 0.compareQuantity']);
    expect(await set(level('SPEC-1', 9, 3), level('SPEC-2', 1, 0))).toEqual(['ITEM_NOT_STOCKED_AT_LOCATION 1.locationId']);
    expect(await set(level('SPEC-1', -1, 3))).toEqual(['INVALID_QUANTITY_NEGATIVE 0.quantity']);
    expect(await set(level('SPEC-1', 9, 3))).toEqual([]);
    expect((await call('GET', '/_control/shopify/shopify-demo/stock?sku=SPEC-1')).json).toMatchObject({ items: [{ available: 9 }], sets: [{ from: 3, to: 9, reference: 'gid://spec/1' }] });
    await call('POST', '/_control/faults', { target: 'shopify', kind: 'rate-limit', operation: 'locations.list' });
    expect(await ask('query L { locations(first: 1) { nodes { id } } }', {})).toMatchObject({ errors: [{ extensions: { code: 'THROTTLED' } }], extensions: { cost: { requestedQueryCost: 6, throttleStatus: { maximumAvailable: 2000 } } } });
    expect(await ask('query X { orders(first: 1) { nodes { id } } }', {})).toMatchObject({ errors: [{ extensions: { code: 'undefinedField' } }] });
    expect((await call('POST', '/shopify/shopify-demo/admin/api/2025-10/graphql.json', {})).status).toBe(401);
    await call('DELETE', '/_control/faults');
  });
  it('SET-03: pays out with oddities; the API tells the same', async () => {
    const csv = await fetch(`${at}/_control/shopify/shopify-demo/payouts.csv?batch=1`);
    const rows = (await csv.text()).trim().split('\n');
    expect(rows.length - 1).toBe(Number(csv.headers.get('x-lines')));
    expect(Number(csv.headers.get('x-oddities'))).toBeGreaterThanOrEqual(4);
    const again = await fetch(`${at}/_control/shopify/shopify-demo/payouts.csv?batch=1`);
    expect((await again.text()).trim().split('\n')).toEqual(rows);
    const { transactions } = (await admin<{ transactions: Json[] }>('GET', 'shopify_payments/balance/transactions.json')).json;
    expect(transactions).toHaveLength(rows.length - 1);
  });

  it('a cancellation from outside is a webhook, one from us a record', async () => {
    const [entry, other] = await entriesOf('cancel-on-allocated').then(async (some) => [...some, ...(await entriesOf('never-paid'))]);
    const before = heard.webhooks.filter(({ topic }) => topic === 'orders/cancelled').length;
    expect((await call('POST', `/_control/shopify/orders/${entry?.channelOrderId}/cancel`, {})).json).toEqual({ cancelled: true, already: false });
    await eventually(() => heard.webhooks.filter(({ topic }) => topic === 'orders/cancelled').length > before, 'the webhook');
    expect((await call('POST', `/_control/shopify/orders/${entry?.channelOrderId}/cancel`, {})).json).toEqual({ cancelled: true, already: true });
    expect((await admin('POST', `orders/${other?.channelOrderId}/cancel.json`, {})).status).toBe(200);
    expect((await call('GET', `/_control/shopify/orders/${other?.channelOrderId}`)).json).toMatchObject({ cancelled: true, cancelRequests: [expect.anything()] });
  });
});

describe('kdniao', () => {
  const person = { Name: '张三', Mobile: '13800000000', ProvinceName: '浙江省', CityName: '杭州市', Address: '文三路1号' };
  const kdniao = async (type: string, asked: object, key = 'sandbox-app-key'): Promise<Json> => {
    const data = JSON.stringify({ ShipperCode: 'ZTO', CustomerName: 'flotilla', CustomerPwd: 'sandbox-customer', Sender: person, Receiver: person, Commodity: [{ GoodsName: 'x' }], ...asked });
    const body = new URLSearchParams({ RequestData: data, EBusinessID: 'FLOTILLA', RequestType: type, DataSign: dataSignOf(data, key), DataType: '2' });
    return (await (await fetch(`${at}/kdniao/api/Eorderservice`, { method: 'POST', body })).json()) as Json;
  };

  it('CAR-03: checks the signature, sells a number once, calls it off unless the courier has it', async () => {
    expect(await kdniao('1007', { OrderCode: 'k1' }, 'wrong')).toMatchObject({ Success: false, ResultCode: '104' });
    const first = await kdniao('1007', { OrderCode: 'k1' });
    expect(first).toMatchObject({ Success: true, ResultCode: '100', Order: { OrderCode: 'k1', ShipperCode: 'ZTO', LogisticCode: expect.stringMatching(/^73\d{12}$/) } });
    expect(await kdniao('1007', { OrderCode: 'k1' })).toEqual({ ...first, ResultCode: '106', Reason: '该订单号已下单成功' });
    const waybill = (first['Order'] as Json)['LogisticCode'];
    await call('POST', '/_control/kdniao/collect', { waybill });
    expect(await kdniao('1147', { OrderCode: 'k1', ExpNo: waybill })).toMatchObject({ Success: false, ResultCode: '105' });
    await kdniao('1007', { OrderCode: 'k2', ShipperCode: 'YTO' });
    expect(await kdniao('1147', { OrderCode: 'k2', ExpNo: '', ShipperCode: 'YTO' })).toMatchObject({ Success: true });
  });

  it('CAR-12: answers with garbage or not at all on demand, and it happened all the same', async () => {
    await call('POST', '/_control/faults', { target: 'kdniao', kind: 'garbage', operation: '1007' });
    await expect(kdniao('1007', { OrderCode: 'k3' })).rejects.toThrow();
    await call('POST', '/_control/faults', { target: 'kdniao', kind: 'timeout-after-effect', operation: '1007', ms: 50 });
    await expect(kdniao('1007', { OrderCode: 'k4' })).rejects.toThrow();
    for (const OrderCode of ['k3', 'k4']) expect(await kdniao('1007', { OrderCode })).toMatchObject({ ResultCode: '106' });
    expect((await call<{ orders: Json[] }>('GET', '/_control/kdniao/orders')).json.orders).toContainEqual(expect.objectContaining({ orderCode: 'k4' }));
    await call('DELETE', '/_control/faults');
  });
});

describe('Cainiao', () => {
  const top = async (method: string, asked: Record<string, string>, secret = 'sandbox-top-secret'): Promise<Json> => {
    const timestamp = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    const form = new URLSearchParams({ method, app_key: '12345678', session: 'sandbox-session', timestamp, format: 'json', v: '2.0', sign_method: 'hmac', ...asked });
    form.set('sign', topSignOf(form, secret));
    return (await (await fetch(`${at}/top/router/rest`, { method: 'POST', body: form })).json()) as Json;
  };
  const address = { province: '浙江省', city: '杭州市', district: '西湖区', detail: '文三路***' };
  const request = { param_waybill_cloud_print_apply_new_request: JSON.stringify({ cp_code: 'ZTO', need_encrypt: true, sender: { name: '仓', address }, trade_order_info_dtos: [{ object_id: '1', order_info: { trade_order_list: ['41'] }, package_info: { id: 'p_1' }, recipient: { name: '王**', oaid: 'o==', address } }] }) };

  it('CAR-03: checks TOP’s signature, sells the same package the same number, seals its print data, voids it', async () => {
    expect(await top('cainiao.waybill.ii.get', request, 'wrong')).toMatchObject({ error_response: { code: 25 } });
    const number = async (): Promise<string> => ((await top('cainiao.waybill.ii.get', request)) as { cainiao_waybill_ii_get_response: { modules: { waybill_cloud_print_response: { waybill_code: string; print_data: string } } } }).cainiao_waybill_ii_get_response.modules.waybill_cloud_print_response.waybill_code;
    const waybill_code = await number();
    expect([waybill_code, await number()]).toEqual([expect.stringMatching(/^75\d{12}$/), waybill_code]);
    expect(await top('cainiao.waybill.ii.cancel', { cp_code: 'ZTO', waybill_code })).toMatchObject({ cainiao_waybill_ii_cancel_response: { cancel_result: true } });
    expect(await top('cainiao.waybill.ii.cancel', { cp_code: 'ZTO', waybill_code })).toMatchObject({ error_response: { code: 15, sub_code: 'isv.waybill-cancelled' } });
    expect((await call<{ waybills: Json[] }>('GET', '/_control/cainiao/waybills')).json.waybills).toMatchObject([{ packageId: 'p_1', oaid: 'o==' }]);
  });
});

describe('SF', () => {
  it('refuses a wrong digest, doubles and the unknown; finds what it made', async () => {
    expect((await sf('EXP_RECE_CREATE_ORDER', parcelFor('x'), 'wrong')).code).toBe('A1006');
    const first = await sf('EXP_RECE_CREATE_ORDER', parcelFor('p2'));
    expect(first).toMatchObject({ code: 'A1000', data: { success: true, errorCode: 'S0000', msgData: { filterResult: 2, routeLabelInfo: [{ routeLabelData: { twoDimensionCode: expect.stringMatching(/^MMM=/) } }] } } });
    expect((await sf('EXP_RECE_CREATE_ORDER', parcelFor('p2'))).data).toMatchObject({ success: false, errorCode: '8016' });
    const found = await sf('EXP_RECE_SEARCH_ORDER_RESP', { orderId: 'p2' });
    expect(found.data?.msgData['waybillNoInfoList']).toEqual(first.data?.msgData['waybillNoInfoList']);
    expect((await sf('EXP_RECE_SEARCH_ORDER_RESP', { orderId: 'never' })).data?.errorCode).toBe('8024');
    expect((await sf('EXP_RECE_CREATE_ORDER', parcelFor('p3', '不可达哨所'))).data?.msgData).toMatchObject({ filterResult: 3, waybillNoInfoList: null });
  });

  it('timeout-after-effect: no answer, yet the order is there', async () => {
    await call('POST', '/_control/faults', { target: 'sf', kind: 'timeout-after-effect', operation: 'EXP_RECE_CREATE_ORDER', ms: 50 });
    await expect(sf('EXP_RECE_CREATE_ORDER', parcelFor('p4'))).rejects.toThrow();
    expect((await sf('EXP_RECE_SEARCH_ORDER_RESP', { orderId: 'p4' })).data?.success).toBe(true);
    await call('POST', '/_control/faults', { target: 'sf', kind: 'timeout-before-effect', operation: 'EXP_RECE_CREATE_ORDER', ms: 50 });
    await expect(sf('EXP_RECE_CREATE_ORDER', parcelFor('p5'))).rejects.toThrow();
    expect((await sf('EXP_RECE_SEARCH_ORDER_RESP', { orderId: 'p5' })).data?.errorCode).toBe('8024');
    expect((await call('GET', '/_control/faults')).json).toMatchObject({ faults: [{ hits: 1 }, { hits: 1 }] });
  });

  it('limits and breaks on demand', async () => {
    await call('POST', '/_control/faults', { target: 'sf', kind: 'rate-limit' });
    expect((await sf('EXP_RECE_SEARCH_ORDER_RESP', { orderId: 'p2' })).code).toBe('A1005');
    await call('POST', '/_control/faults', { target: 'shopify', kind: 'rate-limit' });
    const limited = await admin('GET', 'orders.json?limit=1');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '2.0']);
    await call('POST', '/_control/faults', { target: 'shopify', kind: 'error-500' });
    expect((await admin('GET', 'orders.json?limit=1')).status).toBe(500);
    expect((await call('POST', '/_control/faults', { target: 'moon', kind: 'reset' })).status).toBe(400);
  });
});

describe('mail', () => {
  const speak = (lines: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(sandbox.smtpPort, '127.0.0.1');
      const left = [...lines];
      let said = '';
      socket.setTimeout(10_000, () => reject(new Error(`silence after: ${said}`)));
      socket.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        // A line is only sent when the answer to the one before is whole.
        if (!/^\d{3} .*\r\n$/m.test(chunk.toString())) return;
        const next = left.shift();
        if (next === undefined) socket.end();
        else socket.write(`${next}\r\n`);
      });
      socket.on('close', () => resolve(said));
      socket.on('error', reject);
    });
  const letter = ['EHLO spec', 'MAIL FROM:<shop@example.com>', 'RCPT TO:<buyer@example.org>', 'DATA', 'Subject: =?UTF-8?B?5bey5Y+R6LSn?=\r\nFrom: shop@example.com\r\n\r\nhello\r\n.', 'QUIT'];

  it('TRK-05: is kept, and put off on demand', async () => {
    await call('POST', '/_control/faults', { target: 'smtp', kind: 'error-500' });
    expect(await speak(letter)).toContain('451 ');
    expect(await speak(letter)).toContain('250 ');
    const { json } = await call<{ count: number; messages: { subject: string; to: string[]; raw: string }[] }>('GET', '/_control/mail');
    expect(json).toMatchObject({ count: 1, messages: [{ subject: '已发货', to: ['buyer@example.org'] }] });
    expect(json.messages[0]?.raw).toContain('hello');
  });
});

describe('stopping', () => {
  it('gives up what nobody takes, and the next run goes on', async () => {
    deaf = true;
    await call('POST', '/_control/run', { orders: 3, rate: 0, seed: 1, weather: false });
    await eventually(async () => (await call<{ byStatus: Record<string, number> }>('GET', '/_control/ledger/summary')).json.byStatus['refused 500'] !== undefined, 'a refusal');
    await call('POST', '/_control/run/stop');
    await eventually(async () => (await call<{ done: boolean }>('GET', '/_control/run')).json.done, 'the end');
    expect((await call('GET', '/_control/run')).json).toMatchObject({ state: 'stopped', sent: 0, failed: [{ error: expect.stringContaining('not accepted') }, expect.anything(), expect.anything()] });
    deaf = false;
    await call('POST', '/_control/run', { orders: 2, rate: 0, seed: 1, weather: false });
    await eventually(async () => (await call<{ done: boolean }>('GET', '/_control/run')).json.done, 'the second run');
    expect((await call('GET', '/_control/run')).json).toMatchObject({ state: 'done', sent: 2 });
  }, 30_000);
});

describe('the ledger', () => {
  it('is paged from beginning to end', async () => {
    let after = 0;
    let count = 0;
    for (;;) {
      const { json } = await call<{ entries: { seq: number }[]; next: number | null }>('GET', `/_control/ledger?after=${after}&limit=100`);
      count += json.entries.length;
      if (json.next === null) break;
      after = json.next;
    }
    const { json: summary } = await call<{ entries: number; byKind: Record<string, number> }>('GET', '/_control/ledger/summary');
    expect(count).toBeLessThanOrEqual(summary.entries);
    expect(count).toBeGreaterThan(200);
    expect(Object.keys(summary.byKind)).toEqual(expect.arrayContaining(['webhook orders/create', 'ChannelOrderSubmitted', 'fulfillments.create', 'EXP_RECE_CREATE_ORDER', 'mail']));
  });
});
