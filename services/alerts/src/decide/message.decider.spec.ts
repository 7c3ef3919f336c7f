import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '@flotilla/event-store';
import { MemoryUnit, specify } from '@flotilla/testing';
import { clocks } from '../coordinate/clocks.js';
import { missMessage } from '../coordinate/notifying.js';
import { bundle, mostItems, type BundleEvent, type Item } from './bundle.decider.js';
import { incident } from './incident.decider.js';
import { message, type Message } from './message.decider.js';

const at = (seconds: number): string => new Date(Date.parse('2026-11-29T08:00:00.000Z') + seconds * 1_000).toISOString();
const item = (n: number, level = 0): Item => ({ incidentId: `i${n}`, rule: 'sku-frozen', subjectKind: 'SKU', subjectId: `SKU-${n}`, detail: 'd', detailZh: '详', raisedAt: at(0), level });

describe('ALR-02: a bundle', () => {
  const { given } = specify(bundle);
  const to = { target: 'chat', severity: 'WARNING' } as const;
  const queue = (n: number, now: number) => ({ type: 'Queue', data: { ...to, item: item(n), now: at(now), waitSeconds: 3, intervalSeconds: 30 } }) as const;
  const queued = (n: number, dueAt: number, level = 0) => ({ type: 'ItemQueued', data: { ...to, item: item(n, level), dueAt: at(dueAt) } }) as const;
  const close = (now: number, ...open: number[]) => ({ type: 'Close', data: { now: at(now), open: open.map((n) => `i${n}`), messageId: 'm' } }) as const;
  const closed = (now: number, incidents: number) => ({ type: 'BundleClosed', data: { ...to, messageId: 'm', incidents, at: at(now) } }) as const;

  it('waits a moment for the others of a burst, from the first one', () => {
    given().when(queue(1, 0)).then(queued(1, 3));
    given(queued(1, 3)).when(queue(2, 2)).then(queued(2, 3));
  });
  it('takes an incident once', () => given(queued(1, 3)).when(queue(1, 1)).thenNothing());
  it('goes out when it is due, not before, as one message', () => {
    given(queued(1, 3), queued(2, 3)).when(close(2, 1, 2)).thenNothing();
    given(queued(1, 3), queued(2, 3)).when(close(3, 1, 2)).then(closed(3, 2));
    given(queued(1, 3), closed(3, 1)).when(close(4, 1)).thenNothing();
  });
  it('leaves out what somebody has acknowledged or a fact has cleared, and is no message if nothing is left', () => {
    given(queued(1, 3), queued(2, 3)).when(close(3, 2)).then(closed(3, 1));
    given(queued(1, 3)).when(close(3)).then(closed(3, 0));
  });
  it('keeps a distance to the one before, so that a storm does not deafen a robot', () => {
    given(queued(1, 3), closed(3, 1)).when(queue(2, 4)).then(queued(2, 33));
    given(queued(1, 3), closed(3, 1)).when(queue(2, 60)).then(queued(2, 63));
    given(queued(1, 3), closed(3, 0)).when(queue(2, 4)).then(queued(2, 7));
  });
  it('counts what it does not list', () => {
    const many = Array.from({ length: mostItems + 5 }, (_, n) => queued(n, 3));
    given(...many).when(close(3, 0, 1)).then(closed(3, 7));
    // Nobody knows of those five: that all the others are over is no reason to drop them.
    given(...many).when(close(3)).then(closed(3, 5));
  });
  it('counts an incident beyond its list once, though it was escalated meanwhile; where only escalations come, each of them', () => {
    const all = (level: number) => Array.from({ length: mostItems + 5 }, (_, n) => queued(n, 3, level));
    const count = (...events: readonly BundleEvent[]): number => events.reduce(bundle.evolve, bundle.initial).more;
    expect([count(...all(0)), count(...all(0), ...all(1)), count(...all(1))]).toEqual([5, 5, 5]);
  });
  it('says and counts an incident once, at its last level', () => {
    given(queued(1, 3), queued(2, 3), queued(1, 3, 1)).when(close(3, 1, 2)).then(closed(3, 2));
    given(queued(1, 3), queued(1, 3, 1)).thenState({ items: [item(1, 1)], beyond: {}, more: 0, to, dueAt: at(3), closedAt: '', count: 0 });
  });
});

