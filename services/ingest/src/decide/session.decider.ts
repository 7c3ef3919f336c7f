import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { SessionEvent } from './session.events.js';

export type SessionCommand =
  /** `because`: it is time; the platform has said that the session is over; the channel has other settings. Times are the wall's. */
  | { readonly type: 'BeginRenewal'; readonly data: { readonly channel: string; readonly fingerprint: string; readonly at: string; readonly because: 'DUE' | 'OVER' | 'GIVEN' } }
  | { readonly type: 'RecordRenewed'; readonly data: { readonly channel: string; readonly attempt: number; readonly fingerprint: string; readonly expiresAt: string; readonly at: string } }
  | { readonly type: 'PutOffRenewal'; readonly data: { readonly channel: string; readonly attempt: number; readonly why: string; readonly nextAt: string } }
  | { readonly type: 'RecordRefused'; readonly data: { readonly channel: string; readonly platform: string; readonly attempt: number; readonly why: string; readonly at: string } }
  /** People have given the channel another token, which cannot be renewed. */
  | { readonly type: 'NoteReplaced'; readonly data: { readonly channel: string; readonly fingerprint: string; readonly at: string } };

export interface Session {
  readonly status: 'none' | 'renewing' | 'renewed' | 'waiting' | 'refused';
  readonly attempt: number;
  readonly fingerprint: string;
  /** When this attempt began, or ended well. */
  readonly since: string;
  readonly renewAt: string;
  /** How often it was refused; `open`: and nothing has come of it yet. */
  readonly refusals: number;
  readonly open: boolean;
  readonly why: string;
}

const initial: Session = { status: 'none', attempt: 0, fingerprint: '', since: '', renewAt: '', refusals: 0, open: false, why: '' };

/** Whoever renews has died if there is no outcome after so long. */
export const RENEWAL_STALLED_MS = 10 * 60_000;
/** What was renewed so lately is not renewed again because a call that was under way meanwhile met the end of the old one. */
const FRESH_MS = 60_000;

const evolve = (state: Session, { type, data }: SessionEvent): Session => {
  switch (type) {
    case 'SessionRenewalBegun':
      return { ...state, status: 'renewing', attempt: data.attempt, fingerprint: data.fingerprint, since: data.at };
    case 'SessionRenewed':
      return { ...state, status: 'renewed', fingerprint: data.fingerprint, since: data.at, renewAt: data.renewAt, why: '' };
    case 'SessionRenewalPutOff':
      return { ...state, status: 'waiting', renewAt: data.nextAt, why: data.why };
    case 'ChannelSessionRefused':
      return { ...state, status: 'refused', refusals: data.time, open: true, why: data.detail };
    case 'ChannelSessionRestored':
      return { ...state, open: false, why: '' };
    default:
      return state;
  }
};

const begin = ({ data: { channel, fingerprint, at, because } }: Of<SessionCommand, 'BeginRenewal'>, state: Session): readonly SessionEvent[] => {
  const age = Date.parse(at) - Date.parse(state.since);
  const isKnown = state.fingerprint === fingerprint;
  if (state.status === 'renewing' && age < RENEWAL_STALLED_MS) return [];
  // What was refused may be mended by other settings, such as the app's secret.
  if (isKnown && state.status === 'refused' && because !== 'GIVEN') return [];
  if (isKnown && state.status === 'waiting' && state.renewAt > at) return [];
  if (isKnown && state.status === 'renewed' && (because === 'OVER' ? age < FRESH_MS : state.renewAt > at)) return [];
  return [{ type: 'SessionRenewalBegun', data: { channel, attempt: state.attempt + 1, fingerprint, at } }];
};

const restored = (channel: string, at: string, { open, refusals }: Session): readonly SessionEvent[] => (open ? [{ type: 'ChannelSessionRestored', data: { channel, time: refusals, restoredAt: at } }] : []);

const decide = (command: SessionCommand, state: Session): readonly SessionEvent[] => {
  const { data } = command;
  if ('attempt' in data && (state.status !== 'renewing' || data.attempt !== state.attempt)) return [];
  switch (command.type) {
    case 'BeginRenewal':
      return begin(command, state);
    case 'RecordRenewed': {
      const { channel, fingerprint, expiresAt, at } = command.data;
      // A third of its life is left for all that may go wrong.
      const renewAt = new Date(Date.parse(at) + Math.max(60_000, ((Date.parse(expiresAt) - Date.parse(at)) * 2) / 3)).toISOString();
      return [{ type: 'SessionRenewed', data: { channel, fingerprint, expiresAt, renewAt, at } }, ...restored(channel, at, state)];
    }
    case 'PutOffRenewal': {
      const { channel, why, nextAt } = command.data;
      return [{ type: 'SessionRenewalPutOff', data: { channel, why, nextAt } }];
    }
    case 'RecordRefused': {
      const { channel, platform, why, at } = command.data;
      return [{ type: 'ChannelSessionRefused', data: { channel, platform, detail: why, time: state.refusals + 1, refusedAt: at } }];
    }
    case 'NoteReplaced':
      return command.data.fingerprint === state.fingerprint ? [] : restored(command.data.channel, command.data.at, state);
    default:
      return unreachable(command);
  }
};

/** A channel's session: when it is renewed, and whether it could be. */
export const session: Decider<Session, SessionCommand, SessionEvent> = { category: 'session', initial, evolve, decide };
