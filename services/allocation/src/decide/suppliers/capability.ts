/** What a supplier did with the offers of the last time. */
export interface History {
  /** Answered or run out. */
  readonly ended: number;
  readonly accepted: number;
  /** Answered, and how long that took in all, in ms of business time. */
  readonly answered: number;
  readonly answeredMs: number;
}

/** What may be expected of it. */
export interface Capability {
  readonly acceptance: number;
  /** 1 = at once, 0.5 = takes all the time it may. */
  readonly speed: number;
  /** Acceptance × speed × what is left of its day's capacity: the higher is asked first. */
  readonly score: number;
}

// Until a supplier has a history of its own it is taken to do as suppliers do: so many offers' worth.
const PRIOR = 5;
const PRIOR_ACCEPTANCE = 0.8;
const PRIOR_SHARE_OF_TIME = 0.5;

/**
 * Shrunken means: a supplier of one refused offer is not written off, one of a hundred is known. `room`: the share of its daily
 * orders that it can still take, 1 without a limit, so that a good supplier that fills up leaves orders to the next.
 */
export const capabilityOf = ({ ended, accepted, answered, answeredMs }: History, responseMs: number, room = 1): Capability => {
  const acceptance = (accepted + PRIOR * PRIOR_ACCEPTANCE) / (ended + PRIOR);
  const taken = (answeredMs + PRIOR * PRIOR_SHARE_OF_TIME * responseMs) / (answered + PRIOR);
  const speed = responseMs / (responseMs + Math.min(taken, responseMs));
  return { acceptance, speed, score: acceptance * speed * Math.max(0, Math.min(1, room)) };
};
