/** Something of a channel that has stock. */
export interface ListedItem {
  readonly item: string;
  /** As the channel writes it; "" if it has none. In older events only what could be ours. */
  readonly sku: string;
  readonly title: string;
  readonly barcode: string;
  /** The channel's ids. */
  readonly product: string;
  readonly variant: string;
  /** As lines of orders name it; absent where it has no such name, and in events from before the SKU map was asked for stock. */
  readonly itemId?: string;
  /** Whether the channel counts it at all. */
  readonly tracked: boolean;
  /** null: the channel does not say. */
  readonly shown: number | null;
}

export interface Difference {
  readonly item: string;
  readonly sku: string;
  readonly shown: number | null;
  readonly level: number;
  /** The channel had not been told of the newest change yet. */
  readonly underWay: boolean;
  /** It is told again. */
  readonly correct: boolean;
}

export type ListingEvent =
  | { readonly type: 'PullBegun'; readonly data: { readonly channel: string; readonly pull: number; readonly at: string } }
  /** `next`: where the next page begins; "" after the last. */
  | { readonly type: 'PageListed'; readonly data: { readonly channel: string; readonly pull: number; readonly next: string; readonly location: string; readonly items: readonly ListedItem[]; readonly differences: readonly Difference[]; readonly at: string } }
  | { readonly type: 'PullEnded'; readonly data: { readonly channel: string; readonly pull: number; readonly items: number; readonly differences: number; readonly at: string } }
  /** Somebody wants the channel told again; sku "": of all. */
  | { readonly type: 'PushAsked'; readonly data: { readonly channel: string; readonly sku: string; readonly at: string } };
