import type { Message } from '@flotilla/decider';
import type { ParcelEvent } from '../decide/parcel.events.js';

/** What a job of a purchase or of its end needs to know; all else stands in the parcel's stream. */
export interface ParcelJob {
  readonly parcelId: string;
  readonly purchase: number;
  /** How often was asked before; 0 for the first call. */
  readonly ask: number;
}

/** Work that an event asks for; the intent is its key and the same for ever. */
export interface ParcelIntent {
  readonly kind: 'waybill' | 'ask' | 'void';
  readonly intent: string;
  readonly payload: ParcelJob;
  readonly priority?: number;
  readonly runAt?: string;
}

/**
 * | event            | job                                   |
 * |------------------|---------------------------------------|
 * | WaybillRequested | buy                                   |
 * | WaybillUnknown   | ask the carrier what it knows, later  |
 * | VoidRequested    | void                                  |
 * | VoidUnknown      | void again, later                     |
 */
export const parcelJobs = (recorded: Message): readonly ParcelIntent[] => {
  const event = recorded as ParcelEvent;
  switch (event.type) {
    case 'WaybillRequested': {
      const { parcelId, purchase, priority } = event.data;
      return [{ kind: 'waybill', intent: `waybill/${parcelId}/${purchase}`, payload: { parcelId, purchase, ask: 0 }, priority: 0 - priority }];
    }
    case 'WaybillUnknown': {
      const { parcelId, purchase, ask, askAfter } = event.data;
      return [{ kind: 'ask', intent: `ask/${parcelId}/${purchase}.${ask}`, payload: { parcelId, purchase, ask }, runAt: askAfter }];
    }
    case 'VoidRequested': {
      const { parcelId, purchase } = event.data;
      return [{ kind: 'void', intent: `void/${parcelId}/${purchase}`, payload: { parcelId, purchase, ask: 0 } }];
    }
    case 'VoidUnknown': {
      const { parcelId, purchase, attempt, after } = event.data;
      return [{ kind: 'void', intent: `void/${parcelId}/${purchase}.${attempt}`, payload: { parcelId, purchase, ask: attempt }, runAt: after }];
    }
    default:
      return [];
  }
};

/** When to look again after `tries` looks without an answer: 0.5 s, 1 s, 2 s … 5 min. */
export const lookAgainAt = (now: Date, tries: number): string => new Date(now.getTime() + Math.min(500 * 2 ** Math.min(tries, 20), 300_000)).toISOString();
