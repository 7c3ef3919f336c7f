import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { usualRules, type Hours, type OrderPullEvent, type PullRules } from './order-pull.events.js';

export type OrderPullCommand =
  | { readonly type: 'PutPullRules'; readonly data: { readonly channel: string; readonly rules: PullRules; readonly at: string; readonly by: string } }
  /** `start`: from when on orders are wanted, if none were pulled yet. `asked`: somebody wants it now, also of a channel that is paused. */
  | { readonly type: 'BeginOrderPull'; readonly data: { readonly channel: string; readonly at: string; readonly start: string; readonly longestMs: number; readonly asked: boolean } }
  /** The page that begins at `from`. */
  | { readonly type: 'NoteOrderPage'; readonly data: { readonly channel: string; readonly pull: number; readonly from: string; readonly next: string; readonly orders: number; readonly placed: Hours; readonly at: string } }
  /** `notBefore`: the platform has said how long it will not answer; "": it has not. */
  | { readonly type: 'FailOrderPull'; readonly data: { readonly channel: string; readonly pull: number; readonly why: string; readonly blocked: boolean; readonly at: string; readonly notBefore: string } };

export interface OrderPull {
  readonly rules: PullRules;
  readonly pull: number;
  readonly status: 'never' | 'running' | 'ended' | 'failed';
  /** Everything that was changed before this has been taken; "": nothing yet. */
  readonly since: string;
  readonly from: string;
  readonly to: string;
  readonly next: string;
  readonly orders: number;
  readonly beganAt: string;
  /** When it came to its last page, or began. */
  readonly movedAt: string;
  readonly endedAt: string;
  readonly nextAt: string;
  readonly peak: boolean;
  readonly lastHour: number;
  readonly mean: number;
  readonly why: string;
  readonly blocked: boolean;
  /** Oldest first, at most `hoursKept`. */
  readonly hours: Hours;
  /** Of the first pull: what lies before it is no hour without orders. */
  readonly firstHour: number;
}

const initial: OrderPull = {
  rules: usualRules, pull: 0, status: 'never', since: '', from: '', to: '', next: '', orders: 0, beganAt: '', movedAt: '', endedAt: '', nextAt: '', peak: false, lastHour: 0, mean: 0, why: '', blocked: false, hours: [], firstHour: 0,
};

const hourMs = 3_600_000;
const trailing = 24;
const hoursKept = trailing + 2;

/** A pull that comes to no further page for so long may be begun anew: its job comes back ever more seldom, up to six hours later. */
export const STALLED_MS = hourMs;

const isUnderWay = ({ status, movedAt }: OrderPull, at: string): boolean => status === 'running' && Date.parse(at) - Date.parse(movedAt) < STALLED_MS;

const evolve = (state: OrderPull, { type, data }: OrderPullEvent): OrderPull => {
  switch (type) {
    case 'OrderPullRulesPut':
      return { ...state, rules: data.rules, nextAt: state.status === 'running' ? state.nextAt : data.nextAt };
    case 'OrderPullBegun':
      return { ...state, pull: data.pull, status: 'running', from: data.from, to: data.to, next: '', orders: 0, beganAt: data.at, movedAt: data.at, endedAt: '', nextAt: '', firstHour: state.firstHour || hourOf(data.at) };
    case 'OrderPagePulled':
      return { ...state, next: data.next, movedAt: data.at, orders: state.orders + data.orders, hours: added(state.hours, data.placed) };
    case 'OrderPullEnded':
      return { ...state, status: 'ended', since: data.to, endedAt: data.at, nextAt: data.nextAt, peak: data.peak, lastHour: data.lastHour, mean: data.mean, why: '', blocked: false };
    case 'OrderPullFailed':
      return { ...state, status: 'failed', endedAt: data.at, nextAt: data.nextAt, why: data.why, blocked: data.blocked };
    default:
      return state;
  }
};

const hourOf = (at: string): number => Math.floor(Date.parse(at) / hourMs);

const added = (hours: Hours, placed: Hours): Hours => {
  const sums = new Map(hours.map(({ hour, orders }) => [hour, orders]));
  for (const { hour, orders } of placed) sums.set(hour, (sums.get(hour) ?? 0) + orders);
  return [...sums].map(([hour, orders]) => ({ hour, orders })).toSorted((a, b) => a.hour - b.hour).slice(-hoursKept);
};

const put = ({ data }: Of<OrderPullCommand, 'PutPullRules'>, state: OrderPull): readonly OrderPullEvent[] => {
  const rules = checkedPullRules(data.rules);
  if (JSON.stringify(rules) === JSON.stringify(state.rules)) return [];
  // From the next pull on by these rules; one that waits does not wait longer than they say. Of one that runs is looked whether it still does.
  const last = state.endedAt === '' ? data.at : state.endedAt;
  return [{ type: 'OrderPullRulesPut', data: { ...data, rules, nextAt: rules.paused ? '' : state.status === 'running' ? after(state.movedAt, STALLED_MS / 60_000) : latest(data.at, after(last, everyOf(rules, state.peak))) } }];
};

