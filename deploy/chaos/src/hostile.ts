import { connect as dial } from 'node:net';
import { grpcDefinition, presenting, registry } from '@flotilla/contracts';
import grpc from '@grpc/grpc-js';

// With the fleet's API key: who has none does not come this far.
const interceptors = [presenting(() => '')];

/** What a stranger got for an answer that he should not get. */
export interface Wrong {
  readonly at: string;
  readonly sent: string;
  readonly got: string;
}

/** What came of it: how often which status was given, and what was wrong. */
export interface Asked {
  readonly statuses: Readonly<Record<string, number>>;
  readonly wrong: readonly Wrong[];
}

/** An operation of a service's HTTP; parts in braces are filled in. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  /** The types of each status that it may answer with. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, { readonly content?: object }>> }>>>>;
}

/** What a service says that it answers. It does not start with a route that it does not describe, so this is all. */
export const describedAt = async (url: string): Promise<readonly Operation[]> => {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as Description;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({ method: method.toUpperCase(), path, answers: Object.fromEntries(Object.entries(responses).map(([status, { content = {} }]) => [status, Object.keys(content)])) })));
};

const parts = ['x', 'shop', '..', 'shopify-demo', 'csv-demo', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '%00', '%', '%ff%fe', '%F0%9F%98', 'a%2Fb', "'%20OR%201=1--", '%7B%7D', '__proto__', 'constructor', '👻', 'y'.repeat(4_000), '-1', '00000000-0000-0000-0000-000000000000'] as const;
const bodies: readonly (readonly [string, Uint8Array | string])[] = [
  ['', ''], ['application/json', '{'], ['application/json', '{"__proto__":{"x":1}}'], ['application/json', '['.repeat(50_000)], ['application/json', `{"a":${'9'.repeat(10_000)},"b":1e999}`], ['text/csv', 'a,b\n"'], ['text/csv', ','.repeat(50_000)],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'PK\u0003\u0004'], ['application/x-www-form-urlencoded', 'msgData=%00&sign=%ff&=&&&phone=%F0&language=__proto__&stars=1e999&decision=constructor&reason=%00'], ['application/x-www-form-urlencoded', 'x=1&'.repeat(20_000)],
  ['multipart/form-data', 'x'], ['multipart/form-data; boundary=b', '--b\r\ncontent-disposition: form-data; name="v"; filename="\0"\r\n\r\nx'], ['multipart/form-data; boundary=b', '--b\r\n'.repeat(5_000)], ['nonsense', Buffer.from([0xff, 0xfe, 0x00, 0xd8])], ['application/json; charset=utf-16', Buffer.alloc(2_000, 0xd8)], ['text/plain', Buffer.alloc(1024 * 1024 + 1, 'x')],
];
const headers: readonly Readonly<Record<string, string>>[] = [
  {}, { authorization: 'Bearer ' }, { authorization: `Bearer ${'x'.repeat(8_000)}` }, { 'x-shopify-hmac-sha256': '=', 'x-shopify-topic': '__proto__', 'x-shopify-webhook-id': 'y'.repeat(2_000) }, { accept: 'nothing/at-all', 'accept-language': 'x'.repeat(500), cookie: '=;;=' },
  { 'webhook-id': '1', 'webhook-timestamp': 'NaN', 'webhook-signature': 'v1,' }, { range: 'bytes=9999999999999999-', 'if-none-match': '"' }, { 'content-encoding': 'gzip' }, { traceparent: '00-zz-zz-zz', 'x-request-id': 'ÿ' }, { 'content-disposition': 'attachment; filename="../../x"' }, { sign: 'ÿ' },
];
const queries = ['', '?', '?phone=%00&token=%ff', '?__proto__[a]=1&a[]=1&a[]=2', `?q=${'y'.repeat(2_000)}`] as const;
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const;

// Parts that stay what they are on their way, so that the answer is that of the operation.
const stays = /^(?!\.+$)[\w.-]+$/;

const fill = (path: string, part: string): string => path.replaceAll(/\{[^}]+\}/g, part);

