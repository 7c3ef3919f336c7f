import { alerts, allocation, files, grpcDefinition, settlement } from '@flotilla/contracts';
import grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, isQuestion, type Connection, type ConnectOptions } from './connect.js';
import { FlotillaError, isRefused } from './failure.js';

type Call = grpc.ServerUnaryCall<Record<string, unknown>, unknown>;
type Answer = (call: Call, callback: grpc.sendUnaryData<unknown>) => void;

const fail = (code: grpc.status, metadata = new grpc.Metadata()): Partial<grpc.ServiceError> => ({ code, details: 'as the spec wants it', metadata });
const incident = (incidentId: string): Record<string, unknown> => ({ incidentId, rule: '', subjectKind: '', subjectId: '', severity: '', detail: '', state: '', raisedAt: '', acknowledgedBy: '', detailZh: '', level: 0 });

/** A real server whose methods answer as the spec says. */
const serving = async (answers: Readonly<Record<string, Answer>>, port = 0): Promise<{ readonly address: string; readonly port: number; readonly stop: () => void }> => {
  const server = new grpc.Server();
  for (const ref of [alerts.Incidents, allocation.StockFeeds, settlement.Statements]) {
    const definition = grpcDefinition(ref);
    const unserved: Answer = (_, callback) => callback(fail(grpc.status.UNIMPLEMENTED));
    server.addService(definition, Object.fromEntries(Object.keys(definition).map((name) => [name, answers[`${ref.typeName.split('.').at(-1)}.${name}`] ?? unserved])) as grpc.UntypedServiceImplementation);
  }
  const bound = await new Promise<number>((resolve, reject) => server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, at) => (error ? reject(error) : resolve(at))));
  return { address: `127.0.0.1:${bound}`, port: bound, stop: () => server.forceShutdown() };
};

