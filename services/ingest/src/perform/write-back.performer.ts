import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import type { ServicePerformer } from '@flotilla/service-kit';
import { shipBy } from '../decide/ship-by.decider.js';
import { writeBack, type WriteBackCommand } from '../decide/write-back.decider.js';
import { writeBackId, type WriteBackIntent } from '../decide/write-back.events.js';
import { tellCancellation } from './cancellation.performer.js';
import { tellPlatform, type Telling } from './telling.js';

/** The intent becomes a job; its payload names the stream and nothing more. */
export const writeBackJobs = ({ type, data }: Recorded): readonly Job[] => {
  if (type !== 'WriteBackRequested') return [];
  const { parcelId, orderId } = data as WriteBackIntent;
  return [{ kind: 'write-back', intent: writeBackId(parcelId, orderId), payload: null }];
};

/** Tells platforms of shipments, `<parcel>.<order>`, and of cancellations, `<order>`. */
export const writeBackPerformer = (parts: Telling): ServicePerformer => {
  const [shipment, cancellation] = [tellShipment(parts), tellCancellation(parts)];
  const attempt = (job: Performed, meta: Meta): Promise<void> => (job.intent.includes('.') ? shipment(job, meta) : cancellation(job, meta));
  return { concurrency: 16, perform: attempt, resolve: attempt };
};

/** With the last shipment of an order its deadline is met. */
const tellShipment = (parts: Telling): ((job: Performed, meta: Meta) => Promise<void>) => {
  const { ctx } = parts;
  return async ({ intent: id, signal }: Performed, meta: Meta): Promise<void> => {
    const record = async (command: WriteBackCommand, met?: string): Promise<void> => {
      await ctx.store.execute({
        streams: [[writeBack, id], ...(met === undefined ? [] : [[shipBy, met] as const])],
        meta,
        decide: (unit) => {
          unit.run(writeBack, id, command);
          if (met !== undefined) unit.run(shipBy, met, { type: 'EndShipBy', data: { orderId: met, at: ctx.clock.business().toISOString() } });
        },
      });
    };
    const { status, intent } = (await ctx.store.folded(writeBack, [id])).get(id)!.state;
    if (intent === null || (status !== 'pending' && status !== 'unknown')) return;
    const { orderId, channel, channelOrderId, carrier, waybill, lines } = intent;
    const written = await tellPlatform(parts, {
      channel, meta, signal,
      tell: ({ writeBack: tell }) => tell && ((api) => tell(api, { channelOrderId, carrier, waybill, lines })),
      unknown: (why) => record({ type: 'RecordUnknown', data: { why } }),
    });
    if (written.outcome === 'failed') return record({ type: 'RecordFailure', data: { reason: written.reason, detail: written.detail } });
    return record({ type: 'RecordSuccess', data: { channelFulfilmentId: written.fulfilmentId, at: ctx.clock.business().toISOString() } }, written.open === false ? orderId : undefined);
  };
};
