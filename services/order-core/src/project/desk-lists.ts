import type { Follower, Recorded, Transaction } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { OperationEvent } from '../decide/operation.decider.js';
import type { ViewEvent } from '../decide/view.decider.js';

/** Operations with the outcome of every order, and the saved views of the desk. */
export const DeskLists = sqlMigration(
  'DeskLists',
  1764460800102,
  [
    `CREATE TABLE read.operation (operation_id text PRIMARY KEY, started bigint NOT NULL, act json NOT NULL, total integer NOT NULL, done integer NOT NULL, refused integer NOT NULL, failed integer NOT NULL,
       state text NOT NULL, started_by text NOT NULL, started_at text NOT NULL, ended_at text NOT NULL)`,
    'CREATE INDEX operation_newest ON read.operation (started)',
    'CREATE TABLE read.operation_outcome (operation_id text NOT NULL, n integer NOT NULL, order_id text NOT NULL, outcome text NOT NULL, reason text NOT NULL, message text NOT NULL, PRIMARY KEY (operation_id, n))',
    'CREATE INDEX operation_outcome_kind ON read.operation_outcome (operation_id, outcome, n)',
    'CREATE TABLE read.order_view (view_id text PRIMARY KEY, name text NOT NULL, filter json NOT NULL, sort text NOT NULL, shared boolean NOT NULL, owner text NOT NULL)',
  ],
  ['DROP TABLE read.operation', 'DROP TABLE read.operation_outcome', 'DROP TABLE read.order_view'],
);

const follow = async (recorded: Recorded, tx: Transaction): Promise<void> => {
  const event = recorded as unknown as OperationEvent | ViewEvent;
  switch (event.type) {
    case 'OperationStarted': {
      const { operationId, act, total, by, startedAt } = event.data;
      await tx.query(
        `INSERT INTO read.operation (operation_id, started, act, total, done, refused, failed, state, started_by, started_at, ended_at) VALUES ($1, $2, $3, $4, 0, 0, 0, 'RUNNING', $5, $6, '')`,
        [operationId, recorded.position, JSON.stringify(act), total, by, startedAt],
      );
      return;
    }
    case 'OutcomesNoted': {
      const { operationId, from, outcomes } = event.data;
      await tx.query(
        `INSERT INTO read.operation_outcome (operation_id, n, order_id, outcome, reason, message)
         SELECT $1, $2 + n, "orderId", outcome, reason, message FROM ROWS FROM (json_to_recordset($3::json) AS ("orderId" text, outcome text, reason text, message text)) WITH ORDINALITY AS o("orderId", outcome, reason, message, n)`,
        [operationId, from, JSON.stringify(outcomes)],
      );
      const count = (outcome: string): number => outcomes.filter((one) => one.outcome === outcome).length;
      await tx.query('UPDATE read.operation SET done = done + $2, refused = refused + $3, failed = failed + $4 WHERE operation_id = $1', [operationId, count('DONE'), count('REFUSED'), count('FAILED')]);
      return;
    }
    case 'OperationFinished':
    case 'OperationCancelled':
      await tx.query('UPDATE read.operation SET state = $2, ended_at = $3 WHERE operation_id = $1', [event.data.operationId, event.type === 'OperationFinished' ? 'FINISHED' : 'CANCELLED', event.data.endedAt]);
      return;
    case 'ViewSaved': {
      const { viewId, name, filter, sort, shared, owner } = event.data;
      await tx.query(
        `INSERT INTO read.order_view (view_id, name, filter, sort, shared, owner) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (view_id) DO UPDATE SET name = excluded.name, filter = excluded.filter, sort = excluded.sort, shared = excluded.shared, owner = excluded.owner`,
        [viewId, name, JSON.stringify(filter), sort, shared, owner],
      );
      return;
    }
    case 'ViewRemoved':
      await tx.query('DELETE FROM read.order_view WHERE view_id = $1', [event.data.viewId]);
      return;
    default:
  }
};

/** Bulk work is rare and its events hold fifty orders each: a statement or two for each of them is enough. */
export const deskLists: Follower = {
  name: 'desk-lists',
  inside: async (events, tx) => {
    for (const event of events) if (event.stream.startsWith('operation-') || event.stream.startsWith('view-')) await follow(event, tx);
  },
};
