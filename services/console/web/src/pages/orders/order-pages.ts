import type { order } from '@flotilla/contracts';

type Row = order.OrderSummary;

/** A page as it was asked, under a token that stays good: pages go by key. */
interface PageOfRows {
  readonly token: string;
  /** Undefined while it is out of memory; its length is kept, so that nothing moves. */
  readonly rows: readonly Row[] | undefined;
  readonly length: number;
}

export interface Merged {
  readonly rows: readonly Row[];
  /** Of those that are shown, what the question does not find any more. */
  readonly gone: readonly string[];
  /** How many it finds by now that are not shown. */
  readonly news: number;
}

/**
 * What a page that is shown becomes when it is asked again: rows change where they stand. None goes and none comes by itself, so nothing jumps
 * under the eyes of whoever reads. `fresh` holds more than the page, `known` says what stands elsewhere.
 */
export const merge = (shown: readonly Row[], fresh: readonly Row[], { known, whole, last }: { readonly known: (orderId: string) => boolean; readonly whole: boolean; readonly last: boolean }): Merged => {
  const now = new Map(fresh.map((row) => [row.orderId, row]));
  const own = new Set(shown.map(({ orderId }) => orderId));
  const end = fresh.findLastIndex(({ orderId }) => own.has(orderId));
  const news = fresh.filter((row, n) => !known(row.orderId) && !own.has(row.orderId) && (last || n <= end)).length;
  // Where so much is new that the page was pushed out of the answer, what is missing in it may still be there.
  const seen = whole || news < fresh.length - shown.length;
  // A row that says the same stays the same, and is not drawn again.
  const kept = (row: Row): Row => {
    const one = now.get(row.orderId);
    return one === undefined || JSON.stringify(one) === JSON.stringify(row) ? row : one;
  };
  return { rows: shown.map(kept), gone: seen ? shown.filter(({ orderId }) => !now.has(orderId)).map(({ orderId }) => orderId) : [], news };
};

export interface ListState {
  readonly count: number;
  readonly at: (index: number) => Row | undefined;
  readonly onRange: (from: number, to: number) => void;
  readonly more: boolean;
  readonly loading: boolean;
  readonly error: unknown;
  readonly gone: ReadonlySet<string>;
  readonly news: number;
}

export type AskPage = (token: string, size: number, signal: AbortSignal) => Promise<order.ListOrdersResponse>;

/** How many rows a page has, and how many pages are kept around what is looked at. */
const pageSize = 100;
const keptAround = 5;

/**
 * A list of any length, of which the pages around what is looked at are in memory. It grows as one scrolls; what was dropped is asked again
 * under its own token.
 */
