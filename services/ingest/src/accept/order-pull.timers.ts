import type { Meta, Recorded, TimerChange } from '@flotilla/event-store';
import type { DueTimer } from '@flotilla/service-kit';
import type { OrderPullEvent } from '../decide/order-pull.events.js';
import { orderPull, STALLED_MS } from '../decide/order-pull.decider.js';
import type { ChannelEvent } from '../decide/channel.events.js';
import type { Ingest } from '../ingest.parts.js';
import { listChannels } from '../query/channels.query.js';

const KEYS_KNOWN_MS = 3_000;

const due = (channel: string, at: string): TimerChange => ({ key: `orderPull-${channel}`, dueAt: at === '' ? null : at, clock: 'business', data: { channel } });

/** When a channel is to be asked for its orders: one timer per channel, set anew by what becomes of every pull. */
export const orderPullTimers = ({ platforms }: Pick<Ingest, 'platforms'>) => (recorded: Recorded): readonly TimerChange[] => {
  const { type, data } = { type: recorded.type, data: recorded.data } as OrderPullEvent | ChannelEvent;
  switch (type) {
    case 'ChannelConnected':
      return platforms.get(data.platform)?.orders === undefined ? [] : [due(data.id, data.connectedAt)];
    // Perhaps what only people could mend: whoever renews a key does not wait for the next time. Other processes remember the old one for two seconds.
    case 'ChannelSettingsChanged':
    case 'ChannelTokenRenewed':
      return platforms.get(data.platform)?.orders === undefined ? [] : [due(data.id, new Date(Date.parse(data.changedAt) + KEYS_KNOWN_MS).toISOString())];
    // Whether it has got any further by then.
    case 'OrderPullBegun':
    case 'OrderPagePulled':
      return [due(data.channel, new Date(Date.parse(data.at) + STALLED_MS).toISOString())];
    // Paused is for the stream to know: one that runs must still be looked after.
    case 'OrderPullRulesPut':
      return data.nextAt === '' ? [] : [due(data.channel, data.nextAt)];
    case 'OrderPullEnded':
    case 'OrderPullFailed':
      return [due(data.channel, data.nextAt)];
    default:
      return [];
  }
};

/** Begins a channel's pull. Whether one is running, or it is paused, is for its stream to know. */
export const beginOrderPull = async (parts: Pick<Ingest, 'ctx' | 'platforms' | 'channels'>, { data }: DueTimer, meta: Meta): Promise<void> => {
  const { channel } = data as { readonly channel: string };
  // Perhaps it was asked for just before it was connected: this timer comes once.
  parts.channels.forget(channel);
  const begin = await beginning(parts, channel, false);
  if (begin !== undefined) await parts.ctx.store.execute({ streams: [[orderPull, channel]], meta, decide: (unit) => void unit.run(orderPull, channel, begin) });
};

/** At every start: begins the pulls whose timer was lost, never set, or came to nothing. */
export const beginMissedPulls = async (parts: Pick<Ingest, 'ctx' | 'platforms' | 'channels'>): Promise<void> => {
  const { ctx, platforms } = parts;
  for (let after: string | undefined; ; ) {
    const page = await listChannels(ctx.pool, { limit: 500, after });
    const asked = page.filter(({ platform }) => platforms.get(platform)?.orders !== undefined).map(({ id }) => id);
    const now = ctx.clock.business().toISOString();
    const states = await ctx.store.folded(orderPull, asked);
    for (const channel of asked.filter((id) => states.get(id)!.state.nextAt <= now)) {
      const begin = await beginning(parts, channel, false);
      if (begin !== undefined) await ctx.store.execute({ streams: [[orderPull, channel]], meta: ctx.meta({ actor: 'start:order-pull' }), decide: (unit) => void unit.run(orderPull, channel, begin) });
    }
    after = page.at(-1)?.id;
    if (page.length < 500) return;
  }
};

/** The command that begins a pull; `undefined` where the channel is not asked for orders, or has no API yet: whoever connects it with one sets the timer anew. */
export const beginning = async ({ ctx, platforms, channels }: Pick<Ingest, 'platforms'> & { readonly ctx: Pick<Ingest['ctx'], 'clock'>; readonly channels: Pick<Ingest['channels'], 'get'> }, channel: string, asked: boolean) => {
  const shop = await channels.get(channel);
  const port = platforms.get(shop?.platform ?? '')?.orders;
  if (shop === undefined || port === undefined || shop.apiUrl === '') return undefined;
  const at = ctx.clock.business().toISOString();
  // What was placed before the shop was connected is whoever's business it was.
  return { type: 'BeginOrderPull', data: { channel, at, start: shop.connectedAt === '' ? at : shop.connectedAt, longestMs: port.longestWindowMs, asked } } as const;
};
