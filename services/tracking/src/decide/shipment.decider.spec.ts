import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type tracking } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import type { Recorded } from '@flotilla/event-store';
import { specify } from '@flotilla/testing';
import fc from 'fast-check';
import { dueTimers } from '../coordinate/due-timers.js';
import { isFinal, rankOf, type Milestone } from './milestones.js';
import { shipment, shipmentId, waybillOf } from './shipment.decider.js';
import type { Claim, Scan, ShipmentEvent } from './shipment.events.js';

const golden = JSON.parse(readFileSync('proto/golden/flotilla.tracking.v1.MilestoneReached.json', 'utf8')) as tracking.MilestoneReached;
const { milestone: _milestone, occurredAt: _at, place: _place, pushed: _pushed, ...claim } = golden;
const of = { carrier: claim.carrier, waybill: claim.waybill };
const receivedAt = '2026-11-22T00:15:04.000Z';
const { given } = specify(shipment);

const scan = (milestone: Milestone, occurredAt: string, code = '30', place = '杭州市'): Scan => ({ scanId: `${code}@${occurredAt}`, occurredAt, code, text: '…', place, milestone, known: true });
const record = (...scans: readonly Scan[]) => ({ type: 'RecordScans', data: { ...of, scans, via: 'push', source: 'sf', receivedAt } }) as const;
const recorded = (one: Scan, milestone = one.milestone, rest: { readonly late?: true } = {}): ShipmentEvent => ({ type: 'ScanRecorded', data: { ...one, milestone, ...of, via: 'push', source: 'sf', ...rest, receivedAt } });
const late = (one: Scan): ShipmentEvent => recorded(one, one.milestone, { late: true });
const reached = ({ milestone, occurredAt, place }: Scan, as = milestone, pushed = false): ShipmentEvent => ({ type: 'MilestoneReached', data: { ...claim, milestone: as, occurredAt, place, pushed } });
const troubled = (trouble: string, { occurredAt, text, place }: Scan): ShipmentEvent => ({ type: 'ShipmentTroubled', data: { ...claim, trouble, time: 1, since: occurredAt, detail: text, place } });
const contact = { email: 'sealed', language: 'zh', number: '#1001' } as const;
const dispatchData = { ...claim, shippedAt: '2026-11-21T08:00:00.000Z', contact, country: 'CN', phoneIndexes: ['i1'], items: [], warehouse: 'WH-SZ', dueAt: '2026-11-23T08:00:00.000Z' };
const registered: ShipmentEvent = { type: 'ShipmentRegistered', data: { ...claim, registeredAt: '2026-11-21T07:00:00.000Z' } };
const dispatched: ShipmentEvent = { type: 'ShipmentDispatched', data: { ...dispatchData, over: false } };

const { parcelId, foId } = claim;
const promise = { parcelId, foId, ...of, warehouse: dispatchData.warehouse, dueAt: dispatchData.dueAt };

const pickedUp = scan('MILESTONE_PICKED_UP', '2026-11-21T10:00:00.000Z', '50');
const departed = scan('MILESTONE_IN_TRANSIT', '2026-11-21T12:00:00.000Z');
const out = scan('MILESTONE_OUT_FOR_DELIVERY', golden.occurredAt, '204', golden.place);
const delivered = scan('MILESTONE_DELIVERED', '2026-11-22T05:00:00.000Z', '80');

const onTime: ShipmentEvent = { type: 'DeliveryOnTime', data: { ...promise, deliveredAt: delivered.occurredAt } };

const onTimeAt = (deliveredAt: string): ShipmentEvent => ({ type: 'DeliveryOnTime', data: { ...promise, deliveredAt } });

