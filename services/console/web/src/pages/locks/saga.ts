/** What is left of a lease, machine time. */
export interface Lease {
  readonly seconds: number;
  /** Of its whole length, as far as that is known: 1 = all, 0 = over. */
  readonly share: number;
}

/** `leaseSeconds`: how long leases are; the longest that was seen will do. */
export const leaseOf = (expiresAt: string, now: number, leaseSeconds: number): Lease => {
  const seconds = Math.max(0, (Date.parse(expiresAt) - now) / 1_000);
  return { seconds, share: leaseSeconds <= 0 ? 0 : Math.min(1, seconds / leaseSeconds) };
};

export interface Stage {
  readonly name: 'answered' | 'locked' | 'confirmed' | 'consumed';
  readonly count: number;
  /** Of all questions that were answered. */
  readonly share: number;
  /** What was lost on the way to the next stage, and why. */
  readonly lost: readonly { readonly name: 'refused' | 'expired' | 'released'; readonly count: number }[];
}

/** The saga as a funnel, of allocation's tally: how many locks were asked for, granted, confirmed, and left with a parcel. */
export const funnelOf = (counts: Readonly<Record<string, number>>): readonly Stage[] => {
  const of = (name: string): number => counts[name] ?? 0;
  const answered = of('locked') + of('refused');
  const stage = (name: Stage['name'], count: number, lost: Stage['lost']): Stage => ({ name, count, share: answered === 0 ? 0 : count / answered, lost: lost.filter((one) => one.count > 0) });
  return [
    stage('answered', answered, [{ name: 'refused', count: of('refused') }]),
    stage('locked', of('locked'), [{ name: 'expired', count: of('expired') }]),
    // Released ones were locked or confirmed: they are told where most of them are, after confirmation.
    stage('confirmed', of('confirmed'), [{ name: 'released', count: of('released') }]),
    stage('consumed', of('consumed'), []),
  ];
};

/** What two tallies of the same service differ by, per minute; undefined while there is only one, or the log began anew. */
export const perMinute = (before: { readonly at: number; readonly count: number } | undefined, now: { readonly at: number; readonly count: number }): number | undefined =>
  before === undefined || now.at <= before.at || now.count < before.count ? undefined : ((now.count - before.count) / (now.at - before.at)) * 60_000;
