import type { Follower } from '@flotilla/event-store';
import { madeAgain, sqlMigration } from '@flotilla/service-kit';
import type { Line, LineKind } from '../decide/line.js';
import { numbersOf, referenceId } from '../decide/numbers.js';
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

export const statementLifeTables = sqlMigration('StatementLife', 1764400000001, [
  `ALTER TABLE read.statement ADD resolved integer NOT NULL DEFAULT 0, ADD faults integer NOT NULL DEFAULT 0, ADD checks json NOT NULL DEFAULT '[]', ADD encoding text NOT NULL DEFAULT ''`,
  `ALTER TABLE read.line ADD n integer NOT NULL DEFAULT 0, ADD label text NOT NULL DEFAULT '', ADD likely text NOT NULL DEFAULT '', ADD fingerprint text NOT NULL DEFAULT '', ADD group_id text COLLATE "C" NOT NULL DEFAULT '',
     ADD resolved_by text NOT NULL DEFAULT '', ADD resolution text NOT NULL DEFAULT ''`,
  'UPDATE read.line SET n = row',
  'DROP INDEX read.line_of_statement',
  'CREATE INDEX line_of_statement ON read.line (statement_id, n)',
  'CREATE INDEX line_in_groups ON read.line (statement_id, group_id, n)',
  'DROP INDEX read.line_to_look_at',
  `CREATE INDEX line_to_look_at ON read.line (occurred_at, line_id) WHERE state = 'FLAGGED'`,
  'CREATE TABLE read.fault (statement_id uuid, row integer, reason text NOT NULL, PRIMARY KEY (statement_id, row))',
]);

/** Lines that were read before have no fingerprint, group or label in these columns: the rows are made again from the log. */
export const StatementsAgain = sqlMigration('StatementsAgain', 1764460000001, madeAgain('statements', 'statement', 'line', 'fault'));

/** A row of read.line. */
export interface LineRow {
  readonly statement_id: string;
  readonly line_id: string;
  readonly n: number;
  readonly row: number;
  readonly kind: LineKind;
  readonly label: string;
  readonly reference: string;
  readonly occurred_at: Date;
  readonly amount: string;
  readonly fee: string;
  readonly net: string;
  readonly currency: string;
  readonly fingerprint: string;
  readonly group_id: string;
  readonly state: string;
  readonly order_id: string;
  readonly expected_amount: string;
  readonly expected_currency: string;
  readonly cause: string;
  readonly likely: string;
  readonly resolved_by: string;
  readonly resolution: string;
}

interface Change {
  statementId: string;
  matched: number;
  flagged: number;
  resolved: number;
  faults?: number;
  checks?: string;
  encoding?: string;
  state?: string;
}

const states = { StatementParsed: 'PARSED', StatementMatched: 'MATCHED', StatementReviewed: 'REVIEWED', StatementClosed: 'CLOSED' } as const;

/** Lines of one order number stand together, and are judged together; what names none or several stands alone. */
const groupOf = (channel: string, { lineId, reference, kind }: Line): string => {
  const alone = reference === '' || kind === 'ADJUSTMENT' || kind === 'PAYOUT' || kind === 'UNKNOWN' || numbersOf(reference).length > 1;
  return alone ? `~${lineId}` : referenceId(channel, reference);
};

