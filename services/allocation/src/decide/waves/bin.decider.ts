import { Refused, type Decider } from '@flotilla/decider';

export interface Bin {
  readonly warehouse: string;
  readonly sku: string;
  /** As it stands on the rack; "" = not known. */
  readonly bin: string;
}

export type BinCommand = { readonly type: 'SetBin'; readonly data: Bin };
export type BinEvent = { readonly type: 'BinSet'; readonly data: Bin };

/** Where a warehouse has a SKU: the bin that it is fetched from. Stream `bin-<warehouse>.<SKU>`. */
export const bin: Decider<string, BinCommand, BinEvent> = {
  category: 'bin',
  initial: '',
  evolve: (_, { data }) => data.bin,
  decide: ({ data }, known) => {
    if (!/^[\x21-\x7e]{0,30}$/.test(data.bin)) throw new Refused('BAD_REQUEST', `"${data.bin.slice(0, 30)}" cannot be a bin: printable ASCII without spaces, at most 30 characters`);
    return data.bin === known ? [] : [{ type: 'BinSet', data }];
  },
};
