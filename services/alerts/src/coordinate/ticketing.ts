import type { Unit } from '@flotilla/event-store';
import { uuidv5 } from '@flotilla/values';
import { itemOf } from '../decide/bundle.decider.js';
import { incident } from '../decide/incident.decider.js';
import { message, type Outcome } from '../decide/message.decider.js';
import type { Severity } from '../decide/rules.js';
import { ticket, ticketId, type TicketCommand } from '../decide/ticket.decider.js';

// | the incident is                           | the ticket system hears                                                   |
// | routed to it, at whatever level           | raised                                                                    |
// | routed to a later level, to whomever      | escalated, if it heard raised                                             |
// | acknowledged, cleared                     | so, if it heard raised, silenced or not: else a ticket would never close  |
// | routed, acknowledged, cleared while a     | that, when that one has been taken or given up; nothing of what was       |
// | change before it is not taken             | acknowledged or is over, where raised was given up for certain            |
// Each change is a message of its own. The next one is requested in the unit that settles the one before.

const namespace = 'f9d0c1b6-2e0e-4a3c-8a57-5a6f1f7a0b9d';

interface Of {
  readonly target: string;
  readonly incidentId: string;
}

/** Stays when it is told again. */
const messageIdOf = (of: Of, sequence: number): string => uuidv5(namespace, `${ticketId(of)}#${sequence}`);

/** The oldest change that waits is under way, or is from now on. */
const tellNext = (unit: Unit, of: Of, now: string): void => {
  const { target, incidentId } = of;
  const [change] = unit.state(ticket, ticketId(of)).waiting;
  if (!change) return;
  const { raised } = unit.state(incident, incidentId);
  if (!raised) return;
  const messageId = messageIdOf(of, change.sequence);
  unit.run(message, messageId, { type: 'Request', data: { messageId, target, severity: raised.severity as Severity, items: [itemOf(raised, change.level)], more: 0, requestedAt: now, change: { ...change, orders: raised.orders } } });
};

/** A change of an incident, for one ticket system; `now` is machine time. */
export const tellTicket = (unit: Unit, of: Of, command: TicketCommand, now: string): void => {
  if (unit.run(ticket, ticketId(of), command).length > 0) tellNext(unit, of, now);
};

/** A message was settled: if it told a ticket system something, the next change is due. What may have been taken counts as taken. */
export const settleTicket = (unit: Unit, messageId: string, outcome: Outcome, now: string): void => {
  const { target, change, items: [item] } = unit.state(message, messageId).message!;
  if (change && item) tellTicket(unit, { target, incidentId: item.incidentId }, { type: 'Settle', data: { sequence: change.sequence, reached: outcome !== 'FAILED' } }, now);
};
