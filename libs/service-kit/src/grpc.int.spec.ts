import { alerts, connect, presenting, settlement, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { errorInfo } from '../spec/error-info.js';
import { kit, type Kit } from '../spec/fixture.js';
import type { Running } from './index.js';

jest.setTimeout(60_000);

describe('gRPC of a service', () => {
  let world: Kit;
  let service: Running;
  let statements: Client<settlement.StatementsRpc>;
  let incidents: Client<alerts.IncidentsRpc>;
  beforeAll(async () => {
    world = await kit();
    service = await world.start();
    statements = connect(settlement.Statements, service.grpc);
    incidents = connect(alerts.Incidents, service.grpc, { audience: 'settlement' });
  });
  afterAll(async () => {
    statements.close();
    incidents.close();
    await service.stop();
    await world.end();
  });
  const failureOf = async (call: Promise<unknown>): Promise<grpc.ServiceError> => call.then(() => Promise.reject(new Error('it did not fail')), (error: grpc.ServiceError) => error);

  it('OPS-04: unary calls take and give plain messages; the handler knows caller and deadline', async () => {
    const answer = await statements.get({ statementId: 's-1' }, { metadata: { 'x-caller': 'console' }, deadlineMs: 60_000 });
    expect(answer).toMatchObject({ statementId: 's-1', channel: 'hello', lines: [], state: 'caller:console' });
    const left = Date.parse(answer.batchNo) - Date.now();
    expect(left).toBeGreaterThan(30_000);
    expect(left).toBeLessThan(61_000);
  });

  it('OPS-04: a call without a deadline gets one', async () => {
    const definition = (await import('@flotilla/contracts')).grpcDefinition(settlement.Statements)['get']!;
    const client = new grpc.Client(service.grpc, grpc.credentials.createInsecure(), { interceptors: [presenting(() => 'settlement')] });
    const answer = await new Promise<settlement.Statement>((resolve, reject) =>
      client.makeUnaryRequest(definition.path, definition.requestSerialize, definition.responseDeserialize, { statementId: 's' }, (error, value) => (error ? reject(error) : resolve(value as settlement.Statement))),
    );
    client.close();
    expect(Date.parse(answer.batchNo)).toBeGreaterThan(Date.now());
  });

  it('OPS-04: client streaming reads every part', async () => {
    const parts = Array.from({ length: 40 }, () => ({ channel: 'shopify-demo', data: new Uint8Array(32 * 1024) }));
    expect(await statements.import(parts)).toMatchObject({ statementId: 'imported', matched: 40 });
  });

  it('OPS-04: server streaming sends every part, and its error at the end', async () => {
    const parts: number[] = [];
    for await (const { data } of statements.export({ statementId: 's' })) parts.push(...data);
    expect(parts).toEqual([0, 1, 2]);
    const torn = (async () => {
      for await (const { data } of statements.export({ statementId: 'torn' })) parts.push(...data);
    })();
    const failure = await failureOf(torn);
    expect(failure.code).toBe(grpc.status.UNAVAILABLE);
    expect(errorInfo(failure.metadata)).toMatchObject({ reason: 'UNAVAILABLE', message: 'the rest is not there yet; ask again' });
    expect(parts).toEqual([0, 1, 2, 0, 1]);
  });

  it('OPS-04: a stream whose caller goes away ends in the handler, too', async () => {
    const ended = world.seen.streamsEnded;
    const stream = statements.export({ statementId: 'endless' }) as unknown as grpc.ClientReadableStream<settlement.ExportChunk>;
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('data', resolve));
    stream.pause(); // nothing is read any more: the server waits for room
    stream.cancel();
    await eventually(() => world.seen.streamsEnded === ended + 1);
    expect(world.seen.waiting).toBe(1); // its signal said why
    world.seen.waiting = 0;
  });

  it('OPS-04: a refusal arrives as status and ErrorInfo', async () => {
    const failure = await failureOf(statements.get({ statementId: 'missing' }));
    expect([failure.code, failure.details]).toEqual([grpc.status.NOT_FOUND, 'no statement “missing” – 没有; list them with Statements/List']);
    expect(errorInfo(failure.metadata)).toMatchObject({ code: 5, reason: 'NOT_FOUND', domain: 'flotilla', metadata: { statement: 'missing' } });
  });

  it('OPS-04: what is our fault says nothing of itself', async () => {
    const failure = await failureOf(statements.get({ statementId: 'broken' }));
    expect([failure.code, errorInfo(failure.metadata).reason]).toEqual([grpc.status.INTERNAL, 'INTERNAL']);
    expect(`${failure.message}${failure.details}${Buffer.from(failure.metadata.get('grpc-status-details-bin')[0] as Buffer).toString()}`).not.toContain('123');
    expect((await failureOf(statements.get({ statementId: 'away' }))).code).toBe(grpc.status.UNAVAILABLE);
  });

  it('OPS-06: the same request twice has one effect and one answer; another body is refused', async () => {
    const request = { requestId: 'r-1', incidentId: 'once' };
    const [first, second] = await Promise.all([incidents.ack(request), incidents.ack(request)]);
    expect([first.detail, second.detail, (await incidents.ack(request)).detail]).toEqual(['1', '1', '1']);
    expect((await service.ctx.store.read('note-once')).map(({ type }) => type)).toEqual(['NoteWritten']);
    const failure = await failureOf(incidents.ack({ ...request, incidentId: 'other' }));
    expect(failure.code).toBe(grpc.status.ALREADY_EXISTS);
    expect(errorInfo(failure.metadata).reason).toBe('REQUEST_ID_REUSED');
    expect(await service.ctx.store.read('note-other')).toEqual([]);
    // Another caller's requests are others; without an id every call counts.
    expect((await incidents.ack(request, { metadata: { 'x-caller': 'console' } })).detail).toBe('2');
    expect((await incidents.ack({ incidentId: 'once' })).detail).toBe('3');
    expect((await incidents.ack({ incidentId: 'once' })).detail).toBe('4');
  });

  it('calls that arrive together are written in few transactions, in the order of a stream', async () => {
    const before = (await world.db.pool.query<{ groups: string }>('SELECT count(DISTINCT recorded_at) AS groups FROM es.event')).rows[0]!.groups;
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => incidents.ack({ requestId: `g-${n}`, incidentId: n % 2 ? 'hot' : `cold-${n}` })));
    const after = (await world.db.pool.query<{ groups: string }>('SELECT count(DISTINCT recorded_at) AS groups FROM es.event')).rows[0]!.groups;
    expect(Number(after) - Number(before)).toBeLessThan(100);
    expect(answers.filter((_, n) => n % 2).map(({ detail }) => Number(detail)).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  });

  it('OPS-04: health is answered, overall and per service', async () => {
    const { default: check } = await import('grpc-health-check');
    const client = new (grpc.makeGenericClientConstructor(check.service, 'health'))(service.grpc, grpc.credentials.createInsecure());
    const status = (name: string): Promise<string> =>
      new Promise((resolve) => (client as unknown as { check(request: object, done: (error: grpc.ServiceError | null, answer?: { status: string }) => void): void }).check({ service: name }, (error, answer) => resolve(error ? grpc.status[error.code]! : answer!.status)));
    expect([await status(''), await status('flotilla.settlement.v1.Statements'), await status('flotilla.ops.v1.Tallies'), await status('nobody')]).toEqual(['SERVING', 'SERVING', 'SERVING', 'NOT_FOUND']);
    client.close();
  });

  it.each(['v1', 'v1alpha'])('OPS-04: reflection %s lists the services', async (version) => {
    const client = new grpc.Client(service.grpc, grpc.credentials.createInsecure());
    const same = (bytes: Buffer): Buffer => bytes;
    const stream = client.makeBidiStreamRequest(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, same, same);
    const answered = new Promise<string>((resolve, reject) => stream.on('data', (bytes: Buffer) => resolve(bytes.toString('latin1'))).on('error', reject));
    stream.write(Buffer.from([0x3a, 0x00])); // list_services = 7: ""
    const names = await answered;
    const ended = new Promise((resolve) => stream.once('status', resolve));
    stream.end();
    await ended;
    client.close();
    for (const name of ['flotilla.settlement.v1.Statements', 'flotilla.alerts.v1.Incidents', 'flotilla.ops.v1.ParkedMessages', 'flotilla.ops.v1.Tallies', 'grpc.health.v1.Health']) expect(names).toContain(name);
  });

  it('OPS-04: tallies count what the log holds', async () => {
    const tallies = connect((await import('@flotilla/contracts')).ops.Tallies, service.grpc, { audience: 'settlement' });
    const { counts } = await tallies.get({});
    tallies.close();
    const { rows } = await world.db.pool.query<{ count: string }>(`SELECT count(*) FROM es.event WHERE type = 'NoteWritten'`);
    expect(counts).toEqual({ notes: Number(rows[0]!.count) });
  });
});
