import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { allPools, nextNumber, pool, poolIdOf, pools } from '../decide/pool.decider.js';
import type { Warehouses } from '../perform/parties.js';
import { bytesOf, importRows } from './csv.js';
import { readPools, type Poolable } from './pool-csv.js';

const largest = 2 * 1024 * 1024;

/** Pools of numbers that came in advance (CAR-04): import by file, and what is left. */
export const poolsGrpc = ({ store }: Pick<ServiceContext, 'store'>, carriers: Poolable, warehouses: Warehouses): Served =>
  serve(carrier.Pools, {
    import: async (requests, call) => {
      const read = readPools(await bytesOf(requests, largest), carriers);
      const there = read.rows.length > 0 ? await warehouses.all(read.rows.map(({ warehouse }) => warehouse)) : new Map<string, unknown>();
      // One after the other: of two rows that meet, the first holds.
      return importRows(read, 1, async ({ carrier: name, warehouse, range, low, voided }) => {
        if (!there.has(warehouse)) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse ${warehouse.slice(0, 40)}; import it with allocation's Warehouses/Import`);
        const id = poolIdOf(name, warehouse);
        const { answer } = await store.execute({
          streams: [[pool, id], [pools, allPools]],
          meta: call.meta,
          decide: (unit) => {
            const events = unit.run(pool, id, { type: 'AddNumbers', data: { carrier: name, warehouse, range, low, voided } });
            if (nextNumber(unit.state(pool, id)) !== undefined) unit.run(pools, allPools, { type: 'Open', data: { carrier: name, warehouse } });
            return events.length > 0;
          },
        });
        return answer;
      });
    },
    list: async () => {
      const known = (await store.folded(pools, [allPools])).get(allPools)?.state ?? {};
      const folded = await store.folded(pool, Object.keys(known));
      return {
        pools: Object.entries(known).map(([id, { carrier: name, warehouse }]) => {
          const state = folded.get(id)?.state ?? pool.initial;
          return { carrier: name, warehouse, left: state.left, low: state.low, voided: state.voided, next: nextNumber(state) ?? '' };
        }).sort((a, b) => (poolIdOf(a.carrier, a.warehouse) < poolIdOf(b.carrier, b.warehouse) ? -1 : 1)),
      };
    },
  });
