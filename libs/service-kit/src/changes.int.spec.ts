import { connect, ops, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kit, type Kit } from '../spec/fixture.js';
import type { Running } from './index.js';

jest.setTimeout(60_000);

describe('changes of a service, watched over gRPC', () => {
  let world: Kit;
  let service: Running;
  let changes: Client<ops.ChangesRpc>;
  const open: { cancel(): void }[] = [];
  beforeAll(async () => {
    world = await kit();
    service = await world.start();
    changes = connect(ops.Changes, service.grpc, { audience: service.ctx.name });
  });
  afterAll(async () => {
    changes.close();
    await service.stop();
    await world.end();
  });

  const watch = (request: { readonly afterPosition?: number; readonly categories?: readonly string[] } = {}) => {
    const stream = changes.watch(request, { deadlineMs: 60_000 });
    open.push(stream as unknown as { cancel(): void });
    const batches: ops.ChangeBatch[] = [];
    let ended = false;
    void (async () => {
      try {
        for await (const batch of stream) batches.push(batch);
      } catch {
        // cancelled by the spec
      }
      ended = true;
    })();
    return { batches, cancel: () => (stream as unknown as { cancel(): void }).cancel(), ended: () => ended };
  };

  it('OPS-01: says at once where the log is, and then what is written, with names alone', async () => {
    const { batches, cancel } = watch();
    await eventually(() => expect(batches).toEqual([{ changes: [], position: expect.any(Number), missed: false }]));
    await world.ask('watched', { text: 'a secret of somebody' });
    await eventually(() => expect(batches.flatMap(({ changes: all }) => all)).toContainEqual({ stream: 'note-watched', category: 'note', id: 'watched', types: ['NoteWritten'], position: expect.any(Number) }));
    expect(JSON.stringify(batches)).not.toContain('secret');
    cancel();
  });

  it('OPS-01: goes on after the position at which a watcher was cut off, and of its categories alone', async () => {
    const first = watch({ categories: ['note'] });
    await eventually(() => first.batches.length > 0);
    await world.ask('before', { text: 'x' });
    await eventually(() => expect(first.batches.flatMap(({ changes: all }) => all.map(({ id }) => id))).toContain('before'));
    first.cancel();
    const { position } = first.batches.at(-1)!;
    await world.ask('meanwhile', { text: 'x' });
    await eventually(async () => expect(await service.ctx.store.read('note-meanwhile')).toHaveLength(1));
    const second = watch({ afterPosition: position, categories: ['note'] });
    await eventually(() => expect(second.batches.flatMap(({ changes: all }) => all.map(({ id }) => id))).toEqual(['meanwhile']));
    const others = watch({ afterPosition: position, categories: ['nothing'] });
    await world.ask('later', { text: 'x' });
    await eventually(() => expect(second.batches.flatMap(({ changes: all }) => all.map(({ id }) => id))).toEqual(['meanwhile', 'later']));
    expect(others.batches.flatMap(({ changes: all }) => all)).toEqual([]);
    second.cancel();
    others.cancel();
  });

  it('OPS-01: who is too far behind, or ahead of a log that was restored, is told that it missed something', async () => {
    const { rows } = await world.db.pool.query<{ head: string }>('SELECT max(position) AS head FROM es.event');
    const ahead = watch({ afterPosition: Number(rows[0]!.head) + 1_000_000 });
    await eventually(() => expect(ahead.batches[0]).toMatchObject({ missed: true, changes: [] }));
    expect(ahead.batches[0]!.position).toBeLessThanOrEqual(Number(rows[0]!.head));
    ahead.cancel();
  });

  it('OPS-06: no more than fifty watch at once; the next ones are refused, and served when others have gone', async () => {
    const many = Array.from({ length: 60 }, () => watch());
    await eventually(() => expect(many.every(({ batches, ended }) => batches.length > 0 || ended())).toBe(true));
    const served = many.filter(({ batches }) => batches.length > 0);
    expect(served.length).toBeLessThanOrEqual(50);
    // Those of the specs before may have gone only now: their places are filled.
    await eventually(async () => {
      const one = watch();
      served.push(one);
      await eventually(() => one.batches.length > 0 || one.ended());
      await expect(
        (async () => {
          for await (const batch of changes.watch({})) return batch;
          return undefined;
        })(),
      ).rejects.toMatchObject({ code: 8 });
    });
    served.forEach(({ cancel }) => cancel());
    await eventually(async () => {
      const again = watch();
      await eventually(() => again.batches.length > 0 || again.ended());
      again.cancel();
      return again.batches.length > 0;
    });
  });

  it('OPS-06: a service that stops ends the watching at once, and does not wait for it', async () => {
    const watcher = watch();
    await eventually(() => watcher.batches.length > 0);
    const started = performance.now();
    await service.stop();
    expect(performance.now() - started).toBeLessThan(3_000);
    await eventually(() => expect(watcher.ended()).toBe(true));
    service = await world.start();
    changes.close();
    changes = connect(ops.Changes, service.grpc, { audience: service.ctx.name });
  });
});
