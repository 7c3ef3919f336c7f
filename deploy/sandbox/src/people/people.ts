export const WAYS = ['dingtalk', 'wecom', 'feishu', 'sms', 'receiver'] as const;
export type Way = (typeof WAYS)[number];

/** What somebody was told. */
export interface Told {
  readonly id: number;
  readonly at: string;
  readonly way: Way;
  /** The phone, for a text; the webhook's id for a receiver; "" for a group. */
  readonly to: string;
  readonly text: string;
}

interface Limit {
  readonly perMinute: number;
  /** How long a robot is deaf once it was asked too often. */
  readonly blockMs: number;
}

const limits: Readonly<Record<Way, Limit>> = {
  dingtalk: { perMinute: 20, blockMs: 600_000 },
  wecom: { perMinute: 20, blockMs: 0 },
  feishu: { perMinute: 100, blockMs: 0 },
  sms: { perMinute: 100_000, blockMs: 0 },
  receiver: { perMinute: 100_000, blockMs: 0 },
};

const most = 5_000;

/** The people of this world who are told things: what each has read, and how fast their robots take it. */
export class People {
  readonly #told: Told[] = [];
  readonly #calls = new Map<Way, number[]>();
  readonly #deafUntil = new Map<Way, number>();
  readonly #nonces = new Set<string>();
  #last = 0;

  /** Whether a call is too much, by the provider's own limit; counts it. */
  tooFast(way: Way, now = Date.now()): boolean {
    const { perMinute, blockMs } = limits[way];
    if (now < (this.#deafUntil.get(way) ?? 0)) return true;
    const calls = [...(this.#calls.get(way) ?? []).filter((at) => at > now - 60_000), now];
    this.#calls.set(way, calls);
    if (calls.length <= perMinute) return false;
    this.#deafUntil.set(way, now + blockMs);
    return true;
  }

  /** Whether a nonce was seen; remembers it. */
  seen(nonce: string): boolean {
    if (this.#nonces.has(nonce)) return true;
    this.#nonces.add(nonce);
    return false;
  }

  read(way: Way, to: string, text: string): void {
    this.#told.push({ id: (this.#last += 1), at: new Date().toISOString(), way, to, text });
    if (this.#told.length > most) this.#told.shift();
  }

  /** What was read after an id, oldest first. */
  told(way: Way | undefined, to: string | undefined, after: number): readonly Told[] {
    return this.#told.filter((one) => one.id > after && (way === undefined || one.way === way) && (to === undefined || one.to === to));
  }

  /** Robots that were asked too often hear again. */
  calm(): void {
    this.#calls.clear();
    this.#deafUntil.clear();
  }
}
