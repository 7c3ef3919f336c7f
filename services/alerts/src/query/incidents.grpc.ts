import { alerts } from '@flotilla/contracts';
import { Refused, streamOf } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import { pageOf, pageToken, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { isUuid } from '@flotilla/values';
import { incident, type Incident as IncidentState } from '../decide/incident.decider.js';
import { overOnceAcknowledged } from '../decide/rules.js';
import { acknowledgedAt, stepsOf } from './incident-history.js';

interface IncidentRow {
  incident_id: string;
  rule: string;
  subject_kind: string;
  subject_id: string;
  severity: string;
  detail: string;
  state: string;
  raised_at: Date;
  acknowledged_by: string;
  detail_zh: string;
  level: number;
  acknowledged_at: Date | null;
}

const toIncident = (row: IncidentRow): alerts.Incident => ({
  incidentId: row.incident_id,
  rule: row.rule,
  subjectKind: row.subject_kind,
  subjectId: row.subject_id,
  severity: row.severity,
  detail: row.detail,
  state: row.state,
  raisedAt: row.raised_at.toISOString(),
  acknowledgedBy: row.acknowledged_by,
  detailZh: row.detail_zh,
  level: row.level,
  acknowledgedAt: row.acknowledged_at?.toISOString() ?? '',
  orders: [],
});

/** Newest first. */
const list = async (ctx: ServiceContext, { page, state, rule, severity, subjectId, notOver }: alerts.ListIncidentsRequest): Promise<alerts.ListIncidentsResponse> => {
  const question = ['incidents', state, rule, severity, subjectId, notOver];
  const { limit, after } = pageOf(page, question);
  const { rows } = await ctx.pool.query<IncidentRow>(
    `SELECT * FROM read.incident
      WHERE ($1 = '' OR state = $1) AND ($2::timestamptz IS NULL OR (raised_at, incident_id) < ($2, $3::uuid)) AND ($5 = '' OR rule = $5) AND ($6 = '' OR severity = $6) AND ($7 = '' OR subject_id = $7)
        ${notOver ? "AND state <> 'CLEARED'" : ''}
      ORDER BY raised_at DESC, incident_id DESC LIMIT $4`,
    [state, after?.[0] ?? null, after?.[1] ?? null, limit + 1, rule, severity, subjectId],
  );
  const incidents = rows.slice(0, limit).map(toIncident);
  const last = incidents.at(-1);
  return { incidents, nextToken: rows.length > limit && last ? pageToken([last.raisedAt, last.incidentId], question) : '' };
};

/** What is not over, by rule: read along the index of what is open. */
const board = async (ctx: ServiceContext): Promise<alerts.IncidentBoard> => {
  const { rows } = await ctx.pool.query<Omit<alerts.BoardColumn, 'oldestAt'> & { readonly oldest: Date }>(
    `SELECT rule, (count(*) FILTER (WHERE state = 'OPEN'))::int AS open, (count(*) FILTER (WHERE state = 'ACKNOWLEDGED'))::int AS acknowledged,
            (count(*) FILTER (WHERE severity = 'CRITICAL'))::int AS critical, min(raised_at) AS oldest
       FROM read.incident WHERE state <> 'CLEARED' GROUP BY rule ORDER BY rule LIMIT 200`,
  );
  return { at: ctx.clock.business().toISOString(), columns: rows.map(({ oldest, ...column }) => ({ ...column, oldestAt: oldest.toISOString() })) };
};

const mostSteps = 500;

/** As its own stream has it: what was just done is in it. */
const history = async (ctx: ServiceContext, incidentId: string): Promise<alerts.IncidentHistory> => {
  const events = isUuid(incidentId) ? await ctx.store.read(streamOf(incident, incidentId), { limit: mostSteps }) : [];
  if (events.length === 0) throw new Refused('NOT_FOUND', `there is no incident ${incidentId.slice(0, 60)}; list them with Incidents/List`);
  const { state } = (await ctx.store.folded(incident, [incidentId])).get(incidentId)!;
  return { incident: { ...shownOf(incidentId, state), acknowledgedAt: acknowledgedAt(events) }, steps: stepsOf(events) };
};

const shownOf = (incidentId: string, { raised, status, acknowledgedBy, level }: IncidentState): alerts.Incident => {
  const { rule, subjectKind, subjectId, severity, detail, raisedAt, detailZh, orders } = raised!;
  return { incidentId, rule, subjectKind, subjectId, severity, detail, raisedAt, state: status.toUpperCase(), acknowledgedBy, acknowledgedAt: '', detailZh, level: Math.max(0, level), orders };
};

const text = (what: string, value: string, most: number, needed: boolean): string => {
  const trimmed = value.trim();
  if (trimmed.length > most || (needed && trimmed === '')) throw new Refused('BAD_REQUEST', `${what} has ${needed ? '1' : '0'} to ${most} characters`);
  return trimmed;
};

/** Clocks that run now, the next one due first. */
const timers = async (ctx: ServiceContext, { page }: alerts.ListTimersRequest): Promise<alerts.ListTimersResponse> => {
  const { limit, after } = pageOf(page, 'timers');
  const { rows } = await ctx.pool.query<{ key: string; due_at: Date }>(
    `SELECT key, due_at FROM es.timer WHERE key LIKE 'watch/%' AND ($1::timestamptz IS NULL OR (due_at, key) > ($1, $2)) ORDER BY due_at, key LIMIT $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    timers: shown.map(({ key, due_at }) => {
      const [rule = '', subject = ''] = key.replace(/^watch\//, '').split(/\.(.*)/s);
      return { rule, subjectId: subject, dueAt: due_at.toISOString() };
    }),
    nextToken: rows.length > limit && last ? pageToken([last.due_at.toISOString(), last.key], 'timers') : '',
  };
};

/** What a person does about an incident; the answer is how it stands then. */
const act = async <R extends { readonly requestId: string; readonly incidentId: string }>(ctx: ServiceContext, request: R, call: Call, decide: (unit: Unit, request: R, at: string) => void): Promise<alerts.Incident> => {
  const { incidentId } = request;
  const { answer } = await ctx.store.execute(
    {
      streams: [[incident, incidentId]],
      meta: call.meta,
      decide: (unit): alerts.Incident => {
        decide(unit, request, ctx.clock.business().toISOString());
        return shownOf(incidentId, unit.state(incident, incidentId));
      },
    },
    call.request(request),
  );
  return answer;
};

export const incidentsGrpc = (ctx: ServiceContext): readonly Served[] => [
  serve(alerts.Incidents, {
    list: (request) => list(ctx, request),
    get: ({ incidentId }) => history(ctx, incidentId),
    board: () => board(ctx),
    ack: (request, call) =>
      act(ctx, request, call, (unit, { incidentId }, at) => {
        unit.run(incident, incidentId, { type: 'Acknowledge', data: { incidentId, by: call.caller, at } });
        if (overOnceAcknowledged.includes(unit.state(incident, incidentId).raised?.rule ?? '')) unit.run(incident, incidentId, { type: 'Clear', data: { at } });
      }),
    escalate: (request, call) => {
      const reason = text('a reason', request.reason, 500, false);
      return act(ctx, request, call, (unit, { incidentId }, at) => void unit.run(incident, incidentId, { type: 'Escalate', data: { incidentId, by: call.caller, reason, at } }));
    },
    comment: async (request, call) => {
      const words = text('a comment', request.text, 2_000, true);
      if (request.requestId === '') throw new Refused('REQUEST_ID_REQUIRED', 'request_id is missing: a repeat must not say it a second time');
      await act(ctx, request, call, (unit, { incidentId }, at) => void unit.run(incident, incidentId, { type: 'Remark', data: { incidentId, by: call.caller, text: words, at } }));
      return history(ctx, request.incidentId);
    },
  }),
  serve(alerts.Timers, { list: (request) => timers(ctx, request) }),
];