describe('a shipment', () => {
  it('TRK-01: a scan is kept raw and moves the milestone, as the contract’s golden example says', () => {
    given(registered, dispatched).when(record(out)).then(recorded(out), { type: 'MilestoneReached', data: golden });
    expect(parseMessage('flotilla.tracking.v1.MilestoneReached', golden)).toEqual(golden);
  });

  it('ALR-01: how late a scan came is said only of what a source told by itself, after its first word of the parcel', () => {
    const [first, next] = [scan('MILESTONE_PICKED_UP', golden.occurredAt), scan('MILESTONE_IN_TRANSIT', golden.occurredAt, '31')];
    const at = (via: 'push' | 'poll', ...scans: readonly Scan[]) => ({ type: 'RecordScans', data: { ...of, scans, via, source: 'sf', receivedAt: '2026-11-23T00:00:00.000Z' } }) as const;
    const pushedOf = (events: readonly ShipmentEvent[]): readonly boolean[] => events.flatMap((event) => (event.type === 'MilestoneReached' ? [event.data.pushed] : []));
    const decided = (known: readonly ShipmentEvent[], command: Parameters<typeof shipment.decide>[0]): readonly ShipmentEvent[] => shipment.decide(command, known.reduce(shipment.evolve, shipment.initial));
    expect(pushedOf(decided([registered, dispatched], at('push', first, next)))).toEqual([false, false]);
    const known = [registered, dispatched, recorded(first), reached(first)];
    expect([pushedOf(decided(known, at('push', next))), pushedOf(decided(known, at('poll', next)))]).toEqual([[true], [false]]);
  });

  it('TRK-01: the same scan again, pushed or asked for, changes nothing', () => {
    given(registered, dispatched, recorded(pickedUp), reached(pickedUp)).when(record(pickedUp)).thenNothing();
    given(registered, dispatched).when(record(pickedUp, pickedUp)).then(recorded(pickedUp), reached(pickedUp));
  });

  it('TRK-02: what two sources tell of the same minute is kept twice and counts once; what one of them alone tells fills the gap', () => {
    const at = (one: Scan, seconds: number, scanId: string, milestone = one.milestone): Scan => ({ ...one, scanId, occurredAt: new Date(Date.parse(one.occurredAt) + seconds * 1_000).toISOString(), milestone });
    const abroad = (...scans: readonly Scan[]) => ({ type: 'RecordScans', data: { ...of, scans, via: 'poll', source: 'track17', receivedAt } }) as const;
    const byAbroad = (one: Scan, doubleOf?: string): ShipmentEvent => ({ type: 'ScanRecorded', data: { ...one, ...of, via: 'poll', source: 'track17', ...(doubleOf === undefined ? {} : { doubleOf }), receivedAt } });
    const [twin, silent, far, second] = [at(pickedUp, 59, 'a'), at(pickedUp, 10, 'b', 'MILESTONE_UNSPECIFIED'), at(pickedUp, 60, 'c'), at(departed, 0, 'd')];
    const known = [registered, dispatched, recorded(pickedUp), reached(pickedUp)];
    given(...known).when(abroad(twin)).then(byAbroad(twin, pickedUp.scanId));
    given(...known).when(abroad(silent)).then(byAbroad(silent, pickedUp.scanId));
    given(...known).when(abroad(far)).then(byAbroad(far));
    given(...known).when(abroad(second)).then(byAbroad(second), reached(second));
    // Two of one minute by one source are two by the other as well, and a scan is told again by a source once.
    given(...known, byAbroad(twin, pickedUp.scanId)).when(abroad(silent)).then(byAbroad(silent));
    given(...known, byAbroad(second), reached(second)).when(record(departed)).then({ type: 'ScanRecorded', data: { ...departed, ...of, via: 'push', source: 'sf', doubleOf: 'd', receivedAt } });
  });

  it('TRK-02: a double that says more than the first moves the milestone all the same', () => {
    const mute: Scan = { ...delivered, scanId: 'mute', milestone: 'MILESTONE_UNSPECIFIED' };
    given(registered, dispatched, recorded(mute))
      .when({ type: 'RecordScans', data: { ...of, scans: [delivered], via: 'poll', source: 'track17', receivedAt } })
      .then({ type: 'ScanRecorded', data: { ...delivered, ...of, via: 'poll', source: 'track17', doubleOf: 'mute', receivedAt } }, reached(delivered), onTime);
  });

  it('TRK-02: scans that were stored without a source are the carrier’s own', () => {
    const { source: _source, ...old } = (recorded(pickedUp) as Extract<ShipmentEvent, { type: 'ScanRecorded' }>).data;
    given(registered, { type: 'ScanRecorded', data: old }, reached(pickedUp)).when(record(scan('MILESTONE_PICKED_UP', pickedUp.occurredAt, '54'))).then(recorded(scan('MILESTONE_PICKED_UP', pickedUp.occurredAt, '54')));
  });

  it('TRK-01: a scan that comes late is kept and takes the milestone nowhere', () =>
    given(registered, dispatched, recorded(out), reached(out)).when(record(departed)).then(late(departed)));

  it('TRK-01: scans of one delivery are taken in their order of time, those of one second as they were told', () => {
    const arrived = scan('MILESTONE_IN_TRANSIT', departed.occurredAt, '31');
    given(registered).when(record(arrived, departed, pickedUp)).then(recorded(pickedUp), reached(pickedUp), recorded(arrived), reached(arrived), recorded(departed));
  });

  it('TRK-01: an unknown code is kept as unknown and moves nothing', () => {
    const odd: Scan = { ...scan('MILESTONE_UNSPECIFIED', departed.occurredAt, '9999'), known: false };
    given(registered).when(record(odd)).then(recorded(odd));
  });

  it('TRK-01: scans that come before the parcel are kept, and said as soon as it is known whose they are', () => {
    given().when(record(pickedUp, departed)).then(recorded(pickedUp), recorded(departed));
    given(recorded(pickedUp), recorded(departed)).when({ type: 'Register', data: registered.data as Claim & { registeredAt: string } }).then(registered, reached(pickedUp), reached(departed));
    given(recorded(delivered)).when({ type: 'Dispatch', data: dispatchData }).then({ type: 'ShipmentDispatched', data: { ...dispatchData, over: true } }, reached(delivered), onTime);
  });

  it('TRK-01: nothing changes a delivered parcel', () => {
    const failed = scan('MILESTONE_DELIVERY_FAILED', '2026-11-22T06:00:00.000Z', '70');
    given(registered, dispatched, recorded(delivered), reached(delivered)).when(record(failed)).then(late(failed));
  });

  it('TRK-06: signed for on the way back is returned, not delivered', () => {
    const back = scan('MILESTONE_RETURNING', '2026-11-22T04:00:00.000Z', '648');
    given(registered, dispatched, recorded(back), reached(back), troubled('RETURNED', back)).when(record(delivered)).then(recorded(delivered, 'MILESTONE_RETURNED'), reached(delivered, 'MILESTONE_RETURNED'));
  });

  it('ALC-06: whether it came in time is said once: when it should be there, or when it arrives', () => {
    const late = (knownAt: string): ShipmentEvent => ({ type: 'DeliveryLate', data: { ...promise, knownAt } });
    const look = (at: string) => ({ type: 'LookAtDue', data: { at } }) as const;
    const tooLate = scan('MILESTONE_DELIVERED', '2026-11-24T05:00:00.000Z', '80');
    given(registered, dispatched).when(record(delivered)).then(recorded(delivered), reached(delivered), onTime);
    given(registered, dispatched).when(record(tooLate)).then(recorded(tooLate), reached(tooLate), late(tooLate.occurredAt));
    given(registered, dispatched).when(look('2026-11-23T07:59:59.999Z')).thenNothing();
    given(registered, dispatched).when(look(dispatchData.dueAt)).then(late(dispatchData.dueAt));
    given(registered, dispatched, late(dispatchData.dueAt)).when(look(dispatchData.dueAt)).thenNothing();
    given(registered, dispatched, late(dispatchData.dueAt)).when(record(tooLate)).then(recorded(tooLate), reached(tooLate));
    given(registered, dispatched, recorded(delivered), reached(delivered), onTime).when(look(dispatchData.dueAt)).thenNothing();
    given(registered, { type: 'ShipmentDispatched', data: { ...dispatchData, dueAt: '', over: false } }).when(record(delivered)).then(recorded(delivered), reached(delivered));
  });

  it('ALC-06: a timer looks at the promise until the parcel is there', () => {
    const changes = (event: ShipmentEvent) => dueTimers(event as unknown as Recorded);
    const key = `due/${shipmentId(of)}`;
    expect(changes(dispatched)[0]).toEqual({ key, dueAt: dispatchData.dueAt, clock: 'business', data: { id: shipmentId(of) } });
    expect(changes({ type: 'ShipmentDispatched', data: { ...dispatchData, over: true } })).toEqual([]);
    expect(changes(reached(out))).toEqual([]);
    expect(changes(reached(delivered))[0]).toEqual({ key, dueAt: null, clock: 'business', data: null });
  });

  it('is registered and dispatched once', () => {
    given(registered).when({ type: 'Register', data: registered.data as Claim & { registeredAt: string } }).thenNothing();
    given(registered, dispatched).when({ type: 'Dispatch', data: dispatchData }).thenNothing();
    given().when({ type: 'Dispatch', data: dispatchData }).then(dispatched);
  });

  it('is voided only before it leaves, by its own parcel', () => {
    const void_ = { type: 'Void', data: { ...of, parcelId: claim.parcelId } } as const;
    given(registered).when(void_).then({ type: 'ShipmentVoided', data: void_.data });
    given().when(void_).thenNothing();
    given(registered, dispatched).when(void_).thenNothing();
    given(registered, { type: 'ShipmentVoided', data: void_.data }).when({ type: 'Dispatch', data: dispatchData }).thenNothing();
    given(registered).when({ type: 'Void', data: { ...of, parcelId: 'another' } }).thenNothing();
  });

  it('CAR-04: a number that was voided before it left may be another parcel’s, and is followed as that', () => {
    const voided: ShipmentEvent = { type: 'ShipmentVoided', data: { ...of, parcelId: claim.parcelId } };
    const next = { ...registered.data, parcelId: 'another' };
    given(registered, voided).when({ type: 'Register', data: next }).then({ type: 'ShipmentRegistered', data: next });
    given(registered, voided).when({ type: 'Register', data: registered.data }).thenNothing();
    given(registered, voided, { type: 'ShipmentRegistered', data: next }).when({ type: 'Dispatch', data: { ...dispatchData, parcelId: 'another' } }).then({ ...dispatched, data: { ...dispatched.data, parcelId: 'another' } });
    given(registered).when({ type: 'Register', data: next }).thenRefused('CONFLICT');
  });

  it('never takes a waybill from one parcel to another', () =>
    given(registered).when({ type: 'Dispatch', data: { ...dispatchData, parcelId: 'another' } }).thenRefused('CONFLICT'));

  it('keeps what it could not read, once', () => {
    const note = { type: 'NoteUnreadable', data: { ...of, scanId: 'x', detail: 'no opCode', receivedAt } } as const;
    given().when(note).then({ type: 'ScanUnreadable', data: note.data });
    given({ type: 'ScanUnreadable', data: note.data }).when(note).thenNothing();
  });

  it('has one name however its waybill is written', () => {
    expect(shipmentId(waybillOf(' SF ', ' sf14 0000 0000 001'))).toBe('sf.SF1400000000001');
    expect(() => shipmentId(waybillOf('sf', '../..'))).toThrow('name no carrier and waybill');
  });
});