/** Asks everything wrongly that can be asked wrongly, one thing after the other. */
export const askHostilely = async (url: string, operations: readonly Operation[]): Promise<Asked> => {
  const wrong: Wrong[] = [];
  const statuses: Record<string, number> = {};
  const ask = async (method: string, path: string, init: RequestInit = {}, operation?: Operation): Promise<void> => {
    const sent = JSON.stringify({ ...init, body: typeof init.body === 'string' ? init.body.slice(0, 60) : init.body === undefined ? undefined : 'bytes' }).slice(0, 200);
    try {
      const answer = await fetch(`${url}${path}`, { method, redirect: 'manual', ...init, signal: AbortSignal.timeout(20_000) });
      const text = await answer.text();
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      const fault = faultOf(answer, method, text) || undescribed(answer, operation);
      if (fault !== '') wrong.push({ at: `${method} ${path.slice(0, 120)}`, sent, got: fault });
    } catch (error) {
      // What this side refuses to send was not asked; a connection that breaks without an answer is one.
      const { code, cause } = error as { readonly code?: string; readonly cause?: { readonly code?: string } };
      if (cause?.code !== undefined || code === undefined) wrong.push({ at: `${method} ${path.slice(0, 120)}`, sent, got: `${(error as Error).name} ${cause?.code ?? (error as Error).message}` });
    }
  };
  for (const operation of operations) {
    const { method, path } = operation;
    const carrying = (body: string): RequestInit => (method === 'GET' ? {} : { body });
    const it = fill(path, 'x');
    for (const part of path.includes('{') ? parts : ['']) await ask(method, fill(path, part), carrying('{}'), stays.test(part) || part === '' ? operation : undefined);
    for (const query of queries) await ask(method, it + query, carrying('x'), operation);
    const others = methods.filter((other) => other !== method && !operations.some((one) => one.path === path && (one.method === other || (one.method === 'GET' && other === 'HEAD' && method !== 'GET'))));
    for (const other of others) await ask(other, it, {}, { ...operation, answers: other === 'HEAD' && method === 'GET' ? operation.answers : { 405: ['application/problem+json'] } });
    for (const some of headers) await ask(method, it, { headers: some, ...carrying('{}') }, operation);
    if (method !== 'GET') for (const [type, body] of bodies) await ask(method, it, { body: body as never, ...(type === '' ? {} : { headers: { 'content-type': type } }) }, operation);
    await ask(method, `${it}/`, carrying('x'));
    await ask(method, `/${it}//..//`, carrying('x'));
  }
  for (const path of ['/', '/nothing', '/%zz', '/%00', `/${'a'.repeat(9_000)}`, '/.env', '/..%2f..%2fetc/passwd', '/readyz/x', '/metrics?x=%00']) for (const method of methods) await ask(method, path);
  for (const [sent, bytes] of rawRequests) {
    const got = await speak(url, bytes);
    if (got.startsWith('HTTP/1.1 5') || (/^HTTP\/1.1 4/.test(got) && !got.includes('application/problem+json'))) wrong.push({ at: 'a bare connection', sent, got: got.slice(0, 100) });
  }
  return { statuses, wrong };
};

/** Status and type have to stand in the description. */
const undescribed = (answer: Response, operation: Operation | undefined): string => {
  if (operation === undefined) return '';
  const types = operation.answers[answer.status];
  if (types === undefined) return `${answer.status}, which is described for no answer of ${operation.path}`;
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]!;
  return type === '' || types.includes(type) ? '' : `${answer.status} ${type}, which is not described`;
};

// 503 is what /readyz says while it is not ready, which nobody brings about from outside.
const faultOf = (answer: Response, method: string, text: string): string => {
  if (answer.status === 503 && answer.headers.has('retry-after')) return ''; // who sends too much is told to come back (OPS-06)
  if (answer.status >= 500) return `${answer.status} ${text.slice(0, 200)}`;
  if (answer.status < 400 || method === 'HEAD') return '';
  const type = answer.headers.get('content-type') ?? '';
  // A page for people says it in their words.
  if (type.startsWith('text/html')) return text === '' ? `${answer.status} an empty page` : '';
  if (!type.startsWith('application/problem+json')) return `${answer.status} ${type}: ${text.slice(0, 120)}`;
  const { status, code } = JSON.parse(text) as { readonly status?: number; readonly code?: string };
  return status === answer.status && typeof code === 'string' && code !== 'INTERNAL' ? '' : `${answer.status} ${text.slice(0, 200)}`;
};

/** Bodies that are nobody's, with the types that they call themselves. */
export const strangersBodies: readonly (readonly [type: string, body: Uint8Array])[] = bodies.map(([type, body]) => [type, Buffer.from(body as string)]);

