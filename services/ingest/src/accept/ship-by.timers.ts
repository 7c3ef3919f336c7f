import type { Meta, Recorded, TimerChange } from '@flotilla/event-store';
import type { DueTimer } from '@flotilla/service-kit';
import { channel } from '../decide/channel.decider.js';
import { shipBy } from '../decide/ship-by.decider.js';
import type { ShipByEvent } from '../decide/ship-by.events.js';
import type { Ingest } from '../ingest.parts.js';

const due = (orderId: string, dueAt: string | null): TimerChange => ({ key: `shipBy-${orderId}`, dueAt, clock: 'business', data: { orderId } });

/** Looks at an order when four fifths of what its platform gives for shipping it are over. */
export const shipByTimers = ({ type, data }: Recorded): readonly TimerChange[] => {
  const event = { type, data } as ShipByEvent;
  switch (event.type) {
    case 'ShipBySet':
      return [due(event.data.orderId, event.data.nearAt)];
    case 'ShipByMet':
    case 'ChannelShipByOver':
      return [due(event.data.orderId, null)];
    default:
      return [];
  }
};

export const lookAtShipBy = async ({ ctx }: Pick<Ingest, 'ctx'>, { data }: DueTimer, meta: Meta): Promise<void> => {
  const { orderId } = data as { readonly orderId: string };
  const at = ctx.clock.business().toISOString();
  await ctx.store.execute({
    streams: [[shipBy, orderId]],
    meta,
    decide: (unit) => {
      const { due: standing } = unit.state(shipBy, orderId);
      if (standing !== null) unit.run(shipBy, orderId, { type: 'LookAtShipBy', data: { orderId, platform: unit.state(channel, standing.channel)?.platform ?? '', at } });
    },
  });
};
