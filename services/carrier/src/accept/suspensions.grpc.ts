import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Meta, Unit } from '@flotilla/event-store';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { toInstant } from '@flotilla/values';
import { allSuspensions, heldAs, suspensions, type Suspension } from '../decide/suspension.decider.js';
import { bytesOf, faultOf, readRows, reportOf, type RowFault } from './csv.js';

const largest = 1024 * 1024;
const mostRows = 2_000;
const columns = ['carrier', 'region', 'way', 'from', 'until'] as const;
const ways = ['COLLECT', 'DELIVER', 'BOTH'] as const;
// Times without a zone are the carriers'.
const zone = '+08:00';

/** What people or files say of a suspension, checked; `from` "" is now. */
export const toSuspension = (said: Omit<carrier.Suspension, 'id'>, known: readonly string[]): Omit<Suspension, 'id'> => {
  const way = ways.find((one) => one === (said.way.toUpperCase() || 'BOTH'));
  if (said.carrier !== '*' && !known.includes(said.carrier)) throw new Refused('NOT_FOUND', `no carrier "${said.carrier.slice(0, 40)}"; there are ${known.join(', ')}, and * for all`);
  if (said.region === '' || said.region.length > 60) throw new Refused('BAD_ADDRESS', 'region is a province of China, a country code such as US, US/California, or * for anywhere');
  if (!way) throw new Refused('BAD_REQUEST', `no way "${said.way.slice(0, 40)}"; there are ${ways.join(', ')}`);
  if (said.city !== '' && (way !== 'DELIVER' || said.city.length > 60)) throw new Refused('BAD_REQUEST', 'a city is only for DELIVER');
  return { carrier: said.carrier, region: said.region, city: said.city, way, from: said.from === '' ? '' : toInstant(said.from, zone), until: said.until === '' ? '' : toInstant(said.until, zone), reason: said.reason.slice(0, 200) };
};

/** Where carriers do not go for a time (CAR-01), by people or by file. */
export const suspensionsGrpc = ({ store, clock }: Pick<ServiceContext, 'store' | 'clock'>, carriers: readonly string[]): Served => {
  const now = (): string => clock.business().toISOString();
  const known = async (): Promise<Readonly<Record<string, Suspension>>> => (await store.folded(suspensions, [allSuspensions])).get(allSuspensions)?.state ?? {};
  const suspend = <A>(meta: Meta, decide: (unit: Unit) => A): Promise<A> => store.execute({ streams: [[suspensions, allSuspensions]], meta, decide }).then(({ answer }) => answer);
  const put = (unit: Unit, data: Omit<Suspension, 'id'>, at: string): boolean => unit.run(suspensions, allSuspensions, { type: 'Suspend', data: { ...data, at } }).length > 0;
  return serve(carrier.Suspensions, {
    import: async (requests, call) => {
      const at = now();
      const { rows, faults } = readRows(await bytesOf(requests, largest), columns, mostRows, ({ carrier: name = '', region = '', city = '', way = '', from = '', until = '', reason = '' }) => {
        if (from === '') throw new Refused('BAD_INSTANT', 'from is empty; a file says when');
        return toSuspension({ carrier: name, region, city, way, from, until, reason }, carriers);
      });
      // One append for all: each of their own would read and check the whole list.
      const { accepted, errors } = await suspend(call.meta, (unit) => {
        const refused: RowFault[] = [];
        let changed = 0;
        for (const { row, ...data } of rows) {
          try {
            changed += Number(put(unit, data, at));
          } catch (error) {
            refused.push(faultOf(row, error));
          }
        }
        return { accepted: changed, errors: refused };
      });
      return reportOf(rows.length + faults.length, accepted, [...faults, ...errors]);
    },
    put: (said, call) => {
      const data = toSuspension(said, carriers);
      const at = now();
      return suspend(call.meta, (unit) => {
        put(unit, data, at);
        return heldAs(unit.state(suspensions, allSuspensions), data, at);
      });
    },
    lift: async ({ id }, call) => {
      const found = (await known())[id];
      if (!found) throw new Refused('NOT_FOUND', `no suspension "${id.slice(0, 200)}"; list them with Suspensions/List`);
      await store.execute({ streams: [[suspensions, allSuspensions]], meta: call.meta, decide: (unit) => void unit.run(suspensions, allSuspensions, { type: 'Lift', data: { id, at: now() } }) });
      return found;
    },
    list: async () => ({ suspensions: Object.values(await known()).filter(({ until }) => until === '' || until > now()) }),
  });
};
