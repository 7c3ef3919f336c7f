import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import { cancellation, type CancellationCommand } from '../decide/cancellation.decider.js';
import type { CancellationIntent } from '../decide/cancellation.events.js';
import { tellPlatform, type Telling } from './telling.js';

// Of the same kind as shipments, since each kind of work holds a connection to the database for good.
export const cancellationJobs = ({ type, data }: Recorded): readonly Job[] => (type === 'CancellationRequested' ? [{ kind: 'write-back', intent: (data as CancellationIntent).orderId, payload: null }] : []);

/** Tells a platform that an order is not sent any more. */
export const tellCancellation = (parts: Telling): ((job: Performed, meta: Meta) => Promise<void>) => {
  const { ctx } = parts;
  return async ({ intent: orderId, signal }: Performed, meta: Meta): Promise<void> => {
    const record = async (command: CancellationCommand): Promise<void> => {
      await ctx.store.execute({ streams: [[cancellation, orderId]], meta, decide: (unit) => void unit.run(cancellation, orderId, command) });
    };
    const { status, intent } = (await ctx.store.folded(cancellation, [orderId])).get(orderId)!.state;
    if (intent === null || (status !== 'pending' && status !== 'unknown')) return;
    const { channel, channelOrderId, reason } = intent;
    const written = await tellPlatform(parts, {
      channel, meta, signal,
      tell: ({ cancel }) => cancel && ((api) => cancel(api, { channelOrderId, reason })),
      unknown: (why) => record({ type: 'RecordUnknown', data: { why } }),
    });
    const at = ctx.clock.business().toISOString();
    return record(written.outcome === 'done' ? { type: 'RecordTold', data: { at } } : { type: 'RecordRefused', data: { reason: written.reason, detail: written.detail, at } });
  };
};
