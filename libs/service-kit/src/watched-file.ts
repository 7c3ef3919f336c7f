import { readFileSync, statSync } from 'node:fs';
import type { Logger } from '@flotilla/event-store';
import { BadConfiguration } from './config.js';

const lookEveryMs = 1_000;

/**
 * What a mounted file says now: it is looked at once a second at most, and read again when it changed, so that keys are changed without a
 * restart. A file that cannot be used at the start is a bad configuration; later the last good one holds, and the log says why.
 */
export const watchedFile = <T>(variable: string, path: string, parse: (text: string) => T, log: Logger): (() => T) => {
  const stamp = (): string => {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  };
  const fault = (error: unknown): string => `${variable}: ${path} cannot be used: ${(error as Error).message}`;
  let seen: string;
  let value: T;
  let lookAt = Date.now() + lookEveryMs;
  try {
    seen = stamp();
    value = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new BadConfiguration(fault(error));
  }
  return () => {
    if (Date.now() < lookAt) return value;
    lookAt = Date.now() + lookEveryMs;
    try {
      const now = stamp();
      if (now === seen) return value;
      value = parse(readFileSync(path, 'utf8'));
      seen = now;
      log.info({ file: variable }, 'read again, since it changed');
    } catch (error) {
      log.error({ detail: fault(error) }, 'a changed file cannot be used; what it said before holds');
    }
    return value;
  };
};
