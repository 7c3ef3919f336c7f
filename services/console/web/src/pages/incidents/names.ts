import type { alerts } from '@flotilla/contracts';
import { useLocale, useRpc } from '../../kit/index.js';

export const severityColour: Readonly<Record<string, string>> = { CRITICAL: 'red', WARNING: 'orange', INFO: 'blue' };

/** Enough of an id to tell it from others; names stay whole. */
export const shortId = (id: string): string => (/^[0-9a-f]{8}-/.test(id) ? id.slice(0, 8) : id);

/** What rules are called in the language of now, and whom they tell first. */
export const useRules = (): { readonly nameOf: (rule: string) => string; readonly rolesOf: (rule: string) => readonly string[]; readonly all: readonly alerts.Rule[] } => {
  const locale = useLocale();
  const { data } = useRpc('flotilla.alerts.v1.Rules/GetRules', {}, { live: ['ruleset'] });
  const byId = new Map((data?.rules ?? []).map((rule) => [rule.setting.rule, rule]));
  return {
    nameOf: (rule) => {
      const found = byId.get(rule);
      const name = found ? (locale === 'zh-CN' ? found.titleZh : found.title) || rule : rule;
      return name.charAt(0).toUpperCase() + name.slice(1);
    },
    rolesOf: (rule) => byId.get(rule)?.setting.roles ?? [],
    all: data?.rules ?? [],
  };
};
