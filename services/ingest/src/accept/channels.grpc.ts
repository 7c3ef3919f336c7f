import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Meta, Task } from '@flotilla/event-store';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import { beginning } from './order-pull.timers.js';
import { platformName } from '../channels/registry.js';
import { channel, type ChannelCommand } from '../decide/channel.decider.js';
import type { ChannelSettings } from '../decide/channel.events.js';
import type { Ingest } from '../ingest.parts.js';
import { orderPull, type OrderPull } from '../decide/order-pull.decider.js';
import { usualRules, type PullRules } from '../decide/order-pull.events.js';
import { testChannel } from '../perform/channel-test.js';
import { findChannel, listChannels } from '../query/channels.query.js';

export interface WantedChannel {
  readonly id: string;
  readonly platform: string;
  readonly name: string;
  readonly secret: string;
  readonly apiUrl: string;
  readonly apiToken: string;
}

/** Secrets leave this function sealed; nothing after it has seen them. */
export const settingsOf = ({ secrets }: Ingest, wanted: WantedChannel): ChannelSettings => ({
  id: wanted.id,
  platform: platformName(wanted.platform),
  name: wanted.name === '' ? wanted.id : wanted.name,
  apiUrl: wanted.apiUrl.replace(/\/+$/, ''),
  secret: secrets.sealSetting(wanted.id, 'secret', wanted.secret),
  secretFingerprint: secrets.fingerprint('secret', wanted.secret),
  token: secrets.sealSetting(wanted.id, 'token', wanted.apiToken),
  tokenFingerprint: secrets.fingerprint('token', wanted.apiToken),
});

export const connecting = (type: ChannelCommand['type'], settings: ChannelSettings, at: string, meta: Meta): Task<ingest.Channel> => ({
  streams: [[channel, settings.id]],
  meta,
  decide: (unit) => {
    unit.run(channel, settings.id, { type, data: { ...settings, at } });
    const state = unit.state(channel, settings.id)!;
    return { id: state.id, platform: state.platform, name: state.name, apiUrl: state.apiUrl, connectedAt: state.connectedAt, lastOrderAt: '' };
  },
});

