import type { allocation } from '@flotilla/contracts';

interface Named {
  readonly warehouse: string;
}

/** The breaker of a node, and whether somebody suspended it. */
export type NodeEvent =
  /** A delivery was late. `row`: how many in a row now. */
  | { readonly type: 'LatenessNoted'; readonly data: Named & { readonly foId: string; readonly parcelId: string; readonly row: number } }
  /** A delivery in time ended the row. */
  | { readonly type: 'LatenessEnded'; readonly data: Named & { readonly parcelId: string } }
  | { readonly type: 'NodeTripped'; readonly data: allocation.NodeTripped }
  /** Half-open: one order may try it. */
  | { readonly type: 'NodeHalfOpened'; readonly data: Named & { readonly trip: number } }
  /** `until`: if nothing has left by then, the next order tries. */
  | { readonly type: 'ProbeStarted'; readonly data: Named & { readonly trip: number; readonly foId: string; readonly until: string } }
  | { readonly type: 'ProbeDropped'; readonly data: Named & { readonly trip: number; readonly foId: string; readonly cause: string } }
  | { readonly type: 'NodeRestored'; readonly data: allocation.NodeRestored }
  /** Its orders of the day are counted from zero. `until`: its next midnight. */
  | { readonly type: 'NodeDayBegan'; readonly data: Named & { readonly day: string; readonly until: string } }
  | { readonly type: 'NodeSuspended' | 'NodeResumed'; readonly data: Named & { readonly reason: string } };
