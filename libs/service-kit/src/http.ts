import 'reflect-metadata';
import type { EventEmitter } from 'node:events';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Transform, type Readable } from 'node:stream';
import { reasonOf, type Reason } from '@flotilla/contracts';
import type { Logger } from '@flotilla/event-store';
import { Catch, Controller, Get, Header, Headers, HttpException, Inject, Module, Res, type ArgumentsHost, type DynamicModule, type ExceptionFilter, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { exposition, histogram, spanNames } from '@flotilla/telemetry';
import { trace } from '@opentelemetry/api';
import { BadConfiguration } from './config.js';
import { Describe, json, longestPart, openapiOf, plainText, routeConfig, type Route } from './describe.js';
import { explain } from './rpc-status.js';
import type { Gate } from './shedding.js';

/** Under this token controllers get the service's context: `constructor(@Inject(CONTEXT) ctx: ServiceContext<…>)`. */
export const CONTEXT = Symbol('flotilla.context');
const PROBES = Symbol('flotilla.probes');
const DOCUMENT = Symbol('flotilla.document');

/** Bodies above this are refused with 413 before they are read. */
export const bodyLimit = 1024 * 1024;

/** Bytes of whole bodies that a process holds at once, until they are answered; who sends more is told to come back. */
const heldLimit = 64 * 1024 * 1024;

/** Connections beyond these are closed at once. */
const mostConnections = 2_000;

/** How long a request may take to arrive: one that is read whole, one that is taken as it comes, and what is left of one that was answered before its end. */
export interface Patience {
  readonly wholeMs: number;
  readonly streamMs: number;
  readonly lingerMs: number;
}
const patience: Patience = { wholeMs: 30_000, streamMs: 3_600_000, lingerMs: 10_000 };

/** A body as it arrives. Whoever takes it reads it to its end or destroys it. */
export interface Upload {
  /** What the sender calls it. */
  readonly type: string;
  /** Fails with statusCode 413 beyond the handler's bound, and where the sender breaks off. */
  readonly bytes: Readable;
}

/**
 * Marks a handler whose body is not read whole: `@TakesStream(bytes) @Post() take(@Body() { bytes }: Upload)`. Every other handler keeps its
 * bound of 1 MiB and its half minute.
 */
export const TakesStream = (largest: number): MethodDecorator => routeConfig({ [STREAM]: largest });

// Fastify chooses how a body is read by its type alone, so the routes that take a stream get a type of their own, which nobody outside may use.
const STREAM = 'application/vnd.flotilla.stream';

class BodyFailed extends Error {
  override readonly name = 'BodyFailed';
  constructor(readonly statusCode: number, message: string) {
    super(message);
  }
}

const tooLarge = (largest: number): BodyFailed => new BodyFailed(413, `a body has at most ${largest} bytes here`);

const sendsBody = ({ headers }: IncomingMessage): boolean => headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

// Who still sends would not read the answer if the connection broke: the rest is read and forgotten, for a while.
const linger = (source: IncomingMessage, lingerMs: number): void => {
  const giveUp = setTimeout(() => source.destroy(), lingerMs).unref();
  source.once('end', () => clearTimeout(giveUp)).once('close', () => clearTimeout(giveUp));
  source.resume();
};

const uploadOf = (source: IncomingMessage, type: string, largest: number, lingerMs: number): Upload => {
  let size = 0;
  const bytes = new Transform({
    transform: (chunk: Buffer, _encoding, done) => ((size += chunk.length) > largest ? done(tooLarge(largest)) : done(null, chunk)),
  });
  source.once('aborted', () => bytes.destroy(new BodyFailed(400, 'the body broke off')));
  source.once('error', (error) => bytes.destroy(error));
  bytes.once('close', () => {
    if (source.complete) return;
    source.unpipe(bytes);
    linger(source, lingerMs);
  });
  bytes.on('error', () => undefined); // whoever reads it is told by its iterator or its pipeline; between two reads nobody listens
  return { type, bytes: source.pipe(bytes) };
};

export interface Probes {
  /** Reasons why the service cannot take calls; empty = ready. */
  ready(): readonly string[];
  /** What is told beside that. */
  remarks?(): readonly string[];
}

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

@Controller()
class ProbesController {
  constructor(@Inject(PROBES) private readonly probes: Probes) {}

  // Liveness looks at nothing outside: a broker that is down is no reason to be restarted.
  @Describe({ id: 'live', summary: 'Whether the process answers', answers: { 200: ['It does', plainText] } })
  @Get('livez')
  @Header('content-type', 'text/plain; charset=utf-8')
  live(): string {
    return 'ok';
  }

  @Describe({ id: 'ready', summary: 'Whether the service can take calls', answers: { 200: ['It can, and what stands still', plainText], 503: ['Why it cannot', plainText] } })
  @Get('readyz')
  ready(@Res() reply: Reply): void {
    const reasons = this.probes.ready();
    reply.status(reasons.length === 0 ? 200 : 503).header('content-type', 'text/plain').send([...(reasons.length === 0 ? ['ok'] : reasons), ...(this.probes.remarks?.() ?? [])].join('\n'));
  }

  @Describe({ id: 'metrics', summary: 'Figures for Prometheus', answers: { 200: ['Figures', plainText] } })
  @Get('metrics')
  async metrics(@Headers('accept') accept: string | undefined, @Res() reply: Reply): Promise<void> {
    const { type, body } = await exposition(accept ?? '');
    reply.header('content-type', type).send(body);
  }
}

@Controller()
class DocumentController {
  constructor(@Inject(DOCUMENT) private readonly document: { readonly text: string }) {}

  @Describe({ id: 'description', summary: 'This document', answers: { 200: ['OpenAPI 3.1', json({ type: 'object' })] } })
  @Get('openapi.json')
  @Header('content-type', 'application/json')
  description(): string {
    return this.document.text;
  }
}

const problemOf = (code: Reason, status: number, detail: string): string => JSON.stringify({ type: `urn:flotilla:reason:${code}`, title: reasonOf(code).en, status, detail, code });

// Before there is a request, as with headers without end, there is a connection alone to say it to.
const endWith = (socket: Socket, status: number, code: Reason, detail: string): void => {
  if (!socket.writable) return; // it is answered already, and sends on
  const body = problemOf(code, status, detail);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
  // Closed at once it would be reset under a sender who still sends, and the answer lost.
  const giveUp = setTimeout(() => socket.destroy(), 1_000).unref();
  socket.once('close', () => clearTimeout(giveUp));
};

const notHttp = (error: NodeJS.ErrnoException, socket: Socket): void => {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return endWith(socket, 408, 'BAD_REQUEST', 'the request did not arrive in time');
    case 'HPE_HEADER_OVERFLOW':
      return endWith(socket, 431, 'TOO_LARGE', 'the URL and the headers are too long');
    default:
      return endWith(socket, 400, 'BAD_REQUEST', 'this is not HTTP');
  }
};