/** Statements and their lines as they are shown: one statement per kind of change and batch. */
export const statements: Follower = {
  name: 'statements',
  inside: async (events, tx) => {
    const received: object[] = [];
    const read: { readonly statementId: string; readonly n: number; readonly line: Line }[] = [];
    const faults: object[] = [];
    const judged: object[] = [];
    const resolved: object[] = [];
    const channels = new Map<string, string>();
    const changes = new Map<string, Change>();
    for (const event of events) {
      if (!event.stream.startsWith('statement-')) continue;
      const { type, data } = event as unknown as StatementEvent;
      const { statementId } = data;
      const change = changes.get(statementId) ?? { statementId, matched: 0, flagged: 0, resolved: 0 };
      changes.set(statementId, change);
      switch (type) {
        case 'StatementReceived':
          received.push({ ...data, position: event.position });
          channels.set(statementId, data.channel);
          break;
        case 'LinesRead':
          for (const [n, line] of data.lines.entries()) read.push({ statementId, n: data.from + n, line });
          for (const fault of data.faults) faults.push({ statementId, ...fault });
          break;
        case 'LinesTyped':
          for (const line of data.lines) read.push({ statementId, n: line.row, line });
          break;
        case 'LinesJudged':
          break;
        case 'LineMatched':
          change.matched += 1;
          judged.push({ lineId: data.lineId, state: 'MATCHED', orderId: data.orderId, amount: data.expected.amount, currency: data.expected.currency, cause: '', likely: '' });
          break;
        case 'LineFlagged':
          change.flagged += 1;
          judged.push({ lineId: data.lineId, state: 'FLAGGED', orderId: data.orderId, amount: data.expected.amount, currency: data.expected.currency, cause: data.cause, likely: data.likely ?? '' });
          break;
        case 'LineResolved':
          change.resolved += 1;
          resolved.push({ lineId: data.lineId, state: data.action === 'MATCHED_LATER' ? 'MATCHED' : data.action, orderId: data.orderId, by: data.by, reason: data.reason });
          break;
        case 'StatementParsed':
          Object.assign(change, { faults: data.faults, checks: JSON.stringify(data.checks), encoding: data.encoding, state: states[type] });
          break;
        case 'StatementMatched':
        case 'StatementReviewed':
        case 'StatementClosed':
          change.state = states[type];
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
    if (read.length > 0) {
      const unknown = [...new Set(read.map(({ statementId }) => statementId))].filter((id) => !channels.has(id));
      const { rows } = await tx.query<{ statement_id: string; channel: string }>('SELECT statement_id, channel FROM read.statement WHERE statement_id = ANY ($1)', [unknown]);
      for (const row of rows) channels.set(row.statement_id, row.channel);
      const lines = read.map(({ statementId, n, line }) => ({
        statementId, n, lineId: line.lineId, row: line.row, kind: line.kind, label: line.label ?? '', reference: line.reference, occurredAt: line.occurredAt, amount: line.amount.amount, fee: line.fee.amount, net: line.net.amount,
        currency: line.amount.currency, fingerprint: line.fingerprint, group: groupOf(channels.get(statementId) ?? '', line),
      }));
      await tx.query(
        `INSERT INTO read.line (statement_id, n, line_id, row, kind, label, reference, occurred_at, amount, fee, net, currency, fingerprint, group_id, state)
         SELECT "statementId", n, "lineId", row, kind, label, reference, "occurredAt", amount, fee, net, currency, fingerprint, "group", 'OPEN'
           FROM jsonb_to_recordset($1::jsonb) AS l("statementId" uuid, n integer, "lineId" uuid, row integer, kind text, label text, reference text, "occurredAt" timestamptz, amount bigint, fee bigint, net bigint, currency text,
                fingerprint text, "group" text)
         ON CONFLICT DO NOTHING`,
        [JSON.stringify(lines)],
      );
    }
    if (faults.length > 0) {
      await tx.query(`INSERT INTO read.fault SELECT "statementId", row, reason FROM jsonb_to_recordset($1::jsonb) AS f("statementId" uuid, row integer, reason text) ON CONFLICT DO NOTHING`, [JSON.stringify(faults)]);
    }
    await tx.query(
      `UPDATE read.line l SET state = j.state, order_id = j."orderId", expected_amount = j.amount, expected_currency = j.currency, cause = j.cause, likely = j.likely
         FROM jsonb_to_recordset($1::jsonb) AS j("lineId" uuid, state text, "orderId" text, amount bigint, currency text, cause text, likely text) WHERE l.line_id = j."lineId"`,
      [JSON.stringify(judged)],
    );
    if (resolved.length > 0) {
      await tx.query(
        `UPDATE read.line l SET state = r.state, order_id = coalesce(nullif(r."orderId", ''), l.order_id), resolved_by = r.by, resolution = r.reason
           FROM jsonb_to_recordset($1::jsonb) AS r("lineId" uuid, state text, "orderId" text, by text, reason text) WHERE l.line_id = r."lineId"`,
        [JSON.stringify(resolved)],
      );
    }
    await tx.query(
      `UPDATE read.statement s SET matched = s.matched + c.matched, flagged = s.flagged + c.flagged, resolved = s.resolved + c.resolved, faults = coalesce(c.faults, s.faults),
              checks = coalesce(c.checks::json, s.checks), encoding = coalesce(c.encoding, s.encoding), state = coalesce(c.state, s.state)
         FROM jsonb_to_recordset($1::jsonb) AS c("statementId" uuid, matched integer, flagged integer, resolved integer, faults integer, checks text, encoding text, state text) WHERE s.statement_id = c."statementId"`,
      [JSON.stringify([...changes.values()])],
    );
  },
};
