import { setTimeout as sleep } from 'node:timers/promises';
import type { ingest } from '@flotilla/contracts';
import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import type { ListedItem } from '../channels/platform.js';
import { listing } from '../decide/listing.decider.js';
import type { Difference } from '../decide/listing.events.js';
import { longestKey } from '../decide/sku-lines.js';
import { levelOf } from '../decide/stock-level.js';
import type { Ingest } from '../ingest.parts.js';
import { mappedOf } from '../project/stock-keys.js';
import { rulesOf, standingOf } from '../query/stock.query.js';
import { channelApi } from './channel-api.js';

const tries = 6;
const longestWaitMs = 10_000;

/** What of the service this needs. */
export type Pulling = Pick<Ingest, 'platforms'> & { readonly ctx: Pick<ServiceContext, 'store' | 'pool' | 'clock' | 'outside'>; readonly channels: Pick<Ingest['channels'], 'get'> };

export const listingPullJobs = ({ type, data }: Recorded): readonly Job[] => {
  if (type !== 'PullBegun') return [];
  const { channel, pull } = data as { readonly channel: string; readonly pull: number };
  return [{ kind: 'listing-pull', intent: `${channel}.${pull}`, payload: null }];
};

/**
 * Fetches what a channel lists, page by page. Each page is an event with where the next one begins, so whoever goes on after a crash
 * begins there. What items show is compared with what they should.
 */
export const listingPullPerformer = ({ ctx, channels, platforms }: Pulling): ServicePerformer => {
  const pull = async ({ intent, signal }: Performed, meta: Meta): Promise<void> => {
    const [channel = '', number = ''] = intent.split('.');
    for (let failed = 0; ; ) {
      const { state } = (await ctx.store.folded(listing, [channel])).get(channel)!;
      if (!state.running || state.pull !== Number(number)) return;
      const shop = await channels.get(channel);
      const port = platforms.get(shop?.platform ?? '')?.stock;
      if (shop === undefined || port === undefined || shop.apiUrl === '') throw new Error(`channel ${channel} has no API to list its products with; connect it with api_url and api_token`);
      const inForce = await rulesOf(ctx.pool, channel);
      const asked = ctx.clock.machine().toISOString();
      const listed = await port.list(channelApi(ctx, shop, signal), { from: state.next, location: inForce?.rules.location ?? '' });
      if (listed.outcome === 'retry') {
        failed += 1;
        if (failed === tries) throw new Error(`the products of ${channel} cannot be listed yet: ${listed.why}`);
        await sleep(Math.min(longestWaitMs, Math.max(listed.afterMs, 100 * 2 ** failed)), undefined, { signal });
        continue;
      }
      failed = 0;
      // As it is listed: the SKU map knows names of any script. A longer one it does not know.
      const items = listed.items.map((item) => ({ ...item, sku: item.sku.length > longestKey ? '' : item.sku }));
      const differences = await differencesOf(ctx.pool, channel, items, inForce?.rules, asked);
      const at = ctx.clock.machine().toISOString();
      await ctx.store.execute({
        streams: [[listing, channel]],
        meta,
        decide: (unit) => void unit.run(listing, channel, { type: 'NotePage', data: { channel, pull: state.pull, from: state.next, next: listed.next, location: listed.location, items, differences, at } }),
      });
    }
  };
  return { concurrency: 4, perform: pull, resolve: pull };
};

const differencesOf = async (pool: ServiceContext['pool'], channel: string, items: readonly ListedItem[], rules: ingest.StockRules | undefined, asked: string): Promise<readonly Difference[]> => {
  if (rules === undefined) return [];
  const keys = (await mappedOf(pool, channel, items)).map(({ key }) => key);
  const skus = [...new Set(keys)].filter((sku) => sku !== '');
  const standing = new Map((await standingOf(pool, channel, rules.warehouses, skus)).map((one) => [one.sku, one]));
  return items.flatMap(({ item, shown, tracked }, at) => {
    const sku = keys[at]!;
    const stands = standing.get(sku);
    const { level } = stands && tracked ? levelOf(rules, stands.parts) : { level: undefined };
    if (stands === undefined || level === undefined || level === shown) return [];
    // What it had not accepted when it was asked it could not show.
    const underWay = stands.told !== level || stands.toldAt >= asked;
    return [{ item, sku, shown, level, underWay, correct: !rules.reportOnly && !underWay }];
  });
};