/** Counts what is held of bodies that are read whole, and stops the one for which there is no room. */
const heldBodies = (): ((source: Readable, answered: EventEmitter) => void) => {
  let held = 0;
  return (source, answered) => {
    let size = 0;
    const count = (chunk: Buffer): void => {
      size += chunk.length;
      held += chunk.length;
      // What comes beyond a bound is not kept by anybody.
      if (size > bodyLimit || held > heldLimit) source.off('data', count);
      // Where nobody reads the body (of a GET, or one refused by its length) nobody would hear it either, and the process would end.
      if (held > heldLimit && source.listenerCount('error') > 0) source.emit('error', new BodyFailed(429, 'too much is being read at the moment; try again later'));
    };
    source.on('data', count);
    // What comes after the answer is read and forgotten.
    answered.once('close', () => {
      source.off('data', count);
      held -= size;
    });
  };
};

/** What a caller is told of an error: a reason of the registry, the status, a sentence. */
export interface Told {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
}

/** Every error as an RFC 9457 problem; `code` is a reason of the registry. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<Reply>();
    const told = this.describe(error);
    const { code, status } = told;
    if (status >= 500) this.log.error({ err: error }, 'request failed');
    // What the database refused may be ours: the log says which.
    else if (String((error as { readonly code?: unknown } | null)?.code).startsWith('22')) this.log.warn({ err: error }, 'request refused by what it met');
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    reply.status(status).header('content-type', 'application/problem+json').send({ type: `urn:flotilla:reason:${code}`, title: reasonOf(code).en, status, ...this.body(told, error), ...(traceId ? { traceId } : {}) });
  }

  /** What a problem says besides its type, title and status. */
  protected body({ code, detail }: Told, _error: unknown): object {
    return { detail, code };
  }

  protected describe(error: unknown): Told {
    const statusCode = (error as { statusCode?: number }).statusCode;
    if (error instanceof HttpException) return { ...this.byStatus(error.getStatus()), detail: error.message };
    if (typeof statusCode === 'number' && statusCode < 500) return { ...this.byStatus(statusCode), detail: (error as Error).message };
    const { reason, message } = explain(error);
    return { code: reason, status: reasonOf(reason).http, detail: message };
  }

  private byStatus(status: number): { code: string; status: number } {
    const code = { 401: 'UNAUTHENTICATED', 404: 'NOT_FOUND', 405: 'METHOD_NOT_ALLOWED', 413: 'TOO_LARGE', 429: 'OVERLOADED' }[status] ?? (status >= 500 ? 'INTERNAL' : 'BAD_REQUEST');
    return { code, status };
  }
}