describe('what the buyer answers on the page', () => {
  const at = '2026-11-22T06:00:00.000Z';
  const example = <T>(name: string): T => JSON.parse(readFileSync(`proto/golden/flotilla.tracking.v1.${name}.json`, 'utf8')) as T;
  const failed = scan('MILESTONE_DELIVERY_FAILED', '2026-11-22T03:00:00.000Z', '70');
  const failing = [registered, dispatched, recorded(failed), reached(failed), troubled('FAILED_ATTEMPT', failed)];
  const chose = example<tracking.BuyerChose>('BuyerChose');
  const choose = (choice: 'FORWARD' | 'KEEP' | 'RETURN', address = '') => ({ type: 'Choose', data: { choice, address, at } }) as const;
  const said = (choice: string, address = '', time = 1): ShipmentEvent => ({ type: 'BuyerChose', data: { ...claim, trouble: 'FAILED_ATTEMPT', time, choice, address, chosenAt: at } });

  it('TRK-05: where a parcel could not be delivered the buyer says once what is to become of it', () => {
    given(...failing).when({ type: 'Choose', data: { choice: 'FORWARD', address: chose.address, at: chose.chosenAt } }).then({ type: 'BuyerChose', data: { ...chose, ...claim } });
    expect(parseMessage('flotilla.tracking.v1.BuyerChose', chose)).toEqual(chose);
    given(...failing).when(choose('KEEP', 'not asked for')).then(said('KEEP'));
    given(...failing, said('KEEP')).when(choose('RETURN')).thenNothing();
  });

  it('TRK-05: nothing is to choose while it moves, once it is there, and after it was tried again; the next trouble is asked about anew', () => {
    const ended: ShipmentEvent = { type: 'TroubleEnded', data: { parcelId, foId, ...of, trouble: 'FAILED_ATTEMPT', time: 1, endedAt: out.occurredAt } };
    given(registered, dispatched).when(choose('KEEP')).thenNothing();
    given(registered, dispatched, recorded(delivered), reached(delivered)).when(choose('KEEP')).thenNothing();
    const again = scan('MILESTONE_OUT_FOR_DELIVERY', '2026-11-22T04:00:00.000Z', '204');
    given(...failing, recorded(again), ended).when(choose('KEEP')).thenNothing();
    const twice = scan('MILESTONE_DELIVERY_FAILED', '2026-11-22T05:00:00.000Z', '70');
    const second: ShipmentEvent = { type: 'ShipmentTroubled', data: { ...claim, trouble: 'FAILED_ATTEMPT', time: 2, since: twice.occurredAt, detail: twice.text, place: twice.place } };
    given(...failing, said('KEEP'), recorded(again), ended, recorded(twice), second).when(choose('RETURN')).then(said('RETURN', '', 2));
  });

  it('TRK-05: a delivered parcel is rated once, with a word that stays sealed', () => {
    const given_ = example<tracking.FeedbackGiven>('FeedbackGiven');
    const rate = { type: 'GiveFeedback', data: { rating: given_.rating, words: given_.words, at: given_.givenAt } } as const;
    const there = [registered, dispatched, recorded(delivered), reached(delivered)];
    const rated: ShipmentEvent = { type: 'FeedbackGiven', data: { ...given_, ...claim, warehouse: dispatchData.warehouse } };
    given(...there).when(rate).then(rated);
    expect(parseMessage('flotilla.tracking.v1.FeedbackGiven', given_)).toEqual(given_);
    given(...there, rated).when(rate).thenNothing();
    given(registered, dispatched, recorded(out), reached(out)).when(rate).thenNothing();
  });
});