const begin = ({ data: { channel, at, start, longestMs, asked } }: Of<OrderPullCommand, 'BeginOrderPull'>, state: OrderPull): readonly OrderPullEvent[] => {
  if (isUnderWay(state, at) || (state.rules.paused && !asked)) return [];
  // A clock that was set back asks again for what was asked for; it asks for no negative time.
  const since = state.since === '' ? start : state.since < at ? state.since : at;
  // At most half of a window, so that one that is cut short still moves on.
  const from = after(since, -Math.min(state.rules.overlapMinutes, longestMs / 2 / 60_000));
  const to = new Date(Math.min(Date.parse(at), Date.parse(from) + longestMs)).toISOString();
  return [{ type: 'OrderPullBegun', data: { channel, pull: state.pull + 1, from, to, at } }];
};

// A page that is noted already was read by another process, too.
const note = ({ data: { from, ...page } }: Of<OrderPullCommand, 'NoteOrderPage'>, state: OrderPull): readonly OrderPullEvent[] => {
  if (state.status !== 'running' || page.pull !== state.pull || from !== state.next) return [];
  const pulled: OrderPullEvent = { type: 'OrderPagePulled', data: page };
  if (page.next !== '') return [pulled];
  const { hours, to, rules, beganAt } = evolve(state, pulled);
  const { channel, pull, at } = page;
  const { lastHour, mean } = pace(hours, at, state.firstHour);
  const peak = mean !== undefined && lastHour >= rules.peakLeast && lastHour * 100 > mean * rules.peakPercent;
  // A window that was cut short is gone on with at once.
  const nextAt = rules.paused ? '' : to < beganAt ? at : latest(at, after(beganAt, everyOf(rules, peak)));
  return [pulled, { type: 'OrderPullEnded', data: { channel, pull, to, peak, lastHour, mean: mean ?? 0, at, nextAt } }];
};

const fail = ({ data: { notBefore, ...data } }: Of<OrderPullCommand, 'FailOrderPull'>, state: OrderPull): readonly OrderPullEvent[] => {
  if (state.status !== 'running' || data.pull !== state.pull) return [];
  return [{ type: 'OrderPullFailed', data: { ...data, nextAt: state.rules.paused ? '' : latest(notBefore, after(data.at, everyOf(state.rules, state.peak))) } }];
};

/**
 * The orders of the last sixty minutes, by shares of two hours of the clock, and the mean of the full hours before these two, so that a rush is not compared
 * with itself; `undefined` before there was one.
 */
const pace = (hours: Hours, at: string, firstHour: number): { readonly lastHour: number; readonly mean: number | undefined } => {
  const now = hourOf(at);
  const before = now - 1;
  const of = new Map(hours.map(({ hour, orders }) => [hour, orders]));
  const passed = (Date.parse(at) % hourMs) / hourMs;
  const known = Math.min(trailing, before - firstHour);
  const sum = hours.reduce((total, { hour, orders }) => (hour < before && hour >= before - known ? total + orders : total), 0);
  return { lastHour: Math.round((of.get(now) ?? 0) + (of.get(before) ?? 0) * (1 - passed)), mean: known < 1 ? undefined : sum / known };
};

const everyOf = (rules: PullRules, peak: boolean): number => (peak ? Math.min(rules.peakEveryMinutes, rules.everyMinutes) : rules.everyMinutes);

const after = (at: string, minutes: number): string => new Date(Date.parse(at) + minutes * 60_000).toISOString();

const latest = (a: string, b: string): string => (a > b ? a : b);

/** Rules that can be used. Refused BAD_REQUEST. */
export const checkedPullRules = (rules: PullRules): PullRules => {
  const bounds: readonly (readonly [keyof PullRules, number, number])[] = [['everyMinutes', 1, 1_440], ['peakEveryMinutes', 1, 1_440], ['peakPercent', 101, 100_000], ['peakLeast', 1, 1_000_000], ['overlapMinutes', 0, 1_440]];
  for (const [name, least, most] of bounds) {
    const value = rules[name] as number;
    if (!Number.isInteger(value) || value < least || value > most) throw new Refused('BAD_REQUEST', `${name} is a whole number from ${least} to ${most}`);
  }
  return rules;
};

const decide = (command: OrderPullCommand, state: OrderPull): readonly OrderPullEvent[] => {
  switch (command.type) {
    case 'PutPullRules':
      return put(command, state);
    case 'BeginOrderPull':
      return begin(command, state);
    case 'NoteOrderPage':
      return note(command, state);
    case 'FailOrderPull':
      return fail(command, state);
    default:
      return unreachable(command);
  }
};

/** A channel's orders, asked for page by page: how far it has got, when it begins again, and how often that is. */
export const orderPull: Decider<OrderPull, OrderPullCommand, OrderPullEvent> = { category: 'orderPull', initial, evolve, decide };
