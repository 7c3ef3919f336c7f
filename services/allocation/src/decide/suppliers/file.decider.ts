import type { Decider } from '@flotilla/decider';

/** A file with answers, and what became of its rows. What stands in it is not kept: a row that could not be taken lies, whole, beside the file. */
export interface TakenFile {
  readonly supplier: string;
  readonly name: string;
  readonly sha256: string;
  /** Business time. */
  readonly takenAt: string;
  readonly rows: number;
  readonly applied: number;
  readonly repeated: number;
  readonly refused: number;
  /** The first 100. */
  readonly refusals: readonly { readonly row: number; readonly reason: string }[];
  /** Why no row of it was taken; "" = it was read. */
  readonly parked: string;
}

export type FileCommand = { readonly type: 'NoteFile'; readonly data: TakenFile };
export type FileEvent = { readonly type: 'SupplierFileTaken'; readonly data: TakenFile };

/** A file by supplier, name and content. It is noted once, however often it was begun. */
export const supplierFile: Decider<boolean, FileCommand, FileEvent> = {
  category: 'supplierfile',
  initial: false,
  evolve: () => true,
  decide: ({ data }, noted) => (noted ? [] : [{ type: 'SupplierFileTaken', data }]),
};
