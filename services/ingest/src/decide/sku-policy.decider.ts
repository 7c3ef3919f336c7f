import { Refused, type Decider } from '@flotilla/decider';
import type { SkuPolicyEvent } from './sku-map.events.js';

export interface PutSkuPolicy {
  readonly type: 'PutSkuPolicy';
  /** `unmapped` null: whatever holds already; the channel begins to have a map. */
  readonly data: { readonly channel: string; readonly unmapped: string | null; readonly at: string; readonly who: string };
}

export interface SkuPolicyState {
  readonly unmapped: 'AS_IS' | 'WAIT';
  /** 0: the channel has no map, so that nothing has to be looked up for its orders. */
  readonly version: number;
}

/** Whether a channel's items that nobody has mapped are taken as they are named, or wait. */
export const skuPolicy: Decider<SkuPolicyState, PutSkuPolicy, SkuPolicyEvent> = {
  category: 'skuPolicy',
  initial: { unmapped: 'AS_IS', version: 0 },
  evolve: (_state, { data: { unmapped, version } }) => ({ unmapped, version }),
  decide: ({ data }, state) => {
    const unmapped = data.unmapped ?? state.unmapped;
    if (unmapped !== 'AS_IS' && unmapped !== 'WAIT') throw new Refused('BAD_REQUEST', 'unmapped is AS_IS or WAIT');
    return state.version > 0 && state.unmapped === unmapped ? [] : [{ type: 'SkuPolicyPut', data: { ...data, unmapped, version: state.version + 1 } }];
  },
};
