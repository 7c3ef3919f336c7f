import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ops } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { GatewayContext } from '@flotilla/service-kit';
import { owners, type Owner } from './methods.js';
import type { Person } from './sessions.js';

/** As pages are told of it. */
export interface PageChange extends ops.Change {
  readonly service: Owner;
}

/** Where a page's stream is written; a ServerResponse is one. */
export interface Sink {
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  end(): unknown;
}

interface Page {
  readonly user: string;
  readonly session: string;
  readonly until: number;
  readonly sink: Sink;
  /** By service and stream: what it has not been told. */
  readonly pending: Map<string, PageChange>;
  missed: boolean;
  /** Its socket takes no more for now. */
  full: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** A page that is not told more than so much at a time asks everything again instead. */
const mostPending = 1_000;
/** How many changes are kept for pages that were cut off for a moment. */
const kept = 2_000;
const together = 100;
const heartbeatMs = 15_000;
const mostPages = 1_000;
const mostPagesOfOne = 30;
/** A stream is begun anew after that, where it left off: so a connection that nobody serves any more is noticed. */
const watchMs = 30 * 60_000;
const slowest = 5_000;

/**
 * One subscription to each service, and what it tells to every page. Nothing waits for a slow page: what it has not been told is kept once per
 * stream, and beyond a bound it is told to ask everything again.
 */
export class Changes {
  private readonly pages = new Set<Page>();
  private readonly recent: { readonly at: number; readonly change: PageChange }[] = [];
  private readonly run = randomUUID().slice(0, 8);
  private readonly stopping = new AbortController();
  private readonly streams = new Map<Owner, { cancel(): void }>();
  private readonly heart: NodeJS.Timeout;
  private at = 0;

  constructor(private readonly ctx: Pick<GatewayContext, 'client' | 'log'>, private readonly now: () => number = Date.now) {
    this.heart = setInterval(() => this.beat(), heartbeatMs).unref();
  }

  start(): void {
    for (const owner of owners) void this.follow(owner);
  }

  /** Ends every page's stream; the browser comes back to another gateway. */
  stop(): void {
    this.stopping.abort();
    clearInterval(this.heart);
    for (const stream of this.streams.values()) stream.cancel();
    for (const page of this.pages) this.drop(page);
  }

  /** Tells this page from now on, or from where it was cut off; the answer ends that. `last` is the id of the last event that it got. */
  open({ user, session, until }: Pick<Person, 'user' | 'session' | 'until'>, sink: Sink, last?: string): () => void {
    if (this.pages.size >= mostPages || [...this.pages].filter((page) => page.user === user).length >= mostPagesOfOne) throw new Refused('OVERLOADED', 'too many pages are open');
    const page: Page = { user, session, until, sink, pending: new Map(), missed: false, full: false, timer: undefined };
    this.pages.add(page);
    const since = this.since(last);
    if (since) {
      merge(page.pending, since);
      this.send(page, [...page.pending.values()]);
      page.pending.clear();
    } else this.hello(page);
    return () => this.drop(page);
  }

  /** Ends what a session that was signed out still has open. */
  leave(session: string): void {
    for (const page of this.pages) if (page.session === session) this.drop(page);
  }

  tell(changes: readonly PageChange[]): void {
    for (const change of changes) this.recent.push({ at: (this.at += 1), change });
    this.recent.splice(0, this.recent.length - kept);
    for (const page of this.pages) {
      if (!page.missed) merge(page.pending, changes);
      if (page.pending.size > mostPending) this.forget(page);
      this.soon(page);
    }
  }

  /** Something was written of which nobody knows what. */
  tellMissed(): void {
    this.recent.length = 0;
    this.at += 1;
    for (const page of this.pages) {
      this.forget(page);
      this.soon(page);
    }
  }

  private async follow(owner: Owner): Promise<void> {
    let position = 0;
    let pause = 0;
    while (!this.stopping.signal.aborted) {
      try {
        const stream = this.ctx.client(ops.Changes, owner).watch({ afterPosition: position }, { deadlineMs: watchMs, metadata: { 'x-caller': 'console' } });
        this.streams.set(owner, stream as unknown as { cancel(): void });
        for await (const batch of stream) {
          // Away from the beginning, it cannot say what was written meanwhile.
          if (batch.missed || (position === 0 && pause > 0)) this.tellMissed();
          pause = 0;
          position = batch.position;
          if (batch.changes.length > 0) this.tell(batch.changes.map((change) => ({ ...change, service: owner })));
        }
      } catch (error) {
        this.ctx.log.debug({ err: error, owner }, 'a service does not tell of its changes; it is asked again');
      }
      pause = Math.min(slowest, Math.max(200, pause * 2));
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  /** What was told since then; undefined where that is not known any more. */
  private since(last: string | undefined): readonly PageChange[] | undefined {
    const [, run, number] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(last ?? '') ?? [];
    const at = Number(number);
    const oldest = this.recent[0]?.at ?? this.at + 1;
    if (run !== this.run || !(at >= oldest - 1) || at > this.at) return undefined;
    return this.recent.filter((one) => one.at > at).map(({ change }) => change);
  }

  private soon(page: Page): void {
    if (page.full || page.timer || (page.pending.size === 0 && !page.missed)) return;
    page.timer = setTimeout(() => {
      page.timer = undefined;
      this.flush(page);
    }, together);
  }

  private flush(page: Page): void {
    if (page.missed) this.hello(page);
    else this.send(page, [...page.pending.values()]);
    page.missed = false;
    page.pending.clear();
  }

  private hello(page: Page): void {
    this.write(page, `id: ${this.run}-${this.at}\nevent: hello\ndata: {}\n\n`);
  }

  private send(page: Page, changes: readonly PageChange[]): void {
    this.write(page, `id: ${this.run}-${this.at}\nevent: change\ndata: ${JSON.stringify(changes)}\n\n`);
  }

  private write(page: Page, text: string): void {
    if (page.sink.write(text)) return;
    page.full = true;
    page.sink.once('drain', () => {
      page.full = false;
      this.soon(page);
    });
  }

  private forget(page: Page): void {
    page.pending.clear();
    page.missed = true;
  }

  private beat(): void {
    for (const page of this.pages) {
      if (page.until <= this.now()) this.drop(page);
      // To one that takes nothing nothing more is written: its connection ends by itself.
      else if (!page.full) this.write(page, ':\n\n');
    }
  }

  private drop(page: Page): void {
    if (!this.pages.delete(page)) return;
    clearTimeout(page.timer);
    page.sink.end();
  }
}

const merge = (pending: Map<string, PageChange>, changes: readonly PageChange[]): void => {
  for (const change of changes) {
    const key = `${change.service} ${change.stream}`;
    const known = pending.get(key);
    pending.set(key, known ? { ...change, types: [...new Set([...known.types, ...change.types])] } : change);
  }
};
