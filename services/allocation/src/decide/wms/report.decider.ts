import { unreachable, type Decider } from '@flotilla/decider';
import type { Compared } from './compare.js';
import type { Meaning } from './shelf.decider.js';

export interface DifferenceRow extends Compared {
  readonly applied: boolean;
  readonly displaced: number;
}

export interface ReportHead {
  readonly reportId: string;
  readonly warehouse: string;
  readonly meaning: Meaning;
  readonly position: number;
  readonly dryRun: boolean;
  readonly at: string;
}

export interface ReportSums {
  readonly rows: number;
  readonly equal: number;
  readonly differing: number;
  readonly older: number;
  readonly displaced: number;
  readonly refused: number;
}

/** `NoteDifferences`: at most 500 rows at a time, in the order of the list. */
export type WmsReportCommand =
  | { readonly type: 'NoteDifferences'; readonly data: { readonly reportId: string; readonly rows: readonly DifferenceRow[] } }
  | { readonly type: 'EndReport'; readonly data: ReportHead & ReportSums };

export type WmsReportEvent =
  | { readonly type: 'DifferencesFound'; readonly data: { readonly reportId: string; readonly rows: readonly DifferenceRow[] } }
  | { readonly type: 'ListReconciled'; readonly data: ReportHead & ReportSums };

const decide = (command: WmsReportCommand, ended: boolean): readonly WmsReportEvent[] => {
  if (ended) return [];
  switch (command.type) {
    case 'NoteDifferences':
      return command.data.rows.length > 0 ? [{ type: 'DifferencesFound', data: command.data }] : [];
    case 'EndReport':
      return [{ type: 'ListReconciled', data: command.data }];
    default:
      return unreachable(command);
  }
};

/** One full list against the forecast, by report id: what differed, and the sums when it was through. */
export const wmsReport: Decider<boolean, WmsReportCommand, WmsReportEvent> = {
  category: 'wmsreport',
  initial: false,
  evolve: (ended, event) => ended || event.type === 'ListReconciled',
  decide,
};
