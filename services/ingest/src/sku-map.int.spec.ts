import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, ingest as api, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { orderIdOf } from '@flotilla/values';
import { World } from '../spec/world.js';

describe('the SKU map on real Postgres and Kafka', () => {
  const world = new World();
  let map: Client<api.SkuMapRpc>;
  let n = 7_700_000_000_000_000n;
  const next = (): string => String((n += 13n) * 100n + 4n);
  const patient = { timeoutMs: 30_000 };
  const item = (id: string, sku: string, change: object = {}): string => world.order(id, { line_items: [{ id: `@5${id}@`, sku, title: 'Gift Set', quantity: 2, price: '12.50', requires_shipping: true, ...change }] });
  const skus = (order: api.ChannelOrder): readonly string[] => order.lines.map(({ sku, quantity }) => `${sku}×${quantity}`);
  const amended = (orderId: string): readonly api.ChannelOrder[] => world.told(orderId).filter(({ type }) => type.endsWith('.ChannelOrderAmended')).map(({ data }) => (data as { order: api.ChannelOrder }).order);
  const tasks = async (): Promise<readonly string[]> => (await map.listTasks({ channel: world.shop })).tasks.map(({ by, key, orders }) => `${by} ${key}: ${orders}`);

  beforeAll(async () => {
    await world.start();
    map = connect(api.SkuMap, world.service.grpc);
  }, 120_000);
  afterAll(async () => {
    map?.close();
    await world.stop();
  }, 60_000);

  it('ING-08: a channel takes SKUs as they are unless it says otherwise; an item without one waits, and is mapped by its name', async () => {
    const [plain, nameless] = [next(), next()];
    await world.webhook(item(plain, 'TEA-LJ-250'));
    await world.webhook(item(nameless, '', { title: '  Gift　SET ' }));
    expect(skus(await eventually(() => world.received(world.orderId(plain)), patient))).toEqual(['TEA-LJ-250×2']);
    expect(skus(await eventually(() => world.received(world.orderId(nameless)), patient))).toEqual(['×2']);
    await eventually(async () => (await tasks()).includes('NAME gift set: 1'), patient);
    await map.map({ channel: world.shop, by: 'NAME', key: 'gift set', parts: [{ sku: 'TEA-LJ-250', quantity: 1 }] });
    expect(skus((await eventually(() => amended(world.orderId(nameless))[0] ?? false, patient)))).toEqual(['TEA-LJ-250×2']);
    await eventually(async () => (await tasks()).length === 0, patient);
    await map.unmap({ channel: world.shop, by: 'NAME', key: 'gift set' });
  });

  it('ING-08: orders for an unmapped item are received and wait; mapping it lets all go on, in order, once each', async () => {
    expect(await map.putPolicy({ channel: world.shop, unmapped: 'WAIT' })).toMatchObject({ unmapped: 'WAIT' });
    const ids = [next(), next(), next()];
    for (const id of ids) expect((await world.webhook(item(id, 'SHOP-SET'))).body.orders?.[0]?.state).toBe('PLACED');
    for (const id of ids) expect(skus(await eventually(() => world.received(world.orderId(id)), patient))).toEqual(['×2']);
    await eventually(async () => (await tasks()).includes('SKU SHOP-SET: 3'), patient);
    const request = { requestId: `map-${world.run}`, channel: world.shop, by: 'SKU', key: ' SHOP-SET', parts: [{ sku: 'TEA-LJ-250', quantity: 1 }, { sku: 'TEA-LJ-500', quantity: 3 }] };
    expect(await map.map(request)).toMatchObject({ waiting: 3, version: 1 });
    await map.map(request);
    for (const id of ids) expect(skus(await eventually(() => amended(world.orderId(id))[0] ?? false, patient))).toEqual(['TEA-LJ-250×2', 'TEA-LJ-500×6']);
    await eventually(async () => (await tasks()).length === 0, patient);
    for (const id of ids) expect(world.names(world.orderId(id))).toEqual(['ChannelOrderReceived', 'ChannelOrderAmended']);
    const { rows } = await world.db.pool.query<{ stream_id: string }>("SELECT stream_id FROM es.event WHERE type = 'ChannelOrderAmended' AND stream_id = ANY ($1) ORDER BY position", [ids.map((id) => `channelOrder-${world.orderId(id)}`)]);
    expect(rows.map(({ stream_id }) => stream_id)).toEqual(ids.map((id) => `channelOrder-${world.orderId(id)}`));
    // Who comes later finds the mapping.
    const later = next();
    await world.webhook(item(later, 'SHOP-SET'));
    expect(skus(await eventually(() => world.received(world.orderId(later)), patient))).toEqual(['TEA-LJ-250×2', 'TEA-LJ-500×6']);
    expect((await map.list({ channel: world.shop, sku: 'TEA-LJ-500' })).items).toMatchObject([{ by: 'SKU', key: 'SHOP-SET' }]);
  }, 60_000);

  it('ING-08: no order is missed that comes while its item is being mapped', async () => {
    const ids = Array.from({ length: 30 }, next);
    await Promise.all([...ids.slice(0, 15).map((id) => world.webhook(item(id, 'RACE'))), map.map({ channel: world.shop, by: 'SKU', key: 'RACE', parts: [{ sku: 'TEA-LJ-250', quantity: 2 }] }), ...ids.slice(15).map((id) => world.webhook(item(id, 'RACE')))]);
    for (const id of ids) {
      await eventually(() => [world.received(world.orderId(id)), ...amended(world.orderId(id))].some((order) => skus(order)[0] === 'TEA-LJ-250×4'), patient);
      expect(amended(world.orderId(id)).length).toBeLessThanOrEqual(1);
    }
    await eventually(async () => (await tasks()).length === 0, patient);
  }, 60_000);

  it('ING-08: a file maps many; what is wrong with a row is said, an item of which one row is wrong is left out whole', async () => {
    const csv = ['channel,channel_sku,name,sku,quantity', `${world.shop},FILE-1,,TEA-LJ-250,`, `${world.shop},FILE-2,,TEA-LJ-250,1`, `${world.shop},FILE-2,,TEA-LJ-500,many`, `${world.shop},,西湖龙井礼盒,TEA-LJ-500,2`, `${world.shop},FILE-1,,TEA-LJ-500,1`, 'nowhere,X,,Y,1', `${world.shop},A,B,C,1`].join('\r\n');
    const answer = await map.import([{ data: Buffer.from(csv.slice(0, 100)) }, { data: Buffer.from(csv.slice(100)) }]);
    expect(answer.errors.map(({ row, reason }) => `${row} ${reason}`)).toEqual(['4 BAD_QUANTITY', '6 BAD_CSV', '8 BAD_CSV', '7 UNKNOWN_CHANNEL']);
    expect([answer.items, answer.changed, answer.leftOut]).toEqual([1, 1, 4]);
    const names = async (): Promise<readonly string[]> => (await map.list({ channel: world.shop })).items.map(({ key }) => key);
    await eventually(async () => (await names()).includes('西湖龙井礼盒'), patient);
    for (const half of ['FILE-1', 'FILE-2']) expect(await names()).not.toContain(half);
    await expect(map.map({ channel: 'nowhere', by: 'SKU', key: 'A', parts: [{ sku: 'B', quantity: 1 }] })).rejects.toThrow('no channel "nowhere"');
  });

  it('ING-08: a channel that no longer waits lets go of what waited', async () => {
    const id = next();
    await world.webhook(item(id, 'OWN-SKU'));
    await eventually(async () => (await tasks()).includes('SKU OWN-SKU: 1'), patient);
    await map.putPolicy({ channel: world.shop, unmapped: 'AS_IS' });
    expect(skus(await eventually(() => amended(world.orderId(id))[0] ?? false, patient))).toEqual(['OWN-SKU×2']);
  });

  it('ING-08: an order of a hundred and twenty lines finds all its items, from the topic and when it is replayed', async () => {
    const channel = `topic-${world.run}`;
    await map.map({ channel, by: 'SKU', key: 'MANY-7', parts: [{ sku: 'TEA-LJ-250', quantity: 2 }] });
    await map.map({ channel: world.shop, by: 'SKU', key: 'MANY-7', parts: [{ sku: 'TEA-LJ-250', quantity: 2 }] });
    const lines = Array.from({ length: 120 }, (_, at) => ({ channelLineId: `L${at}`, channelSku: `MANY-${at}`, title: `Item ${at}`, quantity: 1, unitPrice: 100 }));
    const submitted = { channel, channelOrderId: `many-${world.run}`, placedAt: '2026-11-21T08:00:00Z', modifiedAt: '2026-11-21T08:00:00Z', payment: 'paid', currency: 'EUR', total: 12_000, lines };
    await world.submit(submitted);
    const seventh = (order: api.ChannelOrder): unknown => [order.lines.length, order.lines[6]!.sku, order.lines[7]!.sku, order.lines[7]!.quantity];
    const wanted = [120, 'MANY-6', 'TEA-LJ-250', 2];
    expect(seventh(await eventually(() => world.received(orderIdOf(channel, submitted.channelOrderId)), patient))).toEqual(wanted);
    const id = next();
    const items = (price: string): string => world.order(id, { line_items: lines.map(({ channelSku, title }, at) => ({ id: `@${at + 1}@`, sku: channelSku, title, quantity: 1, price, requires_shipping: true })) });
    expect((await world.webhook(items('dear'))).body.orders).toMatchObject([{ state: 'PARKED', reason: 'BAD_AMOUNT' }]);
    const entry = await eventually(async () => (await world.quarantine.list({ channel: world.shop, channelOrderId: id })).entries[0] ?? false, patient);
    expect(await world.quarantine.replay({ id: entry.id, correctedPayload: Buffer.from(items('1.00')) })).toMatchObject({ state: 'PLACED' });
    expect(seventh(await eventually(() => world.received(world.orderId(id)), patient))).toEqual(wanted);
  }, 60_000);

  it('ING-13: a bundle is told to the platform as the line that it knows', async () => {
    const id = next();
    await world.webhook(item(id, 'SHOP-SET'));
    const order = await eventually(() => world.received(world.orderId(id)), patient);
    await world.ship(world.shop, id, 'SF1', 'sf', order.lines.map(({ lineId, channelLineId, sku, quantity }) => ({ lineId, channelLineId, sku, quantity })));
    const lines = await eventually(async () => {
      const { rows } = await world.db.pool.query<{ data: { lines: unknown } }>("SELECT data FROM es.event WHERE type = 'WriteBackRequested' AND data->>'orderId' = $1", [orderIdOf(world.shop, id)]);
      return rows[0]?.data.lines ?? false;
    }, patient);
    expect(lines).toEqual([{ channelLineId: `5${id}`, quantity: 2 }]);
  });
});
