import type { allocation } from '@flotilla/contracts';
import { Refused, type Decider } from '@flotilla/decider';
import { fromKey, noLanes, toKey, type Lanes } from './lanes.js';

export type LanesCommand = { readonly type: 'SetLanes'; readonly data: { readonly lanes: readonly allocation.Lane[] } };
/** Those that are new or other than before. */
export type LanesEvent = { readonly type: 'LanesSet'; readonly data: { readonly lanes: readonly allocation.Lane[] } };

/** The id of the one stream of lanes, `lanes-table`: one version for the whole table, which a plan and a what-if can name. */
export const LANES = 'table';
export const MAX_LANES = 50_000;

const serviceKey = ({ carrier, service }: allocation.Lane): string => `${carrier}.${service}`;

/** Where a lane stands: the same place and first day is the same lane. */
const at = (state: Lanes, lane: allocation.Lane): readonly allocation.Lane[] => state.table[fromKey(lane)]?.[toKey(lane.toZone)]?.[serviceKey(lane)] ?? [];

const put = (state: Lanes, lane: allocation.Lane): Lanes => {
  const [from, to] = [fromKey(lane), toKey(lane.toZone)];
  const before = at(state, lane);
  const others = before.filter(({ validFrom }) => validFrom !== lane.validFrom);
  const origin = state.table[from] ?? {};
  const after = [...others, lane].toSorted((a, b) => (a.validFrom > b.validFrom ? -1 : 1));
  return {
    version: state.version,
    count: state.count + after.length - before.length,
    carriers: state.carriers.includes(lane.carrier) ? state.carriers : [...state.carriers, lane.carrier].toSorted(),
    table: { ...state.table, [from]: { ...origin, [to]: { ...origin[to], [serviceKey(lane)]: after } } },
  };
};

const same = (a: allocation.Lane, b: allocation.Lane): boolean => (Object.keys(b) as (keyof allocation.Lane)[]).every((key) => a[key] === b[key]);

const check = (lane: allocation.Lane): void => {
  const { firstGrams, firstPrice, extraGrams, extraPrice, days, validFrom, validTo } = lane;
  if (firstGrams <= 0 || extraGrams < 0 || firstPrice < 0 || extraPrice < 0 || days < 0 || days > 365) throw new Refused('BAD_QUANTITY', 'weights, prices and days are not negative, the first weight is above 0, and nothing takes more than 365 days');
  if (validTo !== '' && validTo < validFrom) throw new Refused('BAD_INSTANT', `valid_to ${validTo} is before valid_from ${validFrom}`);
};

/** Lanes of carriers: what planning knows of days and prices. The carriers' own rate cards decide what is paid. */
export const lanes: Decider<Lanes, LanesCommand, LanesEvent> = {
  category: 'lanes',
  initial: noLanes,
  evolve: (state, { data }) => ({ ...data.lanes.reduce(put, state), version: state.version + 1 }),
  decide: ({ data }, state) => {
    data.lanes.forEach(check);
    const changed = data.lanes.filter((lane) => !at(state, lane).some((known) => same(known, lane)));
    if (state.count + changed.length > MAX_LANES) throw new Refused('TOO_LARGE', `there are at most ${MAX_LANES} lanes; use wider zones`);
    return changed.length > 0 ? [{ type: 'LanesSet', data: { lanes: changed } }] : [];
  },
};
