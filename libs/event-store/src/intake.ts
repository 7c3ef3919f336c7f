import { setTimeout as sleep } from 'node:timers/promises';
import { isDataError, gaveUp } from './append.js';
import { Thrown, type Batcher } from './batcher.js';
import { admit } from './decide.js';
import { Conflict, Overloaded, TaskFailed } from './errors.js';
import type { Offsets, Task } from './types.js';

/** Conflicts after which a chunk is halved; a chunk that cannot be halved is given up after `MAX_ATTEMPTS`. */
const MAX_CONFLICTS = 3;
const MAX_ATTEMPTS = 12;

/**
 * All tasks and the offset, or nothing: an offset that moved past a refused task would lose its message in a crash. The chunks of
 * several partitions go in one append, each with its own fate.
 */
export const intake = async (batcher: Batcher, tasks: readonly Task<unknown>[], offsets: Offsets, after?: readonly number[]): Promise<{ readonly position: number }> => {
  const admitted = tasks.map((task, index) => {
    try {
      return admit(task);
    } catch (error) {
      throw new TaskFailed(index, error, offsets.from);
    }
  });

  const take = async (first: number, end: number, part: Offsets): Promise<number> => {
    const middle = first + Math.ceil((end - first) / 2);
    const boundary = middle < end ? after?.[middle - 1] : undefined;
    for (;;) {
      try {
        return (await batcher.submit({ tasks: admitted.slice(first, end), offsets: part, attempts: boundary === undefined ? MAX_ATTEMPTS : MAX_CONFLICTS })).position;
      } catch (error) {
        if (error instanceof Overloaded) await sleep(20 + Math.random() * 20); // the partition waits: Kafka holds what comes meanwhile
        else if (error instanceof Thrown) throw new TaskFailed(first + error.index, error.cause, part.from);
        else if (boundary !== undefined && (error instanceof Conflict || isDataError(error) || gaveUp(error))) break;
        else if (isDataError(error) && end - first === 1) throw new TaskFailed(first, error, part.from);
        else throw error;
      }
    }
    const position = await take(first, middle, { ...part, next: boundary });
    return Math.max(position, await take(middle, end, { ...part, from: boundary }));
  };
  return { position: await take(0, tasks.length, offsets) };
};
