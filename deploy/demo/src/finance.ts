import { patiently, type FleetClients } from './fleet.ts';
import type { World } from './world.ts';

/** The finance clerk: fetches each payout statement, and each bill of Alipay and WeChat Pay, as soon as there is one, and imports it. */
export const createClerk = (fleet: FleetClients, world: World, { payouts, bills = [] }: { readonly payouts: readonly string[]; readonly bills?: readonly string[] }) => {
  const next = new Map([...payouts, ...bills].map((channel) => [channel, 1]));
  const fetched = async (channel: string, batch: number): Promise<{ readonly format: string; readonly csv: string } | undefined> => {
    if (bills.includes(channel)) return world.bill(channel, batch);
    const csv = await world.statement(channel, batch);
    return csv === undefined ? undefined : { format: 'shopify-payments', csv };
  };
  return {
    step: async (): Promise<number> => {
      let imported = 0;
      for (const [channel, batch] of next) {
        const statement = await fetched(channel, batch);
        if (statement === undefined) continue;
        const data = new TextEncoder().encode(statement.csv);
        await patiently(() => fleet.statements.import([{ channel, format: statement.format, fileName: `${channel}-${batch}.csv`, data }], { deadlineMs: 60_000 }));
        next.set(channel, batch + 1);
        imported += 1;
      }
      return imported;
    },
  };
};
