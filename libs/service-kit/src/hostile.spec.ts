import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allocation, apiKeyCaller, grpcDefinition, ops, presenting } from '@flotilla/contracts';
import { quietLog } from '@flotilla/testing';
import grpc from '@grpc/grpc-js';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import type { AuditedCall } from './audited-call.js';
import { Describe, json, openapiOf } from './describe.js';
import { openGate } from '../spec/open-gate.js';
import { Door, parseAccess } from './door.js';
import { serve, startGrpc, type GrpcServer } from './grpc-server.js';
import { startHttp, TakesStream, type HttpServer, type Upload } from './http.js';

const MIB = 1024 * 1024;

@Controller()
class SpecController {
  @Describe({ id: 'whole', summary: 'For specs', answers: { 201: ['Its size', json({ type: 'object' })] } })
  @Post('whole')
  whole(@Body() body: Buffer): { readonly size: number } {
    return { size: body.length };
  }

  @Describe({ id: 'thing', summary: 'For specs', params: { thing: { type: 'string', format: 'uuid' } }, security: { secret: { type: 'http', scheme: 'bearer' } }, answers: { 200: ['It', json({ type: 'object' })], 401: 'No secret' } })
  @Get('things/:thing')
  thing(@Param('thing') thing: string): { readonly thing: string } {
    return { thing };
  }

  @Describe({ id: 'take', summary: 'For specs', answers: { 201: ['Taken', json({ type: 'object' })] } })
  @TakesStream(2 * MIB)
  @Post('things/:thing/files::take')
  take(@Body() { bytes }: Upload): Record<string, never> {
    bytes.destroy();
    return {};
  }
}

@Controller()
class SilentController {
  @Get('silent')
  silent(): void {
    return undefined;
  }
}

const startOf = (controllers: Parameters<typeof startHttp>[0]['controllers'], wholeMs = 60_000): Promise<HttpServer> =>
  startHttp({ name: 'spec', controllers, context: {}, probes: { ready: () => [] }, host: '127.0.0.1', port: 0, log: quietLog(), gate: openGate, patience: { wholeMs, streamMs: 60_000, lingerMs: 2_000 } });

/** What is answered to these bytes until the connection ends; then how long that took. */
const speak = (url: string, bytes: string, slowly = ''): Promise<{ readonly heard: string; readonly ms: number }> =>
  new Promise((resolve) => {
    const start = Date.now();
    let heard = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    const drip = slowly === '' ? undefined : setInterval(() => socket.write(slowly), 50);
    socket.on('data', (chunk) => (heard += chunk.toString())).on('error', () => undefined).on('close', () => (clearInterval(drip), resolve({ heard, ms: Date.now() - start })));
  });

