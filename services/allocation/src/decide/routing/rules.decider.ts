import type { allocation } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { BUILT_IN, completed, problemsOf, type Rules } from './rules.js';

export type RulesCommand =
  | { readonly type: 'PutRules'; readonly data: { readonly rules: allocation.RuleSet; readonly at: string; readonly by: string } }
  | { readonly type: 'ActivateRules'; readonly data: { readonly version: number; readonly at: string; readonly by: string } };

export type RulesEvent =
  | { readonly type: 'RulesPut'; readonly data: { readonly version: number; readonly rules: allocation.RuleSet; readonly at: string; readonly by: string } }
  | { readonly type: 'RulesActivated'; readonly data: { readonly version: number; readonly at: string; readonly by: string } };

export interface PutRules extends Rules {
  readonly at: string;
  readonly by: string;
}

export interface RulesState {
  readonly last: number;
  readonly active: PutRules;
  /** The newest, newest first; older ones stand in the stream. */
  readonly versions: readonly PutRules[];
}

/** The id of the one stream of rule sets, `rules-routing`. */
export const RULES = 'routing';
/** How many versions can be looked at and activated without reading the log. */
export const KEPT_VERSIONS = 100;

const builtIn: PutRules = { ...BUILT_IN, at: '', by: '' };

const evolve = (state: RulesState, event: RulesEvent): RulesState => {
  switch (event.type) {
    case 'RulesPut':
      return { ...state, last: event.data.version, versions: [event.data, ...state.versions].slice(0, KEPT_VERSIONS) };
    case 'RulesActivated':
      return { ...state, active: versionOf(state, event.data.version) ?? state.active };
    default:
      return state;
  }
};

/** A version that is kept; 0 = built in. */
export const versionOf = ({ versions, active }: RulesState, version: number): PutRules | undefined =>
  version === 0 ? builtIn : active.version === version ? active : versions.find((one) => one.version === version);

const put = ({ data: { rules, at, by } }: Of<RulesCommand, 'PutRules'>, { last }: RulesState): readonly RulesEvent[] => {
  const problems = problemsOf(rules);
  if (problems.length > 0) throw new Refused('BAD_RULES', problems.slice(0, 10).map(({ path, detail }) => `${path}: ${detail}`).join('; '));
  return [{ type: 'RulesPut', data: { version: last + 1, rules: completed(rules), at, by } }];
};

const activate = ({ data }: Of<RulesCommand, 'ActivateRules'>, state: RulesState): readonly RulesEvent[] => {
  if (!versionOf(state, data.version)) throw new Refused('NOT_FOUND', `no version ${data.version} of the rules; the newest is ${state.last}, and ${KEPT_VERSIONS} are kept`);
  return state.active.version === data.version ? [] : [{ type: 'RulesActivated', data }];
};

const decide = (command: RulesCommand, state: RulesState): readonly RulesEvent[] => {
  switch (command.type) {
    case 'PutRules':
      return put(command, state);
    case 'ActivateRules':
      return activate(command, state);
    default:
      return unreachable(command);
  }
};

/** Routing rules, version by version, and which is in force. */
export const rules: Decider<RulesState, RulesCommand, RulesEvent> = { category: 'rules', initial: { last: 0, active: builtIn, versions: [] }, evolve, decide };
