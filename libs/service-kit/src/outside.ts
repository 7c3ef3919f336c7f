import { bulkhead, circuitBreaker, ConsecutiveBreaker, handleAll, wrap, type IPolicy } from 'cockatiel';

export interface OutsideOptions {
  /** Of one call, in all; 10 s where absent. */
  readonly timeoutMs?: number;
  /** Calls at once; 16 where absent. */
  readonly concurrency?: number;
  /** Calls per second, evenly spaced; no limit where absent. */
  readonly ratePerSecond?: number;
}

/** The world behind a breaker, a rate and a deadline. One per target (carrier, platform, mail). */
export interface Outside {
  /** Like `fetch`. Rejects with the deadline's TimeoutError, the network's error, or BrokenCircuitError without a call. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Whether the breaker lets nothing through at the moment. */
  broken(): boolean;
}

/** Waits between calls so that no second holds more than `perSecond` (GCRA without burst). */
const pace = (perSecond: number): (() => Promise<void>) => {
  let free = 0;
  return async () => {
    const now = performance.now();
    const at = Math.max(now, free);
    free = at + 1_000 / perSecond;
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now));
  };
};

export const createOutside = (options: OutsideOptions = {}): Outside => {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: 2_000, breaker: new ConsecutiveBreaker(10) });
  const policy: IPolicy = wrap(bulkhead(options.concurrency ?? 16, 10_000), breaker);
  const paced = options.ratePerSecond ? pace(options.ratePerSecond) : undefined;
  return {
    fetch: (url, init) =>
      policy.execute(async () => {
        await paced?.();
        const deadline = AbortSignal.timeout(options.timeoutMs ?? 10_000);
        return fetch(url, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline });
      }),
    broken: () => breaker.state === 1,
  };
};
