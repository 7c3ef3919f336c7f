import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import { specify } from '@flotilla/testing';
import { clocks } from '../coordinate/clocks.js';
import { incident } from './incident.decider.js';
import { dueAt, rules } from './rules.js';
import { watch } from './watch.decider.js';

const about = { rule: 'paid-not-audited', subject: 'order-1' };
const since = '2026-11-21T09:00:00.000Z';
const due = dueAt(rules.paidNotAudited, 60, since);
const begun = { type: 'WatchBegun', data: { ...about, since, dueAt: due } } as const;
const calledOff = { type: 'WatchCalledOff', data: { ...about, by: 'OrderApproved' } } as const;
const fired = { type: 'WatchFired', data: { ...about, at: due } } as const;

describe('a watch', () => {
  const { given } = specify(watch);
  const begin = { type: 'Begin', data: { ...about, since, dueAt: due } } as const;
  const callOff = { type: 'CallOff', data: { ...about, by: 'OrderApproved' } } as const;
  const look = (now: string) => ({ type: 'Look', data: { ...about, now } }) as const;

  it('ALR-01: is due an hour after payment', () => expect(due).toBe('2026-11-21T10:00:00.000Z'));
  it('ALR-03: begins once', () => {
    given().when(begin).then(begun);
    given(begun).when(begin).thenNothing();
  });
  it('ALR-03: is called off by the fact that it waits for', () => given(begun).when(callOff).then(calledOff));
  it('ALR-03: never begins if that fact came first', () => {
    given().when(callOff).then(calledOff);
    given(calledOff).when(begin).thenNothing();
  });
  it('ALR-03: fires when it is due, not before, and once', () => {
    given(begun).when(look('2026-11-21T09:59:59.999Z')).thenNothing();
    given(begun).when(look(due)).then(fired);
    given(begun, fired).when(look('2026-11-21T11:00:00.000Z')).thenNothing();
  });
  it('ALR-03: a timer that comes after the end does nothing', () => given(begun, calledOff).when(look(due)).thenNothing());
  it('ALR-03: the fact still ends it after it fired', () => given(begun, fired).when(callOff).then(calledOff));
});

describe('an incident', () => {
  const { given } = specify(incident);
  const data = { incidentId: 'i', rule: about.rule, subjectKind: 'ORDER', subjectId: 'order-1', severity: 'WARNING', detail: 'late', raisedAt: due, detailZh: '迟', orders: [] };
  const raised = { type: 'IncidentRaised', data } as const;
  const acknowledged = { type: 'IncidentAcknowledged', data: { incidentId: 'i', subjectId: 'order-1', by: 'mei', acknowledgedAt: due } } as const;
  const cleared = { type: 'IncidentCleared', data: { incidentId: 'i', subjectId: 'order-1', clearedAt: due } } as const;
  const acknowledge = { type: 'Acknowledge', data: { incidentId: 'i', by: 'mei', at: due } } as const;

  it('ALR-01: is raised once', () => {
    given().when({ type: 'Raise', data }).then(raised);
    given(raised).when({ type: 'Raise', data }).thenNothing();
  });
  it('ALR-01: is acknowledged once, and an unknown one is refused', () => {
    given(raised).when(acknowledge).then(acknowledged);
    given(raised, acknowledged).when(acknowledge).thenNothing();
    given().when(acknowledge).thenRefused('NOT_FOUND');
  });
  it('ALR-01: is cleared by the fact, acknowledged or not', () => {
    given(raised).when({ type: 'Clear', data: { at: due } }).then(cleared);
    given(raised, acknowledged).when({ type: 'Clear', data: { at: due } }).then(cleared);
    given(raised, cleared).when({ type: 'Clear', data: { at: due } }).thenNothing();
    given().when({ type: 'Clear', data: { at: due } }).thenNothing();
  });

  const routing = (level: number, lookAt: string, silencedBy = '') => ({ incidentId: 'i', level, targets: silencedBy === '' ? ['chat'] : [], silencedBy, lookAt, version: 1 });
  const routed = (level: number, lookAt: string, silencedBy = '') => ({ type: 'IncidentRouted', data: routing(level, lookAt, silencedBy) }) as const;
  const look = (now: string) => ({ type: 'Look', data: { now } }) as const;
  const escalated = (level: number, now: string) => ({ type: 'IncidentEscalated', data: { incidentId: 'i', subjectId: 'order-1', level, escalatedAt: now } }) as const;
  const soon = '2026-11-21T10:15:00.000Z';
  it('ALR-02: is told at each level once', () => {
    given(raised).when({ type: 'Route', data: routing(0, soon) }).then(routed(0, soon));
    given(raised, routed(0, soon)).when({ type: 'Route', data: routing(0, soon) }).thenNothing();
    given(raised, acknowledged).when({ type: 'Route', data: routing(0, soon) }).thenNothing();
  });
  it('ALR-02: is escalated when nobody acknowledged in time, not before, and never after', () => {
    given(raised, routed(0, soon)).when(look(due)).thenNothing();
    given(raised, routed(0, soon)).when(look(soon)).then(escalated(1, soon));
    given(raised, routed(0, soon), acknowledged).when(look(soon)).thenNothing();
    given(raised, routed(0, soon), cleared).when(look(soon)).thenNothing();
    given(raised, routed(0, soon), escalated(1, soon), routed(1, '')).when(look(soon)).thenNothing();
  });
  it('ALR-02: that was silenced is told when the silence is over', () => {
    given(raised, routed(0, soon, 's')).when(look(soon)).then(escalated(0, soon));
    given(raised, routed(0, soon, 's'), escalated(0, soon)).when({ type: 'Route', data: routing(0, '') }).then(routed(0, ''));
  });
  it('ALR-02: that was silenced is told when the silence is lifted, once, and only by the end of that silence', () => {
    const wake = (silenceId: string) => ({ type: 'Wake', data: { silenceId, now: due } }) as const;
    given(raised, routed(0, soon, 's')).when(wake('s')).then(escalated(0, due));
    given(raised, routed(0, soon), escalated(1, soon), routed(1, soon, 's')).when(wake('s')).then(escalated(1, due));
    given(raised, routed(0, soon, 's'), escalated(0, due)).when(wake('s')).thenNothing();
    given(raised, routed(0, soon, 's')).when(wake('t')).thenNothing();
    given(raised, routed(0, soon)).when(wake('s')).thenNothing();
    for (const over of [acknowledged, cleared]) given(raised, routed(0, soon, 's'), over).when(wake('s')).thenNothing();
    const timers = (event: object) => clocks(event as Recorded).map(({ key, dueAt, data: of }) => ({ key, dueAt, of }));
    expect(timers(routed(0, soon, 's'))).toEqual([{ key: 'incident/i', dueAt: soon, of: { id: 'i', silencedBy: 's' } }]);
    expect(timers({ type: 'SilenceLifted', data: { silenceId: 's', by: 'mei', at: due } })).toEqual([{ key: 'silence/s', dueAt: due, of: { id: 's' } }]);
    expect(timers(escalated(0, due))).toEqual([{ key: 'incident/i', dueAt: null, of: null }]);
  });
  it('ALR-02: is escalated once, however often it is looked at before that is routed', () =>
    given(raised, routed(0, soon), escalated(1, soon)).when(look('2026-11-21T11:00:00.000Z')).thenNothing());
});
