import { unreachable, type Decider } from '@flotilla/decider';
import type { WriteBackEvent, WriteBackIntent } from './write-back.events.js';

export type WriteBackCommand =
  | { readonly type: 'RequestWriteBack'; readonly data: WriteBackIntent & { readonly needed: boolean } }
  | { readonly type: 'RecordUnknown'; readonly data: { readonly why: string } }
  | { readonly type: 'RecordSuccess'; readonly data: { readonly channelFulfilmentId: string; readonly at: string } }
  | { readonly type: 'RecordFailure'; readonly data: { readonly reason: string; readonly detail: string } };

export interface WriteBackState {
  readonly status: 'none' | 'pending' | 'unknown' | 'done' | 'failed' | 'not-needed';
  readonly intent: WriteBackIntent | null;
}

const evolve = (state: WriteBackState, event: WriteBackEvent): WriteBackState => {
  switch (event.type) {
    case 'WriteBackRequested':
      return { status: 'pending', intent: event.data };
    case 'WriteBackNotNeeded':
      return { status: 'not-needed', intent: event.data };
    case 'WriteBackUnknown':
      return { ...state, status: 'unknown' };
    case 'WriteBackSucceeded':
      return { ...state, status: 'done' };
    case 'WriteBackFailed':
      return { ...state, status: 'failed' };
    default:
      return state;
  }
};

const decide = (command: WriteBackCommand, { status, intent }: WriteBackState): readonly WriteBackEvent[] => {
  if (command.type === 'RequestWriteBack') {
    const { needed, ...wanted } = command.data;
    return status === 'none' ? [{ type: needed ? 'WriteBackRequested' : 'WriteBackNotNeeded', data: wanted }] : [];
  }
  // An outcome is final: what a second worker finds out later is the same effect, seen twice.
  if (intent === null || (status !== 'pending' && status !== 'unknown')) return [];
  const { orderId, channel, channelOrderId, parcelId, carrier, waybill } = intent;
  switch (command.type) {
    case 'RecordUnknown':
      return status === 'unknown' ? [] : [{ type: 'WriteBackUnknown', data: { orderId, parcelId, why: command.data.why } }];
    case 'RecordSuccess':
      return [{ type: 'WriteBackSucceeded', data: { orderId, channel, channelOrderId, parcelId, carrier, waybill, channelFulfilmentId: command.data.channelFulfilmentId, acknowledgedAt: command.data.at } }];
    case 'RecordFailure':
      return [{ type: 'WriteBackFailed', data: { orderId, channel, channelOrderId, parcelId, ...command.data } }];
    default:
      return unreachable(command);
  }
};

/** One shipment told to one platform, once. */
export const writeBack: Decider<WriteBackState, WriteBackCommand, WriteBackEvent> = { category: 'writeBack', initial: { status: 'none', intent: null }, evolve, decide };
