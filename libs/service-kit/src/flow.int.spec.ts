import { connect, ops, type Client } from '@flotilla/contracts';
import { logRoot } from '@flotilla/event-store';
import { eventually } from '@flotilla/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { kit, type Kit } from '../spec/fixture.js';
import type { Running } from './index.js';

jest.setTimeout(60_000);

describe('work through a service', () => {
  let world: Kit;
  let service: Running;
  let parked: Client<ops.ParkedMessagesRpc>;
  beforeAll(async () => {
    world = await kit();
    service = await world.start({ FLOTILLA_CLOCK: '2026-11-21T00:00:00Z@100000', FLOTILLA_ANCHOR_SECONDS: '0.2' });
    parked = connect(ops.ParkedMessages, service.grpc, { audience: 'settlement' });
  });
  afterAll(async () => {
    parked.close();
    await service.stop();
    await world.end();
  });
  const typesOf = async (id: string): Promise<readonly string[]> => (await service.ctx.store.read(`note-${id}`)).map(({ type }) => type);
  const toldOf = async (id: string) => (await world.messages(world.topics.told)).filter(({ key }) => key === `note-${id}`);

  it('OPS-01: message → event → message, with its cause and its trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await world.ask('end-to-end', { text: 'hello' }, { ce_id: 'outside-1', correlation: 'c-1', traceparent });
    await eventually(async () => expect(await typesOf('end-to-end')).toEqual(['NoteWritten']));
    const [event] = await service.ctx.store.read('note-end-to-end');
    expect(event?.meta).toMatchObject({ correlation: 'c-1', causation: 'outside-1', traceparent: expect.stringContaining('0af7651916cd43dd8448eb211c80319c'), source: { id: 'outside-1' } });
    const [message] = await eventually(async () => {
      const found = await toldOf('end-to-end');
      return found.length > 0 && found;
    });
    expect(JSON.parse(message!.value!.toString())).toEqual({ text: 'hello' });
    expect(message!.headers).toMatchObject({ ce_type: 'NoteTold', ce_id: `${event!.id}/0`, ce_source: 'note-end-to-end', sequence: '1', correlation: 'c-1', chainhash: event!.hash, traceparent: event!.meta.traceparent });
  });

  it('OPS-01: a timer fires in business time and knows its correlation', async () => {
    await world.ask('timed', { text: 'later', remindAt: new Date(service.ctx.clock.business().getTime() + 3_600_000).toISOString() }, { correlation: 'c-2' });
    await eventually(async () => expect(await typesOf('timed')).toEqual(['NoteWritten', 'Reminded']));
    expect((await service.ctx.store.read('note-timed'))[1]?.meta).toMatchObject({ actor: 'timer:settlement', correlation: 'c-2', causation: 'timed' });
    await eventually(async () => expect((await world.db.pool.query('SELECT FROM es.timer')).rowCount).toBe(0));
  });

  it('OPS-01: a job is performed once, with the trace and the correlation of its intent', async () => {
    const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
    await world.ask('worked', { text: 'tell them', tell: true }, { correlation: 'c-3', traceparent });
    await eventually(async () => expect(await typesOf('worked')).toEqual(['NoteWritten', 'Told']));
    const [intent, outcome] = await service.ctx.store.read('note-worked');
    expect(world.seen.performed).toHaveLength(1);
    expect(world.seen.performed[0]).toMatchObject({ intent: intent!.id, traceparent: intent!.meta.traceparent, meta: { correlation: 'c-3', causation: intent!.id, actor: 'work:tell' } });
    expect(outcome!.meta).toMatchObject({ correlation: 'c-3', causation: intent!.id });
    expect(intent!.meta.traceparent).toContain('11111111111111111111111111111111');
  });

  it('OPS-02: a poison message parks its key; the queue is listed, replayed, discarded over gRPC', async () => {
    await world.ask('bad', { text: 'poison' });
    await world.ask('bad', { text: 'behind 1' });
    await world.ask('bad', { text: 'poison' });
    await world.ask('bad', { text: 'behind 2' });
    const messages = await eventually(async () => {
      const list = await parked.list({});
      return list.messages.length === 1 && list.messages[0]!.waiting === 3 && list.messages;
    });
    const { parkedKey } = messages[0]!;
    expect(messages[0]).toMatchObject({ topic: world.topics.asked, type: 'NoteAsked', reason: 'BAD_REQUEST', detail: 'nobody can read this; correct it and replay' });
    expect(await typesOf('bad')).toEqual([]);
    // Nobody reads it on the way: it is sealed in the log and on the .dlq.
    const dlq = await eventually(async () => {
      const found = await world.messages(`${world.topics.asked}.dlq`);
      return found.length === 4 && found;
    });
    expect(dlq.map(({ value }) => value!.toString()).join()).not.toContain('behind 1');
    // Whoever mends it sees the queue whole, in order.
    const queue = await parked.show({ parkedKey });
    expect(queue).toMatchObject({ parkedKey, waiting: 4 });
    expect(queue.messages.map(({ type, value, binary, erased, reason }) => [type, (JSON.parse(value) as { text: string }).text, binary, erased, reason])).toEqual([
      ['NoteAsked', 'poison', false, false, 'BAD_REQUEST'], ['NoteAsked', 'behind 1', false, false, 'BEHIND_PARKED'], ['NoteAsked', 'poison', false, false, 'BEHIND_PARKED'], ['NoteAsked', 'behind 2', false, false, 'BEHIND_PARKED'],
    ]);
    expect(queue.messages[0]!.headers).toMatchObject({ ce_type: 'NoteAsked' });
    await expect(parked.show({ parkedKey: 'nobody/x/0/y' })).rejects.toMatchObject({ code: 5 });

    expect(await parked.replay({ parkedKey })).toMatchObject({ handled: 0, stillParked: 4, reason: 'BAD_REQUEST' });
    const discard = { requestId: 'd-1', parkedKey, reason: 'unreadable' };
    expect(await parked.discard(discard)).toMatchObject({ handled: 1, stillParked: 2, reason: 'BAD_REQUEST' });
    // Its answer was lost, it comes again: it means the message that it meant.
    expect(await parked.discard(discard)).toMatchObject({ handled: 0, stillParked: 2 });
    expect(await parked.discard({ ...discard, requestId: 'd-2' })).toMatchObject({ handled: 1, stillParked: 0, reason: '' });
    expect((await service.ctx.store.read('note-bad')).map(({ data }) => data)).toEqual([{ text: 'behind 1' }, { text: 'behind 2' }]);
    expect((await parked.list({})).messages).toEqual([]);
    await world.ask('bad', { text: 'after' });
    await eventually(async () => expect(await typesOf('bad')).toHaveLength(3));
    await expect(parked.replay({ parkedKey: 'nobody/x/0/y' })).rejects.toMatchObject({ code: 5 });
  });

  it('OPS-02: says who follows the log and Kafka, and how far behind each is', async () => {
    const tallies = connect(ops.Tallies, service.grpc, { audience: service.ctx.name });
    const { readers, position } = await tallies.get({});
    tallies.close();
    expect(position).toBeGreaterThan(0);
    expect(new Set(readers.map(({ kind }) => kind))).toEqual(new Set(['FOLLOWER', 'CONSUMER']));
    expect(readers.every(({ behind }) => Number.isInteger(behind) && behind >= 0)).toBe(true);
  });

  it('OPS-02: parked keys come in pages', async () => {
    for (const key of ['p1', 'p2', 'p3']) await world.ask(key, { text: 'poison' });
    const all = await eventually(async () => {
      const { messages } = await parked.list({});
      return messages.length === 3 && messages;
    });
    const first = await parked.list({ page: { size: 2 } });
    const second = await parked.list({ page: { size: 2, token: first.nextToken } });
    expect([...first.messages, ...second.messages]).toEqual(all);
    expect(second.nextToken).toBe('');
    await expect(parked.list({ page: { token: 'x' } })).rejects.toMatchObject({ code: 3 });
    for (const { parkedKey } of all) await parked.discard({ parkedKey, reason: 'spec' });
  });

  it('OPS-09: the log is anchored and the anchor published; an idle log is not anchored again', async () => {
    const anchors = async (): Promise<readonly { readonly position: number; readonly events: number; readonly root: string }[]> => (await service.ctx.store.read('anchor-log')).map(({ data }) => data as never);
    const last = await eventually(async () => {
      const { rows } = await world.db.pool.query<{ type: string }>('SELECT type FROM es.event ORDER BY position DESC LIMIT 1');
      return rows[0]!.type === 'LogAnchored' && (await anchors()).at(-1)!;
    });
    expect(await logRoot(world.db.pool, { upTo: last.position })).toEqual({ position: last.position, events: last.events, root: last.root });
    await eventually(async () => expect((await world.messages('audit-anchors.v1')).map(({ value }) => (JSON.parse(value!.toString()) as { root: string }).root)).toContain(last.root));
    const count = (await anchors()).length;
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // five times its turn: that nothing happens takes a while
    expect(await anchors()).toHaveLength(count);
  });

  it('OPS-09: the service’s role cannot change the log, nor write past the append function', async () => {
    const client = new pg.Client(world.env['FLOTILLA_DATABASE_URL']);
    await client.connect();
    try {
      for (const statement of ['UPDATE es.event SET data = data', 'DELETE FROM es.event', 'TRUNCATE es.event', 'UPDATE es.stream SET version = 1', `INSERT INTO es.stream VALUES ('x-1', 'x', 1, '')`, 'DROP TABLE es.event', 'CREATE TABLE read.mine ()']) {
        await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
      }
      await client.query(`INSERT INTO read.note VALUES ('mine')`);
    } finally {
      await client.end();
    }
  });
});
