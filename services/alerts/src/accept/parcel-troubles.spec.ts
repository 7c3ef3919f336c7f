import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type alerts, type MessageName } from '@flotilla/contracts';
import type { Incoming } from '@flotilla/messaging';
import { MemoryUnit } from '@flotilla/testing';
import { parcelTroubles } from './parcel-troubles.js';

const at = '2026-11-22T04:00:02.000Z';
const golden = (name: string, over: object = {}): Incoming => {
  const type = `flotilla.tracking.v1.${name}`;
  return { type, time: at, data: { ...(parseMessage(type as MessageName, JSON.parse(readFileSync(`proto/golden/${type}.json`, 'utf8'))) as object), ...over } } as unknown as Incoming;
};
const take = (unit: MemoryUnit, ...messages: readonly Incoming[]): void => messages.forEach((message) => parcelTroubles[message.type]!.handle(message, unit, undefined));

describe('what a buyer wants done about a parcel', () => {
  it.each(['ShipmentTroubled', 'TroubleEnded', 'BuyerChose'])('TRK-05: takes the golden example of %s, naming every stream it needs', (name) => {
    const unit = new MemoryUnit();
    take(unit, ...['ShipmentTroubled', 'BuyerChose'].filter((one) => one !== name).map((one) => golden(one)));
    const before = unit.log.length;
    take(unit, golden(name));
    const named = new Set(parcelTroubles[`flotilla.tracking.v1.${name}`]?.streams?.(golden(name)).map(([{ category }, id]) => `${category}-${id}`));
    expect(unit.log.length).toBeGreaterThan(before);
    for (const { stream } of unit.log.slice(before)) expect(named).toContain(stream);
  });

  it('TRK-05: is told at once, what to do in both languages and no address, and is over with the trouble', () => {
    const unit = new MemoryUnit();
    take(unit, golden('ShipmentTroubled'), golden('BuyerChose'), golden('BuyerChose'));
    const raised = unit.of<alerts.IncidentRaised>('IncidentRaised');
    expect(raised.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(['attempt-failed INFO', 'buyer-chose WARNING']);
    expect(raised[1]).toMatchObject({ subjectKind: 'PARCEL', detail: 'SF SF1400000000001: the buyer wants you to forward it to another address (Shipments/Get has it): intercept it', detailZh: 'SF SF1400000000001：买家希望转寄到其他地址（新地址见 Shipments/Get）：请拦截改址' });
    expect(JSON.stringify(raised)).not.toContain('sealed.');
    expect(raised.map(({ orders }) => orders.map((one) => Object.keys(one).join()))).toEqual([['orderId,channel,channelOrderId'], ['orderId,channel,channelOrderId']]);
    take(unit, golden('BuyerChose', { time: 2, choice: 'KEEP' }));
    expect(unit.of('IncidentRaised')).toHaveLength(3);
    take(unit, golden('TroubleEnded', { time: 2 }));
    take(unit, golden('BuyerChose', { trouble: 'OTHER', choice: 'RETURN' }));
    expect(unit.of('IncidentRaised')).toHaveLength(4);
    // The second of its kind ended the first, and ends itself.
    expect(unit.of('IncidentCleared')).toHaveLength(2);
  });
});
