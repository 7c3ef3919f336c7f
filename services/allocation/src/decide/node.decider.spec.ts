import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import fc from 'fast-check';
import { node, standing, type NodeCommand } from './node.decider.js';
import type { NodeEvent } from './node.events.js';

const at = '2026-11-22T00:00:00.000Z';
const twoHours = '2026-11-22T02:00:00.000Z';
const aDay = '2026-11-23T00:00:00.000Z';
const warehouse = 'WH1';
const { given } = specify(node);

const late = (foId: string, time = at): NodeCommand => ({ type: 'NoteLate', data: { warehouse, foId, parcelId: `p-${foId}`, contact: 'Chen Wei', at: time } });
const onTime: NodeCommand = { type: 'NoteOnTime', data: { warehouse, foId: 'F', parcelId: 'p-F', at } };
const left = (foId: string): NodeCommand => ({ type: 'NoteLeft', data: { warehouse, foId, parcelId: `p-${foId}`, at } });
const look = (time: string): NodeCommand => ({ type: 'LookAtNode', data: { warehouse, at: time } });
const tries = (foId: string): NodeCommand => ({ type: 'StartProbe', data: { warehouse, foId, at } });

const noted = (foId: string, row: number): NodeEvent => ({ type: 'LatenessNoted', data: { warehouse, foId, parcelId: `p-${foId}`, row } });
const tripped = (trip: number, lateInARow = 3): NodeEvent => ({ type: 'NodeTripped', data: { warehouse, trip, lateInARow, until: twoHours, contact: 'Chen Wei' } });
const halfOpened: NodeEvent = { type: 'NodeHalfOpened', data: { warehouse, trip: 1 } };
const probed: NodeEvent = { type: 'ProbeStarted', data: { warehouse, trip: 1, foId: 'P', until: aDay } };
const restored = (by: string): NodeEvent => ({ type: 'NodeRestored', data: { warehouse, trip: 1, by } });

describe('the breaker of a node', () => {
  it('ALC-06: three late deliveries in a row put it out for two hours, and name who is in charge', () => {
    given().when(late('A')).then(noted('A', 1));
    given(noted('A', 1), noted('B', 2)).when(late('C')).then(noted('C', 3), tripped(1));
  });
  it('ALC-06: one delivery in time ends the row', () => {
    given(noted('A', 1), noted('B', 2)).when(onTime).then({ type: 'LatenessEnded', data: { warehouse, parcelId: 'p-F' } });
    given(noted('A', 1), noted('B', 2), { type: 'LatenessEnded', data: { warehouse, parcelId: 'p' } }).when(late('C')).then(noted('C', 1));
    given().when(onTime).thenNothing();
  });
  it('ALC-06: out, older parcels that are late say nothing new', () => given(tripped(1)).when(late('D')).thenNothing());
  it('ALC-06: after two hours one order may try it, and only one', () => {
    given(tripped(1)).when(look('2026-11-22T01:59:59.999Z')).thenNothing();
    given(tripped(1)).when(look(twoHours)).then(halfOpened);
    given(tripped(1), halfOpened).when(tries('P')).then(probed);
    given(tripped(1), halfOpened, probed).when(tries('Q')).thenRefused('CONFLICT');
    given().when(tries('P')).thenRefused('CONFLICT');
  });
  it('ALC-06: it is back when the parcel of its probe leaves', () => {
    given(tripped(1), halfOpened, probed).when(left('P')).then(restored('rule:probe'));
    given(tripped(1), halfOpened, probed).when(left('Q')).thenNothing();
  });
  it('ALC-06: a probe that is late puts it out again; one that is given up or too slow leaves room for another', () => {
    given(tripped(1), halfOpened, probed).when(late('P')).then(tripped(2, 1));
    given(tripped(1), halfOpened, probed).when(late('Q')).thenNothing();
    given(tripped(1), halfOpened, probed).when(look(aDay)).then({ type: 'ProbeDropped', data: { warehouse, trip: 1, foId: 'P', cause: 'TOO_SLOW' } });
    given(tripped(1), halfOpened, probed).when({ type: 'DropProbe', data: { warehouse, foId: 'P', cause: 'CANCELLED', at } }).then({ type: 'ProbeDropped', data: { warehouse, trip: 1, foId: 'P', cause: 'CANCELLED' } });
    given(tripped(1), halfOpened).when({ type: 'DropProbe', data: { warehouse, foId: 'P', cause: 'CANCELLED', at } }).thenNothing();
  });
  it('ALC-04: a day begins once', () => {
    const begin = (at: string): NodeCommand => ({ type: 'BeginDay', data: { warehouse, at, zone: '' } });
    const began: NodeEvent = { type: 'NodeDayBegan', data: { warehouse, day: '2026-11-22', until: '2026-11-22T16:00:00.000Z' } };
    given().when(begin('2026-11-21T16:00:00.000Z')).then(began);
    given(began).when(begin('2026-11-22T15:59:59.000Z')).thenNothing();
  });
  it('ALC-06: a person closes it whatever the breaker says, and opening it resets the breaker', () => {
    const close: NodeCommand = { type: 'SuspendNode', data: { warehouse, reason: 'stocktaking', by: 'chen', at } };
    const open: NodeCommand = { type: 'ResumeNode', data: { warehouse, reason: 'done', by: 'chen', at } };
    const suspended: NodeEvent = { type: 'NodeSuspended', data: { warehouse, reason: 'stocktaking' } };
    given().when(close).then(suspended);
    given(suspended).when(close).thenNothing();
    expect(standing(fold(node, [tripped(1), halfOpened, suspended]))).toBe('SUSPENDED');
    given(tripped(1), suspended).when(open).then({ type: 'NodeResumed', data: { warehouse, reason: 'done' } }, restored('chen'));
    given().when(open).thenNothing();
  });
  it('ALC-06: whatever comes, an order meets a node that takes it, or is its only probe', () => {
    const ids = fc.constantFrom('A', 'B', 'C');
    const times = fc.integer({ min: 0, max: 60 }).map((hours) => new Date(Date.parse(at) + hours * 3_600_000).toISOString());
    const commands = fc.oneof(fc.tuple(ids, times).map(([id, time]) => late(id, time)), fc.constant(onTime), ids.map(left), times.map(look), ids.map(tries));
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 60 }), (all) => {
        let state = node.initial;
        for (const command of all) {
          const before = standing(state);
          let events: readonly NodeEvent[] = [];
          try {
            events = node.decide(command, state);
          } catch {
            expect(command.type === 'StartProbe' && before !== 'PROBING').toBe(true);
          }
          for (const event of events) state = node.evolve(state, event);
          if (command.type === 'StartProbe' && events.length > 0) expect(before).toBe('PROBING');
          expect(state.row).toBeLessThan(3);
          expect(state.probe !== '').toBe(standing(state) === 'PROBED');
        }
      }),
    );
  });
});
