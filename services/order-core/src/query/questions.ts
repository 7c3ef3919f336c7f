import { Refused } from '@flotilla/decider';
import { atMost } from '@flotilla/service-kit';
import type pg from 'pg';

/** Where the desk asks its lists. */
export interface Questions {
  /** The instant by which waits are counted: the clock of the events, which may not be that of the machine. */
  now(): Date;
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<{ readonly rows: Row[] }>;
}

/** Of the pool's connections; the rest is for what decides and writes. */
const mostAtOnce = 3;
const mostWaiting = 300;

/** A person may ask anything, and some of it slowly: never so much that orders wait for it. A question that takes too long is refused. */
export const questionsOf = (pool: Pick<pg.Pool, 'query'>, now: () => Date): Questions => {
  const inTurn = atMost(mostAtOnce, mostWaiting);
  return {
    now,
    query: <Row extends pg.QueryResultRow>(text: string, values: unknown[]) =>
      inTurn(() => pool.query<Row>(text, values)).catch((error: unknown) => {
        // query_canceled: the session's statement_timeout
        if ((error as { readonly code?: unknown }).code === '57014') throw new Refused('TOO_LARGE', 'this asks for more than can be found in time; narrow the filter');
        throw error;
      }),
  };
};
