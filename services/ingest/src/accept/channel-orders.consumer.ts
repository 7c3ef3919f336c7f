import { topics } from '@flotilla/contracts';
import type { Incoming } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { submitted } from '../channels/connector/order.js';
import type { Ingest } from '../ingest.parts.js';
import { receive, streamsOf, type Accepted } from '../coordinate/receiving.js';
import type { Arrival } from './deliveries.js';

/** Orders that connectors publish. Whatever they got wrong goes to quarantine with its reason: nothing here parks a key. */
export const channelOrdersConsumer = ({ ctx, channels, platforms, deliveries }: Ingest): ServiceConsumer => {
  const arrival = async (message: Incoming): Promise<Arrival> => {
    const channel = channelOf(message);
    return {
      channel,
      connected: await channels.get(channel),
      platform: platforms.get('connector'),
      deliveryId: message.id.slice(0, 200),
      source: 'TOPIC',
      topic: message.type,
      sentAt: instantOf(message.time),
      receivedAt: ctx.clock.business().toISOString(),
      body: Buffer.from(JSON.stringify(message.data)),
    };
  };
  return {
    name: 'ingest',
    topics: [topics.channelOrders],
    prepare: async (messages) => deliveries.accept(await Promise.all(messages.map(arrival))),
    handlers: {
      [submitted]: {
        streams: (_message, prepared) => (prepared as readonly Accepted[]).flatMap(streamsOf),
        handle: (_message, unit, prepared) => {
          for (const one of prepared as readonly Accepted[]) receive(unit, one);
        },
      },
    },
  };
};

// Names a stream, a row and an index entry: only what may be a channel's id is taken over.
const channelOf = ({ data, key }: Incoming): string => {
  const named = typeof data === 'object' && data !== null ? (data as { channel?: unknown }).channel : undefined;
  return [named, key.split('/')[0]].find((id): id is string => typeof id === 'string' && /^[a-z0-9][a-z0-9-]{0,59}$/.test(id)) ?? 'unknown';
};

const instantOf = (text: string): string => {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
};
