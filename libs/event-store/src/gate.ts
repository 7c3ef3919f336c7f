/**
 * Lets the appends of one process by: first attempts side by side, repeated ones alone. What failed for a conflict with a
 * neighbour in the same process meets only other processes the next time.
 */
export class Gate {
  #inside = 0;
  #alone = false;
  readonly #waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  async pass<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length === 0 && this.#free(alone)) this.#enter(alone);
    else await new Promise<void>((resolve) => this.#waiting.push({ alone, enter: resolve }));
    try {
      return await work();
    } finally {
      this.#inside -= 1;
      this.#alone = false;
      for (let first = this.#waiting[0]; first && this.#free(first.alone); first = this.#waiting[0]) {
        this.#waiting.shift();
        this.#enter(first.alone);
        first.enter();
      }
    }
  }

  #free(alone: boolean): boolean {
    return alone ? this.#inside === 0 : !this.#alone;
  }

  #enter(alone: boolean): void {
    this.#inside += 1;
    this.#alone = alone;
  }
}
