import type { EventStore, Logger, Meta } from '@flotilla/event-store';
import { hear, streamsOfLock } from '../../coordinate/wms/participant.js';
import { wmsLock } from '../../decide/wms/lock.decider.js';
import { pollPlaces } from '@flotilla/files';
import { withVictims } from '../../query/victims.js';
import type { FeedPage, WmsConnection } from './wms.js';

/** Looks for files at every target that has nothing but files, again and again. Two replicas may both look: what was taken in twice changes nothing. */
export const collectFiles = (options: {
  readonly connections: ReadonlyMap<string, WmsConnection>;
  readonly everyMs: number;
  readonly store: EventStore;
  readonly pool: Parameters<typeof withVictims>[0]['pool'];
  readonly take: (warehouse: string, page: FeedPage, meta: Meta) => Promise<void>;
  readonly meta: (actor: string) => Meta;
  readonly log: Logger;
}): { stop(): Promise<void> } => {
  const { connections, everyMs, store, take, meta, log } = options;
  return pollPlaces({
    places: connections, everyMs, log, close: async ({ port }) => port.close?.(),
    look: async (warehouse, { collect }, signal) => {
      const actor = `wms:${warehouse}`;
      await collect?.(
        {
          take: (page) => take(warehouse, page, meta(actor)),
          ended: async ({ lockId, ...end }) => {
            const { ask } = (await store.folded(wmsLock, [lockId])).get(lockId)?.state ?? {};
            // Whose lock it is not, its end is not told by this target.
            if (ask?.warehouse !== warehouse) return;
            await withVictims(options, streamsOfLock, async (victims, streams) => {
              await store.execute({ streams: [...streamsOfLock(lockId, warehouse, ask.lines), ...streams], meta: meta(actor), decide: (unit) => hear(unit, lockId, { type: 'EndThere', data: end }, victims) });
            });
          },
        },
        signal,
      );
    },
  });
};
