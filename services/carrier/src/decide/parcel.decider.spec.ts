import { describe, expect, it } from '@jest/globals';
import { fold, Refused } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { after, at, changeTo, chosen, commands, deadline, foId, issued, late, number, parcelId, release, routing, shanghai, shipped, uncovered, ways } from '../../spec/parcels.js';
import { parcel, type ParcelCommand } from './parcel.decider.js';
import type { Floor, ParcelEvent } from './parcel.events.js';
import type { ParcelStatus } from './parcel.state.js';

const { given } = specify(parcel);
const way = (status: keyof typeof ways): ParcelEvent[] => [...after(...ways[status])];
const types = (...steps: readonly ParcelCommand[]): readonly string[] => after(...steps).map(({ type }) => type);
const last = (before: readonly ParcelCommand[], command: ParcelCommand): readonly string[] => types(...before, command).slice(types(...before).length);

describe('a parcel', () => {
  it.each(Object.keys(ways) as (keyof typeof ways)[])('has a way into %s', (status) => expect(fold(parcel, after(...ways[status])).status).toBe(status));

  // Every state × every command: what is decided, by the names of the events; "!" is a refusal.
  const table: Record<keyof typeof ways, Partial<Record<keyof typeof commands, string>>> = {
    NONE: { plan: 'ParcelPlanned WaybillRequested', cancel: 'ParcelVoided', change: 'ChangeNoted', ship: '!NOT_FOUND', print: '!NOT_FOUND' },
    PLANNED: { cancel: 'PurchaseSettled ParcelVoided', change: 'ChangeNoted ParcelReplanned', begin: 'PurchaseBegun', ship: '!NOT_WAYBILLED', print: '!NOT_WAYBILLED' },
    BUYING: {
      cancel: 'CancelNoted', change: 'ChangeNoted', issue: 'PurchaseSettled WaybillIssued', refuse: 'PurchaseSettled CarrierRefused', unclear: 'WaybillUnknown', early: 'WaybillUnknown',
      notKnown: 'PurchaseBegun', again: 'PurchaseBegun', ship: '!NOT_WAYBILLED', print: '!NOT_WAYBILLED',
    },
    UNKNOWN: {
      cancel: 'CancelNoted', change: 'ChangeNoted', issue: 'PurchaseSettled WaybillIssued', refuse: 'PurchaseSettled CarrierRefused', unclear: 'WaybillUnknown', early: 'WaybillUnknown',
      notKnown: 'PurchaseBegun', again: 'PurchaseBegun', ship: '!NOT_WAYBILLED', print: '!NOT_WAYBILLED',
    },
    WAYBILLED: { cancel: 'CancelNoted VoidRequested', change: 'ChangeNoted VoidRequested', ship: 'ParcelShipped', print: 'LabelPrinted' },
    SHIPPED: { cancel: 'CancelRefused', change: 'ChangeRefused', print: 'LabelPrinted' },
    VOIDING: { change: 'ChangeRefused', voided: 'VoidSettled ParcelVoided', voidRefused: 'VoidSettled CancelRefused', voidUnclear: 'VoidUnknown', ship: '!VOIDED', print: '!VOIDED' },
    VOIDED: { cancel: 'ParcelVoided', change: 'ChangeRefused', ship: '!VOIDED', print: '!VOIDED' },
    REFUSED: { cancel: 'ParcelVoided', change: 'ChangeRefused', ship: '!NOT_WAYBILLED', print: '!NOT_WAYBILLED' },
  };
  for (const [status, row] of Object.entries(table)) {
    for (const [name, command] of Object.entries(commands)) {
      const expected = row[name as keyof typeof commands] ?? '';
      it(`${status}: ${name} → ${expected || 'nothing'}`, () => {
        const meeting = given(...way(status as keyof typeof ways)).when(command);
        if (expected === '') return meeting.thenNothing();
        if (expected.startsWith('!')) return meeting.thenRefused(expected.slice(1));
        return expect(last(ways[status as keyof typeof ways], command).join(' ')).toBe(expected);
      });
    }
  }
});

