import type { EventStore } from '@flotilla/event-store';
import { remarkRules, remarkRulesId, type RemarkRulesState } from '../decide/remark-rules.decider.js';
import { defaultRemarkRules } from '../standardise/remark-rules.js';
import { compileRemarks, type RemarkReader } from '../standardise/remarks.js';

const keepMs = 2_000;
const builtIn = compileRemarks(defaultRemarkRules);

/** Reads remarks by the built-in rules. */
export const byDefault = (): Promise<RemarkReader> => Promise.resolve(builtIn);

/** Reads remarks by the rules in force, as of two seconds ago at most. */
export const remarkReader = (store: Pick<EventStore, 'folded'>): { readonly reader: () => Promise<RemarkReader>; readonly forget: () => void } => {
  let known: { readonly state: RemarkRulesState; readonly reader: RemarkReader } = { state: null, reader: builtIn };
  let until = 0;
  let asking: Promise<RemarkReader> | undefined;
  const ask = async (): Promise<RemarkReader> => {
    try {
      const state = (await store.folded(remarkRules, [remarkRulesId])).get(remarkRulesId)?.state ?? null;
      if (state?.version !== known.state?.version) known = { state, reader: state === null ? builtIn : compileRemarks(state.rules) };
      until = Date.now() + keepMs;
      return known.reader;
    } finally {
      asking = undefined;
    }
  };
  return { reader: () => (until > Date.now() ? Promise.resolve(known.reader) : (asking ??= ask())), forget: () => (until = 0) };
};
