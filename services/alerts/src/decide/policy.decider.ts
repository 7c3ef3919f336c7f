import type { alerts } from '@flotilla/contracts';
import { Refused, type Decider } from '@flotilla/decider';
import { problemsOf } from './policy.js';

export type PolicyCommand = { readonly type: 'PutPolicy'; readonly data: { readonly policy: alerts.NoticePolicy; readonly connected: readonly string[]; readonly at: string; readonly by: string } };
export type PolicyEvent = { readonly type: 'PolicyPut'; readonly data: alerts.PolicyVersion };

/** The id of the one stream of policies, `policy-notices`. */
export const POLICY = 'notices';

/** Who is told of incidents, version by version; null until somebody puts one. */
export const policy: Decider<alerts.PolicyVersion | null, PolicyCommand, PolicyEvent> = {
  category: 'policy',
  initial: null,
  evolve: (_, { data }) => data,
  decide: ({ data: { policy: put, connected, at, by } }, known) => {
    const problems = problemsOf(put, new Set(connected));
    if (problems.length > 0) throw new Refused('BAD_REQUEST', problems.slice(0, 10).join('; '));
    return [{ type: 'PolicyPut', data: { version: (known?.version ?? 0) + 1, policy: put, putAt: at, putBy: by } }];
  },
};
