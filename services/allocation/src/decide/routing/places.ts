import type { allocation, order } from '@flotilla/contracts';
import { provinceKey as keyOfProvince } from '@flotilla/values';
import type { Site } from './snapshot.js';

/** Where a request goes: the part of it that routing needs. */
export type Destination = Pick<order.AllocationRequested, 'country' | 'province' | 'city' | 'district'>;

// The same few hundred names are compared for every node of every order, and normalising one costs microseconds.
const remembered = (normalise: (country: string, name: string) => string): ((country: string, name: string) => string) => {
  const known = new Map<string, string>();
  return (country, name) => {
    const key = `${country}/${name}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= 10_000) known.clear();
    const normal = normalise(country, name);
    known.set(key, normal);
    return normal;
  };
};

/** A province as rules and lanes compare it. */
export const provinceKey = remembered(keyOfProvince);

const cityOrDistrict = /(?:自治州|地区|林区|新区|市|盟|区|县)$/u;

/** A city or district as rules and lanes compare it: "喀什地区", "喀什市" and "喀什" are one, as are "Kashgar City" and "kashgar". */
export const cityKey = (name: string): string => cityOf('', name);

const cityOf = remembered((_, name) => {
  const plain = name.normalize('NFKC').trim().toLowerCase().replace(/\s+(?:city|prefecture|district|county|shi|qu)$/u, '').replace(/[^\p{L}\p{N}]/gu, '');
  const bare = plain.replace(cityOrDistrict, '');
  return bare.length > 1 ? bare : plain;
});

/** A store as its shop and we may write it: "南山店", "南山 店" and "南山" are one, as are "Soho Store" and "soho". */
export const placeKey = (name: string): string => {
  const plain = name.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return plain.replace(/(?:门店|分店|店|store|shop)$/u, '') || plain;
};

const isCountry = (area: string): boolean => /^[A-Z]{2}$/.test(area.trim());

/** Whether an area that a warehouse serves first (a province, or a country of two capitals) has the destination in it. */
export const lies = (area: string, { country, province }: Destination): boolean =>
  isCountry(area) ? area.trim() === country.toUpperCase() : province !== '' && provinceKey(country, area) === provinceKey(country, province);

export const distances = ['same city', 'same province', 'same country', 'abroad'] as const;

/** The distance class: an index of `distances`. */
export const distanceOf = (site: Site, { country, province, city }: Destination): number => {
  if (site.country !== country.toUpperCase()) return 3;
  if (province === '' || provinceKey(country, site.province) !== provinceKey(country, province)) return 2;
  return city !== '' && cityKey(site.city) === cityKey(city) ? 0 : 1;
};

/** What a condition is held against; `grams` of the part that one warehouse sends. */
export interface Circumstance extends Destination {
  readonly grams: number;
  readonly value: order.AllocationRequested['value'];
  readonly priority: number;
  readonly service: string;
  readonly orders: readonly { readonly channel: string }[];
  /** Absent in requests of before tags were told. */
  readonly tags?: readonly string[];
}

const among = (wanted: readonly string[], holds: (one: string) => boolean): boolean => wanted.length === 0 || wanted.some(holds);

/** Whether all that a condition names holds. A value in another currency than the condition's does not. */
export const holds = (when: allocation.Condition, at: Circumstance): boolean =>
  among(when.countries, (one) => one === at.country.toUpperCase()) &&
  among(when.provinces, (one) => at.province !== '' && provinceKey(at.country, one) === provinceKey(at.country, at.province)) &&
  among(when.cities, (one) => at.city !== '' && cityKey(one) === cityKey(at.city)) &&
  among(when.districts, (one) => at.district !== '' && cityKey(one) === cityKey(at.district)) &&
  at.grams > when.gramsAbove &&
  (when.gramsUpTo === 0 || at.grams <= when.gramsUpTo) &&
  (when.valueAbove === 0 || (at.value.currency === when.valueCurrency && at.value.amount > when.valueAbove)) &&
  (when.valueUpTo === 0 || (at.value.currency === when.valueCurrency && at.value.amount <= when.valueUpTo)) &&
  at.priority >= when.priorityFrom &&
  among(when.services, (one) => one === at.service) &&
  // Rule sets of before have neither.
  among(when.channels ?? [], (one) => at.orders.some(({ channel }) => channel === one)) &&
  among(when.tags ?? [], (one) => (at.tags ?? []).some((tag) => tag.trim().toLowerCase() === one.trim().toLowerCase()));
