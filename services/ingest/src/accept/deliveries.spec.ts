import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ingest } from '@flotilla/contracts';
import { orderIdOf, subjectOf } from '@flotilla/values';
import { fold } from '@flotilla/decider';
import { generic } from '../channels/generic/manifest.js';
import type { Accepted } from '../coordinate/receiving.js';
import { channelOrder } from '../decide/channel-order.decider.js';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';
import { secretsOf } from '../keys/secrets.js';
import { Deliveries, type Arrival } from './deliveries.js';
import { openRaw } from './raw.js';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../channels/generic/fixtures', name), 'utf8');
const mapping = JSON.parse(fixture('mapping.json')) as ingest.Mapping;
const order = (JSON.parse(fixture('order.json')) as { data: readonly [Record<string, unknown>] }).data[0];
const channel = 'made-up';

describe('a body with several orders', () => {
  const keys = new Map<string, Uint8Array>();
  const ensure = async (subjects: readonly string[]): Promise<Map<string, Uint8Array>> => new Map(subjects.map((subject) => [subject, keys.get(subject) ?? keys.set(subject, randomBytes(32)).get(subject)!]));
  const deliveries = new Deliveries({ ensure }, secretsOf(randomBytes(32)), () => '');
  const arrival = (body: string, by: ingest.Mapping | undefined = mapping, deliveryId = 'd'): Arrival => ({
    channel, connected: { id: channel, platform: 'generic', apiUrl: '', secret: new Uint8Array(), token: '', hasSkuMap: false, mapping: by, connectedAt: '' }, platform: generic, deliveryId, source: 'WEBHOOK', topic: 'order', sentAt: '', receivedAt: '2026-11-30T10:00:00.000Z', body: Buffer.from(body),
  });
  const bodyOf = (...orders: readonly object[]): string => JSON.stringify({ data: orders });
  const of = (number: string, tel: string): object => ({ ...order, orderNo: number, consignee: { ...(order['consignee'] as object), tel } });
  const raw = ({ delivery }: Accepted): string => Buffer.from(openRaw((subject) => keys.get(subject), delivery.raw)!).toString();
  const two = bodyOf(of('A', '+3611111'), of('B', '+3622222'));

  it('ING-06: is a delivery per order, and an order twice in one body is two, of which none is dropped', async () => {
    const [accepted] = await deliveries.accept([arrival(bodyOf(of('A', '+3611111'), of('B', '+3622222'), of('A', '+3633333')))]);
    expect(accepted!.map(({ delivery }) => [delivery.orderId, delivery.deliveryId])).toEqual([[orderIdOf(channel, 'A'), 'd'], [orderIdOf(channel, 'B'), 'd/1'], [orderIdOf(channel, 'A'), 'd/2']]);
  });

  it('ING-06: seals under each buyer’s key what is theirs alone: with another’s key nothing of them can be read', async () => {
    const [[a, b]] = (await deliveries.accept([arrival(two)])) as unknown as [[Accepted, Accepted]];
    expect(subjectOf(a.delivery.raw[0]!)).not.toBe(subjectOf(b.delivery.raw[0]!));
    expect([raw(a).includes('+3611111'), raw(a).includes('+3622222'), raw(b).includes('+3611111'), raw(b).includes('+3622222')]).toEqual([true, false, false, true]);
  });

  it('ING-14: one of its orders that names no order is replayed by itself, as it is', async () => {
    const [accepted] = await deliveries.accept([arrival(two, { ...mapping, fields: mapping.fields.map((one) => (one.field === 'channel_order_id' ? { ...one, from: [], expression: 'order.consignee.tel == "+3622222" ? "" : order.orderNo' } : one)) })]);
    const parked = accepted![1]!;
    expect(parked).toMatchObject({ delivery: { channelOrderId: '', deliveryId: 'd/1' }, outcome: { reason: 'NO_ORDER_ID' } });
    const again = await deliveries.reread(arrival(raw(parked), mapping, 'd/1'), parked.delivery);
    expect(again).toMatchObject({ orderId: orderIdOf(channel, 'B'), accepted: [{ delivery: { channelOrderId: 'B', deliveryId: 'd/1' }, outcome: { as: 'order' } }] });
  });

  it('ING-14: that could not be read at all is replayed into all of its orders', async () => {
    const [[whole]] = (await deliveries.accept([arrival(two, { ...mapping, orders: 'elsewhere' })])) as unknown as [[Accepted]];
    expect(whole).toMatchObject({ delivery: { channelOrderId: '' }, outcome: { reason: 'CONTRACT_VIOLATED' } });
    const { orderId, accepted } = await deliveries.reread(arrival(raw(whole)), whole.delivery);
    expect(orderId).toBe(orderIdOf(channel, 'A'));
    expect(accepted.map(({ delivery, outcome }) => [delivery.channelOrderId, delivery.deliveryId, outcome.as])).toEqual([['A', 'd/0', 'order'], ['B', 'd/1', 'order']]);
    expect(raw(accepted[1]!)).not.toContain('+3611111');
    // Of an order that is known, its own alone; and a correction may hold one order only.
    const b = { orderId: orderIdOf(channel, 'B'), channelOrderId: 'B' };
    expect((await deliveries.reread(arrival(two), b)).accepted.map(({ delivery }) => [delivery.channelOrderId, delivery.deliveryId])).toEqual([['B', 'd']]);
    await expect(deliveries.reread(arrival(bodyOf(of('C', '+3644444'), of('D', '+3655555'))), b)).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
  });
});