describe('the client', () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0).toReversed()) end();
  });
  const world = async (answers: Readonly<Record<string, Answer>>, options: Omit<ConnectOptions, 'address'> = {}): Promise<Connection> => {
    const { address, stop } = await serving(answers);
    const connection = connect({ address, ...options });
    ends.push(stop, connection.close);
    return connection;
  };
  const failureOf = async (call: Promise<unknown>): Promise<FlotillaError> => call.then(() => Promise.reject(new Error('it did not fail')), (error: unknown) => error as FlotillaError);

  it('OPS-04: a command is sent again under one request_id until it is answered, also where its answer was lost: it happens once', async () => {
    const ids: string[] = [];
    const done = new Set<string>();
    const faults: Answer[] = [
      (_, callback) => callback(fail(grpc.status.UNAVAILABLE)),
      // Done, and the answer is lost.
      ({ request }, callback) => {
        done.add(String(request['requestId']));
        callback(fail(grpc.status.DEADLINE_EXCEEDED));
      },
      (call) => call.emit('error', fail(grpc.status.UNAVAILABLE)),
    ];
    const { service } = await world({
      'Incidents.ack': (call, callback) => {
        ids.push(String(call.request['requestId']));
        const fault = faults.shift();
        if (fault) return fault(call, callback);
        done.add(String(call.request['requestId']));
        callback(null, incident(String(call.request['incidentId'])));
      },
    });
    expect((await service(alerts.Incidents).ack({ incidentId: 'i-1' })).incidentId).toBe('i-1');
    expect([ids.length, new Set(ids).size, done.size]).toEqual([4, 1, 1]);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    await service(alerts.Incidents).ack({ incidentId: 'i-1' });
    expect(new Set(ids).size).toBe(2);
    await service(alerts.Incidents).ack({ incidentId: 'i-1', requestId: 'mine' });
    expect(ids.at(-1)).toBe('mine');
  });

  it('OPS-04: an answer that never comes is given up, and asked for again', async () => {
    let calls = 0;
    const { service } = await world({ 'Incidents.list': (_, callback) => ((calls += 1) === 1 ? undefined : callback(null, { incidents: [], nextToken: '' })) });
    expect(await service(alerts.Incidents).list({})).toEqual({ incidents: [], nextToken: '' });
    expect(calls).toBe(2);
  }, 20_000);

  it('OPS-04: a service that is away and comes back is reached again', async () => {
    const first = await serving({ 'Incidents.list': (_, callback) => callback(null, { incidents: [incident('before')], nextToken: '' }) });
    const connection = connect({ address: first.address });
    ends.push(connection.close);
    const incidents = connection.service(alerts.Incidents);
    expect((await incidents.list({})).incidents[0]?.incidentId).toBe('before');
    first.stop();
    const asked = incidents.list({});
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = await serving({ 'Incidents.list': (_, callback) => callback(null, { incidents: [incident('after')], nextToken: '' }) }, first.port);
    ends.push(second.stop);
    expect((await asked).incidents[0]?.incidentId).toBe('after');
  }, 30_000);

  it('OPS-04: gives up at the deadline, and says under which id it may be asked again', async () => {
    const { service } = await world({ 'Incidents.ack': (_, callback) => callback(fail(grpc.status.UNAVAILABLE)) }, { deadlineMs: 700 });
    const begun = Date.now();
    const failure = await failureOf(service(alerts.Incidents).ack({ incidentId: 'i-1', requestId: 'mine' }));
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(failure).toBeInstanceOf(FlotillaError);
    expect(failure).toMatchObject({ method: 'flotilla.alerts.v1.Incidents/Ack', code: expect.stringMatching(/^(UNAVAILABLE|DEADLINE_EXCEEDED)$/), requestId: 'mine', reason: undefined });
    expect(failure.attempts).toBeGreaterThan(1);
  });

  it.each([
    ['a refusal', 'Incidents.ack', grpc.status.FAILED_PRECONDITION],
    ['a command without a request_id', 'StockFeeds.push', grpc.status.UNAVAILABLE],
  ])('OPS-04: %s is sent once', async (_, name, code) => {
    let calls = 0;
    const { service } = await world({
      [name]: (__, callback) => {
        calls += 1;
        callback(fail(code));
      },
    });
    const failure = await failureOf(name === 'Incidents.ack' ? service(alerts.Incidents).ack({}) : service(allocation.StockFeeds).push({}));
    expect([calls, failure.attempts, failure.code]).toEqual([1, 1, grpc.status[code]]);
  });

  it('OPS-04: what is no status of ours has no reason, and breaks nothing', async () => {
    const garbage = new grpc.Metadata();
    garbage.set('grpc-status-details-bin', Buffer.from([0xff, 0x07, 0x1a, 0xff]));
    const { service } = await world({ 'Incidents.ack': (_, callback) => callback(fail(grpc.status.PERMISSION_DENIED, garbage)) });
    const failure = await failureOf(service(alerts.Incidents).ack({}));
    expect([failure.code, failure.reason, isRefused(failure)]).toEqual(['PERMISSION_DENIED', undefined, false]);
  });

  it('OPS-04: lists are walked page by page, with their filters, and no further than they are read', async () => {
    const asked: unknown[] = [];
    const { service } = await world({
      'Incidents.list': ({ request }, callback) => {
        asked.push(request);
        const { token } = request['page'] as { token: string };
        const at = Number(token || '0');
        callback(null, { incidents: [incident(`i-${at}`), incident(`i-${at + 1}`)], nextToken: at < 4 ? String(at + 2) : '' });
      },
    });
    const incidents = service(alerts.Incidents);
    const all: string[] = [];
    for await (const { incidentId } of incidents.list.each({ state: 'OPEN', page: { size: 2 } })) all.push(incidentId);
    expect(all).toEqual([0, 1, 2, 3, 4, 5].map((n) => `i-${n}`));
    expect(asked).toEqual(['', '2', '4'].map((token) => ({ state: 'OPEN', page: { size: 2, token } })));
    for await (const page of incidents.list.pages()) {
      expect(page.incidents).toHaveLength(2);
      break;
    }
    expect(asked).toHaveLength(4);
  });

  it('OPS-04: the key goes with every attempt, a new one where it has run out', async () => {
    const said: unknown[] = [];
    let token = 0;
    const { service } = await world(
      {
        'Incidents.list': ({ metadata }, callback) => {
          said.push([metadata.get('authorization')[0], metadata.get('x-caller')[0]]);
          if (said.length < 2) return callback(fail(grpc.status.UNAVAILABLE));
          callback(null, { incidents: [], nextToken: '' });
        },
      },
      { key: async () => `token-${(token += 1)}`, metadata: { 'x-caller': 'books' } },
    );
    await service(alerts.Incidents).list({});
    expect(said).toEqual([['Bearer token-1', 'books'], ['Bearer token-2', 'books']]);
  });

  it('OPS-04: streams come through, and whoever has read enough ends them', async () => {
    let cancelled!: () => void;
    const gone = new Promise<void>((resolve) => (cancelled = resolve));
    const { service } = await world({
      'Statements.export': ((call: grpc.ServerWritableStream<unknown, unknown>) => {
        call.once('cancelled', cancelled);
        call.write({ data: new Uint8Array([1]) });
        call.write({ data: new Uint8Array([2]) });
      }) as unknown as Answer,
    });
    for await (const { data } of service(settlement.Statements).export({ statementId: 's' })) {
      expect([...data]).toEqual([1]);
      break;
    }
    await gone;
  });
});

describe('the contracts, as the client reads them', () => {
  const methods = files.flatMap((file) => file.services.flatMap((service) => service.methods));
  const has = (fields: readonly { readonly name: string }[], name: string): boolean => fields.some((field) => field.name === name);

  it('OPS-04: what is called a question takes no request_id and no stream', () => {
    const questions = methods.filter(({ name }) => isQuestion(name));
    expect(questions.length).toBeGreaterThan(50);
    expect(questions.filter(({ input, methodKind }) => has(input.fields, 'request_id') || methodKind !== 'unary').map(({ parent, name }) => `${parent.name}/${name}`)).toEqual([]);
  });
  it('OPS-04: every list can be walked entry by entry; a report with two lists by its pages alone', () => {
    const lists = methods.filter(({ input, output, methodKind }) => methodKind === 'unary' && has(input.fields, 'page') && has(output.fields, 'next_token'));
    expect(lists.length).toBeGreaterThan(20);
    expect(lists.filter(({ output }) => output.fields.filter((field) => field.fieldKind === 'list').length !== 1).map(({ parent, name }) => `${parent.name}/${name}`)).toEqual(['StockFeeds/GetReport']);
  });
});
