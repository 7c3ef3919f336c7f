import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Meta, Unit } from '@flotilla/event-store';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { toInstant } from '@flotilla/values';
import { allSuspensions, suspensionIdOf, suspensions, type Suspension } from '../decide/suspension.decider.js';
import { bytesOf, readCsv, type RowFault } from './csv.js';

const largest = 1024 * 1024;
const mostRows = 2_000;
const shownErrors = 100;
const columns = ['carrier', 'region', 'way', 'from', 'until'] as const;
const ways = ['COLLECT', 'DELIVER', 'BOTH'] as const;
// Times without a zone are the carriers'.
const zone = '+08:00';

/** What people or files say of a suspension, checked. */
export const toSuspension = (said: Omit<carrier.Suspension, 'id'>, known: readonly string[], now: string): Omit<Suspension, 'id'> => {
  const way = ways.find((one) => one === (said.way.toUpperCase() || 'BOTH'));
  if (said.carrier !== '*' && !known.includes(said.carrier)) throw new Refused('NOT_FOUND', `no carrier "${said.carrier.slice(0, 40)}"; there are ${known.join(', ')}, and * for all`);
  if (said.region === '' || said.region.length > 60) throw new Refused('BAD_ADDRESS', 'region is a province of China, a country code such as US, US/California, or * for anywhere');
  if (!way) throw new Refused('BAD_REQUEST', `no way "${said.way.slice(0, 40)}"; there are ${ways.join(', ')}`);
  if (said.city !== '' && (way !== 'DELIVER' || said.city.length > 60)) throw new Refused('BAD_REQUEST', 'a city is only for DELIVER');
  return { carrier: said.carrier, region: said.region, city: said.city, way, from: said.from === '' ? now : toInstant(said.from, zone), until: said.until === '' ? '' : toInstant(said.until, zone), reason: said.reason.slice(0, 200) };
};

/** Where carriers do not go for a time (CAR-01), by people or by file. */
export const suspensionsGrpc = ({ store, clock }: Pick<ServiceContext, 'store' | 'clock'>, carriers: readonly string[]): Served => {
  const now = (): string => clock.business().toISOString();
  const put = async (data: Omit<Suspension, 'id'>, meta: Meta): Promise<boolean> => {
    const decide = (unit: Unit): boolean => unit.run(suspensions, allSuspensions, { type: 'Suspend', data: { ...data, at: now() } }).length > 0;
    return (await store.execute({ streams: [[suspensions, allSuspensions]], meta, decide })).answer;
  };
  const known = async (): Promise<Readonly<Record<string, Suspension>>> => (await store.folded(suspensions, [allSuspensions])).get(allSuspensions)?.state ?? {};
  return serve(carrier.Suspensions, {
    import: async (requests, call) => {
      const records = readCsv(await bytesOf(requests, largest), columns);
      if (records.length > mostRows) throw new Refused('TOO_LARGE', `a file has at most ${mostRows} rows, this one ${records.length}; split it`);
      const errors: RowFault[] = [];
      let accepted = 0;
      for (const [index, record] of records.entries()) {
        const { carrier: name = '', region = '', city = '', way = '', from = '', until = '', reason = '' } = record;
        try {
          if (from === '') throw new Refused('BAD_INSTANT', 'from is empty; the same file once more would be another suspension');
          if (await put(toSuspension({ carrier: name, region, city, way, from, until, reason }, carriers, now()), call.meta)) accepted += 1;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          errors.push({ row: index + 2, reason: error.reason, detail: error.message });
        }
      }
      return { rows: records.length, accepted, unchanged: records.length - accepted - errors.length, refused: errors.length, errors: errors.slice(0, shownErrors) };
    },
    put: async (said, call) => {
      const data = toSuspension(said, carriers, now());
      await put(data, call.meta);
      return { id: suspensionIdOf(data), ...data };
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