export const createOrderPages = (ask: AskPage, size = pageSize) => {
  let pages: PageOfRows[] = [];
  let next: string | undefined = '';
  let range: readonly [number, number] = [0, 0];
  let error: unknown;
  let gone: ReadonlySet<string> = new Set();
  let news = new Map<string, number>();
  let under = new Map<string, AbortController>();
  const listeners = new Set<() => void>();
  let state: ListState;

  const pageAt = (index: number): readonly [n: number, from: number] | undefined => {
    let from = 0;
    for (let n = 0; n < pages.length; n += 1) {
      if (index < from + pages[n]!.length) return [n, from];
      from += pages[n]!.length;
    }
    return undefined;
  };
  const at = (index: number): Row | undefined => {
    const [n, from] = pageAt(index) ?? [];
    return n === undefined ? undefined : pages[n]!.rows?.[index - from!];
  };
  const tell = (): void => {
    state = { count: pages.reduce((sum, { length }) => sum + length, 0), at: (index) => at(index), onRange, more: next !== undefined, loading: under.size > 0, error, gone, news: [...news.values()].reduce((sum, one) => sum + one, 0) };
    for (const listener of listeners) listener();
  };

  const fetchPage = async (token: string, rows: number, then: (answer: order.ListOrdersResponse) => void): Promise<void> => {
    if (under.has(token)) return;
    const controller = new AbortController();
    under.set(token, controller);
    tell();
    try {
      const answer = await ask(token, rows, controller.signal);
      error = undefined;
      if (!controller.signal.aborted) then(answer);
    } catch (thrown) {
      if (!controller.signal.aborted) error = thrown;
    } finally {
      if (under.get(token) === controller) under.delete(token);
      tell();
    }
  };

  const grow = (): void => {
    if (next === undefined || error !== undefined) return;
    const token = next;
    void fetchPage(token, size, ({ orders, nextToken }) => {
      const known = new Set(pages.flatMap(({ rows }) => rows?.map(({ orderId }) => orderId) ?? []));
      // What moved down while one scrolled stands already.
      const rows = orders.filter(({ orderId }) => !known.has(orderId));
      pages.push({ token, rows, length: rows.length });
      next = nextToken === '' ? undefined : nextToken;
      drop();
    });
  };

  const looked = (): readonly [number, number] => [pageAt(range[0])?.[0] ?? 0, pageAt(range[1])?.[0] ?? pages.length - 1];

  const drop = (): void => {
    const [first, last] = looked();
    pages = pages.map((page, n) => (n < first - keptAround || n > last + keptAround ? { ...page, rows: undefined } : page));
  };

  const onRange = (from: number, to: number): void => {
    range = [from, to];
    const [first, last] = looked();
    for (let n = Math.max(0, first - 1); n <= Math.min(pages.length - 1, last + 1); n += 1) {
      const page = pages[n]!;
      if (page.rows === undefined) void fetchPage(page.token, page.length, ({ orders }) => (pages[n] = { ...page, rows: orders.slice(0, page.length) }));
    }
    if (to >= state.count - size / 2) grow();
    if (pages.some((page, n) => page.rows !== undefined && (n < first - keptAround || n > last + keptAround))) drop();
  };

  tell();
  return {
    state: (): ListState => state,
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    grow,
    /** Asks again what is looked at, and changes rows where they stand. */
    refresh: async (): Promise<void> => {
      if (pages.length === 0) {
        if (error !== undefined) {
          error = undefined;
          grow();
        }
        return;
      }
      error = undefined;
      const [first, last] = looked();
      const known = new Set(pages.flatMap(({ rows }) => rows?.map(({ orderId }) => orderId) ?? []));
      await Promise.all(
        pages.slice(first, last + 1).map(async (page, offset) => {
          const n = first + offset;
          if (page.rows === undefined) return;
          await fetchPage(page.token, Math.min(500, size * 2), ({ orders, nextToken }) => {
            const shown = pages[n]?.rows;
            if (!shown) return;
            const merged = merge(shown, orders, { known: (orderId) => known.has(orderId), whole: nextToken === '', last: n === pages.length - 1 && next === undefined });
            pages[n] = { ...pages[n]!, rows: merged.rows };
            news.set(page.token, merged.news);
            gone = new Set([...[...gone].filter((orderId) => !shown.some((row) => row.orderId === orderId)), ...merged.gone]);
          });
        }),
      );
    },
    /** From the beginning: what is new is shown, what is gone goes. Rows stay until the answer is there. */
    reload: async (): Promise<void> => {
      for (const controller of under.values()) controller.abort();
      under = new Map();
      error = undefined;
      await fetchPage('', size, ({ orders, nextToken }) => {
        pages = [{ token: '', rows: orders, length: orders.length }];
        next = nextToken === '' ? undefined : nextToken;
        gone = new Set();
        news = new Map();
        range = [0, 0];
      });
    },
    stop: (): void => {
      for (const controller of under.values()) controller.abort();
    },
    /** The keys of what is in memory, in their order. */
    keys: (): readonly string[] => pages.flatMap(({ rows }) => rows?.map(({ orderId }) => orderId) ?? []),
    find: (orderId: string): Row | undefined => {
      for (const { rows } of pages) for (const row of rows ?? []) if (row.orderId === orderId) return row;
      return undefined;
    },
  };
};

export type OrderPages = ReturnType<typeof createOrderPages>;
