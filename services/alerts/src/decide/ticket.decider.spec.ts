import { describe, expect, it } from '@jest/globals';
import { MemoryUnit, specify } from '@flotilla/testing';
import { settleTicket, tellTicket } from '../coordinate/ticketing.js';
import { incident } from './incident.decider.js';
import { message, type Outcome } from './message.decider.js';
import { ticket, type Change, type Kind, type TicketEvent } from './ticket.decider.js';

const at = (minutes: number): string => new Date(Date.parse('2026-11-30T08:00:00.000Z') + minutes * 60_000).toISOString();
const route = (level: number, named: boolean, minutes = level) => ({ type: 'Route', data: { level, named, at: at(minutes) } }) as const;
const acknowledge = (minutes: number) => ({ type: 'Acknowledge', data: { by: 'mei', at: at(minutes) } }) as const;
const clear = (minutes: number) => ({ type: 'Clear', data: { at: at(minutes) } }) as const;
const settle = (sequence: number, reached: boolean) => ({ type: 'Settle', data: { sequence, reached } }) as const;
const changed = (sequence: number, kind: Kind, minutes: number, rest: Partial<Change> = {}) =>
  ({ type: 'TicketChanged', data: { kind, sequence, at: at(minutes), level: 0, acknowledgedBy: '', acknowledgedAt: '', ...rest } }) as const;
const told = (sequence: number, reached = true) => ({ type: 'TicketTold', data: { sequence, reached } }) as const;
const byMei = { acknowledgedBy: 'mei', acknowledgedAt: at(2) };

describe('ORD-13: a ticket', () => {
  const { given } = specify(ticket);

  it('ORD-13: is opened when its incident is routed to its system, and hears every change after that', () => {
    given().when(route(0, true)).then(changed(1, 'raised', 0));
    given(changed(1, 'raised', 0), told(1)).when(route(1, false)).then(changed(2, 'escalated', 1, { level: 1 }));
    given(changed(1, 'raised', 0), told(1), changed(2, 'escalated', 1, { level: 1 })).when(acknowledge(2)).then(changed(3, 'acknowledged', 2, { level: 1, ...byMei }));
    given(changed(1, 'raised', 0), told(1), changed(2, 'acknowledged', 2, byMei)).when(clear(3)).then(changed(3, 'cleared', 3, byMei));
  });
  it('ORD-13: hears nothing of an incident that went to others alone, or was silenced until it was over', () => {
    given().when(route(0, false)).thenNothing();
    given().when(acknowledge(2)).thenNothing();
    given().when(clear(3)).thenNothing();
  });
  it('ORD-13: is opened at the level that names it first, as raised', () => given().when(route(2, true)).then(changed(1, 'raised', 2, { level: 2 })));
  it('ORD-13: hears each change once', () => {
    given(changed(1, 'raised', 0), told(1)).when(route(0, true)).thenNothing();
    given(changed(1, 'raised', 0), changed(2, 'acknowledged', 2, byMei)).when(acknowledge(4)).thenNothing();
    given(changed(1, 'raised', 0), changed(2, 'cleared', 3)).when(clear(4)).thenNothing();
    given(changed(1, 'raised', 0), told(1)).when(settle(1, true)).thenNothing();
  });
  it('ORD-13: goes on with the next change when the one before is settled, and not before', () => {
    const waiting = (...events: readonly TicketEvent[]): readonly number[] => events.reduce(ticket.evolve, ticket.initial).waiting.map(({ sequence }) => sequence);
    expect(waiting(changed(1, 'raised', 0), changed(2, 'cleared', 3))).toEqual([1, 2]);
    given(changed(1, 'raised', 0), changed(2, 'cleared', 3)).when(settle(2, true)).thenNothing();
    given(changed(1, 'raised', 0), changed(2, 'cleared', 3)).when(settle(1, true)).then(told(1));
    expect(waiting(changed(1, 'raised', 0), changed(2, 'cleared', 3), told(1))).toEqual([2]);
    // A later one that was given up is no reason to keep the end back.
    expect(waiting(changed(1, 'raised', 0), told(1), changed(2, 'escalated', 1), changed(3, 'cleared', 3), told(2, false))).toEqual([3]);
  });
  it('ORD-13: that never was opened, for certain, is opened by the next level, and by nothing of what somebody has in hand or what is over', () => {
    const left = (...events: readonly TicketEvent[]): readonly (readonly [number, Kind])[] => events.reduce(ticket.evolve, ticket.initial).waiting.map(({ sequence, kind }) => [sequence, kind]);
    expect(left(changed(1, 'raised', 0), changed(2, 'escalated', 1), changed(3, 'escalated', 2), told(1, false))).toEqual([[2, 'raised'], [3, 'escalated']]);
    expect(left(changed(1, 'raised', 0), changed(2, 'escalated', 1), changed(3, 'acknowledged', 2, byMei), told(1, false))).toEqual([]);
    given(changed(1, 'raised', 0), told(1, false)).when(route(1, false)).then(changed(2, 'raised', 1, { level: 1 }));
    given(changed(1, 'raised', 0), told(1, false)).when(acknowledge(2)).thenNothing();
    given(changed(1, 'raised', 0), told(1, false)).when(clear(3)).thenNothing();
  });
});

