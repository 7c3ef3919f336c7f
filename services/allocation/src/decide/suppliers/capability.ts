/** What a supplier did with the offers of the last time. */
export interface History {
  /** Answered or run out. */
  readonly ended: number;
  readonly accepted: number;
  /** Answered, and how long that took in all, in ms of business time. */
  readonly answered: number;
  readonly answeredMs: number;
  /** Parcels whose time to be sent is judged: they were sent, or it is over; and how many of them were overdue. */
  readonly due: number;
  readonly late: number;
}

/** What may be expected of it. */
export interface Capability {
  readonly acceptance: number;
  /** 1 = at once, 0.5 = takes all the time it may. */
  readonly speed: number;
  /** Of what is released to it, how much it sends in time. */
  readonly punctuality: number;
  /** Acceptance × speed × punctuality × what is left of its day's capacity: the higher is asked first. */
  readonly score: number;
}

// Until a supplier has a history of its own it is taken to do as suppliers do: so many offers' worth.
const PRIOR = 5;
const PRIOR_ACCEPTANCE = 0.8;
const PRIOR_SHARE_OF_TIME = 0.5;
const PRIOR_PUNCTUALITY = 0.9;

/**
 * Shrunken means: a supplier of one refused offer is not written off, one of a hundred is known. `room`: the share of its daily
 * orders that it can still take, 1 without a limit, so that a good supplier that fills up leaves orders to the next.
 */
export const capabilityOf = ({ ended, accepted, answered, answeredMs, due, late }: History, responseMs: number, room = 1): Capability => {
  const acceptance = (accepted + PRIOR * PRIOR_ACCEPTANCE) / (ended + PRIOR);
  const taken = (answeredMs + PRIOR * PRIOR_SHARE_OF_TIME * responseMs) / (answered + PRIOR);
  const speed = responseMs / (responseMs + Math.min(taken, responseMs));
  const punctuality = (due - late + PRIOR * PRIOR_PUNCTUALITY) / (due + PRIOR);
  return { acceptance, speed, punctuality, score: acceptance * speed * punctuality * Math.max(0, Math.min(1, room)) };
};
