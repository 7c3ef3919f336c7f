import type { alerts } from '@flotilla/contracts';
import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Item } from './bundle.decider.js';
import type { Severity } from './rules.js';
import type { Change } from './ticket.decider.js';

/** What one target is told. */
export interface Message {
  readonly messageId: string;
  readonly target: string;
  readonly severity: Severity;
  readonly items: readonly Item[];
  /** Incidents beyond those that are listed. */
  readonly more: number;
  readonly requestedAt: string;
  /** For a ticket system: what became of the one incident in it. */
  readonly change?: Change & { readonly orders: readonly alerts.IncidentOrder[] };
}

export type Outcome = 'ACCEPTED' | 'FAILED' | 'UNKNOWN';

export type MessageCommand =
  | { readonly type: 'Request'; readonly data: Message }
  /** About to hand it over. Nothing comes of it if this attempt was begun or is not the next one. */
  | { readonly type: 'Attempt'; readonly data: { readonly attempt: number; readonly at: string } }
  | { readonly type: 'Accept'; readonly data: { readonly attempt: number; readonly at: string } }
  /** `repeatable`: the channel tells a second copy from the first, so that it may be sent again although nobody knows. */
  | { readonly type: 'Fail'; readonly data: { readonly attempt: number; readonly at: string; readonly certain: boolean; readonly final: boolean; readonly detail: string; readonly retryAfterMs: number; readonly repeatable: boolean } }
  /** The wait after a failure is over. */
  | { readonly type: 'Retry'; readonly data: { readonly now: string } }
  /** Five minutes have passed since it was requested. */
  | { readonly type: 'Miss'; readonly data: { readonly now: string } };

export type MessageEvent =
  | { readonly type: 'MessageRequested'; readonly data: Message }
  | { readonly type: 'MessageAttempted'; readonly data: { readonly messageId: string; readonly attempt: number; readonly at: string } }
  /** `retryAt`: machine time; "" = it is not tried again. */
  | { readonly type: 'MessageAttemptFailed'; readonly data: { readonly messageId: string; readonly attempt: number; readonly certain: boolean; readonly detail: string; readonly retryAt: string } }
  | { readonly type: 'MessageDue'; readonly data: { readonly messageId: string; readonly attempt: number } }
  /** Nobody had taken it by then; it is still tried. */
  | { readonly type: 'MessageMissed'; readonly data: { readonly messageId: string; readonly target: string; readonly at: string } }
  | { readonly type: 'MessageSettled'; readonly data: { readonly messageId: string; readonly target: string; readonly outcome: Outcome; readonly attempts: number; readonly detail: string; readonly at: string } };

export interface MessageState {
  readonly status: 'none' | 'due' | 'trying' | 'waiting' | 'settled';
  readonly message: Message | null;
  /** The attempt that is due, under way, or was the last one. */
  readonly attempt: number;
  /** Attempts that the provider refused for certain. */
  readonly refusals: number;
  /** Attempts of which nobody knows. */
  readonly doubts: number;
  readonly retryAt: string;
  readonly accepted: boolean;
  readonly missed: boolean;
}

/** People are told within five minutes, or somebody else is. */
export const deliverWithinMs = 5 * 60_000;
export const deliverBy = (requestedAt: string): string => new Date(Date.parse(requestedAt) + deliverWithinMs).toISOString();

const waits = [5, 15, 45, 120, 300, 600, 600, 600, 600, 600];
/** The first one and one after each wait: about an hour in all. */
export const mostAttempts = waits.length + 1;
/** A robot cannot tell a repeat: somebody must be told, but nobody three times. */
export const mostDoubts = 2;

const attempt = ({ data }: Of<MessageCommand, 'Attempt'>, { status, message, attempt: due }: MessageState): readonly MessageEvent[] =>
  message && status === 'due' && data.attempt === due ? [{ type: 'MessageAttempted', data: { messageId: message.messageId, ...data } }] : [];

const settled = ({ messageId, target }: Message, outcome: Outcome, attempts: number, detail: string, at: string): MessageEvent => ({
  type: 'MessageSettled',
  data: { messageId, target, outcome, attempts, detail, at },
});

const fail = ({ data }: Of<MessageCommand, 'Fail'>, { status, message, attempt: current, doubts }: MessageState): readonly MessageEvent[] => {
  const { at, certain, final, detail, retryAfterMs, repeatable } = data;
  if (!message || status !== 'trying' || data.attempt !== current) return [];
  const { messageId } = message;
  const inDoubt = doubts + (certain ? 0 : 1);
  const over = final || current >= mostAttempts || (!certain && !repeatable && inDoubt >= mostDoubts);
  const waitMs = Math.max((waits[current - 1] ?? 0) * 1_000, retryAfterMs);
  const failed = (retryAt: string): MessageEvent => ({ type: 'MessageAttemptFailed', data: { messageId, attempt: current, certain, detail, retryAt } });
  if (over) return [failed(''), settled(message, inDoubt > 0 ? 'UNKNOWN' : 'FAILED', current, detail, at)];
  return [failed(new Date(Date.parse(at) + waitMs).toISOString())];
};

/** One message to one target: tried until the provider has it, for about an hour; its outcome visible whatever happens. */
export const message: Decider<MessageState, MessageCommand, MessageEvent> = {
  category: 'message',
  initial: { status: 'none', message: null, attempt: 0, refusals: 0, doubts: 0, retryAt: '', accepted: false, missed: false },
  evolve: (state, event) => {
    switch (event.type) {
      case 'MessageRequested':
        return { ...state, status: 'due', message: event.data, attempt: 1 };
      case 'MessageAttempted':
        return { ...state, status: 'trying' };
      case 'MessageAttemptFailed': {
        const { certain, retryAt } = event.data;
        return { ...state, status: 'waiting', retryAt, refusals: state.refusals + (certain ? 1 : 0), doubts: state.doubts + (certain ? 0 : 1) };
      }
      case 'MessageDue':
        return { ...state, status: 'due', attempt: event.data.attempt, retryAt: '' };
      case 'MessageSettled':
        return { ...state, status: 'settled', retryAt: '', accepted: event.data.outcome === 'ACCEPTED' };
      case 'MessageMissed':
        return { ...state, missed: true };
      default:
        return state;
    }
  },
  decide: (command, state) => {
    const { status, message: asked, retryAt } = state;
    switch (command.type) {
      case 'Request':
        return status === 'none' ? [{ type: 'MessageRequested', data: command.data }] : [];
      case 'Attempt':
        return attempt(command, state);
      case 'Accept':
        return asked && status === 'trying' && command.data.attempt === state.attempt ? [settled(asked, 'ACCEPTED', state.attempt, '', command.data.at)] : [];
      case 'Fail':
        return fail(command, state);
      case 'Retry':
        return asked && status === 'waiting' && retryAt !== '' && retryAt <= command.data.now ? [{ type: 'MessageDue', data: { messageId: asked.messageId, attempt: state.attempt + 1 } }] : [];
      case 'Miss':
        return asked && !state.accepted && !state.missed && deliverBy(asked.requestedAt) <= command.data.now ? [{ type: 'MessageMissed', data: { messageId: asked.messageId, target: asked.target, at: command.data.now } }] : [];
      default:
        return unreachable(command);
    }
  },
};