describe('ALR-02: a message', () => {
  const { given } = specify(message);
  const asked: Message = { messageId: 'm', target: 'chat', severity: 'WARNING', items: [item(1)], more: 0, requestedAt: at(0) };
  const requested = { type: 'MessageRequested', data: asked } as const;
  const attempt = (n: number, now = 0) => ({ type: 'Attempt', data: { attempt: n, at: at(now) } }) as const;
  const attempted = (n: number, now = 0) => ({ type: 'MessageAttempted', data: { messageId: 'm', attempt: n, at: at(now) } }) as const;
  const fail = (n: number, change: { certain?: boolean; final?: boolean; retryAfterMs?: number; repeatable?: boolean } = {}) =>
    ({ type: 'Fail', data: { attempt: n, at: at(1), certain: true, final: false, detail: 'x', retryAfterMs: 0, repeatable: false, ...change } }) as const;
  const failed = (n: number, retryAt: string, certain = true) => ({ type: 'MessageAttemptFailed', data: { messageId: 'm', attempt: n, certain, detail: 'x', retryAt } }) as const;
  const due = (n: number) => ({ type: 'MessageDue', data: { messageId: 'm', attempt: n } }) as const;
  const settled = (outcome: 'ACCEPTED' | 'FAILED' | 'UNKNOWN', attempts: number, detail = 'x', now = 1) => ({ type: 'MessageSettled', data: { messageId: 'm', target: 'chat', outcome, attempts, detail, at: at(now) } }) as const;

  it('is asked for once, tried, and settled by the provider’s yes', () => {
    given().when({ type: 'Request', data: asked }).then(requested);
    given(requested).when({ type: 'Request', data: asked }).thenNothing();
    given(requested).when(attempt(1)).then(attempted(1));
    given(requested, attempted(1)).when(attempt(1)).thenNothing();
    given(requested, attempted(1)).when({ type: 'Accept', data: { attempt: 1, at: at(1) } }).then(settled('ACCEPTED', 1, ''));
    given(requested, attempted(1), settled('ACCEPTED', 1, '')).when(attempt(2)).thenNothing();
  });
  it('comes back after a wait that grows, or that the provider names', () => {
    given(requested, attempted(1)).when(fail(1)).then(failed(1, at(6)));
    given(requested, attempted(1)).when(fail(1, { retryAfterMs: 600_000 })).then(failed(1, at(601)));
    given(requested, attempted(1), failed(1, at(6))).when({ type: 'Retry', data: { now: at(5) } }).thenNothing();
    given(requested, attempted(1), failed(1, at(6))).when({ type: 'Retry', data: { now: at(6) } }).then(due(2));
    given(requested, attempted(1), failed(1, at(6)), due(2), attempted(2)).when(fail(2)).then(failed(2, at(16)));
  });
  it('is given up at once if the provider says never, and visible', () => given(requested, attempted(1)).when(fail(1, { final: true })).then(failed(1, ''), settled('FAILED', 1)));
  it('is given up after an hour of tries', () => {
    const tries = Array.from({ length: 10 }, (_, n) => [attempted(n + 1), failed(n + 1, at(2)), due(n + 2)] as const).flat();
    given(requested, ...tries, attempted(11)).when(fail(11)).then(failed(11, ''), settled('FAILED', 11));
  });
  it('of which nobody knows is told a robot once more and no third time, and ends as unknown', () => {
    given(requested, attempted(1)).when(fail(1, { certain: false })).then(failed(1, at(6), false));
    given(requested, attempted(1), failed(1, at(6), false), due(2), attempted(2)).when(fail(2, { certain: false })).then(failed(2, '', false), settled('UNKNOWN', 2));
    given(requested, attempted(1), failed(1, at(6), false), due(2), attempted(2)).when(fail(2, { final: true })).then(failed(2, ''), settled('UNKNOWN', 2));
  });
  it('of which nobody knows is repeated where the channel tells a copy', () =>
    given(requested, attempted(1), failed(1, at(6), false), due(2), attempted(2)).when(fail(2, { certain: false, repeatable: true })).then(failed(2, at(16), false)));
  it('hears nothing of an attempt that is over', () => given(requested, attempted(1), failed(1, at(6)), due(2)).when(fail(1)).thenNothing());
});

