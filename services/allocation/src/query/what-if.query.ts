import type { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { endOfLog, upcast } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { allocation } from '../decide/allocation.decider.js';
import { MAX_ORDERS, Replay, replayed, TooManyOrders, type Question, type Replayed } from './what-if.js';

const PAGE = 1_000;
const PROGRESS_EVERY = 20;

interface Row {
  readonly position: string;
  readonly stream_id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly recorded_at: Date;
  readonly data: unknown;
}

const none: api.WhatIfFigures = {
  orders: 0, planned: 0, backordered: 0, waiting: 0, parcels: 0, splitOrders: 0, freight: { amount: 0, currency: '' }, unpricedParcels: 0, meanDays: 0, late: 0,
  paid: { amount: 0, currency: '' }, paidParcels: 0, delivered: 0, lateDelivered: 0,
};
const unchanged: api.ChangedRoute = { foId: '', happened: [], draft: [], reason: '' };

// Requests of before there were values and services are read as they would be written today.
const toReplayed = ({ stream_id: stream, type, schema_version, recorded_at, data }: Row): Replayed =>
  ({ stream, type, recordedAt: recorded_at.toISOString(), data: stream.startsWith('allocation-') ? upcast(allocation, type, schema_version, data).data : data });

/** Reads the log page by page, never more of it than one page, and answers as it goes; ends early when the caller is gone. */
export async function* whatIf(pool: Pool, question: Question, signal: AbortSignal): AsyncGenerator<api.WhatIfResponse> {
  // The stock of that time is what the log says from its beginning on.
  const { rows: archived } = await pool.query<{ file: string }>('SELECT file FROM es.archive ORDER BY partition LIMIT 1');
  if (archived[0]) throw new Refused('EVENTS_ARCHIVED', `a replay begins with the first event, and ${archived[0].file} is in the archive; restore it first`);
  const total = await endOfLog(pool);
  const answer = (kind: string, done: number, parts: Partial<api.WhatIfResponse> = {}): api.WhatIfResponse => ({
    kind, done, total, changed: unchanged, happened: none, draft: none, rulesVersion: question.draft.version, lanesVersion: question.lanes.version, matched: [], ...parts,
  });
  const replay = new Replay(question);
  yield answer('PROGRESS', 0);
  for (let after = 0, pages = 1; after < total && !signal.aborted; pages += 1) {
    const { rows } = await pool.query<Row>('SELECT position, stream_id, type, schema_version, recorded_at, data FROM es.event WHERE position > $1 AND position <= $2 AND type = ANY ($3) ORDER BY position LIMIT $4', [after, total, replayed, PAGE]);
    try {
      for (const row of rows) replay.take(toReplayed(row));
    } catch (error) {
      if (error instanceof TooManyOrders) throw new Refused('TOO_LARGE', `more than ${MAX_ORDERS} orders were requested between ${question.from} and ${question.to}; ask for a shorter time`);
      throw error;
    }
    after = rows.length < PAGE ? total : Number(rows.at(-1)!.position);
    if (pages % PROGRESS_EVERY === 0) yield answer('PROGRESS', after);
  }
  for (const changed of replay.changes()) yield answer('CHANGED', total, { changed });
  yield answer('RESULT', total, { ...replay.figures(), matched: [...replay.matched()] });
}
