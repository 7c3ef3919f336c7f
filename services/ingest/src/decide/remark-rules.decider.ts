import type { ingest } from '@flotilla/contracts';
import type { Decider } from '@flotilla/decider';

export interface RemarkRulesEvent {
  readonly type: 'RemarkRulesPut';
  readonly data: { readonly version: number; readonly rules: ingest.RemarkRuleSet; readonly at: string; readonly by: string };
}

/** `rules` were compiled: whoever decides this has seen that they can be used. */
export interface PutRemarkRules {
  readonly type: 'PutRemarkRules';
  readonly data: { readonly rules: ingest.RemarkRuleSet; readonly at: string; readonly by: string };
}

/** Those in force; null: the built-in ones. */
export type RemarkRulesState = { readonly version: number; readonly rules: ingest.RemarkRuleSet } | null;

/** There is one set of them. */
export const remarkRulesId = 'all';

/** What buyers' remarks mean. Every change is a version, one event each. */
export const remarkRules: Decider<RemarkRulesState, PutRemarkRules, RemarkRulesEvent> = {
  category: 'remarkRules',
  initial: null,
  evolve: (_state, { data: { version, rules } }) => ({ version, rules }),
  decide: ({ data }, state) => (state !== null && JSON.stringify(state.rules) === JSON.stringify(data.rules) ? [] : [{ type: 'RemarkRulesPut', data: { ...data, version: (state?.version ?? 0) + 1 } }]),
};
