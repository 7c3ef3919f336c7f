// Runs seeds for pool.ts.
import { parentPort } from 'node:worker_threads';
import './run-ts.mjs';

// Refusals are ordinary here, and a stack costs more than the decision.
Error.stackTraceLimit = 0;

const { runSeeds, explain } = await import('./runs.ts');
parentPort.on('message', async ({ job, from, count, mutant }) => {
  parentPort.postMessage(job === 'explain' ? await explain(from, mutant) : await runSeeds(from, count, mutant));
});
