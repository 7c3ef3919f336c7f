import type { Pool } from 'pg';

interface Row {
  readonly fo_id: string;
  readonly priority: number;
  readonly ordered_at: string;
  readonly skus: readonly string[];
}

interface Named {
  readonly name: string;
  readonly values: readonly unknown[];
}

export interface Answer {
  readonly rows: readonly object[];
}

/** `read.backorder_queue` without its database: the two statements of `accept/backorders.follower.ts` and the one of `query/node-figures.query.ts`. */
export class MemoryQueue {
  readonly #rows = new Map<string, Row>();
  /** Told of every page that is read: the SKUs asked for (`null` = all) and the whole queue, in its order. */
  onPage: (skus: readonly string[] | null, queue: readonly string[]) => void = () => {};

  readonly pool = { query: async (question: string | Named, values: readonly unknown[] = []): Promise<Answer> => this.#answer(question, values) } as unknown as Pool;

  has(foId: string): boolean {
    return this.#rows.has(foId);
  }

  #answer(question: string | Named, values: readonly unknown[]): Answer {
    if (typeof question !== 'string') return this.#queuedFor(question);
    return question.includes('DELETE FROM read.backorder_queue') ? this.#keep(values) : this.#page(question, values);
  }

  #queuedFor({ name, values: [skus] }: Named): Answer {
    if (name !== 'queued-for') throw new Error(`the queue knows no such question: ${name}`);
    const highest = new Map<string, number>();
    for (const { skus: waitedFor, priority } of this.#rows.values()) {
      for (const sku of waitedFor) if ((skus as readonly string[]).includes(sku)) highest.set(sku, Math.max(priority, highest.get(sku) ?? -Infinity));
    }
    return { rows: [...highest].map(([sku, priority]) => ({ sku, priority })) };
  }

  #keep([gone, waiting]: readonly unknown[]): Answer {
    for (const foId of gone as readonly string[]) this.#rows.delete(foId);
    for (const row of JSON.parse(waiting as string) as readonly Row[]) this.#rows.set(row.fo_id, row);
    return { rows: [] };
  }

  #page(text: string, [skus, ...after]: readonly unknown[]): Answer {
    if (!text.includes('ORDER BY priority DESC, ordered_at, fo_id')) throw new Error(`the queue knows no such question: ${text}`);
    if (after.some((one) => one !== null)) throw new Error('a second page of the queue: no scenario has so many orders');
    const queue = [...this.#rows.values()].toSorted((a, b) => b.priority - a.priority || compare(a.ordered_at, b.ordered_at) || compare(a.fo_id, b.fo_id));
    this.onPage(skus as readonly string[] | null, queue.map(({ fo_id }) => fo_id));
    return { rows: queue.filter((row) => skus === null || row.skus.some((sku) => (skus as readonly string[]).includes(sku))) };
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
