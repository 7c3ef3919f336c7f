import type { Follower, Recorded } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { IncidentEvent } from '../decide/incident.events.js';

export const incidentTable = sqlMigration('Incidents', 1763700000001, [
  `CREATE TABLE read.incident (
     incident_id uuid PRIMARY KEY, rule text NOT NULL, subject_kind text NOT NULL, subject_id text NOT NULL, severity text NOT NULL,
     detail text NOT NULL, state text NOT NULL, raised_at timestamptz NOT NULL, acknowledged_by text NOT NULL DEFAULT '')`,
  'CREATE INDEX incident_list ON read.incident (raised_at DESC, incident_id)',
]);

export const incidentWordsTable = sqlMigration('IncidentWords', 1764400000001, [
  `ALTER TABLE read.incident ADD COLUMN detail_zh text NOT NULL DEFAULT '', ADD COLUMN level integer NOT NULL DEFAULT 0`,
]);

type OfIncident = Recorded<IncidentEvent>;

/** Incidents as they are listed. One statement per batch: the newest event of an incident wins. */
export const incidents: Follower = {
  name: 'incidents',
  inside: async (events, tx) => {
    const mine = events.filter(({ stream }) => stream.startsWith('incident-')) as readonly OfIncident[];
    if (mine.length === 0) return;
    const raised = mine.flatMap(({ type, data }) => (type === 'IncidentRaised' ? [data as Extract<IncidentEvent, { type: 'IncidentRaised' }>['data']] : []));
    await tx.query(
      `INSERT INTO read.incident (incident_id, rule, subject_kind, subject_id, severity, detail, detail_zh, state, raised_at)
       SELECT r."incidentId", r.rule, r."subjectKind", r."subjectId", r.severity, r.detail, coalesce(r."detailZh", ''), 'OPEN', r."raisedAt"
         FROM jsonb_to_recordset($1::jsonb) AS r("incidentId" uuid, rule text, "subjectKind" text, "subjectId" text, severity text, detail text, "detailZh" text, "raisedAt" timestamptz)
       ON CONFLICT (incident_id) DO NOTHING`,
      [JSON.stringify(raised)],
    );
    const last = new Map<string, { id: string; state?: string; by?: string; level?: number }>();
    const patch = (id: string, change: { state?: string; by?: string; level?: number }): void => void last.set(id, { ...last.get(id), id, ...change });
    for (const { type, data } of mine) {
      const { incidentId } = data;
      if (type === 'IncidentAcknowledged') patch(incidentId, { state: 'ACKNOWLEDGED', by: (data as { by: string }).by });
      if (type === 'IncidentEscalated') patch(incidentId, { level: (data as { level: number }).level });
      if (type === 'IncidentCleared') patch(incidentId, { state: 'CLEARED' });
    }
    await tx.query(
      `UPDATE read.incident i SET state = coalesce(c.state, i.state), acknowledged_by = coalesce(c.by, i.acknowledged_by), level = coalesce(c.level, i.level)
         FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, state text, by text, level integer) WHERE i.incident_id = c.id`,
      [JSON.stringify([...last.values()])],
    );
  },
};
