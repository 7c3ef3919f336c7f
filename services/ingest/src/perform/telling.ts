import { setTimeout as sleep } from 'node:timers/promises';
import type { Meta } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import type { ChannelApi, Platform, WrittenBack } from '../channels/platform.js';
import type { Ingest } from '../ingest.parts.js';
import { channelApi } from './channel-api.js';

const tries = 6;
const longestWaitMs = 5_000;

/** What of the service this needs. `renew`: begins what may bring a session that has run out back. */
export type Telling = Pick<Ingest, 'platforms'> & {
  readonly ctx: Pick<ServiceContext, 'store' | 'clock' | 'outside'>;
  readonly channels: Pick<Ingest['channels'], 'get' | 'forget'>;
  readonly renew?: (channel: string, meta: Meta) => Promise<void>;
};

interface Told {
  readonly channel: string;
  readonly meta: Meta;
  readonly signal: AbortSignal;
  /** Of a platform that can be told. */
  readonly tell: (platform: Platform) => ((api: ChannelApi) => Promise<WrittenBack>) | undefined;
  /** An attempt came to nothing yet. */
  readonly unknown: (why: string) => Promise<void>;
}

/**
 * Tells a platform something until it has said yes or no. The first attempt and every later one are the same: the platform's own record is read before
 * anything is written, so an attempt whose answer was lost is found and not done again. Limits, outages and sessions that have run out are waited out,
 * here for a while and then, by throwing, by the job's own backoff; they are no failure.
 */
export const tellPlatform = async ({ ctx, channels, platforms, renew }: Telling, { channel, meta, signal, tell, unknown }: Told): Promise<Exclude<WrittenBack, { outcome: 'retry' }>> => {
  for (let turn = 1; ; turn += 1) {
    const shop = await channels.get(channel);
    const platform = platforms.get(shop?.platform ?? '');
    const call = platform && tell(platform);
    if (shop === undefined || call === undefined || shop.apiUrl === '') return { outcome: 'failed', reason: 'UNKNOWN_CHANNEL', detail: `channel ${channel} has no API to write back to; connect it with api_url and api_token` };
    const written = await call(channelApi(ctx, shop, signal));
    if (written.outcome !== 'retry') return written;
    await unknown(written.why);
    if (written.session === true) {
      // Perhaps it was renewed meanwhile, and this was asked with the one before.
      channels.forget(channel);
      if ((await channels.get(channel))?.token === shop.token) await renew?.(channel, meta);
    }
    if (turn === tries) throw new Error(`the platform of ${channel} could not be told yet: ${written.why}`);
    // Spread out, so that all the work that met one limit does not meet the next together.
    await sleep(Math.min(longestWaitMs, Math.max(written.afterMs, 100 * 2 ** turn)) * (1 + Math.random() / 4), undefined, { signal });
    if (written.session === true) channels.forget(channel);
  }
};
