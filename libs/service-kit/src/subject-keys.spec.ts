import { randomBytes } from 'node:crypto';
import type { Client, ingest } from '@flotilla/contracts';
import { seal } from '@flotilla/values';
import { describe, expect, it } from '@jest/globals';
import { SubjectKeys } from './subject-keys.js';

const world = (capacity?: number) => {
  const keys = new Map<string, Uint8Array>();
  const asked: string[][] = [];
  const client = {
    get: async ({ subjects = [] }: { subjects?: readonly string[] }) => {
      asked.push([...subjects]);
      return { keys: subjects.map((subject) => ({ subject, key: keys.get(subject) ?? new Uint8Array() })) };
    },
  } as unknown as Client<ingest.SubjectKeysRpc>;
  const sealed = (subject: string, text: string): string => {
    if (!keys.has(subject)) keys.set(subject, randomBytes(32));
    return seal(keys.get(subject)!, subject, 'name', text);
  };
  return { keys, asked, sealed, subject: new SubjectKeys(() => client, capacity) };
};

describe('subject keys', () => {
  it('OPS-07: opens in order with one question per 500 people, "" for "" and for the erased', async () => {
    const { subject, sealed, asked, keys } = world();
    const texts = [sealed('s1', 'Maria'), '', sealed('s2', 'Li'), sealed('s1', 'Lopez')];
    keys.delete('s2');
    expect(await subject.open(texts)).toEqual(['Maria', '', '', 'Lopez']);
    expect(await subject.open(texts.slice(0, 1))).toEqual(['Maria']);
    expect(asked).toEqual([['s1', 's2']]);
    await subject.open(Array.from({ length: 1_001 }, (_, n) => sealed(`many-${n}`, 'x')));
    expect(asked.slice(1).map(({ length }) => length)).toEqual([500, 500, 1]);
  });

  it('OPS-07: nobody who is known reads as erased when the cache is emptied', async () => {
    const { subject, sealed } = world(2);
    const first = sealed('first', 'Maria');
    await subject.open([first]);
    await subject.open(['a', 'b', 'c'].map((name) => sealed(name, 'x')));
    expect(await subject.open([first, sealed('new', 'Li')])).toEqual(['Maria', 'Li']);
    // While one question is under way another one empties the cache.
    const both = await Promise.all([subject.open([first, sealed('d', 'D')]), subject.open(['e', 'f', 'g'].map((name) => sealed(name, 'x'))), subject.open([sealed('h', 'x')])]);
    expect(both[0]).toEqual(['Maria', 'D']);
  });

  it('OPS-07: what is sealed and opened at once is one question', async () => {
    const { subject, sealed, asked } = world();
    const known = sealed('s0', 'Li');
    for (const name of ['s1', 's2']) sealed(name, 'x');
    const [opened, ...all] = await Promise.all([subject.open([known]), ...['s1', 's2', 's1'].map((name) => subject.seal(name, 'name', name))]);
    expect(opened).toEqual(['Li']);
    expect(await subject.open(all)).toEqual(['s1', 's2', 's1']);
    expect(asked).toEqual([['s0', 's1', 's2']]);
  });

  it('seals with the subject’s key, and refuses for an erased one', async () => {
    const { subject, sealed } = world();
    sealed('s1', 'x');
    expect(await subject.open([await subject.seal('s1', 'name', 'Maria')])).toEqual(['Maria']);
    expect(await subject.seal('s1', 'name', '')).toBe('');
    await expect(subject.seal('gone', 'name', 'Maria')).rejects.toMatchObject({ reason: 'SUBJECT_ERASED' });
  });
});
