import type { Span, Tracer } from '@opentelemetry/api';
import { Refused } from '@flotilla/decider';
import { StaleOffset, TaskFailed, type EventStore, type Logger, type Meta, type Task, type Unit } from '@flotilla/event-store';
import type { BatchControl, BusRecord, TopicPartition } from './bus.js';
import { toIncoming, type Incoming } from './cloud-events.js';
import type { Handler } from './handler.js';
import { lot, lotId, parked, parkedId, waitingFor } from './parked.decider.js';
import { reasonOf } from './parked-messages.js';
import { sealRecord } from './parked-payload.js';
import { isTransient, type PolicyFunction } from './policy.js';
import { storableText } from './storable-text.js';
import { chunkSeconds, endSpan, isSampled, messageAge, messages, processSpan, traceparentOf } from './telemetry.js';

export interface IntakeOptions {
  readonly store: EventStore;
  readonly consumer: string;
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly prepare?: (messages: readonly Incoming[]) => Promise<readonly unknown[]>;
  readonly seal: (text: string, key: string) => Promise<string>;
  readonly policy: PolicyFunction;
  readonly lotLimit: number;
  readonly tracer: Tracer;
  readonly log: Logger;
}

/** What a partition does after a chunk. `wait`: something that passes; `full`: until a person made room; `stale`: another owner. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'ending' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'wait' | 'full' | 'stop'; readonly error: unknown };

type Fate = { readonly kind: 'handle' } | { readonly kind: 'skip' } | { readonly kind: 'park'; readonly error: unknown };

interface Entry {
  readonly record: BusRecord;
  /** The record's, as it can be stored. */
  readonly key: string;
  readonly message?: Incoming;
  readonly handler?: Handler;
  prepared?: unknown;
  fate: Fate;
  sealed?: string;
  span?: Span;
  /** What its task decided last. */
  became?: 'handled' | 'parked';
}

/** The messages of one partition on their way into the event store. */
export class PartitionIntake {
  /** Where the next chunk begins. */
  next: number;
  /** The offset as the event store has it: behind `next` after messages that nobody here asks for. */
  stored: number;
  high: number;
  /** Keys that may be parked: never too few, since only the partition's owner parks; others only free. */
  readonly #keys: Set<string>;
  readonly #lot: string;
  /** One after the other: both move the offset. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly is: IntakeOptions,
    readonly at: TopicPartition,
    start: { readonly next: number; readonly high: number; readonly keys: Iterable<string> },
  ) {
    this.next = start.next;
    this.stored = start.next;
    this.high = start.high;
    this.#keys = new Set(start.keys);
    this.#lot = lotId(is.consumer, at.topic, at.partition);
  }

  /** Keys that may be parked. */
  get parkedKeys(): number {
    return this.#keys.size;
  }

  /** Takes in records in order, from `this.next` on. What is written or passed over moves `this.next`. */
  take(records: readonly BusRecord[], control: BatchControl): Promise<Outcome> {
    return this.#inTurn(() => this.#take(records, control));
  }

  /**
   * Writes down how far messages were passed over. If it fails they are passed over again, some time. If another owner moved the offset, one who
   * was just leaving, it goes on from there: what lies between was for nobody here.
   */
  keep(keysNow: () => Promise<Iterable<string>>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.stored >= this.next) return;
      const { store, consumer } = this.is;
      try {
        await store.intake([], { consumer, ...this.at, from: this.stored, next: this.next });
      } catch (error) {
        if (!(error instanceof StaleOffset)) throw error;
        for (const key of await keysNow()) this.#keys.add(key);
        this.stored = (await store.offset(consumer, this.at.topic, this.at.partition)) ?? this.stored;
        this.next = Math.max(this.next, this.stored);
        return;
      }
      this.stored = this.next;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #take(records: readonly BusRecord[], control: BatchControl): Promise<Outcome> {
    const entries = records.map((record) => this.#enter(record));
    const start = performance.now();
    let failure: unknown;
    try {
      const verdict = await this.#prepare(entries);
      if (verdict !== undefined) return verdict;
      for (const entry of entries) this.#startSpan(entry);
      const outcome = await this.#write(entries, control);
      if ('error' in outcome) failure = outcome.error;
      else if (entries.some(({ became }) => became !== undefined)) chunkSeconds.observe({ consumer: this.is.consumer }, (performance.now() - start) / 1_000);
      return outcome;
    } catch (error) {
      failure = error;
      if (error instanceof StaleOffset) return { kind: 'stale' };
      return { kind: 'wait', error };
    } finally {
      for (const { span } of entries) if (span !== undefined) endSpan(span, failure);
    }
  }

