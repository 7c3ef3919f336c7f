import { Refused } from '@flotilla/decider';
import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { bulkReplay, type Replayed } from '../decide/bulk-replay.decider.js';
import { passes, raced } from './passing.js';

export const bulkReplayJobs = ({ type, data }: Recorded): readonly Job[] => (type === 'BulkReplayBegun' ? [{ kind: 'bulk-replay', intent: (data as { readonly id: string }).id, payload: null }] : []);

/** Handles the entries one after the other; where the last one ended is in the stream. An entry that was handled before a crash is handled again, and nothing comes of it. */
export const bulkReplayPerformer = ({ ctx }: { readonly ctx: Pick<ServiceContext, 'store' | 'clock' | 'log'> }, replay: (entry: string, meta: Meta) => Promise<{ readonly orderId: string; readonly state: string; readonly reason: string }>): ServicePerformer => {
  const one = async (entry: string, signal: AbortSignal, meta: Meta): Promise<Replayed> => {
    try {
      const { orderId, state, reason } = await replay(entry, meta);
      return { entry, orderId, state: state === 'PLACED' ? 'PLACED' : 'PARKED', reason };
    } catch (error) {
      if (error instanceof Refused && !raced(error)) return { entry, orderId: '', state: 'FAILED', reason: error.reason };
      if (signal.aborted || passes(error)) throw error;
      // It would fail again each time, and the others behind it would never be handled.
      ctx.log.error({ entry, err: error }, 'an entry of the quarantine cannot be handled');
      return { entry, orderId: '', state: 'FAILED', reason: 'INTERNAL' };
    }
  };
  const perform = async ({ intent: id, signal }: Performed, meta: Meta): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const { state } = (await ctx.store.folded(bulkReplay, [id])).get(id)!;
      const entry = state?.entries[state.done];
      if (entry === undefined) return;
      const replayed = await one(entry, signal, meta);
      await ctx.store.execute({ streams: [[bulkReplay, id]], meta, decide: (unit) => void unit.run(bulkReplay, id, { type: 'NoteReplayed', data: { ...replayed, id, at: ctx.clock.machine().toISOString() } }) });
    }
  };
  return { concurrency: 2, perform, resolve: perform };
};
