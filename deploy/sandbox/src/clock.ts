/** Business time as the fleet has it: `FLOTILLA_CLOCK=<epoch>@<rate>`, one line for services and sandbox. */
export interface Clock {
  business(): Date;
  rate: number;
  /** How long the wall takes for so much business time. */
  toWallMs(businessMs: number): number;
}

/**
 * Business time began at `epoch` (of the wall) and has run `rate` times as fast since.
 * @example readClock('2026-11-21T00:00:00Z@600')
 */
export function readClock(spec = ''): Clock {
  const at = spec.lastIndexOf('@');
  const text = at < 0 ? spec : spec.slice(0, at);
  const rate = at < 0 ? 1 : Number(spec.slice(at + 1));
  const epoch = text === '' ? Date.now() : /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isFinite(epoch) || !(rate > 0)) throw new Error(`FLOTILLA_CLOCK is <epoch>@<rate>, for example 2026-11-21T00:00:00Z@600, not "${spec}"`);
  // As businessClock of libs/values: before the epoch both clocks are the same.
  return { business: () => new Date(Date.now() <= epoch ? Date.now() : epoch + (Date.now() - epoch) * rate), rate, toWallMs: (businessMs) => businessMs / rate };
}

/** `2026-10-03T10:12:31+08:00`: an instant as a shop writes it, in its own offset and without milliseconds. */
export function atOffset(ms: number, offsetMinutes: number): string {
  const sign = offsetMinutes < 0 ? '-' : '+';
  const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return `${new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, 19)}${sign}${two(offsetMinutes / 60)}:${two(offsetMinutes % 60)}`;
}

/** `2026-10-03 18:12:31`: Beijing time without an offset, as Chinese carriers write it. */
export const inBeijing = (ms: number): string => atOffset(ms, 480).slice(0, 19).replace('T', ' ');

/** Resolves after the time has passed, or at once when the signal is set. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
