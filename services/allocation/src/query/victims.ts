import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from '@flotilla/decider';
import type { Task } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { LocksNeeded } from '../coordinate/shelf.js';
import type { Victims } from '../coordinate/wms/participant.js';
import { LIST_BEHIND_MS, locksToDisplace, type LiveLock } from '../project/live-locks.projection.js';

interface Wanted {
  readonly warehouse: string;
  readonly sku: string;
  readonly units: number;
}

/**
 * Does what may have to take promises back: with nobody first, then with as many of the locks that hold the goods as it turns out to need. `streams`
 * are those that taking them back will touch, to be named by the task. Refused CONFLICT while the list of locks is behind.
 */
export const withVictims = async <T>(
  { pool }: { readonly pool: Pick<Pool, 'query'> },
  streamsOf: (lockId: string, warehouse: string, lines: LiveLock['lines']) => Task['streams'],
  act: (victims: Victims, streams: Task['streams']) => Promise<T>,
): Promise<T> => {
  const deadline = performance.now() + LIST_BEHIND_MS;
  const wanted = new Map<string, Wanted>();
  let victims = new Map<string, Task['streams']>();
  for (;;) {
    try {
      return await act([...victims.keys()], [...victims.values()].flat());
    } catch (error) {
      if (!(error instanceof LocksNeeded)) throw error;
      if (performance.now() > deadline) throw new Refused('CONFLICT', `${error.message}; the list of locks is behind, try again`);
      const { warehouse, sku, lacking } = error;
      // Not every lock that holds goods can give them back, which the list does not know.
      const before = wanted.get(`${warehouse} ${sku}`)?.units ?? 0;
      wanted.set(`${warehouse} ${sku}`, { warehouse, sku, units: Math.min(before + Math.max(before, lacking), Number.MAX_SAFE_INTEGER) });
      const known = victims.size;
      victims = new Map();
      for (const one of wanted.values()) for (const { lockId, lines } of await locksToDisplace(pool, one)) victims.set(lockId, streamsOf(lockId, one.warehouse, lines));
      // The list has nobody new, or not yet.
      if (victims.size <= known) await sleep(50);
    }
  }
};
