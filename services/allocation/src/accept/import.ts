import { Refused } from '@flotilla/decider';
import type { allocation } from '@flotilla/contracts';
import { csvRows, rowError, type CsvRow } from './csv-rows.js';

const SHOWN_ERRORS = 100;

/**
 * Imports a file row by row: rows of a batch are decided at once and go out in the store's groups, so a refused row hurts
 * no other. `take` answers whether the row changed anything. Importing a file again changes nothing.
 */
export const importRows = async (
  chunks: AsyncIterable<allocation.ImportChunk>,
  required: readonly string[],
  take: (row: CsvRow) => Promise<boolean>,
): Promise<allocation.ImportReport> => {
  const errors: allocation.RowError[] = [];
  let rows = 0;
  let accepted = 0;
  let refused = 0;
  for await (const batch of csvRows(chunks, required)) {
    rows += batch.length;
    const outcomes = await Promise.allSettled(batch.map(async (row) => take(row)));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') accepted += Number(outcome.value);
      else {
        if (!(outcome.reason instanceof Refused)) throw outcome.reason;
        refused += 1;
        if (errors.length < SHOWN_ERRORS) errors.push(rowError(batch[index]!, outcome.reason));
      }
    }
  }
  return { rows, accepted, unchanged: rows - accepted - refused, errors, refused };
};
