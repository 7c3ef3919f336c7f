import type { EventStore } from '@flotilla/event-store';
import { remarkRulesId, type RemarkRulesEvent } from '../decide/remark-rules.decider.js';

/** The remark rules of a version, with who put them; `undefined` if there are none. One event each. */
export const findRemarkRules = async (store: Pick<EventStore, 'read'>, version: number): Promise<RemarkRulesEvent['data'] | undefined> => {
  const [event] = version < 1 ? [] : await store.read(`remarkRules-${remarkRulesId}`, { from: version, limit: 1 });
  return (event as unknown as RemarkRulesEvent | undefined)?.data;
};
