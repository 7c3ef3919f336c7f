export interface Line {
  sku: string;
  quantity: number;
}

export type LockState = 'LOCKED' | 'CONFIRMED' | 'CONSUMED' | 'RELEASED' | 'EXPIRED' | 'REFUSED';

export interface HouseLock {
  id: string;
  reference: string;
  state: LockState;
  lines: readonly Line[];
  fence: number;
  /** Of the ledger, when the lock became what it is. */
  position: number;
  keepUntil: number;
  parcelId: string;
  /** How often goods were set aside under this id: more than once is a fault of whoever asked again blindly. */
  times: number;
  free: readonly Line[];
}

export interface Shelf {
  /** On the shelf and sellable. */
  physical: number;
  unsellable: number;
  locked: number;
  /** When it last changed. */
  position: number;
}

/** One warehouse as its own system keeps it. Every change has a position. */
export class House {
  readonly shelves = new Map<string, Shelf>();
  readonly locks = new Map<string, HouseLock>();
  position = 0;
  changed: (skus: readonly string[]) => void = () => undefined;

  constructor(
    readonly id: string,
    /** It does not look whether it has a lock already: each LOCK sets goods aside again. */
    public careless = false,
  ) {}

  shelf(sku: string): Shelf {
    const known = this.shelves.get(sku) ?? { physical: 0, unsellable: 0, locked: 0, position: this.position };
    this.shelves.set(sku, known);
    return known;
  }

  sellable(sku: string): number {
    const { physical, locked } = this.shelf(sku);
    return physical - locked;
  }

  /** Goods come, or turn out to be missing. */
  receive(sku: string, quantity: number): void {
    this.shelf(sku).physical += quantity;
    this.#moved([sku]);
  }

  lock(id: string, reference: string, lines: readonly Line[], keepUntil: number): HouseLock {
    const known = this.find(id);
    if (known && !(this.careless && known.state === 'LOCKED')) return known;
    if (lines.some(({ sku, quantity }) => this.sellable(sku) < quantity)) {
      const free = lines.map(({ sku }) => ({ sku, quantity: this.sellable(sku) }));
      return this.#keep({ id, reference, state: 'REFUSED', lines, fence: 0, position: this.position, keepUntil: 0, parcelId: '', times: known?.times ?? 0, free });
    }
    for (const { sku, quantity } of lines) this.shelf(sku).locked += quantity;
    const position = this.#moved(lines.map(({ sku }) => sku));
    return this.#keep({ id, reference, state: 'LOCKED', lines, fence: position, position, keepUntil, parcelId: '', times: (known?.times ?? 0) + 1, free: [] });
  }

  /** For no reason that it would give. */
  refuse(id: string): HouseLock {
    return this.#keep({ id, reference: '', state: 'REFUSED', lines: [], fence: 0, position: this.position, keepUntil: 0, parcelId: '', times: 0, free: [] });
  }

  confirm(id: string, fence: number): HouseLock | undefined {
    const lock = this.find(id);
    if (lock?.state === 'LOCKED' && lock.fence === fence) this.#become(lock, 'CONFIRMED');
    return lock;
  }

  /** Also an id that was never heard of: a LOCK that comes after it finds it released. */
  release(id: string): HouseLock {
    const lock = this.find(id);
    if (!lock) return this.#keep({ id, reference: '', state: 'RELEASED', lines: [], fence: 0, position: this.position, keepUntil: 0, parcelId: '', times: 0, free: [] });
    if (lock.state === 'LOCKED' || lock.state === 'CONFIRMED') this.#become(lock, 'RELEASED');
    return lock;
  }

  consume(id: string, fence: number, parcelId: string): HouseLock | undefined {
    const lock = this.find(id);
    if (lock?.state === 'CONFIRMED' && lock.fence === fence) {
      lock.parcelId = parcelId;
      this.#become(lock, 'CONSUMED');
    }
    return lock;
  }

  find(id: string): HouseLock | undefined {
    const lock = this.locks.get(id);
    if (lock?.state === 'LOCKED' && Date.now() > lock.keepUntil) this.#become(lock, 'EXPIRED');
    return lock;
  }

  #become(lock: HouseLock, state: LockState): void {
    for (const { sku, quantity } of state === 'CONFIRMED' ? [] : lock.lines) {
      const shelf = this.shelf(sku);
      shelf.locked -= quantity * lock.times;
      if (state === 'CONSUMED') shelf.physical -= quantity;
    }
    lock.state = state;
    lock.position = this.#moved(lock.lines.map(({ sku }) => sku));
  }

  #keep(lock: HouseLock): HouseLock {
    this.locks.set(lock.id, lock);
    return lock;
  }

  #moved(skus: readonly string[]): number {
    this.position += 1;
    for (const sku of skus) this.shelf(sku).position = this.position;
    this.changed([...new Set(skus)]);
    return this.position;
  }
}
