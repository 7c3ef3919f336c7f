import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Notice, NoticeEvent } from './notice.events.js';

export type NoticeCommand =
  | { readonly type: 'Request'; readonly data: Notice }
  /** About to hand it to the provider. Nothing comes of it when no attempt is left. */
  | { readonly type: 'Attempt'; readonly data: { readonly at: string } }
  | { readonly type: 'Accept'; readonly data: Record<string, never> }
  /** The attempt failed: certainly, finally (another one would fare no better), or nobody knows. */
  | { readonly type: 'Fail'; readonly data: { readonly certain: boolean; readonly final: boolean; readonly detail: string } }
  /** It is night there. */
  | { readonly type: 'Postpone'; readonly data: { readonly until: string } }
  /** The night is over. */
  | { readonly type: 'Wake'; readonly data: { readonly at: string } }
  /** The buyer wants none of these. */
  | { readonly type: 'Decline'; readonly data: Record<string, never> }
  /** There is nobody to write to: the address was erased. */
  | { readonly type: 'NoAddress'; readonly data: Record<string, never> }
  /** The platform masks the buyer, and writes to them itself. */
  | { readonly type: 'LeaveToPlatform'; readonly data: Record<string, never> };

export interface NoticeState {
  readonly status: 'none' | 'pending' | 'postponed' | 'trying' | 'settled';
  readonly notice: Notice | null;
  readonly attempts: number;
  /** Attempts that the provider refused for certain. */
  readonly refusals: number;
  /** An attempt of which nobody knows whether the provider took it. */
  readonly doubt: boolean;
  /** When a postponed one is written; "" = it is not postponed. */
  readonly until: string;
}

/** The first one and, at most, one more: a person must not be written to again and again. */
export const mostAttempts = 2;

const evolve = (state: NoticeState, event: NoticeEvent): NoticeState => {
  switch (event.type) {
    case 'NoticeRequested':
      return { ...state, status: 'pending', notice: event.data };
    case 'NoticeAttempted':
      // One that never reported is in doubt: the process ended between.
      return { ...state, status: 'trying', attempts: event.data.attempt, doubt: state.doubt || state.status === 'trying' };
    case 'NoticeAttemptFailed':
      return { ...state, status: 'pending', doubt: state.doubt || !event.data.certain, refusals: state.refusals + (event.data.certain ? 1 : 0) };
    case 'NoticePostponed':
      return { ...state, status: 'postponed', until: event.data.until };
    case 'NoticeDue':
      return { ...state, status: 'pending', until: '' };
    case 'NoticeSettled':
      return { ...state, status: 'settled' };
    default:
      return state;
  }
};

const settled = ({ noticeId, parcelId, foId, kind, medium }: Notice, outcome: 'ACCEPTED' | 'FAILED' | 'UNKNOWN' | 'NO_ADDRESS' | 'OPTED_OUT' | 'LEFT_TO_PLATFORM'): NoticeEvent => ({
  type: 'NoticeSettled',
  data: { parcelId, foId, noticeId, kind, medium, outcome },
});

const request = ({ data }: Of<NoticeCommand, 'Request'>, { status }: NoticeState): readonly NoticeEvent[] => {
  if (status !== 'none') return [];
  const requested: NoticeEvent = { type: 'NoticeRequested', data };
  return data.to === '' ? [requested, settled(data, 'NO_ADDRESS')] : [requested];
};

const attempt = ({ data }: Of<NoticeCommand, 'Attempt'>, { status, notice, attempts, doubt }: NoticeState): readonly NoticeEvent[] => {
  if (!notice || status === 'settled' || status === 'none' || status === 'postponed') return [];
  if (attempts >= mostAttempts) return [settled(notice, doubt || status === 'trying' ? 'UNKNOWN' : 'FAILED')];
  return [{ type: 'NoticeAttempted', data: { noticeId: notice.noticeId, attempt: attempts + 1, at: data.at } }];
};

const fail = ({ data }: Of<NoticeCommand, 'Fail'>, { status, notice, attempts, doubt }: NoticeState): readonly NoticeEvent[] => {
  if (!notice || status !== 'trying') return [];
  const failed: NoticeEvent = { type: 'NoticeAttemptFailed', data: { noticeId: notice.noticeId, attempt: attempts, ...data } };
  if (!data.final && attempts < mostAttempts) return [failed];
  return [failed, settled(notice, doubt || !data.certain ? 'UNKNOWN' : 'FAILED')];
};

/** One message to a person: asked for once, tried twice at most, its outcome visible whatever happens. */
export const notice: Decider<NoticeState, NoticeCommand, NoticeEvent> = {
  category: 'notice',
  initial: { status: 'none', notice: null, attempts: 0, refusals: 0, doubt: false, until: '' },
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Request':
        return request(command, state);
      case 'Attempt':
        return attempt(command, state);
      case 'Accept':
        return state.notice && state.status === 'trying' ? [settled(state.notice, 'ACCEPTED')] : [];
      case 'Fail':
        return fail(command, state);
      case 'Postpone':
        return state.notice && state.status === 'pending' && state.attempts === 0 ? [{ type: 'NoticePostponed', data: { noticeId: state.notice.noticeId, until: command.data.until } }] : [];
      case 'Wake':
        return state.notice && state.status === 'postponed' && state.until <= command.data.at ? [{ type: 'NoticeDue', data: { noticeId: state.notice.noticeId, at: command.data.at } }] : [];
      case 'Decline':
        return state.notice && state.status !== 'settled' && state.attempts === 0 ? [settled(state.notice, 'OPTED_OUT')] : [];
      case 'NoAddress':
        return state.notice && state.status !== 'settled' ? [settled(state.notice, 'NO_ADDRESS')] : [];
      case 'LeaveToPlatform':
        return state.notice && state.status !== 'settled' ? [settled(state.notice, 'LEFT_TO_PLATFORM')] : [];
      default:
        return unreachable(command);
    }
  },
};
