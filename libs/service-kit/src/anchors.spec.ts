import { quietLog } from '@flotilla/testing';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { runAnchors } from './anchors.js';

const hour = 3_600_000;

describe('anchors', () => {
  beforeEach(() => void jest.useFakeTimers({ now: Date.parse('2026-11-21T12:00:00Z') }));
  afterEach(() => void jest.useRealTimers());
  const started = (last: Date | undefined, anchor: () => Promise<void> = () => Promise.resolve()) => {
    const anchored = jest.fn(anchor);
    const log = quietLog();
    const running = runAnchors({ everyMs: hour, last, anchor: anchored, log });
    return { anchored, log, stop: () => running.stop() };
  };

  it.each([
    ['an hour after the last one', 'now', hour],
    ['at once if that is over', '2020-01-01T00:00:00Z', 0],
    ['in a minute if there is none', undefined, 60_000],
    ['never later than an hour, whatever the last one says', '2036-01-01T00:00:00Z', hour],
  ])('OPS-09: %s', async (_, last, due) => {
    const { anchored, stop } = started(last === undefined ? undefined : last === 'now' ? new Date() : new Date(last));
    await jest.advanceTimersByTimeAsync(Math.max(0, due - 1));
    expect(anchored).toHaveBeenCalledTimes(due === 0 ? 1 : 0);
    await jest.advanceTimersByTimeAsync(1);
    expect(anchored).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(hour);
    expect(anchored).toHaveBeenCalledTimes(2);
    await stop();
    await jest.advanceTimersByTimeAsync(2 * hour);
    expect(anchored).toHaveBeenCalledTimes(2);
  });

  it('OPS-09: one that fails is logged and tried at the next turn', async () => {
    const { anchored, log, stop } = started(new Date(0), () => Promise.reject(new Error('no database')));
    await jest.advanceTimersByTimeAsync(hour + 1);
    expect(anchored).toHaveBeenCalledTimes(2);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
    await stop();
  });
});
