/** What comes out of a station's printer for one parcel. */
export type PaperKind = 'LABEL' | 'PACKING_SLIP' | 'CARD';

export const paperKinds: readonly PaperKind[] = ['LABEL', 'PACKING_SLIP', 'CARD'];

/** PRINTER: it says that it did not print. REFUSED: there was nothing to print. UNKNOWN: it may have been printed. DROPPED: people gave it up. */
export type PrintFailure = 'PRINTER' | 'REFUSED' | 'UNKNOWN' | 'DROPPED';

export interface QueuedPaper {
  readonly parcelId: string;
  readonly document: PaperKind;
  /** 1 for the first. */
  readonly copy: number;
  readonly station: string;
  readonly printer: string;
  /** ZPL, PDF; PLATFORM where a platform masks the recipient. */
  readonly format: string;
  readonly size: string;
  readonly waybill: string;
  readonly number: string;
  /** "" = the first. */
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

interface Copy {
  readonly copy: number;
  readonly at: string;
}

/** Stream `printJob-<parcel>.<document>`: every copy of one paper of one parcel. Times are the machine's: people stand beside the printer. */
export type PrintJobEvent =
  | { readonly type: 'PrintQueued'; readonly data: QueuedPaper }
  /** Given to the print agent whose memory is `journal`; again where that one died before it had it. */
  | { readonly type: 'PrintSent'; readonly data: Copy & { readonly attempt: number; readonly journal: string } }
  | { readonly type: 'PrintDone'; readonly data: Copy }
  | { readonly type: 'PrintFailed'; readonly data: Copy & { readonly because: PrintFailure; readonly detail: string } };