// What no client sends.
const rawRequests: readonly (readonly [string, string])[] = [
  ['no HTTP', '\0\0\0\0\r\n\r\n'], ['half a request', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nx'], ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx'], ['a negative length', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'],
  ['length and chunks', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'], ['chunks of nonsense', 'POST /v1/channels/x/webhooks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzzzz\r\n\r\n'], ['a chunk beyond all', 'POST /v1/channels/x/webhooks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nx'],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'], ['a header without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`], ['many headers', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(3_000)}\r\n`], ['another protocol', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'], ['an upgrade', 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'], ['a path of bytes', 'GET /\u00ff\u00fe HTTP/1.1\r\nhost: x\r\n\r\n'], ['a whole address', 'GET http://other/v1/keys HTTP/1.1\r\nhost: x\r\n\r\n'], ['a star', 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n'],
];

const speak = (url: string, bytes: string): Promise<string> =>
  new Promise((resolve) => {
    let heard = '';
    const socket = dial(Number(new URL(url).port), '127.0.0.1', () => void socket.write(Buffer.from(bytes, 'latin1')));
    const end = setTimeout(() => socket.destroy(), 300);
    socket.on('data', (chunk) => (heard += chunk.toString('latin1'))).on('error', () => undefined).on('close', () => (clearTimeout(end), resolve(heard)));
  });

const texts = ['', 'x', 'a\0b', '👻', `${'x'.repeat(39)}👻`, 'y'.repeat(20_000), '__proto__', "'; DROP TABLE x;--", '2026-02-30T00:00:00Z', '9999-99-99', '-1', 'zz!', '../../x', '00000000-0000-0000-0000-000000000000', Buffer.from('["x","\\u0000"]').toString('base64url'), 'SF', 'CNY', '2026-11-30T00:00:00Z', 'shopify-demo', 'csv-demo', 'TEA-LJ-250', 'WH-SH', 'TIP', 'a.b[0]', '=1+1', '[', '{"a":1}'] as const;
const numbers = [0, 1, -1, 2_147_483_647, -2_147_483_648, 1_000] as const;
const larges = [0, 1, -1, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER] as const;

type Field = NonNullable<ReturnType<typeof registry.getMessage>>['fields'][number];

/** A message of the right type, whatever stands in it. `pick(n)` is one of n. */
const messageOf = (typeName: string, pick: (n: number) => number, depth = 0): Record<string, unknown> => {
  const desc = registry.getMessage(typeName)!;
  const chosen = new Set(desc.oneofs.map(({ fields }) => fields[pick(fields.length)]));
  return Object.fromEntries(desc.fields.flatMap((field) => (depth > 4 || pick(6) === 0 || (field.oneof !== undefined && !chosen.has(field)) ? [] : [[field.localName, valueOf(field, pick, depth)]])));
};

const valueOf = (field: Field, pick: (n: number) => number, depth: number): unknown => {
  if (field.fieldKind === 'list') return Array.from({ length: pick(4) }, () => one(field, pick, depth));
  if (field.fieldKind === 'map') return {};
  return one(field, pick, depth);
};

const one = (field: Field, pick: (n: number) => number, depth: number): unknown => {
  const { message, enum: choices } = field as { readonly message?: { readonly typeName: string }; readonly enum?: { readonly values: readonly { readonly name: string }[] } };
  if (message) return messageOf(message.typeName, pick, depth + 1);
  if (choices) return choices.values[pick(choices.values.length)]!.name;
  // Scalars by descriptor.proto's numbers: 1, 2 floating, 3 int64, 5 int32, 8 bool, 9 string, 12 bytes, 13 uint32.
  switch ((field as { readonly scalar?: number }).scalar) {
    case 8: return pick(2) === 1;
    case 9: return texts[pick(texts.length)];
    case 12: return Buffer.from(texts[pick(texts.length)]!);
    case 1: case 2: return [0, -1, 1e300, Number.NaN, Number.POSITIVE_INFINITY][pick(5)];
    case 13: return Math.abs(numbers[pick(4)]!) % 4_294_967_296;
    case 5: return numbers[pick(numbers.length)];
    default: return larges[pick(larges.length)];
  }
};

const bad = new Set([grpc.status.UNKNOWN, grpc.status.INTERNAL, grpc.status.DATA_LOSS]);

const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const same = (bytes: Buffer): Buffer => bytes;

/** Asks reflection; `undefined` where it ends without an answer. */
const reflected = (client: grpc.Client, request: Buffer): Promise<Buffer | undefined> =>
  new Promise((resolve) => {
    const stream = client.makeBidiStreamRequest(REFLECTION, same, same, new grpc.Metadata(), { deadline: Date.now() + 10_000 });
    stream.on('data', (answer: Buffer) => resolve(answer)).on('error', () => resolve(undefined)).on('end', () => resolve(undefined));
    stream.write(request);
    stream.end();
  });

/** What a service serves, as its reflection says it; health, which is not of ours, left out. */
export const servedAt = async (address: string): Promise<readonly string[]> => {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), { interceptors });
  const answer = await reflected(client, Buffer.from([0x3a, 0x00])); // list_services = 7
  client.close();
  // A name is a text of its own in it: nothing else begins like one.
  return [...new Set(answer?.toString('latin1').match(/(?:flotilla|grpc)\.[\w.]+/g))].filter((name) => name !== 'grpc.health.v1.Health');
};

