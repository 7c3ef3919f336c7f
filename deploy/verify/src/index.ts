import { chainInvariants } from './invariants/chains.ts';
import { intakeInvariants } from './invariants/intake.ts';
import { ledgerInvariants } from './invariants/ledger.ts';
import { orderLives, parcelInvariants, unitsInvariant } from './invariants/lifecycle.ts';
import { listInvariants } from './invariants/lists.ts';
import { stockInvariants } from './invariants/stock.ts';
import { waitingInvariants } from './invariants/waiting.ts';
import type { Invariant } from './invariant.ts';
import { readProvenance, verifyProvenance } from './provenance.ts';
import { recount, type Recount } from './kafka-only.ts';
import { openSources } from './sources.ts';

export type { Invariant } from './invariant.ts';
export { recount, type Holder, type Recount } from './kafka-only.ts';
export { openSources, type Sources } from './sources.ts';
export { resting, stillness } from './stillness.ts';

/**
 * Recomputes what must always hold from the services' logs, Kafka and the sandbox's ledger, with a read-only role and
 * without the services' deciders. `dir` holds run.json and secrets.json of the fleet; timers are judged as of `asOf`.
 */
export const verify = async ({ dir, asOf = new Date() }: { readonly dir: string; readonly asOf?: Date }): Promise<{ readonly invariants: readonly Invariant[] }> => {
  const sources = openSources(dir);
  try {
    const lives = await orderLives(sources);
    const parcels = await parcelInvariants(sources);
    const finished = new Set([...lives].filter(([, { state }]) => state !== 'open').flatMap(([id, { fulfilments }]) => [id, ...fulfilments.keys()]));
    const floor = await stockInvariants(sources, parcels.shipped, finished);
    const ledger = await ledgerInvariants(sources);
    return {
      invariants: [
        ...floor.invariants,
        ...(await intakeInvariants(sources, lives, parcels)),
        ...parcels.invariants,
        unitsInvariant(lives, parcels),
        ...(await chainInvariants(sources)),
        ...(await listInvariants(sources)),
        ...ledger.invariants,
        ...(await waitingInvariants(sources, lives, { parcels, sagas: floor.sagas, receivables: ledger.known, asOf })),
      ],
    };
  } finally {
    await sources.close();
  }
};

/** The same question asked of the topics alone; needs `dir`'s run.json and the broker, nothing else. */
export const verifyKafka = async ({ dir }: { readonly dir: string }): Promise<Recount> => {
  const sources = openSources(dir);
  try {
    return await recount(sources);
  } finally {
    await sources.close();
  }
};

/** Whether a provenance, as `provenance.json` of a parcel's page has it, is what the logs say. Throws `Stop` if the text is none. */
export const verifyProvenanceText = async ({ dir, text }: { readonly dir: string; readonly text: string }): Promise<{ readonly invariants: readonly Invariant[] }> => {
  const provenance = readProvenance(text);
  const sources = openSources(dir);
  try {
    return { invariants: [await verifyProvenance(sources, provenance)] };
  } finally {
    await sources.close();
  }
};
