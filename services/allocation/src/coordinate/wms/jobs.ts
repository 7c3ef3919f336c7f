import type { Message } from '@flotilla/decider';
import type { WmsFeedEvent } from '../../decide/wms/feed.decider.js';
import type { WmsLockEvent } from '../../decide/wms/lock.events.js';

/** What a job about a lock needs to know; all else stands in the lock's stream. */
export interface WmsCallJob {
  readonly lockId: string;
  readonly call: number;
  /** How often was asked before; 0 for the call itself. */
  readonly ask: number;
}

export interface WmsIntent {
  readonly kind: 'wms' | 'wms-ask' | 'wms-snapshot';
  readonly intent: string;
  readonly payload: WmsCallJob | { readonly warehouse: string };
  readonly priority?: number;
  readonly runAt?: string;
}

/**
 * | event          | job                                     |
 * |----------------|-----------------------------------------|
 * | CallOwed       | call the system                         |
 * | OutcomeUnknown | ask what became of the call, later      |
 * | GapNoticed, WholeListWanted | fetch all that the system has |
 */
export const wmsJobs = (recorded: Message): readonly WmsIntent[] => {
  const event = recorded as WmsLockEvent | WmsFeedEvent;
  switch (event.type) {
    case 'CallOwed': {
      const { lockId, call, priority } = event.data;
      return [{ kind: 'wms', intent: `wms/${lockId}/${call}`, payload: { lockId, call, ask: 0 }, priority: 0 - priority }];
    }
    case 'OutcomeUnknown': {
      const { lockId, call, ask, askAfter } = event.data;
      return [{ kind: 'wms-ask', intent: `wms/${lockId}/${call}.${ask}`, payload: { lockId, call, ask }, runAt: askAfter }];
    }
    case 'GapNoticed': {
      const { warehouse, before } = event.data;
      return [{ kind: 'wms-snapshot', intent: `wms-snapshot/${warehouse}/${before}`, payload: { warehouse } }];
    }
    case 'WholeListWanted': {
      const { warehouse, at } = event.data;
      return [{ kind: 'wms-snapshot', intent: `wms-snapshot/${warehouse}/${at}`, payload: { warehouse } }];
    }
    default:
      return [];
  }
};

/** When to look again after `tries` looks without an answer: 0.5 s, 1 s, 2 s … `longestMs`. */
export const lookAgainAt = (now: Date, tries: number, longestMs: number): string => new Date(now.getTime() + Math.min(500 * 2 ** Math.min(tries, 20), longestMs)).toISOString();
