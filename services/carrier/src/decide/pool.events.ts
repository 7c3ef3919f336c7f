import type { NumberRange } from './number-range.js';

/** What becomes of a number whose parcel was voided: kept back for ever, or given to another parcel if no label of it was ever printed. */
export type VoidedRule = 'BURN' | 'RECLAIM';

/** Stream `pool-<carrier>.<warehouse>`: numbers that the carrier's branch gave a site in advance. */
export type PoolEvent =
  | { readonly type: 'NumbersAdded'; readonly data: { readonly carrier: string; readonly warehouse: string; readonly range: NumberRange; readonly count: number } }
  /** Below `low` people are warned. */
  | { readonly type: 'PoolRuled'; readonly data: { readonly carrier: string; readonly warehouse: string; readonly low: number; readonly voided: VoidedRule } }
  | { readonly type: 'NumberIssued'; readonly data: { readonly number: string; readonly parcelId: string; readonly purchase: number } }
  /** VOIDED: its parcel was; TAKEN: it turned out to be another parcel's already, by a file or an account. */
  | { readonly type: 'NumberBurnt'; readonly data: { readonly number: string; readonly parcelId: string; readonly because: 'VOIDED' | 'TAKEN' } }
  | { readonly type: 'NumberReturned'; readonly data: { readonly number: string; readonly parcelId: string } }
  /** Fewer than `low` are left; said once until more come. */
  | { readonly type: 'PoolRanLow'; readonly data: { readonly carrier: string; readonly warehouse: string; readonly left: number } };

/** Stream `pools-all`: which pools there are, and whether they have a number to give. */
export type PoolsEvent = { readonly type: 'PoolOpened' | 'PoolEmptied'; readonly data: { readonly carrier: string; readonly warehouse: string } };
