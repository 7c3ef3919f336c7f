import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { serve, type Served } from '@flotilla/service-kit';
import { remarkRules, remarkRulesId, type RemarkRulesState } from '../decide/remark-rules.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { findRemarkRules } from '../query/remark-rules.query.js';
import { defaultRemarkRules } from '../standardise/remark-rules.js';
import { checkedRemarks, compileRemarks } from '../standardise/remarks.js';

const mostRemarks = 100;
const longestRemark = 2_000;

/** What buyers' remarks mean: put with versions, tried on remarks before. */
export const remarksGrpc = ({ ctx: { store, clock }, remarks }: Pick<Ingest, 'ctx' | 'remarks'>): Served => {
  const current = async (): Promise<RemarkRulesState> => (await store.folded(remarkRules, [remarkRulesId])).get(remarkRulesId)?.state ?? null;
  return serve(ingest.Remarks, {
    putRules: async (request, call) => {
      const { rules } = request;
      checkedRemarks(rules);
      if (request.dryRun) return { version: 0 };
      const { answer } = await store.execute(
        {
          streams: [[remarkRules, remarkRulesId]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(remarkRules, remarkRulesId, { type: 'PutRemarkRules', data: { rules, at: clock.machine().toISOString(), by: call.meta.actor } });
            return unit.state(remarkRules, remarkRulesId)!.version;
          },
        },
        call.request(request),
      );
      remarks.forget();
      return { version: answer };
    },
    getRules: async ({ version }) => {
      const wanted = version || ((await current())?.version ?? 0);
      if (wanted === 0) return { version: 0, rules: defaultRemarkRules, putAt: '', putBy: '' };
      const found = await findRemarkRules(store, wanted);
      if (found === undefined) throw new Refused('NOT_FOUND', `there are no remark rules of version ${version}`);
      return { version: wanted, rules: found.rules, putAt: found.at, putBy: found.by };
    },
    try: async ({ rules: given, remarks: texts }) => {
      if (texts.length > mostRemarks || texts.some((text) => text.length > longestRemark)) throw new Refused('TOO_LARGE', `at most ${mostRemarks} remarks of ${longestRemark} characters`);
      const rules = given.rules.length > 0 ? given : ((await current())?.rules ?? defaultRemarkRules);
      const read = rules === given ? checkedRemarks(rules) : compileRemarks(rules);
      const ruleOf = (tag: string): ingest.RemarkRule | undefined => rules.rules.find((one) => (one.tag.includes('{carrier}') ? rules.carriers.some(({ carrier }) => one.tag.replace('{carrier}', carrier) === tag) : one.tag === tag));
      return {
        remarks: texts.map((text) => {
          const tags = read(text);
          return { tags, titles: tags.map((tag) => ruleOf(tag)?.title ?? ''), titlesZh: tags.map((tag) => ruleOf(tag)?.titleZh ?? '') };
        }),
      };
    },
  });
};
