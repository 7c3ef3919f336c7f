import { patiently, type FleetClients } from './fleet.ts';
import type { World } from './world.ts';

/** The finance clerk: fetches each payout statement as soon as the platform has one, and imports it. */
export const createClerk = (fleet: FleetClients, world: World, channels: readonly string[]) => {
  const next = new Map(channels.map((channel) => [channel, 1]));
  return {
    step: async (): Promise<number> => {
      let imported = 0;
      for (const [channel, batch] of next) {
        const csv = await world.statement(channel, batch);
        if (csv === undefined) continue;
        const data = new TextEncoder().encode(csv);
        await patiently(() => fleet.statements.import([{ channel, format: 'shopify-payments', fileName: `payouts-${batch}.csv`, data }], { deadlineMs: 60_000 }));
        next.set(channel, batch + 1);
        imported += 1;
      }
      return imported;
    },
  };
};
