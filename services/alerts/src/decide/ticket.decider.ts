import { unreachable, type Decider, type Of } from '@flotilla/decider';

/** What became of an incident, as a ticket system is told. */
export type Kind = 'raised' | 'escalated' | 'acknowledged' | 'cleared';

/** One change, with how the incident stands after it. */
export interface Change {
  readonly kind: Kind;
  /** Rises with each change of a ticket; one that nobody had to be told of leaves a gap. */
  readonly sequence: number;
  readonly at: string;
  readonly level: number;
  readonly acknowledgedBy: string;
  readonly acknowledgedAt: string;
}

export type TicketCommand =
  /** The incident was routed to a level; `named`: the matrix names this target for it. */
  | { readonly type: 'Route'; readonly data: { readonly level: number; readonly named: boolean; readonly at: string } }
  | { readonly type: 'Acknowledge'; readonly data: { readonly by: string; readonly at: string } }
  | { readonly type: 'Clear'; readonly data: { readonly at: string } }
  /** The change that is being told was taken, may have been, or was given up for certain. */
  | { readonly type: 'Settle'; readonly data: { readonly sequence: number; readonly reached: boolean } };

export type TicketEvent = { readonly type: 'TicketChanged'; readonly data: Change } | { readonly type: 'TicketTold'; readonly data: { readonly sequence: number; readonly reached: boolean } };

export interface Ticket {
  /** Those not told yet, oldest first: the first one is under way. */
  readonly waiting: readonly Change[];
  /** The newest. */
  readonly last: Change | null;
  /** The ticket system knows of it, or may. */
  readonly opened: boolean;
}

/** Stream id of what one target is told of one incident. */
export const ticketId = ({ target, incidentId }: { readonly target: string; readonly incidentId: string }): string => `${target}.${incidentId}`;

const isKnown = ({ waiting, opened }: Ticket): boolean => opened || waiting.length > 0;

// How it stands is said with each change: whoever lost one reads it in the next.
const changed = ({ last }: Ticket, kind: Kind, at: string, change: Partial<Change> = {}): readonly TicketEvent[] => [
  { type: 'TicketChanged', data: { kind, sequence: (last?.sequence ?? 0) + 1, at, level: last?.level ?? 0, acknowledgedBy: last?.acknowledgedBy ?? '', acknowledgedAt: last?.acknowledgedAt ?? '', ...change } },
];

// Its first word opens it, at whatever level; after that it hears of every level, whoever else is told. One that never heard the first word is told it at the next level.
const route = ({ data: { level, named, at } }: Of<TicketCommand, 'Route'>, state: Ticket): readonly TicketEvent[] => {
  if (level <= (state.last?.level ?? -1) || (state.last === null && !named)) return [];
  return changed(state, isKnown(state) ? 'escalated' : 'raised', at, { level });
};

const acknowledge = ({ data: { by, at } }: Of<TicketCommand, 'Acknowledge'>, state: Ticket): readonly TicketEvent[] =>
  isKnown(state) && state.last?.acknowledgedAt === '' ? changed(state, 'acknowledged', at, { acknowledgedBy: by, acknowledgedAt: at }) : [];

const clear = ({ data: { at } }: Of<TicketCommand, 'Clear'>, state: Ticket): readonly TicketEvent[] => (isKnown(state) && state.last?.kind !== 'cleared' ? changed(state, 'cleared', at) : []);

const settle = ({ data }: Of<TicketCommand, 'Settle'>, { waiting }: Ticket): readonly TicketEvent[] => (waiting[0]?.sequence === data.sequence ? [{ type: 'TicketTold', data }] : []);

/** What is left to tell where the ticket system never heard of the incident: the next level opens it, unless somebody has acknowledged it or it is over. */
const unopened = (rest: readonly Change[]): readonly Change[] => (rest.every(({ kind }) => kind === 'escalated') ? rest.map((change, at) => (at === 0 ? { ...change, kind: 'raised' } : change)) : []);

/** What one ticket system is told of one incident: every change, one after the other, none before the one ahead of it has been taken or given up. */
export const ticket: Decider<Ticket, TicketCommand, TicketEvent> = {
  category: 'ticket',
  initial: { waiting: [], last: null, opened: false },
  evolve: (state, event) => {
    switch (event.type) {
      case 'TicketChanged':
        return { ...state, waiting: [...state.waiting, event.data], last: event.data };
      case 'TicketTold': {
        const opened = state.opened || event.data.reached;
        const rest = state.waiting.slice(1);
        return { ...state, opened, waiting: opened ? rest : unopened(rest) };
      }
      default:
        return state;
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'Route':
        return route(command, state);
      case 'Acknowledge':
        return acknowledge(command, state);
      case 'Clear':
        return clear(command, state);
      case 'Settle':
        return settle(command, state);
      default:
        return unreachable(command);
    }
  },
};
