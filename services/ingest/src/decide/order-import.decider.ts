import { unreachable, type Decider, type Of } from '@flotilla/decider';

/** A file as it was uploaded. `upload`: under which its bytes are kept until it is done. */
export interface ImportedFile {
  readonly id: string;
  readonly channel: string;
  readonly fileName: string;
  readonly format: 'CSV' | 'XLSX';
  readonly encoding: 'utf-8' | 'gb18030' | 'utf-16le' | 'utf-16be';
  readonly bytes: number;
  readonly sha256: string;
  readonly upload: string;
  readonly receivedAt: string;
  /** The version of the channel's mapping by which it is read, to its end; 0: none, it is read by the columns' ordinary names. Absent in imports of before: whichever is in force. */
  readonly mapping?: number;
}

export interface TakenRow {
  readonly row: number;
  readonly channelOrderId: string;
  readonly orderId: string;
  readonly outcome: 'ACCEPTED' | 'UPDATED' | 'DUPLICATE' | 'QUARANTINED';
  readonly reason: string;
  readonly detail: string;
  readonly cell: string;
}

export type OrderImportEvent =
  | { readonly type: 'ImportReceived'; readonly data: ImportedFile & { readonly attempt: number } }
  /** Rows up to `to`, taken with their orders in one append. */
  | { readonly type: 'ImportRowsTaken'; readonly data: { readonly id: string; readonly to: number; readonly rows: readonly TakenRow[] } }
  | { readonly type: 'ImportDone'; readonly data: { readonly id: string; readonly upload: string; readonly at: string } }
  /** The file cannot be used. Nothing of it is taken, unless its bytes were lost later: the same file again goes on then. */
  | { readonly type: 'ImportRefused'; readonly data: { readonly id: string; readonly upload: string; readonly reason: string; readonly detail: string; readonly at: string } };

export type OrderImportCommand =
  | { readonly type: 'ReceiveImport'; readonly data: ImportedFile }
  | { readonly type: 'TakeRows'; readonly data: { readonly id: string; readonly from: number; readonly to: number; readonly rows: readonly TakenRow[] } }
  | { readonly type: 'EndImport'; readonly data: { readonly id: string; readonly at: string } }
  | { readonly type: 'RefuseImport'; readonly data: { readonly id: string; readonly reason: string; readonly detail: string; readonly at: string } };

/** null: never received. */
export type OrderImport = {
  readonly file: ImportedFile;
  readonly attempt: number;
  readonly state: 'RUNNING' | 'DONE' | 'REFUSED';
  /** The last row that is taken; whoever goes on begins behind it. */
  readonly taken: number;
  /** Why, if it is REFUSED. */
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
} | null;

const evolve = (state: OrderImport, event: OrderImportEvent): OrderImport => {
  switch (event.type) {
    case 'ImportReceived': {
      const { attempt, ...file } = event.data;
      return { file, attempt, state: 'RUNNING', taken: 0, refusal: null };
    }
    case 'ImportRowsTaken':
      return state && { ...state, taken: event.data.to };
    case 'ImportDone':
      return state && { ...state, state: 'DONE' };
    case 'ImportRefused':
      return state && { ...state, state: 'REFUSED', refusal: { reason: event.data.reason, detail: event.data.detail } };
    default:
      return state;
  }
};

// The same file again is the same import, unless it was refused: its mapping may be right by now.
const receive = ({ data }: Of<OrderImportCommand, 'ReceiveImport'>, state: OrderImport): readonly OrderImportEvent[] =>
  state !== null && state.state !== 'REFUSED' ? [] : [{ type: 'ImportReceived', data: { ...data, attempt: (state?.attempt ?? 0) + 1 } }];

const decide = (command: OrderImportCommand, state: OrderImport): readonly OrderImportEvent[] => {
  if (command.type === 'ReceiveImport') return receive(command, state);
  if (state === null || state.state !== 'RUNNING') return [];
  switch (command.type) {
    case 'TakeRows': {
      const { id, from, to, rows } = command.data;
      return state.taken === from ? [{ type: 'ImportRowsTaken', data: { id, to, rows } }] : [];
    }
    case 'EndImport':
      return [{ type: 'ImportDone', data: { ...command.data, upload: state.file.upload } }];
    case 'RefuseImport':
      return [{ type: 'ImportRefused', data: { ...command.data, upload: state.file.upload } }];
    default:
      return unreachable(command);
  }
};

/** One file with orders, and how far it has been taken. */
export const orderImport: Decider<OrderImport, OrderImportCommand, OrderImportEvent> = { category: 'orderImport', initial: null, evolve, decide };
