import type { alerts } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import type { IncidentEvent } from '../decide/incident.events.js';

const step = (at: string, type: string, by: string, more: Partial<alerts.IncidentStep> = {}): alerts.IncidentStep => ({ at, type, by, text: '', level: 0, targets: [], until: '', ...more });

/** What was done about an incident, one step per event. */
export const stepsOf = (events: readonly Recorded[]): readonly alerts.IncidentStep[] =>
  events.flatMap((event): readonly alerts.IncidentStep[] => {
    const { recordedAt: at, meta } = event;
    const { type, data } = event as unknown as IncidentEvent;
    switch (type) {
      case 'IncidentRaised':
        return [step(at, 'RAISED', meta.actor)];
      case 'IncidentRouted':
        return [data.silencedBy === '' ? step(at, 'TOLD', meta.actor, { level: data.level, targets: data.targets, until: data.lookAt }) : step(at, 'SILENCED', meta.actor, { level: data.level, until: data.lookAt })];
      case 'IncidentEscalated':
        return [step(at, 'ESCALATED', meta.actor, { level: data.level })];
      case 'IncidentAcknowledged':
        return [step(at, 'ACKNOWLEDGED', data.by)];
      case 'IncidentRemarked':
        return [step(at, 'COMMENTED', data.by, { text: data.text })];
      case 'IncidentCleared':
        return [step(at, 'CLEARED', meta.actor)];
      default:
        return [];
    }
  });

/** When somebody took it in hand, business time; "" if nobody has. */
export const acknowledgedAt = (events: readonly Recorded[]): string =>
  (events as unknown as readonly IncidentEvent[]).flatMap(({ type, data }) => (type === 'IncidentAcknowledged' ? [data.acknowledgedAt] : []))[0] ?? '';
