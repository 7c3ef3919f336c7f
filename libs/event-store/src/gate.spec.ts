import { describe, expect, it } from '@jest/globals';
import { Gate } from './gate.js';
import { latch, type Latch } from './latch.js';

describe('the gate', () => {
  it('lets first attempts by together, repeated ones alone, nobody past those who wait', async () => {
    const gate = new Gate();
    const story: string[] = [];
    const ends: Record<string, Latch> = {};
    const go = (name: string, alone: boolean): Promise<void> =>
      gate.pass(alone, async () => {
        story.push(`+${name}`);
        await (ends[name] = latch()).promise;
        story.push(`-${name}`);
      });
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const all = [go('a', false), go('b', false), go('c', true), go('d', false), go('e', false)];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await turn();
      ends[name]?.open();
    }
    await Promise.all(all);
    expect(story).toEqual(['+a', '+b', '-a', '-b', '+c', '-c', '+d', '+e', '-d', '-e']);
  });

  it('opens again after a failure', async () => {
    const gate = new Gate();
    await expect(gate.pass(true, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await gate.pass(true, () => Promise.resolve('in'))).toBe('in');
  });
});
