import { describe, expect, it } from '@jest/globals';
import type { alerts } from '@flotilla/contracts';
import { MemoryUnit, specify } from '@flotilla/testing';
import { begin, callOff, look, raise } from '../coordinate/watching.js';
import { alarms, builtIn, described, problemsOf, rules } from './rules.js';
import { ruleset, RULESET, settingOf, versionOf } from './ruleset.decider.js';

const at = '2026-11-29T08:00:00.000Z';
const setting = (rule: string, change: Partial<alerts.RuleSetting> = {}): alerts.RuleSetting => ({ ...builtIn.find((one) => one.rule === rule)!, ...change });
const put = (...settings: alerts.RuleSetting[]) => ({ type: 'PutSettings', data: { rules: settings, at, by: 'mei' } }) as const;
const event = (version: number, ...settings: alerts.RuleSetting[]) => ({ type: 'SettingsPut', data: { version, rules: settings, putAt: at, putBy: 'mei' } }) as const;

describe('ALR-01: settings of the rules', () => {
  const { given } = specify(ruleset);
  it('are put version by version; what is left out is as built in', () => {
    const first = setting('paid-not-audited', { minutes: 30, severity: 'CRITICAL', roles: ['boss'] });
    given().when(put(first)).then(event(1, first));
    given(event(1, first)).when(put()).then(event(2));
    const versions = [event(2).data, event(1, first).data];
    expect(versionOf(versions, 1)!.rules).toEqual(builtIn.map((one) => (one.rule === first.rule ? first : one)));
    expect([versionOf(versions, 0)!.version, versionOf(versions, 3), versionOf([], 0)!.version]).toEqual([2, undefined, 0]);
    expect([settingOf(versions, first.rule)?.minutes, settingOf(versions.slice(1), first.rule)?.minutes]).toEqual([60, 30]);
  });
  it('have every clock of the house: an hour, two, a day, two days before the promise, a quarter for a scan', () =>
    expect(builtIn.filter(({ minutes }) => minutes > 0).map(({ rule, minutes }) => `${described(setting(rule)).clock} ${rule} ${minutes}`)).toEqual([
      'AFTER paid-not-audited 60',
      'AFTER outbound-no-news 120',
      'AFTER shipped-not-picked-up 1440',
      'BEFORE promise-near 2880',
      'AFTER status-late 15',
    ]));
  it('are refused with what is wrong', () => {
    given().when(put(setting('paid-not-audited', { minutes: 0 }))).thenRefused('BAD_REQUEST');
    const wrong: readonly [alerts.RuleSetting[], RegExp][] = [
      [[setting('paid-not-audited', { rule: 'no-such' })], /no rule "no-such"/],
      [[setting('paid-not-audited', { severity: 'LOUD' })], /no severity/],
      [[setting('paid-not-audited', { minutes: 129_601 })], /1 to 129600/],
      [[setting('sku-frozen', { minutes: 5 })], /no clock/],
      [[setting('sku-frozen', { roles: ['Chef!'] })], /20 roles/],
      [[setting('sku-frozen'), setting('sku-frozen')], /once/],
    ];
    for (const [settings, problem] of wrong) expect(problemsOf(settings).join('; ')).toMatch(problem);
    expect(problemsOf(builtIn)).toEqual([]);
  });
});

describe('ALR-01: rules by their settings', () => {
  const { paidNotAudited, promiseNear } = rules;
  const settled = (...settings: alerts.RuleSetting[]): MemoryUnit => {
    const unit = new MemoryUnit();
    if (settings.length > 0) unit.run(ruleset, RULESET, put(...settings));
    return unit;
  };
  const due = (unit: MemoryUnit): readonly string[] => unit.of<{ dueAt: string }>('WatchBegun').map(({ dueAt }) => dueAt);

  it('count from the fact with the threshold of the moment, and raise with its severity', () => {
    const unit = settled(setting('paid-not-audited', { minutes: 30, severity: 'CRITICAL' }));
    begin(unit, paidNotAudited, 'o', at);
    expect(due(unit)).toEqual(['2026-11-29T08:30:00.000Z']);
    look(unit, paidNotAudited.id, 'o', '2026-11-29T08:30:00.000Z');
    look(unit, paidNotAudited.id, 'o', '2026-11-29T08:31:00.000Z');
    expect(unit.of('IncidentRaised')).toMatchObject([{ severity: 'CRITICAL', subjectId: 'o', detailZh: paidNotAudited.detail.zh }]);
    callOff(unit, paidNotAudited, 'o', 'OrderApproved', at);
    expect(unit.of('IncidentCleared')).toHaveLength(1);
  });
  it('that count towards a promise begin only if it is farther away than their threshold', () => {
    const unit = settled();
    begin(unit, promiseNear, 'far', '2026-12-04T08:00:00.000Z', { since: at });
    begin(unit, promiseNear, 'near', '2026-12-01T08:00:00.000Z', { since: at });
    expect(due(unit)).toEqual(['2026-12-02T08:00:00.000Z']);
  });
  it('ORD-13: name in their incident the orders of the fact that began them, twenty at most', () => {
    const unit = settled();
    const share = (n: number) => ({ orderId: `o${n}`, channel: 'woo-eu', channelOrderId: `${n}`, lines: [] });
    begin(unit, paidNotAudited, 'o', at, { orders: Array.from({ length: 25 }, (_, n) => share(n)) });
    look(unit, paidNotAudited.id, 'o', '2026-11-29T10:00:00.000Z');
    const [raised] = unit.of<{ readonly orders: readonly object[] }>('IncidentRaised');
    expect([raised!.orders.length, raised!.orders[0]]).toEqual([20, { orderId: 'o0', channel: 'woo-eu', channelOrderId: '0' }]);
  });
  it('that are switched off neither begin nor fire nor raise', () => {
    const off = settled(setting('paid-not-audited', { enabled: false }), setting('sku-frozen', { enabled: false }));
    begin(off, paidNotAudited, 'o', at);
    raise(off, { rule: alarms.skuFrozen, subject: 'SKU-1', time: 1 }, { zh: '', en: '' }, at);
    expect(off.of('WatchBegun').length + off.of('IncidentRaised').length).toBe(0);
    const later = settled();
    begin(later, paidNotAudited, 'o', at);
    later.run(ruleset, RULESET, put(setting('paid-not-audited', { enabled: false })));
    look(later, paidNotAudited.id, 'o', '2026-11-29T10:00:00.000Z');
    expect([later.of('WatchCalledOff').length, later.of('IncidentRaised').length]).toEqual([1, 0]);
  });
});
