import { describe, expect, it, jest } from '@jest/globals';
import { fold, Refused } from '@flotilla/decider';
import fc from 'fast-check';
import { at, changeTo, chosen, commands, deadline, foId, issued, late, parcelId, uncovered } from '../../spec/parcels.js';
import { parcel, type ParcelCommand } from './parcel.decider.js';
import type { ParcelEvent } from './parcel.events.js';

jest.setTimeout(60_000);

// Whatever arrives in whatever order, as often as it likes. Outcomes are of the purchase that is open at the moment, now and
// then of an older or a later one; every purchase has a number of its own, as a carrier gives them.
type Step = (purchase: number) => ParcelCommand;

const outcomes: readonly Step[] = [
  (purchase) => ({ type: 'SettlePurchase', data: { parcelId, purchase, answer: issued(`SF700000000000${purchase % 10}`), at } }),
  (purchase) => ({ type: 'SettlePurchase', data: { parcelId, purchase, answer: issued(`X${purchase}`, false), at } }),
  (purchase) => ({ type: 'SettlePurchase', data: { parcelId, purchase, answer: { kind: 'refused', reason: 'CARRIER_REFUSED', detail: '' }, at } }),
  (purchase) => ({ type: 'SettlePurchase', data: { parcelId, purchase, answer: { kind: 'unclear', detail: '', askAfter: late }, at } }),
  (purchase) => ({ type: 'NotKnown', data: { parcelId, purchase, askedAt: late, deadline, askAfter: late, repeatable: false } }),
  (purchase) => ({ type: 'NotKnown', data: { parcelId, purchase, askedAt: at, deadline, askAfter: late, repeatable: true } }),
  (purchase) => ({ type: 'SettleVoid', data: { parcelId, purchase, answer: { kind: 'refused', detail: '' }, at } }),
  (purchase) => ({ type: 'SettleVoid', data: { parcelId, purchase, answer: { kind: 'unclear', detail: '', after: late }, at } }),
];
const usual: readonly Step[] = [
  (purchase) => ({ type: 'BeginPurchase', data: { parcelId, purchase, deadline } }),
  (purchase) => ({ type: 'SettlePurchase', data: { parcelId, purchase, answer: issued(`SF700000000000${purchase % 10}`), at } }),
  (purchase) => ({ type: 'SettleVoid', data: { parcelId, purchase, answer: { kind: 'voided' }, at } }),
];

const shifted = (choices: readonly Step[]): fc.Arbitrary<Step> =>
  fc.tuple(fc.constantFrom(...choices), fc.constantFrom(0, 0, 0, 0, 0, -1, 1)).map(([make, shift]): Step => (purchase) => make(Math.max(1, purchase + shift)));

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<ParcelCommand>(commands.plan, commands.plan, commands.plan, commands.plan, commands.cancel, commands.ship, commands.ship, commands.early).map((command): Step => () => command) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.boolean()).map(([changeId, covered]): Step => () => ({ type: 'Change', data: { change: changeTo(changeId), chosen: covered ? chosen : uncovered } })),
  },
  { weight: 12, arbitrary: shifted(usual) },
  { weight: 2, arbitrary: shifted(outcomes) },
);

const run = (steps: readonly Step[], from: readonly ParcelEvent[] = []): readonly ParcelEvent[] => {
  const events = [...from];
  for (const make of steps) {
    const state = fold(parcel, events);
    try {
      events.push(...parcel.decide(make(state.purchase), state));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  return events;
};

// What the carrier says in the end: every open purchase and void gets its outcome.
const finish = (events: readonly ParcelEvent[]): readonly ParcelEvent[] => {
  let all = events;
  for (let round = 0; round < 20; round += 1) {
    const { open, purchase, status } = fold(parcel, all);
    if (open === '') return all;
    const outcome: ParcelCommand =
      open === 'VOID'
        ? { type: 'SettleVoid', data: { parcelId, purchase, answer: { kind: 'voided' }, at } }
        : status === 'PLANNED'
          ? { type: 'BeginPurchase', data: { parcelId, purchase, deadline } }
          : { type: 'SettlePurchase', data: { parcelId, purchase, answer: issued(`SF700000000000${purchase % 10}`), at } };
    all = run([() => outcome], all);
  }
  throw new Error('a parcel that never comes to rest');
};

const of = <Type extends ParcelEvent['type']>(events: readonly ParcelEvent[], type: Type): readonly Extract<ParcelEvent, { type: Type }>[] =>
  events.filter((event): event is Extract<ParcelEvent, { type: Type }> => event.type === type);

describe('a parcel, whatever arrives in whatever order', () => {
  it('CAR-12: is never both voided and shipped, never has two live waybills, and every intent gets exactly one outcome', () => {
    let [voidings, shipments, rebuys] = [0, 0, 0];
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2, 3), fc.array(step, { minLength: 3, maxLength: 40 }), (begun, steps) => {
        const way: readonly Step[] = [() => commands.plan, () => commands.begin, () => commands.issue];
        const events = finish(run([...way.slice(0, begun), ...steps]));
        const voided = of(events, 'ParcelVoided');
        expect(voided.length > 0 && of(events, 'ParcelShipped').length > 0).toBe(false);
        expect(of(events, 'ParcelShipped').length).toBeLessThanOrEqual(1);

        // A number lives from the purchase that brought it until its void; at no moment do two live.
        const live = new Set<string>();
        for (const event of events) {
          if (event.type === 'PurchaseSettled' && event.data.waybill !== '') live.add(event.data.waybill);
          if (event.type === 'VoidSettled' && event.data.outcome === 'VOIDED') live.delete(event.data.waybill);
          expect(live.size).toBeLessThanOrEqual(1);
          if (event.type === 'ParcelShipped') expect([...live]).toEqual([event.data.waybill]);
        }

        const purchases = of(events, 'WaybillRequested').map(({ data }) => data.purchase);
        expect(new Set(purchases).size).toBe(purchases.length);
        expect(of(events, 'PurchaseSettled').map(({ data }) => data.purchase)).toEqual(purchases);
        expect(of(events, 'VoidSettled').length).toBe(of(events, 'VoidRequested').length);
        expect(of(events, 'PurchaseBegun').filter(({ data }) => data.call === 1).length).toBeLessThanOrEqual(purchases.length);

        // Whoever asked is answered: each change, and the cancel.
        const answered = new Set([...of(events, 'ParcelChanged'), ...of(events, 'ChangeRefused')].map(({ data }) => data.changeId));
        for (const { data } of of(events, 'ChangeNoted')) if (purchases.length > 0 || voided.length > 0) expect(answered).toContain(data.changeId);
        if (of(events, 'CancelNoted').length > 0) expect(voided.length + of(events, 'CancelRefused').length).toBeGreaterThan(0);

        expect(events.every(({ data }) => !('foId' in data) || data.foId === foId)).toBe(true);
        voidings += voided.length;
        shipments += of(events, 'ParcelShipped').length;
        rebuys += purchases.length > 1 ? 1 : 0;
      }),
      { numRuns: 3_000 },
    );
    // The property would hold of nothing at all: the ways must have been gone.
    expect(Math.min(voidings, shipments, rebuys)).toBeGreaterThan(100);
  });
});