/** Sends reflection what is no question; whether it answers one after that. */
export const reflectHostilely = async (address: string): Promise<boolean> => {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), { interceptors });
  for (const bytes of [[], [0xff], [0x3a], [0x3a, 0x7f], [0x1a, 0x02, 0xff, 0xfe], [0x22, 0xff, 0xff, 0xff, 0xff, 0x0f], [0x0b], [0x0c], Array.from({ length: 5_000 }, () => 0x0b)]) await reflected(client, Buffer.from(bytes));
  client.close();
  return (await servedAt(address)).length > 0;
};

/** Calls every method of these services with messages of the right type and with bytes that are none. */
export const callHostilely = async (address: string, services: readonly string[], options: { readonly seed: number; readonly runs: number }): Promise<Asked> => {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), { interceptors, 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
  const wrong: Wrong[] = [];
  const statuses: Record<string, number> = {};
  let state = options.seed;
  const pick = (n: number): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % 65_536 % n;
  const call = async (path: string, kind: { readonly requestStream: boolean; readonly responseStream: boolean }, bytes: Buffer, sent: string): Promise<void> => {
    const deadline = Date.now() + 10_000;
    const status = await new Promise<grpc.StatusObject>((resolve) => {
      const stream = kind.requestStream
        ? client.makeClientStreamRequest(path, same, same, new grpc.Metadata(), { deadline }, () => undefined)
        : kind.responseStream ? client.makeServerStreamRequest(path, same, same, bytes, new grpc.Metadata(), { deadline }) : client.makeUnaryRequest(path, same, same, bytes, new grpc.Metadata(), { deadline }, () => undefined);
      stream.on('error', () => undefined).on('status', resolve);
      // Who watches hears nothing until something changes, and was answered all the same.
      if (path.endsWith('/Watch')) setTimeout(() => (resolve({ code: grpc.status.OK, details: '', metadata: new grpc.Metadata() }), stream.cancel()), 300);
      if (kind.responseStream) (stream as grpc.ClientReadableStream<Buffer>).on('data', () => undefined);
      if (kind.requestStream) {
        (stream as grpc.ClientWritableStream<Buffer>).write(bytes);
        (stream as grpc.ClientWritableStream<Buffer>).end();
      }
    });
    statuses[grpc.status[status.code]] = (statuses[grpc.status[status.code]] ?? 0) + 1;
    const reason = status.metadata.get('grpc-status-details-bin').length > 0;
    if (bad.has(status.code) || (status.code !== grpc.status.OK && !reason)) wrong.push({ at: path, sent: sent.slice(0, 600), got: `${grpc.status[status.code]} ${status.details.slice(0, 200)}${reason ? '' : ' (without a reason)'}` });
  };
  for (const name of services) {
    const desc = registry.getService(name);
    if (desc === undefined) throw new Error(`${name} is served, and no proto tells how it is called`);
    const definition = grpcDefinition({ typeName: name } as never);
    for (const method of desc.methods) {
      const { path, requestStream, responseStream, requestSerialize } = definition[method.localName]!;
      for (let run = 0; run < options.runs; run += 1) {
        const request = messageOf(method.input.typeName, pick);
        await call(path, { requestStream, responseStream }, Buffer.from(requestSerialize(request)), JSON.stringify(request));
      }
      for (const bytes of [Buffer.from([0xff]), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), Buffer.from([0x0a, 0x02, 0xff, 0xfe]), Buffer.alloc(3_000, 0x0a), Buffer.from(Array.from({ length: 64 }, () => pick(256)))]) await call(path, { requestStream, responseStream }, bytes, bytes.toString('hex').slice(0, 60));
    }
  }
  client.close();
  return { statuses, wrong };
};
