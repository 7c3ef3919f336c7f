import type { allocation } from '@flotilla/contracts';

/** The warehouse as a whole: new, or other than before. */
export interface WarehouseDescribed {
  readonly type: 'WarehouseDescribed';
  readonly data: allocation.Warehouse;
}

export type WarehouseEvent = WarehouseDescribed;
