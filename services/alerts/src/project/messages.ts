import type { Follower } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { MessageEvent } from '../decide/message.decider.js';

export const messageTable = sqlMigration('Messages', 1764400000002, [
  `CREATE TABLE read.message (
     message_id uuid PRIMARY KEY, target text NOT NULL, severity text NOT NULL, incidents integer NOT NULL, state text NOT NULL, attempts integer NOT NULL,
     detail text NOT NULL, requested_at timestamptz NOT NULL, settled_at timestamptz, position bigint NOT NULL)`,
  'CREATE INDEX message_list ON read.message (position DESC)',
  `CREATE INDEX message_state ON read.message (state, position DESC)`,
]);

interface Patch {
  id: string;
  attempts?: number;
  detail?: string;
  state?: string;
  settledAt?: string;
}

/** Messages to people and what became of them. */
export const messages: Follower = {
  name: 'messages',
  inside: async (events, tx) => {
    const asked: object[] = [];
    const patches = new Map<string, Patch>();
    for (const event of events) {
      if (!event.stream.startsWith('message-')) continue;
      const { type, data } = event as unknown as MessageEvent;
      const patch = (change: Omit<Patch, 'id'>): void => void patches.set(data.messageId, { ...patches.get(data.messageId), id: data.messageId, ...change });
      if (type === 'MessageRequested') asked.push({ id: data.messageId, target: data.target, severity: data.severity, incidents: data.items.length + data.more, requestedAt: data.requestedAt, position: event.position });
      if (type === 'MessageAttempted') patch({ attempts: data.attempt });
      if (type === 'MessageAttemptFailed') patch({ detail: data.detail });
      if (type === 'MessageSettled') patch({ state: data.outcome, settledAt: data.at, detail: data.detail });
    }
    if (asked.length > 0) {
      await tx.query(
        `INSERT INTO read.message (message_id, target, severity, incidents, state, attempts, detail, requested_at, position)
         SELECT id, target, severity, incidents, 'PENDING', 0, '', "requestedAt", position
           FROM jsonb_to_recordset($1::jsonb) AS m(id uuid, target text, severity text, incidents integer, "requestedAt" timestamptz, position bigint) ON CONFLICT (message_id) DO NOTHING`,
        [JSON.stringify(asked)],
      );
    }
    if (patches.size > 0) {
      await tx.query(
        `UPDATE read.message m SET attempts = coalesce(c.attempts, m.attempts), detail = coalesce(c.detail, m.detail), state = coalesce(c.state, m.state), settled_at = coalesce(c."settledAt", m.settled_at)
           FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, attempts integer, detail text, state text, "settledAt" timestamptz) WHERE m.message_id = c.id`,
        [JSON.stringify([...patches.values()])],
      );
    }
  },
};
