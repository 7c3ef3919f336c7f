import type { Decider } from '@flotilla/decider';

export type RegisterCommand = { readonly type: 'ListWarehouse'; readonly data: { readonly warehouse: string } };
export type RegisterEvent = { readonly type: 'WarehouseListed'; readonly data: { readonly warehouse: string } };

/** Which warehouses there are: one stream, `register-warehouses`, so that a plan never stands on a list that is behind. */
export const register: Decider<readonly string[], RegisterCommand, RegisterEvent> = {
  category: 'register',
  initial: [],
  evolve: (ids, { data }) => [...ids, data.warehouse],
  decide: ({ data }, ids) => (ids.includes(data.warehouse) ? [] : [{ type: 'WarehouseListed', data }]),
};

export const WAREHOUSES = 'warehouses';