// Errors before any route is taken, as a URL that cannot be decoded, never reach the filter.
const noPath = ({ code }: { readonly code?: string }, _request: unknown, reply: unknown): void => {
  const [status, reason, detail] = code === 'FST_ERR_MAX_PARAM_LENGTH' ? ([414, 'TOO_LARGE', `a part of the path has at most ${longestPart} characters`] as const) : ([400, 'BAD_REQUEST', 'the URL cannot be read'] as const);
  (reply as Reply).status(status).header('content-type', 'application/problem+json').send(problemOf(reason, status, detail));
};

export type Fastify = ReturnType<NestFastifyApplication['getHttpAdapter']>['getInstance'] extends () => infer F ? F : never;

/** A path that is there says which methods it has, RFC 9110. */
const refuseOtherMethods = (fastify: Fastify, routes: readonly Route[]): void => {
  for (const url of new Set(routes.map((route) => route.url))) {
    const own = routes.filter((route) => route.url === url).flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    const allow = own.join(', ');
    fastify.route({
      method: fastify.supportedMethods.filter((method) => !own.includes(method)) as never,
      url,
      // Before anything of it is read.
      onRequest: (_request, reply) => void reply.status(405).header('allow', allow).header('content-type', 'application/problem+json').send(problemOf('METHOD_NOT_ALLOWED', 405, `here is ${allow} alone`)),
      handler: () => undefined,
    });
  }
};

const seconds = histogram('flotilla_http_server_seconds');
/** Of these nobody is refused, and nothing is measured: they would hide what people ask for. */
const probes = new Set(['/livez', '/readyz', '/metrics']);
const tooBusy = problemOf('OVERLOADED', 503, 'more than this process can do; try again in a moment');

/** Measures every request but probes, and refuses what is too much before anything of it is read. */
const watch = (fastify: ReturnType<NestFastifyApplication['getHttpAdapter']>['getInstance'] extends () => infer F ? F : never, gate: Gate): void => {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, routeOptions } = request;
    if (probes.has(routeOptions.url ?? '')) return done();
    const entered = gate.enter('http');
    const span = trace.getActiveSpan()?.spanContext();
    // Not fastify's onResponse: that hears nothing of a caller who is gone before the answer.
    reply.raw.once('close', () => {
      if (entered) gate.left();
      const status = reply.raw.writableFinished ? String(reply.statusCode) : 'gone';
      // Of what is not there, strangers choose the names: they are one to us.
      const own = routeOptions.url !== undefined && reply.statusCode !== 405;
      seconds.observe({ method: own ? method : 'other', route: routeOptions.url ?? 'none', status }, reply.elapsedTime / 1_000, span);
    });
    if (entered) return done();
    reply.status(503).header('retry-after', '1').header('content-type', 'application/problem+json').send(tooBusy);
  });
};

@Module({})
class ServiceModule {}

export interface HttpServer {
  readonly url: string;
  readonly app: NestFastifyApplication;
  stop(): Promise<void>;
}

export interface HttpOptions {
  /** Of the service, for its OpenAPI document. */
  readonly name: string;
  readonly controllers: readonly Type[];
  readonly context: unknown;
  readonly probes: Probes;
  readonly host: string;
  readonly port: number;
  readonly log: Logger;
  readonly gate: Gate;
  readonly patience?: Patience;
  /** Plug-ins and hooks of fastify, before any route stands. */
  readonly extend?: (fastify: Fastify) => Promise<void> | void;
  /** How errors are told, if not as problems alone. */
  readonly filter?: ExceptionFilter;
}

