import type { alerts } from '@flotilla/contracts';
import { unreachable, type Decider, type Of } from '@flotilla/decider';
import type { Severity } from './rules.js';

/** One incident in a message. */
export interface Item {
  readonly incidentId: string;
  readonly rule: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly detail: string;
  readonly detailZh: string;
  readonly raisedAt: string;
  readonly level: number;
}

export const itemOf = ({ incidentId, rule, subjectKind, subjectId, detail, detailZh, raisedAt }: alerts.IncidentRaised, level: number): Item => ({ incidentId, rule, subjectKind, subjectId, detail, detailZh, raisedAt, level });

interface To {
  readonly target: string;
  readonly severity: Severity;
}

export type BundleCommand =
  /** `now` is machine time: people wait by the wall. */
  | { readonly type: 'Queue'; readonly data: To & { readonly item: Item; readonly now: string; readonly waitSeconds: number; readonly intervalSeconds: number } }
  /** `open`: those of its incidents that nobody has acknowledged and no fact has cleared. */
  | { readonly type: 'Close'; readonly data: { readonly now: string; readonly open: readonly string[]; readonly messageId: string } };

export type BundleEvent =
  | { readonly type: 'ItemQueued'; readonly data: To & { readonly item: Item; readonly dueAt: string } }
  /** `incidents`: in the message; 0 = nothing was left to say, there is none. */
  | { readonly type: 'BundleClosed'; readonly data: To & { readonly messageId: string; readonly incidents: number; readonly at: string } };

export interface Bundle {
  /** Of the burst that is being collected. */
  readonly items: readonly Item[];
  /** Beyond those that are kept: how many were queued at each level, whatever became of them. */
  readonly beyond: Readonly<Record<string, number>>;
  /** Incidents beyond those that are kept. One that is escalated is queued again, at its next level: the most of a level are no incident twice. */
  readonly more: number;
  readonly to: To | null;
  /** When it goes out; "" = nothing is collected. */
  readonly dueAt: string;
  readonly closedAt: string;
  /** Messages so far. */
  readonly count: number;
}

/** A burst of thousands is one message with so many lines and a number. */
export const mostItems = 200;

/** Stream id of a bundle: what one target is told of one severity. A critical incident never waits for a warning's turn. */
export const bundleId = ({ target, severity }: To): string => `${target}.${severity}`;

const later = (at: string, seconds: number): string => new Date(Date.parse(at) + seconds * 1_000).toISOString();

const queue = ({ data: { target, severity, item, now, waitSeconds, intervalSeconds } }: Of<BundleCommand, 'Queue'>, { items, dueAt, closedAt }: Bundle): readonly BundleEvent[] => {
  if (items.some(({ incidentId, level }) => incidentId === item.incidentId && level === item.level)) return [];
  const soon = later(now, waitSeconds);
  const next = closedAt === '' ? '' : later(closedAt, intervalSeconds);
  return [{ type: 'ItemQueued', data: { target, severity, item, dueAt: dueAt !== '' ? dueAt : next > soon ? next : soon } }];
};

const close = ({ data: { now, open, messageId } }: Of<BundleCommand, 'Close'>, { items, more, to, dueAt }: Bundle): readonly BundleEvent[] => {
  if (to === null || dueAt === '' || dueAt > now) return [];
  const left = items.filter(({ incidentId }) => open.includes(incidentId)).length;
  return [{ type: 'BundleClosed', data: { ...to, messageId, incidents: left + more, at: now } }];
};

/** Collects what one target is to be told of one severity, so that a burst is one message. */
export const bundle: Decider<Bundle, BundleCommand, BundleEvent> = {
  category: 'bundle',
  initial: { items: [], beyond: {}, more: 0, to: null, dueAt: '', closedAt: '', count: 0 },
  stateVersion: 3,
  evolve: (state, event) => {
    switch (event.type) {
      case 'ItemQueued': {
        const { target, severity, item, dueAt } = event.data;
        const next = { ...state, to: { target, severity }, dueAt };
        // Escalated while it waits: it is said once, at its last level.
        if (state.items.some(({ incidentId }) => incidentId === item.incidentId)) return { ...next, items: state.items.map((one) => (one.incidentId === item.incidentId ? item : one)) };
        if (state.items.length < mostItems) return { ...next, items: [...state.items, item] };
        const beyond: Bundle['beyond'] = { ...state.beyond, [item.level]: (state.beyond[item.level] ?? 0) + 1 };
        return { ...next, beyond, more: Math.max(...Object.values(beyond)) };
      }
      case 'BundleClosed':
        return { ...state, items: [], beyond: {}, more: 0, dueAt: '', closedAt: event.data.incidents > 0 ? event.data.at : state.closedAt, count: state.count + 1 };
      default:
        return state;
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'Queue':
        return queue(command, state);
      case 'Close':
        return close(command, state);
      default:
        return unreachable(command);
    }
  },
};
