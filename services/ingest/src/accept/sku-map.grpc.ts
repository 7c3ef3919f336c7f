import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Meta, Task } from '@flotilla/event-store';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import { skuItem } from '../decide/sku-item.decider.js';
import { itemName, skuItemId } from '../decide/sku-lines.js';
import type { ItemName } from '../decide/sku-map.events.js';
import { skuPolicy } from '../decide/sku-policy.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { listMapped, listTasks, waitingFor } from '../query/sku-map.query.js';
import { mappedRows } from './sku-map-rows.js';

const mostErrors = 1_000;

interface Wish {
  readonly item: ItemName;
  /** null: not mapped any more. */
  readonly parts: readonly ingest.SkuPart[] | null;
}

/** Items of one channel, mapped or unmapped together; answers how many of them changed, and their versions. */
const mapping = (channel: string, wishes: readonly Wish[], at: string, meta: Meta): Task<{ readonly changed: number; readonly versions: readonly number[] }> => ({
  streams: [[skuPolicy, channel], ...wishes.map(({ item }) => [skuItem, skuItemId(item)] as const)],
  meta,
  decide: (unit) => {
    const who = meta.actor;
    // From the first mapping on the channel's orders ask the map.
    if (unit.state(skuPolicy, channel).version === 0) unit.run(skuPolicy, channel, { type: 'PutSkuPolicy', data: { channel, unmapped: null, at, who } });
    let changed = 0;
    for (const { item, parts } of wishes) {
      const events = parts === null ? unit.run(skuItem, skuItemId(item), { type: 'UnmapItem', data: { ...item, at, who } }) : unit.run(skuItem, skuItemId(item), { type: 'MapItem', data: { ...item, parts, at, who } });
      changed += Math.min(1, events.length);
    }
    return { changed, versions: wishes.map(({ item }) => unit.state(skuItem, skuItemId(item)).version) };
  },
});

/** What channels sell, in our SKUs. */
export const skuMapGrpc = ({ ctx, channels }: Ingest): Served => {
  const { store, pool, clock } = ctx;
  const now = (): string => clock.machine().toISOString();
  const known = async (id: string): Promise<string> => {
    if ((await channels.get(id)) === undefined) throw new Refused('UNKNOWN_CHANNEL', `no channel "${id.slice(0, 60)}"; list them with Channels/List`);
    return id;
  };
  return serve(ingest.SkuMap, {
    putPolicy: async (request, call) => {
      const channel = await known(request.channel);
      const { answer } = await store.execute(
        {
          streams: [[skuPolicy, channel]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(skuPolicy, channel, { type: 'PutSkuPolicy', data: { channel, unmapped: request.unmapped, at: now(), who: call.meta.actor } });
            return { channel, ...unit.state(skuPolicy, channel) };
          },
        },
        call.request(request),
      );
      channels.forget(channel);
      return answer;
    },
    getPolicy: async ({ channel }) => ({ channel, ...(await store.folded(skuPolicy, [await known(channel)])).get(channel)!.state }),
    map: async (request, call) => {
      const item = itemName(await known(request.channel), request.by, request.key);
      const at = now();
      const waiting = await waitingFor(pool, item);
      const { answer } = await store.execute(mapping(item.channel, [{ item, parts: request.parts }], at, call.meta), call.request(request));
      channels.forget(item.channel);
      return { ...item, parts: request.parts, version: answer.versions[0]!, waiting, at, mappedBy: call.meta.actor };
    },
    unmap: async (request, call) => {
      const item = itemName(await known(request.channel), request.by, request.key);
      const at = now();
      const { answer } = await store.execute(mapping(item.channel, [{ item, parts: null }], at, call.meta), call.request(request));
      return { ...item, parts: [], version: answer.versions[0]!, waiting: 0, at, mappedBy: call.meta.actor };
    },
    list: async ({ page, channel, sku }) => {
      const question = ['sku-map', await known(channel), sku];
      const { limit, after } = pageOf(page, question);
      const items = await listMapped(pool, { channel, sku }, limit, after);
      return { items, nextToken: items.length === limit ? pageToken([items.at(-1)!.by, items.at(-1)!.key], question) : '' };
    },
    import: async (requests, call) => {
      let [items, changed, leftOut] = [0, 0, 0];
      const errors: ingest.ImportSkuMapError[] = [];
      const leave = (row: number, error: unknown): void => {
        if (!(error instanceof Refused)) throw error;
        leftOut += 1;
        if (errors.length < mostErrors) errors.push({ row, reason: error.reason, detail: error.message });
      };
      for await (const batch of mappedRows(requests, leave)) {
        const byChannel = Map.groupBy(batch, ({ item }) => item.channel);
        for (const [channel, wishes] of byChannel) {
          try {
            await known(channel);
          } catch (error) {
            for (const { row } of wishes) leave(row, error);
            continue;
          }
          const { answer } = await store.execute(mapping(channel, wishes, now(), call.meta));
          channels.forget(channel);
          items += wishes.length;
          changed += answer.changed;
        }
      }
      return { items, changed, errors, leftOut };
    },
    listTasks: async ({ page, channel }) => {
      const question = ['sku-tasks', channel];
      const { limit, after } = pageOf(page, question);
      const tasks = await listTasks(pool, channel, limit, after);
      return { tasks, nextToken: tasks.length === limit ? pageToken([tasks.at(-1)!.channel, tasks.at(-1)!.by, tasks.at(-1)!.key], question) : '' };
    },
  });
};
