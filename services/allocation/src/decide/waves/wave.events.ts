import type { allocation as api } from '@flotilla/contracts';
import type { Because } from './floor.events.js';

export interface WaveLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
}

export interface InWave {
  readonly parcelId: string;
  readonly foId: string;
  readonly number: string;
  readonly lines: readonly WaveLine[];
}

/** What one wave may take at most; 0 = no limit. */
export interface Capacity {
  readonly parcels: number;
  readonly units: number;
  readonly grams: number;
}

export type WaveEvent =
  | { readonly type: 'WaveMade'; readonly data: { readonly wave: string; readonly warehouse: string; readonly filter: api.WaveFilter; readonly capacity: Capacity; readonly parcels: readonly InWave[]; readonly by: string; readonly at: string } }
  | { readonly type: 'ItemsPicked'; readonly data: { readonly wave: string; readonly sku: string; readonly quantity: number; readonly by: string; readonly at: string } }
  | { readonly type: 'WaveParcelOut'; readonly data: { readonly wave: string; readonly parcelId: string; readonly because: Because; readonly at: string } }
  | { readonly type: 'WaveParcelPacked'; readonly data: { readonly wave: string; readonly parcelId: string; readonly at: string } }
  /** No parcel of it is being picked any more. */
  | { readonly type: 'WaveEnded'; readonly data: { readonly wave: string; readonly at: string } };
