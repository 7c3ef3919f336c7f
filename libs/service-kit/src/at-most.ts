import { Refused } from '@flotilla/decider';
import { bulkhead, isBulkheadRejectedError } from 'cockatiel';

/** Runs no more than `atOnce` pieces of work at a time; the next `waiting` wait their turn, and the one behind them is refused OVERLOADED. */
export const atMost = (atOnce: number, waiting: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  const policy = bulkhead(atOnce, waiting);
  return (work) =>
    policy.execute(work).catch((error: unknown) => {
      throw isBulkheadRejectedError(error) ? new Refused('OVERLOADED', 'too many ask the same at once; try again in a moment') : error;
    });
};
