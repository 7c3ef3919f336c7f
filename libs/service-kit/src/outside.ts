import { bulkhead, circuitBreaker, ConsecutiveBreaker, handleAll, wrap, type IPolicy } from 'cockatiel';

export interface OutsideOptions {
  /** Of one call, in all; 10 s where absent. */
  readonly timeoutMs?: number;
  /** Calls at once; 16 where absent. */
  readonly concurrency?: number;
  /** Calls per second, evenly spaced; no limit where absent. */
  readonly ratePerSecond?: number;
  /** Of the body of an answer, as it is read; 4 MiB where absent. */
  readonly maxBytes?: number;
}

/** An answer had a body of more than `maxBytes`; the rest of it was not read. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
  constructor(host: string, maxBytes: number) {
    super(`the answer of ${host} has more than ${maxBytes} bytes`);
  }
}

/** An answer whose status HTTP does not know: nothing is said by it. */
export class NoSuchStatus extends Error {
  override readonly name = 'NoSuchStatus';
  constructor(host: string, status: number) {
    super(`${host} answered with status ${status}, which there is not`);
  }
}

/** The world behind a breaker, a rate and a deadline. One per target (carrier, platform, mail). */
export interface Outside {
  /**
   * Like `fetch`. Rejects with the deadline's TimeoutError, the network's error, or BrokenCircuitError without a call. Reading the body of an
   * answer that is too large rejects with AnswerTooLarge. An answer whose status is not 200 to 599 rejects with NoSuchStatus.
   */
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

/** The same answer, whose body ends in an error, and the connection with it, once it is too large: a stranger's word must not cost our memory. */
const bounded = (answer: Response, host: string, maxBytes: number): Response => {
  // No Response can be made of it.
  if (answer.status < 200 || answer.status > 599) {
    void answer.body?.cancel().catch(() => undefined);
    throw new NoSuchStatus(host, answer.status);
  }
  if (!answer.body) return answer;
  let bytes = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) controller.error(new AnswerTooLarge(host, maxBytes));
      else controller.enqueue(chunk);
    },
  });
  return new Response(answer.body.pipeThrough(counted), answer);
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
        const answer = await fetch(url, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline });
        return bounded(answer, new URL(url).host, options.maxBytes ?? 4 * 1024 * 1024);
      }),
    broken: () => breaker.state === 1,
  };
};
