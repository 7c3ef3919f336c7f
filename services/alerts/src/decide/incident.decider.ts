import type { alerts } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { IncidentEvent } from './incident.events.js';

export type IncidentCommand =
  | { readonly type: 'Raise'; readonly data: alerts.IncidentRaised }
  | { readonly type: 'Acknowledge'; readonly data: { readonly incidentId: string; readonly by: string; readonly at: string } }
  | { readonly type: 'Clear'; readonly data: { readonly at: string } };

export interface Incident {
  readonly status: 'none' | 'open' | 'acknowledged' | 'cleared';
  readonly raised: alerts.IncidentRaised | null;
  readonly acknowledgedBy: string;
}

const evolve = (state: Incident, event: IncidentEvent): Incident => {
  switch (event.type) {
    case 'IncidentRaised':
      return { status: 'open', raised: event.data, acknowledgedBy: '' };
    case 'IncidentAcknowledged':
      return { ...state, status: 'acknowledged', acknowledgedBy: event.data.by };
    case 'IncidentCleared':
      return { ...state, status: 'cleared' };
    default:
      return state;
  }
};

const raise = ({ data }: Of<IncidentCommand, 'Raise'>, { status }: Incident): readonly IncidentEvent[] => (status === 'none' ? [{ type: 'IncidentRaised', data }] : []);

const acknowledge = ({ data }: Of<IncidentCommand, 'Acknowledge'>, { status, raised }: Incident): readonly IncidentEvent[] => {
  switch (status) {
    case 'none':
      throw new Refused('NOT_FOUND', `there is no incident ${data.incidentId}; list them with Incidents/List`);
    case 'open':
      return [{ type: 'IncidentAcknowledged', data: { incidentId: data.incidentId, subjectId: raised!.subjectId, by: data.by, acknowledgedAt: data.at } }];
    case 'acknowledged':
    case 'cleared':
      return [];
  }
};

const clear = ({ data }: Of<IncidentCommand, 'Clear'>, { status, raised }: Incident): readonly IncidentEvent[] =>
  status === 'open' || status === 'acknowledged' ? [{ type: 'IncidentCleared', data: { incidentId: raised!.incidentId, subjectId: raised!.subjectId, clearedAt: data.at } }] : [];

/** What a person has to look at: raised by a rule, acknowledged by somebody, cleared by the fact that was missing. */
export const incident: Decider<Incident, IncidentCommand, IncidentEvent> = {
  category: 'incident',
  initial: { status: 'none', raised: null, acknowledgedBy: '' },
  evolve,
  decide: (command, state) => {
    switch (command.type) {
      case 'Raise':
        return raise(command, state);
      case 'Acknowledge':
        return acknowledge(command, state);
      case 'Clear':
        return clear(command, state);
      default:
        return unreachable(command);
    }
  },
};
