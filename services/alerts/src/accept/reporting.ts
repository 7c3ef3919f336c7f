import { setTimeout as sleep } from 'node:timers/promises';
import { ops, type alerts } from '@flotilla/contracts';
import type { Meta } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { dayOf, nextTime } from '@flotilla/values';
import { z } from 'zod';
import { figureServices, figuresOf, type Counts } from '../decide/figures.js';
import { DAILY, reporting, type Due, type Report, type ReportCommand } from '../decide/report.decider.js';
import { ruleset, RULESET, settingOf } from '../decide/ruleset.decider.js';
import { titleOf } from '../decide/rules.js';
import { judgeDay } from './judging.js';
import { REPORT_TIMER } from '../coordinate/clocks.js';

// An offset is none: at +05:37 no clock ever shows a quarter of an hour when one begins, and the next report would be looked for without end.
const isZone = (zone: string): boolean => {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

export const reportConfig = {
  FLOTILLA_REPORT_AT: z.string().regex(/^(?:[01]\d|2[0-3]):(?:00|15|30|45)$/, 'HH:MM, a quarter of an hour').default('08:00').describe('when the daily report is made'),
  FLOTILLA_REPORT_ZONE: z.string().refine(isZone, 'a time zone such as Asia/Shanghai').default('Asia/Shanghai').describe('whose clock that is'),
};

export type Reported = ServiceContext<{ readonly FLOTILLA_REPORT_AT: string; readonly FLOTILLA_REPORT_ZONE: string }>;

const DAY_MS = 86_400_000;
const ASK_MS = 5_000;
const LISTED_MS = 15_000;
const FIRST_LOOK_MS = 300_000;
const LOOK_MS = 3_600_000;
const listed = 15;

/** The next such time on a day that has no report yet: a time that was put off, or an autumn night, has two on one. */
export const nextAfter = ({ config: { FLOTILLA_REPORT_AT: time, FLOTILLA_REPORT_ZONE: zone } }: Pick<Reported, 'config'>, now: string, last: string): Due => {
  let dueAt = nextTime(now, time, zone);
  while (dayOf(dueAt, zone) <= last) dueAt = nextTime(dueAt, time, zone);
  return { day: dayOf(dueAt, zone), dueAt };
};

const run = async (ctx: Reported, command: ReportCommand, meta: Meta): Promise<void> => {
  await ctx.store.execute({ streams: [[reporting, DAILY]], meta, decide: (unit) => void unit.run(reporting, DAILY, command) });
};

/** Sees to it that the next report has its time: at every start. */
export const scheduleReport = async (ctx: Reported): Promise<void> => {
  const now = ctx.clock.business().toISOString();
  const { last } = (await ctx.store.folded(reporting, [DAILY])).get(DAILY)!.state;
  await run(ctx, { type: 'Schedule', data: { now, next: nextAfter(ctx, now, last?.day ?? '') } }, ctx.meta());
};

/**
 * Says the next report again whose timer is missing: in an upgrade a replica of before may still keep the timers, and passes over events that it
 * does not know. Said again while the timer is only late, it is set twice and fires once.
 */
export const restoreTimer = async (ctx: Reported): Promise<void> => {
  const { rowCount } = await ctx.pool.query('SELECT FROM es.timer WHERE key = $1', [REPORT_TIMER]);
  if (rowCount === 0) await run(ctx, { type: 'Reschedule', data: {} }, ctx.meta());
};

/** Looks after the timer some minutes after the start, when the replicas of before are gone, and then every hour. */
export const watchTimer = (ctx: Reported): { stop(): Promise<void> } => {
  const stopping = new AbortController();
  const rest = (ms: number): Promise<void> => sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
  const loop = async (): Promise<void> => {
    for (await rest(FIRST_LOOK_MS); !stopping.signal.aborted; await rest(LOOK_MS)) {
      await restoreTimer(ctx).catch((error: unknown) => ctx.log.warn({ err: error }, 'the timer of the daily report could not be looked for; tried again later'));
    }
  };
  const done = loop();
  return {
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
};

/** Makes the report that is due, of what the other services answer and what is known here. Whoever does not answer is named in it. */
export const makeReport = async (ctx: Reported, now: string, meta: Meta): Promise<void> => {
  const folded = await ctx.store.folded(reporting, [DAILY]);
  const { due, last, figures } = folded.get(DAILY)!.state;
  if (due === null || due.dueAt > now) return;
  const from = last?.to ?? new Date(Date.parse(now) - DAY_MS).toISOString();
  // First, so that the report knows what it raises.
  await Promise.all([listedTo(ctx, 'counts'), listedTo(ctx, 'incidents')]);
  await judgeDay(ctx, dayOf(now, ctx.config.FLOTILLA_REPORT_ZONE), now, meta);
  const position = await listedTo(ctx, 'incidents');
  const [counts, incidents] = await Promise.all([ask(ctx), incidentsOf(ctx, last?.position ?? 0, position)]);
  const report = { day: due.day, from, to: now, figures: figuresOf(counts, new Map(Object.entries(figures))), ...incidents, silent: figureServices.filter((service) => counts[service] === undefined), position };
  await run(ctx, { type: 'Make', data: { now, report, next: nextAfter(ctx, now, due.day) } }, meta);
};

/** How far a read model has come, once that is where the log ends now: what a report counts up to there, the next one counts from there. */
const listedTo = async ({ pool }: Reported, name: 'incidents' | 'counts'): Promise<number> => {
  const { rows: ends } = await pool.query<{ position: string }>('SELECT coalesce(max(position), 0) AS position FROM es.event');
  for (const deadline = performance.now() + LISTED_MS; performance.now() < deadline; await sleep(20)) {
    const { rows } = await pool.query<{ position: string }>(`SELECT position FROM es.checkpoint WHERE name = $1`, [name]);
    const listed = Number(rows[0]?.position ?? 0);
    if (listed >= Number(ends[0]?.position ?? 0)) return listed;
  }
  throw new Error(`what is listed (${name}) is behind the log; the report is made when it has come to the end`);
};

const ask = async (ctx: Reported): Promise<Counts> => {
  const answers = await Promise.all(
    figureServices.map(async (service) => {
      try {
        return [[service, (await ctx.client(ops.Tallies, service).get({}, { deadlineMs: ASK_MS })).counts] as const];
      } catch (error) {
        ctx.log.warn({ asked: service, err: error }, 'a service did not answer; its figures are missing in the report of the day');
        return [];
      }
    }),
  );
  return Object.fromEntries(answers.flat());
};

interface RuleRow {
  readonly rule: string;
  readonly severity: string;
  readonly raised: number;
  readonly cleared: number;
  readonly open: number;
  readonly acknowledged: number;
  readonly oldest: Date | null;
}

interface OldRow {
  readonly incident_id: string;
  readonly rule: string;
  readonly severity: string;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly raised_at: Date;
  readonly acknowledged_by: string;
}

const incidentsOf = async ({ pool, store }: Reported, from: number, to: number): Promise<Pick<Report, 'rules' | 'owners' | 'oldest' | 'acknowledged' | 'medianMinutes'>> => {
  const [byRule, old, answered, settings] = await Promise.all([
    pool.query<RuleRow>(
      `SELECT rule, (array_agg(severity ORDER BY raised_at DESC))[1] AS severity,
              (count(*) FILTER (WHERE raised_position > $1 AND raised_position <= $2))::int AS raised, (count(*) FILTER (WHERE cleared_position > $1 AND cleared_position <= $2))::int AS cleared,
              (count(*) FILTER (WHERE state = 'OPEN'))::int AS open, (count(*) FILTER (WHERE state = 'ACKNOWLEDGED'))::int AS acknowledged,
              min(raised_at) FILTER (WHERE state <> 'CLEARED') AS oldest
         FROM read.incident WHERE state <> 'CLEARED' OR cleared_position > $1 GROUP BY rule ORDER BY raised DESC, rule`,
      [from, to],
    ),
    pool.query<OldRow>(`SELECT incident_id, rule, severity, subject_kind, subject_id, raised_at, acknowledged_by FROM read.incident WHERE state <> 'CLEARED' ORDER BY raised_at, incident_id LIMIT ${listed}`),
    pool.query<{ count: number; median: number | null }>(
      `SELECT count(*)::int AS count, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM acknowledged_at - raised_at) / 60) AS median
         FROM read.incident WHERE acknowledged_position > $1 AND acknowledged_position <= $2`,
      [from, to],
    ),
    store.folded(ruleset, [RULESET]),
  ]);
  const inForce = settings.get(RULESET)!.state;
  const owners = new Map<string, { raised: number; open: number; acknowledged: number; oldest: Date | null }>();
  for (const { rule, raised, open, acknowledged, oldest } of byRule.rows) {
    const role = settingOf(inForce, rule)?.roles[0] ?? '';
    const known = owners.get(role) ?? { raised: 0, open: 0, acknowledged: 0, oldest: null };
    owners.set(role, { raised: known.raised + raised, open: known.open + open, acknowledged: known.acknowledged + acknowledged, oldest: known.oldest && oldest ? (known.oldest < oldest ? known.oldest : oldest) : (known.oldest ?? oldest) });
  }
  return {
    rules: byRule.rows.map(({ rule, severity, raised, cleared, open, acknowledged }) => ({ rule, ...titles(rule), severity, raised, cleared, open: open + acknowledged })),
    owners: [...owners].sort(([a], [b]) => (a < b ? -1 : 1)).map(([role, { raised, open, acknowledged, oldest }]) => ({ role, raised, open, acknowledged, oldestAt: oldest?.toISOString() ?? '' })),
    oldest: old.rows.map((row): alerts.ReportIncident => ({ incidentId: row.incident_id, rule: row.rule, ...titles(row.rule), severity: row.severity, subjectKind: row.subject_kind, subjectId: row.subject_id, raisedAt: row.raised_at.toISOString(), acknowledgedBy: row.acknowledged_by })),
    acknowledged: answered.rows[0]?.count ?? 0,
    medianMinutes: Math.round(answered.rows[0]?.median ?? 0),
  };
};

const titles = (rule: string): { readonly title: string; readonly titleZh: string } => {
  const { en, zh } = titleOf(rule);
  return { title: en, titleZh: zh };
};
