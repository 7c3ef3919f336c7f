import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { append, isDataError, isTransient, sqlState, type Entry } from './append.js';
import type { Baselines } from './baseline.js';
import { admit, Desk, keep } from './decide.js';
import { Conflict, StaleOffset, TaskFailed } from './errors.js';
import type { Gate } from './gate.js';
import type { Offsets, Task } from './types.js';

export interface IntakeContext {
  readonly db: pg.Pool;
  readonly cache: Baselines;
  readonly gate: Gate;
  readonly appended: (position: number) => void;
}

/** Conflicts after which a chunk is halved; a chunk that cannot be halved is given up after `MAX_ATTEMPTS`. */
const MAX_CONFLICTS = 3;
const MAX_ATTEMPTS = 12;

type Attempt =
  | { readonly kind: 'written'; readonly position: number }
  | { readonly kind: 'conflict'; readonly streams: readonly string[] }
  | { readonly kind: 'again'; readonly error: unknown }
  | { readonly kind: 'bad'; readonly error: unknown };

/** All tasks and the offset, or nothing. An offset that moved past a refused task would lose its message in a crash. */
export const intake = async (
  context: IntakeContext,
  tasks: readonly Task<unknown>[],
  offsets: Offsets,
  after?: readonly number[],
): Promise<{ readonly position: number }> => {
  const metas = tasks.map((task, index) => {
    try {
      return admit(task);
    } catch (error) {
      throw new TaskFailed(index, error, offsets.from);
    }
  });

  const take = async (first: number, end: number, part: Offsets): Promise<number> => {
    for (let attempts = 1; ; attempts += 1) {
      const attempt = await context.gate.pass(attempts > 1, () => once(context, tasks.slice(first, end), metas.slice(first, end), part, first));
      if (attempt.kind === 'written') return attempt.position;
      const middle = first + Math.ceil((end - first) / 2);
      const boundary = middle < end ? after?.[middle - 1] : undefined;
      if (boundary !== undefined && (attempt.kind === 'bad' || attempts >= MAX_CONFLICTS)) {
        const position = await take(first, middle, { ...part, next: boundary });
        return Math.max(position, await take(middle, end, { ...part, from: boundary }));
      }
      if (attempt.kind === 'bad') throw end - first === 1 ? new TaskFailed(first, attempt.error, part.from) : attempt.error;
      if (attempts >= MAX_ATTEMPTS) throw attempt.kind === 'conflict' ? new Conflict(attempt.streams) : attempt.error;
      await sleep(Math.random() * 10 * attempts);
    }
  };
  return { position: await take(0, tasks.length, offsets) };
};

const once = async (
  { db, cache, appended }: IntakeContext,
  tasks: readonly Task<unknown>[],
  metas: readonly string[],
  offsets: Offsets,
  first: number,
): Promise<Attempt> => {
  const desk = new Desk(db, cache);
  await desk.prepare(tasks);
  const entries: Entry[] = [];
  const cached: string[] = [];
  for (const [index, task] of tasks.entries()) {
    const outcome = await desk.decide(task);
    cached.push(...outcome.touched.filter(({ before }) => before.cached).map(({ stream }) => stream));
    if (!outcome.ok) {
      if (cached.length === 0) throw new TaskFailed(first + index, outcome.error, offsets.from);
      // Perhaps it failed only upon folds that are behind: those are read again before the failure counts.
      for (const stream of cached) cache.doubt(stream);
      return { kind: 'conflict', streams: cached };
    }
    entries.push({ touched: outcome.touched, meta: metas[index] ?? '{}' });
  }
  try {
    const judged = await append(db, entries, offsets);
    const conflicts = judged.flatMap((one) => one.conflicts);
    if (judged.some(({ accepted }) => !accepted)) {
      for (const stream of conflicts) cache.doubt(stream);
      return { kind: 'conflict', streams: conflicts };
    }
    for (const { touched } of entries) keep(cache, touched);
    const position = Math.max(0, ...judged.map((one) => one.position));
    if (position > 0) appended(position);
    return { kind: 'written', position };
  } catch (error) {
    for (const { touched } of entries) for (const { stream } of touched) cache.doubt(stream);
    if (sqlState(error) === '40001') throw new StaleOffset(`${offsets.consumer} is not at ${offsets.from} of ${offsets.topic}/${offsets.partition}`, { cause: error });
    if (isDataError(error)) return { kind: 'bad', error };
    if (isTransient(error)) return { kind: 'again', error };
    throw error;
  }
};