describe('ORD-13: the messages of a ticket', () => {
  const of = { target: 'desk', incidentId: 'i1' };
  const start = (): MemoryUnit => {
    const unit = new MemoryUnit();
    unit.run(incident, 'i1', { type: 'Raise', data: { incidentId: 'i1', rule: 'tracking-break', subjectKind: 'PARCEL', subjectId: 'P1', severity: 'WARNING', detail: 'd', raisedAt: at(0), detailZh: '详', orders: [] } });
    return unit;
  };
  const requested = (unit: MemoryUnit) => unit.of<{ readonly messageId: string; readonly change: Change }>('MessageRequested');
  const kinds = (unit: MemoryUnit): readonly Kind[] => requested(unit).map(({ change }) => change.kind);
  const end = (unit: MemoryUnit, outcome: Outcome): void => {
    const { messageId } = requested(unit).at(-1)!;
    unit.run(message, messageId, { type: 'Attempt', data: { attempt: 1, at: at(5) } });
    if (outcome === 'ACCEPTED') unit.run(message, messageId, { type: 'Accept', data: { attempt: 1, at: at(5) } });
    else unit.run(message, messageId, { type: 'Fail', data: { attempt: 1, at: at(5), certain: outcome === 'FAILED', final: true, detail: 'HTTP 410', retryAfterMs: 0, repeatable: true } });
    settleTicket(unit, messageId, outcome, at(5));
  };

  it('ORD-13: one is under way at a time, each with an id of its own, in the order of the changes', () => {
    const unit = start();
    for (const command of [route(0, true), route(1, false), acknowledge(2), clear(3)]) tellTicket(unit, of, command, at(4));
    expect(kinds(unit)).toEqual(['raised']);
    for (const [outcome, heard] of [['ACCEPTED', 2], ['UNKNOWN', 3], ['FAILED', 4], ['ACCEPTED', 4]] as const) {
      end(unit, outcome);
      expect(requested(unit)).toHaveLength(heard);
    }
    expect(kinds(unit)).toEqual(['raised', 'escalated', 'acknowledged', 'cleared']);
    expect(new Set(requested(unit).map(({ messageId }) => messageId)).size).toBe(4);
  });
  it('ORD-13: none is left of a ticket whose first word was refused for good and whose incident is over', () => {
    const unit = start();
    for (const command of [route(0, true), clear(3)]) tellTicket(unit, of, command, at(4));
    end(unit, 'FAILED');
    expect(kinds(unit)).toEqual(['raised']);
  });
  it('ORD-13: a message to people settles no ticket', () => {
    const unit = start();
    unit.run(message, 'm', { type: 'Request', data: { messageId: 'm', target: 'chat', severity: 'INFO', items: [], more: 1, requestedAt: at(0) } });
    settleTicket(unit, 'm', 'ACCEPTED', at(1));
    expect(unit.of('TicketTold')).toEqual([]);
  });
});
