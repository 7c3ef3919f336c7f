import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@flotilla/testing';
import { open, orderIdOf } from '@flotilla/values';
import { buyer, personalWords, World } from '../spec/world.js';

describe('ingest on real Postgres and Kafka', () => {
  const world = new World();
  let n = 8_209_829_119_461_545n;
  /** An order id above 2^53. */
  const next = (): string => String((n += 7n) * 100n + 8n);
  const patient = { timeoutMs: 30_000 };

  beforeAll(() => world.start(), 120_000);
  afterAll(() => world.stop(), 60_000);

  const entryOf = (id: string) => eventually(async () => (await world.quarantine.list({ channel: world.shop })).entries.find(({ channelOrderId, payload }) => channelOrderId === id && payload !== '') ?? false, patient);

  it('ING-01: a signed webhook becomes an order on the topic, its person sealed', async () => {
    const id = next();
    const answer = await world.webhook(world.order(id));
    expect(answer).toEqual({ status: 200, body: { orders: [{ orderId: world.orderId(id), state: 'PLACED', reason: '' }] } });
    const order = await eventually(() => world.received(world.orderId(id)), patient);
    expect(order).toMatchObject({
      channel: world.shop, platform: 'shopify', channelOrderId: id, payment: 'PAYMENT_STATE_PAID', total: { amount: 2500, currency: 'EUR' }, placedAt: '2026-11-21T07:00:00.000Z',
      shipTo: { country: 'HU', city: 'Szeged', postcode: '6720' }, lines: [{ channelLineId: `5${id}`, sku: 'TEA-LJ-250', quantity: 2, unitPrice: { amount: 1250, currency: 'EUR' } }],
    });
    const { keys } = await world.keys.get({ subjects: [order.buyer.subject, randomUUID()] });
    expect(keys.map(({ key }) => key.length)).toEqual([32, 0]);
    const opened = [order.shipTo.name, order.shipTo.street, order.shipTo.phone, order.buyer.email, order.remark, order.lines[0]!.attributes[0]!.value].map((text) => open(() => keys[0]!.key, text));
    expect(opened).toEqual([`${buyer.first} ${buyer.last}`, buyer.street, buyer.phone, buyer.email, buyer.remark, buyer.engraving]);
    expect(await eventually(async () => (await world.orders.get({ channel: world.shop, channelOrderId: id })), patient)).toMatchObject({ order: { number: `#${id.slice(-4)}` }, summary: { state: 'PLACED', deliveries: 1, announcements: 1 } });
  }, 60_000);

  it('ING-01: a wrong or missing signature is 401 and leaves no trace; what is not there is 404, what is too large 413', async () => {
    const before = (await world.db.pool.query<{ head: string }>('SELECT coalesce(max(position), 0) AS head FROM es.event')).rows[0]!.head;
    for (const signature of ['AAAA', undefined, 'iKqz7ejTrflNJquQ07r9SiCDBww7zOnAFO4EpEOEfAs=']) {
      expect(await world.webhook(world.order(next()), { 'x-shopify-hmac-sha256': signature })).toMatchObject({ status: 401, body: { code: 'BAD_SIGNATURE', status: 401 } });
    }
    expect(await world.webhook(world.order(next()), {}, 'no-such-shop')).toMatchObject({ status: 404, body: { code: 'UNKNOWN_CHANNEL' } });
    expect(await world.webhook(world.order(next()), {}, `jd-${world.run}`)).toMatchObject({ status: 404, body: { code: 'UNKNOWN_TOPIC', detail: expect.stringContaining('no adapter for jd') } });
    expect(await world.webhook(world.order(next()), {}, `topic-${world.run}`)).toMatchObject({ status: 404, body: { code: 'UNKNOWN_TOPIC', detail: expect.stringContaining('channel-orders.v1') } });
    expect(await world.webhook(Buffer.alloc(1024 * 1024 + 1, 32))).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
    expect((await world.db.pool.query<{ head: string }>('SELECT coalesce(max(position), 0) AS head FROM es.event')).rows[0]!.head).toBe(before);
    expect(await (await fetch(`${world.service.http}/metrics`)).text()).toContain('flotilla_webhooks_total{platform="shopify",outcome="bad signature"} 3');
  }, 60_000);

  it('ING-11: a redelivered webhook changes nothing, the same order announced again is a duplicate, a change is an update', async () => {
    const id = next();
    const orderId = world.orderId(id);
    const first = { 'x-shopify-webhook-id': `wh-${id}` };
    await world.webhook(world.order(id, { financial_status: 'pending' }), first);
    await world.webhook(world.order(id, { financial_status: 'pending' }), first);
    await world.webhook(world.order(id, { financial_status: 'pending' }));
    await world.webhook(world.order(id, { updated_at: '2026-11-21T08:05:00+01:00' }), { 'x-shopify-topic': 'orders/paid' });
    await world.webhook(world.order(id, { updated_at: '2026-11-21T08:06:00+01:00', note: 'other' }), { 'x-shopify-topic': 'orders/updated' });
    await world.webhook(world.order(id, { updated_at: '2026-11-21T08:01:00+01:00', note: 'late and old' }), { 'x-shopify-topic': 'orders/updated' });
    await world.webhook(`{"id":31,"order_id":${id},"created_at":"2026-11-21T08:07:00+01:00","refund_line_items":[{"id":1,"line_item_id":5${id},"quantity":1,"restock_type":"cancel"}],"transactions":[{"kind":"refund","status":"success","amount":"12.50","currency":"EUR"}]}`, { 'x-shopify-topic': 'refunds/create' });
    await world.webhook(world.order(id, { updated_at: '2026-11-21T08:08:00+01:00', note: 'other', cancelled_at: '2026-11-21T08:08:00+01:00', cancel_reason: 'customer' }), { 'x-shopify-topic': 'orders/cancelled' });
    await eventually(() => expect(world.names(orderId)).toEqual(['ChannelOrderReceived', 'ChannelOrderPaid', 'ChannelOrderAmended', 'ChannelRefundSettled', 'ChannelOrderCancelled']), patient);
    await eventually(async () => expect((await world.orders.get({ orderId })).summary).toMatchObject({ deliveries: 7, announcements: 2, cancelledAt: '2026-11-21T07:08:00.000Z' }), patient);
    expect((await world.orders.get({ orderId })).order).toMatchObject({ payment: 'PAYMENT_STATE_PAID', lines: [{ quantity: 1 }] });
  }, 60_000);

  it('ING-05, ING-11: an order from both ways is one order, and what a connector cannot say well is in quarantine', async () => {
    const id = next();
    const submitted = {
      channel: world.shop, channelOrderId: id, number: '#1', placedAt: '2026-11-21T07:00:00Z', modifiedAt: '2026-11-21T07:00:00Z', payment: 'paid', currency: 'EUR', country: 'HU', city: 'Szeged', total: 2500,
      lines: [{ channelLineId: `5${id}`, channelSku: 'TEA-LJ-250', title: 'Tea', quantity: 2, unitPrice: 1250 }],
    };
    await world.webhook(world.order(id));
    await world.submit(submitted, { id: `m-${id}`, personal: { name: `${buyer.first} ${buyer.last}`, phone: buyer.phone, street: buyer.street } });
    await world.submit(submitted, { id: `m-${id}`, personal: { name: `${buyer.first} ${buyer.last}` } });
    await eventually(async () => expect((await world.orders.get({ orderId: world.orderId(id) })).summary).toMatchObject({ deliveries: 2, announcements: 2, state: 'PLACED' }), patient);
    expect(world.names(world.orderId(id)).filter((name) => name === 'ChannelOrderReceived')).toHaveLength(1);

    const other = next();
    const topicShop = `topic-${world.run}`;
    await world.submit({ ...submitted, channel: topicShop, channelOrderId: other }, { personal: { name: `${buyer.first} ${buyer.last}`, street: buyer.street } });
    const order = await eventually(() => world.received(orderIdOf(topicShop, other)), patient);
    expect(order).toMatchObject({ platform: 'connector', shipTo: { city: 'Szeged', name: expect.stringMatching(/^sealed\.v1\./) } });

    await world.submit({ ...submitted, channel: topicShop, channelOrderId: 'bad-1' }, { personal: 'no.jwe.at.all.x' });
    await world.submit({ ...submitted, channel: 'unknown-shop', channelOrderId: 'bad-2' });
    await world.submit({ ...submitted, channel: topicShop, channelOrderId: '' });
    await eventually(async () => {
      const { entries } = await world.quarantine.list({});
      // The topic is shared with other specs, whose channels are unknown here.
      const mine = entries.filter(({ source, channel, channelOrderId }) => source === 'TOPIC' && (channel === topicShop || channelOrderId === 'bad-2'));
      expect(mine.map(({ reason, channelOrderId }) => [reason, channelOrderId]).toSorted()).toEqual([['BAD_PERSONAL', 'bad-1'], ['NO_ORDER_ID', ''], ['UNKNOWN_CHANNEL', 'bad-2']]);
    }, patient);
    // Whoever sent it is told, under its own key and id.
    await world.submit({ ...submitted, channel: topicShop, channelOrderId: 'bad-3', total: -1 }, { id: `bad-3-${id}`, personal: { name: buyer.last } });
    await eventually(() => expect(world.told(`${topicShop}/bad-3`)).toMatchObject([{ topic: 'channel-orders.v1.dlq', type: 'flotilla.connector.v1.ChannelOrderRefused', data: { channel: topicShop, channelOrderId: 'bad-3', deliveryId: `bad-3-${id}`, type: 'flotilla.connector.v1.ChannelOrderSubmitted', reason: expect.stringMatching(/^[A-Z_]+$/), detail: expect.stringContaining('total'), waits: true } }]), patient);
    expect(world.told(`${topicShop}/bad-1`).map(({ data }) => (data as { reason: string }).reason)).toEqual(['BAD_PERSONAL']);
    expect(world.told(`${world.shop}/${id}`)).toEqual([]);
  }, 90_000);

  it('ING-14: what cannot be understood waits with its reason, what follows waits behind it, and a corrected replay takes all of them', async () => {
    const id = next();
    const orderId = world.orderId(id);
    expect(await world.webhook(world.order(id, { total_price: buyer.email }))).toMatchObject({ status: 200, body: { orders: [{ orderId, state: 'PARKED', reason: 'BAD_AMOUNT' }] } });
    expect(await world.webhook(world.order(id, { updated_at: '2026-11-21T08:09:00+01:00', note: 'second' }), { 'x-shopify-topic': 'orders/updated' })).toMatchObject({ status: 200, body: { orders: [{ state: 'PARKED', reason: 'PARKED' }] } });
    const entry = await entryOf(id);
    expect(entry).toMatchObject({ reason: 'BAD_AMOUNT', detail: 'total_price is not an amount from 0 in EUR (2 decimals)', source: 'WEBHOOK', payload: expect.stringMatching(/^sealed\.v1\./) });
    await eventually(async () => expect((await entryOf(id)).waiting).toBe(1), patient);
    // Whoever corrects it sees it as it came.
    const input = await world.quarantine.open({ id: entry.id });
    expect(input.text).toBe(world.order(id, { total_price: buyer.email }));
    expect([input.payload.length, input.waiting.length]).toEqual([0, 1]);
    expect((await world.quarantine.count({})).counts).toContainEqual({ channel: world.shop, reason: 'BAD_AMOUNT', entries: 1, oldest: entry.receivedAt });
    await expect(world.quarantine.open({ id: randomUUID() })).rejects.toMatchObject({ code: 5 });
    expect(await world.quarantine.replay({ id: entry.id })).toEqual({ orderId, state: 'PARKED', reason: 'BAD_AMOUNT' });
    const corrected = { id: entry.id, requestId: `fix-${id}`, correctedPayload: Buffer.from(world.order(id)) };
    expect(await world.quarantine.replay(corrected)).toEqual({ orderId, state: 'PLACED', reason: '' });
    expect(await world.quarantine.replay(corrected)).toEqual({ orderId, state: 'PLACED', reason: '' });
    await expect(world.quarantine.replay({ ...corrected, correctedPayload: Buffer.from('{}') })).rejects.toThrow(/REQUEST_ID_REUSED|request/);
    await eventually(() => expect(world.names(orderId)).toEqual(['ChannelOrderReceived', 'ChannelOrderAmended']), patient);
    await eventually(async () => expect((await world.quarantine.list({ channel: world.shop })).entries.map((one) => one.id)).not.toContain(entry.id), patient);
    expect((await world.orders.get({ orderId })).summary).toMatchObject({ state: 'PLACED', deliveries: 2, announcements: 1 });
  }, 60_000);

  it('ING-14: garbage has a reason, and moves to its order when it is corrected', async () => {
    const garbage = Buffer.from([0x7b, 0x22, 0xff, 0xfe]);
    expect(await world.webhook(garbage)).toMatchObject({ status: 200, body: { orders: [{ state: 'PARKED', reason: 'BAD_TEXT' }] } });
    expect(await world.webhook(`{"id": ${buyer.first}}`)).toMatchObject({ body: { orders: [{ reason: 'BAD_JSON' }] } });
    const entry = await eventually(async () => {
      const { entries } = await world.quarantine.list({ channel: world.shop });
      expect(entries.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['BAD_TEXT', 'BAD_JSON']));
      return entries.find(({ reason }) => reason === 'BAD_TEXT')!;
    }, patient);
    expect(entry.channelOrderId).toBe('');
    const id = next();
    const before = (await world.tallies.get({})).counts;
    expect(await world.quarantine.replay({ id: entry.id, correctedPayload: Buffer.from(world.order(id)) })).toEqual({ orderId: world.orderId(id), state: 'PLACED', reason: '' });
    await eventually(async () => {
      const { counts } = await world.tallies.get({});
      expect(counts).toMatchObject({ announcements: before['announcements'], distinct: before['distinct'], placed: before['placed']! + 1, parked: before['parked']! - 1, replayed: before['replayed']! + 1 });
    }, patient);
  }, 60_000);

  it('ING-13: a shipment is told to its platform once: at first, after a limit, after an outage, after a lost answer', async () => {
    const cases = [[], ['rate-limit'], ['error-500'], ['timeout-after-effect']] as const;
    for (const faults of cases) {
      const id = next();
      world.fake.place(id, [{ id: `5${id}`, quantity: 2 }]);
      await world.webhook(world.order(id));
      world.fake.faults.push(...faults);
      const waybill = `SF${id.slice(-12)}`;
      const { orderId, parcelId } = await world.ship(world.shop, id, waybill);
      await world.ship(world.shop, id, waybill);
      const done = await eventually(() => world.told(orderId).find(({ type }) => type.endsWith('.WriteBackSucceeded')) ?? false, patient);
      const { fulfilments } = world.fake.orders.get(id)!;
      expect(fulfilments).toMatchObject([{ number: waybill, company: 'SF Express', lines: [{ id: `5${id}`, quantity: 2 }] }]);
      expect(done.data).toMatchObject({ orderId, parcelId, channel: world.shop, channelOrderId: id, carrier: 'sf', waybill, channelFulfilmentId: fulfilments[0]!.id });
      await eventually(async () => expect((await world.orders.get({ orderId })).summary.writeBacks).toEqual([{ parcelId, state: 'DONE', channelFulfilmentId: fulfilments[0]!.id, reason: '' }]), patient);
      expect(world.names(orderId).filter((name) => name.startsWith('WriteBack'))).toEqual(['WriteBackSucceeded']);
    }
    expect(world.fake.calls.filter((call) => call.startsWith('POST'))).toHaveLength(6);
  }, 120_000);

  it('ING-13: what the platform refuses for good is visible, and a connector’s shop needs nothing', async () => {
    const id = next();
    world.fake.place(id, [{ id: `5${id}`, quantity: 2 }]);
    world.fake.faults.push('refused');
    const { orderId } = await world.ship(world.shop, id, 'SF2');
    const failed = await eventually(() => world.told(orderId).find(({ type }) => type.endsWith('.WriteBackFailed')) ?? false, patient);
    expect(failed.data).toMatchObject({ reason: 'PLATFORM_REFUSED', detail: expect.stringContaining('cancelled') });
    await world.ship(`topic-${world.run}`, 'c-1', 'SF3');
    await eventually(async () => expect((await world.db.pool.query("SELECT FROM read.write_back WHERE state = 'NOT_NEEDED'")).rowCount).toBe(1), patient);
    await eventually(async () => expect((await world.tallies.get({})).counts).toMatchObject({ writeBacksDone: 4, writeBacksFailed: 1, writeBacksPending: 0 }), patient);
  }, 60_000);

  it('ING-11: many at once are each stored before they are answered', async () => {
    const ids = Array.from({ length: 100 }, next);
    const answers = await Promise.all([...ids, ...ids.slice(0, 20)].map((id) => world.webhook(world.order(id))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(120);
    const { rows } = await world.db.pool.query<{ count: string }>("SELECT count(*) FROM es.event WHERE type = 'ChannelOrderReceived' AND data -> 'order' ->> 'orderId' = ANY ($1)", [ids.map((id) => world.orderId(id))]);
    expect(Number(rows[0]!.count)).toBe(100);
    await eventually(async () => {
      const { counts } = await world.tallies.get({});
      const [announced, distinct, placed, parked, duplicates] = ['announcements', 'distinct', 'placed', 'parked', 'duplicates'].map((name) => counts[name]!);
      expect(duplicates).toBeGreaterThanOrEqual(21);
      expect(announced).toBe(distinct! + duplicates!);
      expect(distinct).toBe(placed! + parked!);
    }, patient);
    const first = await world.orders.list({ channel: world.shop, page: { size: 30 } });
    const second = await world.orders.list({ channel: world.shop, page: { size: 30, token: first.nextToken } });
    expect(new Set([...first.orders, ...second.orders].map(({ orderId }) => orderId)).size).toBe(60);
    await expect(world.orders.list({ channel: 'other', page: { token: first.nextToken } })).rejects.toMatchObject({ code: 3 });
  }, 60_000);

  it('ING-01: a channel is connected by a person, listed without its secrets, and refused with others', async () => {
    const wanted = { id: `mine-${world.run}`, platform: 'shopify', name: 'Mine', secret: 'very-secret-text', apiUrl: 'http://127.0.0.1:9', apiToken: 'very-secret-token' };
    const connected = await world.channels.connect({ ...wanted, requestId: randomUUID() });
    expect(connected).toMatchObject({ id: wanted.id, platform: 'shopify', name: 'Mine' });
    expect(await world.channels.connect({ ...wanted, requestId: randomUUID() })).toEqual(connected);
    await expect(world.channels.connect({ ...wanted, secret: 'other', requestId: randomUUID() })).rejects.toThrow('connected already');
    const listed = await eventually(async () => (await world.channels.list({})).channels.find(({ id }) => id === wanted.id) ?? false, patient);
    expect(JSON.stringify([connected, listed, await world.channels.get({ id: wanted.id })])).not.toContain('very-secret');
    await expect(world.channels.get({ id: 'nobody' })).rejects.toMatchObject({ code: 5 });
    expect((await world.channels.get({ id: world.shop })).lastOrderAt).toBe('2026-11-21T07:00:00.000Z');
  }, 60_000);

  it('ING-01: a restart keeps channels, keys and orders, and connects nothing twice', async () => {
    const jwks = await (await fetch(`${world.service.http}/v1/keys`)).text();
    const events = async (): Promise<string[]> => (await world.db.pool.query<{ type: string }>("SELECT type FROM es.event WHERE type LIKE 'Channel%ed' AND data ->> 'secretFingerprint' IS NOT NULL")).rows.map(({ type }) => type);
    const before = await events();
    expect(before).toHaveLength(5);
    await world.stopService();
    await world.startService();
    expect(await (await fetch(`${world.service.http}/v1/keys`)).text()).toBe(jwks);
    expect(JSON.parse(jwks)).toMatchObject({ keys: [{ kty: 'EC', crv: 'P-256', alg: 'ECDH-ES', use: 'enc' }] });
    expect(jwks).not.toContain('"d"');
    expect(await events()).toEqual(before);
    const id = next();
    expect(await world.webhook(world.order(id))).toMatchObject({ status: 200 });
    await eventually(() => world.received(world.orderId(id)), patient);
    expect(await (await fetch(`${world.service.http}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });
  }, 90_000);

  it('ING-01: neither database nor topic holds a personal value or a secret in clear', async () => {
    const stored = await world.everythingStored();
    const published = world.rawRecords.map(({ key, value, headers }) => `${key} ${value?.toString() ?? ''} ${JSON.stringify(headers)}`).join('\n');
    for (const readable of ['ChannelOrderReceived', 'Szeged', 'TEA-LJ-250']) expect([readable, stored.includes(readable), published.includes(readable)]).toEqual([readable, true, true]);
    expect(published.length).toBeGreaterThan(10_000);
    for (const word of [...personalWords, 'shpss_spec', 'shpat_spec', 'very-secret']) {
      expect({ word, stored: stored.includes(word), published: published.includes(word) }).toEqual({ word, stored: false, published: false });
    }
  }, 60_000);
});
