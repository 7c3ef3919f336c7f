import { describe, expect, it } from '@jest/globals';
import { loadGate, type GateOptions } from './shedding.js';

/** A process with one event loop on a clock of its own: requests come at a rate, wait their turn, cost time; refusals cost some, too. */
const play = ({ at = 0.8, refusalMs = 0.06 }: { readonly at?: number; readonly refusalMs?: number } = {}) => {
  let now = 0;
  let costMs = 2;
  let doing = 0;
  let debt = 0;
  let [used, since] = [0, 0];
  const queue: number[] = [];
  const options: GateOptions = {
    at,
    now: () => now,
    busy: () => {
      const share = now === since ? 0 : used / (now - since);
      [used, since] = [0, now];
      return share;
    },
    waitMs: () => 0,
  };
  const gate = loadGate(options);
  let [served, refused, within] = [0, 0, 0];
  /** A millisecond: what came is let in or not, then the loop works on what waits. */
  const step = (perMs: number, carried: { due: number }): void => {
    now += 1;
    for (carried.due += perMs; carried.due >= 1; carried.due -= 1) {
      if (gate.enter('http')) queue.push(now);
      else {
        refused += 1;
        debt += refusalMs;
      }
    }
    let left = 1;
    const paid = Math.min(left, debt);
    debt -= paid;
    left -= paid;
    used += paid;
    while (left > 0 && queue.length > 0) {
      const cost = Math.min(left, costMs - doing);
      doing += cost;
      left -= cost;
      used += cost;
      if (doing < costMs - 1e-9) continue;
      doing = 0;
      const came = queue.shift()!;
      served += 1;
      if (now - came <= 1_000) within += 1;
      gate.left();
    }
  };
  const run = (perSecond: number, ms: number) => {
    [served, refused, within] = [0, 0, 0];
    const carried = { due: 0 };
    for (let done = 0; done < ms; done += 1) step(perSecond / 1_000, carried);
    return { goodput: (within * 1_000) / ms, refused, waiting: queue.length };
  };
  return { run, gate, costs: (ms: number) => void (costMs = ms) };
};

describe('load shedding', () => {
  const capacity = 500; // of 2 ms each

  it('OPS-06: below 80 % of what the process can do nobody is refused', () => {
    const { run } = play();
    expect(run(0.75 * capacity, 20_000)).toMatchObject({ refused: 0 });
  });

  it('OPS-06: beyond, what is done stays what it was at the knee, up to five times as much', () => {
    const knee = play().run(0.8 * capacity, 20_000).goodput;
    for (const times of [1.25, 2, 3, 4, 5]) {
      const { run } = play();
      run(times * knee, 5_000);
      const { goodput, waiting } = run(times * knee, 20_000);
      expect({ times, held: goodput / knee >= 0.9, waiting: waiting < 200 }).toEqual({ times, held: true, waiting: true });
    }
  });

  it('OPS-06: without it, the same load is answered too late', () => {
    const { run } = play({ at: 1 });
    run(5 * 0.8 * capacity, 5_000);
    expect(run(5 * 0.8 * capacity, 20_000).goodput).toBeLessThan(10);
  });

  it('OPS-06: a burst that is over in a moment is let in, and once it is quiet there is no limit', () => {
    const { run } = play();
    run(10, 5_000);
    expect(run(2_000, 150).refused).toBe(0);
    run(3 * capacity, 10_000);
    run(10, 5_000);
    expect(run(2_000, 150).refused).toBe(0);
  });

  it('OPS-06: a knee that moves is followed', () => {
    const { run, costs } = play();
    run(2 * capacity, 10_000);
    costs(4); // a neighbour takes half of the machine
    run(2 * capacity, 5_000);
    const { goodput } = run(2 * capacity, 10_000);
    expect([goodput > 0.9 * 0.8 * 250, goodput < 0.8 * 250 * 1.1]).toEqual([true, true]);
  });

  it('OPS-06: commands that wait for a slow database count as load, however idle the loop is', () => {
    let now = 0;
    let waitMs = 0;
    const gate = loadGate({ at: 0.8, now: () => now, busy: () => 0.1, waitMs: () => waitMs });
    const second = (): number => {
      let entered = 0;
      for (let n = 0; n < 1_000; n += 1) {
        now += 1;
        if (!gate.enter('grpc')) continue;
        entered += 1;
        gate.left();
      }
      return entered;
    };
    expect(second()).toBe(1_000);
    waitMs = 2_000;
    second();
    // A third of what went lately is let in, then less and less, down to the least that everybody gets.
    second();
    expect(second()).toBeLessThanOrEqual(334);
    for (let n = 0; n < 120; n += 1) second();
    expect(second()).toBeLessThanOrEqual(20);
    expect(second()).toBeGreaterThanOrEqual(8);
    waitMs = 0;
    for (let n = 0; n < 5; n += 1) second();
    expect([gate.load() < 0.2, second()]).toEqual([true, 1_000]);
  });
});
