import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@flotilla/event-store';
import { eventually } from '@flotilla/testing';
import { partitionName, type Batch, type BatchControl, type BusRecord, type Next, type ReadAhead, type TopicPartition } from './bus.js';
import { Reading } from './reading.js';

const topic = 't';
const at = (partition: number): TopicPartition => ({ topic, partition });
const records = (from: number, count: number, bytes = 10): BusRecord[] => Array.from({ length: count }, (_, i) => ({ offset: from + i, key: 'k', value: Buffer.alloc(bytes), headers: {}, timestamp: 0 }));

/** A reading whose fetching is a spec's hand, and a handler that waits until it is told. */
const world = (options: { readonly concurrency?: number; readonly readAhead?: Partial<ReadAhead> } = {}) => {
  const said: string[] = [];
  const taken: { readonly batch: Batch; readonly control: BatchControl; readonly answer: (next: Next) => void }[] = [];
  const reading = new Reading({
    group: 'g', log: silentLogger, concurrency: options.concurrency ?? 12, ...(options.readAhead === undefined ? {} : { readAhead: options.readAhead }),
    fetching: {
      seek: ({ partition }, offset) => void said.push(`seek ${partition} ${offset}`),
      pause: ({ partition }) => void said.push(`pause ${partition}`),
      resume: ({ partition }) => void said.push(`resume ${partition}`),
    },
    handler: {
      assigned: async (all) => new Map(all.map((one) => [partitionName(one), { at: 0 }])),
      take: (batch, control) => new Promise((answer) => taken.push({ batch, control, answer })),
    },
  });
  const joined = async (...partitions: number[]): Promise<void> => {
    reading.join(partitions.map(at));
    await eventually(() => expect(reading.running()).toBe(true));
    said.length = 0;
  };
  return { reading, said, taken, joined };
};

describe('what is read ahead', () => {
  it('goes to the handler together, as much as came while it was busy; one batch of a partition at a time', async () => {
    const { reading, taken, joined } = world();
    await joined(0);
    reading.arrived(at(0), records(0, 2), 10, 2);
    reading.arrived(at(0), records(2, 3), 10, 5);
    reading.arrived(at(0), records(5, 1), 10, 6);
    expect(taken.map(({ batch }) => batch.records.map(({ offset }) => offset))).toEqual([[0, 1]]);
    taken[0]!.answer({ at: 2 });
    await eventually(() => expect(taken).toHaveLength(2));
    expect(taken[1]!.batch.records.map(({ offset }) => offset)).toEqual([2, 3, 4, 5]);
  });

  it('is bounded per partition: a full one is not fetched until half of it is handled', async () => {
    const { reading, said, taken, joined } = world({ readAhead: { perPartition: 10_000 } });
    await joined(0, 1);
    for (let n = 0; n < 12 && !said.includes('pause 0'); n += 1) reading.arrived(at(0), records(n, 1, 1_000), 99, n + 1);
    expect(said).toEqual(['pause 0']);
    expect(reading.cost).toBeLessThan(10_000 + 2_024);
    taken[0]!.answer({ at: 1 });
    await eventually(() => expect(taken).toHaveLength(2));
    expect(said).toEqual(['pause 0']); // one of five is handled
    taken[1]!.answer({ at: 4 });
    await eventually(() => expect(said).toEqual(['pause 0', 'resume 0']));
  });

  it('is bounded in all, in equal shares: partitions whose handler waits leave the others their room', async () => {
    const { reading, said, joined } = world({ readAhead: { perPartition: 1_000_000, inAll: 40_000 } });
    await joined(0, 1, 2, 3);
    for (const partition of [0, 1, 2]) {
      for (let n = 0; n < 100 && !said.includes(`pause ${partition}`); n += 1) reading.arrived(at(partition), records(n, 1, 1_000), 200, n + 1);
    }
    expect(said).toEqual(['pause 0', 'pause 1', 'pause 2']);
    expect(reading.cost).toBeLessThan(40_000);
    reading.arrived(at(3), records(0, 1), 1, 1);
    expect(said).not.toContain('pause 3');
  });

  it('keeps what came behind a message that has to wait, and asks for nothing again', async () => {
    const { reading, said, taken, joined } = world();
    await joined(0);
    reading.arrived(at(0), records(0, 3), 3, 3);
    taken[0]!.answer({ at: 1, waitMs: 20 });
    await eventually(() => expect(taken).toHaveLength(2));
    expect(taken[1]!.batch.records.map(({ offset }) => offset)).toEqual([1, 2]);
    expect(said).toEqual([]);
  });

  it('is thrown away when the handler goes back, or ahead of it', async () => {
    const { reading, said, taken, joined } = world();
    await joined(0);
    reading.arrived(at(0), records(5, 3), 9, 8);
    taken[0]!.answer({ at: 2 });
    await eventually(() => expect(said).toEqual(['seek 0 2']));
    expect(reading.cost).toBe(0);
    reading.arrived(at(0), records(2, 1), 9, 3);
    taken[1]!.answer({ at: 100 });
    await eventually(() => expect(said).toEqual(['seek 0 2', 'seek 0 100']));
  });

  it('is void under a new assignment: its batches are told to end, and their answers change nothing', async () => {
    const { reading, said, taken, joined } = world();
    await joined(0);
    reading.arrived(at(0), records(0, 3), 3, 3);
    expect(taken[0]!.control.ending()).toBe(false);
    reading.join([at(1)]);
    expect(taken[0]!.control.ending()).toBe(true);
    expect([reading.running(), reading.wants(at(0)), reading.cost]).toEqual([false, false, 0]);
    taken[0]!.answer({ at: 1, stop: true });
    await eventually(() => expect(reading.running()).toBe(true));
    expect(said).toEqual(['seek 1 0']);
    reading.arrived(at(0), records(3, 1), 4, 4); // fetched before
    expect(taken).toHaveLength(1);
  });

  it('is handled by as many hands as allowed, first come, first served', async () => {
    const { reading, taken, joined } = world({ concurrency: 2 });
    await joined(0, 1, 2, 3);
    for (const partition of [2, 0, 3, 1]) reading.arrived(at(partition), records(0, 1), 1, 1);
    expect(taken.map(({ batch }) => batch.partition)).toEqual([2, 0]);
    taken[1]!.answer({ at: 1 });
    await eventually(() => expect(taken.map(({ batch }) => batch.partition)).toEqual([2, 0, 3]));
  });
});
