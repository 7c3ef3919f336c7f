import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import { listing, type Listing } from '../decide/listing.decider.js';
import { isOurSku } from '../decide/sku-lines.js';
import { levelOf } from '../decide/stock-level.js';
import type { StockRulesEvent } from '../decide/stock-rules.events.js';
import { checkedRules, stockRules } from '../decide/stock-rules.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { listDifferences, listItems, listLevels, standingOf } from '../query/stock.query.js';

const previewed = 100;
const states: readonly string[] = ['', 'MATCHED', 'UNKNOWN_SKU', 'NO_SKU', 'UNTRACKED', 'GONE'];

/** What channels may show of our stock, what they list, and what they were told. */
export const channelStockGrpc = ({ ctx, channels, platforms }: Ingest): Served => {
  const { store, pool, clock } = ctx;
  const now = (): string => clock.machine().toISOString();
  const checked = async (id: string): Promise<string> => {
    const shop = await channels.get(id);
    if (shop === undefined) throw new Refused('UNKNOWN_CHANNEL', `no channel "${id.slice(0, 60)}"; list them with Channels/List`);
    if (platforms.get(shop.platform)?.stock === undefined) throw new Refused('BAD_REQUEST', `stock cannot be told to ${shop.platform}: it follows stock.v1 itself, or has no adapter`);
    return id;
  };
  const one = (sku: string): string => {
    // A bundle goes by what it is made of.
    if (!isOurSku(sku) && !/^(?:\d+ x |bundle of )[ -~]{1,250}$/.test(sku)) throw new Refused('UNKNOWN_SKU', `"${sku.slice(0, 40)}" is no SKU`);
    return sku;
  };
  return serve(ingest.ChannelStock, {
    putRules: async (request, call) => {
      const channel = await checked(request.channel);
      const rules = checkedRules(request.rules);
      const changes = (await standingOf(pool, channel, rules.warehouses, null)).map((stands) => ({ ...stands, ...levelOf(rules, stands.parts) }));
      const changed = changes.filter(({ level, told }) => level !== undefined && level !== told);
      const preview = changed.slice(0, previewed).map(({ sku, available, frozen, told, level, why }) => ({ sku, available, frozen, told: told !== undefined, shown: told ?? 0, level: level!, why }));
      const put = async (): Promise<number> => {
        const at = now();
        const { answer } = await store.execute(
          {
            streams: [[stockRules, channel], [listing, channel]],
            meta: call.meta,
            decide: (unit) => {
              unit.run(stockRules, channel, { type: 'PutRules', data: { channel, rules, at, by: call.meta.actor } });
              // Nobody can be told what is not known to be listed.
              if (unit.state(listing, channel).pull === 0) unit.run(listing, channel, { type: 'BeginPull', data: { channel, at } });
              return unit.state(stockRules, channel)!.version;
            },
          },
          call.request(request),
        );
        return answer;
      };
      return { version: request.dryRun ? 0 : await put(), skus: changes.length, changes: changed.length, preview };
    },
    getRules: async ({ channel: id, version }) => {
      const channel = await checked(id);
      const wanted = version || ((await store.folded(stockRules, [channel])).get(channel)!.state?.version ?? 0);
      // One event per version.
      const [event] = wanted < 1 ? [] : await store.read(`stockRules-${channel}`, { from: wanted, limit: 1 });
      if (event === undefined) throw new Refused('NOT_FOUND', `${channel} has no stock rules${version === 0 ? '' : ` of version ${version}`}; put some with ChannelStock/PutRules`);
      const { rules, at, by } = (event as unknown as StockRulesEvent).data;
      return { channel, version: wanted, rules, putAt: at, putBy: by };
    },
    pull: async (request, call) => {
      const channel = await checked(request.channel);
      const { answer } = await store.execute(
        {
          streams: [[listing, channel]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(listing, channel, { type: 'BeginPull', data: { channel, at: now() } });
            return toPull(channel, unit.state(listing, channel));
          },
        },
        call.request(request),
      );
      return answer;
    },
    getPull: async ({ channel: id }) => {
      const channel = await checked(id);
      return toPull(channel, (await store.folded(listing, [channel])).get(channel)!.state);
    },
    listDifferences: async ({ page, channel: id, pull }) => {
      const channel = await checked(id);
      const question = ['differences', channel, pull];
      const { limit, after } = pageOf(page, question);
      const differences = await listDifferences(pool, channel, pull, limit, after?.[0]);
      return { differences, nextToken: next(differences, limit, ({ item }) => [item], question) };
    },
    listItems: async ({ page, channel: id, state }) => {
      const channel = await checked(id);
      if (!states.includes(state)) throw new Refused('BAD_REQUEST', `state "${state.slice(0, 20)}" is none of ${states.slice(1).join(', ')}`);
      const question = ['items', channel, state];
      const { limit, after } = pageOf(page, question);
      const items = await listItems(pool, { channel, state }, limit, after?.[0]);
      return { items, nextToken: next(items, limit, ({ item }) => [item], question) };
    },
    listLevels: async ({ page, channel, sku, waiting }) => {
      const question = ['levels', channel, sku, waiting];
      const { limit, after } = pageOf(page, question);
      const levels = await listLevels(pool, { channel, sku, waiting }, limit, after);
      return { levels, nextToken: next(levels, limit, (level) => [level.channel, level.sku], question) };
    },
    push: async (request, call) => {
      const channel = await checked(request.channel);
      const sku = request.sku === '' ? '' : one(request.sku);
      await store.execute({ streams: [[listing, channel]], meta: call.meta, decide: (unit) => void unit.run(listing, channel, { type: 'AskPush', data: { channel, sku, at: now() } }) }, call.request(request));
      return { skus: (await standingOf(pool, channel, [], sku === '' ? null : [sku])).filter(({ items }) => items.length > 0).length };
    },
  });
};

const toPull = (channel: string, { pull, running, beganAt, endedAt, items, differences }: Listing): ingest.PullState => ({ channel, pull, state: pull === 0 ? 'NEVER' : running ? 'RUNNING' : 'DONE', beganAt, endedAt, items, differences });

const next = <T>(rows: readonly T[], limit: number, key: (row: T) => readonly string[], question: unknown): string => (rows.length === limit ? pageToken(key(rows.at(-1)!), question) : '');
