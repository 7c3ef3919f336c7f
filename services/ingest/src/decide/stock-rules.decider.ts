import type { ingest } from '@flotilla/contracts';
import { Refused, type Decider } from '@flotilla/decider';
import { isOurSku } from './sku-lines.js';
import type { StockRulesEvent } from './stock-rules.events.js';

const mostSkus = 5_000;
const mostWarehouses = 200;
const mostUnits = 1_000_000;

export interface PutRules {
  readonly type: 'PutRules';
  readonly data: { readonly channel: string; readonly rules: ingest.StockRules; readonly at: string; readonly by: string };
}

/** Those in force; null: none, so that the channel is told nothing. */
export type StockRulesState = { readonly version: number; readonly rules: ingest.StockRules } | null;

/** Refused BAD_REQUEST with the path of the first that is wrong. */
export const checkedRules = (rules: ingest.StockRules): ingest.StockRules => {
  const wrong = (path: string, what: string): never => {
    throw new Refused('BAD_REQUEST', `${path} ${what}`);
  };
  const figures = (path: string, { buffer, sharePercent, cap }: Pick<ingest.StockRules, 'buffer' | 'sharePercent' | 'cap'>): void => {
    for (const [name, value, most] of [['buffer', buffer, mostUnits], ['share_percent', sharePercent, 100], ['cap', cap, mostUnits]] as const) {
      if (!Number.isSafeInteger(value) || value < 0 || value > most) wrong(`${path}${name}`, `is no whole number from 0 to ${most}`);
    }
  };
  const once = (path: string, names: readonly string[], most: number, isPossible: (name: string) => boolean): void => {
    if (names.length > most) wrong(path, `has more than ${most} entries`);
    names.forEach((name, index) => {
      if (!isPossible(name)) wrong(`${path}[${index}]`, 'has no possible name');
    });
    if (new Set(names).size < names.length) wrong(path, 'names something twice');
  };
  figures('', rules);
  once('warehouses', rules.warehouses, mostWarehouses, (name) => /^[A-Za-z0-9_-]{1,32}$/.test(name));
  once('left_out', rules.leftOut, mostSkus, isOurSku);
  once('skus', rules.skus.map((one) => one.sku), mostSkus, isOurSku);
  rules.skus.forEach((one, index) => figures(`skus[${index}].`, one));
  if (!/^[!-~]{0,100}$/.test(rules.location)) wrong('location', 'is no id of a place');
  return rules;
};

/** What a channel may show of our stock. Every change is a version. */
export const stockRules: Decider<StockRulesState, PutRules, StockRulesEvent> = {
  category: 'stockRules',
  initial: null,
  evolve: (_state, { data: { version, rules } }) => ({ version, rules }),
  decide: ({ data }, state) => (state !== null && JSON.stringify(state.rules) === JSON.stringify(data.rules) ? [] : [{ type: 'StockRulesPut', data: { ...data, rules: checkedRules(data.rules), version: (state?.version ?? 0) + 1 } }]),
};
