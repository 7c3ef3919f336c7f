import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { nothingRun, together, type Tally } from './runs.js';

interface Job {
  readonly job: 'run' | 'explain';
  readonly from: number;
  readonly count: number;
  readonly mutant: string;
}

/** Worker threads that run seeds: one per core unless told. */
export class Pool {
  readonly size: number;
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[];
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(size = availableParallelism()) {
    this.size = size;
    this.#workers = Array.from({ length: size }, () => new Worker(new URL('./worker.mjs', import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 64 } }));
    this.#idle = [...this.#workers];
  }

  async run(from: number, count: number, mutant = ''): Promise<Tally> {
    return (await this.#ask({ job: 'run', from, count, mutant })) as Tally;
  }

  /** The story of a failing seed, shrunk. */
  async explain(seed: number, mutant = ''): Promise<string> {
    return (await this.#ask({ job: 'explain', from: seed, count: 1, mutant })) as string;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #ask(job: Job): Promise<unknown> {
    const worker = this.#idle.pop() ?? (await new Promise<Worker>((resolve) => this.#waiting.push(resolve)));
    try {
      return await new Promise((resolve, reject) => {
        const done = (answer: unknown): void => {
          worker.off('error', failed);
          resolve(answer);
        };
        const failed = (error: unknown): void => {
          worker.off('message', done);
          reject(error as Error);
        };
        worker.once('message', done);
        worker.once('error', failed);
        worker.postMessage(job);
      });
    } finally {
      const next = this.#waiting.shift();
      if (next) next(worker);
      else this.#idle.push(worker);
    }
  }
}

const BATCH = 200;

/** Runs `seeds` seeds on all workers; after a failure no new batch begins. */
export const simulate = async (pool: Pool, from: number, seeds: number, onProgress: (tally: Tally) => void = () => {}): Promise<Tally> => {
  let tally = nothingRun;
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < from + seeds && tally.failure === null) {
      const first = next;
      next += BATCH;
      const batch = await pool.run(first, Math.min(BATCH, from + seeds - first));
      tally = together(tally, batch);
      onProgress(tally);
    }
  };
  await Promise.all(Array.from({ length: pool.size }, lane));
  return tally;
};
