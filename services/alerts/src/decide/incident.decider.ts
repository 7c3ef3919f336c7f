import type { alerts } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { IncidentEvent, Routed } from './incident.events.js';

export type IncidentCommand =
  | { readonly type: 'Raise'; readonly data: alerts.IncidentRaised }
  /** Who is told at a level, as the policy has it. */
  | { readonly type: 'Route'; readonly data: Routed }
  /** The time to acknowledge it is over, or the silence is. */
  | { readonly type: 'Look'; readonly data: { readonly now: string } }
  /** Somebody who was to be told at a level was not, in time. */
  | { readonly type: 'Miss'; readonly data: { readonly level: number; readonly now: string } }
  /** The silence was lifted. */
  | { readonly type: 'Wake'; readonly data: { readonly silenceId: string; readonly now: string } }
  | { readonly type: 'Acknowledge'; readonly data: { readonly incidentId: string; readonly by: string; readonly at: string } }
  /** Somebody wants the next role to know now. */
  | { readonly type: 'Escalate'; readonly data: { readonly incidentId: string; readonly by: string; readonly reason: string; readonly at: string } }
  | { readonly type: 'Remark'; readonly data: { readonly incidentId: string; readonly by: string; readonly text: string; readonly at: string } }
  | { readonly type: 'Clear'; readonly data: { readonly at: string } };

export interface Incident {
  readonly status: 'none' | 'open' | 'acknowledged' | 'cleared';
  readonly raised: alerts.IncidentRaised | null;
  readonly acknowledgedBy: string;
  /** The last one at which somebody was told; -1 = nobody yet. */
  readonly level: number;
  /** When it is looked at next (business time); "" = never. */
  readonly lookAt: string;
  /** The silence that keeps it from being told at the next level; "" if none does. */
  readonly silencedBy: string;
}

const evolve = (state: Incident, event: IncidentEvent): Incident => {
  switch (event.type) {
    case 'IncidentRaised':
      return { ...state, status: 'open', raised: event.data };
    case 'IncidentRouted':
      return { ...state, level: event.data.silencedBy === '' ? event.data.level : state.level, lookAt: event.data.lookAt, silencedBy: event.data.silencedBy };
    // Looked at once: whoever looks again before it is routed has nothing to add.
    case 'IncidentEscalated':
      return { ...state, lookAt: '', silencedBy: '' };
    case 'IncidentAcknowledged':
      return { ...state, status: 'acknowledged', acknowledgedBy: event.data.by, lookAt: '', silencedBy: '' };
    case 'IncidentCleared':
      return { ...state, status: 'cleared', lookAt: '', silencedBy: '' };
    default:
      return state;
  }
};

const raise = ({ data }: Of<IncidentCommand, 'Raise'>, { status }: Incident): readonly IncidentEvent[] => (status === 'none' ? [{ type: 'IncidentRaised', data }] : []);

// Whoever has acknowledged it knows; whom it was told once at a level is not told again.
const route = ({ data }: Of<IncidentCommand, 'Route'>, { status, level }: Incident): readonly IncidentEvent[] => (status === 'open' && data.level > level ? [{ type: 'IncidentRouted', data }] : []);

const escalated = ({ raised, level }: Incident, now: string): IncidentEvent => ({ type: 'IncidentEscalated', data: { incidentId: raised!.incidentId, subjectId: raised!.subjectId, level: level + 1, escalatedAt: now } });

const look = ({ data: { now } }: Of<IncidentCommand, 'Look'>, state: Incident): readonly IncidentEvent[] => (state.status === 'open' && state.lookAt !== '' && state.lookAt <= now ? [escalated(state, now)] : []);

// Where nobody comes after, or the next one was told already, there is nobody else to tell.
const miss = ({ data: { level, now } }: Of<IncidentCommand, 'Miss'>, state: Incident): readonly IncidentEvent[] =>
  state.status === 'open' && state.level === level && state.lookAt !== '' && state.silencedBy === '' ? [escalated(state, now)] : [];

const wake = ({ data: { silenceId, now } }: Of<IncidentCommand, 'Wake'>, state: Incident): readonly IncidentEvent[] => (state.status === 'open' && state.silencedBy === silenceId ? [escalated(state, now)] : []);

const unknown = (incidentId: string): Refused => new Refused('NOT_FOUND', `there is no incident ${incidentId}; list them with Incidents/List`);

// What is in hand or over is nobody else's; one that is on its way to the next role already is not sent there twice.
const escalate = ({ data: { incidentId, by, reason, at } }: Of<IncidentCommand, 'Escalate'>, state: Incident): readonly IncidentEvent[] => {
  if (state.status === 'none') throw unknown(incidentId);
  if (state.status !== 'open') throw new Refused('INCIDENT_IN_HAND', `it is ${state.status}${state.acknowledgedBy === '' ? '' : ` by ${state.acknowledgedBy}`}`);
  if (state.lookAt === '') throw new Refused('NOBODY_LEFT', 'every role that the policy names for this severity was told');
  return [escalated(state, at), ...(reason === '' ? [] : [{ type: 'IncidentRemarked', data: { incidentId, by, text: reason, at } } as const])];
};

const remark = ({ data }: Of<IncidentCommand, 'Remark'>, { status }: Incident): readonly IncidentEvent[] => {
  if (status === 'none') throw unknown(data.incidentId);
  return [{ type: 'IncidentRemarked', data }];
};

const acknowledge = ({ data }: Of<IncidentCommand, 'Acknowledge'>, { status, raised }: Incident): readonly IncidentEvent[] => {
  switch (status) {
    case 'none':
      throw unknown(data.incidentId);
    case 'open':
      return [{ type: 'IncidentAcknowledged', data: { incidentId: data.incidentId, subjectId: raised!.subjectId, by: data.by, acknowledgedAt: data.at } }];
    case 'acknowledged':
    case 'cleared':
      return [];
  }
};

const clear = ({ data }: Of<IncidentCommand, 'Clear'>, { status, raised }: Incident): readonly IncidentEvent[] =>
  status === 'open' || status === 'acknowledged' ? [{ type: 'IncidentCleared', data: { incidentId: raised!.incidentId, subjectId: raised!.subjectId, clearedAt: data.at } }] : [];

/** What a person has to look at: raised by a rule, told to more and more people until somebody acknowledges it, cleared by the fact that was missing. */
export const incident: Decider<Incident, IncidentCommand, IncidentEvent> = {
  category: 'incident',
  // 1 → 2: an incident is told in both languages. 2 → 3: it names its orders.
  schemaVersions: { IncidentRaised: 3 },
  upcasters: {
    IncidentRaised: {
      1: (data: Omit<alerts.IncidentRaised, 'detailZh' | 'orders'>): Omit<alerts.IncidentRaised, 'orders'> => ({ ...data, detailZh: '' }),
      2: (data: Omit<alerts.IncidentRaised, 'orders'>): alerts.IncidentRaised => ({ ...data, orders: [] }),
    },
  },
  initial: { status: 'none', raised: null, acknowledgedBy: '', level: -1, lookAt: '', silencedBy: '' },
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Raise':
        return raise(command, state);
      case 'Route':
        return route(command, state);
      case 'Look':
        return look(command, state);
      case 'Miss':
        return miss(command, state);
      case 'Wake':
        return wake(command, state);
      case 'Acknowledge':
        return acknowledge(command, state);
      case 'Escalate':
        return escalate(command, state);
      case 'Remark':
        return remark(command, state);
      case 'Clear':
        return clear(command, state);
      default:
        return unreachable(command);
    }
  },
};
