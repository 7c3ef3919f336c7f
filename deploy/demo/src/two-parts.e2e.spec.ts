import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import { orderIdOf, splitIdOf } from '@flotilla/values';
import { stillness, verify } from '../../verify/src/index.ts';
import { callFleet, type FleetClients } from './fleet.ts';
import { workTheFloor } from './floor.ts';
import { startTestFleet, type TestFleet } from './harness.ts';
import { callWorld } from './world.ts';

const channel = 'shopify-demo';
const id = '7730055';
const orderId = orderIdOf(channel, id);
const rest = splitIdOf(orderId, 1);
const patience = { timeoutMs: 180_000, everyMs: 500 };

/** Two tins of tea, of which there are enough, and a mug, of which there is none. */
const body = (): string => {
  const sample = JSON.parse(readFileSync(join(root, 'deploy', 'seed', 'orders', 'shopify.json'), 'utf8').replaceAll('"{id}"', id).replaceAll('{number}', '77300').replaceAll('{now}', new Date().toISOString())) as { line_items: [Record<string, unknown>] };
  const [tea] = sample.line_items;
  const mug = { ...tea, id: 2, sku: 'LTD-MUG-2026', title: '限量马年马克杯', quantity: 1, current_quantity: 1, price: '88.00', grams: 400 };
  return JSON.stringify({ ...sample, line_items: [tea, mug], subtotal_price: '344.00', total_line_items_price: '344.00', total_price: '352.00', current_total_price: '352.00' });
};

describe('an order that ships in two parts', () => {
  let fleet: TestFleet;
  let clients: FleetClients;
  let floor: () => Promise<unknown>;

  const order = () => clients.orders.get({ orderId });
  const fulfilments = async (): Promise<readonly { tracking: { number: string }; lines: unknown }[]> =>
    ((await (await fetch(`${fleet.stack.run.sandbox}/_control/shopify/orders/${id}`)).json()) as { fulfilments: readonly { tracking: { number: string }; lines: unknown }[] }).fulfilments;

  beforeAll(async () => {
    fleet = await startTestFleet();
    // Brings the seed, and one order that ships complete.
    await fleet.sail({ orders: 1 });
    clients = callFleet(fleet.stack.run.grpc);
    const world = callWorld(fleet.stack.run.sandbox);
    floor = () => workTheFloor(clients, world, () => false);
    await clients.shippingRules.put({ requestId: 'parts', channel, partialShipments: true });
    for (const [warehouse, delta] of [['WH-SZ', -2], ['WH-HZ', -1]] as const) await clients.stock.adjust({ requestId: `gone-${warehouse}`, warehouse, sku: 'LTD-MUG-2026', delta, reason: 'LOST' });
    const text = body();
    await fetch(`${fleet.stack.run.sandbox}/_control/shopify/orders/${id}?channel=${channel}`, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: text });
    const { secret } = fleet.stack.run.channels.find((one) => one.id === channel)!;
    const answer = await fetch(`${fleet.stack.run.http['ingest']}/v1/channels/${channel}/webhooks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json', 'x-shopify-topic': 'orders/create', 'x-shopify-shop-domain': `${channel}.myshopify.com`, 'x-shopify-api-version': '2025-10', 'x-shopify-webhook-id': randomUUID(),
        'x-shopify-triggered-at': new Date().toISOString(), 'x-shopify-hmac-sha256': createHmac('sha256', secret).update(text).digest('base64'),
      },
      body: text,
    });
    expect(answer.status).toBeLessThan(300);
  }, 600_000);
  afterAll(async () => {
    clients?.close();
    await fleet?.stop();
  }, 60_000);

  it('ORD-01: what is there goes first and the platform is told which lines; the rest waits by itself', async () => {
    await eventually(async () => expect(await order()).toMatchObject({ waitsFor: 'BACKORDER', fulfilments: [{ foId: orderId, state: 'WAYBILLED' }, { foId: rest, state: 'BACKORDERED' }] }), patience);
    await floor();
    await eventually(async () => expect(await order()).toMatchObject({ state: 'PARTIALLY_SHIPPED', waitsFor: 'BACKORDER' }), patience);
    await eventually(async () => expect(await fulfilments()).toMatchObject([{ lines: [{ lineId: '1', quantity: 2 }] }]), patience);
  }, 600_000);

  it('ORD-01: the rest goes when its stock has come, and the order is closed when both parts have arrived', async () => {
    await clients.stock.adjust({ requestId: 'purchase', warehouse: 'WH-HZ', sku: 'LTD-MUG-2026', delta: 5, reason: 'FOUND' });
    await eventually(async () => expect(await order()).toMatchObject({ fulfilments: [{ foId: orderId }, { foId: rest, state: 'WAYBILLED' }] }), patience);
    await floor();
    await eventually(async () => expect(await fulfilments()).toMatchObject([{ lines: [{ lineId: '1', quantity: 2 }] }, { lines: [{ lineId: '2', quantity: 1 }] }]), patience);
    const numbers = (await fulfilments()).map(({ tracking }) => tracking.number);
    expect(new Set(numbers).size).toBe(2);
    await eventually(async () => expect(await order()).toMatchObject({ state: 'CLOSED', waitsFor: '', fulfilments: [{ foId: orderId, state: 'DELIVERED', waybill: numbers[0] }, { foId: rest, state: 'DELIVERED', waybill: numbers[1] }] }), patience);
  }, 600_000);

  it('ORD-01, ALC-01, ING-13: keeps every invariant, counted over both parts', async () => {
    expect(await stillness({ dir: fleet.dir, withinMs: 60_000 })).toEqual([]);
    const { invariants } = await verify({ dir: fleet.dir });
    expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
  }, 180_000);
});
