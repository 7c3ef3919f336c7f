/** A word of a change, as it came. */
export interface Delivery {
  readonly id: number;
  /** The webhook's id: the same when it comes again. */
  readonly to: string;
  readonly text: string;
  /** It had been taken before. */
  readonly repeat: boolean;
}

export interface Change {
  readonly ticketId: string;
  readonly eventId: string;
  readonly kind: 'raised' | 'escalated' | 'acknowledged' | 'cleared';
  readonly sequence: number;
  readonly severity: string;
  readonly level: number;
  readonly acknowledgedBy: string;
}

export interface Ticket {
  readonly ticketId: string;
  readonly state: 'open' | 'acknowledged' | 'closed';
  readonly severity: string;
  readonly level: number;
  readonly assignee: string;
  /** What made it what it is, in the order in which it came. */
  readonly kinds: readonly Change['kind'][];
  readonly sequence: number;
}

const most = 5_000;

/** A desk of customer service: a ticket is opened once, updated in order and closed for good. What does not fit is refused, as such systems do. */
export class TicketDesk {
  readonly #tickets = new Map<string, Ticket>();
  readonly #taken = new Set<string>();
  readonly #deliveries: Delivery[] = [];
  #last = 0;

  /** Takes a change once; false = it is of no ticket that it could be of. */
  take(change: Change, text: string): boolean {
    const { ticketId, eventId, kind, sequence, severity, level, acknowledgedBy } = change;
    const repeat = this.#taken.has(eventId);
    const known = this.#tickets.get(ticketId);
    if (!repeat && (kind === 'raised' ? known !== undefined : known === undefined || known.state === 'closed' || sequence <= known.sequence)) return false;
    this.#deliveries.push({ id: (this.#last += 1), to: eventId, text, repeat });
    if (this.#deliveries.length > most) this.#deliveries.shift();
    if (repeat) return true;
    this.#taken.add(eventId);
    const state = kind === 'cleared' ? 'closed' : kind === 'acknowledged' ? 'acknowledged' : (known?.state ?? 'open');
    this.#tickets.set(ticketId, { ticketId, state, severity, level, assignee: acknowledgedBy, kinds: [...(known?.kinds ?? []), kind], sequence });
    return true;
  }

  tickets(): readonly Ticket[] {
    return [...this.#tickets.values()];
  }

  deliveries(after: number): readonly Delivery[] {
    return this.#deliveries.filter(({ id }) => id > after);
  }
}