describe('planning', () => {
  it('CAR-02: a parcel that no rate card covers is refused with NO_RATE', () =>
    given().when({ type: 'Plan', data: { release, chosen: uncovered } }).then({ type: 'CarrierRefused', data: { parcelId, foId, carrier: 'sf', reason: 'NO_RATE', detail: 'no rate card covers it' } }));

  it('ING-10: a parcel keeps what the buyer wished of the packing, not the platform’s tags, and the card’s text as it was sealed', () => {
    const [planned] = parcel.decide({ type: 'Plan', data: { release: { ...release, tags: ['vip', 'buyer:eco', 'buyer:carrier:sf'], giftMessage: 'sealed.v1.s1.text.x' }, chosen } }, fold(parcel, []));
    expect(planned).toMatchObject({ type: 'ParcelPlanned', data: { wishes: ['buyer:eco', 'buyer:carrier:sf'], giftMessage: 'sealed.v1.s1.text.x' } });
    const [without] = parcel.decide({ type: 'Plan', data: { release: { ...release, tags: ['vip'] }, chosen } }, fold(parcel, []));
    for (const field of ['wishes', 'giftMessage']) expect(without!.data).not.toHaveProperty(field);
  });

  it('a cancel that comes before the parcel leaves a tombstone', () => {
    given().when(commands.cancel).then({ type: 'ParcelVoided', data: { parcelId, foId, waybill: '', reason: 'buyer' } });
    given(...after(commands.cancel)).when(commands.plan).thenNothing();
  });

  it('a change that comes before the parcel is planned with it and answered with the waybill', () => {
    expect(fold(parcel, after(commands.change, commands.plan)).plan?.shipTo).toEqual(shanghai);
    expect(types(commands.change, commands.plan, commands.begin, commands.issue).slice(-2)).toEqual(['WaybillIssued', 'ParcelChanged']);
    expect(types(commands.change, { type: 'Plan', data: { release, chosen: uncovered } })).toEqual(['ChangeNoted', 'ChangeRefused', 'CarrierRefused']);
  });
});

describe('CAR-12: a purchase', () => {
  it('CAR-12: is begun once; whoever comes second does not call', () => {
    given(...way('PLANNED')).when(commands.begin).then({ type: 'PurchaseBegun', data: { parcelId, purchase: 1, call: 1, deadline } });
    given(...way('BUYING')).when(commands.begin).thenNothing();
  });

  it('CAR-12: that is not known is called again only if the carrier was asked after the deadline of the call', () => {
    given(...way('UNKNOWN')).when({ ...commands.notKnown, data: { ...commands.notKnown.data, askedAt: deadline } })
      .then({ type: 'WaybillUnknown', data: { parcelId, purchase: 1, ask: 2, askAfter: late, detail: 'not known to the carrier yet' } });
    given(...way('UNKNOWN')).when(commands.notKnown).then({ type: 'PurchaseBegun', data: { parcelId, purchase: 1, call: 2, deadline: commands.notKnown.data.deadline } });
  });

  it('CAR-12: has one outcome; a second one changes nothing', () => {
    const first = after(commands.plan, commands.begin, commands.unclear, commands.issue);
    given(...first).when({ ...commands.issue, data: { ...commands.issue.data, answer: issued('SF7000000000000') } }).thenNothing();
    given(...first).when(commands.refuse).thenNothing();
    given(...first).when(commands.unclear).thenNothing();
  });

  it('CAR-12: a cancel during it waits for the outcome and voids what was bought', () => {
    const steps = [commands.plan, commands.begin, commands.unclear, commands.cancel];
    given(...after(...steps)).when(commands.issue).then(
      { type: 'PurchaseSettled', data: { parcelId, purchase: 1, outcome: 'ISSUED', waybill: number, routing, detail: '' } },
      { type: 'VoidRequested', data: { parcelId, purchase: 1, reference: parcelId, carrier: 'sf', waybill: number, because: 'CANCEL' } },
    );
    given(...after(...steps, commands.issue)).when(commands.voided).then(
      { type: 'VoidSettled', data: { parcelId, purchase: 1, waybill: number, outcome: 'VOIDED', detail: '' } },
      { type: 'ParcelVoided', data: { parcelId, foId, waybill: number, reason: 'buyer' } },
    );
    expect(last(steps, commands.notKnown)).toEqual(['PurchaseSettled', 'ParcelVoided']);
    expect(last(steps, commands.refuse)).toEqual(['PurchaseSettled', 'ParcelVoided']);
  });

  it('CAR-04: a number that does not have the carrier’s form is voided and refused', () => {
    const bad: ParcelCommand = { type: 'SettlePurchase', data: { parcelId, purchase: 1, answer: issued('XX1', false), at } };
    expect(last(ways.BUYING, bad)).toEqual(['PurchaseSettled', 'VoidRequested']);
    given(...after(...ways.BUYING, bad)).when(commands.ship).thenRefused('VOIDED');
    expect(last([...ways.BUYING, bad], commands.voided)).toEqual(['VoidSettled', 'CarrierRefused']);
    expect(last([...ways.BUYING, bad], commands.voidRefused)).toEqual(['VoidSettled', 'CarrierRefused']);
    expect(last([...ways.BUYING, bad, commands.cancel], commands.voided)).toEqual(['VoidSettled', 'ParcelVoided']);
    expect(last([...ways.BUYING, bad, commands.cancel], commands.voidRefused)).toEqual(['VoidSettled', 'ParcelVoided']);
  });
});

