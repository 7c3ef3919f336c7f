import { ops } from '@flotilla/contracts';
import type { Logger } from '@flotilla/event-store';
import type pg from 'pg';
import type { Audit, AuditedCall } from './audited-call.js';
import { serve, type Served } from './grpc-server.js';
import { pageOf, pageToken } from './pages.js';

/** Calls that arrive together are one statement. */
export const auditTo = (pool: pg.Pool, log: Logger): Audit => {
  let waiting: { readonly call: AuditedCall; readonly done: () => void }[] = [];
  let busy = false;
  const flush = async (): Promise<void> => {
    busy = true;
    while (waiting.length > 0) {
      const taken = waiting.splice(0, 500);
      try {
        await pool.query({
          name: 'audit-write',
          text: `INSERT INTO audit.call (method, caller, through, roles, request_id, targets, correlation, outcome)
                 SELECT method, caller, through, roles, "requestId", targets, correlation, outcome
                 FROM jsonb_to_recordset($1) AS c (method text, caller text, through text, roles text[], "requestId" text, targets text[], correlation text, outcome text)`,
          values: [JSON.stringify(taken.map(({ call }) => call))],
        });
      } catch (error) {
        for (const { call } of taken) log.error({ err: error, ...call }, 'a call could not be written into the audit log');
      }
      for (const { done } of taken) done();
    }
    busy = false;
  };
  return {
    write: (call) =>
      new Promise((done) => {
        waiting.push({ call, done });
        if (!busy) void flush();
      }),
  };
};

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly method: string;
  readonly caller: string;
  readonly through: string;
  readonly roles: readonly string[];
  readonly request_id: string;
  readonly targets: readonly string[];
  readonly correlation: string;
  readonly outcome: string;
}

/** AuditLog, which every service serves. */
export const auditLog = (pool: pg.Pool): Served =>
  serve(ops.AuditLog, {
    list: async ({ page, caller, method, target, refused }) => {
      const question = ['audit', caller, method, target, refused];
      const { limit, after } = pageOf(page, question);
      const { rows } = await pool.query<Row>(
        `SELECT * FROM audit.call WHERE id < $1 AND ($2 = '' OR caller = $2) AND ($3 = '' OR method = $3) AND ($4 = '' OR targets @> ARRAY[$4]) AND (NOT $5 OR cardinality(roles) = 0)
         ORDER BY id DESC LIMIT $6`,
        [after?.[0] ?? String(Number.MAX_SAFE_INTEGER), caller, method, target, refused, limit + 1],
      );
      const calls = rows.slice(0, limit).map((row) => ({ id: Number(row.id), at: row.at.toISOString(), method: row.method, caller: row.caller, through: row.through, roles: row.roles, requestId: row.request_id, targets: row.targets, correlation: row.correlation, outcome: row.outcome }));
      return { calls, nextToken: rows.length > limit ? pageToken([String(calls.at(-1)!.id)], question) : '' };
    },
  });
