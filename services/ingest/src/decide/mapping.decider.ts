import type { ingest } from '@flotilla/contracts';
import type { Decider } from '@flotilla/decider';

export interface MappingEvent {
  readonly type: 'MappingPut';
  readonly data: { readonly channel: string; readonly version: number; readonly mapping: ingest.Mapping; readonly at: string; readonly who: string };
}

/** `mapping` was compiled: whoever decides this has seen that it can be used. */
export interface PutMapping {
  readonly type: 'PutMapping';
  readonly data: { readonly channel: string; readonly mapping: ingest.Mapping; readonly at: string; readonly who: string };
}

/** The one in force; null: none. */
export type MappingState = { readonly version: number; readonly mapping: ingest.Mapping } | null;

/** What the fields of a channel's orders mean. Every change is a version, one event each. */
export const fieldMapping: Decider<MappingState, PutMapping, MappingEvent> = {
  category: 'mapping',
  initial: null,
  evolve: (_state, { data: { version, mapping } }) => ({ version, mapping }),
  decide: ({ data }, state) => (state !== null && JSON.stringify(state.mapping) === JSON.stringify(data.mapping) ? [] : [{ type: 'MappingPut', data: { ...data, version: (state?.version ?? 0) + 1 } }]),
};
