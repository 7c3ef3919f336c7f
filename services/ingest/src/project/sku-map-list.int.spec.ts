import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ingest } from '@flotilla/contracts';
import type { Recorded, Transaction } from '@flotilla/event-store';
import { migrate } from '@flotilla/service-kit';
import { testServers } from '@flotilla/tasks';
import { database, type TestDatabase } from '@flotilla/testing';
import { lineIdOf, orderIdOf } from '@flotilla/values';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';
import { ChannelOrderTable, ChannelOrderWays, projectChannelOrders } from './channel-order-list.js';
import { projectSkuMap, SkuMapTables, SkuWaitQuantity } from './sku-map-list.js';
import { nowhere } from '../standardise/order.js';

const at = '2026-11-30T10:00:00.000Z';
const eur = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'EUR' });

describe('the lines that wait for the SKU map', () => {
  let db: TestDatabase;
  let position = 0;
  beforeAll(async () => {
    db = await database(testServers().postgresUrl);
    await migrate({ ownerUrl: db.url, role: decodeURIComponent(new URL(db.url).username), reader: 'nobody', migrations: [ChannelOrderTable, SkuMapTables, SkuWaitQuantity, ChannelOrderWays] });
  }, 60_000);
  afterAll(() => db?.drop());

  const order = (id: string, channelLineId = 'l1', change: Partial<ingest.ChannelOrderLine> = {}): ingest.ChannelOrder => {
    const orderId = orderIdOf('shop', id);
    return {
      orderId, channel: 'shop', platform: 'csv', channelOrderId: id, number: id, placedAt: at, modifiedAt: at, payment: 'PAYMENT_STATE_PAID', paidAt: at,
      buyer: { subject: 's', email: '', phone: '', emailIndex: '', phoneIndex: '', locale: '' },
      shipTo: { country: 'HU', province: '', city: 'Szeged', district: '', postcode: '', street: '', company: '', name: '', phone: '', phoneIndex: '', token: '' },
      lines: [{ lineId: lineIdOf(orderId, channelLineId), channelLineId, channelSku: 'SET', sku: '', title: 'Set', quantity: 2, unitPrice: eur(100), discount: eur(0), total: eur(200), requiresShipping: true, grams: 0, attributes: [], itemId: '', barcode: '', units: 0, ...change }],
      subtotal: eur(200), discount: eur(0), shipping: eur(0), tax: eur(0), total: eur(200), remark: '', tags: [], shippingMethod: '', test: false, attributes: [], custom: [], amountPaid: { amount: 0, currency: '' }, address: nowhere, giftMessage: '',
    };
  };
  const project = async (id: string, ...events: readonly ChannelOrderEvent[]): Promise<void> => {
    const recorded = events.map((event) => ({ ...event, stream: `channelOrder-${orderIdOf('shop', id)}`, position: (position += 1) })) as unknown as readonly Recorded[];
    const client = await db.pool.connect();
    try {
      await projectChannelOrders(recorded, client as unknown as Transaction);
      await projectSkuMap(recorded, client as unknown as Transaction);
    } finally {
      client.release();
    }
  };
  const waits = async (id: string): Promise<readonly string[]> => (await db.pool.query<{ by: string }>('SELECT by FROM read.sku_wait WHERE order_id = $1 ORDER BY by', [orderIdOf('shop', id)])).rows.map(({ by }) => by);
  const received = (id: string, channelLineId?: string): ChannelOrderEvent => ({ type: 'ChannelOrderReceived', data: { order: order(id, channelLineId) } });
  const amended = (id: string): ChannelOrderEvent => ({ type: 'ChannelOrderAmended', data: { order: order(id) } });
  const cancelled = (id: string): ChannelOrderEvent => ({ type: 'ChannelOrderCancelled', data: { orderId: orderIdOf('shop', id), cancelledAt: at, reason: 'customer', modifiedAt: at } });
  const settled = (id: string, refundId: string, quantity: number): ChannelOrderEvent => ({
    type: 'ChannelRefundSettled', data: { orderId: orderIdOf('shop', id), refundId, modifiedAt: at, amount: eur(100), lines: [{ lineId: lineIdOf(orderIdOf('shop', id), 'l1'), channelLineId: 'l1', sku: '', quantity }] },
  });

  it('ING-08: are those of the order as it was told last', async () => {
    await project('1', received('1'));
    expect(await waits('1')).toEqual(['NAME', 'SKU']);
    await project('1', { type: 'ChannelOrderAmended', data: { order: order('1', 'l1', { sku: 'TEA' }) } });
    expect(await waits('1')).toEqual([]);
  });

  it('ING-08: are none of an order that was cancelled, also when it is amended after that', async () => {
    await project('2', received('2'), cancelled('2'), amended('2'));
    expect(await waits('2')).toEqual([]);
    await project('3', received('3'), cancelled('3'));
    await project('3', amended('3'));
    expect(await waits('3')).toEqual([]);
  });

  it('ING-08: are none of a line of which settled refunds have left nothing', async () => {
    await project('4', received('4'));
    await project('4', settled('4', 'r1', 1));
    expect(await waits('4')).toEqual(['NAME', 'SKU']);
    await project('4', settled('4', 'r2', 1));
    expect(await waits('4')).toEqual([]);
    await project('5', received('5'), settled('5', 'r1', 1), settled('5', 'r2', 1));
    expect(await waits('5')).toEqual([]);
    // What an amendment says has its refunds off already.
    await project('6', received('6'), settled('6', 'r1', 1), amended('6'));
    expect(await waits('6')).toEqual(['NAME', 'SKU']);
  });

  it('ING-08: have a row also where their id is longer than an index takes', async () => {
    // Random, since Postgres packs what repeats.
    const long = Array.from({ length: 16_000 }, () => String.fromCharCode(0x4e00 + Math.floor(Math.random() * 20_000))).join('');
    await project('7', received('7', long));
    expect(await waits('7')).toEqual(['NAME', 'SKU']);
  });
});