describe('a change', () => {
  const rebuy = (answer = issued('SF7444471039999')): readonly ParcelCommand[] => [
    { type: 'BeginPurchase', data: { parcelId, purchase: 2, deadline } },
    { type: 'SettlePurchase', data: { parcelId, purchase: 2, answer, at } },
  ];

  it('voids the waybill, buys another and says ParcelChanged with it', () => {
    const steps = [...ways.WAYBILLED, commands.change, commands.voided];
    expect(last([...ways.WAYBILLED, commands.change], commands.voided)).toEqual(['VoidSettled', 'ParcelReplanned', 'WaybillRequested']);
    const requested = after(...steps).at(-1);
    expect(requested).toEqual({ type: 'WaybillRequested', data: { parcelId, purchase: 2, reference: `${parcelId}-c1`, priority: 0 } });
    expect(types(...steps, ...rebuy()).slice(-4)).toEqual(['PurchaseBegun', 'PurchaseSettled', 'WaybillIssued', 'ParcelChanged']);
    given(...after(...steps, ...rebuy())).when(commands.change).then({ type: 'ParcelChanged', data: { parcelId, foId, changeId: 'ch1' } });
  });

  it('the label of the old waybill is not shipped any more', () => {
    const all = [...ways.WAYBILLED, commands.change, commands.voided];
    given(...after(...all)).when({ ...commands.ship, data: { ...commands.ship.data, waybill: number } }).thenRefused('VOIDED');
    given(...after(...all, ...rebuy())).when({ ...commands.ship, data: { ...commands.ship.data, waybill: number } }).thenRefused('VOIDED');
    given(...after(...all, ...rebuy())).when({ ...commands.print, data: { ...commands.print.data, waybill: number } }).thenRefused('CONFLICT');
    expect(last([...all, ...rebuy()], { ...commands.ship, data: { ...commands.ship.data, waybill: 'SF7444471039999' } })).toEqual(['ParcelShipped']);
  });

  it('several changes are answered together by the newest content', () => {
    const second: ParcelCommand = { type: 'Change', data: { change: { ...changeTo('ch2'), items: [{ sku: 'MUG-1', name: '', quantity: 1, grams: 350 }] }, chosen } };
    const events = after(...ways.WAYBILLED, commands.change, second, commands.voided, ...rebuy());
    expect(events.slice(-2).map(({ data }) => data)).toEqual([{ parcelId, foId, changeId: 'ch1' }, { parcelId, foId, changeId: 'ch2' }]);
    expect(fold(parcel, events).plan).toMatchObject({ shipTo: shanghai, items: [{ quantity: 1 }], service: 'STANDARD' });
  });

  it('is refused where no rate covers it, when shipped and when the carrier does not void', () => {
    const change: ParcelCommand = { type: 'Change', data: { change: changeTo('ch1'), chosen: uncovered } };
    for (const status of ['PLANNED', 'BUYING', 'UNKNOWN', 'WAYBILLED'] as const) given(...way(status)).when(change).then({ type: 'ChangeRefused', data: { parcelId, foId, changeId: 'ch1', reason: 'NOT_POSSIBLE' } });
    given(...way('SHIPPED')).when(commands.change).then({ type: 'ChangeRefused', data: { parcelId, foId, changeId: 'ch1', reason: 'SHIPPED' } });
    given(...after(...ways.SHIPPED, commands.change)).when(commands.change).then({ type: 'ChangeRefused', data: { parcelId, foId, changeId: 'ch1', reason: 'SHIPPED' } });
    expect(last([...ways.WAYBILLED, commands.change], commands.voidRefused)).toEqual(['VoidSettled', 'ChangeRefused']);
    expect(last([...ways.WAYBILLED, commands.change, commands.voidRefused], commands.ship)).toEqual(['ParcelShipped']);
  });

  it('during a purchase replaces what was bought; a cancel after it ends both', () => {
    expect(last([...ways.BUYING, commands.change], commands.issue)).toEqual(['PurchaseSettled', 'VoidRequested']);
    expect(last([...ways.BUYING, commands.change], commands.refuse)).toEqual(['PurchaseSettled', 'ParcelReplanned', 'WaybillRequested']);
    expect(last([...ways.BUYING, commands.change], commands.notKnown)).toEqual(['PurchaseSettled', 'ParcelReplanned', 'WaybillRequested']);
    expect(last([...ways.WAYBILLED, commands.change], commands.cancel)).toEqual(['ChangeRefused', 'CancelNoted']);
    expect(last([...ways.WAYBILLED, commands.change, commands.cancel], commands.voided)).toEqual(['VoidSettled', 'ParcelVoided']);
    // The interim number was never said; if the carrier keeps it, it is said now.
    expect(last([...ways.BUYING, commands.change, commands.issue], commands.voidRefused)).toEqual(['VoidSettled', 'WaybillIssued', 'ChangeRefused']);
  });
});