describe('an order that is told again', () => {
  const keys = new Map<string, Uint8Array>();
  const ensure = async (subjects: readonly string[]): Promise<Map<string, Uint8Array>> => new Map(subjects.map((subject) => [subject, keys.get(subject) ?? keys.set(subject, randomBytes(32)).get(subject)!]));
  const secrets = secretsOf(randomBytes(32));
  const dated = { ...mapping, fields: [...mapping.fields, { field: 'modified_at', from: ['changed'], expression: '' }] };
  const told = async (deliveryId: string, change: Record<string, unknown>, tags: readonly string[]): Promise<Accepted> => {
    const deliveries = new Deliveries({ ensure }, secrets, () => '', () => Promise.resolve(() => tags));
    const body = JSON.stringify({ data: [{ ...order, ...change, consignee: { ...(order['consignee'] as object), addr: ['CN', '', '31OO12', '浙江省杭州市西湖区龙井路7号'], ...(change['consignee'] as object) } }] });
    const connected = { id: channel, platform: 'generic', apiUrl: '', secret: new Uint8Array(), token: '', hasSkuMap: false, mapping: dated, connectedAt: '' };
    return (await deliveries.accept([{ channel, connected, platform: generic, deliveryId, source: 'WEBHOOK', topic: 'order', sentAt: '', receivedAt: '2026-11-30T10:00:00.000Z', body: Buffer.from(body) }]))[0]![0]!;
  };

  it('ING-09 ING-10 ING-11: is not amended because its address and its remark are read better by now; it is by what the platform changed', async () => {
    const first = await told('d1', { changed: '2026-11-30 09:01:00' }, []);
    if (first.outcome.as !== 'order') throw new Error('not read');
    // As it was taken in before anything of it was read.
    const { address, shipTo } = first.outcome.order;
    expect(address.changes.length).toBeGreaterThan(0);
    const before = { ...first, outcome: { ...first.outcome, order: { ...first.outcome.order, shipTo: { ...shipTo, ...Object.fromEntries(address.changes.map(({ field, from }) => [field, from])) } } } };
    const events: ChannelOrderEvent[] = [];
    const heard = ({ delivery, outcome }: Accepted): readonly string[] => {
      const decided = channelOrder.decide({ type: 'ReceiveDelivery', data: { delivery, outcome } }, fold(channelOrder, events));
      events.push(...decided);
      return decided.map(({ type }) => type).filter((type) => type.startsWith('ChannelOrder'));
    };
    expect(heard(before)).toEqual(['ChannelOrderReceived']);
    expect(heard(await told('d2', { changed: '2026-11-30 09:02:00' }, ['buyer:carrier:sf']))).toEqual([]);
    expect(heard(await told('d3', { changed: '2026-11-30 09:03:00', consignee: { tel: '13712340009' } }, ['buyer:carrier:sf']))).toEqual(['ChannelOrderAmended']);
  });
});
