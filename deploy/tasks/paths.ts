import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');
/** Where the development fleet keeps its data, logs and secrets. */
export const home = join(root, '.flotilla');
