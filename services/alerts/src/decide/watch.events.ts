import type { alerts } from '@flotilla/contracts';

export interface Watch {
  readonly rule: string;
  readonly subject: string;
}

/** A watch as it begins. */
export interface Begun extends Watch {
  readonly since: string;
  readonly dueAt: string;
  /** Whose it is, where the fact that began it says so. */
  readonly orders?: readonly alerts.IncidentOrder[];
}

export type WatchEvent =
  | { readonly type: 'WatchBegun'; readonly data: Begun }
  | { readonly type: 'WatchCalledOff'; readonly data: Watch & { readonly by: string } }
  | { readonly type: 'WatchFired'; readonly data: Watch & { readonly at: string } };
