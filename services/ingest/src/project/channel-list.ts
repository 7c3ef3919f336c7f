import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { ChannelEvent } from '../decide/channel.events.js';
import type { ChannelOrderEvent } from '../decide/channel-order.events.js';

export const ChannelTable = sqlMigration('Channels', 1763700000005, [
  'CREATE TABLE read.channel (id text PRIMARY KEY, platform text NOT NULL, name text NOT NULL, api_url text NOT NULL, connected_at text NOT NULL, last_order_at text NOT NULL)',
]);

/** Settings come from the channel's own events, the last order from those of its orders. */
export const projectChannels = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const changed = new Map<string, { id: string; platform: string; name: string; api_url: string; connected_at: string; last_order_at: string }>();
  const lastOrder = new Map<string, string>();
  for (const recorded of events as readonly Recorded<ChannelEvent | ChannelOrderEvent>[]) {
    const event = { type: recorded.type, data: recorded.data } as ChannelEvent | ChannelOrderEvent;
    if (event.type === 'ChannelConnected' || event.type === 'ChannelSettingsChanged') {
      const { id, platform, name, apiUrl } = event.data;
      const connectedAt = event.type === 'ChannelConnected' ? event.data.connectedAt : (changed.get(id)?.connected_at ?? event.data.changedAt);
      changed.set(id, { id, platform, name, api_url: apiUrl, connected_at: connectedAt, last_order_at: '' });
    } else if (event.type === 'ChannelOrderReceived') {
      const { channel, placedAt } = event.data.order;
      if (placedAt > (lastOrder.get(channel) ?? '')) lastOrder.set(channel, placedAt);
    }
  }
  if (changed.size > 0) {
    await tx.query(
      `INSERT INTO read.channel SELECT * FROM jsonb_populate_recordset(NULL::read.channel, $1)
       ON CONFLICT (id) DO UPDATE SET platform = excluded.platform, name = excluded.name, api_url = excluded.api_url`,
      [JSON.stringify([...changed.values()])],
    );
  }
  if (lastOrder.size > 0) {
    await tx.query(
      `UPDATE read.channel SET last_order_at = greatest(last_order_at, heard.at) FROM unnest($1::text[], $2::text[]) AS heard (id, at) WHERE channel.id = heard.id`,
      [[...lastOrder.keys()], [...lastOrder.values()]],
    );
  }
};
