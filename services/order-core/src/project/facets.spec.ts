import { describe, expect, it } from '@jest/globals';
import { content, line, orderId, shipTo, waybill } from '../../spec/samples.js';
import { World } from '../../spec/world.js';
import { parcelIdOf } from '@flotilla/values';
import { customOf, facet, facetsChanged, facetsOf, wordsOf } from './facets.js';

const world = (): World => new World({ rules: { riskLimit: 50_000, paymentMinutes: 30 }, policy: { allocateWhen: 'placed' }, carriers: ['sf'] }, () => undefined);

describe('what an order is found by', () => {
  it('ORD-11: words of titles; of Chinese every two neighbours, so that any part of it finds it', () => {
    expect(wordsOf('Blue MUG, 350ml')).toEqual(['blue', 'mug', '350ml']);
    expect(wordsOf('真丝围巾 Silk')).toEqual(['真丝', '丝围', '围巾', 'silk']);
    expect(wordsOf('杯')).toEqual(['杯']);
    expect(wordsOf(' —!? ')).toEqual([]);
    const title = new Set(wordsOf('夏季新款真丝围巾'));
    for (const part of ['真丝围巾', '围巾', '新款']) expect(wordsOf(part).every((word) => title.has(word))).toBe(true);
  });

  it('ORD-11: is the same in any case and width, and never too long for the index', () => {
    expect(facet('tag', ' ＶＩＰ ')).toBe('tag:vip');
    expect(Buffer.byteLength(facet('sku', '围'.repeat(5_000)))).toBeLessThan(500);
  });

  it('ORD-11: has no personal data in it, and follows the order', () => {
    const one = world();
    one.hear({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content({ tags: ['VIP'], lines: [line('1', 'MUG-1', 2, { title: 'Mug' })] }) } });
    const placed = { order: one.order, fulfilment: one.fulfilment };
    expect(facetsOf(placed)).toEqual(['sku:mug-1', 'word:mug', 'tag:vip', 'country:us', 'place:or', 'place:portland', 'service:standard', 'number:#1001', 'number:5001', 'buyer:e1', 'buyer:p1']);
    for (const sealed of [shipTo.name, shipTo.street, shipTo.phone]) expect(JSON.stringify(facetsOf(placed))).not.toContain(sealed);
    one.hear({ type: 'flotilla.allocation.v1.OrderAllocated', data: { foId: orderId, round: 1, warehouse: 'WH1', lockId: 'l', orders: [], items: [], parts: [] } });
    one.hear({ type: 'flotilla.carrier.v1.WaybillIssued', data: waybill(orderId, parcelIdOf(orderId, 1), 'SF1', []) });
    const now = { order: one.order, fulfilment: one.fulfilment };
    expect(facetsChanged(placed, now)).toBe(true);
    expect(facetsChanged(now, { ...now, order: { ...now.order, approvedAt: 'x' } })).toBe(false);
    // A parcel goes on its way: other legs, the same facets.
    one.hear({ type: 'flotilla.tracking.v1.MilestoneReached', data: { foId: orderId, parcelId: parcelIdOf(orderId, 1), milestone: 'MILESTONE_IN_TRANSIT', occurredAt: '2026-11-22T09:00:00.000Z' } });
    expect(one.fulfilment.legs).not.toBe(now.fulfilment.legs);
    expect(facetsChanged(now, { order: one.order, fulfilment: one.fulfilment })).toBe(false);
    expect(facetsOf(now)).toEqual(expect.arrayContaining(['warehouse:wh1', 'carrier:sf', 'waybill:sf1']));
  });

  it('ING-07: custom fields by name and by value, personal ones not at all', () => {
    const one = world();
    one.hear({ type: 'flotilla.ingest.v1.ChannelOrderReceived', data: { order: content({ custom: [{ name: 'live_coupon', value: 'ＬＩＶＥ-88' }, { name: 'id_card', value: shipTo.name }] }) } });
    const placed = { order: one.order, fulfilment: one.fulfilment };
    expect(facetsOf(placed).filter((known) => known.startsWith('custom:'))).toEqual(['custom:live_coupon', 'custom:live_coupon=live-88']);
    expect(facet('custom', customOf('live_coupon', ' Live-88 '))).toBe('custom:live_coupon=live-88');
    one.hear({ type: 'flotilla.ingest.v1.ChannelOrderAmended', data: { order: content({ modifiedAt: '2026-11-21T10:00:00.000Z', custom: [] }) } });
    expect(facetsChanged(placed, { order: one.order, fulfilment: one.fulfilment })).toBe(true);
    expect(facetsOf({ order: one.order, fulfilment: one.fulfilment }).some((known) => known.startsWith('custom:'))).toBe(false);
  });
});
