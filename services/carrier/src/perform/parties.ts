import type { allocation } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { ParcelPlan } from '../decide/parcel.events.js';
import type { Party } from './carriers/carrier.js';

export interface Warehouses {
  /** All warehouses, at most five minutes old; asked again where `wanted` is not among them. */
  all(wanted?: readonly string[]): Promise<ReadonlyMap<string, allocation.Warehouse>>;
  /** Refused UNKNOWN_WAREHOUSE if allocation does not know it either. */
  get(warehouse: string): Promise<allocation.Warehouse>;
}

const keepMs = 300_000;

/** The warehouses of allocation, kept for a while: they change by hand, and every parcel needs one. */
export const warehousesOf = (list: () => Promise<allocation.ListWarehousesResponse>, now: () => number): Warehouses => {
  let known: ReadonlyMap<string, allocation.Warehouse> = new Map();
  let until = 0;
  let asking: Promise<void> | undefined;
  const ask = (): Promise<void> =>
    (asking ??= list()
      .then(({ warehouses }) => {
        known = new Map(warehouses.map((one) => [one.warehouse, one]));
        until = now() + keepMs;
      })
      .finally(() => (asking = undefined)));
  const all: Warehouses['all'] = async (wanted = []) => {
    if (now() >= until || wanted.some((warehouse) => !known.has(warehouse))) await ask();
    return known;
  };
  return {
    all,
    get: async (warehouse) => {
      const found = (await all([warehouse])).get(warehouse);
      if (!found) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse ${warehouse}; import it with allocation's Warehouses/Import`);
      return found;
    },
  };
};

export const senderOf = (warehouse: allocation.Warehouse): Party => ({
  name: warehouse.contact || warehouse.name,
  phone: warehouse.phone,
  company: warehouse.name,
  country: warehouse.country,
  province: warehouse.province,
  city: warehouse.city,
  district: warehouse.district,
  postcode: warehouse.postcode,
  street: warehouse.street,
});

/** The recipient in clear, for this moment only; undefined if the person was erased. */
export const recipientOf = async ({ shipTo }: Pick<ParcelPlan, 'shipTo'>, open: (texts: readonly string[]) => Promise<readonly string[]>): Promise<Party | undefined> => {
  const sealed = [shipTo.name, shipTo.phone, shipTo.company, shipTo.street];
  const opened = await open(sealed);
  if (sealed.some((text, index) => text !== '' && (opened[index] ?? '') === '')) return undefined;
  const [name = '', phone = '', company = '', street = ''] = opened;
  const { country, province, city, district, postcode } = shipTo;
  return { name, phone, company, country, province, city, district, postcode, street };
};
