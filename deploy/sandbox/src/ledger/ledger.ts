/** One thing that went over the border between this world and the fleet. */
export interface LedgerEntry {
  seq: number;
  /** Wall time. */
  at: string;
  world: 'shopify' | 'sf' | 'mail' | 'connector' | 'control' | 'wms' | 'suppliers' | 'kdniao' | 'cainiao' | 'people' | 'tickets' | 'hooks' | 'trackers' | 'woocommerce' | 'taobao' | 'files' | 'generic';
  direction: 'out' | 'in';
  /** What it was: a webhook's topic, a service code, an API call. */
  kind: string;
  channel: string;
  orderId: string;
  /** The id that stays the same when the thing is sent again; "" for calls that came in. */
  deliveryId: string;
  /** `accepted`, `refused 401`, `no answer`, `200`, … */
  status: string;
  /** It tells of an order as new. */
  announcement: boolean;
  /** By which way such a one went: ingest calls it the same. What is asked for is told once, the first time. */
  way: '' | 'WEBHOOK' | 'TOPIC' | 'PULL' | 'FILE';
  /** Its body cannot even be read far enough to know which order it is. */
  garbage: boolean;
  /** Its signature is wrong on purpose. */
  forged: boolean;
}

export interface LedgerSummary {
  /** Announcements that were accepted, each delivery id once. */
  sent: number;
  /** Orders among them, and garbage. */
  distinct: number;
  duplicates: number;
  /** Accepted deliveries that announce nothing new. */
  updates: number;
  /** Wrongly signed deliveries that were refused with 401, as they must be; and those that were not. */
  forged: number;
  forgedAccepted: number;
  /** The same delivery accepted again. */
  redelivered: number;
  /** `sent` by way and channel: `PULL.woo-demo`. */
  byWay: Record<string, number>;
  entries: number;
  byKind: Record<string, number>;
  byStatus: Record<string, number>;
}

const SHOPS: readonly LedgerEntry['world'][] = ['shopify', 'connector', 'woocommerce', 'taobao', 'files', 'generic'];

export type Noted = Partial<LedgerEntry> & Pick<LedgerEntry, 'world' | 'direction' | 'kind' | 'status'>;

/** Everything that was sent and received, in order. The sums are kept along, so that asking for them is cheap. */
export class Ledger {
  readonly #entries: LedgerEntry[] = [];
  readonly #announced = new Set<string>();
  readonly #updated = new Set<string>();
  readonly #distinct = new Set<string>();
  readonly #byKind: Record<string, number> = {};
  readonly #byStatus: Record<string, number> = {};
  readonly #byWay: Record<string, number> = {};
  #forged = 0;
  #forgedAccepted = 0;
  #redelivered = 0;

  note(noted: Noted): LedgerEntry {
    const entry: LedgerEntry = {
      channel: '', orderId: '', deliveryId: '', announcement: false, way: '', garbage: false, forged: false, ...noted, seq: this.#entries.length + 1, at: new Date().toISOString(),
    };
    this.#entries.push(entry);
    this.#byKind[entry.kind] = (this.#byKind[entry.kind] ?? 0) + 1;
    this.#byStatus[entry.status] = (this.#byStatus[entry.status] ?? 0) + 1;
    if (entry.forged && entry.status === 'refused 401') this.#forged += 1;
    if (entry.forged && entry.status === 'accepted') this.#forgedAccepted += 1;
    if (SHOPS.includes(entry.world) && !entry.forged && entry.direction === 'out' && entry.status === 'accepted' && entry.deliveryId !== '') this.#count(entry);
    return entry;
  }

  #count(entry: LedgerEntry): void {
    const kind = entry.announcement ? this.#announced : this.#updated;
    const delivery = `${entry.channel}/${entry.orderId}/${entry.deliveryId}`;
    if (kind.has(delivery)) {
      this.#redelivered += 1;
      return;
    }
    kind.add(delivery);
    if (entry.announcement) this.#byWay[`${entry.way}.${entry.channel}`] = (this.#byWay[`${entry.way}.${entry.channel}`] ?? 0) + 1;
    // Garbage has no order that anyone could tell: each stands for itself.
    if (entry.announcement) this.#distinct.add(entry.garbage ? `garbage ${entry.deliveryId}` : `${entry.channel}/${entry.orderId}`);
  }

  page(after: number, limit: number): { entries: readonly LedgerEntry[]; next: number | null } {
    const entries = this.#entries.slice(after, after + limit);
    const last = after + entries.length;
    return { entries, next: last < this.#entries.length ? last : null };
  }

  summary(): LedgerSummary {
    return {
      sent: this.#announced.size,
      distinct: this.#distinct.size,
      duplicates: this.#announced.size - this.#distinct.size,
      updates: this.#updated.size,
      forged: this.#forged,
      forgedAccepted: this.#forgedAccepted,
      redelivered: this.#redelivered,
      byWay: { ...this.#byWay },
      entries: this.#entries.length,
      byKind: { ...this.#byKind },
      byStatus: { ...this.#byStatus },
    };
  }
}
