import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, ingest as api } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { open, orderIdOf } from '@flotilla/values';
import { platformsSandbox, type PlatformsSandbox } from '../spec/platforms-sandbox.js';
import type { Of } from '@flotilla/decider';
import { startForTest } from '@flotilla/service-kit';
import { World } from '../spec/world.js';
import type { OrderPullEvent } from './decide/order-pull.events.js';
import { ingest } from './ingest.service.js';

const LONG = { timeoutMs: 40_000 };

describe('WooCommerce and Taobao, against shops over HTTP', () => {
  const world = new World();
  const [woo, twin, tb, own] = [`woo-a-${world.run}`, `woo-b-${world.run}`, `tb-${world.run}`, `tb-own-${world.run}`];
  const shops = [
    { id: woo, platform: 'woocommerce', secret: 'wc-secret-a', appKey: 'ck_a:cs_a' }, { id: twin, platform: 'woocommerce', secret: 'wc-secret-b', appKey: 'ck_b:cs_b' }, { id: tb, platform: 'taobao', secret: 'top-secret', appKey: '12345678:session-1' },
  ] as const;
  let sandbox: PlatformsSandbox;

  const received = (channel: string, id: string): Promise<api.ChannelOrder> => eventually(() => world.received(orderIdOf(channel, id)), LONG);
  const names = (channel: string, id: string): readonly string[] => world.names(orderIdOf(channel, id));
  const pull = async (channel: string): Promise<api.OrderPullState> => {
    // One that is under way may have begun before what is to be seen.
    await eventually(async () => (await world.channels.getOrderPull({ channel })).state !== 'RUNNING', LONG);
    const { pull: number } = await world.channels.pullOrders({ channel, requestId: `pull-${Math.random()}` });
    return eventually(async () => {
      const state = await world.channels.getOrderPull({ channel });
      return state.pull >= number && state.state !== 'RUNNING' && state;
    }, LONG) as Promise<api.OrderPullState>;
  };

  beforeAll(async () => {
    await world.start();
    sandbox = await platformsSandbox([...shops, { id: own, platform: 'taobao', secret: 'top-secret', appKey: '87654321:session-9:refresh-9' }], world.service.http);
    for (const { id, platform, secret, appKey } of shops) await world.channels.connect({ id, platform, name: id, secret, apiUrl: sandbox.url(platform, id), apiToken: appKey });
  }, 120_000);
  afterEach(() => sandbox.calm());
  afterAll(async () => {
    await sandbox?.close();
    await world.stop();
  }, 60_000);

  it('ING-01, ING-11: webhooks of two WooCommerce shops with the same order numbers become two orders', async () => {
    expect(await sandbox.greet(woo)).toBe(200);
    const [[one], [other]] = [await sandbox.make('woocommerce', woo), await sandbox.make('woocommerce', twin)];
    expect([one!.id, one!.webhook, other!.webhook]).toEqual([other!.id, 200, 200]);
    const [first, second] = [await received(woo, one!.id), await received(twin, other!.id)];
    expect(first).toMatchObject({ channel: woo, platform: 'woocommerce', channelOrderId: one!.id, payment: 'PAYMENT_STATE_PAID' });
    expect(first.lines.map(({ channelLineId, sku, quantity }) => ({ id: channelLineId, sku, quantity }))).toEqual(one!.lines);
    expect(first.shipTo.name).toMatch(/^sealed\.v1\./);
    expect(first.orderId).not.toBe(second.orderId);
    expect((await sandbox.make('woocommerce', woo, { forged: true }))[0]!.webhook).toBe(401);
  }, 90_000);

  it('ING-11: what becomes of an order of WooCommerce is told once each, also what no webhook says', async () => {
    const [order] = await sandbox.make('woocommerce', woo, { paid: false, units: 2 });
    const { id } = order!;
    await sandbox.act('woocommerce', woo, id, 'pay');
    await sandbox.act('woocommerce', woo, id, 'again');
    await sandbox.act('woocommerce', woo, id, 'refund');
    await eventually(() => expect(names(woo, id)).toEqual(['ChannelOrderReceived', 'ChannelOrderPaid', 'ChannelRefundRequested']), LONG);
    // A change is dated a second after the one before, and is in the shop's list when that second has come.
    await eventually(async () => {
      expect(await pull(woo)).toMatchObject({ state: 'ENDED', problem: '' });
      expect(names(woo, id)).toEqual(['ChannelOrderReceived', 'ChannelOrderPaid', 'ChannelRefundRequested', 'ChannelRefundSettled']);
    }, LONG);
    const refund = world.told(orderIdOf(woo, id)).find(({ type }) => type.endsWith('RefundSettled'))!.data as api.ChannelRefundSettled;
    expect(refund.lines).toMatchObject([{ channelLineId: order!.lines.find(({ quantity }) => quantity > 1)!.id, quantity: 1 }]);
    await sandbox.act('woocommerce', woo, id, 'delete');
    await eventually(() => expect(names(woo, id).at(-1)).toBe('ChannelOrderCancelled'), LONG);
  }, 90_000);

  it('ING-01, ING-02: webhooks that are lost until the shop sends no more are made up for by asking', async () => {
    await sandbox.fault({ target: 'webhooks', kind: 'drop', operation: 'order.created', count: 7 });
    const lost = await sandbox.make('woocommerce', twin, { count: 7 });
    expect(await sandbox.state(twin)).toMatchObject({ disabled: true });
    expect(await pull(twin)).toMatchObject({ state: 'ENDED' });
    for (const { id } of lost) await received(twin, id);
    expect(await sandbox.greet(twin)).toBe(200);
  }, 90_000);

  it('ING-13: a shipment is told to WooCommerce once, whatever happens to the answers', async () => {
    const faults = [{ kind: 'timeout-after-effect', operation: 'notes.create', ms: 300 }, { kind: 'error-500-after-effect', operation: 'orders.update' }, { kind: 'rate-limit', operation: 'orders.get' }] as const;
    for (const fault of faults) {
      const [order] = await sandbox.make('woocommerce', woo);
      await received(woo, order!.id);
      await sandbox.fault({ target: 'woocommerce', ...fault });
      const waybill = `SF75${order!.id}00031887`;
      await world.ship(woo, order!.id, waybill, 'sf', order!.lines.map(({ id, quantity }) => ({ channelLineId: id, quantity })));
      await eventually(() => expect(names(woo, order!.id)).toContain('WriteBackSucceeded'), LONG);
      const told = await sandbox.see('woocommerce', woo, order!.id);
      expect(told).toMatchObject({ status: 'completed', notes: [{ note: expect.stringContaining(waybill) }] });
      expect(told.meta!.find(({ key }) => key === '_wc_shipment_tracking_items')!.value).toMatchObject([{ tracking_number: waybill }]);
    }
    // Its own completed order comes back and is no news.
    await pull(woo);
  }, 120_000);

  it('ING-12: WooCommerce is told the stock of products and variations once each, whatever happens to the answers', async () => {
    const stock = connect(api.ChannelStock, world.service.grpc);
    const [plain, small, large, uncounted] = ['PLAIN', 'SMALL', 'LARGE', 'LOOSE'].map((name) => `${name}-${world.run}`) as [string, string, string, string];
    await sandbox.stock(woo, plain, {});
    for (const sku of [small, large]) await sandbox.stock(woo, sku, { of: 'Shirt' });
    await sandbox.stock(woo, uncounted, { managed: false });
    // More products than a page has.
    for (let n = 0; n < 25; n += 1) await sandbox.stock(woo, `FILL-${n}-${world.run}`, {});
    for (const sku of [plain, small, large, uncounted]) await world.available(sku, 7);
    await sandbox.fault({ target: 'woocommerce', kind: 'error-500', operation: 'products.list', count: 1 });
    await stock.putRules({ channel: woo, requestId: 'rules', rules: { buffer: 2 } });
    const shows = (sku: string, level: number): Promise<unknown> => eventually(async () => expect([sku, (await sandbox.stock(woo, sku)).quantity]).toEqual([sku, level]), LONG);
    for (const sku of [plain, small, large]) await shows(sku, 5);
    expect((await stock.listItems({ channel: woo, state: 'UNTRACKED' })).items.map(({ sku }) => sku)).toEqual([uncounted]);
    for (const fault of [{ kind: 'error-500-after-effect', operation: 'products.batch' }, { kind: 'timeout-after-effect', operation: 'variations.batch', ms: 300 }, { kind: 'rate-limit', operation: 'products.batch' }, { kind: 'garbage', operation: 'variations.list' }]) await sandbox.fault({ target: 'woocommerce', ...fault });
    await world.available(plain, 12);
    await world.available(large, 4);
    await shows(plain, 10);
    await shows(large, 2);
    await eventually(async () => expect((await stock.listLevels({ channel: woo, waiting: true })).levels.filter(({ sku }) => [plain, large].includes(sku))).toEqual([]), LONG);
    expect([(await sandbox.stock(woo, plain)).sets, (await sandbox.stock(woo, large)).sets, (await sandbox.stock(woo, small)).sets]).toEqual([[5, 10], [5, 2], [5]]);
    // A person changes it there; what the next look finds is told again.
    await sandbox.stock(woo, small, { available: 40 });
    await stock.pull({ channel: woo, requestId: 'look' });
    await shows(small, 5);
    expect((await stock.listDifferences({ channel: woo, pull: 2 })).differences).toMatchObject([{ sku: small, shown: 40, level: 5 }]);
    stock.close();
  }, 120_000);

  it('ING-02, ING-16: Taobao’s trades are pulled, masked, by pages and once', async () => {
    const made = await sandbox.make('taobao', tb, { count: 85 });
    // Limits, outages and lost answers on the way.
    await sandbox.fault({ target: 'taobao', kind: 'rate-limit', count: 3 });
    await sandbox.fault({ target: 'taobao', kind: 'error-500', operation: 'fullinfo', count: 2 });
    await sandbox.fault({ target: 'taobao', kind: 'garbage', operation: 'increment', count: 1 });
    expect(await pull(tb)).toMatchObject({ state: 'ENDED', problem: '', blocked: false, rules: { everyMinutes: 15, peakEveryMinutes: 5 } });
    for (const { id } of made) await received(tb, id);
    await pull(tb);
    const of = (type: string): number => world.heard.filter((event) => event.type.endsWith(type) && (event.data as { order?: api.ChannelOrder }).order?.channel === tb).length;
    expect([of('.ChannelOrderReceived'), of('.ChannelOrderAmended')]).toEqual([85, 0]);
    const order = await received(tb, made[0]!.id);
    expect(order).toMatchObject({ platform: 'taobao', payment: 'PAYMENT_STATE_PAID', shipTo: { country: 'CN', token: `taobao:${made[0]!.oaid}` } });
    const { keys } = await world.keys.get({ subjects: [order.buyer.subject] });
    expect(open(() => keys[0]!.key, order.shipTo.name)).toMatch(/^.\*\*$/u);
    expect(await world.everythingStored()).not.toContain(made[0]!.name);
  }, 120_000);

  it('ING-11: a trade’s payment, freeze, refund and closing are told once each, with the units that are left', async () => {
    const [trade] = await sandbox.make('taobao', tb, { paid: false });
    const { id, lines } = trade!;
    await pull(tb);
    await received(tb, id);
    for (const what of ['pay', 'freeze', 'free', 'ask-refund', 'refund', 'cancel']) {
      await sandbox.act('taobao', tb, id, what);
      // A change is dated a second after the one before, and TOP tells of it when that second has come.
      await eventually(async () => {
        await pull(tb);
        const events = names(tb, id);
        expect(events).toEqual(expect.arrayContaining([{ pay: 'ChannelOrderPaid', freeze: 'ChannelFrozen', free: 'ChannelFrozen', 'ask-refund': 'ChannelRefundRequested', refund: 'ChannelRefundSettled', cancel: 'ChannelOrderCancelled' }[what]!]));
        if (what === 'free') expect(events.filter((name) => name === 'ChannelFrozen')).toHaveLength(2);
      }, LONG);
    }
    expect(names(tb, id).filter((name) => !name.endsWith('Amended'))).toEqual(['ChannelOrderReceived', 'ChannelOrderPaid', 'ChannelFrozen', 'ChannelFrozen', 'ChannelRefundRequested', 'ChannelRefundSettled', 'ChannelRefundWithdrawn', 'ChannelOrderCancelled']);
    const refund = world.told(orderIdOf(tb, id)).find(({ type }) => type.endsWith('RefundSettled'))!.data as api.ChannelRefundSettled;
    expect(refund.lines).toMatchObject([{ channelLineId: lines[0]!.id, quantity: lines[0]!.quantity }]);
  }, 120_000);

  it('ING-11: a part of a line’s price that is paid back is told as that, and its units are still to be shipped', async () => {
    const [trade] = await sandbox.make('taobao', tb);
    const { id } = trade!;
    await pull(tb);
    await received(tb, id);
    await sandbox.act('taobao', tb, id, 'refund', { fee: 123 });
    await eventually(async () => {
      await pull(tb);
      expect(names(tb, id)).toContain('ChannelRefundSettled');
    }, LONG);
    const refund = world.told(orderIdOf(tb, id)).find(({ type }) => type.endsWith('RefundSettled'))!.data as api.ChannelRefundSettled;
    expect(refund).toMatchObject({ amount: { amount: 123, currency: 'CNY' } });
    expect(refund.lines ?? []).toEqual([]);
    expect(names(tb, id)).not.toContain('ChannelOrderAmended');
  }, 90_000);

  it('ING-14: a trade that cannot be understood waits with its reason, holds up no other, and a replay with what is right takes it', async () => {
    const [bad, good] = await sandbox.make('taobao', tb, { count: 2 });
    await sandbox.act('taobao', tb, bad!.id, 'spoil');
    const entry = await eventually(async () => {
      await pull(tb);
      return (await world.quarantine.list({ channel: tb })).entries.find(({ channelOrderId, payload }) => channelOrderId === bad!.id && payload !== '') ?? false;
    }, LONG);
    expect(entry).toMatchObject({ reason: 'BAD_AMOUNT', source: 'PULL', detail: 'payment is not an amount from 0 in CNY (2 decimals)' });
    await received(tb, good!.id);
    await sandbox.act('taobao', tb, bad!.id, 'mend');
    await eventually(async () => {
      await pull(tb);
      expect((await world.quarantine.list({ channel: tb })).entries.find(({ id }) => id === entry.id)?.waiting).toBeGreaterThan(0);
    }, LONG);
    const { keys } = await world.keys.get({ subjects: [entry.payload.split('.')[2]!] });
    const payload = gunzipSync(Buffer.from(open(() => keys[0]!.key, entry.payload)!, 'base64')).toString();
    expect(await world.quarantine.replay({ id: entry.id, correctedPayload: Buffer.from(payload.replace('十元', '10.00')) })).toMatchObject({ state: 'PLACED' });
    await received(tb, bad!.id);
  }, 90_000);

  it('ING-13, ING-14: a trade that is understood only when it is replayed has its deadline then', async () => {
    await sandbox.session(tb, true, { consignHours: 1 });
    const [late] = await sandbox.make('taobao', tb);
    await sandbox.act('taobao', tb, late!.id, 'age', { minutes: 50 });
    await sandbox.act('taobao', tb, late!.id, 'spoil');
    const entry = await eventually(async () => {
      await pull(tb);
      return (await world.quarantine.list({ channel: tb })).entries.find(({ channelOrderId, payload }) => channelOrderId === late!.id && payload !== '') ?? false;
    }, LONG);
    const { keys } = await world.keys.get({ subjects: [entry.payload.split('.')[2]!] });
    const payload = gunzipSync(Buffer.from(open(() => keys[0]!.key, entry.payload)!, 'base64')).toString();
    expect(await world.quarantine.replay({ id: entry.id, correctedPayload: Buffer.from(payload.replace('十元', '10.00')) })).toMatchObject({ state: 'PLACED' });
    await eventually(() => expect(names(tb, late!.id)).toContain('ChannelShipByNear'), LONG);
    expect(world.told(orderIdOf(tb, late!.id)).find(({ type }) => type.endsWith('ChannelShipByNear'))!.data).toMatchObject({ channel: tb, platform: 'taobao', channelOrderId: late!.id });
    await sandbox.session(tb, true, { consignHours: 0 });
  }, 90_000);

  it('ING-13: a shipment is sent to Taobao once, whatever happens to the answer', async () => {
    for (const kind of ['timeout-after-effect', 'error-500-after-effect', 'rate-limit', 'garbage']) {
      const [trade] = await sandbox.make('taobao', tb);
      await pull(tb);
      await received(tb, trade!.id);
      await sandbox.fault({ target: 'taobao', kind, operation: 'offline.send', ms: 300 });
      const waybill = `7531${trade!.id.slice(-10)}`;
      await world.ship(tb, trade!.id, waybill, 'zto', trade!.lines.map(({ id, quantity }) => ({ channelLineId: id, quantity })));
      await eventually(() => expect(names(tb, trade!.id)).toContain('WriteBackSucceeded'), LONG);
      const told = await sandbox.see('taobao', tb, trade!.id);
      for (const line of told.lines) expect(line.sent).toMatchObject({ number: waybill, company: 'ZTO' });
    }
    // Of the third, after it was limited; of the fourth, the garbage.
    expect((await sandbox.calls(tb, 'taobao.logistics.offline.send')).filter((status) => status === '200')).toHaveLength(2);
  }, 120_000);

  it('ING-13: an order that we cancel is cancelled at WooCommerce and closed at Taobao, once, whatever happens to the answers; what a platform does not take is told', async () => {
    const cancelled = async (channel: string, id: string): Promise<string> => {
      await world.cancel(channel, id, 'payment_timeout');
      await eventually(() => expect(names(channel, id).some((name) => name.startsWith('ChannelCancellation'))).toBe(true), LONG);
      return names(channel, id).filter((name) => name.startsWith('ChannelCancellation')).join();
    };
    const faults = [{ kind: 'timeout-after-effect', operation: 'orders.update', ms: 300 }, { kind: 'error-500-after-effect', operation: 'orders.update' }, { kind: 'rate-limit', operation: 'orders.get' }] as const;
    for (const fault of faults) {
      const [order] = await sandbox.make('woocommerce', woo, { paid: false });
      await received(woo, order!.id);
      await sandbox.fault({ target: 'woocommerce', ...fault });
      const before = (await sandbox.calls(woo, 'orders.update')).length;
      expect([await cancelled(woo, order!.id), (await sandbox.see('woocommerce', woo, order!.id)).status]).toEqual(['ChannelCancellationTold', 'cancelled']);
      expect((await sandbox.calls(woo, 'orders.update')).length - before).toBe(1);
    }
    const [gone] = await sandbox.make('woocommerce', woo);
    await received(woo, gone!.id);
    await sandbox.act('woocommerce', woo, gone!.id, 'cancel');
    await eventually(() => expect(names(woo, gone!.id)).toContain('ChannelOrderCancelled'), LONG);
    await world.cancel(woo, gone!.id, 'customer', 'channel');

    const made = [...(await sandbox.make('taobao', tb, { paid: false, count: 2 })), ...(await sandbox.make('taobao', tb))];
    await pull(tb);
    for (const { id } of made) await received(tb, id);
    // A trade is not closed within ten seconds of its beginning: the second one waits for that.
    await sandbox.act('taobao', tb, made[0]!.id, 'age', { minutes: 1 });
    await sandbox.fault({ target: 'taobao', kind: 'timeout-after-effect', operation: 'trade.close', ms: 300 });
    expect([await cancelled(tb, made[0]!.id), (await sandbox.see('taobao', tb, made[0]!.id)).status]).toEqual(['ChannelCancellationTold', 'TRADE_CLOSED_BY_TAOBAO']);
    expect(await cancelled(tb, made[1]!.id)).toBe('ChannelCancellationTold');
    expect(await cancelled(tb, made[2]!.id)).toBe('ChannelCancellationRefused');
    await eventually(async () => expect((await world.orders.get({ orderId: orderIdOf(tb, made[2]!.id) })).summary.cancellation).toMatchObject({ state: 'FAILED', reason: expect.stringContaining('ask for the money back') }), LONG);
    // The platform had said so itself.
    expect(names(woo, gone!.id).filter((name) => name.startsWith('ChannelCancellation'))).toEqual([]);
    expect((await world.orders.get({ orderId: orderIdOf(woo, gone!.id) })).summary.cancellation).toEqual({ state: '', reason: '' });
  }, 180_000);

  it('ING-13: a trade whose time is running out is told, with what is still to be sent, and over when all of it was', async () => {
    const said = (id: string): readonly string[] => names(tb, id).filter((name) => name.startsWith('ChannelShipBy'));
    await sandbox.session(tb, true, { consignHours: 1 });
    // Of an hour that began at the payment a minute ago nothing is near; of one that is long over it is.
    const [early] = await sandbox.make('taobao', tb, { units: 2 });
    const [late] = await sandbox.make('taobao', tb, { units: 2 });
    await sandbox.act('taobao', tb, late!.id, 'age', { minutes: 50 });
    // A change is dated a second after the one before, and TOP tells of it when that second has come.
    await eventually(async () => {
      await pull(tb);
      expect([names(tb, early!.id).length > 0, said(late!.id)]).toEqual([true, ['ChannelShipByNear']]);
    }, LONG);
    const [first, ...rest] = late!.lines;
    if (rest.length > 0) {
      await world.ship(tb, late!.id, `7531${late!.id.slice(-10)}`, 'zto', [{ channelLineId: first!.id, quantity: first!.quantity }]);
      await eventually(() => expect(names(tb, late!.id)).toContain('WriteBackSucceeded'), LONG);
      expect(said(late!.id)).toEqual(['ChannelShipByNear']);
    }
    await world.ship(tb, late!.id, `7532${late!.id.slice(-10)}`, 'zto', (rest.length > 0 ? rest : [first!]).map(({ id, quantity }) => ({ channelLineId: id, quantity })), 2);
    await eventually(() => expect(said(late!.id)).toEqual(['ChannelShipByNear', 'ChannelShipByOver']), LONG);
    expect(said(early!.id)).toEqual([]);
    await sandbox.session(tb, true, { consignHours: 0 });
  }, 120_000);

  it('ING-02: a session that has run out is told with what to do, and nothing is lost by it', async () => {
    await sandbox.session(tb, false);
    const [trade] = await sandbox.make('taobao', tb);
    const { since } = await world.channels.getOrderPull({ channel: tb });
    expect(await pull(tb)).toMatchObject({ state: 'FAILED', blocked: true, since, problem: expect.stringContaining('authorise the app again') });
    await sandbox.session(tb, true);
    expect(await pull(tb)).toMatchObject({ state: 'ENDED', blocked: false, problem: '' });
    await received(tb, trade!.id);
  }, 90_000);

  it('ING-02: a renewed session is tried at once', async () => {
    const id = `renew-${world.run}`;
    await world.channels.connect({ id, platform: 'taobao', name: id, secret: 'top-secret', apiUrl: sandbox.url('taobao', tb), apiToken: '12345678:old' });
    await eventually(async () => expect(await world.channels.getOrderPull({ channel: id })).toMatchObject({ pull: 1, state: 'FAILED', blocked: true }), LONG);
    expect(await world.channels.renew({ id, requestId: 'renew', apiToken: '12345678:session-1' })).toMatchObject({ id, apiUrl: sandbox.url('taobao', tb) });
    await eventually(async () => expect(await world.channels.getOrderPull({ channel: id })).toMatchObject({ pull: 2, state: 'ENDED', problem: '' }), LONG);
    await expect(world.channels.renew({ id: 'nobody', requestId: 'r' })).rejects.toThrow(/no channel/);
    await expect(world.channels.renew({ id, requestId: 'bad', apiUrl: 'ftp://x' })).rejects.toThrow(/api_url/);
  }, 90_000);

  it('ING-02: a session is renewed by itself, as soon as it is connected, and once by two replicas; a refusal is told, and over with another token', async () => {
    const id = `tb-renewed-${world.run}`;
    const second = await startForTest(ingest, world.env);
    const said = (name: string): readonly unknown[] => world.heard.filter(({ type, data }) => type.endsWith(`.${name}`) && (data as { channel: string }).channel === id).map(({ data }) => data);
    const renewals = async (): Promise<number> => (await sandbox.calls(own, 'taobao.top.auth.token.refresh')).filter((status) => status === '200').length;
    try {
      await world.channels.connect({ id, platform: 'taobao', name: id, secret: 'top-secret', apiUrl: sandbox.url('taobao', own), apiToken: '87654321:session-9:refresh-9' });
      await eventually(async () => expect(await renewals()).toBe(1), LONG);
      await eventually(async () => expect(await world.channels.getOrderPull({ channel: id })).toMatchObject({ state: 'ENDED', problem: '' }), LONG);
      await sandbox.session(own, true, { renewable: false });
      await world.channels.renew({ id, requestId: 'spent', apiToken: '87654321:session-9:refresh-9' });
      await eventually(() => expect(said('ChannelSessionRefused')).toMatchObject([{ channel: id, platform: 'taobao', time: 1, detail: expect.stringContaining('authorise the app again') }]), LONG);
      await world.channels.renew({ id, requestId: 'people', apiToken: '87654321:from-people' });
      await eventually(() => expect(said('ChannelSessionRestored')).toMatchObject([{ channel: id, time: 1 }]), LONG);
      // The sandbox notes a refusal with 200, as TOP answers it.
      expect(await renewals()).toBe(2);
      expect(await world.everythingStored()).not.toMatch(/refresh-9|session-9|from-people/);
    } finally {
      await second.stop();
    }
  }, 120_000);

  it('ING-03: how often is seen and changed while it runs, and refused where it makes no sense', async () => {
    const before = await world.channels.getOrderPull({ channel: tb });
    const put = await world.channels.putOrderPull({ channel: tb, requestId: 'often', rules: { everyMinutes: 30, peakEveryMinutes: 2, peakPercent: 300, overlapMinutes: -1 } });
    expect(put.rules).toEqual({ everyMinutes: 30, peakEveryMinutes: 2, peakPercent: 300, peakLeast: 30, overlapMinutes: -1, paused: false });
    expect(Date.parse(put.nextAt) - Date.parse(before.endedAt)).toBe(30 * 60_000);
    expect(await world.channels.putOrderPull({ channel: tb, requestId: 'never', rules: { paused: true } })).toMatchObject({ rules: { everyMinutes: 15, paused: true }, nextAt: '' });
    const { pull: number } = await world.channels.getOrderPull({ channel: tb });
    expect(await world.channels.putOrderPull({ channel: tb, requestId: 'again', rules: {} })).toMatchObject({ rules: { paused: false } });
    expect(await pull(tb)).toMatchObject({ pull: number + 1 });
    await expect(world.channels.putOrderPull({ channel: tb, requestId: 'bad', rules: { everyMinutes: -1 } })).rejects.toThrow(/everyMinutes/);
    await expect(world.channels.putOrderPull({ channel: world.shop, requestId: 'shopify', rules: {} })).rejects.toThrow(/is not asked for orders/);
    const bare = `bare-${world.run}`;
    await world.channels.connect({ id: bare, platform: 'taobao', name: bare, secret: 'x' });
    expect(await world.channels.getOrderPull({ channel: bare })).toMatchObject({ state: 'NEVER', blocked: true, problem: expect.stringContaining('api_url') });
    await expect(world.channels.pullOrders({ channel: bare, requestId: 'bare' })).rejects.toThrow(/api_url/);
    await expect(world.channels.getOrderPull({ channel: 'nobody' })).rejects.toThrow(/no channel/);
  }, 90_000);

  it('ING-16: a connection is tried as it would be used, before it is made and after, and what fails is told without a secret', async () => {
    expect(await world.channels.test({ id: tb })).toMatchObject({ ok: true, checks: [{ name: 'ORDERS', ok: true }] });
    expect(await world.channels.test({ id: woo })).toMatchObject({ ok: true, checks: expect.arrayContaining([expect.objectContaining({ name: 'WEBHOOK', ok: true }), expect.objectContaining({ name: 'ORDERS', ok: true }), expect.objectContaining({ name: 'PRODUCTS', ok: true })]) });
    const wrong = { id: `tried-${world.run}`, platform: 'taobao', secret: 'a secret that is wrong', apiUrl: sandbox.url('taobao', tb), apiToken: '12345678:session-1' };
    const refused = await world.channels.test(wrong);
    expect(refused).toMatchObject({ ok: false, checks: [{ name: 'ORDERS', ok: false, detail: expect.stringMatching(/sign/i) }] });
    expect(JSON.stringify(refused)).not.toMatch(/a secret that is wrong|session-1/);
    expect(await world.channels.test({ ...wrong, secret: 'top-secret', apiUrl: 'http://127.0.0.1:9' })).toMatchObject({ ok: false, checks: [{ name: 'ORDERS', ok: false }] });
    await expect(world.channels.test({ ...wrong, platform: 'nowhere' })).rejects.toThrow('no platform "nowhere"');
    // Nothing was connected by that, and the shop's own pulls go on.
    await expect(world.channels.getOrderPull({ channel: wrong.id })).rejects.toThrow(/no channel/);
    expect(await pull(tb)).toMatchObject({ state: 'ENDED', problem: '' });
  }, 90_000);

  it('ING-02, ING-11: a pull that dies goes on at its page, and takes no order twice', async () => {
    const made = await sandbox.make('taobao', tb, { count: 45 });
    await eventually(async () => (await world.channels.getOrderPull({ channel: tb })).state !== 'RUNNING', LONG);
    // The first page that is read is the last one; the other cannot be had before the service has been started anew.
    await sandbox.fault({ target: 'taobao', kind: 'slow', operation: 'increment', ms: 0, count: 2 });
    await sandbox.fault({ target: 'taobao', kind: 'timeout-before-effect', operation: 'increment', probability: 1 });
    const { pull: number } = await world.channels.pullOrders({ channel: tb, requestId: 'dies' });
    await eventually(async () => expect(await world.channels.getOrderPull({ channel: tb })).toMatchObject({ pull: number, state: 'RUNNING', orders: expect.any(Number) }), LONG);
    await eventually(async () => expect((await world.channels.getOrderPull({ channel: tb })).orders).toBeGreaterThan(0), LONG);
    await world.stopService();
    await sandbox.calm();
    await world.startService();
    await eventually(async () => expect(await world.channels.getOrderPull({ channel: tb })).toMatchObject({ pull: number, state: 'ENDED' }), LONG);
    for (const { id } of made) await received(tb, id);
    await eventually(() => expect(made.map(({ id }) => names(tb, id).filter((name) => name === 'ChannelOrderReceived').length)).toEqual(made.map(() => 1)), LONG);
  }, 120_000);
});

