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

// Where in the log, for the report of a day: facts bring their own time, and are known later. What was there before this was known counts for no day.
export const incidentTimesTable = sqlMigration('IncidentTimes', 1764460000001, [
  'ALTER TABLE read.incident ADD COLUMN raised_position bigint, ADD COLUMN acknowledged_position bigint, ADD COLUMN acknowledged_at timestamptz, ADD COLUMN cleared_position bigint',
  "CREATE INDEX incident_open ON read.incident (raised_at) WHERE state <> 'CLEARED'",
  'CREATE INDEX incident_cleared ON read.incident (cleared_position)',
  'CREATE INDEX incident_acknowledged ON read.incident (acknowledged_position)',
]);

type OfIncident = Recorded<IncidentEvent>;
type Change = { readonly state?: string; readonly by?: string; readonly level?: number; readonly acknowledged?: string; readonly acknowledgedPosition?: number; readonly clearedPosition?: number };

/** Incidents as they are listed. One statement per batch: the newest event of an incident wins. */
export const incidents: Follower = {
  name: 'incidents',
  inside: async (events, tx) => {
    const mine = events.filter(({ stream }) => stream.startsWith('incident-')) as readonly OfIncident[];
    if (mine.length === 0) return;
    const raised = mine.flatMap(({ type, data, position }) => (type === 'IncidentRaised' ? [{ ...data, position }] : []));
    await tx.query(
      `INSERT INTO read.incident (incident_id, rule, subject_kind, subject_id, severity, detail, detail_zh, state, raised_at, raised_position)
       SELECT r."incidentId", r.rule, r."subjectKind", r."subjectId", r.severity, r.detail, coalesce(r."detailZh", ''), 'OPEN', r."raisedAt", r.position
         FROM jsonb_to_recordset($1::jsonb) AS r("incidentId" uuid, rule text, "subjectKind" text, "subjectId" text, severity text, detail text, "detailZh" text, "raisedAt" timestamptz, position bigint)
       ON CONFLICT (incident_id) DO NOTHING`,
      [JSON.stringify(raised)],
    );
    const last = new Map<string, { id: string } & Change>();
    const patch = (id: string, change: Change): void => void last.set(id, { ...last.get(id), id, ...change });
    for (const { type, data, position } of mine) {
      const { incidentId } = data;
      if (type === 'IncidentAcknowledged') patch(incidentId, { state: 'ACKNOWLEDGED', by: (data as { by: string }).by, acknowledged: (data as { acknowledgedAt: string }).acknowledgedAt, acknowledgedPosition: position });
      if (type === 'IncidentEscalated') patch(incidentId, { level: (data as { level: number }).level });
      if (type === 'IncidentCleared') patch(incidentId, { state: 'CLEARED', clearedPosition: position });
    }
    await tx.query(
      `UPDATE read.incident i SET state = coalesce(c.state, i.state), acknowledged_by = coalesce(c.by, i.acknowledged_by), level = coalesce(c.level, i.level),
              acknowledged_at = coalesce(c.acknowledged, i.acknowledged_at), acknowledged_position = coalesce(c."acknowledgedPosition", i.acknowledged_position), cleared_position = coalesce(c."clearedPosition", i.cleared_position)
         FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, state text, by text, level integer, acknowledged timestamptz, "acknowledgedPosition" bigint, "clearedPosition" bigint) WHERE i.incident_id = c.id`,
      [JSON.stringify([...last.values()])],
    );
  },
};
