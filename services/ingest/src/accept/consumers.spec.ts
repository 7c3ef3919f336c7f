import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { streamOf, type AnyDecider, type Decider, type Message } from '@flotilla/decider';
import type { Incoming } from '@flotilla/messaging';
import { MemoryUnit } from '@flotilla/testing';
import { channelOrder } from '../decide/channel-order.decider.js';
import { skuPolicy } from '../decide/sku-policy.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { orderEventsConsumer } from './order-events.consumer.js';
import { parcelEventsConsumer } from './parcel-events.consumer.js';
import { stockEventsConsumer } from './stock-events.consumer.js';

/** Knows the order and its channel, and notes which streams are asked for. */
class Asked extends MemoryUnit {
  readonly streams = new Set<string>();

  constructor(private readonly known: (decider: AnyDecider) => object | undefined) {
    super();
  }

  override state<S, C extends Message, E extends Message>(decider: Decider<S, C, E>, id: string): S {
    this.streams.add(streamOf(decider, id));
    return { ...super.state(decider, id), ...this.known(decider) };
  }
}

const parts = { platforms: new Map(), ctx: { clock: { business: () => new Date() } } } as unknown as Ingest;
const consumers = [orderEventsConsumer(parts), parcelEventsConsumer(parts), stockEventsConsumer];
const handled = consumers.flatMap(({ name, handlers }) => Object.entries(handlers).map(([type, handler]) => [type, name, handler] as const));
// All that makes them look at more.
const known: Readonly<Record<string, object>> = { [channelOrder.category]: { told: { ...channelOrder.initial.told, from: { channel: 'shop', channelOrderId: '1' } } }, [skuPolicy.category]: { version: 1 } };
const golden = (type: string): object => JSON.parse(readFileSync(new URL(`../../../../proto/golden/${type}.json`, import.meta.url), 'utf8')) as object;

describe('the streams that a message touches', () => {
  it.each(handled)('ING-12, ING-13: are all named before %s is handled (%s), so that those of many messages are loaded in one question', (type, _, handler) => {
    const unit = new Asked(({ category }) => known[category]);
    const message = { type, data: golden(type), time: '2026-11-30T10:00:00.000Z' } as Incoming;
    handler.handle(message, unit, undefined);
    const named = new Set((handler.streams?.(message) ?? []).map(([decider, id]) => streamOf(decider, id)));
    expect(unit.streams.size).toBeGreaterThan(0);
    // The channel of an order that is cancelled stands in the order alone.
    expect([...unit.streams].filter((stream) => !named.has(stream) && stream !== 'channel-shop')).toEqual([]);
  });
});
