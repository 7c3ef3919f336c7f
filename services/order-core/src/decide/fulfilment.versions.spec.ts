import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Message } from '@flotilla/decider';
import { upcast } from '@flotilla/event-store';
import { fulfilment } from './fulfilment.decider.js';
import type { FulfilmentEvent } from './fulfilment.events.js';
import { progressOf, type FulfilmentState } from './fulfilment.state.js';
import { schemaVersions } from './fulfilment.versions.js';
import { fulfilmentStateOf } from './states.js';

const stored = JSON.parse(readFileSync(new URL('../../spec/stored/fulfilment.v1.json', import.meta.url), 'utf8')) as Readonly<Record<string, readonly Message[]>>;
const lifted = ({ type, data }: Message): { readonly version: number; readonly data: unknown } => upcast(fulfilment, type, 1, data);
const folded = (name: string): FulfilmentState => stored[name]!.map((event) => ({ type: event.type, data: lifted(event).data }) as FulfilmentEvent).reduce(fulfilment.evolve, fulfilment.initial);

describe('what was stored before an allocation had parts', () => {
  it('ORD-01: is lifted to the version that is written now', () => {
    const known: Readonly<Record<string, number>> = schemaVersions;
    for (const event of Object.values(stored).flat()) expect([event.type, lifted(event).version]).toEqual([event.type, known[event.type] ?? 1]);
    const types = new Set(Object.values(stored).flat().map(({ type }) => type));
    expect(Object.keys(known).filter((type) => !types.has(type))).toEqual([]);
  });

  it('ALC-04: folds to one leg with everything, of which the newest parcel counts', () => {
    const state = folded('delivered after a change, a refund, a new round and a late cancel');
    expect([progressOf(state), fulfilmentStateOf(state)]).toEqual(['DELIVERED', 'DELIVERED']);
    expect(state.legs).toMatchObject([{ warehouse: 'WH-SZ', orders: [{ lines: [{ sku: 'MUG-1', quantity: 2 }] }], items: [{ sku: 'MUG-1' }], parcel: { attempt: 2, waybill: 'SF2', intercepted: true, milestone: 'MILESTONE_DELIVERED' } }]);
    expect(state.plan!.prices).toEqual({});
  });

  it('ORD-05: folds to what a person has looked at, to cancelled, to lost', () => {
    expect(folded('refused by the carrier, looked at, waybilled')).toMatchObject({ troubles: [], troubled: 1, legs: [{ excludedCarriers: [], parcel: { stage: 'WAYBILLED', waybill: 'SF2' } }] });
    expect(folded('cancelled while the stock was waited for')).toMatchObject({ cancelled: true, stockReturned: true, legs: [] });
    const lost = folded('shipped externally, then lost');
    expect(progressOf(lost)).toBe('LOST');
    expect(lost.legs).toMatchObject([{ warehouse: '', orders: [{ lines: [{ quantity: 2 }, { quantity: 1 }] }], parcel: { parcelId: 'external-1', carrier: 'yto' } }]);
  });
});