type Ended = Of<OrderPullEvent, 'OrderPullEnded'>['data'];

describe('how often a channel is asked', () => {
  // An hour of business is a minute. On a busy machine a rush is taken in over several: fewer orders than it has are one.
  const clock = `${Date.now()}@60`;
  const world = new World({ FLOTILLA_CLOCK: clock });
  const tb = `tb-fast-${world.run}`;
  let sandbox: PlatformsSandbox;

  beforeAll(async () => {
    await world.start();
    const shop = { id: tb, platform: 'taobao', secret: 'top-secret', appKey: '12345678:session-1' };
    sandbox = await platformsSandbox([shop], world.service.http, clock);
    await world.channels.connect({ id: tb, platform: 'taobao', name: tb, secret: shop.secret, apiUrl: sandbox.url('taobao', tb), apiToken: shop.appKey });
  }, 120_000);
  afterAll(async () => {
    await sandbox?.close();
    await world.stop();
  }, 60_000);

  it('ING-03: by itself, every 15 minutes; every 5 in a peak, and back', async () => {
    const rules = (await world.channels.putOrderPull({ channel: tb, requestId: 'rules', rules: { peakLeast: 5 } })).rules!;
    // Of the log, not of the state: a pull that took longer than it may is followed by the next at once.
    const ended = (wanted: (data: Ended) => boolean): Promise<Ended> =>
      eventually(async () => {
        const { rows } = await world.db.pool.query<{ data: Ended }>(`SELECT data FROM es.event WHERE stream_id = $1 AND type = 'OrderPullEnded' ORDER BY version`, [`orderPull-${tb}`]);
        return rows.map(({ data }) => data).find(wanted) ?? false;
      }, { timeoutMs: 240_000 }) as Promise<Ended>;
    const begins = async (of: number): Promise<string> => (await world.db.pool.query<{ at: string }>(`SELECT data->>'at' AS at FROM es.event WHERE stream_id = $1 AND type = 'OrderPullBegun' AND (data->>'pull')::int = $2`, [`orderPull-${tb}`, of])).rows[0]!.at;
    /** What it waited before the next, from its beginning; one that took longer waits no more. */
    const minutes = async ({ pull, at, nextAt }: Ended): Promise<number> => (nextAt === at ? 0 : (Date.parse(nextAt) - Date.parse(await begins(pull))) / 60_000);
    const [few] = await sandbox.make('taobao', tb);
    // There has been a whole hour to compare the last one with.
    const quiet = await ended(({ mean }) => mean > 0);
    expect(quiet.peak).toBe(false);
    expect([rules.everyMinutes, 0]).toContain(await minutes(quiet));
    await eventually(() => world.received(orderIdOf(tb, few!.id)), LONG);
    const made = await sandbox.make('taobao', tb, { count: 45 });
    const rush = await ended(({ peak }) => peak);
    expect(rush.lastHour).toBeGreaterThanOrEqual(5);
    expect([rules.peakEveryMinutes, 0]).toContain(await minutes(rush));
    for (const { id } of made) await eventually(() => world.received(orderIdOf(tb, id)), LONG);
    const over = await ended(({ peak, pull }) => !peak && pull > rush.pull);
    expect(over.lastHour).toBeLessThan(made.length);
  }, 600_000);
});
