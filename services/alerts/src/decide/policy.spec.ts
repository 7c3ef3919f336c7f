import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import type { alerts } from '@flotilla/contracts';
import { emptyPolicy, planOf, problemsOf } from './policy.js';
import { policy } from './policy.decider.js';
import { silenceOf, silences } from './silences.decider.js';

const at = '2026-11-29T08:00:00.000Z';
const put: alerts.NoticePolicy = {
  ...emptyPolicy,
  matrix: [
    { severity: 'WARNING', role: 'logistics', targets: ['chat'] },
    { severity: 'CRITICAL', role: 'logistics', targets: ['chat', 'rota:night'] },
    { severity: 'CRITICAL', role: 'manager', targets: ['phone'] },
  ],
  escalations: [{ severity: 'CRITICAL', afterMinutes: 15, role: 'manager' }],
  rotas: [{ name: 'night', members: ['anna', 'bo'], startsAt: '2026-11-28T08:00:00.000Z', hours: 12 }],
};
const connected = ['chat', 'phone', 'anna', 'bo'];

describe('ALR-02: who is told', () => {
  it('is the cell of severity and role, each target once', () => {
    expect(planOf(put, { severity: 'WARNING', roles: ['logistics', 'manager'] }, 0, at)).toEqual({ targets: ['chat'], lookAt: '' });
    expect(planOf(put, { severity: 'INFO', roles: ['logistics'] }, 0, at)).toEqual({ targets: [], lookAt: '' });
  });
  it('is whoever is on call, turn by turn', () => {
    const told = (now: string) => planOf(put, { severity: 'CRITICAL', roles: ['logistics'] }, 0, now).targets;
    expect(told('2026-11-28T19:59:59.000Z')).toEqual(['chat', 'anna']);
    expect(told('2026-11-28T20:00:00.000Z')).toEqual(['chat', 'bo']);
    expect(told(at)).toEqual(['chat', 'anna']);
    expect(told('2020-01-01T00:00:00.000Z')).toEqual(['chat', 'anna']);
  });
  it('is the next role if nobody acknowledged in time, and nobody after the last', () => {
    expect(planOf(put, { severity: 'CRITICAL', roles: ['logistics'] }, 0, at).lookAt).toBe('2026-11-29T08:15:00.000Z');
    expect(planOf(put, { severity: 'CRITICAL', roles: ['logistics'] }, 1, at)).toEqual({ targets: ['phone'], lookAt: '' });
  });
});

describe('ALR-02: a policy', () => {
  const { given } = specify(policy);
  const command = (one: alerts.NoticePolicy) => ({ type: 'PutPolicy', data: { policy: one, connected, at, by: 'mei' } }) as const;
  const event = (version: number) => ({ type: 'PolicyPut', data: { version, policy: put, putAt: at, putBy: 'mei' } }) as const;
  it('is put version by version', () => {
    given().when(command(put)).then(event(1));
    given(event(1)).when(command(put)).then(event(2));
  });
  it('is refused with what is wrong', () => {
    given().when(command({ ...put, groupIntervalSeconds: 5 })).thenRefused('BAD_REQUEST');
    const wrong: readonly [Partial<alerts.NoticePolicy>, RegExp][] = [
      [{ groupIntervalSeconds: 14 }, /15 to 3600/],
      [{ groupWaitSeconds: 61 }, /0 to 60/],
      [{ matrix: [{ severity: 'LOUD', role: 'ops', targets: [] }] }, /no severity/],
      [{ matrix: [{ severity: 'INFO', role: 'ops', targets: ['nobody'] }] }, /no target "nobody"/],
      [{ matrix: [{ severity: 'INFO', role: 'ops', targets: ['rota:day'] }] }, /no rota "rota:day"/],
      [{ matrix: [...put.matrix, put.matrix[0]!] }, /one row/],
      [{ escalations: [{ severity: 'CRITICAL', afterMinutes: 0, role: 'manager' }] }, /1 to 10080/],
      [{ escalations: [{ severity: 'INFO', afterMinutes: 5, role: 'manager' }] }, /tells nobody there/],
      [{ rotas: [{ ...put.rotas[0]!, members: [] }] }, /1 to 50 members/],
      [{ rotas: [{ ...put.rotas[0]!, startsAt: 'tomorrow' }] }, /no time/],
    ];
    for (const [change, problem] of wrong) expect(problemsOf({ ...put, ...change }, new Set(connected)).join('; ')).toMatch(problem);
    expect(problemsOf(put, new Set(connected))).toEqual([]);
  });
});

describe('ALR-02: silences', () => {
  const { given } = specify(silences);
  const silence = { silenceId: 's', rule: 'sku-frozen', subjectId: '', until: '2026-11-29T10:00:00.000Z', reason: 'stocktaking', by: 'mei' };
  const add = (change: Partial<typeof silence> = {}) => ({ type: 'Add', data: { ...silence, ...change, now: at } }) as const;
  const added = { type: 'SilenceAdded', data: { ...silence, at } } as const;
  it('cover a rule or a subject until a time', () => {
    given().when(add()).then(added);
    const state = { all: [silence, { ...silence, silenceId: 't', rule: '', subjectId: 'SKU-1', until: '2026-11-29T12:00:00.000Z' }] };
    const of = (rule: string, subjectId: string, now = at) => silenceOf(state, { rule, subjectId }, now)?.silenceId;
    expect([of('sku-frozen', 'SKU-2'), of('sku-frozen', 'SKU-1'), of('warehouse-out', 'SKU-1'), of('warehouse-out', 'WH-1'), of('sku-frozen', 'SKU-2', '2026-11-29T10:00:00.000Z')]).toEqual(['s', 't', 't', undefined, undefined]);
  });
  it('cover neither everything nor for ever', () => {
    given().when(add({ rule: '' })).thenRefused('BAD_REQUEST');
    given().when(add({ until: at })).thenRefused('BAD_INSTANT');
    given().when(add({ until: '2027-11-29T08:00:00.000Z' })).thenRefused('BAD_INSTANT');
    given().when(add({ until: 'later' })).thenRefused('BAD_INSTANT');
    given().when(add({ reason: 'x'.repeat(301) })).thenRefused('TOO_LARGE');
  });
  it('are lifted, once', () => {
    const lift = { type: 'Lift', data: { silenceId: 's', by: 'mei', now: at } } as const;
    const lifted = { type: 'SilenceLifted', data: { silenceId: 's', by: 'mei', at } } as const;
    given(added).when(lift).then(lifted);
    given(added, lifted).when(lift).thenRefused('NOT_FOUND');
    given(added, lifted).thenState({ all: [] });
  });
});
