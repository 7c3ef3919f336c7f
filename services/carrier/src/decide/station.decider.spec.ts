import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { stations, type Station, type StationCommand, type StationEvent } from './station.decider.js';

const { given } = specify(stations);
const at = '2026-11-30T10:00:00.000Z';
const desk: Omit<Station, 'token'> = { station: 'pack-1', name: 'Packing 1', warehouse: 'SZ1', printers: [{ document: 'LABEL', printer: 'zebra', format: 'ZPL', size: '100x150' }] };
const put = (change: Partial<Station> = {}): StationCommand => ({ type: 'PutStation', data: { ...desk, ...change, at } });
const wasPut = (change: Partial<Station> = {}): StationEvent => ({ type: 'StationPut', data: { ...desk, ...change, at } });
const token = (hash: string): StationCommand => ({ type: 'IssueToken', data: { station: 'pack-1', token: hash, at } });
const issued = (hash: string): StationEvent => ({ type: 'StationTokenIssued', data: { station: 'pack-1', token: hash, at } });

describe('CAR-06: print stations', () => {
  it('are put, changed, and put again without an event', () => {
    given().when(put()).then(wasPut());
    given(wasPut()).when(put({ name: 'Window' })).then(wasPut({ name: 'Window' }));
    given(wasPut()).when(put()).thenNothing();
  });
  it('have one printer for each document', () => given().when(put({ printers: [...desk.printers, ...desk.printers] })).thenRefused('BAD_REQUEST'));
  it('keep their token when they are changed', () => given(wasPut(), issued('aa'), wasPut({ name: 'Window' })).thenState({ 'pack-1': { ...desk, name: 'Window', token: 'aa' } }));
  it('have one token: the next one ends it', () => {
    given(wasPut(), issued('aa')).when(token('bb')).then(issued('bb'));
    given(wasPut(), issued('aa'), issued('bb')).thenState({ 'pack-1': { ...desk, token: 'bb' } });
    given().when(token('aa')).thenRefused('NOT_FOUND');
  });
});
