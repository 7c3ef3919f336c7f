import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { quietLog } from '@flotilla/testing';
import { Changes, type PageChange, type Sink } from './changes.js';

const change = (id: string, type = 'OrderPlaced', position = 1): PageChange => ({ service: 'order-core', stream: `order-${id}`, category: 'order', id, types: [type], position });
const ann = { user: 'ann', session: 's-1', until: Date.now() + 3_600_000 };

/** A page as its socket shows it; `takes` says whether the socket takes more. */
interface TestPage {
  readonly written: string[];
  takes: boolean;
  ended: boolean;
  readonly sink: Sink;
  drain(): void;
  events(): readonly { readonly event: string; readonly data: PageChange[] }[];
  lastId(): string | undefined;
}

const page = (): TestPage => {
  const written: string[] = [];
  let drained: (() => void) | undefined;
  const self: TestPage = {
    written,
    takes: true,
    ended: false,
    sink: {
      write: (text: string) => {
        written.push(text);
        return self.takes;
      },
      once: (_event: 'drain', listener: () => void) => (drained = listener),
      end: () => (self.ended = true),
    },
    drain: () => {
      self.takes = true;
      drained?.();
    },
    events: () =>
      written.flatMap((text) => {
        const [, event = '', data = ''] = /event: (\w+)\ndata: (.*)\n\n$/.exec(text) ?? [];
        return event === '' ? [] : [{ event, data: JSON.parse(data) as PageChange[] }];
      }),
    lastId: () => /id: (\S+)/.exec(written.findLast((text) => text.startsWith('id:')) ?? '')?.[1],
  };
  return self;
};

describe('what pages are told (OPS-01)', () => {
  let changes: Changes;
  beforeEach(() => {
    jest.useFakeTimers();
    changes = new Changes({ client: () => { throw new Error('no service is asked here'); }, log: quietLog() });
  });
  afterEach(() => {
    changes.stop();
    jest.useRealTimers();
  });

  it('a page is greeted, and then told what is written, once per stream of a moment', () => {
    const one = page();
    changes.open(ann, one.sink);
    expect(one.events()).toMatchObject([{ event: 'hello' }]);
    changes.tell([change('1'), change('2')]);
    changes.tell([change('1', 'OrderHeld', 5)]);
    jest.advanceTimersByTime(100);
    expect(one.events().slice(1)).toEqual([{ event: 'change', data: [{ ...change('1', 'OrderHeld', 5), types: ['OrderPlaced', 'OrderHeld'] }, change('2')] }]);
  });

  it('a page that takes nothing is told what it missed when it does, and keeps nobody waiting', () => {
    const [slow, quick] = [page(), page()];
    changes.open(ann, slow.sink);
    changes.open(ann, quick.sink);
    slow.takes = false;
    changes.tell([change('1')]);
    jest.advanceTimersByTime(100);
    for (const id of ['2', '3']) {
      changes.tell([change(id)]);
      jest.advanceTimersByTime(1_000);
    }
    expect(slow.events().slice(1)).toEqual([{ event: 'change', data: [change('1')] }]);
    expect(quick.events().slice(1).flatMap(({ data }) => data)).toEqual([change('1'), change('2'), change('3')]);
    slow.drain();
    jest.advanceTimersByTime(100);
    expect(slow.events().at(-1)).toEqual({ event: 'change', data: [change('2'), change('3')] });
  });

  it('OPS-06: what is kept for a slow page is bounded: beyond that it is told to ask everything again', () => {
    const slow = page();
    changes.open(ann, slow.sink);
    slow.takes = false;
    changes.tell([change('first')]);
    jest.advanceTimersByTime(100);
    for (let at = 0; at < 50; at += 1) changes.tell(Array.from({ length: 100 }, (_, n) => change(`${at}-${n}`)));
    jest.advanceTimersByTime(60_000);
    expect(slow.written).toHaveLength(2);
    slow.drain();
    jest.advanceTimersByTime(100);
    expect(slow.events().at(-1)).toMatchObject({ event: 'hello' });
    expect(slow.written.join('').length).toBeLessThan(2_000);
    changes.tell([change('later')]);
    jest.advanceTimersByTime(100);
    expect(slow.events().at(-1)).toEqual({ event: 'change', data: [change('later')] });
  });

  it('a page that was cut off goes on where it was; one that nobody remembers asks everything again', () => {
    const before = page();
    const leave = changes.open(ann, before.sink);
    changes.tell([change('1')]);
    jest.advanceTimersByTime(100);
    leave();
    expect(before.ended).toBe(true);
    changes.tell([change('2')]);
    const [back, stranger, ahead, old] = [page(), page(), page(), page()];
    changes.open(ann, back.sink, before.lastId());
    expect(back.events()).toEqual([{ event: 'change', data: [change('2')] }]);
    changes.open(ann, stranger.sink, 'deadbeef-1');
    changes.open(ann, ahead.sink, before.lastId()!.replace(/\d+$/, '999'));
    expect([...stranger.events(), ...ahead.events()]).toMatchObject([{ event: 'hello' }, { event: 'hello' }]);
    changes.tell(Array.from({ length: 2_001 }, (_, n) => change(String(n))));
    changes.open(ann, old.sink, before.lastId());
    expect(old.events()).toMatchObject([{ event: 'hello' }]);
  });

  it('when nobody knows what was written, every page asks again', () => {
    const one = page();
    changes.open(ann, one.sink);
    changes.tell([change('1')]);
    changes.tellMissed();
    jest.advanceTimersByTime(100);
    expect(one.events().map(({ event }) => event)).toEqual(['hello', 'hello']);
    const after = page();
    changes.open(ann, after.sink, one.lastId());
    expect(after.events()).toEqual([{ event: 'change', data: [] }]);
  });

  it('OPS-07: a page ends with its session: over, signed out, or the gateway stops', () => {
    const [short, left, last] = [page(), page(), page()];
    changes.open({ ...ann, until: Date.now() + 20_000 }, short.sink);
    changes.open({ ...ann, session: 's-2' }, left.sink);
    changes.open({ ...ann, session: 's-3' }, last.sink);
    changes.leave('s-2');
    expect(left.ended).toBe(true);
    jest.advanceTimersByTime(15_000);
    expect([short.ended, short.written.at(-1)]).toEqual([false, ':\n\n']);
    jest.advanceTimersByTime(15_000);
    expect([short.ended, last.ended]).toEqual([true, false]);
    changes.stop();
    expect(last.ended).toBe(true);
    changes.tell([change('1')]);
    jest.advanceTimersByTime(1_000);
    expect(left.events()).toHaveLength(1);
  });

  it('OPS-06: one person has at most thirty pages', () => {
    const all = Array.from({ length: 30 }, () => changes.open(ann, page().sink));
    expect(() => changes.open(ann, page().sink)).toThrow('too many pages are open');
    expect(() => changes.open({ ...ann, user: 'bo' }, page().sink)).not.toThrow();
    all[0]!();
    expect(() => changes.open(ann, page().sink)).not.toThrow();
  });
});
