import type { EventStore } from '@flotilla/event-store';
import type { MappingEvent } from '../decide/mapping.decider.js';

/** A channel's mapping of a version, with who put it; `undefined` if there is none. One event each. */
export const findMapping = async (store: Pick<EventStore, 'read'>, channel: string, version: number): Promise<MappingEvent['data'] | undefined> => {
  const [event] = version < 1 ? [] : await store.read(`mapping-${channel}`, { from: version, limit: 1 });
  return (event as unknown as MappingEvent | undefined)?.data;
};
