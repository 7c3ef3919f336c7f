import { unreachable, type Decider } from '@flotilla/decider';
import type { CancellationEvent, CancellationIntent } from './cancellation.events.js';

export type CancellationCommand =
  | { readonly type: 'RequestCancellation'; readonly data: CancellationIntent & { readonly needed: boolean } }
  /** The platform is who wants it cancelled: it need not be told. */
  | { readonly type: 'NoteKnown'; readonly data: { readonly orderId: string } }
  | { readonly type: 'RecordUnknown'; readonly data: { readonly why: string } }
  | { readonly type: 'RecordTold'; readonly data: { readonly at: string } }
  | { readonly type: 'RecordRefused'; readonly data: { readonly reason: string; readonly detail: string; readonly at: string } };

export interface CancellationState {
  readonly status: 'none' | 'pending' | 'unknown' | 'done' | 'failed' | 'not-needed';
  readonly intent: CancellationIntent | null;
}

const evolve = (state: CancellationState, event: CancellationEvent): CancellationState => {
  switch (event.type) {
    case 'CancellationRequested':
      return { status: 'pending', intent: event.data };
    case 'CancellationNotNeeded':
      return { ...state, status: 'not-needed' };
    case 'CancellationUnknown':
      return { ...state, status: 'unknown' };
    case 'ChannelCancellationTold':
      return { ...state, status: 'done' };
    case 'ChannelCancellationRefused':
      return { ...state, status: 'failed' };
    default:
      return state;
  }
};

const decide = (command: CancellationCommand, { status, intent }: CancellationState): readonly CancellationEvent[] => {
  if (command.type === 'NoteKnown') return status === 'none' ? [{ type: 'CancellationNotNeeded', data: command.data }] : [];
  if (command.type === 'RequestCancellation') {
    const { needed, ...wanted } = command.data;
    if (status !== 'none') return [];
    return needed ? [{ type: 'CancellationRequested', data: wanted }] : [{ type: 'CancellationNotNeeded', data: { orderId: wanted.orderId } }];
  }
  // An outcome is final: what a second worker finds out later is the same effect, seen twice.
  if (intent === null || (status !== 'pending' && status !== 'unknown')) return [];
  const { orderId, channel, channelOrderId } = intent;
  switch (command.type) {
    case 'RecordUnknown':
      return status === 'unknown' ? [] : [{ type: 'CancellationUnknown', data: { orderId, why: command.data.why } }];
    case 'RecordTold':
      return [{ type: 'ChannelCancellationTold', data: { orderId, channel, channelOrderId, acknowledgedAt: command.data.at } }];
    case 'RecordRefused': {
      const { reason, detail, at } = command.data;
      return [{ type: 'ChannelCancellationRefused', data: { orderId, channel, channelOrderId, reason, detail, refusedAt: at } }];
    }
    default:
      return unreachable(command);
  }
};

/** A cancellation of ours told to one platform, once. */
export const cancellation: Decider<CancellationState, CancellationCommand, CancellationEvent> = { category: 'cancellation', initial: { status: 'none', intent: null }, evolve, decide };
