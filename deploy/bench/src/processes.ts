// What processes cost, from /proc; zeros where there is none.
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** CPU seconds of a process so far. */
export const cpuOf = (pid: number): number => {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
};

/** Resident memory in MB. */
export const rssOf = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;

const parents = (): ReadonlyMap<number, number> => {
  const found = new Map<number, number>();
  for (const name of safely(() => readdirSync('/proc'), [] as string[])) if (/^\d+$/.test(name)) found.set(Number(name), Number(read(`/proc/${name}/stat`).split(') ').at(-1)?.split(' ')[1] ?? 0));
  return found;
};

const safely = <T>(work: () => T, otherwise: T): T => {
  try {
    return work();
  } catch {
    return otherwise;
  }
};

/** CPU seconds of a process and all that it started and that still run: Postgres has one per connection. */
export const cpuOfTree = (pid: number): number => {
  const of = parents();
  const belongs = (one: number): boolean => {
    for (let at = one; at > 1; at = of.get(at) ?? 0) if (at === pid) return true;
    return false;
  };
  return [...of.keys()].filter(belongs).reduce((sum, one) => sum + cpuOf(one), 0);
};
