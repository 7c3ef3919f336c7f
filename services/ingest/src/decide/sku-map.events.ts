import type { ingest } from '@flotilla/contracts';

/** How a channel names an item. */
export type By = 'SKU' | 'ID' | 'BARCODE' | 'NAME';

export interface ItemName {
  readonly channel: string;
  readonly by: By;
  readonly key: string;
}

export type SkuItemEvent =
  | { readonly type: 'ItemMapped'; readonly data: ItemName & { readonly parts: readonly ingest.SkuPart[]; readonly version: number; readonly at: string; readonly who: string } }
  | { readonly type: 'ItemUnmapped'; readonly data: ItemName & { readonly version: number; readonly at: string; readonly who: string } };

export interface SkuPolicyEvent {
  readonly type: 'SkuPolicyPut';
  readonly data: { readonly channel: string; readonly unmapped: 'AS_IS' | 'WAIT'; readonly version: number; readonly at: string; readonly who: string };
}
