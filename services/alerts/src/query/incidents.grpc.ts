import { alerts } from '@flotilla/contracts';
import { pageOf, pageToken, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { incident } from '../decide/incident.decider.js';
import { overOnceAcknowledged } from '../decide/rules.js';

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
});

/** Newest first. */
const list = async (ctx: ServiceContext, { page, state }: alerts.ListIncidentsRequest): Promise<alerts.ListIncidentsResponse> => {
  const question = ['incidents', state];
  const { limit, after } = pageOf(page, question);
  const { rows } = await ctx.pool.query<IncidentRow>(
    `SELECT * FROM read.incident
      WHERE ($1 = '' OR state = $1) AND ($2::timestamptz IS NULL OR (raised_at, incident_id) < ($2, $3::uuid))
      ORDER BY raised_at DESC, incident_id DESC LIMIT $4`,
    [state, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const incidents = rows.slice(0, limit).map(toIncident);
  const last = incidents.at(-1);
  return { incidents, nextToken: rows.length > limit && last ? pageToken([last.raisedAt, last.incidentId], question) : '' };
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

export const incidentsGrpc = (ctx: ServiceContext): readonly Served[] => [
  serve(alerts.Incidents, {
    list: (request) => list(ctx, request),
    ack: async (request, call) => {
      const { incidentId } = request;
      const { answer } = await ctx.store.execute(
        {
          streams: [[incident, incidentId]],
          meta: call.meta,
          decide: (unit): alerts.Incident => {
            unit.run(incident, incidentId, { type: 'Acknowledge', data: { incidentId, by: call.caller, at: ctx.clock.business().toISOString() } });
            if (overOnceAcknowledged.includes(unit.state(incident, incidentId).raised?.rule ?? '')) unit.run(incident, incidentId, { type: 'Clear', data: { at: ctx.clock.business().toISOString() } });
            const { raised, status, acknowledgedBy, level } = unit.state(incident, incidentId);
            const { rule, subjectKind, subjectId, severity, detail, raisedAt, detailZh } = raised!;
            return { incidentId, rule, subjectKind, subjectId, severity, detail, raisedAt, state: status.toUpperCase(), acknowledgedBy, detailZh, level: Math.max(0, level) };
          },
        },
        call.request(request),
      );
      return answer;
    },
  }),
  serve(alerts.Timers, { list: (request) => timers(ctx, request) }),
];
