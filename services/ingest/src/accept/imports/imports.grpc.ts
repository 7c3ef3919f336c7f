import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import type { Ingest } from '../../ingest.parts.js';
import { findImport, listImportRows, listImports } from '../../query/order-imports.query.js';

const outcomes: readonly string[] = ['', 'ACCEPTED', 'UPDATED', 'DUPLICATE', 'QUARANTINED'];

/** Files that were uploaded, how far they have come, and what became of each row. */
export const importsGrpc = ({ ctx: { pool } }: Ingest): Served => {
  const found = async (id: string): Promise<ingest.OrderImport> => {
    const one = await findImport(pool, id);
    if (one === undefined) throw new Refused('NOT_FOUND', `no import "${id.slice(0, 60)}"; list them with Imports/List`);
    return one;
  };
  return serve(ingest.Imports, {
    get: ({ id }) => found(id),
    list: async ({ page, channel }) => {
      const question = ['imports', channel];
      const { limit, after } = pageOf(page, question);
      const { imports, last } = await listImports(pool, channel, limit, after?.[0]);
      return { imports, nextToken: last === undefined ? '' : pageToken([last], question) };
    },
    listRows: async ({ page, id, outcome }) => {
      if (!outcomes.includes(outcome)) throw new Refused('BAD_REQUEST', `outcome is one of ${outcomes.slice(1).join(', ')}`);
      await found(id);
      const question = ['import-rows', id, outcome];
      const { limit, after } = pageOf(page, question);
      const rows = await listImportRows(pool, id, outcome, limit, Number(after?.[0] ?? 0));
      return { rows, nextToken: rows.length === limit ? pageToken([String(rows.at(-1)!.row)], question) : '' };
    },
  });
};
