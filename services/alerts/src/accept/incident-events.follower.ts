import { reactor, type Follower, type Recorded, type Task, type Unit } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { routeIncident } from '../coordinate/notifying.js';
import { tellTicket } from '../coordinate/ticketing.js';
import { bundle, bundleId } from '../decide/bundle.decider.js';
import { incident } from '../decide/incident.decider.js';
import type { IncidentEvent } from '../decide/incident.events.js';
import { policy, POLICY } from '../decide/policy.decider.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';
import { severities } from '../decide/rules.js';
import { silences, SILENCES } from '../decide/silences.decider.js';
import { ticket, ticketId, type TicketCommand } from '../decide/ticket.decider.js';
import type { Targets } from '../perform/targets.js';

const levelOf = (event: Recorded): { readonly incidentId: string; readonly level: number; readonly at: string; readonly severity?: string } | undefined => {
  const { type, data } = event as unknown as IncidentEvent;
  switch (type) {
    case 'IncidentRaised':
      return { incidentId: data.incidentId, level: 0, at: data.raisedAt, severity: data.severity };
    case 'IncidentEscalated':
      return { incidentId: data.incidentId, level: data.level, at: data.escalatedAt };
    default:
      return undefined;
  }
};

/** What only a ticket system hears of: people know that it is in hand, or over, from one another. */
const changeOf = (event: Recorded): { readonly incidentId: string; readonly command: TicketCommand } | undefined => {
  const { type, data } = event as unknown as IncidentEvent;
  switch (type) {
    case 'IncidentAcknowledged':
      return { incidentId: data.incidentId, command: { type: 'Acknowledge', data: { by: data.by, at: data.acknowledgedAt } } };
    case 'IncidentCleared':
      return { incidentId: data.incidentId, command: { type: 'Clear', data: { at: data.clearedAt } } };
    default:
      return undefined;
  }
};

/** Routes each incident once when it is raised and once for each escalation, and tells the ticket systems of its end. One process leads it, so bundles see no race. */
export const routing = (ctx: ServiceContext, { all, policy: built }: Pick<Targets, 'all' | 'policy'>): Follower => {
  const desks = [...all.values()].filter(({ manifest }) => manifest.tickets).map(({ name }) => name);
  const people = [...all.keys()].filter((name) => !desks.includes(name));
  // Named beforehand: a unit may ask for a hundred streams that it does not name, and twenty roles of twenty targets are more.
  const bundles = severities.map((severity) => ({ severity, streams: people.map((target) => [bundle, bundleId({ target, severity })] as const) }));
  const tickets = (incidentId: string) => desks.map((target) => [ticket, ticketId({ target, incidentId })] as const);
  return reactor('routing', ctx.store, (event) => {
    const { correlation } = event.meta;
    const now = () => ({ business: ctx.clock.business().toISOString(), machine: ctx.clock.machine().toISOString() });
    const task = (streams: Task<void>['streams'], decide: (unit: Unit) => void): Task<void> => ({ streams, meta: ctx.meta({ actor: 'rule:routing', correlation, causation: event.id }), decide });
    const at = levelOf(event);
    if (at) {
      const mine = bundles.filter(({ severity }) => at.severity === undefined || at.severity === severity).flatMap(({ streams }) => streams);
      return [task([[incident, at.incidentId], [policy, POLICY], [silences, SILENCES], [ruleset, RULESET], ...mine, ...tickets(at.incidentId)], (unit) => routeIncident(unit, at, built, desks, now()))];
    }
    const change = desks.length > 0 ? changeOf(event) : undefined;
    if (!change) return [];
    const { incidentId, command } = change;
    return [task([[incident, incidentId], ...tickets(incidentId)], (unit) => desks.forEach((target) => tellTicket(unit, { target, incidentId }, command, now().machine)))];
  });
};
