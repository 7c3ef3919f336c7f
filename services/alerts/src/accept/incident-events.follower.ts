import type { alerts } from '@flotilla/contracts';
import { reactor, type Follower, type Recorded } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { routeIncident } from '../coordinate/notifying.js';
import { incident } from '../decide/incident.decider.js';
import type { IncidentEvent } from '../decide/incident.events.js';
import { policy, POLICY } from '../decide/policy.decider.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';
import { silences, SILENCES } from '../decide/silences.decider.js';

const levelOf = (event: Recorded): { readonly incidentId: string; readonly level: number } | undefined => {
  const { type, data } = event as unknown as IncidentEvent;
  switch (type) {
    case 'IncidentRaised':
      return { incidentId: data.incidentId, level: 0 };
    case 'IncidentEscalated':
      return { incidentId: data.incidentId, level: data.level };
    default:
      return undefined;
  }
};

/** Routes each incident once when it is raised and once for each escalation. One process leads it, so bundles see no race. */
export const routing = (ctx: ServiceContext, built: alerts.NoticePolicy): Follower =>
  reactor('routing', ctx.store, (event) => {
    const at = levelOf(event);
    if (!at) return [];
    const { correlation } = event.meta;
    return [
      {
        streams: [[incident, at.incidentId], [policy, POLICY], [silences, SILENCES], [ruleset, RULESET]],
        meta: ctx.meta({ actor: 'rule:routing', correlation, causation: event.id }),
        decide: (unit) => routeIncident(unit, at, built, { business: ctx.clock.business().toISOString(), machine: ctx.clock.machine().toISOString() }),
      },
    ];
  });
