import { randomUUID } from 'node:crypto';
import type { Decider } from '@flotilla/decider';
import type { Meta, Task } from '@flotilla/event-store';

/** What an event of the fleet looks like: about 500 bytes with its meta. */
export interface Asked {
  readonly orderId: string;
  readonly lineId: string;
  readonly warehouseId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly askedAt: string;
  readonly reason: string;
}
type Command = { readonly type: 'Ask'; readonly data: Asked };
type Event = { readonly type: 'StockAsked'; readonly data: Asked };

export const sample: Decider<number, Command, Event> = {
  category: 'sample',
  initial: 0,
  evolve: (count) => count + 1,
  decide: (command) => [{ type: 'StockAsked', data: command.data }],
};

export const asked = (): Asked => ({
  orderId: randomUUID(), lineId: randomUUID(), warehouseId: randomUUID(), sku: 'SKU-482913', quantity: 3, askedAt: '2026-11-21T08:00:00.000Z', reason: 'the plan of round 1 asks both warehouses at once',
});

export const metaNow = (): Meta => ({ correlation: randomUUID(), causation: randomUUID(), actor: 'service:order-core', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });

export const ask = (id: string, data: Asked): Task<void> => ({
  streams: [[sample, id]],
  meta: metaNow(),
  decide: (unit) => void unit.run(sample, id, { type: 'Ask', data }),
});
