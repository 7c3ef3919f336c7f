import { setTimeout as sleep } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import type { ConnectedChannel } from '../accept/connected-channels.js';
import { recording } from '../accept/deliveries.js';
import { beginning } from '../accept/order-pull.timers.js';
import type { OrdersPort, OrdersPulled, Platform } from '../channels/platform.js';
import type { Accepted } from '../coordinate/receiving.js';
import { channelOrder } from '../decide/channel-order.decider.js';
import { orderPull, type OrderPull, type OrderPullCommand } from '../decide/order-pull.decider.js';
import type { Hours } from '../decide/order-pull.events.js';
import type { Ingest } from '../ingest.parts.js';
import { channelApi } from './channel-api.js';

const tries = 6;
const longestWaitMs = 10_000;
const hourMs = 3_600_000;

/** What is counted of pulls. */
export interface PullFigures {
  pulled(platform: string, orders: number): void;
  failed(platform: string, blocked: boolean): void;
}

/** What of the service this needs. */
export type PullingOrders = Pick<Ingest, 'platforms' | 'deliveries'> & { readonly ctx: Pick<ServiceContext, 'store' | 'clock' | 'outside'>; readonly channels: Pick<Ingest['channels'], 'get' | 'forget'> };

type Turn = { readonly outcome: 'taken'; readonly orders: number } | Exclude<OrdersPulled, { outcome: 'page' }>;

export const orderPullJobs = ({ type, data }: Recorded): readonly Job[] => {
  if (type !== 'OrderPullBegun') return [];
  const { channel, pull } = data as { readonly channel: string; readonly pull: number };
  return [{ kind: 'order-pull', intent: `${channel}.${pull}`, payload: null }];
};

/**
 * Asks a platform for what was changed, page by page. A page and where the next one begins are one append, so that whoever goes on after a crash begins
 * there, and two that pull at once note a page once. One that comes to nothing, for whatever reason, moves nothing and ends: the next begins where it did. `renew`: what may bring a session that has run out back.
 */
export const orderPullPerformer = ({ ctx, channels, platforms, deliveries }: PullingOrders, figures: PullFigures, renew?: (channel: string, meta: Meta) => Promise<void>): ServicePerformer => {
  const run = async (channel: string, meta: Meta, command: OrderPullCommand): Promise<void> => {
    await ctx.store.execute({ streams: [[orderPull, channel]], meta, decide: (unit) => void unit.run(orderPull, channel, command) });
  };
  const taken = async ({ shop, platform, port }: { readonly shop: ConnectedChannel; readonly platform: Platform; readonly port: OrdersPort }, state: Pick<OrderPull, 'pull' | 'from' | 'to' | 'next'>, meta: Meta, signal: AbortSignal): Promise<Turn> => {
    const channel = shop.id;
    const answer = await port.pull(channelApi(ctx, shop, signal), { from: state.from, to: state.to, next: state.next });
    if (answer.outcome !== 'page') return answer;
    const at = ctx.clock.business().toISOString();
    const accepted = (
      await deliveries.accept(
        // The same bytes again, of an overlap, are the same delivery.
        answer.orders.map(({ topic, body }) => ({ channel, connected: shop, platform, deliveryId: `pull-${createHash('sha256').update(body).digest('hex')}`, source: 'PULL', topic, sentAt: '', receivedAt: at, body })),
        { withErased: true },
      )
    ).flat();
    const record = recording(accepted, meta);
    await ctx.store.execute({
      streams: [[orderPull, channel], ...record.streams],
      meta,
      decide: (unit) => {
        const placed = placedBy(accepted.filter(({ delivery }) => !unit.state(channelOrder, delivery.orderId).told.received));
        record.decide(unit);
        unit.run(orderPull, channel, { type: 'NoteOrderPage', data: { channel, pull: state.pull, from: state.next, next: answer.next, orders: accepted.length, placed, at } });
      },
    });
    return { outcome: 'taken', orders: accepted.length };
  };
  const pull = async ({ intent, signal }: Performed, meta: Meta): Promise<void> => {
    const [channel = '', number = ''] = intent.split('.');
    for (let failed = 0; ; ) {
      const { state } = (await ctx.store.folded(orderPull, [channel])).get(channel)!;
      if (state.status !== 'running' || state.pull !== Number(number)) return;
      const shop = await channels.get(channel);
      const platform = platforms.get(shop?.platform ?? '');
      const giveUp = async (why: string, blocked: boolean, afterMs = 0): Promise<void> => {
        figures.failed(platform?.name ?? '', blocked);
        const now = ctx.clock.business();
        // What a platform says may be cut off within a character, which no event could hold.
        const said = why.slice(0, 300).toWellFormed().replaceAll('\0', ' ');
        await run(channel, meta, { type: 'FailOrderPull', data: { channel, pull: state.pull, why: said, blocked, at: now.toISOString(), notBefore: new Date(now.getTime() + afterMs * ctx.clock.rate).toISOString() } });
      };
      if (shop === undefined || platform?.orders === undefined || shop.apiUrl === '') return giveUp('the channel has no API to ask for its orders; connect it with api_url, secret and api_token', true);
      const turn = await taken({ shop, platform, port: platform.orders }, state, meta, signal).catch((error: unknown): Turn => {
        signal.throwIfAborted();
        // Only of a refusal it is known that its words quote nobody.
        return { outcome: 'retry', afterMs: 0, why: `a page of orders could not be taken: ${error instanceof Refused ? error.message : (error as Error).name}` };
      });
      if (turn.outcome === 'taken') {
        failed = 0;
        figures.pulled(platform.name, turn.orders);
        continue;
      }
      if (turn.outcome === 'blocked') {
        if (turn.session === true && (failed += 1) < tries) {
          // Perhaps it was renewed meanwhile, and this was asked with the one before.
          channels.forget(channel);
          if ((await channels.get(channel))?.token !== shop.token) continue;
        }
        await giveUp(turn.why, true);
        // With a new one the pull is tried at once: by its timer, unless it came before this end was noted, which has set the timer anew.
        if (turn.session !== true) return;
        await renew?.(channel, meta);
        channels.forget(channel);
        const begin = (await channels.get(channel))?.token === shop.token ? undefined : await beginning({ ctx, platforms, channels }, channel, false);
        if (begin !== undefined) await run(channel, meta, begin);
        return;
      }
      failed += 1;
      // Who waits for long keeps nobody from asking other channels meanwhile.
      if (failed === tries || turn.afterMs > longestWaitMs) return giveUp(turn.why, false, turn.afterMs);
      await sleep(Math.max(turn.afterMs, 100 * 2 ** failed), undefined, { signal });
    }
  };
  return { concurrency: 4, perform: pull, resolve: pull };
};

const placedBy = (fresh: readonly Accepted[]): Hours => {
  const hours = new Map<number, number>();
  for (const { outcome } of fresh) {
    if (outcome.as !== 'order') continue;
    const hour = Math.floor(Date.parse(outcome.order.placedAt) / hourMs);
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
  }
  return [...hours].map(([hour, orders]) => ({ hour, orders }));
};