/** The service's HTTP: its controllers, probes and metrics. Every body reaches a controller as bytes (`@Body() body: Buffer`), or as they arrive (`TakesStream`). */
export const startHttp = async (options: HttpOptions): Promise<HttpServer> => {
  const { wholeMs, streamMs, lingerMs } = options.patience ?? patience;
  const document = { text: '' };
  const module: DynamicModule = {
    module: ServiceModule,
    controllers: [ProbesController, DocumentController, ...options.controllers],
    providers: [
      { provide: DOCUMENT, useValue: document },
      { provide: CONTEXT, useValue: options.context },
      { provide: PROBES, useValue: options.probes },
    ],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter({ bodyLimit, routerOptions: { maxParamLength: longestPart }, requestTimeout: streamMs, connectionTimeout: 30_000, frameworkErrors: noPath, clientErrorHandler: notHttp, http: { requireHostHeader: false, headersTimeout: wholeMs, connectionsCheckingInterval: Math.ceil(wholeMs / 10) } }), { logger: false, bodyParser: false, abortOnError: false });
  const fastify = app.getHttpAdapter().getInstance();
  // Whatever the sender calls it: a webhook's signature is over the bytes, and bytes that are not JSON are for quarantine.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addContentTypeParser(STREAM, (request, payload, done) => done(null, uploadOf(payload, types.get(request.raw) ?? '', largestOf(request), lingerMs)));
  const types = new WeakMap<IncomingMessage, string>();
  const largestOf = ({ routeOptions }: { readonly routeOptions: { readonly config: object } }): number => (routeOptions.config as Readonly<Record<string, number | undefined>>)[STREAM] ?? 0;
  watch(fastify, options.gate);
  fastify.addHook('onRequest', (request, reply, done) => {
    // Of a type that is none fastify would say 415: the bytes are for the controller all the same.
    const { headers } = request.raw;
    if (headers.host === undefined && request.raw.httpVersion === '1.1') {
      reply.header('connection', 'close');
      return done(new BodyFailed(400, 'a request names its host'));
    }
    if (headers['content-type'] !== undefined && !/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/.test(headers['content-type'])) headers['content-type'] = 'application/octet-stream';
    trace.getActiveSpan()?.updateName(spanNames.route(request.method, request.routeOptions.url ?? 'unknown route'));
    const largest = largestOf(request);
    if (largest > 0) {
      types.set(request.raw, headers['content-type'] ?? '');
      headers['content-type'] = STREAM;
      if (Number(headers['content-length'] ?? 0) <= largest) return done();
      linger(request.raw, lingerMs);
      return done(tooLarge(largest));
    }
    if (headers['content-type']?.trimStart().toLowerCase().startsWith(STREAM)) headers['content-type'] = 'application/octet-stream';
    // The server's own limit is that of the longest uploads.
    if (sendsBody(request.raw)) {
      const late = setTimeout(() => {
        // It has arrived, though nobody reads it: then the handler takes its time, not the sender.
        if (request.raw.complete) return;
        const { socket } = request.raw;
        if (reply.raw.headersSent) socket.destroy();
        else endWith(socket, 408, 'BAD_REQUEST', 'the body did not arrive in time');
      }, wholeMs);
      request.raw.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late));
    }
    done();
  });
  // Fastify closes the connection of a body that it does not want to its end: whoever still sends would be reset, and not hear why.
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (sendsBody(request.raw) && !request.raw.complete && largestOf(request) === 0) {
      reply.removeHeader('connection');
      linger(request.raw, lingerMs);
    }
    done(null, payload);
  });
  const hold = heldBodies();
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    if (largestOf(request) === 0) hold(payload as Readable, reply.raw);
    done(null, payload);
  });
  const routes: Route[] = [];
  fastify.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') routes.push({ method: one, url, config: (config ?? {}) as Route['config'] });
  });
  await options.extend?.(fastify);
  app.useGlobalFilters(options.filter ?? new ProblemFilter(options.log));
  (app.getHttpServer() as { maxConnections: number }).maxConnections = mostConnections;
  await app.init();
  document.text = JSON.stringify(openapiOf(options.name, routes, (route) => Number(route.config[STREAM] ?? bodyLimit)));
  refuseOtherMethods(fastify, [...routes]);
  await app.listen(options.port, options.host).catch(async (error: Error) => {
    await app.close();
    throw new BadConfiguration(`HTTP cannot listen on ${options.host}:${options.port}: ${error.message}`);
  });
  const { port } = app.getHttpServer().address() as { port: number };
  return { url: `http://${options.host}:${port}`, app, stop: () => app.close() };
};
