import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceContext } from '@flotilla/service-kit';
import type { ConnectedChannel } from '../accept/connected-channels.js';
import { largestAnswer } from '../channels/bounded.js';
import type { ChannelApi } from '../channels/platform.js';

/** A channel's API behind its breaker; everything ends early when `signal` aborts. */
export const channelApi = (ctx: Pick<ServiceContext, 'outside'>, shop: ConnectedChannel, signal: AbortSignal): ChannelApi => {
  const outside = ctx.outside(`channel:${shop.id}`, { concurrency: 8, maxBytes: largestAnswer });
  return {
    url: shop.apiUrl,
    token: shop.token,
    secret: shop.secret,
    fetch: (url, init) => outside.fetch(url, { ...init, signal: init.signal ? AbortSignal.any([init.signal, signal]) : signal }),
    wait: (ms) => sleep(ms, undefined, { signal }),
  };
};
