export interface Watch {
  readonly rule: string;
  readonly subject: string;
}

export type WatchEvent =
  | { readonly type: 'WatchBegun'; readonly data: Watch & { readonly since: string; readonly dueAt: string } }
  | { readonly type: 'WatchCalledOff'; readonly data: Watch & { readonly by: string } }
  | { readonly type: 'WatchFired'; readonly data: Watch & { readonly at: string } };