describe('the description of a service’s HTTP', () => {
  let http: HttpServer;
  beforeAll(async () => {
    http = await startOf([SpecController]);
  });
  afterAll(() => http.stop());

  it('OPS-03: has every route that is there, the kit’s own too, with what the kit answers by itself', async () => {
    const document = (await (await fetch(`${http.url}/openapi.json`)).json()) as { readonly openapi: string; readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object; readonly security?: unknown; readonly parameters?: unknown }>>>>; readonly components: object };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)).toSorted()).toEqual(['get /livez', 'get /metrics', 'get /openapi.json', 'get /readyz', 'get /things/{thing}', 'post /things/{thing}/files:take', 'post /whole']);
    const thing = document.paths['/things/{thing}']!['get']!;
    expect(Object.keys(thing.responses)).toEqual(['200', '400', '401', '414', '503']);
    expect(thing.security).toEqual([{ secret: [] }]);
    expect(thing.parameters).toEqual([{ name: 'thing', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }]);
    expect(document.paths['/things/{thing}/files:take']!['post']!.responses).toMatchObject({ 413: { description: 'Above 2097152 bytes', content: { 'application/problem+json': {} } } });
    expect(document.components).toMatchObject({ securitySchemes: { secret: { scheme: 'bearer' } } });
  });
  it('OPS-03: a service with a route that nobody described does not start', () => expect(startOf([SilentController])).rejects.toThrow('GET /silent is not described: put @Describe on its handler'));
  it('OPS-03: nor does one that describes what its path does not have', () =>
    expect(() => openapiOf('spec', [{ method: 'GET', url: '/a/:b', config: { 'flotilla.described': { id: 'x', summary: 'x', params: { c: {} }, answers: {} } } }], () => 1)).toThrow('GET /a/{b} has no "c" to describe'));

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'POST', 'QUERY'])('OPS-03: %s where a path has no such method says which it has', async (method) => {
    const { heard } = await speak(http.url, `${method} /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(heard).toMatch(/^HTTP\/1.1 405 /);
    expect(heard).toContain('allow: GET, HEAD\r\n');
    expect(heard).toContain('"code":"METHOD_NOT_ALLOWED"');
  });
  it.each([['414', `/things/${'x'.repeat(101)}`, 'TOO_LARGE'], ['400', '/things/%zz', 'BAD_REQUEST']])('OPS-03: %s for a path that cannot be taken', async (status, path, code) =>
    expect(await (await fetch(http.url + path)).json()).toMatchObject({ status: Number(status), code }));
});

describe('connections that mean no good', () => {
  let http: HttpServer;
  const wholeMs = 600;
  beforeAll(async () => {
    http = await startOf([SpecController], wholeMs);
  });
  afterAll(() => http.stop());

  it.each([
    ['no HTTP', '\0\0\0\0\r\n\r\n', 400], ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400], ['two lengths', 'POST /whole HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx', 400], ['length and chunks', 'POST /whole HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 400],
    ['chunks and length', 'POST /whole HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 60\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['chunks that are not the last coding', 'POST /whole HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['a name with a space behind it', 'POST /whole HTTP/1.1\r\nhost: x\r\ncontent-length : 40\r\n\r\nGET /livez HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['a header over two lines', 'POST /whole HTTP/1.1\r\nhost: x\r\ntransfer-encoding:\r\n chunked\r\n\r\nGET /livez HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['a length that is none', 'POST /whole HTTP/1.1\r\nhost: x\r\ncontent-length: +1\r\n\r\nxGET /livez HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['lines that end with half a break', 'POST /whole HTTP/1.1\nhost: x\ncontent-length: 0\n\nGET /livez HTTP/1.1\nhost: x\n\n', 400],
    ['headers without end', `GET /livez HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(5_000)}`, 431], ['an address without end', `GET /${'x'.repeat(20_000)}`, 431],
  ])('OPS-03: %s is answered with a reason, and ended', async (_what, bytes, status) => {
    const { heard } = await speak(http.url, bytes);
    expect(heard).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(heard).toContain('application/problem+json');
    // What was smuggled in behind it is no request of its own.
    expect(heard.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(JSON.parse(heard.slice(heard.lastIndexOf('\r\n\r\n')))).toMatchObject({ status, code: status === 431 ? 'TOO_LARGE' : 'BAD_REQUEST' });
  });
  it('OPS-03: who sends headers without end and does not listen between is answered all the same, and ended', async () => {
    const { heard, ms } = await speak(http.url, `GET /livez HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(5_000)}`, 'a: b\r\n'.repeat(10_000));
    expect(heard).toMatch(/^HTTP\/1\.1 431 [^]*"code":"TOO_LARGE"/);
    expect(ms).toBeLessThan(10_000);
  });
  it.each([['POST', '/whole', 413], ['POST', '/nowhere', 413], ['PUT', '/livez', 405]])('OPS-03: so is who pours a body without end into %s %s', async (method, path, status) => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const { heard, ms } = await speak(http.url, `${method} ${path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`, chunk.repeat(40));
    expect(heard).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*"status":${status}`));
    expect(ms).toBeLessThan(20_000);
  });
  it.each([['headers', 'GET /livez HTTP/1.1\r\nhost: x\r\n', 'a: b\r\n'], ['a body', 'POST /whole HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n', 'x'], ['a body that no handler waits for', 'POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n', 'x']])('OPS-03: %s that come sign by sign are ended in time, with a reason', async (_what, bytes, slowly) => {
    const { heard, ms } = await speak(http.url, bytes, slowly);
    expect(heard).toMatch(/^HTTP\/1.1 408 [^]*"status":408/);
    expect(ms).toBeLessThan(10 * wholeMs);
  });

  it('ING-11: senders who hold back their last byte do not fill the memory: beyond 64 MiB they are told to come back', async () => {
    const patient = await startOf([SpecController]);
    const answers: { readonly status: number; readonly code: unknown }[] = [];
    const senders = Array.from({ length: 80 }, () => {
      const sender = request(`${patient.url}/whole`, { method: 'POST', agent: false, headers: { 'content-length': MIB } }, (answer) => {
        let text = '';
        answer.on('data', (part: Buffer) => (text += part.toString())).on('end', () => answers.push({ status: answer.statusCode ?? 0, code: (JSON.parse(text) as { readonly code?: unknown }).code }));
      });
      sender.on('error', () => undefined);
      sender.write(Buffer.alloc(MIB - 1));
      return sender;
    });
    for (const until = Date.now() + 20_000; answers.length < 12 && Date.now() < until; ) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answers.length).toBeGreaterThanOrEqual(12);
    expect(answers.every(({ status, code }) => status === 429 && code === 'OVERLOADED')).toBe(true);
    for (const sender of senders) sender.destroy();
    for (const until = Date.now() + 20_000; ; ) {
      const again = await fetch(`${patient.url}/whole`, { method: 'POST', body: Buffer.alloc(MIB) });
      if (again.status === 201 || Date.now() > until) {
        expect(again.status).toBe(201);
        break;
      }
    }
    await patient.stop();
  }, 60_000);

  it('ING-11: a body that nobody reads, because its request takes none or says that it is too long, is neither held nor the end of the process, also where there is no room', async () => {
    const patient = await startOf([SpecController]);
    // The body follows the answer, of which nothing is waited for.
    const said = (head: string, size: number): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(Number(new URL(patient.url).port), '127.0.0.1', () => socket.write(`${head}\r\nhost: x\r\ncontent-length: ${size}\r\n\r\n`));
        socket.once('data', () => socket.end(Buffer.alloc(size))).on('error', () => undefined).on('close', () => resolve()).resume();
      });
    const whole = async (): Promise<number> => (await fetch(`${patient.url}/whole`, { method: 'POST', body: Buffer.alloc(MIB) })).status;
    for (let n = 0; n < 10; n += 1) await Promise.all([...Array.from({ length: 5 }, () => said('GET /livez HTTP/1.1', MIB)), ...Array.from({ length: 5 }, () => said('POST /whole HTTP/1.1', 2 * MIB))]);
    expect(await whole()).toBe(201);
    const senders = Array.from({ length: 80 }, () => {
      const sender = request(`${patient.url}/whole`, { method: 'POST', agent: false, headers: { 'content-length': MIB } });
      sender.on('error', () => undefined).on('response', (answer) => answer.resume());
      sender.write(Buffer.alloc(MIB - 1));
      return sender;
    });
    for (const until = Date.now() + 20_000; (await whole()) !== 429 && Date.now() < until; );
    await Promise.all([said('GET /livez HTTP/1.1', MIB), said('POST /whole HTTP/1.1', 2 * MIB)]);
    expect((await fetch(`${patient.url}/livez`)).status).toBe(200);
    for (const sender of senders) sender.destroy();
    for (const until = Date.now() + 20_000; (await whole()) !== 201 && Date.now() < until; );
    expect(await whole()).toBe(201);
    await patient.stop();
  }, 60_000);
});

