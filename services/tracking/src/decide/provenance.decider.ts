import type { Decider } from '@flotilla/decider';

/** What becomes of an order, and of a parcel until its carrier has it, as far as it is the buyer's business. */
export type EarlyStep = 'PLACED' | 'PAID' | 'RELEASED' | 'PACKED';

export interface KeptStep {
  /** Of the order (PLACED, PAID) or the parcel. */
  readonly id: string;
  readonly step: EarlyStep;
  readonly at: string;
  /** The warehouse; "" of an order's steps. */
  readonly detail: string;
}

export type ProvenanceCommand = { readonly type: 'KeepStep'; readonly data: KeptStep };
export type ProvenanceEvent = { readonly type: 'StepKept'; readonly data: KeptStep };

/**
 * Stream `provenance-<order or parcel>`, written only where the shop shows it. Stream, version, id and hash of the event that says so stand in the
 * meta of each event, as they came with the message. A parcel may be packed anew; whatever else is said twice was said.
 */
export const provenance: Decider<readonly KeptStep[], ProvenanceCommand, ProvenanceEvent> = {
  category: 'provenance',
  initial: [],
  evolve: (steps, { type, data }) => (type === 'StepKept' ? [...steps, data] : steps),
  decide: ({ data }, steps) => (steps.some(({ step, at }) => step === data.step && (step !== 'PACKED' || at === data.at)) ? [] : [{ type: 'StepKept', data }]),
};
