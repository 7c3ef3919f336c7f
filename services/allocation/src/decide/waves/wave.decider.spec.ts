import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { article } from '../../../spec/examples.js';
import { toWave } from '../../query/waves.query.js';
import { adviceFor } from './advice.js';
import { bin } from './bin.decider.js';
import { ANY, sizeOf } from './filter.js';
import { wave, type WaveCommand } from './wave.decider.js';
import type { InWave, WaveEvent } from './wave.events.js';

const { given } = specify(wave);
const at = '2026-11-30T09:00:00.000Z';
const parcel = (n: number, lines: Readonly<Record<string, number>>): InWave => ({ parcelId: `p${n}`, foId: `f${n}`, number: `#${n}`, lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, name: sku, quantity })) });
const base = { wave: 'W1', warehouse: 'WH1', filter: ANY, capacity: { parcels: 0, units: 0, grams: 0 }, by: 'desk', at };
const made: WaveEvent = { type: 'WaveMade', data: { ...base, parcels: [parcel(1, { A: 2 }), parcel(2, { A: 1, B: 1 })] } };
const make = (changes: object = {}): WaveCommand => ({ type: 'MakeWave', data: { ...base, parcels: [parcel(1, { A: 2 }), parcel(2, { A: 1, B: 1 })], ...changes } });
const pick = (sku: string, quantity: number): WaveCommand => ({ type: 'RecordPick', data: { wave: 'W1', sku, quantity, by: 'desk', at } });
const picked = (sku: string, quantity: number): WaveEvent => ({ type: 'ItemsPicked', data: { wave: 'W1', sku, quantity, by: 'desk', at } });
const out = (parcelId: string): WaveEvent => ({ type: 'WaveParcelOut', data: { wave: 'W1', parcelId, because: 'CANCELLED', at } });
const packed = (parcelId: string): WaveEvent => ({ type: 'WaveParcelPacked', data: { wave: 'W1', parcelId, at } });
const over: WaveEvent = { type: 'WaveEnded', data: { wave: 'W1', at } };
const noteOut = (parcelId: string): WaveCommand => ({ type: 'NoteOut', data: { wave: 'W1', parcelId, because: 'CANCELLED', at } });
const notePacked = (parcelId: string): WaveCommand => ({ type: 'NotePacked', data: { wave: 'W1', parcelId, at } });

describe('a wave', () => {
  it('ALC-10: is made once, of something', () => {
    given().when(make()).then(made);
    given(made).when(make({ parcels: [] })).thenNothing();
    given(made).when(make({ filter: { ...ANY, carrier: 'sf' } })).thenRefused('WAVE_EXISTS');
    given(made).when(make({ capacity: { parcels: 5, units: 0, grams: 0 } })).thenRefused('WAVE_EXISTS');
    given().when(make({ parcels: [] })).thenRefused('NOTHING_TO_PICK');
  });
  it('ALC-10: counts what is fetched, no more than its parcels want', () => {
    given(made).when(pick('A', 3)).then(picked('A', 3));
    given(made, picked('A', 2)).when(pick('A', 2)).thenRefused('SURPLUS_ITEM');
    given(made, picked('A', 2)).when(pick('A', -2)).then(picked('A', -2));
    given(made, picked('A', 2)).when(pick('A', -3)).thenRefused('BAD_QUANTITY');
    given(made).when(pick('C', 1)).thenRefused('WRONG_ITEM');
    given(made).when(pick('A', 0)).thenNothing();
    given(made).when(pick('A', 0.5)).thenRefused('BAD_QUANTITY');
    given(made, out('p1')).when(pick('A', 2)).thenRefused('SURPLUS_ITEM');
    given().when(pick('A', 1)).thenRefused('NOT_FOUND');
  });
  it('ALC-10: ends with its last parcel, packed or taken out; what is carried may still be put back', () => {
    given(made).when(notePacked('p1')).then(packed('p1'));
    given(made, packed('p1')).when(notePacked('p1')).thenNothing();
    given(made, packed('p1')).when(noteOut('p2')).then(out('p2'), over);
    given(made, out('p1'), packed('p2'), over).when(noteOut('p2')).then(out('p2'));
    given(made).when(noteOut('p9')).thenNothing();
    given(made, picked('A', 3), out('p1'), out('p2'), over).when(pick('A', 1)).thenRefused('WAVE_ENDED');
    given(made, picked('A', 3), out('p1'), out('p2'), over).when(pick('A', -3)).then(picked('A', -3));
  });
});

describe('where goods are fetched from', () => {
  const { given: whereas } = specify(bin);
  const set = (where: string) => ({ type: 'SetBin', data: { warehouse: 'WH1', sku: 'A', bin: where } }) as const;
  const was = { type: 'BinSet', data: { warehouse: 'WH1', sku: 'A', bin: 'A-01-3' } } as const;
  it('ALC-10: a SKU has one bin, said once, and may lose it', () => {
    whereas().when(set('A-01-3')).then(was);
    whereas(was).when(set('A-01-3')).thenNothing();
    whereas(was).when(set('')).then({ type: 'BinSet', data: { warehouse: 'WH1', sku: 'A', bin: '' } });
    for (const bad of ['A 1', '货', 'x'.repeat(31)]) whereas().when(set(bad)).thenRefused('BAD_REQUEST');
  });
  it('ALC-10: the list of a wave goes by bin; what has none comes last, by SKU', () => {
    const parcels = [parcel(1, { A: 1, B: 1, C: 1, D: 1 })];
    const state = fold(wave, [{ type: 'WaveMade', data: { ...base, parcels } } as WaveEvent]);
    expect(toWave(state!, new Map([['A', 'Z-9'], ['D', 'B-1'], ['B', ''], ['C', '']])).pickList.map((line) => [line.bin, line.sku])).toEqual([['B-1', 'D'], ['Z-9', 'A'], ['', 'B'], ['', 'C']]);
  });
});

describe('what parcels need', () => {
  it('ALC-10: have a size by their weight', () => expect([1_000, 1_001, 5_000, 20_000, 20_001].map(sizeOf)).toEqual(['SMALL', 'MEDIUM', 'MEDIUM', 'LARGE', 'BULKY']));
  it('ALC-10: advice by what the catalogue says of their articles, in both languages, and none where it says nothing', () => {
    const advice = adviceFor([article('VASE', { flags: ['Fragile', 'valuable'] }), article('OIL', { flags: ['liquid', 'fragile'] }), article('TEE'), null]);
    expect(advice.map(({ code, skus }) => [code, skus])).toEqual([['LIQUID', ['OIL']], ['FRAGILE', ['VASE', 'OIL']], ['VALUABLE', ['VASE']]]);
    expect(advice.every(({ zh, en }) => /\p{Script=Han}/u.test(zh) && /^[\x20-\x7e]+$/.test(en))).toBe(true);
    expect(adviceFor([article('TEE', { flags: ['gift'] })])).toEqual([]);
  });
});
