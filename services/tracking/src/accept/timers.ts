import type { Meta } from '@flotilla/event-store';
import type { DueTimer, ServiceContext } from '@flotilla/service-kit';
import { notice } from '../decide/notice.decider.js';
import { shipment } from '../decide/shipment.decider.js';

/** A timer is due: looks whether what it waited for still holds. */
export const fire = async (ctx: ServiceContext, { key, dueAt, data }: DueTimer, meta: Meta): Promise<void> => {
  const { id } = data as { readonly id: string };
  // Another replica's clock may have set the timer: what is due for it is due.
  const at = [ctx.clock.business().toISOString(), dueAt].toSorted()[1]!;
  if (key.startsWith('notice/')) return void (await ctx.store.execute({ streams: [[notice, id]], meta, decide: (unit) => unit.run(notice, id, { type: 'Wake', data: { at } }) }));
  await ctx.store.execute({ streams: [[shipment, id]], meta, decide: (unit) => unit.run(shipment, id, { type: key.startsWith('silence/') ? 'LookAtSilence' : 'LookAtDue', data: { at } }) });
};
