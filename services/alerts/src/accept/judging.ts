import type { Meta } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { alarmStream, raise } from '../coordinate/watching.js';
import { dayBefore, judge, judgedDays, type DayCount } from '../decide/days.js';
import { incident } from '../decide/incident.decider.js';
import { dayRules, type DayRule } from '../decide/rules.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';

/** Judges the day before `today` by the rules of days: what is broken is raised, unless it is open already; what is well again is cleared. */
export const judgeDay = async (ctx: ServiceContext, today: string, now: string, meta: Meta): Promise<void> => {
  const day = dayBefore(today);
  const { rows: counted } = await ctx.pool.query<DayCount>('SELECT day, measure, currency, part::float8 AS part, whole::float8 AS whole FROM read.count WHERE day BETWEEN $1 AND $2', [dayBefore(day, judgedDays - 1), day]);
  const verdicts = judge(counted, day);
  if (verdicts.length === 0) return;
  const { rows: open } = await ctx.pool.query<{ incident_id: string; rule: string }>(`SELECT incident_id, rule FROM read.incident WHERE state <> 'CLEARED' AND rule = ANY($1)`, [Object.values(dayRules).map(({ id }) => id)]);
  const alarm = (rule: DayRule) => ({ rule, subject: 'fleet', about: day, time: 1 });
  const streams = [...open.map(({ incident_id: id }) => [incident, id] as const), ...verdicts.map(({ rule }) => alarmStream(alarm(rule))), [ruleset, RULESET] as const];
  await ctx.store.execute({
    streams,
    meta,
    decide: (unit) => {
      for (const { rule, words } of verdicts) {
        const mine = open.filter((one) => one.rule === rule.id);
        if (!words) for (const { incident_id: id } of mine) unit.run(incident, id, { type: 'Clear', data: { at: now } });
        else if (mine.length === 0) raise(unit, alarm(rule), words, now);
      }
    },
  });
};
