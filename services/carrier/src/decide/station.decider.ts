import { Refused, unreachable, type Decider } from '@flotilla/decider';
import { paperKinds, type PaperKind } from './print-job.events.js';

/** Which printer a kind of paper comes out of. */
export interface StationPrinter {
  readonly document: PaperKind;
  readonly printer: string;
  readonly format: 'ZPL' | 'PDF';
  readonly size: string;
}

export interface Station {
  readonly station: string;
  readonly name: string;
  /** "" = any. */
  readonly warehouse: string;
  readonly printers: readonly StationPrinter[];
  /** SHA-256 of its agent's token, hex; "" = nobody may print there. */
  readonly token: string;
}

export type Stations = Readonly<Record<string, Station>>;
export type StationCommand =
  | { readonly type: 'PutStation'; readonly data: Omit<Station, 'token'> & { readonly at: string } }
  | { readonly type: 'IssueToken'; readonly data: { readonly station: string; readonly token: string; readonly at: string } };
export type StationEvent =
  | { readonly type: 'StationPut'; readonly data: Omit<Station, 'token'> & { readonly at: string } }
  | { readonly type: 'StationTokenIssued'; readonly data: { readonly station: string; readonly token: string; readonly at: string } };

const most = 500;

/** Stream `stations-all`: there are tens, and every poll of an agent looks at one. */
export const stations: Decider<Stations, StationCommand, StationEvent> = {
  category: 'stations',
  stateVersion: 1,
  initial: {},
  evolve: (state, event) => {
    switch (event.type) {
      case 'StationPut': {
        const { at: _, ...put } = event.data;
        return { ...state, [put.station]: { ...put, token: state[put.station]?.token ?? '' } };
      }
      case 'StationTokenIssued': {
        const { station, token } = event.data;
        const known = state[station];
        return known ? { ...state, [station]: { ...known, token } } : state;
      }
      default:
        return state;
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'PutStation': {
        const { at: _, ...put } = command.data;
        const twice = paperKinds.find((kind) => put.printers.filter(({ document }) => document === kind).length > 1);
        if (twice) throw new Refused('BAD_REQUEST', `${twice} has more than one printer`);
        const known = state[put.station];
        if (known && JSON.stringify({ ...put, token: known.token }) === JSON.stringify(known)) return [];
        if (!state[put.station] && Object.keys(state).length >= most) throw new Refused('TOO_LARGE', `there are ${most} stations already`);
        return [{ type: 'StationPut', data: command.data }];
      }
      case 'IssueToken':
        if (!state[command.data.station]) throw new Refused('NOT_FOUND', `no station "${command.data.station}"; put it with Printing/PutStation`);
        return [{ type: 'StationTokenIssued', data: command.data }];
      default:
        return unreachable(command);
    }
  },
};

export const allStations = 'all';
