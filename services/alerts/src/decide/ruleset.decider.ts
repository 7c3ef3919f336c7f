import type { alerts } from '@flotilla/contracts';
import { Refused, type Decider } from '@flotilla/decider';
import { builtIn, problemsOf } from './rules.js';

export interface Settings {
  readonly version: number;
  readonly rules: readonly alerts.RuleSetting[];
  readonly putAt: string;
  readonly putBy: string;
}

export type RulesetCommand = { readonly type: 'PutSettings'; readonly data: { readonly rules: readonly alerts.RuleSetting[]; readonly at: string; readonly by: string } };
export type RulesetEvent = { readonly type: 'SettingsPut'; readonly data: Settings };

/** The id of the one stream of settings, `ruleset-alerts`. */
export const RULESET = 'alerts';
/** How many versions can be looked at without reading the log. */
const keptVersions = 50;

/** The newest first; empty until somebody puts one. */
export type Ruleset = readonly Settings[];

const none: Settings = { version: 0, rules: builtIn, putAt: '', putBy: '' };

// Rules that the code has learned since a version was put hold as they are built in.
const completed = (settings: Settings): Settings => ({ ...settings, rules: builtIn.map((built) => settings.rules.find(({ rule }) => rule === built.rule) ?? built) });

/** A version that is kept, whole; 0 = the one in force. */
export const versionOf = (versions: Ruleset, version: number): Settings | undefined => {
  const found = version === 0 ? (versions[0] ?? none) : versions.find((one) => one.version === version);
  return found && completed(found);
};

const bySettings = new WeakMap<Ruleset, ReadonlyMap<string, alerts.RuleSetting>>();

/** What holds for a rule now. */
export const settingOf = (versions: Ruleset, rule: string): alerts.RuleSetting | undefined => {
  const known = bySettings.get(versions) ?? new Map(versionOf(versions, 0)!.rules.map((setting) => [setting.rule, setting]));
  bySettings.set(versions, known);
  return known.get(rule);
};

/** Settings of the rules, version by version. */
export const ruleset: Decider<Ruleset, RulesetCommand, RulesetEvent> = {
  category: 'ruleset',
  initial: [],
  evolve: (versions, { data }) => [data, ...versions].slice(0, keptVersions),
  decide: ({ data: { rules, at, by } }, versions) => {
    const problems = problemsOf(rules);
    if (problems.length > 0) throw new Refused('BAD_REQUEST', problems.slice(0, 10).join('; '));
    return [{ type: 'SettingsPut', data: { version: (versions[0]?.version ?? 0) + 1, rules, putAt: at, putBy: by } }];
  },
};
