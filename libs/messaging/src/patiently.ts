import { setTimeout as sleep } from 'node:timers/promises';

const untilMs = 30_000;

/** Asks again while a broker is not yet what it said it would be; rejects with the last error after 30 s. */
export const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (const until = Date.now() + untilMs; ; await sleep(50)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
};
