import type { allocation } from '@flotilla/contracts';
import { cityKey, provinceKey, type Destination } from './places.js';
import type { Site } from './snapshot.js';

/** Lanes by where from, where to, and `carrier.service`; of those the newest first day first. */
export type LaneTable = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, readonly allocation.Lane[]>>>>>>;

export interface Lanes {
  /** How often the table was changed. */
  readonly version: number;
  readonly count: number;
  readonly carriers: readonly string[];
  readonly table: LaneTable;
}

export const noLanes: Lanes = { version: 0, count: 0, carriers: [], table: {} };

/** A carrier's offer for a parcel. */
export interface Offer {
  readonly carrier: string;
  readonly days: number;
  /** Minor units of `currency`. */
  readonly price: number;
  readonly currency: string;
}

export const fromKey = ({ warehouse, fromProvince }: Pick<allocation.Lane, 'warehouse' | 'fromProvince'>): string => (warehouse !== '' ? `w/${warehouse}` : fromProvince !== '' ? `p/CN/${provinceKey('CN', fromProvince)}` : '*');

/** `*`, a country, country/province, or country/province/city; a bare name is a province of China. */
export const toKey = (zone: string): string => {
  if (zone === '*' || /^[A-Z]{2}$/.test(zone)) return zone;
  const [, land = 'CN', rest = zone] = /^([A-Z]{2})\/(.+)$/u.exec(zone) ?? [];
  const [province = '', city = ''] = rest.split('/');
  return `${land}/${provinceKey(land, province)}${city === '' ? '' : `/${cityKey(city)}`}`;
};

const origins = ({ warehouse, country, province }: Site): readonly string[] => [`w/${warehouse}`, `p/${country}/${provinceKey(country, province)}`, '*'];

const zones = ({ country, province, city }: Destination): readonly string[] => {
  const land = country.toUpperCase();
  const key = `${land}/${provinceKey(land, province)}`;
  return [`${key}/${cityKey(city)}`, key, land, '*'];
};

/** What a parcel costs on a lane, in minor units; undefined if it is too heavy for it. */
export const priceOf = (lane: allocation.Lane, grams: number): number | undefined => {
  const above = Math.max(0, grams - lane.firstGrams);
  if (above === 0) return lane.firstPrice;
  return lane.extraGrams === 0 ? undefined : lane.firstPrice + Math.ceil(above / lane.extraGrams) * lane.extraPrice;
};

/** What every carrier offers from a node for a parcel, each by its narrowest lane; by the carrier's name. */
export const offers = ({ table }: Lanes, site: Site, to: Destination, parcel: { readonly service: string; readonly grams: number; readonly date: string }): readonly Offer[] => {
  const found = new Map<string, Offer>();
  const service = `.${parcel.service || 'STANDARD'}`;
  for (const zone of zones(to)) {
    for (const origin of origins(site)) {
      for (const [key, lanes] of Object.entries(table[origin]?.[zone] ?? {})) {
        if (!key.endsWith(service) || found.has(key)) continue;
        const lane = lanes.find(({ validFrom, validTo }) => validFrom <= parcel.date && (validTo === '' || parcel.date <= validTo));
        const price = lane && priceOf(lane, parcel.grams);
        if (lane && price !== undefined) found.set(key, { carrier: lane.carrier, days: lane.days, price, currency: lane.currency });
      }
    }
  }
  return [...found.values()].toSorted((a, b) => (a.carrier < b.carrier ? -1 : 1));
};
