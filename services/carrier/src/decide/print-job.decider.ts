import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { PaperKind, PrintFailure, PrintJobEvent, QueuedPaper } from './print-job.events.js';

export type PrintJobCommand =
  | { readonly type: 'Queue'; readonly data: Omit<QueuedPaper, 'copy'> }
  /** To the agent with this journal, which says whether it has it already. */
  | { readonly type: 'Send'; readonly data: { readonly copy: number; readonly journal: string; readonly holds: boolean; readonly at: string } }
  | { readonly type: 'Settle'; readonly data: { readonly copy: number; readonly journal: string; readonly outcome: 'PRINTED' | 'FAILED' | 'UNKNOWN'; readonly detail: string; readonly at: string } }
  /** It turned out when it was to be drawn that there is nothing to print. */
  | { readonly type: 'Refuse'; readonly data: { readonly copy: number; readonly detail: string; readonly at: string } }
  | { readonly type: 'Drop'; readonly data: { readonly copy: number; readonly reason: string; readonly at: string } };

export interface PrintCopy {
  readonly paper: QueuedPaper;
  readonly status: 'QUEUED' | 'SENT' | 'PRINTED' | 'FAILED';
  readonly because: PrintFailure | '';
  /** Whose memory knows of it; "" = nobody's. */
  readonly journal: string;
  readonly attempts: number;
}

export type PrintJobs = readonly PrintCopy[];

const mostCopies = 200;
const mostAttempts = 5;

/** How a job is named to people and agents. */
export const jobIdOf = ({ parcelId, document, copy }: Pick<QueuedPaper, 'parcelId' | 'document' | 'copy'>): string => `${parcelId}.${document}.${copy}`;
/** The stream of a parcel's papers of a kind. */
export const papersIdOf = (parcelId: string, document: PaperKind): string => `${parcelId}.${document}`;

const evolve = (copies: PrintJobs, event: PrintJobEvent): PrintJobs => {
  const change = (what: (copy: PrintCopy) => Partial<PrintCopy>): PrintJobs => copies.map((one) => (one.paper.copy === event.data.copy ? { ...one, ...what(one) } : one));
  switch (event.type) {
    case 'PrintQueued':
      return [...copies, { paper: event.data, status: 'QUEUED', because: '', journal: '', attempts: 0 }];
    case 'PrintSent':
      return change(() => ({ status: 'SENT', journal: event.data.journal, attempts: event.data.attempt }));
    case 'PrintDone':
      return change(() => ({ status: 'PRINTED', because: '' }));
    case 'PrintFailed':
      return change(() => ({ status: 'FAILED', because: event.data.because }));
    default:
      return later(event, copies);
  }
};

// Closed for the compiler; an event type of a later version leaves the state as it is.
const later = (_: never, copies: PrintJobs): PrintJobs => copies;

const found = (copies: PrintJobs, copy: number): PrintCopy => {
  const one = copies.find(({ paper }) => paper.copy === copy);
  if (!one) throw new Refused('NOT_FOUND', 'no such print job; list them with Printing/List');
  return one;
};

const failed = (copy: number, because: PrintFailure, detail: string, at: string): PrintJobEvent => ({ type: 'PrintFailed', data: { copy, because, detail: detail.slice(0, 300), at } });

// Whether this paper may be in somebody's hand: what failed for certain is not, and neither is one with another waybill on it.
const inHand = ({ status, because, paper }: PrintCopy, waybill: string): boolean => paper.waybill === waybill && !(status === 'FAILED' && because !== 'UNKNOWN');

const queue = ({ data }: Of<PrintJobCommand, 'Queue'>, copies: PrintJobs): readonly PrintJobEvent[] => {
  const before = copies.findLast((one) => inHand(one, data.waybill));
  if (before && data.reason.trim() === '') {
    const { paper, status } = before;
    throw new Refused('ALREADY_PRINTED', `${paper.document} of parcel ${paper.parcelId} is ${status} at ${paper.station} since ${paper.at}; say why it is printed again`, { jobId: jobIdOf(paper), state: status, station: paper.station, at: paper.at });
  }
  if (copies.length >= mostCopies) throw new Refused('TOO_LARGE', `${mostCopies} copies of this paper were printed`);
  return [{ type: 'PrintQueued', data: { ...data, reason: data.reason.trim(), copy: copies.length + 1 } }];
};

// A journal knows all that it was given: what it does not name, it never had. Another journal knows nothing, and what that one was given may lie in the tray.
const send = ({ data: { copy, journal, holds, at } }: Of<PrintJobCommand, 'Send'>, copies: PrintJobs): readonly PrintJobEvent[] => {
  const { status, journal: before, attempts } = found(copies, copy);
  if (status !== 'QUEUED' && status !== 'SENT') return [];
  if (status === 'SENT' && before !== journal) return [failed(copy, 'UNKNOWN', 'the print agent that had it is gone, or has lost its memory: look whether it was printed', at)];
  if (status === 'SENT' && holds) return [];
  if (attempts >= mostAttempts) return [failed(copy, 'PRINTER', `it was given to the print agent ${attempts} times, and never arrived there`, at)];
  return [{ type: 'PrintSent', data: { copy, attempt: attempts + 1, journal, at } }];
};

const settle = ({ data: { copy, journal, outcome, detail, at } }: Of<PrintJobCommand, 'Settle'>, copies: PrintJobs): readonly PrintJobEvent[] => {
  const { status, because, journal: given } = found(copies, copy);
  // Nobody else knows what became of it; a word that comes late still ends the doubt.
  if (given !== journal || status === 'QUEUED' || status === 'PRINTED') return [];
  if (outcome === 'PRINTED') return [{ type: 'PrintDone', data: { copy, at } }];
  if (status === 'FAILED' && because !== 'UNKNOWN') return [];
  const why = outcome === 'FAILED' ? 'PRINTER' : 'UNKNOWN';
  return because === why ? [] : [failed(copy, why, detail, at)];
};

/** Every copy of one paper of one parcel (CAR-06). Nothing is printed twice without somebody who said why. */
export const printJob: Decider<PrintJobs, PrintJobCommand, PrintJobEvent> = {
  category: 'printJob',
  initial: [],
  evolve,
  decide: (command, copies) => {
    switch (command.type) {
      case 'Queue': return queue(command, copies);
      case 'Send': return send(command, copies);
      case 'Settle': return settle(command, copies);
      case 'Refuse': {
        const { copy, detail, at } = command.data;
        return found(copies, copy).status === 'SENT' ? [failed(copy, 'REFUSED', detail, at)] : [];
      }
      case 'Drop': {
        const { copy, reason, at } = command.data;
        if (reason.trim() === '') throw new Refused('BAD_REQUEST', 'say why it is given up');
        const { status, because } = found(copies, copy);
        if (status === 'PRINTED') throw new Refused('ALREADY_PRINTED', 'it was printed');
        // What an agent holds may come out of the printer yet: that stays to be seen.
        if (status === 'SENT') return [failed(copy, 'UNKNOWN', reason.trim(), at)];
        return status === 'FAILED' && because !== 'UNKNOWN' ? [] : [failed(copy, 'DROPPED', reason.trim(), at)];
      }
      default: return unreachable(command);
    }
  },
};
