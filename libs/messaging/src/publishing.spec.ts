import { describe, expect, it } from '@jest/globals';
import type { BusMessage } from './bus.js';
import { publishing, type PlacedMessage } from './publishing.js';

const message = (key: string, bytes = 1): BusMessage => ({ topic: 't', key, value: 'x'.repeat(bytes), headers: {} });

describe('what goes out', () => {
  it('goes one call after the other, also when one fails', async () => {
    const log: string[] = [];
    const { publish } = publishing({
      partitions: async () => 12,
      send: async ([first]) => {
        log.push(`${first!.key} begins`);
        await new Promise(setImmediate);
        log.push(`${first!.key} ends`);
        if (first!.key === 'b') throw new Error('lost');
      },
    });
    const sent = ['a', 'b', 'c'].map((key) => publish([message(key)]));
    expect((await Promise.allSettled(sent)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('is bounded while the broker is away: calls beyond 1,000 are refused, and taken again when it is back', async () => {
    let back: () => void = () => undefined;
    const away = new Promise<void>((resolve) => (back = resolve));
    const { publish } = publishing({ partitions: async () => 12, send: () => away });
    const waiting = Array.from({ length: 1_000 }, () => publish([message('k')]));
    await expect(publish([message('k')])).rejects.toMatchObject({ name: 'TooManyPublishes', waiting: 1_000 });
    back();
    await Promise.all(waiting);
    await publish([message('k')]);
  });

  it('is split where it is too much for a partition, in order', async () => {
    const requests: (readonly PlacedMessage[])[] = [];
    const { publish } = publishing({ partitions: async () => 2, send: async (messages) => void requests.push(messages) });
    const [a, b] = ['a', 'b'] as const;
    await publish([message(a, 500_000), message(b, 10), message(a, 500_000), message(b, 20), message(a, 30)]);
    const of = (key: string): number[][] => requests.map((request) => request.filter((one) => one.key === key).map(({ value }) => value.length));
    expect(of(a)).toEqual([[500_000], [500_000, 30]]);
    expect(of(b).flat()).toEqual([10, 20]);
  });

  it('ends with the last call, and takes none after', async () => {
    const sent: string[] = [];
    const sending = publishing({ partitions: async () => 12, send: async ([first]) => (await new Promise(setImmediate), void sent.push(first!.key)) });
    const last = sending.publish([message('last')]);
    await new Promise(setImmediate);
    await Promise.all([sending.close(), last]);
    await expect(sending.publish([message('late')])).rejects.toThrow('the bus is closed');
    expect(sent).toEqual(['last']);
  });
});
