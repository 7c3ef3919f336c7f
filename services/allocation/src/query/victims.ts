import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from '@flotilla/decider';
import type { Pool } from 'pg';
import { LocksNeeded } from '../coordinate/shelf.js';
import { nobody, type Victims } from '../coordinate/wms/participant.js';
import { LIST_BEHIND_MS, locksToDisplace } from '../project/live-locks.projection.js';

/** Does what may have to take promises back, with the locks that hold these SKUs where it turns out to need them. Refused CONFLICT while the list of them is behind. */
export const withVictims = async <T>({ pool }: { readonly pool: Pick<Pool, 'query'> }, warehouse: string, skus: readonly string[], act: (victims: Victims) => Promise<T>): Promise<T> => {
  const deadline = performance.now() + LIST_BEHIND_MS;
  for (let victims = nobody; ; ) {
    try {
      return await act(victims);
    } catch (error) {
      if (!(error instanceof LocksNeeded)) throw error;
      if (performance.now() > deadline) throw new Refused('CONFLICT', `${error.message}; the list of locks is behind, try again`);
      if (victims.length > 0) await sleep(50);
      const lists = await Promise.all(skus.map((sku) => locksToDisplace(pool as Pool, warehouse, sku)));
      victims = [...new Set(lists.flat())];
    }
  }
};
