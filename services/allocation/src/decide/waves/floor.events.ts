import type { allocation as api, common } from '@flotilla/contracts';

/** What lies in a parcel, summed by SKU. */
export interface FloorItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** Of one unit. */
  readonly grams: number;
}

/** A parcel as order-core released it, as far as the floor needs it: nobody's name or street. */
export interface ReleasedParcel {
  readonly parcelId: string;
  readonly foId: string;
  readonly warehouse: string;
  /** Of the order, as it is printed. */
  readonly number: string;
  readonly priority: number;
  readonly service: string;
  readonly country: string;
  readonly province: string;
  /** What the routing rules would take; "" = no lane is known. */
  readonly carrier: string;
  readonly items: readonly FloorItem[];
  /** Business time. */
  readonly releasedAt: string;
}

/** Why a parcel left its wave without being packed, or had to be packed anew. */
export type Because = 'CANCELLED' | 'CHANGED' | 'SHORT' | 'REFUSED' | 'SHIPPED' | 'WAVE_ENDED';

export interface Packed extends api.ParcelPacked {
  readonly by: string;
  readonly packer: string;
  readonly expectedGrams: number;
  /** Codes of the advice that stood there (decide/waves/advice.ts). */
  readonly advised: readonly string[];
  readonly packaging: string;
}

/** Facts of a parcel on the floor. PickingStarted, PickingStopped, PickShort, ParcelPacked and PackingPhotoAttached are published. */
export type FloorEvent =
  | { readonly type: 'ParcelReleased'; readonly data: ReleasedParcel }
  | { readonly type: 'CarrierNoted'; readonly data: { readonly parcelId: string; readonly carrier: string; readonly waybill: string } }
  | { readonly type: 'ItemsChanged'; readonly data: { readonly parcelId: string; readonly items: readonly FloorItem[] } }
  | { readonly type: 'PickingStarted'; readonly data: api.PickingStarted }
  | { readonly type: 'PickingStopped'; readonly data: Omit<api.PickingStopped, 'because'> & { readonly because: Because } }
  | { readonly type: 'ItemScanned'; readonly data: { readonly parcelId: string; readonly wave: string; readonly sku: string; /** As scanned. */ readonly code: string; readonly by: string; readonly at: string } }
  | { readonly type: 'PickShort'; readonly data: { readonly parcelId: string; readonly foId: string; readonly warehouse: string; readonly wave: string; readonly missing: readonly common.SkuQuantity[]; readonly by: string; readonly at: string } }
  | { readonly type: 'ParcelPacked'; readonly data: Packed }
  | { readonly type: 'PackingPhotoAttached'; readonly data: api.PackingPhotoAttached & { readonly by: string } }
  /** It will not be picked any more, or has left. */
  | { readonly type: 'FloorEnded'; readonly data: { readonly parcelId: string; readonly how: 'CANCELLED' | 'REFUSED' | 'SHIPPED'; readonly at: string } };
