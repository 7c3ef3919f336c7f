import type { Recorded } from '@flotilla/event-store';
import type { Violation } from './audit.js';
import type { Scenario } from './scenario.js';

/** One thing that happened, as the world saw it. */
export type Told = { readonly atMs: number; readonly who: string } & (
  /** Somebody was told something: a fact, or an instruction. */
  | { readonly kind: 'told'; readonly type: string; readonly data: unknown }
  /** Somebody took something in, or looked, and this was appended. */
  | { readonly kind: 'did'; readonly at: string; readonly what: string; readonly data: unknown; readonly written: readonly Recorded[] }
  | { readonly kind: 'fault'; readonly what: string }
);

export interface Telling {
  push(told: Told): void;
}

export interface StoryOf {
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  readonly told: readonly Told[];
  /** What it was before it shrank. */
  readonly before?: Scenario & { readonly fates: NonNullable<Scenario['fates']> };
  /** Ids as people call them. */
  readonly named: (text: string) => string;
  readonly nameOf: (data: unknown) => string;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(3).padStart(8)} s`;
const short = (type: string): string => type.slice(type.lastIndexOf('.') + 1);

/** A run for people: what there was, numbered steps — who told whom what, when, what was appended, what went wrong — and what broke. */
export const story = ({ scenario, violations, told, before, named, nameOf }: StoryOf): string => {
  const { seed, leaseMs, policy, sites, orders, shelves, healMs } = scenario;
  const lines = [
    `seed ${seed}${before ? `, shrunk: ${counted(before)} → ${counted(scenario)}` : ''}`,
    `  warehouses ${sites.map(({ warehouse, province, remote, skewMs }) => `${warehouse} (${province}${remote ? `, remote, clock ${skewMs >= 0 ? '+' : ''}${skewMs} ms` : ''})`).join(', ')}`,
    `  lease ${leaseMs} ms, policy ${JSON.stringify(policy)}, heals at ${healMs} ms${scenario.keepsOrder ? '' : ', messages overtake each other and repeats reach the deciders'}`,
    ...orders.map(({ index, lines: wanted, province, priority }) => `  order ${index + 1}: ${wanted.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ')} to ${province}${priority > 0 ? ', urgent' : ''}`),
    ...shelves.filter(({ kind }) => kind !== 'describe').map((one) => `  shelf: ${one.kind} ${one.sku} in ${'warehouse' in one ? `${one.warehouse}: ${one.quantity}` : ''} at ${one.atMs} ms`),
    '',
  ];
  let step = 0;
  for (const one of told) {
    const text = sentence(one, named, nameOf);
    if (text !== '') lines.push(`${String((step += 1)).padStart(4)}. ${seconds(one.atMs)}  ${text}`);
  }
  lines.push('', ...violations.map(({ invariant, what }) => `broken: ${invariant} — ${named(what)}`), `again: npm run sim -- --seeds 1 --from ${seed}`);
  return lines.join('\n');
};

const counted = ({ orders, shelves, troubles, fates }: Scenario): string => `${orders.length} orders, ${shelves.length} shelf movements, ${troubles.length} troubles, ${fates?.length ?? 0} fates of messages`;

const sentence = (one: Told, named: StoryOf['named'], nameOf: StoryOf['nameOf']): string => {
  switch (one.kind) {
    case 'told':
      return `${one.who} says ${short(one.type)} ${nameOf(one.data)}${details(one.data)}`;
    case 'fault':
      return `! ${one.who}: ${named(one.what)}`;
    case 'did': {
      if (one.written.length === 0) return '';
      const who = one.who === 'saga' || one.who === 'participant' || one.who === 'forecast' ? `the ${one.who} at ${one.at}` : `${one.who} at ${one.at}`;
      const about = one.data === undefined ? '' : ` ${nameOf(one.data)}`;
      return `${who} ${named(one.what)}${about}\n${one.written.map((event) => `${' '.repeat(18)}+ ${named(event.stream)} ${event.type}${eventDetails(event, named)}`).join('\n')}`;
    }
  }
};

// What of an event's data a reader needs; the whole is a screen of JSON.
const shown = ['attempt', 'reason', 'fence', 'expiresAt', 'lines', 'missing', 'claimBy', 'round', 'lockRound', 'parcelId', 'excludedWarehouses', 'shipped', 'kept', 'quantity'] as const;
const details = (data: unknown): string => {
  const all = data as Readonly<Record<string, unknown>>;
  const parts = shown.flatMap((key) => (all[key] === undefined || all[key] === '' || (Array.isArray(all[key]) && all[key].length === 0) ? [] : [`${key} ${plain(all[key])}`]));
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
};
const plain = (value: unknown): string =>
  Array.isArray(value)
    ? value.map((one: unknown) => (typeof one === 'object' && one !== null && 'sku' in one && 'quantity' in one ? `${String(one.quantity)} × ${String(one.sku)}` : plain(one))).join(' + ')
    : typeof value === 'string' ? value : JSON.stringify(value);

const eventDetails = ({ data, stream }: Recorded, named: StoryOf['named']): string => {
  if (stream.startsWith('stock-')) {
    const { onHand, unsellable, held, confirmed } = (data as { level: { onHand: number; unsellable: number; held: number; confirmed: number } }).level;
    return ` → on hand ${onHand}${unsellable > 0 ? ` (${unsellable} unsellable)` : ''}, held ${held}, confirmed ${confirmed}`;
  }
  const { lockId, warehouse, reply } = data as { lockId?: string; warehouse?: string; reply?: { type: string } };
  const about = stream.startsWith('allocation-') && lockId !== undefined ? ` ${named(lockId)}` : stream.startsWith('allocation-') && warehouse ? ` ${warehouse}` : '';
  return `${about}${reply ? ` ${reply.type}` : ''}${named(details(data))}`;
};
