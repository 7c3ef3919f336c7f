import type { alerts } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import { uuidv5 } from '@flotilla/values';
import { incident } from '../decide/incident.decider.js';
import { dueAt, ruleOf, type Alarm as AlarmRule, type Rule, type Words } from '../decide/rules.js';
import { ruleset, RULESET, settingOf } from '../decide/ruleset.decider.js';
import { watch, watchId } from '../decide/watch.decider.js';

// | the watch says | the incident is |
// | WatchFired     | raised          |
// | WatchCalledOff | cleared, if it was raised |
// Both streams are written in one unit: an incident never outlives the fact that ends it.

const namespace = 'b3f0a4a4-2f4b-4e0c-9a44-0f6c3f3b7a11';

/** One incident per rule and subject. */
export const incidentIdOf = (rule: string, subject: string): string => uuidv5(namespace, `${rule}/${subject}`);

/** Of a parcel, which may be of several orders. */
type Orders = readonly alerts.IncidentOrder[];
const mostOrders = 20;
const ordersOf = (orders: Orders): Orders => orders.slice(0, mostOrders).map(({ orderId, channel, channelOrderId }) => ({ orderId, channel, channelOrderId }));

/** Starts a rule's clock over a subject, as its setting has it now: `instant` is the fact it counts from or the promise it counts towards. */
export const begin = (unit: Unit, rule: Rule, subject: string, instant: string, { since = instant, orders = [] }: { readonly since?: string; readonly orders?: Orders } = {}): void => {
  const setting = settingOf(unit.state(ruleset, RULESET), rule.id);
  if (!setting?.enabled) return;
  const due = dueAt(rule, setting.minutes, instant);
  // A promise that is as near as that from the start says nothing by being near.
  if (rule.clock === 'BEFORE' && due <= since) return;
  unit.run(watch, watchId({ rule: rule.id, subject }), { type: 'Begin', data: { rule: rule.id, subject, since, dueAt: due, ...(orders.length > 0 ? { orders: ordersOf(orders) } : {}) } });
};

export const callOff = (unit: Unit, rule: Rule, subject: string, by: string, at: string): void => {
  const events = unit.run(watch, watchId({ rule: rule.id, subject }), { type: 'CallOff', data: { rule: rule.id, subject, by } });
  if (events.length > 0) unit.run(incident, incidentIdOf(rule.id, subject), { type: 'Clear', data: { at } });
};

interface Alarm {
  readonly rule: AlarmRule;
  readonly subject: string;
  /** Which time it is for this subject, from 1. */
  readonly time: number;
  /** Of what it is that time, where a subject may have several at once. */
  readonly about?: string;
  readonly orders?: Orders;
}

const alarmId = ({ rule, subject, time, about = '' }: Alarm): string => incidentIdOf(rule.id, `${subject}#${about}${time}`);

/** The stream that an alarm writes. */
export const alarmStream = (alarm: Alarm): readonly [typeof incident, string] => [incident, alarmId(alarm)];

/** Raises an alarm at once; the one before it, of the same subject, is over. */
export const raise = (unit: Unit, alarm: Alarm, { zh, en }: Words, at: string): void => {
  if (alarm.time > 1) silence(unit, { ...alarm, time: alarm.time - 1 }, at);
  const { id, subjectKind } = alarm.rule;
  const setting = settingOf(unit.state(ruleset, RULESET), id);
  if (!setting?.enabled) return;
  const { severity } = setting;
  const incidentId = alarmId(alarm);
  unit.run(incident, incidentId, { type: 'Raise', data: { incidentId, rule: id, subjectKind, subjectId: alarm.subject, severity, detail: en, raisedAt: at, detailZh: zh, orders: ordersOf(alarm.orders ?? []) } });
};

/** The fact that ends an alarm has come. */
export const silence = (unit: Unit, alarm: Alarm, at: string): void => {
  unit.run(incident, alarmId(alarm), { type: 'Clear', data: { at } });
};

export const look = (unit: Unit, ruleId: string, subject: string, now: string): void => {
  const rule = ruleOf(ruleId);
  const setting = settingOf(unit.state(ruleset, RULESET), ruleId);
  // Switched off since it began, or gone from the code: nobody wants to hear of it.
  if (!rule || !setting?.enabled) {
    unit.run(watch, watchId({ rule: ruleId, subject }), { type: 'CallOff', data: { rule: ruleId, subject, by: 'rule:off' } });
    return;
  }
  const { orders } = unit.state(watch, watchId({ rule: ruleId, subject }));
  const fired = unit.run(watch, watchId({ rule: ruleId, subject }), { type: 'Look', data: { rule: ruleId, subject, now } });
  if (fired.length === 0) return;
  const incidentId = incidentIdOf(ruleId, subject);
  const { subjectKind, detail } = rule;
  const { severity } = setting;
  unit.run(incident, incidentId, { type: 'Raise', data: { incidentId, rule: ruleId, subjectKind, subjectId: subject, severity, detail: detail.en, raisedAt: now, detailZh: detail.zh, orders } });
};
