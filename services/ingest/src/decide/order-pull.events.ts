/** When a channel is asked for its orders. */
export interface PullRules {
  readonly everyMinutes: number;
  readonly peakEveryMinutes: number;
  /** A peak: the last hour's orders pass so many percent of the trailing mean, and are at least `peakLeast`. */
  readonly peakPercent: number;
  readonly peakLeast: number;
  /** Every pull begins so much before the last one ended: platforms date a change before it can be seen. */
  readonly overlapMinutes: number;
  readonly paused: boolean;
}

export const usualRules: PullRules = { everyMinutes: 15, peakEveryMinutes: 5, peakPercent: 200, peakLeast: 30, overlapMinutes: 10, paused: false };

/** Orders by the hour in which they were placed, hours counted since 1970. */
export type Hours = readonly { readonly hour: number; readonly orders: number }[];

export type OrderPullEvent =
  | { readonly type: 'OrderPullRulesPut'; readonly data: { readonly channel: string; readonly rules: PullRules; readonly at: string; readonly by: string; readonly nextAt: string } }
  /** What was changed between `from` and `to` is asked for. */
  | { readonly type: 'OrderPullBegun'; readonly data: { readonly channel: string; readonly pull: number; readonly from: string; readonly to: string; readonly at: string } }
  /** `next`: where the next page begins, "" after the last. `placed`: orders that nobody had heard of. */
  | { readonly type: 'OrderPagePulled'; readonly data: { readonly channel: string; readonly pull: number; readonly next: string; readonly orders: number; readonly placed: Hours; readonly at: string } }
  | { readonly type: 'OrderPullEnded'; readonly data: { readonly channel: string; readonly pull: number; readonly to: string; readonly peak: boolean; readonly lastHour: number; readonly mean: number; readonly at: string; readonly nextAt: string } }
  /** The next one begins where this one did. `blocked`: only people can help. */
  | { readonly type: 'OrderPullFailed'; readonly data: { readonly channel: string; readonly pull: number; readonly why: string; readonly blocked: boolean; readonly at: string; readonly nextAt: string } };
