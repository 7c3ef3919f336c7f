import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { allPools, nextNumber, pool, poolIdOf, pools } from '../decide/pool.decider.js';
import type { Warehouses } from '../perform/parties.js';
import { bytesOf, type RowFault } from './csv.js';
import { readPools, type Poolable } from './pool-csv.js';

const largest = 2 * 1024 * 1024;
const shownErrors = 100;

/** Pools of numbers that came in advance (CAR-04): import by file, and what is left. */
export const poolsGrpc = ({ store }: Pick<ServiceContext, 'store'>, carriers: Poolable, warehouses: Warehouses): Served =>
  serve(carrier.Pools, {
    import: async (requests, call) => {
      const { rows, faults } = readPools(await bytesOf(requests, largest), carriers);
      const errors: RowFault[] = [...faults];
      const there = rows.length > 0 ? await warehouses.all(rows.map(({ warehouse }) => warehouse)) : new Map<string, unknown>();
      let accepted = 0;
      // One after the other: of two rows that meet, the first holds.
      for (const { row, carrier: name, warehouse, range, low, voided } of rows) {
        try {
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
          if (answer) accepted += 1;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          errors.push({ row, reason: error.reason, detail: error.message });
        }
      }
      const all = rows.length + faults.length;
      return { rows: all, accepted, unchanged: all - accepted - errors.length, refused: errors.length, errors: errors.toSorted((a, b) => a.row - b.row).slice(0, shownErrors) };
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
