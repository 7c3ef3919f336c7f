import type { alerts } from '@flotilla/contracts';
import { pageOf, pageToken, type ServiceContext } from '@flotilla/service-kit';

interface MessageRow {
  readonly message_id: string;
  readonly target: string;
  readonly severity: string;
  readonly incidents: number;
  readonly state: string;
  readonly attempts: number;
  readonly detail: string;
  readonly requested_at: Date;
  readonly settled_at: Date | null;
  readonly position: string;
}

/** Newest first. */
export const listMessages = async ({ pool }: ServiceContext, { page, state }: alerts.ListMessagesRequest): Promise<alerts.ListMessagesResponse> => {
  const question = ['messages', state];
  const { limit, after } = pageOf(page, question);
  const { rows } = await pool.query<MessageRow>(
    `SELECT * FROM read.message WHERE ($1 = '' OR state = $1) AND ($2::bigint IS NULL OR position < $2) ORDER BY position DESC LIMIT $3`,
    [state, after?.[0] ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    messages: shown.map((row) => ({
      messageId: row.message_id,
      target: row.target,
      severity: row.severity,
      incidents: row.incidents,
      state: row.state,
      attempts: row.attempts,
      detail: row.detail,
      requestedAt: row.requested_at.toISOString(),
      settledAt: row.settled_at?.toISOString() ?? '',
    })),
    nextToken: rows.length > limit && last ? pageToken([last.position], question) : '',
  };
};
