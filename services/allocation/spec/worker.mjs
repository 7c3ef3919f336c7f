// Runs seeds for pool.ts.
import { parentPort } from 'node:worker_threads';
import './run-ts.mjs';

const { runSeeds, explain } = await import('./runs.ts');
parentPort.on('message', async ({ job, from, count, mutant }) => {
  parentPort.postMessage(job === 'explain' ? await explain(from, mutant) : await runSeeds(from, count, mutant));
});