/** Connected shops. Secrets go in and are never shown. */
export const channelsGrpc = (parts: Ingest): Served => {
  const asked = async (id: string): Promise<string> => {
    const shop = await parts.channels.get(id);
    if (shop === undefined) throw new Refused('UNKNOWN_CHANNEL', `no channel "${id.slice(0, 60)}"; list them with Channels/List`);
    if (parts.platforms.get(shop.platform)?.orders === undefined) throw new Refused('BAD_REQUEST', `${shop.platform} is not asked for orders: it sends them`);
    return id;
  };
  return serve(ingest.Channels, {
    connect: async (request, call) => {
      if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(request.id)) throw new Refused('BAD_REQUEST', 'a channel id has 1 to 60 characters of a-z, 0-9 and "-"');
      if (request.secret.length > 1_000 || request.apiToken.length > 1_000) throw new Refused('BAD_REQUEST', 'secret and api_token have at most 1000 characters');
      const { answer } = await parts.ctx.store.execute(connecting('ConnectChannel', settingsOf(parts, request), parts.ctx.clock.business().toISOString(), call.meta), call.request(request));
      parts.channels.forget(request.id);
      return answer;
    },
    renew: async (request, call) => {
      if (request.secret.length > 1_000 || request.apiToken.length > 1_000) throw new Refused('BAD_REQUEST', 'secret and api_token have at most 1000 characters');
      if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(request.id)) throw new Refused('BAD_REQUEST', 'a channel id has 1 to 60 characters of a-z, 0-9 and "-"');
      const { secrets } = parts;
      const at = parts.ctx.clock.business().toISOString();
      const { answer } = await parts.ctx.store.execute(
        {
          streams: [[channel, request.id]],
          meta: call.meta,
          decide: (unit) => {
            const state = unit.state(channel, request.id);
            if (state === null) throw new Refused('NOT_FOUND', `no channel "${request.id}"; connect it with Channels/Connect`);
            const { connectedAt, givenFingerprint: _given, ...settings } = state;
            const renewed = {
              ...settings,
              ...(request.apiUrl === '' ? {} : { apiUrl: request.apiUrl.replace(/\/+$/, '') }),
              ...(request.secret === '' ? {} : { secret: secrets.sealSetting(request.id, 'secret', request.secret), secretFingerprint: secrets.fingerprint('secret', request.secret) }),
              ...(request.apiToken === '' ? {} : { token: secrets.sealSetting(request.id, 'token', request.apiToken), tokenFingerprint: secrets.fingerprint('token', request.apiToken) }),
            };
            unit.run(channel, request.id, { type: 'ChangeSettings', data: { ...renewed, at } });
            return { id: state.id, platform: state.platform, name: state.name, apiUrl: renewed.apiUrl, connectedAt, lastOrderAt: '' };
          },
        },
        call.request(request),
      );
      parts.channels.forget(request.id);
      return answer;
    },
    get: async ({ id }) => {
      const found = await findChannel(parts.ctx.pool, id);
      if (found !== undefined) return found;
      // Perhaps connected a moment ago: the list follows the log.
      const state = /^[a-z0-9-]{1,60}$/.test(id) ? (await parts.ctx.store.folded(channel, [id])).get(id)?.state : undefined;
      if (state === null || state === undefined) throw new Refused('NOT_FOUND', `no channel "${id.slice(0, 60)}"; list them with Channels/List`);
      return { id, platform: state.platform, name: state.name, apiUrl: state.apiUrl, connectedAt: state.connectedAt, lastOrderAt: '' };
    },
    list: async ({ page }) => {
      const { limit, after } = pageOf(page, 'channels');
      const channels = await listChannels(parts.ctx.pool, { limit: limit + 1, after: after?.[0] });
      const shown = channels.slice(0, limit);
      return { channels: shown, nextToken: channels.length > limit ? pageToken([shown.at(-1)!.id], 'channels') : '' };
    },
    test: async (request, call) => {
      const { id, secret, apiUrl, apiToken } = request;
      if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(id)) throw new Refused('BAD_REQUEST', 'a channel id has 1 to 60 characters of a-z, 0-9 and "-"');
      if (secret.length > 1_000 || apiToken.length > 1_000) throw new Refused('BAD_REQUEST', 'secret and api_token have at most 1000 characters');
      const known = await parts.channels.get(id);
      const platform = known?.platform ?? platformName(request.platform);
      if (!known && !parts.platforms.has(platform)) throw new Refused('BAD_REQUEST', `no platform "${platform.slice(0, 40)}"; there are ${[...parts.platforms.keys()].join(', ')}`);
      const wanted = { id, platform, hasSkuMap: false, mapping: undefined, connectedAt: '', ...known, apiUrl: apiUrl === '' ? (known?.apiUrl ?? '') : apiUrl.replace(/\/+$/, ''), secret: secret === '' ? (known?.secret ?? new Uint8Array()) : Buffer.from(secret), token: apiToken === '' ? (known?.token ?? '') : apiToken };
      return testChannel(parts, wanted, call.signal);
    },
    putOrderPull: async (request, call) => {
      const channel = await asked(request.channel);
      const at = parts.ctx.clock.business().toISOString();
      const { answer } = await parts.ctx.store.execute(
        {
          streams: [[orderPull, channel]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(orderPull, channel, { type: 'PutPullRules', data: { channel, rules: toRules(request.rules), at, by: call.meta.actor } });
            return shownPull(channel, unit.state(orderPull, channel));
          },
        },
        call.request(request),
      );
      return answer;
    },
    getOrderPull: async (request) => {
      const channel = await asked(request.channel);
      const shown = shownPull(channel, (await parts.ctx.store.folded(orderPull, [channel])).get(channel)!.state);
      return (await parts.channels.get(channel))?.apiUrl === '' ? { ...shown, problem: noApi, blocked: true } : shown;
    },
    pullOrders: async (request, call) => {
      const channel = await asked(request.channel);
      const begin = await beginning(parts, channel, true);
      if (begin === undefined) throw new Refused('BAD_REQUEST', noApi);
      const { answer } = await parts.ctx.store.execute(
        {
          streams: [[orderPull, channel]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(orderPull, channel, begin);
            return shownPull(channel, unit.state(orderPull, channel));
          },
        },
        call.request(request),
      );
      return answer;
    },
  });
};

const noApi = 'the channel has no API to ask for its orders; connect it with api_url, secret and api_token';

const toRules = (rules: ingest.OrderPullRules | null | undefined): PullRules => ({
  everyMinutes: rules?.everyMinutes || usualRules.everyMinutes,
  peakEveryMinutes: rules?.peakEveryMinutes || usualRules.peakEveryMinutes,
  peakPercent: rules?.peakPercent || usualRules.peakPercent,
  peakLeast: rules?.peakLeast || usualRules.peakLeast,
  overlapMinutes: rules?.overlapMinutes === -1 ? 0 : rules?.overlapMinutes || usualRules.overlapMinutes,
  paused: rules?.paused ?? false,
});

const shownPull = (channel: string, { rules, status, pull, since, beganAt, endedAt, nextAt, orders, peak, lastHour, mean, why, blocked }: OrderPull): ingest.OrderPullState => ({
  channel, rules: { ...rules, overlapMinutes: rules.overlapMinutes || -1 }, state: status.toUpperCase(), pull, since, beganAt, endedAt, nextAt, orders, peak, lastHour, trailingMean: Math.round(mean), problem: why, blocked,
});
