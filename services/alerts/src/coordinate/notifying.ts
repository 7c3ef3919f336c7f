import type { alerts } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import { uuidv5 } from '@flotilla/values';
import { bundle, bundleId, itemOf, type BundleEvent } from '../decide/bundle.decider.js';
import { incident } from '../decide/incident.decider.js';
import { message } from '../decide/message.decider.js';
import { policy, POLICY } from '../decide/policy.decider.js';
import { planOf } from '../decide/policy.js';
import type { Severity } from '../decide/rules.js';
import { ruleset, RULESET, settingOf } from '../decide/ruleset.decider.js';
import { silenceOf, silences, SILENCES } from '../decide/silences.decider.js';
import { tellTicket } from './ticketing.js';

// | the incident is                        | what follows                                                                      |
// | raised, or escalated to a level        | it is routed: whom the matrix names for that level; each gets it into its bundle  |
// | silenced at that moment                | routed to nobody; looked at when the silence ends, or is lifted                   |
// | not acknowledged when it is looked at  | escalated: the next level is routed                                               |
// | in a message that is not taken in 5 min | escalated at once, if it was not meanwhile                                      |
// | acknowledged or cleared                | nothing more; it is left out of a bundle that has not gone yet                    |
// A bundle goes out when its wait is over, as one message to one target. A ticket system has no bundles: ticketing.ts.

const namespace = 'a8a3a1f5-0d5f-4d0e-8f3a-6b1f4a3e9c22';

/** Business and machine time, as they are when the unit is decided. */
export interface Now {
  readonly business: string;
  readonly machine: string;
}

/** The policy in force: what was put last, else what the targets file says. */
export const policyIn = (unit: Unit, built: alerts.NoticePolicy): alerts.PolicyVersion => unit.state(policy, POLICY) ?? { version: 0, policy: built, putAt: '', putBy: '' };

/** Who is told of an incident at a level; queued for each of them in the same unit. `desks`: those of all targets that are ticket systems. */
export const routeIncident = (unit: Unit, { incidentId, level, at }: { readonly incidentId: string; readonly level: number; readonly at: string }, built: alerts.NoticePolicy, desks: readonly string[], now: Now): void => {
  const { raised } = unit.state(incident, incidentId);
  if (!raised) return;
  const severity = raised.severity as Severity;
  const { version, policy: inForce } = policyIn(unit, built);
  const silence = silenceOf(unit.state(silences, SILENCES), raised, now.business);
  const { targets, lookAt } = silence ? { targets: [], lookAt: silence.until } : planOf(inForce, { severity, roles: settingOf(unit.state(ruleset, RULESET), raised.rule)?.roles ?? [] }, level, now.business);
  const routed = unit.run(incident, incidentId, { type: 'Route', data: { incidentId, level, targets, silencedBy: silence?.silenceId ?? '', lookAt, version } });
  if (routed.length === 0) return;
  const item = itemOf(raised, level);
  const { groupWaitSeconds: waitSeconds, groupIntervalSeconds: intervalSeconds } = inForce;
  if (!silence) for (const target of desks) tellTicket(unit, { target, incidentId }, { type: 'Route', data: { level, named: targets.includes(target), at } }, now.machine);
  for (const target of targets.filter((one) => !desks.includes(one))) unit.run(bundle, bundleId({ target, severity }), { type: 'Queue', data: { target, severity, item, now: now.machine, waitSeconds, intervalSeconds } });
};

/** The wait of a bundle is over: what is still open goes out as one message. */
export const closeBundle = (unit: Unit, id: string, now: string): void => {
  const { items, count, more } = unit.state(bundle, id);
  const open = items.filter(({ incidentId }) => unit.state(incident, incidentId).status === 'open');
  const messageId = uuidv5(namespace, `${id}#${count + 1}`);
  const closed = unit.run(bundle, id, { type: 'Close', data: { now, open: open.map(({ incidentId }) => incidentId), messageId } });
  const last = closed.find((event): event is Extract<BundleEvent, { type: 'BundleClosed' }> => event.type === 'BundleClosed');
  if (!last || last.data.incidents === 0) return;
  const { target, severity } = last.data;
  unit.run(message, messageId, { type: 'Request', data: { messageId, target, severity, items: open, more, requestedAt: now } });
};

/** Nobody had taken a message in time: what is open of it is told to the next ones. */
export const missMessage = (unit: Unit, id: string, now: Now): void => {
  const missed = unit.run(message, id, { type: 'Miss', data: { now: now.machine } });
  if (missed.length === 0) return;
  for (const { incidentId, level } of unit.state(message, id).message?.items ?? []) unit.run(incident, incidentId, { type: 'Miss', data: { level, now: now.business } });
};
