import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type tracking } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import { specify } from '@flotilla/testing';
import { dueTimers } from '../coordinate/due-timers.js';
import type { Milestone } from './milestones.js';
import { shipment } from './shipment.decider.js';
import type { Scan, ShipmentEvent } from './shipment.events.js';
import { afterScan, troubleOf } from './troubles.js';

const golden = JSON.parse(readFileSync('proto/golden/flotilla.tracking.v1.ShipmentTroubled.json', 'utf8')) as tracking.ShipmentTroubled;
const ended = JSON.parse(readFileSync('proto/golden/flotilla.tracking.v1.TroubleEnded.json', 'utf8')) as tracking.TroubleEnded;
const { parcelId, foId, orders, carrier, waybill } = golden;
const claim = { parcelId, foId, orders, carrier, waybill };
const of = { carrier, waybill };
const { given } = specify(shipment);

const left = '2026-11-21T08:00:00.000Z';
const after = (hours: number, from = left): string => new Date(Date.parse(from) + hours * 3_600_000).toISOString();
const dispatched = (country = 'CN', pickupPlace?: string): ShipmentEvent => ({
  type: 'ShipmentDispatched',
  data: { ...claim, shippedAt: left, contact: { email: '', language: 'zh', number: '' }, country, phoneIndexes: [], items: [], warehouse: '', dueAt: '', over: false, ...(pickupPlace === undefined ? {} : { pickupPlace }) },
});
const scan = (milestone: Milestone, occurredAt: string, text = '…', code = 'x'): Scan => ({ scanId: `${milestone}@${occurredAt}`, occurredAt, code, text, place: '杭州市', milestone, known: true });
const record = (one: Scan, receivedAt = one.occurredAt) => ({ type: 'RecordScans', data: { ...of, scans: [one], via: 'push', source: 'sf', receivedAt } }) as const;
const recorded = (one: Scan, receivedAt = one.occurredAt): ShipmentEvent => ({ type: 'ScanRecorded', data: { ...one, ...of, via: 'push', source: 'sf', receivedAt } });
const reached = ({ milestone, occurredAt, place }: Scan, pushed = false): ShipmentEvent => ({ type: 'MilestoneReached', data: { ...claim, milestone, occurredAt, place, pushed } });
const troubled = (trouble: string, since: string, change: Partial<tracking.ShipmentTroubled> = {}): ShipmentEvent => ({ type: 'ShipmentTroubled', data: { ...claim, trouble, time: 1, since, detail: '', place: '', ...change } });
const look = (at: string) => ({ type: 'LookAtSilence', data: { at } }) as const;
const noted = (nextAt: string): ShipmentEvent => ({ type: 'SilenceNoted', data: { ...of, nextAt } });

const moving = scan('MILESTONE_IN_TRANSIT', after(10));
const known = [dispatched(), recorded(moving), reached(moving)];
const failed = scan('MILESTONE_DELIVERY_FAILED', golden.since, golden.detail);
const failedSo = [recorded(failed), reached(failed, true), { type: 'ShipmentTroubled', data: golden } as const];

describe('TRK-06: what is wrong with a parcel', () => {
  it.each([
    ['MILESTONE_DELIVERY_FAILED', '', '', 'FAILED_ATTEMPT'], ['MILESTONE_RETURNING', '', '', 'RETURNED'], ['MILESTONE_RETURNED', '', '', 'RETURNED'], ['MILESTONE_EXCEPTION', '快件丢失', '2', 'LOST'],
    ['MILESTONE_EXCEPTION', 'Parcel damaged', '2', 'DAMAGED'], ['MILESTONE_EXCEPTION', '', 'Exception_Lost', 'LOST'], ['MILESTONE_EXCEPTION', '', 'Exception_Damage', 'DAMAGED'], ['MILESTONE_EXCEPTION', '疑难件', '2', 'OTHER'],
    ['MILESTONE_IN_TRANSIT', '外包装破损已加固', '0', undefined],
  ] as const)('%s with "%s" (%s) is %s', (milestone, text, code, kind) => expect(troubleOf({ milestone, text, code })).toBe(kind));

  it('is told once, as the golden example says, and is over when the parcel goes out again', () => {
    given(...known).when(record(failed)).then(...failedSo);
    given(...known, ...failedSo).when(record(scan('MILESTONE_DELIVERY_FAILED', after(3, golden.since)))).then(recorded(scan('MILESTONE_DELIVERY_FAILED', after(3, golden.since))));
    const again = scan('MILESTONE_OUT_FOR_DELIVERY', ended.endedAt);
    given(...known, ...failedSo).when(record(again)).then(recorded(again), { type: 'TroubleEnded', data: ended });
    for (const [type, example] of [['ShipmentTroubled', golden], ['TroubleEnded', ended]] as const) expect(parseMessage(`flotilla.tracking.v1.${type}`, example)).toEqual(example);
  });
  it('TRK-06: a failed attempt is over when the parcel goes back', () => {
    const back = scan('MILESTONE_RETURNING', ended.endedAt);
    const open = { kind: 'FAILED_ATTEMPT', time: 1, since: golden.since, detail: '', place: '', phase: 'open', endedAt: '' } as const;
    expect(afterScan([open], back)).toMatchObject([{ kind: 'FAILED_ATTEMPT', phase: 'over', endedAt: ended.endedAt }, { kind: 'RETURNED', phase: 'new' }]);
  });
  it('is the second of its kind when it comes back', () => {
    const again = scan('MILESTONE_OUT_FOR_DELIVERY', ended.endedAt);
    const second = scan('MILESTONE_DELIVERY_FAILED', after(4, ended.endedAt), golden.detail);
    given(...known, ...failedSo, recorded(again), { type: 'TroubleEnded', data: ended }).when(record(second)).then(recorded(second), troubled('FAILED_ATTEMPT', second.occurredAt, { time: 2, detail: golden.detail, place: '杭州市' }));
  });
  it('is not told by a scan that comes late, and is told when it becomes known whose parcel it is', () => {
    const late = scan('MILESTONE_DELIVERY_FAILED', after(5));
    given(...known).when(record(late, after(11))).then({ type: 'ScanRecorded', data: { ...late, ...of, via: 'push', source: 'sf', late: true, receivedAt: after(11) } }, reached(late, true));
    given(recorded(failed)).when({ type: 'Register', data: { ...claim, registeredAt: left } }).then({ type: 'ShipmentRegistered', data: { ...claim, registeredAt: left } }, reached(failed), { type: 'ShipmentTroubled', data: golden });
  });
});

