import { performance } from 'node:perf_hooks';
import { counter, gauge } from '@flotilla/telemetry';

const shed = counter('flotilla_requests_shed_total');
/** How busy the process is. */
export const loadRatio = gauge('flotilla_load_ratio');

/** Where HTTP and gRPC ask whether one more request may in. */
export interface Gate {
  /** Whether it may. Who was let in says `left` when it is answered. */
  enter(protocol: 'http' | 'grpc'): boolean;
  left(): void;
  /** Smoothed over half a second; 1 = all there is. */
  load(): number;
}

export interface GateOptions {
  /** Of what the process can do, how much it does before it refuses; 1 = it never refuses. */
  readonly at: number;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Share of the event loop that was used since it was asked last. */
  readonly busy: () => number;
  /** How long the command that came first has waited to be decided, in ms. */
  readonly waitMs: () => number;
}

const tickMs = 50;
/** What is looked at is half a second, so that a burst which is over by then is nothing. */
const smoothMs = 500;
/** A wait of so long is as if the loop had no time left: Postgres is what is slow then. */
const longestWaitMs = 500;
/** What a refusal costs of a request that is served: both are work that the load is made of. */
const refusalCost = 0.03;
/** From so busy on nobody can tell by how much it is too much: what waits already has to be worked off. */
const full = 0.97;
/** Requests under way that are no queue yet. Above, what is under way divided by what ends is how long the next one waits. */
const ordinarilyUnderWay = 64;
/** However loaded: whatever else loads the process, callers get so many a second… */
const leastPerSecond = 10;
/** …and so many at once, if they were quiet before. */
const atOnce = 50;
/** Of the most that was done lately, a third is always let in: where something else makes the load, refusing more would not end it. */
const lastingShare = 1 / 3;
const latelyMs = 20_000;
/** Nothing had to be refused for so long: there is no limit any more. */
const calmMs = 1_000;

/**
 * Lets in what keeps the load at `at`: the rate at which requests end, divided by the load that they and the refusals make, is what the
 * process can do, and is measured all the time. So the knee need not be known, and moves with the machine, its neighbours and the work.
 */
export const loadGate = ({ at, now, busy, waitMs }: GateOptions): Gate => {
  let [tick, load, perSecond, most] = [now(), 0, 0, 0];
  let [ended, refused, underWay] = [0, 0, 0];
  let limit = Number.POSITIVE_INFINITY;
  let tokens = 0;
  let lastRefusal = Number.NEGATIVE_INFINITY;

  const look = (): void => {
    const elapsed = now() - tick;
    if (elapsed < tickMs) return;
    const weight = 1 - Math.exp(-elapsed / smoothMs);
    const queued = Math.max(0, underWay - ordinarilyUnderWay) / Math.max(perSecond, leastPerSecond);
    load += (Math.max(Math.min(1, busy()), waitMs() / longestWaitMs, (queued * 1_000) / longestWaitMs) - load) * weight;
    perSecond += (((ended + refused * refusalCost) * 1_000) / elapsed - perSecond) * weight;
    most = Math.max(perSecond, most * Math.exp(-elapsed / latelyMs));
    const least = Math.max(leastPerSecond, most * lastingShare);
    [tick, ended, refused] = [now(), 0, 0];
    const sustained = ((perSecond * at) / Math.max(load, 0.05)) * (load >= full ? at : 1);
    if (load >= at) limit = Math.max(least, sustained);
    else if (now() - lastRefusal > calmMs) limit = Number.POSITIVE_INFINITY;
    else limit = Math.max(limit, least, sustained);
    tokens = Math.min(Math.max(atOnce, limit / 10), tokens + (limit * elapsed) / 1_000);
  };

  return {
    enter: (protocol) => {
      if (at >= 1) return true;
      look();
      if (limit === Number.POSITIVE_INFINITY || tokens >= 1) {
        if (tokens >= 1) tokens -= 1;
        underWay += 1;
        return true;
      }
      refused += 1;
      lastRefusal = now();
      shed.inc({ protocol });
      return false;
    },
    left: () => {
      ended += 1;
      underWay = Math.max(0, underWay - 1); // one that never refuses counts nobody in
    },
    load: () => {
      look();
      return load;
    },
  };
};

/** The share of this process's event loop that was used since the last call. */
export const loopShare = (): (() => number) => {
  let last = performance.eventLoopUtilization();
  return () => {
    const current = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(current, last);
    last = current;
    return utilization;
  };
};
