import { alerts as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { repeatable, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { described } from '../decide/rules.js';
import { ruleset, RULESET, versionOf, type Settings } from '../decide/ruleset.decider.js';

const toVersion = ({ version, rules, putAt, putBy }: Settings): api.RulesVersion => ({ version, rules: rules.map(described), putAt, putBy });

/** Settings of the rules: put whole, looked at version by version. */
export const rulesGrpc = (ctx: ServiceContext): Served =>
  serve(api.Rules, {
    putRules: async (request, call) => {
      const data = { rules: request.rules, at: ctx.clock.business().toISOString(), by: call.caller };
      const { answer } = await ctx.store.execute(
        {
          streams: [[ruleset, RULESET]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(ruleset, RULESET, { type: 'PutSettings', data });
            return toVersion(versionOf(unit.state(ruleset, RULESET), 0)!);
          },
        },
        repeatable(call, request),
      );
      return answer;
    },
    getRules: async ({ version }) => {
      const { state } = (await ctx.store.folded(ruleset, [RULESET])).get(RULESET)!;
      const found = versionOf(state, version);
      if (!found) throw new Refused('NOT_FOUND', `no version ${version} of the rules is kept; the newest is ${state[0]?.version ?? 0}`);
      return toVersion(found);
    },
  });