describe('TRK-06: silence', () => {
  it('after it left is no pickup after a day, not before, told once, and over with the first scan', () => {
    given(dispatched()).when(look(after(23))).then(noted(after(24)));
    given(dispatched()).when(look(after(24))).then(troubled('NO_PICKUP', left));
    given(dispatched(), troubled('NO_PICKUP', left)).when(look(after(48))).thenNothing();
    given(dispatched(), troubled('NO_PICKUP', left)).when(record(moving)).then(recorded(moving), reached(moving), { type: 'TroubleEnded', data: { parcelId, foId, ...of, trouble: 'NO_PICKUP', time: 1, endedAt: moving.occurredAt } });
  });
  it('on its way is stalled: after a day at home, five across a border', () => {
    given(...known).when(look(after(34))).then(troubled('STALLED', moving.occurredAt));
    given(dispatched('US'), recorded(moving), reached(moving)).when(look(after(34))).then(noted(after(130)));
    given(dispatched('US'), recorded(moving), reached(moving)).when(look(after(130))).then(troubled('STALLED', moving.occurredAt));
  });
  it('at customs is a hold after three days', () => {
    const customs = scan('MILESTONE_CUSTOMS', after(20));
    given(...known, recorded(customs), reached(customs)).when(look(after(44))).then(noted(after(92)));
    given(...known, recorded(customs), reached(customs)).when(look(after(92))).then(troubled('CUSTOMS_HOLD', after(20)));
  });
  it('is none of a parcel that arrived, was voided, waits in the store, or is nobody’s', () => {
    const delivered = scan('MILESTONE_DELIVERED', after(20));
    const ready = scan('MILESTONE_READY_FOR_PICKUP', after(2));
    given(...known, recorded(delivered), reached(delivered)).when(look(after(99))).thenNothing();
    given(recorded(moving)).when(look(after(99))).thenNothing();
    given(dispatched('CN', '南山店'), recorded(ready), reached(ready)).when(look(after(99))).thenNothing();
    // A carrier's locker or shop.
    given(...known, recorded(scan('MILESTONE_READY_FOR_PICKUP', after(12))), reached(scan('MILESTONE_READY_FOR_PICKUP', after(12)))).when(look(after(99))).thenNothing();
  });
  it('goes on when a scan comes late or tells again what another source told: its timer stays', () => {
    const timers = (event: ShipmentEvent) => dueTimers(event as unknown as Recorded);
    const [late, double] = [scan('MILESTONE_PICKED_UP', after(5)), { ...moving, scanId: 'other' }];
    const asLate = { type: 'ScanRecorded', data: { ...late, ...of, via: 'push', source: 'sf', late: true, receivedAt: after(30) } } as const;
    const asDouble = { type: 'ScanRecorded', data: { ...double, ...of, via: 'poll', source: 'track17', doubleOf: moving.scanId, receivedAt: after(31) } } as const;
    given(...known).when(record(late, after(30))).then(asLate);
    given(...known).when({ type: 'RecordScans', data: { ...of, scans: [double], via: 'poll', source: 'track17', receivedAt: after(31) } }).then(asDouble);
    expect([asLate, asDouble].flatMap(timers)).toEqual([]);
    given(...known, asLate, asDouble).when(look(after(34))).then(troubled('STALLED', moving.occurredAt));
  });
  it('is looked at a day after anything that was heard, again when it is noted, and no more at the end', () => {
    const delivered = scan('MILESTONE_DELIVERED', after(20));
    const timers = (event: ShipmentEvent) => dueTimers(event as unknown as Recorded).map(({ key, dueAt }) => [key.split('/')[0], dueAt]);
    expect([dispatched(), recorded(moving), noted(after(130)), reached(delivered)].map(timers)).toEqual([[['silence', after(24)]], [['silence', after(34)]], [['silence', after(130)]], [['due', null], ['silence', null]]]);
  });
});
