import type { allocation } from '@flotilla/contracts';
import { Refused, type Decider } from '@flotilla/decider';
import { isWarehouse } from './names.js';
import type { WarehouseEvent } from './warehouse.events.js';

export type WarehouseCommand = { readonly type: 'DescribeWarehouse'; readonly data: allocation.Warehouse };

/** `null` until the warehouse is known. */
export type WarehouseState = allocation.Warehouse | null;

const evolve = (_: WarehouseState, event: WarehouseEvent): WarehouseState => event.data;

const describe = (site: allocation.Warehouse, known: WarehouseState): readonly WarehouseEvent[] => {
  if (!isWarehouse(site.warehouse)) throw new Refused('BAD_REQUEST', `"${site.warehouse}" cannot be a warehouse id: letters, digits, "_" and "-", at most 32`);
  if (!/^[A-Z]{2}$/.test(site.country)) throw new Refused('BAD_ADDRESS', `the country of ${site.warehouse} is "${site.country}", not an ISO 3166-1 code`);
  return JSON.stringify(known) === JSON.stringify(site) ? [] : [{ type: 'WarehouseDescribed', data: site }];
};

/** One warehouse: where it is and whom it serves first. */
export const warehouse: Decider<WarehouseState, WarehouseCommand, WarehouseEvent> = {
  category: 'warehouse',
  initial: null,
  evolve,
  decide: ({ data }, known) => describe(data, known),
};
