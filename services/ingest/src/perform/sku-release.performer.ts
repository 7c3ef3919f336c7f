import { Refused } from '@flotilla/decider';
import { reached, type Job, type Meta, type Performed, type Recorded } from '@flotilla/event-store';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { skusOf, skuStreams } from '../coordinate/skus.js';
import { channelOrder } from '../decide/channel-order.decider.js';
import { skuItemId } from '../decide/sku-lines.js';
import type { SkuItemEvent, SkuPolicyEvent } from '../decide/sku-map.events.js';
import { readOrder } from '../query/channel-orders.query.js';
import { waitingOrders } from '../query/sku-map.query.js';
import { passes, raced } from './passing.js';

const pageSize = 200;
const tries = 5;
const listsWaitMs = 20_000;

interface Release {
  readonly channel: string;
  /** "": whatever of the channel waits. */
  readonly by: string;
  readonly key: string;
  /** Of the event that lets them go on. */
  readonly position: number;
}

/** A mapped item, or a policy that takes items as they are, lets orders go on. */
export const skuReleaseJobs = (recorded: Recorded): readonly Job[] => {
  const { type, data } = { type: recorded.type, data: recorded.data } as SkuItemEvent | SkuPolicyEvent;
  const { position } = recorded;
  if (type === 'ItemMapped') {
    const { channel, by, key, version } = data;
    return [{ kind: 'sku-release', intent: `${skuItemId({ channel, by, key })}.${version}`, payload: { channel, by, key, position } satisfies Release }];
  }
  if (type !== 'SkuPolicyPut' || data.unmapped !== 'AS_IS') return [];
  return [{ kind: 'sku-release', intent: `${data.channel}.${data.version}`, payload: { channel: data.channel, by: '', key: '', position } satisfies Release }];
};

/**
 * Tells every order that waited for an item again, with its SKUs, in the order in which they came. Safe to repeat: an order that has gone on says
 * nothing. Whoever came before the mapping stands in the list once that has followed the log as far; whoever came after found the mapping.
 */
export const skuReleasePerformer = ({ ctx }: { readonly ctx: Pick<ServiceContext, 'store' | 'pool' | 'log'> }): ServicePerformer => {
  const release = async ({ payload, signal }: Performed, meta: Meta): Promise<void> => {
    const item = payload as Release;
    await listsReached(ctx, item.position, signal);
    let last: readonly [number, string] = [0, '00000000-0000-0000-0000-000000000000'];
    for (;;) {
      const page = await waitingOrders(ctx.pool, item, last, pageSize);
      for (const { orderId } of page) {
        signal.throwIfAborted();
        try {
          await tellAgain(ctx, orderId, meta);
        } catch (error) {
          if (signal.aborted || passes(error)) throw error;
          // It goes on waiting, and its task shows it; those behind it are not its fault.
          ctx.log.error({ orderId, err: error }, 'an order whose item was mapped cannot be told again; it waits');
        }
      }
      const end = page.at(-1);
      if (end === undefined || page.length < pageSize) return;
      last = [end.position, end.orderId];
    }
  };
  return { concurrency: 2, perform: release, resolve: release };
};

const listsReached = async ({ pool }: Pick<ServiceContext, 'pool'>, position: number, signal: AbortSignal): Promise<void> => {
  if (!(await reached(pool, ['lists'], position, { withinMs: listsWaitMs, signal }))) throw new Error('the lists have not followed the log to the mapping yet');
};

const tellAgain = async ({ store }: Pick<ServiceContext, 'store'>, orderId: string, meta: Meta): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    const { order, version } = await readOrder(store, { orderId, channel: '', channelOrderId: '' });
    if (order.channel === '') return;
    try {
      await store.execute({
        streams: [[channelOrder, orderId], ...skuStreams(order)],
        meta,
        continues: [channelOrder, orderId],
        decide: (unit) => {
          if (unit.version(channelOrder, orderId) !== version) throw new Refused('CONFLICT', 'the order has changed since it was read');
          unit.run(channelOrder, orderId, { type: 'ApplySkus', data: { order, skus: skusOf(unit, order) } });
        },
      });
      return;
    } catch (error) {
      if (!raced(error) || attempt === tries) throw error;
    }
  }
};
