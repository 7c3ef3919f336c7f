import { reactor, type Follower, type Recorded } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { routeIncident } from '../coordinate/notifying.js';
import { bundle, bundleId } from '../decide/bundle.decider.js';
import { incident } from '../decide/incident.decider.js';
import type { IncidentEvent } from '../decide/incident.events.js';
import { policy, POLICY } from '../decide/policy.decider.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';
import { severities } from '../decide/rules.js';
import { silences, SILENCES } from '../decide/silences.decider.js';
import type { Targets } from '../perform/targets.js';

const levelOf = (event: Recorded): { readonly incidentId: string; readonly level: number; readonly severity?: string } | undefined => {
  const { type, data } = event as unknown as IncidentEvent;
  switch (type) {
    case 'IncidentRaised':
      return { incidentId: data.incidentId, level: 0, severity: data.severity };
    case 'IncidentEscalated':
      return { incidentId: data.incidentId, level: data.level };
    default:
      return undefined;
  }
};

/** Routes each incident once when it is raised and once for each escalation. One process leads it, so bundles see no race. */
export const routing = (ctx: ServiceContext, { all, policy: built }: Pick<Targets, 'all' | 'policy'>): Follower => {
  // Named beforehand: a unit may ask for a hundred streams that it does not name, and twenty roles of twenty targets are more.
  const bundles = severities.map((severity) => ({ severity, streams: [...all.keys()].map((target) => [bundle, bundleId({ target, severity })] as const) }));
  return reactor('routing', ctx.store, (event) => {
    const at = levelOf(event);
    if (!at) return [];
    const { correlation } = event.meta;
    return [
      {
        streams: [[incident, at.incidentId], [policy, POLICY], [silences, SILENCES], [ruleset, RULESET], ...bundles.filter(({ severity }) => at.severity === undefined || at.severity === severity).flatMap(({ streams }) => streams)],
        meta: ctx.meta({ actor: 'rule:routing', correlation, causation: event.id }),
        decide: (unit) => routeIncident(unit, at, built, { business: ctx.clock.business().toISOString(), machine: ctx.clock.machine().toISOString() }),
      },
    ];
  });
};
