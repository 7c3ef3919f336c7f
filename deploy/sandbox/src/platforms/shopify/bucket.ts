/** Shopify's leaky bucket: `size` calls at once, `perSecond` leak out. */
export class Bucket {
  #level = 0;
  #at: number;

  constructor(readonly size: number, readonly perSecond: number, private readonly now: () => number = Date.now) {
    this.#at = now();
  }

  /** Takes one call, or says how many seconds to wait. */
  take(): { taken: boolean; level: number; retryAfter: number } {
    const now = this.now();
    this.#level = Math.max(0, this.#level - ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#level + 1 > this.size) return { taken: false, level: this.size, retryAfter: (this.#level + 1 - this.size) / this.perSecond };
    this.#level += 1;
    return { taken: true, level: Math.ceil(this.#level), retryAfter: 0 };
  }
}
