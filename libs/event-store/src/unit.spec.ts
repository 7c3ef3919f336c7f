import { describe, expect, it } from '@jest/globals';
import type { Decider } from '@flotilla/decider';
import { ledger, meta } from '../spec/fixture.js';
import { Baselines, type Baseline } from './baseline.js';
import { lift, upcast } from './recorded.js';
import { TaskUnit, type Slot } from './unit.js';

const slot = (over: Partial<Slot> = {}): Slot => ({
  decider: ledger, state: ledger.initial, version: 0, applied: new Map(), trace: '', applying: new Map(), cached: false, written: false, ...over,
});
const source = { stream: 'order-1', version: 3, id: 'e3', hash: 'aa' };

describe('a unit', () => {
  it('shows what it has decided itself, and guards what it only read', () => {
    const unit = new TaskUnit(new Map([['ledger-a', slot()], ['ledger-b', slot({ version: 7 })]]), { meta });
    unit.run(ledger, 'a', { type: 'Add', data: { entry: 'x' } });
    expect(unit.state(ledger, 'a').entries).toEqual(['x']);
    expect(unit.version(ledger, 'a')).toBe(1);
    expect(unit.version(ledger, 'b')).toBe(7);
    expect(unit.touched().map(({ stream, before, events }) => [stream, before.version, events.length])).toEqual([['ledger-a', 0, 1], ['ledger-b', 7, 0]]);
  });

  it('drops an event that the stream had applied before, but not its own further writes', () => {
    const seen = new TaskUnit(new Map([['ledger-a', slot({ applied: new Map([['order-1', 3]]) })]]), { meta: { ...meta, source } });
    expect(seen.run(ledger, 'a', { type: 'Add', data: { entry: 'x' } })).toEqual([]);
    const fresh = new TaskUnit(new Map([['ledger-a', slot({ applied: new Map([['order-1', 2], ['order-2', 9]]) })]]), { meta: { ...meta, source } });
    expect(fresh.run(ledger, 'a', { type: 'Add', data: { entry: 'x' } })).toHaveLength(1);
    expect(fresh.run(ledger, 'a', { type: 'Add', data: { entry: 'y' } })).toHaveLength(1);
    expect(fresh.touched()[0]?.after.applying.get('order-1')).toBe(3);
  });

  it('drops what a task before it in the group applied', () => {
    const unit = new TaskUnit(new Map([['ledger-a', slot({ applying: new Map([['order-1', 3]]) })]]), { meta: { ...meta, source } });
    expect(unit.run(ledger, 'a', { type: 'Add', data: { entry: 'x' } })).toEqual([]);
  });

  it('notices an unknown stream even if the task catches the signal', () => {
    const unit = new TaskUnit(new Map(), { meta });
    try {
      unit.state(ledger, 'a');
    } catch {
      // A task may catch everything.
    }
    expect(unit.missing?.[0]).toBe('ledger-a');
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
  const base = (version: number): Baseline => ({ decider: ledger, state: version, version, applied: new Map(), trace: '' });

  it('never go back', () => {
    const cache = new Baselines(2);
    cache.put('a', base(5));
    cache.put('a', base(4));
    expect(cache.get('a')?.version).toBe(5);
  });

  it('forget the least recently used', () => {
    const cache = new Baselines(2);
    cache.put('a', base(1));
    cache.put('b', base(1));
    cache.get('a');
    cache.put('c', base(1));
    expect([cache.get('a'), cache.get('b'), cache.get('c')].map((one) => one?.version)).toEqual([1, undefined, 1]);
  });
});
