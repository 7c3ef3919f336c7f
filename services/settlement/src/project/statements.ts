import type { Follower } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { StatementEvent } from '../decide/statement.events.js';

export const statementTables = sqlMigration('Statements', 1763700000001, [
  `CREATE TABLE read.statement (
     statement_id uuid PRIMARY KEY, channel text NOT NULL, format text NOT NULL, batch_no text NOT NULL, state text NOT NULL, lines integer NOT NULL, typed integer NOT NULL DEFAULT 0,
     matched integer NOT NULL DEFAULT 0, flagged integer NOT NULL DEFAULT 0, received_at timestamptz NOT NULL, position bigint NOT NULL)`,
  'CREATE INDEX statement_list ON read.statement (position DESC)',
  `CREATE TABLE read.line (
     statement_id uuid, line_id uuid PRIMARY KEY, row integer NOT NULL, kind text NOT NULL, reference text NOT NULL, occurred_at timestamptz NOT NULL, amount bigint NOT NULL, fee bigint NOT NULL,
     net bigint NOT NULL, currency text NOT NULL, state text NOT NULL, order_id text NOT NULL DEFAULT '', expected_amount bigint NOT NULL DEFAULT 0, expected_currency text NOT NULL DEFAULT '',
     cause text NOT NULL DEFAULT '')`,
  'CREATE INDEX line_of_statement ON read.line (statement_id, row)',
  `CREATE INDEX line_to_look_at ON read.line (state, occurred_at) WHERE state <> 'MATCHED'`,
]);

interface Change {
  statementId: string;
  typed: number;
  matched: number;
  flagged: number;
  state?: string;
}

/** Statements and their lines as they are shown: one statement per kind of change and batch. */
export const statements: Follower = {
  name: 'statements',
  inside: async (events, tx) => {
    const received: object[] = [];
    const typed: object[] = [];
    const judged: object[] = [];
    const changes = new Map<string, Change>();
    for (const event of events) {
      if (!event.stream.startsWith('statement-')) continue;
      const { type, data } = event as unknown as StatementEvent;
      const { statementId } = data;
      const change = changes.get(statementId) ?? { statementId, typed: 0, matched: 0, flagged: 0 };
      changes.set(statementId, change);
      switch (type) {
        case 'StatementReceived':
          received.push({ ...data, position: event.position });
          break;
        case 'LinesTyped':
          change.typed += data.lines.length;
          for (const line of data.lines) {
            const { lineId, row, kind, reference, occurredAt } = line;
            typed.push({ statementId, lineId, row, kind, reference, occurredAt, amount: line.amount.amount, fee: line.fee.amount, net: line.net.amount, currency: line.amount.currency });
          }
          break;
        case 'LineMatched':
          change.matched += 1;
          judged.push({ lineId: data.lineId, state: 'MATCHED', orderId: data.orderId, amount: data.expected.amount, currency: data.expected.currency, cause: '' });
          break;
        case 'LineFlagged':
          change.flagged += 1;
          judged.push({ lineId: data.lineId, state: 'FLAGGED', orderId: data.orderId, amount: data.expected.amount, currency: data.expected.currency, cause: data.cause });
          break;
        case 'StatementClosed':
          change.state = 'CLOSED';
          break;
        default:
      }
    }
    if (changes.size === 0) return;
    await tx.query(
      `INSERT INTO read.statement (statement_id, channel, format, batch_no, state, lines, received_at, position)
       SELECT "statementId", channel, format, "batchNo", 'RECEIVED', lines, "receivedAt", position
         FROM jsonb_to_recordset($1::jsonb) AS r("statementId" uuid, channel text, format text, "batchNo" text, lines integer, "receivedAt" timestamptz, position bigint) ON CONFLICT DO NOTHING`,
      [JSON.stringify(received)],
    );
    await tx.query(
      `INSERT INTO read.line (statement_id, line_id, row, kind, reference, occurred_at, amount, fee, net, currency, state)
       SELECT "statementId", "lineId", row, kind, reference, "occurredAt", amount, fee, net, currency, 'OPEN'
         FROM jsonb_to_recordset($1::jsonb) AS l("statementId" uuid, "lineId" uuid, row integer, kind text, reference text, "occurredAt" timestamptz, amount bigint, fee bigint, net bigint, currency text)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(typed)],
    );
    await tx.query(
      `UPDATE read.line l SET state = j.state, order_id = j."orderId", expected_amount = j.amount, expected_currency = j.currency, cause = j.cause
         FROM jsonb_to_recordset($1::jsonb) AS j("lineId" uuid, state text, "orderId" text, amount bigint, currency text, cause text) WHERE l.line_id = j."lineId"`,
      [JSON.stringify(judged)],
    );
    await tx.query(
      `UPDATE read.statement s SET typed = s.typed + c.typed, matched = s.matched + c.matched, flagged = s.flagged + c.flagged,
              state = coalesce(c.state, CASE WHEN s.state = 'RECEIVED' AND s.typed + c.typed = s.lines THEN 'MATCHED' ELSE s.state END)
         FROM jsonb_to_recordset($1::jsonb) AS c("statementId" uuid, typed integer, matched integer, flagged integer, state text) WHERE s.statement_id = c."statementId"`,
      [JSON.stringify([...changes.values()])],
    );
  },
};
