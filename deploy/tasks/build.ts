import { join } from 'node:path';
import { node } from './tools.ts';

/** `tsc -b`: compiles what changed. */
export async function build({ quiet = false } = {}): Promise<number> {
  const started = Date.now();
  const code = await node([join('node_modules', 'typescript', 'bin', 'tsc'), '-b']);
  if (!quiet && code === 0) console.log(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return code;
}

export const buildTask = (): Promise<number> => build();
