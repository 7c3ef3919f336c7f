import { describe, expect, it } from '@jest/globals';
import { ageOf, columnsOf, onCall, silentUntil, slaMinutes } from './board.js';

const one = { incidentId: 'i', rule: 'r', subjectKind: 'ORDER', subjectId: 'o', severity: 'WARNING', detail: '', detailZh: '', state: 'OPEN', raisedAt: '2026-11-30T10:00:00.000Z', acknowledgedBy: '', acknowledgedAt: '', level: 0, orders: [] };
const at = (time: string): number => Date.parse(`2026-11-30T${time}:00.000Z`);

describe('OPS-01, ALR-02: an incident’s age against its time', () => {
  const policy = { matrix: [], escalations: [{ severity: 'WARNING', afterMinutes: 60, role: 'manager' }, { severity: 'WARNING', afterMinutes: 240, role: 'owner' }], groupWaitSeconds: 3, groupIntervalSeconds: 30, rotas: [] };
  it('takes the first escalation of its severity as the time to answer', () => {
    expect(slaMinutes(policy, 'WARNING')).toBe(60);
    expect(slaMinutes(policy, 'INFO')).toBeUndefined();
    expect(slaMinutes(undefined, 'WARNING')).toBeUndefined();
  });
  it.each([
    ['10:30', 'fresh'],
    ['10:45', 'near'],
    ['11:00', 'over'],
  ])('at %s it is %s', (time, state) => expect(ageOf(one, 60, at(time)).state).toBe(state));
  it('has no time once it was answered, nor where the policy names none', () => {
    expect(ageOf({ ...one, state: 'ACKNOWLEDGED' }, 60, at('12:00'))).toEqual({ seconds: 7_200, share: undefined, state: 'answered' });
    expect(ageOf(one, undefined, at('12:00')).state).toBe('untimed');
  });
});

describe('OPS-01: the exception board', () => {
  it('puts what is critical and unanswered first, then the larger column; unanswered, grave and old ones stand on top', () => {
    const board = { at: '', columns: [{ rule: 'many', open: 5, acknowledged: 0, critical: 0, oldestAt: '' }, { rule: 'grave', open: 1, acknowledged: 2, critical: 1, oldestAt: '' }] };
    const incidents = [
      { ...one, incidentId: 'answered', rule: 'grave', state: 'ACKNOWLEDGED', severity: 'CRITICAL' },
      { ...one, incidentId: 'light', rule: 'grave', raisedAt: '2026-11-30T08:00:00.000Z' },
      { ...one, incidentId: 'critical', rule: 'grave', severity: 'CRITICAL' },
    ];
    const columns = columnsOf(board, incidents);
    expect(columns.map(({ rule, incidents: cards }) => [rule, cards.map(({ incidentId }) => incidentId)])).toEqual([['grave', ['critical', 'light', 'answered']], ['many', []]]);
  });
});

describe('ALR-02: who is on call', () => {
  const rota = { name: 'nights', members: ['mei', 'jon'], startsAt: '2026-11-30T08:00:00.000Z', hours: 8 };
  it('takes turns from the beginning on', () => {
    expect(onCall(rota, at('09:00'))).toEqual({ member: 'mei', until: '2026-11-30T16:00:00.000Z' });
    expect(onCall(rota, at('16:00'))?.member).toBe('jon');
    expect(onCall(rota, at('07:59'))).toBeUndefined();
    expect(onCall({ ...rota, members: [] }, at('09:00'))).toBeUndefined();
  });
  it('is silent for thirty days at most', () => {
    expect(silentUntil('2026-11-30T10:00:00.000Z', 4)).toBe('2026-11-30T14:00:00.000Z');
    expect(silentUntil('2026-11-01T00:00:00.000Z', 10_000)).toBe('2026-12-01T00:00:00.000Z');
  });
});
