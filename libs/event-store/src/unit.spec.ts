import { describe, expect, it } from '@jest/globals';
import type { Decider } from '@flotilla/decider';
import { ledger, meta } from '../spec/fixture.js';
import { Applied, Baselines, type Baseline } from './baseline.js';
import { lift, upcast } from './recorded.js';
import { TaskUnit, type Slot, type Slots } from './unit.js';

const slot = (over: Partial<Slot> = {}): Slot => ({
  decider: ledger, state: ledger.initial, version: 0, applied: new Applied(), trace: '', read: 1, written: false, ...over,
});
/** Streams, and up to which version each has applied `order-1`. */
const slots = (streams: Readonly<Record<string, Slot>>, applied?: number): Slots => ({ slot: (stream) => streams[stream], applied: () => applied });
const text = JSON.stringify(meta);
const source = { stream: 'order-1', version: 3, id: 'e3', hash: 'aa' };

describe('a unit', () => {
  it('shows what it has decided itself, and guards what it only read', () => {
    const unit = new TaskUnit(slots({ 'ledger-a': slot(), 'ledger-b': slot({ version: 7 }) }), { meta }, text);
    unit.run(ledger, 'a', { type: 'Add', data: { entry: 'x' } });
    expect(unit.state(ledger, 'a').entries).toEqual(['x']);
    expect(unit.version(ledger, 'a')).toBe(1);
    expect(unit.version(ledger, 'b')).toBe(7);
    expect(unit.touched().map(({ stream, before, events }) => [stream, before.version, events.length])).toEqual([['ledger-a', 0, 1], ['ledger-b', 7, 0]]);
  });

  it('drops an event that the stream had applied before, but not its own further writes', () => {
    const seen = new TaskUnit(slots({ 'ledger-a': slot() }, 3), { meta: { ...meta, source } }, text);
    expect(seen.run(ledger, 'a', { type: 'Add', data: { entry: 'x' } })).toEqual([]);
    const fresh = new TaskUnit(slots({ 'ledger-a': slot() }, 2), { meta: { ...meta, source } }, text);
    expect(fresh.run(ledger, 'a', { type: 'Add', data: { entry: 'x' } })).toHaveLength(1);
    expect(fresh.run(ledger, 'a', { type: 'Add', data: { entry: 'y' } })).toHaveLength(1);
    expect(fresh.touched()[0]?.source).toEqual(source);
  });

  it('asks what a long stream has applied', () => {
    const unit = new TaskUnit(slots({ 'ledger-a': slot() }), { meta: { ...meta, source } }, text);
    expect(() => unit.run(ledger, 'a', { type: 'Add', data: { entry: 'x' } })).toThrow();
    expect(unit.missing).toEqual({ stream: 'ledger-a', decider: ledger, source: 'order-1' });
  });

  it('notices an unknown stream even if the task catches the signal', () => {
    const unit = new TaskUnit(slots({}), { meta }, text);
    try {
      unit.state(ledger, 'a');
    } catch {
      // A task may catch everything.
    }
    expect(unit.missing?.stream).toBe('ledger-a');
  });
});

describe('old event versions', () => {
  const old: Decider<number, { type: 'Count'; data: { n: number } }, { type: 'Counted'; data: { n: number } }> = {
    category: 'count', initial: 0, evolve: (sum, event) => sum + event.data.n, decide: () => [], schemaVersions: { Counted: 3 },
    upcasters: { Counted: { 1: (data: { m: string }) => ({ n: data.m }), 2: (data: { n: string }) => ({ n: Number(data.n) }) } },
  };

  it('are lifted step by step', () => {
    expect(upcast(old, 'Counted', 1, { m: '5' })).toEqual({ version: 3, data: { n: 5 } });
    expect(upcast(old, 'Counted', 3, { n: 5 })).toEqual({ version: 3, data: { n: 5 } });
    expect(upcast(old, 'Other', 1, { a: 1 })).toEqual({ version: 1, data: { a: 1 } });
  });

  it('keep everything else of the record', () => {
    const event = { position: 1, stream: 'count-a', version: 1, id: 'i', type: 'Counted', schemaVersion: 2, recordedAt: 't', data: { n: '4' }, meta, hash: 'h' };
    expect(lift(old, event)).toEqual({ ...event, schemaVersion: 3, data: { n: 4 } });
    expect(lift(old, { ...event, type: 'Other' })).toEqual({ ...event, type: 'Other' });
  });
});

describe('baselines', () => {
  const base = (version: number): Baseline => ({ decider: ledger, state: version, version, applied: new Applied(), trace: '' });

  it('never go back', () => {
    const cache = new Baselines(2);
    cache.put('a', base(5));
    cache.put('a', base(4));
    expect(cache.get('a')?.version).toBe(5);
  });

  it('are bounded: the least recently used leave, and so do doubts about what is not known', () => {
    const cache = new Baselines(2);
    cache.put('a', base(1));
    cache.put('b', base(1));
    cache.get('a');
    cache.put('c', base(1));
    expect([cache.get('a'), cache.get('b'), cache.get('c')].map((one) => one?.version)).toEqual([1, undefined, 1]);
    for (let i = 0; i < 100; i += 1) cache.doubt(`unknown-${i}`);
    expect(cache.count()).toMatchObject({ known: 2, doubted: 2 });
  });
});

describe('what a stream has applied', () => {
  it('is known of recent events, and asked for of those that were written down', () => {
    const applied = new Applied();
    applied.remember('order-1', 3, 1);
    expect([applied.of('order-1'), applied.of('order-2')]).toEqual([3, 0]);
    const written = new Map(applied.recent());
    applied.remember('order-1', 4, 2);
    applied.remember('order-2', 1, 3);
    applied.settle(new Map([...written, ['order-2', 1]]), 1);
    expect([applied.of('order-1'), applied.of('order-2'), applied.recent().size]).toEqual([4, undefined, 1]);
    applied.remember('order-0', 9, 1); // an event of the log that es.applied knows
    expect(applied.of('order-0')).toBeUndefined();
  });
});
