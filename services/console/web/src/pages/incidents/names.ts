import type { alerts } from '@flotilla/contracts';
import { useLocale, useRpc } from '../../kit/index.js';

export const severityColour: Readonly<Record<string, string>> = { CRITICAL: 'red', WARNING: 'orange', INFO: 'blue' };

/** What rules are called in the language of now, and whom they tell first. */
export const useRules = (): { readonly nameOf: (rule: string) => string; readonly rolesOf: (rule: string) => readonly string[]; readonly all: readonly alerts.Rule[] } => {
  const locale = useLocale();
  const { data } = useRpc('flotilla.alerts.v1.Rules/GetRules', {}, { live: ['ruleset'] });
  const byId = new Map((data?.rules ?? []).map((rule) => [rule.setting.rule, rule]));
  return {
    nameOf: (rule) => {
      const found = byId.get(rule);
      return found ? (locale === 'zh-CN' ? found.titleZh : found.title) || rule : rule;
    },
    rolesOf: (rule) => byId.get(rule)?.setting.roles ?? [],
    all: data?.rules ?? [],
  };
};