const milestones: readonly Milestone[] = ['MILESTONE_UNSPECIFIED', 'MILESTONE_PICKED_UP', 'MILESTONE_IN_TRANSIT', 'MILESTONE_CUSTOMS', 'MILESTONE_OUT_FOR_DELIVERY', 'MILESTONE_READY_FOR_PICKUP', 'MILESTONE_DELIVERY_FAILED', 'MILESTONE_RETURNING', 'MILESTONE_DELIVERED'];

it('TRK-01: whatever comes in whatever order, milestones only ever rise, nothing follows the end, and each scan is kept once', () => {
  const scans = fc.array(fc.tuple(fc.constantFrom(...milestones), fc.integer({ min: 0, max: 40 })).map(([milestone, hour]) => scan(milestone, new Date(Date.UTC(2026, 10, 21) + hour * 3_600_000).toISOString(), String(rankOf(milestone)))));
  const steps = fc.array(fc.oneof({ weight: 5, arbitrary: scans.map((all) => record(...all)) }, { weight: 1, arbitrary: fc.constantFrom({ type: 'Register', data: registered.data as Claim & { registeredAt: string } } as const, { type: 'Dispatch', data: dispatchData } as const) }));
  fc.assert(
    fc.property(steps, (commands) => {
      const log: ShipmentEvent[] = [];
      for (const command of commands) log.push(...shipment.decide(command, fold(shipment, log)));
      const said = log.flatMap((event) => (event.type === 'MilestoneReached' ? [rankOf(event.data.milestone)] : []));
      expect(said).toEqual([...new Set(said)].toSorted((a, b) => a - b));
      const ends = log.filter((event) => event.type === 'MilestoneReached' && isFinal(event.data.milestone));
      expect(ends.length).toBeLessThanOrEqual(1);
      const ids = log.flatMap((event) => (event.type === 'ScanRecorded' ? [event.data.scanId] : []));
      expect(ids.length).toBe(new Set(ids).size);
      const told = new Set(commands.flatMap((command) => (command.type === 'RecordScans' ? command.data.scans.map(({ scanId }) => scanId) : [])));
      expect(new Set(ids)).toEqual(told);
      const { claim: known, pending } = fold(shipment, log);
      if (known) expect(pending).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

describe('ALC-12: what staff say of the own fleet', () => {
  const collected: ShipmentEvent = { type: 'ShipmentDispatched', data: { ...dispatchData, pickupPlace: '南山店\n深南大道 1 号', over: false } };
  const at = '2026-11-22T02:00:00.000Z';
  const say = (milestone: Milestone, shown = false, receivedAt = at) => ({ type: 'Record', data: { ...of, scan: scan(milestone, receivedAt, milestone), shown, receivedAt } }) as const;
  const said = (milestone: Milestone): readonly ShipmentEvent[] => [{ type: 'ScanRecorded', data: { ...scan(milestone, at, milestone), ...of, via: 'staff', source: 'sf', receivedAt: at } }, reached(scan(milestone, at, milestone))];
  const wrong = (when = at): ShipmentEvent => ({ type: 'PickupRefused', data: { ...of, at: when } });

  it('ALC-12: a parcel waits in the store, and is handed over for its code', () => {
    given(collected).when(say('MILESTONE_READY_FOR_PICKUP')).then(...said('MILESTONE_READY_FOR_PICKUP'));
    given(collected, ...said('MILESTONE_READY_FOR_PICKUP')).when(say('MILESTONE_DELIVERED', true)).then(...said('MILESTONE_DELIVERED'), onTimeAt(at));
    given(collected, ...said('MILESTONE_READY_FOR_PICKUP')).when(say('MILESTONE_DELIVERED')).then(wrong());
    given(collected, ...said('MILESTONE_READY_FOR_PICKUP')).when(say('MILESTONE_READY_FOR_PICKUP')).thenNothing();
  });
  it('ALC-12: after five wrong codes nobody is believed for ten minutes, not even with the right one', () => {
    const five = [collected, wrong(), wrong(), wrong(), wrong(), wrong()];
    given(collected, wrong(), wrong(), wrong(), wrong()).when(say('MILESTONE_DELIVERED', true)).then(...said('MILESTONE_DELIVERED'), onTimeAt(at));
    given(...five).when(say('MILESTONE_DELIVERED', true, '2026-11-22T02:09:59.999Z')).thenRefused('WRONG_PICKUP_CODE');
    const later = '2026-11-22T02:10:00.000Z';
    given(...five).when(say('MILESTONE_DELIVERED', false, later)).then(wrong(later));
  });
  it('ALC-12: what is brought needs no code and may fail; nothing is said before it left or after its end', () => {
    for (const [milestone, trouble] of [['MILESTONE_OUT_FOR_DELIVERY', ''], ['MILESTONE_DELIVERY_FAILED', 'FAILED_ATTEMPT'], ['MILESTONE_RETURNED', 'RETURNED']] as const)
      given(dispatched).when(say(milestone)).then(...said(milestone), ...(trouble === '' ? [] : [troubled(trouble, scan(milestone, at, milestone))]));
    given(dispatched).when(say('MILESTONE_DELIVERED')).then(...said('MILESTONE_DELIVERED'), onTimeAt(at));
    given(dispatched).when(say('MILESTONE_READY_FOR_PICKUP')).thenRefused('BAD_REQUEST');
    given(dispatched).when(say('MILESTONE_CUSTOMS')).thenRefused('BAD_REQUEST');
    given(collected).when(say('MILESTONE_OUT_FOR_DELIVERY')).thenRefused('BAD_REQUEST');
    given(registered).when(say('MILESTONE_OUT_FOR_DELIVERY')).thenRefused('CONFLICT');
    given(dispatched, ...said('MILESTONE_RETURNED')).when(say('MILESTONE_DELIVERED')).thenRefused('CONFLICT');
  });
});
