import type { allocation } from '@flotilla/contracts';

/** Published as they stand. */
export type FreezeEvent = { readonly type: 'SkuFrozen'; readonly data: allocation.SkuFrozen } | { readonly type: 'SkuUnfrozen'; readonly data: allocation.SkuUnfrozen };
