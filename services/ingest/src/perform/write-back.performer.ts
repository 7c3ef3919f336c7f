import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import type { WrittenBack } from '../channels/platform.js';
import { writeBack, type WriteBackCommand } from '../decide/write-back.decider.js';
import { writeBackId, type WriteBackIntent } from '../decide/write-back.events.js';
import type { Ingest } from '../ingest.parts.js';
import { channelApi } from './channel-api.js';

const tries = 6;
const longestWaitMs = 5_000;

/** What of the service this needs. */
export type WritingBack = Pick<Ingest, 'platforms'> & { readonly ctx: Pick<ServiceContext, 'store' | 'clock' | 'outside'>; readonly channels: Pick<Ingest['channels'], 'get'> };

/** The intent becomes a job; its payload names the stream and nothing more. */
export const writeBackJobs = ({ type, data }: Recorded): readonly Job[] => {
  if (type !== 'WriteBackRequested') return [];
  const { parcelId, orderId } = data as WriteBackIntent;
  return [{ kind: 'write-back', intent: writeBackId(parcelId, orderId), payload: null }];
};

/**
 * Tells a platform of a shipment. The first attempt and every later one are the same: the platform's own record is read
 * before anything is posted, so an attempt whose answer was lost is found and not done again. Limits and outages are
 * waited out, here for a while and then by the job's own backoff; they are no failure.
 */
export const writeBackPerformer = ({ ctx, channels, platforms }: WritingBack): ServicePerformer => {

  const attempt = async ({ intent: id, signal }: Performed, meta: Meta): Promise<void> => {
    const record = async (command: WriteBackCommand): Promise<void> => {
      await ctx.store.execute({ streams: [[writeBack, id]], meta, decide: (unit) => void unit.run(writeBack, id, command) });
    };
    const { status, intent } = (await ctx.store.folded(writeBack, [id])).get(id)!.state;
    if (intent === null || (status !== 'pending' && status !== 'unknown')) return;
    const shop = await channels.get(intent.channel);
    const tell = platforms.get(shop?.platform ?? '')?.writeBack;
    if (shop === undefined || tell === undefined || shop.apiUrl === '') {
      await record({ type: 'RecordFailure', data: { reason: 'UNKNOWN_CHANNEL', detail: `channel ${intent.channel} has no API to write back to; connect it with api_url and api_token` } });
      return;
    }
    const api = channelApi(ctx, shop, signal);
    const { channelOrderId, carrier, waybill, lines } = intent;
    for (let turn = 1; ; turn += 1) {
      const written: WrittenBack = await tell(api, { channelOrderId, carrier, waybill, lines });
      switch (written.outcome) {
        case 'done':
          return record({ type: 'RecordSuccess', data: { channelFulfilmentId: written.fulfilmentId, at: ctx.clock.business().toISOString() } });
        case 'failed':
          return record({ type: 'RecordFailure', data: { reason: written.reason, detail: written.detail } });
        case 'retry':
          await record({ type: 'RecordUnknown', data: { why: written.why } });
          if (turn === tries) throw new Error(`the platform of ${intent.channel} could not be told yet: ${written.why}`);
          // Spread out, so that all the work that met one limit does not meet the next together.
          await sleep(Math.min(longestWaitMs, Math.max(written.afterMs, 100 * 2 ** turn)) * (1 + Math.random() / 4), undefined, { signal });
      }
    }
  };
  return { concurrency: 16, perform: attempt, resolve: attempt };
};
