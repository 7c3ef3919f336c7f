import type { ingest } from '@flotilla/contracts';
import type { AnyDecider } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import type { Outcome } from '../decide/channel-order.decider.js';
import { skuItem } from '../decide/sku-item.decider.js';
import { keysOf, skuItemId, type Skus } from '../decide/sku-lines.js';
import { skuPolicy } from '../decide/sku-policy.decider.js';

type Lines = Pick<ingest.ChannelOrder, 'channel' | 'lines'>;

/**
 * What the lines' items are in our SKUs. The unit guards what it reads, so an order and the mapping of its item cannot miss one another:
 * either the order finds the mapping, or whoever follows the mapping finds the order waiting.
 */
export const skusOf = (unit: Unit, { channel, lines }: Lines): Skus => {
  const { unmapped } = unit.state(skuPolicy, channel);
  const skus = new Map<string, readonly ingest.SkuPart[] | null>();
  for (const line of lines) {
    const mapped = keysOf(line).map(({ by, key }) => unit.state(skuItem, skuItemId({ channel, by, key })).parts).find((parts) => parts.length > 0);
    if (mapped !== undefined) skus.set(line.channelLineId, mapped);
    else if (unmapped === 'WAIT' || line.channelSku === '') skus.set(line.channelLineId, null);
  }
  return Object.fromEntries(skus);
};

/** The streams that `skusOf` reads, so that they are loaded with the others. */
export const skuStreams = ({ channel, lines }: Lines): readonly (readonly [AnyDecider, string])[] => {
  const ids = new Set(lines.flatMap((line) => keysOf(line).map(({ by, key }) => skuItemId({ channel, by, key }))));
  return [[skuPolicy, channel], ...[...ids].map((id) => [skuItem, id] as const)];
};

/** Whether the map has to be asked: the channel has one, or a line has no SKU that could be taken as it is. */
export const asksMap = (hasMap: boolean, outcome: Outcome): boolean => outcome.as === 'order' && (hasMap || outcome.order.lines.some(({ channelSku }) => channelSku === ''));

export const withSkus = (unit: Unit, outcome: Outcome, asks: boolean): Outcome => (asks && outcome.as === 'order' ? { ...outcome, skus: skusOf(unit, outcome.order) } : outcome);