  #enter(record: BusRecord): Entry {
    const key = storableText(record.key);
    let message: Incoming;
    try {
      message = toIncoming(this.at, record);
    } catch (error) {
      return { record, key, fate: { kind: 'park', error } };
    }
    const handler = Object.hasOwn(this.is.handlers, message.type) ? this.is.handlers[message.type] : undefined;
    const wanted = handler !== undefined && handler.wants?.(message) !== false;
    if (!wanted) messages.inc({ consumer: this.is.consumer, type: handler === undefined ? 'other' : message.type, outcome: 'unwanted' });
    return !wanted ? { record, key, message, fate: { kind: 'skip' } } : { record, key, message, handler, fate: { kind: 'handle' } };
  }

  // Questions to others, asked for the whole chunk; if that fails, for each message, to see whose fault it was.
  async #prepare(entries: readonly Entry[]): Promise<Outcome | undefined> {
    const { prepare } = this.is;
    const handled = entries.filter((entry) => entry.fate.kind === 'handle');
    if (prepare === undefined || handled.length === 0) return undefined;
    try {
      const prepared = await prepare(handled.map(({ message }) => message!));
      handled.forEach((entry, index) => (entry.prepared = prepared[index]));
      return undefined;
    } catch (error) {
      if (isTransient(error)) return { kind: 'wait', error };
    }
    for (const entry of handled) {
      try {
        [entry.prepared] = await prepare([entry.message!]);
      } catch (error) {
        const verdict = this.#judge(entry, error);
        if (verdict !== undefined) return verdict;
      }
    }
    return undefined;
  }

  /** Decides what becomes of a message that failed; an outcome if the partition has to wait or stop. */
  #judge(entry: Entry, error: unknown): Outcome | undefined {
    if (error instanceof Refused && error.reason === 'PARKING_LOT_FULL') return { kind: 'full', error };
    if (entry.fate.kind === 'park') return { kind: 'wait', error }; // parking itself failed
    const policy = entry.message === undefined ? 'park' : this.is.policy(error, entry.message);
    const fields = { ...this.at, consumer: this.is.consumer, offset: entry.record.offset, id: entry.message?.id, type: entry.message?.type, reason: reasonOf(error), err: error };
    if (entry.span !== undefined) endSpan(entry.span, error);
    delete entry.span;
    switch (policy) {
      case 'retry':
        return { kind: 'wait', error };
      case 'stop':
        this.is.log.error(fields, 'a message failed; by policy its partition stands still');
        return { kind: 'stop', error };
      case 'skip':
        this.is.log.warn(fields, 'a message failed and is skipped');
        this.#count(entry, 'skipped');
        entry.fate = { kind: 'skip' };
        return undefined;
      case 'park':
        this.is.log.warn(fields, 'a message failed; its key is parked');
        entry.fate = { kind: 'park', error };
        return undefined;
    }
  }

  async #write(entries: readonly Entry[], control: BatchControl): Promise<Outcome> {
    let rest = entries;
    let size = rest.length;
    while (rest.length > 0) {
      if (control.ending()) return { kind: 'ending' };
      const part = rest.slice(0, size);
      const doing = await this.#doing(part);
      const next = part.at(-1)!.record.offset + 1;
      try {
        // Nothing but what is passed over: no transaction for that.
        if (doing.length > 0) {
          await this.is.store.intake(doing.map(({ task }) => task), { consumer: this.is.consumer, ...this.at, from: this.stored, next }, doing.map(({ entry }) => entry.record.offset + 1));
          this.stored = next;
        }
      } catch (error) {
        if (!(error instanceof TaskFailed)) throw error;
        this.stored = error.next; // part of it may stand
        this.next = Math.max(this.next, error.next);
        const failed = doing[error.index]!.entry;
        const verdict = this.#judge(failed, error.cause);
        rest = rest.filter(({ record }) => record.offset >= this.next);
        const before = rest.findIndex(({ record }) => record.offset === failed.record.offset);
        if (verdict !== undefined && before <= 0) return verdict;
        size = before > 0 ? before : rest.length; // what stands before it goes first, so that it is not decided again and again
        continue;
      }
      this.next = next;
      this.#settled(doing);
      rest = rest.slice(part.length);
      size = rest.length;
    }
    return { kind: 'done' };
  }

  async #doing(part: readonly Entry[]): Promise<readonly { readonly entry: Entry; readonly task: Task<unknown> }[]> {
    const doing: { readonly entry: Entry; readonly task: Task<unknown> }[] = [];
    for (const entry of part) {
      if (entry.fate.kind === 'skip') continue;
      if (entry.fate.kind === 'park') this.#keys.add(entry.key);
      if (this.#keys.has(entry.key)) entry.sealed ??= await sealRecord(entry.record, this.is.seal);
      doing.push({ entry, task: this.#task(entry) });
    }
    return doing;
  }

  #task(entry: Entry): Task<unknown> {
    const { record, key, message, handler, fate, span } = entry;
    const meta = metaOf(this.is.consumer, this.at, record, message, span);
    const mayBeParked = this.#keys.has(key);
    const id = parkedId(this.is.consumer, this.at.topic, this.at.partition, key);
    const parking: Task['streams'] = mayBeParked ? [[lot, this.#lot], [parked, id]] : [];
    return {
      meta,
      streams: [...parking, ...(fate.kind === 'handle' ? streamsOf(handler!, message!, entry.prepared) : [])],
      decide: (unit) => {
        entry.became = 'parked';
        if (fate.kind === 'park') return this.#park(unit, id, entry, reasonOf(fate.error), fate.error instanceof Error ? fate.error.message : String(fate.error));
        if (mayBeParked && waitingFor(unit.state(lot, this.#lot), key) > 0) {
          return this.#park(unit, id, entry, 'BEHIND_PARKED', 'an earlier message of this key is parked');
        }
        entry.became = 'handled';
        return handler!.handle(message!, unit, entry.prepared);
      },
    };
  }

  #park(unit: Unit, id: string, { record, key, message, sealed }: Entry, reason: string, detail: string): void {
    const data = {
      consumer: this.is.consumer, ...this.at, offset: record.offset, key, id: message?.id ?? '', type: message?.type ?? '',
      source: message?.source ?? { stream: '', version: 0, id: '', hash: '' }, reason, detail: storableText(detail), payload: sealed ?? '',
    };
    if (unit.run(parked, id, { type: 'ParkMessage', data }).length > 0) unit.run(lot, this.#lot, { type: 'Take', data: { key, limit: this.is.lotLimit } });
  }

  #settled(doing: readonly { readonly entry: Entry }[]): void {
    const now = Date.now();
    for (const { entry } of doing) {
      if (entry.became === 'parked') this.#keys.add(entry.key);
      else this.#keys.delete(entry.key); // somebody replayed it meanwhile
      this.#count(entry, entry.became ?? 'handled');
      const happened = Date.parse(entry.message?.time ?? '');
      if (!Number.isNaN(happened)) messageAge.observe({ consumer: this.is.consumer }, Math.max(0, now - happened) / 1_000, entry.span?.spanContext());
    }
  }

  // By types that have a handler: any other is whatever somebody wrote into a header.
  #count({ message, handler }: Entry, outcome: string): void {
    messages.inc({ consumer: this.is.consumer, type: handler === undefined || message === undefined ? 'other' : message.type, outcome });
  }

  #startSpan(entry: Entry): void {
    const { message, fate, record } = entry;
    if (fate.kind !== 'handle' || !isSampled(message?.traceparent)) return;
    entry.span = processSpan(this.is.tracer, this.at.topic, this.at.partition, record.offset, this.is.consumer, message.traceparent);
  }
}

/** Who caused the events that a message's handler decides. */
export const metaOf = (consumer: string, at: TopicPartition, record: Pick<BusRecord, 'offset'>, message: Incoming | undefined, span?: Span): Meta => {
  const actor = `service:${consumer}`;
  if (message === undefined) {
    const id = `${at.topic}/${at.partition}/${record.offset}`;
    return { correlation: id, causation: id, actor };
  }
  const traceparent = span === undefined ? message.traceparent : traceparentOf(span);
  return { correlation: message.correlation, causation: message.id, actor, source: message.source, ...(traceparent === undefined ? {} : { traceparent }) };
};

// A handler that cannot even name its streams fails in `handle` again, where it is judged.
const streamsOf = (handler: Handler, message: Incoming, prepared: unknown): Task['streams'] => {
  try {
    return handler.streams?.(message, prepared) ?? [];
  } catch {
    return [];
  }
};
