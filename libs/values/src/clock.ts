/** The two clocks. Promises, SLAs and payment windows are business time; leases, deadlines and retries machine time. */
export interface Clock {
  business(): Date;
  /** Always the wall. */
  machine(): Date;
  /** Business milliseconds per wall millisecond. */
  readonly rate: number;
  /** The wall instant (epoch ms) at which the business clock shows the given instant (epoch ms). */
  toWallMs(businessMs: number): number;
  /** What the business clock showed at a wall instant (both epoch ms). */
  toBusinessMs(wallMs: number): number;
}

/**
 * `businessClock('2026-11-21T00:00:00Z@60')`: from that wall instant on, where both clocks agree, a business hour takes
 * a wall minute. The epoch is part of the text (ISO or milliseconds) so that all processes agree without talking.
 * Without a text, business time is the wall's. In production another rate than 1 is refused: it would be a promise to a
 * buyer that the calendar does not keep.
 */
export const businessClock = (
  spec: string | undefined = process.env['FLOTILLA_CLOCK'],
  options: { readonly production?: boolean; readonly now?: () => number } = {},
): Clock => {
  const now = options.now ?? Date.now;
  const { epoch, rate } = parse(spec);
  if (rate !== 1 && (options.production ?? process.env['NODE_ENV'] === 'production')) {
    throw new Error(`FLOTILLA_CLOCK=${spec} is for demo and tests: in production business time runs at rate 1`);
  }
  // Before the epoch both clocks are the same, so that a clock set to start later does not run backwards now.
  const toBusinessMs = (wallMs: number): number => (wallMs <= epoch ? wallMs : epoch + (wallMs - epoch) * rate);
  return {
    rate,
    business: () => new Date(toBusinessMs(now())),
    machine: () => new Date(now()),
    toBusinessMs,
    toWallMs: (businessMs) => (businessMs <= epoch ? businessMs : epoch + (businessMs - epoch) / rate),
  };
};

const parse = (spec: string | undefined): { epoch: number; rate: number } => {
  if (spec === undefined || spec === '') return { epoch: 0, rate: 1 };
  const [, start = '', rateText = ''] = /^(.+)@([0-9.]+)$/.exec(spec) ?? [];
  const epoch = /^\d+$/.test(start) ? Number(start) : Date.parse(start);
  const rate = Number(rateText);
  if (!Number.isFinite(epoch) || !Number.isFinite(rate) || rate <= 0) {
    throw new Error(`FLOTILLA_CLOCK="${spec}" is not <epoch as ISO or milliseconds>@<rate above 0>, e.g. 2026-11-21T00:00:00Z@60`);
  }
  return { epoch, rate };
};
