export type SupplyEvent =
  /** `at`: machine time of the movement in allocation. */
  | { readonly type: 'SupplyChanged'; readonly data: { readonly sku: string; readonly warehouse: string; readonly available: number; readonly at: string } }
  | { readonly type: 'SupplyFrozen'; readonly data: { readonly sku: string; readonly frozen: boolean; readonly at: string } };
