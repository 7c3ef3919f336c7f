import type { ingest } from '@flotilla/contracts';

export interface StockRulesEvent {
  readonly type: 'StockRulesPut';
  /** `by`: who put them. */
  readonly data: { readonly channel: string; readonly version: number; readonly rules: ingest.StockRules; readonly at: string; readonly by: string };
}
