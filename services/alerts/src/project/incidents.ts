import type { Follower, Recorded } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { IncidentEvent } from '../decide/incident.events.js';

export const incidentTable = sqlMigration('Incidents', 1763700000001, [
  `CREATE TABLE read.incident (
     incident_id uuid PRIMARY KEY, rule text NOT NULL, subject_kind text NOT NULL, subject_id text NOT NULL, severity text NOT NULL,
     detail text NOT NULL, state text NOT NULL, raised_at timestamptz NOT NULL, acknowledged_by text NOT NULL DEFAULT '')`,
  'CREATE INDEX incident_list ON read.incident (raised_at DESC, incident_id)',
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
      `INSERT INTO read.incident (incident_id, rule, subject_kind, subject_id, severity, detail, state, raised_at)
       SELECT r."incidentId", r.rule, r."subjectKind", r."subjectId", r.severity, r.detail, 'OPEN', r."raisedAt"
         FROM jsonb_to_recordset($1::jsonb) AS r("incidentId" uuid, rule text, "subjectKind" text, "subjectId" text, severity text, detail text, "raisedAt" timestamptz)
       ON CONFLICT (incident_id) DO NOTHING`,
      [JSON.stringify(raised)],
    );
    const last = new Map<string, { id: string; state: string; by: string | null }>();
    for (const { type, data } of mine) {
      const { incidentId } = data;
      if (type === 'IncidentAcknowledged') last.set(incidentId, { id: incidentId, state: 'ACKNOWLEDGED', by: (data as { by: string }).by });
      if (type === 'IncidentCleared') last.set(incidentId, { id: incidentId, state: 'CLEARED', by: last.get(incidentId)?.by ?? null });
    }
    await tx.query(
      `UPDATE read.incident i SET state = c.state, acknowledged_by = coalesce(c.by, i.acknowledged_by)
         FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, state text, by text) WHERE i.incident_id = c.id`,
      [JSON.stringify([...last.values()])],
    );
  },
};
