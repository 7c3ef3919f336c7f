import type { alerts } from '@flotilla/contracts';
import { unreachable, type Decider, type Of } from '@flotilla/decider';

export type Report = Omit<alerts.DailyReport, 'deliveries'>;
/** `position`: of the log, up to which its incidents are counted. */
type Made = Report & { readonly position: number };
type Delivery = alerts.ReportDelivery & { readonly day: string };

export type ReportEvent =
  | { readonly type: 'ReportScheduled'; readonly data: { readonly day: string; readonly dueAt: string } }
  | { readonly type: 'ReportMade'; readonly data: Made }
  | { readonly type: 'ReportDelivered'; readonly data: Delivery };

/** When the next one is due, and the day that it will be called by. */
export interface Due {
  readonly day: string;
  readonly dueAt: string;
}

export type ReportCommand =
  /** At every start: the first one is set, and another time of day holds from the next one on. */
  | { readonly type: 'Schedule'; readonly data: { readonly now: string; readonly next: Due } }
  /** Its timer is missing: the report that is due is said again, also where its time is past. */
  | { readonly type: 'Reschedule'; readonly data: Record<string, never> }
  | { readonly type: 'Make'; readonly data: { readonly now: string; readonly report: Made; readonly next: Due } }
  | { readonly type: 'Deliver'; readonly data: Delivery };

export interface Reporting {
  readonly due: Due | null;
  readonly last: Made | null;
  /** By figure, the newest that was known. */
  readonly figures: Readonly<Record<string, alerts.ReportFigure>>;
  /** Of the last report: who has it, or will not get it. */
  readonly settled: Readonly<Record<string, true>>;
}

/** The id of the one stream of reports, `report-daily`. */
export const DAILY = 'daily';

const evolve = (state: Reporting, event: ReportEvent): Reporting => {
  switch (event.type) {
    case 'ReportScheduled':
      return { ...state, due: event.data };
    case 'ReportMade':
      return { ...state, due: null, last: event.data, settled: {}, figures: { ...state.figures, ...Object.fromEntries(event.data.figures.filter(({ known }) => known).map((figure) => [figure.figure, figure])) } };
    case 'ReportDelivered':
      return event.data.day === state.last?.day ? { ...state, settled: { ...state.settled, [event.data.target]: true } } : state;
    default:
      return state;
  }
};

// One that is due is made first: a start must not put it off. Of a day that has its report, which another replica may just have made, there is no second.
const schedule = ({ data: { now, next } }: Of<ReportCommand, 'Schedule'>, { due, last }: Reporting): readonly ReportEvent[] =>
  (due !== null && (due.dueAt <= now || due.dueAt === next.dueAt)) || (last !== null && next.day <= last.day) ? [] : [{ type: 'ReportScheduled', data: next }];

const reschedule = ({ due }: Reporting): readonly ReportEvent[] => (due === null ? [] : [{ type: 'ReportScheduled', data: due }]);

const make = ({ data: { now, report, next } }: Of<ReportCommand, 'Make'>, { due }: Reporting): readonly ReportEvent[] =>
  due === null || due.dueAt > now || due.day !== report.day ? [] : [{ type: 'ReportMade', data: report }, { type: 'ReportScheduled', data: next }];

const deliver = ({ data }: Of<ReportCommand, 'Deliver'>, { last, settled }: Reporting): readonly ReportEvent[] =>
  last?.day === data.day && settled[data.target] ? [] : [{ type: 'ReportDelivered', data }];

/** One report a day, about the time since the one before, and what became of its mails. */
export const reporting: Decider<Reporting, ReportCommand, ReportEvent> = {
  category: 'report',
  initial: { due: null, last: null, figures: {}, settled: {} },
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Schedule':
        return schedule(command, state);
      case 'Reschedule':
        return reschedule(state);
      case 'Make':
        return make(command, state);
      case 'Deliver':
        return deliver(command, state);
      default:
        return unreachable(command);
    }
  },
};
