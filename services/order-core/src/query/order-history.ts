import { setImmediate as turn } from 'node:timers/promises';
import { Refused, streamOf } from '@flotilla/decider';
import type { order as contract } from '@flotilla/contracts';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { toInstant } from '@flotilla/values';
import { dossier, mostHeard } from '../decide/dossier.decider.js';
import { advance, nowhere, type Standing } from '../project/standing.js';
import { eventsOf, inOrder, notFound, splitsIn, toOrder, viewOf } from './order-view.js';

/** Everything that happened to an order, each event with its chain hash and with the foreign event that it applied. */
export const historyOf = async (store: EventStore, orderId: string): Promise<contract.OrderHistory> => ({ events: (await storyOf(store, orderId)).map(toHistoryEvent) });

/** The events of an order and of its parcels, and what others said of them, in the order of the log. */
export const storyOf = async (store: EventStore, orderId: string): Promise<readonly Recorded[]> => {
  const own = await eventsOf(store, orderId);
  if (own.length === 0) throw notFound(orderId);
  const subjects = [orderId, ...splitsIn(own), ...(await statementsOf(store, orderId)), ...parcelsOf(own)];
  const noted = await store.readAll(subjects.map((subject) => streamOf(dossier, subject)), { limit: mostHeard });
  return inOrder([...own, ...noted]);
};

const mostStatements = 100;

/** The dossiers of what statements say of the order: they stand behind its own. */
const statementsOf = async (store: EventStore, orderId: string): Promise<readonly string[]> => {
  const own = streamOf(dossier, orderId);
  // "/" follows ".": nothing but what stands behind this order's own name.
  const behind = await store.last(dossier.category, { after: `${own}.`, before: `${own}/`, limit: mostStatements });
  return behind.map(({ stream }) => stream.slice(`${dossier.category}-`.length));
};

const parcelsOf = (events: readonly Recorded[]): readonly string[] => [...new Set(events.flatMap(({ type, data }) => (type === 'FulfilmentReleased' || type === 'ExternalParcelNoted' ? [(data as { readonly parcelId: string }).parcelId] : [])))];

export const reasonOf = (data: unknown): string => {
  const { reason } = data as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : '';
};

const toHistoryEvent = ({ stream, version, id, type, recordedAt, data, meta, hash, position }: Recorded): contract.HistoryEvent => ({
  stream,
  version,
  eventId: id,
  type,
  recordedAt,
  actor: meta.actor,
  data: JSON.stringify(data),
  hash,
  traceId: meta.traceparent?.split('-')[1] ?? '',
  sourceStream: meta.source?.stream ?? '',
  sourceVersion: meta.source?.version ?? 0,
  sourceEventId: meta.source?.id ?? '',
  sourceHash: meta.source?.hash ?? '',
  position,
  reason: reasonOf(data),
});

/** The events up to an instant (of recording), or to a position; undefined if neither is given. */
const upTo = (events: readonly Recorded[], at: string, position: number): readonly Recorded[] | undefined => {
  if (at !== '' && position !== 0) throw new Refused('BAD_REQUEST', 'give an instant or a position, not both');
  if (position < 0) throw new Refused('BAD_REQUEST', 'a position is positive');
  if (position !== 0) return events.filter((event) => event.position <= position);
  if (at === '') return undefined;
  const instant = toInstant(at);
  return events.filter(({ recordedAt }) => recordedAt <= instant);
};

/** The order as it stood: folded from what was recorded by then. */
export const orderAsOf = async (store: EventStore, { orderId, at, position }: contract.OrderAsOfRequest): Promise<contract.OrderAsOf> => {
  const events = await eventsOf(store, orderId);
  if (events.length === 0) throw notFound(orderId);
  const then = upTo(events, at, position);
  if (!then) throw new Refused('BAD_REQUEST', 'as of when? give at (an instant) or position (of an event of its history)');
  const order = viewOf(then);
  if (!order) throw new Refused('NOT_FOUND', `order ${orderId} was not placed then; its first event is of ${events[0]!.recordedAt}`);
  return { order, event: toHistoryEvent(then.at(-1)!), events: then.length };
};

const mostBetween = 2_000;

/** What differs between two states, each difference with the event in between that made it what it is. */
export const orderDiff = async (store: EventStore, { orderId, fromAt, fromPosition, toAt, toPosition }: contract.OrderDiffRequest): Promise<contract.OrderDiff> => {
  const events = await eventsOf(store, orderId);
  if (events.length === 0) throw notFound(orderId);
  const from = upTo(events, fromAt, fromPosition) ?? [];
  const to = upTo(events, toAt, toPosition) ?? events;
  if (to.length < from.length) throw new Refused('BAD_REQUEST', 'the second state is older than the first; ask the other way round');
  const between = to.slice(from.length);
  if (between.length > mostBetween) throw new Refused('TOO_LARGE', `${between.length} events lie between the two, and ${mostBetween} are compared; take two states that are nearer to each other`);
  let standing = from.reduce(advance, nowhere);
  const before = leavesOf(standing);
  const changedBy = new Map<string, number>();
  let last = before;
  for (const [n, event] of between.entries()) {
    standing = advance(standing, event);
    const now = leavesOf(standing);
    for (const path of new Set([...last.keys(), ...now.keys()])) if (last.get(path) !== now.get(path)) changedBy.set(path, event.position);
    last = now;
    // A long comparison must not keep everything else from being done.
    if (n % 50 === 49) await turn();
  }
  const differences = [...changedBy].filter(([path]) => before.get(path) !== last.get(path)).map(([path, position]) => ({ path, before: before.get(path) ?? '', after: last.get(path) ?? '', position }));
  return { differences: differences.sort((a, b) => (a.path < b.path ? -1 : 1)), events: between.map(toHistoryEvent) };
};

/** Says nothing of the order: they change with every event. */
const counters = new Set(['version', 'position']);

/** Every value of the order by its path, as JSON. */
const leavesOf = (standing: Standing): ReadonlyMap<string, string> => {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) value.forEach((one, n) => walk(one, `${path}[${n}]`));
    else if (typeof value === 'object' && value !== null) for (const [name, one] of Object.entries(value)) walk(one, path === '' ? name : `${path}.${name}`);
    else if (!counters.has(path)) leaves.set(path, JSON.stringify(value));
  };
  if (standing.order.placed !== null) walk(toOrder(standing, 0), '');
  return leaves;
};
