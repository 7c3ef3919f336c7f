import { chainInvariants } from './invariants/chains.ts';
import { intakeInvariants } from './invariants/intake.ts';
import { ledgerInvariants } from './invariants/ledger.ts';
import { orderLives, parcelInvariants } from './invariants/lifecycle.ts';
import { stockInvariants } from './invariants/stock.ts';
import { waitingInvariants } from './invariants/waiting.ts';
import type { Invariant } from './invariant.ts';
import { openSources } from './sources.ts';

export type { Invariant } from './invariant.ts';

/**
 * Recomputes what must always hold from the services' logs, Kafka and the sandbox's ledger, with a read-only role and
 * without the services' deciders. `dir` holds run.json and secrets.json of the fleet.
 */
export const verify = async ({ dir }: { readonly dir: string }): Promise<{ readonly invariants: readonly Invariant[] }> => {
  const sources = openSources(dir);
  try {
    const lives = await orderLives(sources);
    const parcels = await parcelInvariants(sources);
    const finished = new Set([...lives].filter(([, { state }]) => state !== 'open').map(([id]) => id));
    const floor = await stockInvariants(sources, parcels.shipped, finished);
    const ledger = await ledgerInvariants(sources);
    return {
      invariants: [
        ...floor.invariants,
        ...(await intakeInvariants(sources, lives, parcels)),
        ...parcels.invariants,
        ...(await chainInvariants(sources)),
        ...ledger.invariants,
        ...(await waitingInvariants(sources, lives, { parcels, sagas: floor.sagas, receivables: ledger.known })),
      ],
    };
  } finally {
    await sources.close();
  }
};