describe('shipping and labels', () => {
  it('ALC-10: what stands in a wave is not shipped before it is packed; what stands in none ships as ever', () => {
    const note = (floor: Floor): ParcelCommand => ({ type: 'NoteFloor', data: { parcelId, floor, wave: 'W1' } });
    given(...after(...ways.WAYBILLED, note('PICKING'))).when(commands.ship).thenRefused('NOT_PACKED');
    given(...after(...ways.WAYBILLED, note('SHORT'))).when(commands.ship).thenRefused('NOT_PACKED');
    given(...after(...ways.WAYBILLED, note('PICKING'))).when(note('PICKING')).thenNothing();
    expect(last([...ways.WAYBILLED, note('PICKING'), note('PACKED')], commands.ship)).toEqual(['ParcelShipped']);
    expect(last([note('PICKING'), ...ways.WAYBILLED, note('NONE')], commands.ship)).toEqual(['ParcelShipped']);
    given(...way('SHIPPED')).when(note('PICKING')).thenNothing();
    expect(last([note('PICKING'), ...ways.WAYBILLED], commands.cancel)).toContain('VoidRequested');
  });
  it('CAR-07: ships with everything that others need; repeating it is nothing', () => {
    given(...way('WAYBILLED')).when(commands.ship).then({ type: 'ParcelShipped', data: shipped });
    given(...way('SHIPPED')).when(commands.ship).thenNothing();
    given(...way('WAYBILLED')).when({ ...commands.ship, data: { ...commands.ship.data, grams: 900, freight: { amount: 2200, currency: 'CNY' } } }).then(
      { type: 'ParcelWeighed', data: { parcelId, grams: 900 } },
      { type: 'ParcelShipped', data: { ...shipped, freight: { amount: 2200, currency: 'CNY' } } },
    );
  });

  it('CAR-07: after a void that the carrier refused the cancel is answered and the parcel may go', () => {
    given(...way('VOIDING')).when(commands.voidRefused).then(
      { type: 'VoidSettled', data: { parcelId, purchase: 1, waybill: number, outcome: 'REFUSED', detail: '8252 已收件' } },
      { type: 'CancelRefused', data: { parcelId, foId, reason: 'SHIPPED' } },
    );
    expect(last([...ways.VOIDING, commands.voidRefused], commands.ship)).toEqual(['ParcelShipped']);
  });

  it('CAR-05: every print after the first is a LabelReprinted', () => {
    given(...way('WAYBILLED')).when(commands.print).then({ type: 'LabelPrinted', data: { ...commands.print.data, count: 1 } });
    given(...after(...ways.WAYBILLED, commands.print)).when(commands.print).then({ type: 'LabelReprinted', data: { ...commands.print.data, count: 2 } });
  });

  it('an event type of a later version leaves the state as it is', () => {
    const state = fold(parcel, after(...ways.WAYBILLED));
    expect(parcel.evolve(state, { type: 'FromTheFuture', data: {} } as never)).toEqual(state);
    expect(() => parcel.decide(commands.ship, { ...state, status: 'NONE' satisfies ParcelStatus })).toThrow(Refused);
  });
});