describe('ALR-02: within five minutes', () => {
  const asked: Message = { messageId: 'm', target: 'chat', severity: 'CRITICAL', items: [item(1), item(2), item(3, 1)], more: 0, requestedAt: at(0) };
  const requested = { type: 'MessageRequested', data: asked } as const;
  const settled = (outcome: 'ACCEPTED' | 'FAILED') => ({ type: 'MessageSettled', data: { messageId: 'm', target: 'chat', outcome, attempts: 1, detail: '', at: at(9) } }) as const;
  const miss = (seconds: number) => ({ type: 'Miss', data: { now: at(seconds) } }) as const;
  const missed = { type: 'MessageMissed', data: { messageId: 'm', target: 'chat', at: at(300) } } as const;
  const recorded = (event: object): Recorded => event as Recorded;

  it('ALR-02: a message that nobody has taken is missed once, whether it is still tried or was given up', () => {
    const { given } = specify(message);
    given(requested).when(miss(299)).thenNothing();
    given(requested).when(miss(300)).then(missed);
    given(requested, settled('FAILED')).when(miss(300)).then(missed);
    given(requested, missed).when(miss(301)).thenNothing();
    given(requested, settled('ACCEPTED')).when(miss(300)).thenNothing();
  });
  it('ALR-02: its clock begins with the request and is called off by the provider’s yes alone', () => {
    expect(clocks(recorded(requested))).toEqual([{ key: 'delivery/m', dueAt: at(300), clock: 'machine', data: { id: 'm' } }]);
    expect([settled('ACCEPTED'), settled('FAILED')].map((event) => clocks(recorded(event)).map(({ key }) => key))).toEqual([['message/m', 'delivery/m'], ['message/m']]);
  });
  it('ALR-02: what is open of it is escalated at once, and not what was escalated, acknowledged or has nobody after it', () => {
    const unit = new MemoryUnit();
    const lookAt = at(1_200);
    const raise = (n: number, level: number, look = lookAt): void => {
      const incidentId = `i${n}`;
      unit.run(incident, incidentId, { type: 'Raise', data: { incidentId, rule: 'sku-frozen', subjectKind: 'SKU', subjectId: `SKU-${n}`, severity: 'CRITICAL', detail: 'd', raisedAt: at(0), detailZh: '详', orders: [] } });
      unit.run(incident, incidentId, { type: 'Route', data: { incidentId, level, targets: ['chat'], silencedBy: '', lookAt: look, version: 1 } });
    };
    raise(1, 0);
    raise(2, 1);
    raise(3, 1, '');
    raise(4, 0);
    unit.run(incident, 'i4', { type: 'Acknowledge', data: { incidentId: 'i4', by: 'mei', at: at(1) } });
    unit.run(message, 'm', { type: 'Request', data: { ...asked, items: [...asked.items, item(4)] } });
    for (const _ of [1, 2]) missMessage(unit, 'm', { business: at(300), machine: at(300) });
    expect(unit.of('IncidentEscalated')).toEqual([{ incidentId: 'i1', subjectId: 'SKU-1', level: 1, escalatedAt: at(300) }]);
  });
});
