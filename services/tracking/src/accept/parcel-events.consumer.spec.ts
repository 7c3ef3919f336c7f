import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type carrier, type MessageName, type tracking } from '@flotilla/contracts';
import type { Incoming } from '@flotilla/messaging';
import { MemoryUnit } from '@flotilla/testing';
import { ship } from '../coordinate/notices.js';
import { waybillOf } from '../decide/shipment.decider.js';
import type { Notice } from '../decide/notice.events.js';
import { languageOf } from './contact.js';
import { parcelEvents } from './parcel-events.consumer.js';

const golden = (type: string): Incoming =>
  ({ type, time: '2026-11-21T08:00:00.000Z', data: parseMessage(type as MessageName, JSON.parse(readFileSync(`proto/golden/${type}.json`, 'utf8'))) }) as unknown as Incoming;
const take = (unit: MemoryUnit, message: Incoming): void => parcelEvents.handlers[message.type]?.handle(message, unit, undefined);

describe('parcels', () => {
  it.each(Object.keys(parcelEvents.handlers))('TRK-01: takes the golden example of %s, naming every stream it needs', (type) => {
    const message = golden(type);
    const unit = new MemoryUnit();
    take(unit, message);
    const named = new Set(parcelEvents.handlers[type]?.streams?.(message).map(([{ category }, id]) => `${category}-${id}`));
    for (const { stream } of unit.log.filter((event) => !event.type.startsWith('Notice'))) expect(named).toContain(stream);
    const before = unit.log.length;
    take(unit, message);
    expect(unit.log).toHaveLength(before);
  });

  it('TRK-05: from the parcel to the door the buyer is told three things, in one language', () => {
    const unit = new MemoryUnit();
    const message = golden('flotilla.carrier.v1.ParcelShipped');
    const shipped = message.data as carrier.ParcelShipped;
    take(unit, message);
    const of = waybillOf(shipped.carrier, shipped.waybill);
    const scan = (milestone: tracking.Milestone, hour: number) => ({ scanId: milestone, occurredAt: `2026-11-22T0${hour}:00:00.000Z`, code: '1', text: '', place: '', milestone, known: true });
    for (const one of [scan('MILESTONE_PICKED_UP', 1), scan('MILESTONE_OUT_FOR_DELIVERY', 2), scan('MILESTONE_DELIVERED', 3)]) ship(unit, of, { type: 'RecordScans', data: { ...of, scans: [one], via: 'push', source: of.carrier, receivedAt: one.occurredAt } });
    const asked = unit.of<Notice>('NoticeRequested');
    expect(asked.map(({ kind }) => kind)).toEqual(['SHIPPED', 'OUT_FOR_DELIVERY', 'DELIVERED']);
    expect(new Set(asked.map(({ language }) => language)).size).toBe(1);
    // The example has no mailbox: they are texts to the phone of whoever receives it.
    expect([shipped.buyer.email, shipped.shipTo.phone === '']).toEqual(['', false]);
    expect(asked.every(({ to, medium }) => to === shipped.shipTo.phone && medium === 'SMS')).toBe(true);
    const mailed = new MemoryUnit();
    take(mailed, { ...message, data: { ...shipped, buyer: { ...shipped.buyer, email: 'sealed' } } });
    expect(mailed.of<Notice>('NoticeRequested')).toMatchObject([{ to: 'sealed', medium: 'EMAIL', country: shipped.shipTo.country }]);
  });

  it('TRK-05: a buyer is written to in the language of the shop, else of the country', () => {
    expect([languageOf('zh-TW', 'US'), languageOf('en', 'CN'), languageOf('', 'HK'), languageOf('', 'DE')]).toEqual(['zh', 'en', 'zh', 'en']);
  });
});
