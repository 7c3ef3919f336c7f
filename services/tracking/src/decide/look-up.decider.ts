import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';

export type LookUpCommand =
  /** Somebody who says that this is their phone wants a code. */
  | { readonly type: 'Ask'; readonly data: { readonly index: string; readonly lookUpId: string; readonly at: string } }
  /** Its code is about to be sent. `subject`: whose mailbox it goes to; "" = it goes to the phone itself. */
  | { readonly type: 'Send'; readonly data: { readonly index: string; readonly lookUpId: string; readonly subject: string; readonly at: string } }
  /** A code was typed. `right`: it is the one of the last look-up. */
  | { readonly type: 'Try'; readonly data: { readonly index: string; readonly right: boolean; readonly at: string } };

export type LookUpEvent =
  | { readonly type: 'CodeAsked'; readonly data: { readonly index: string; readonly lookUpId: string; readonly at: string } }
  | { readonly type: 'CodeSent'; readonly data: { readonly index: string; readonly lookUpId: string; readonly subject: string; readonly at: string } }
  | { readonly type: 'CodeRefused'; readonly data: { readonly index: string; readonly at: string } }
  | { readonly type: 'CodeAccepted'; readonly data: { readonly index: string; readonly lookUpId: string; readonly at: string } };

export interface LookUp {
  /** The last one that was asked for, and its wrong tries; "" = none, or it was used. */
  readonly lookUpId: string;
  readonly askedAt: string;
  /** Whether its code was sent; before that it opens nothing. */
  readonly sent: boolean;
  /** Whose mailbox it was sent to: it opens that person's parcels alone. "" = to the phone, whose parcels it opens all. */
  readonly subject: string;
  readonly mistakes: number;
  /** When codes were asked for, the newest last; older ones than an hour are dropped. */
  readonly asked: readonly string[];
}

const minute = 60_000;
export const goodForMs = 10 * minute;
export const mostMistakes = 5;
/** Codes to one phone in an hour: a stranger who types it can annoy its owner no more than that. */
export const mostCodes = 3;

const since = (at: string, ms: number): string => new Date(Date.parse(at) - ms).toISOString();

/** Whether a code of this look-up may still be sent and tried. */
export const isGood = ({ lookUpId, askedAt, mistakes }: LookUp, at: string): boolean => lookUpId !== '' && askedAt > since(at, goodForMs) && mistakes < mostMistakes;

const ask = ({ data }: Of<LookUpCommand, 'Ask'>, { asked }: LookUp): readonly LookUpEvent[] => {
  if (asked.filter((one) => one > since(data.at, 60 * minute)).length >= mostCodes) throw new Refused('OVERLOADED', 'this phone was sent enough codes; try again in an hour');
  return [{ type: 'CodeAsked', data }];
};

const send = ({ data }: Of<LookUpCommand, 'Send'>, state: LookUp): readonly LookUpEvent[] => (state.lookUpId === data.lookUpId && !state.sent && isGood(state, data.at) ? [{ type: 'CodeSent', data }] : []);

const attempt = ({ data: { index, right, at } }: Of<LookUpCommand, 'Try'>, state: LookUp): readonly LookUpEvent[] => {
  if (!isGood(state, at)) return [];
  return [right ? { type: 'CodeAccepted', data: { index, lookUpId: state.lookUpId, at } } : { type: 'CodeRefused', data: { index, at } }];
};

/** Proving to own a phone by a code that is sent to it. Stream `lookup-<index of the phone>`; the code itself stands nowhere. */
export const lookUp: Decider<LookUp, LookUpCommand, LookUpEvent> = {
  category: 'lookup',
  initial: { lookUpId: '', askedAt: '', sent: false, subject: '', mistakes: 0, asked: [] },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'CodeAsked':
        return { lookUpId: data.lookUpId, askedAt: data.at, sent: false, subject: '', mistakes: 0, asked: [...state.asked.filter((one) => one > since(data.at, 60 * minute)), data.at] };
      case 'CodeSent':
        return { ...state, sent: true, subject: data.subject };
      case 'CodeRefused':
        return { ...state, mistakes: state.mistakes + 1 };
      case 'CodeAccepted':
        return { ...state, lookUpId: '' };
      default:
        return state;
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'Ask':
        return ask(command, state);
      case 'Send':
        return send(command, state);
      case 'Try':
        return attempt(command, state);
      default:
        return unreachable(command);
    }
  },
};