describe('gRPC that means no good', () => {
  let server: GrpcServer;
  const seen: unknown[] = [];
  const written: AuditedCall[] = [];
  const same = (bytes: Buffer): Buffer => bytes;
  beforeAll(async () => {
    const answer = (request: unknown): never => {
      seen.push(request);
      return { items: [], parked: [], nextToken: '' } as never;
    };
    const handlers = new Proxy({}, { get: () => async (request: unknown) => answer(request) });
    server = await startGrpc({ services: [serve(ops.ParkedMessages, handlers as never), serve(allocation.Routing, handlers as never)], host: '127.0.0.1', port: 0, reflection: true, door: new Door('spec', () => who), audit: { write: async (call) => void written.push(call) }, log: quietLog(), gate: openGate });
  });
  afterAll(() => server.stop());
  const key = randomBytes(32).toString('base64url');
  const who = parseAccess(JSON.stringify({ services: [], apiKeys: [{ name: 'spec', roles: ['admin'], sha256: createHash('sha256').update(key).digest('hex'), expires: '2999-01-01T00:00:00Z' }] }));
  const client = (options: grpc.ClientOptions = {}): grpc.Client => new grpc.Client(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure(), { interceptors: [presenting(() => 'spec', apiKeyCaller(key))], 'grpc.max_send_message_length': -1, ...options });
  const ask = (by: grpc.Client, bytes: Buffer, path = '/flotilla.ops.v1.ParkedMessages/List'): Promise<{ readonly code: number; readonly details: string; readonly reason: string }> =>
    new Promise((resolve) =>
      by.makeUnaryRequest(path, same, same, bytes, new grpc.Metadata(), { deadline: Date.now() + 20_000 }, (error) =>
        resolve({ code: error?.code ?? 0, details: error?.details ?? '', reason: /[A-Z_]{5,}/.exec(String(error?.metadata.get('grpc-status-details-bin')[0] ?? ''))?.[0] ?? '' })).on('error', () => undefined));

  it.each([['bytes that are no message', [0xff], 'CONTRACT_VIOLATED'], ['a text that is no UTF-8', [0x0a, 0x02, 0xff, 0xfe], 'CONTRACT_VIOLATED'], ['a length beyond the end', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], 'CONTRACT_VIOLATED']])('OPS-04: %s are refused with a reason, and no handler sees them', async (_what, bytes, reason) => {
    const by = client();
    seen.length = 0;
    expect(await ask(by, Buffer.from(bytes))).toMatchObject({ code: grpc.status.INVALID_ARGUMENT, reason });
    expect(seen).toEqual([]);
    by.close();
  });
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('OPS-04: %p in a message is refused: kept as JSON it would be null, and no answer could be made of it', async (days) => {
    const by = client();
    seen.length = 0;
    const { path, requestSerialize } = grpcDefinition(allocation.Routing as never)['putRules']!;
    expect(await ask(by, Buffer.from(requestSerialize({ requestId: 'x', rules: { weights: { days } } })), path)).toMatchObject({ code: grpc.status.INVALID_ARGUMENT, reason: 'BAD_REQUEST' });
    expect(seen).toEqual([]);
    by.close();
  });
  it('OPS-04: a message above 4 MiB is refused, also one that only unpacks to it', async () => {
    const text = Buffer.alloc(50 * MIB, 'x');
    const [plain, packing] = [client(), client({ 'grpc.default_compression_algorithm': 2 })];
    const before = process.memoryUsage().rss;
    expect(gzipSync(text).length).toBeLessThan(MIB);
    for (const answer of [await ask(plain, text.subarray(0, 5 * MIB)), await ask(packing, text)]) expect(answer).toMatchObject({ code: grpc.status.RESOURCE_EXHAUSTED, details: expect.stringContaining('larger than') });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
    plain.close();
    packing.close();
  }, 60_000);
  it('OPS-04: a connection that never asks anything is ended', async () => {
    const patient = await startGrpc({ idleMs: 500, services: [], host: '127.0.0.1', port: 0, reflection: false, door: new Door('spec', undefined), audit: { write: async (call) => void written.push(call) }, log: quietLog(), gate: openGate });
    const began = performance.now();
    const ended = await Promise.all(
      ['', 'PRI * HTTP/2.0\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0'].map((bytes) =>
        new Promise<boolean>((resolve) => {
          const socket = connect(patient.port, '127.0.0.1', () => socket.write(bytes));
          socket.on('error', () => undefined).on('data', () => undefined).once('close', () => resolve(true));
          setTimeout(() => resolve(false), 20_000).unref();
        })),
    );
    expect([ended, performance.now() - began < 20_000]).toEqual([[true, true, true], true]);
    await patient.stop();
  }, 40_000);
  it.each([[[0xff]], [[0x3a, 0x7f]], [[0x22, 0xff, 0xff, 0xff, 0xff, 0x0f]], [[0x0b, 0x0b]]])('OPS-04: reflection that is asked %j says that this is no question, and the process stands', async (bytes) => {
    const by = client();
    const code = await new Promise<number>((resolve) => {
      const stream = by.makeBidiStreamRequest('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', same, same, new grpc.Metadata(), { deadline: Date.now() + 10_000 });
      stream.on('data', () => undefined).on('error', () => undefined).on('status', (status: grpc.StatusObject) => resolve(status.code));
      stream.write(Buffer.from(bytes));
      stream.end();
    });
    expect(code).toBe(grpc.status.INVALID_ARGUMENT);
    expect((await ask(by, Buffer.alloc(0))).code).toBe(grpc.status.OK);
    by.close();
  });
});
