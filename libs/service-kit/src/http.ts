import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { reasonOf } from '@flotilla/contracts';
import type { Logger } from '@flotilla/event-store';
import { Catch, Controller, Get, Header, HttpException, Inject, Module, Res, type ArgumentsHost, type DynamicModule, type ExceptionFilter, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { trace } from '@opentelemetry/api';
import { BadConfiguration } from './config.js';
import { metrics } from './metrics.js';
import { explain } from './rpc-status.js';

/** Under this token controllers get the service's context: `constructor(@Inject(CONTEXT) ctx: ServiceContext<…>)`. */
export const CONTEXT = Symbol('flotilla.context');
const PROBES = Symbol('flotilla.probes');

/** Bodies above this are refused with 413 before they are read. */
export const bodyLimit = 1024 * 1024;

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
export const TakesStream = (largest: number): MethodDecorator => RouteConfig({ [STREAM]: largest }) as MethodDecorator;

// Fastify chooses how a body is read by its type alone, so the routes that take a stream get a type of their own, which nobody outside may use.
const STREAM = 'application/vnd.flotilla.stream';

class BodyFailed extends Error {
  override readonly name = 'BodyFailed';
  constructor(readonly statusCode: number, message: string) {
    super(message);
  }
}

const tooLarge = (largest: number): BodyFailed => new BodyFailed(413, `a body has at most ${largest} bytes here`);

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
  /** Reasons why the service cannot take work; empty = ready. */
  ready(): readonly string[];
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
  @Get('livez')
  live(): string {
    return 'ok';
  }

  @Get('readyz')
  ready(@Res() reply: Reply): void {
    const reasons = this.probes.ready();
    reply.status(reasons.length === 0 ? 200 : 503).header('content-type', 'text/plain').send(reasons.length === 0 ? 'ok' : reasons.join('\n'));
  }

  @Get('metrics')
  @Header('content-type', metrics.contentType)
  metrics(): Promise<string> {
    return metrics.metrics();
  }
}

/** Every error as an RFC 9457 problem; `code` is a reason of the registry. */
@Catch()
class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<Reply>();
    const { code, status, detail } = this.describe(error);
    if (status >= 500) this.log.error({ err: error }, 'request failed');
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    reply
      .status(status)
      .header('content-type', 'application/problem+json')
      .send({ type: `urn:flotilla:reason:${code}`, title: reasonOf(code).en, status, detail, code, ...(traceId ? { traceId } : {}) });
  }

  private describe(error: unknown): { code: string; status: number; detail: string } {
    const statusCode = (error as { statusCode?: number }).statusCode;
    if (error instanceof HttpException) return { ...this.byStatus(error.getStatus()), detail: error.message };
    if (typeof statusCode === 'number' && statusCode < 500) return { ...this.byStatus(statusCode), detail: (error as Error).message };
    const { reason, message } = explain(error);
    return { code: reason, status: reasonOf(reason).http, detail: message };
  }

  private byStatus(status: number): { code: string; status: number } {
    const code = { 401: 'UNAUTHENTICATED', 404: 'NOT_FOUND', 413: 'TOO_LARGE', 429: 'OVERLOADED' }[status] ?? (status >= 500 ? 'INTERNAL' : 'BAD_REQUEST');
    return { code, status };
  }
}

// Errors before any route is looked for, as a URL that cannot be decoded, never reach the filter.
const noPath = (_error: Error, _request: unknown, reply: unknown): void => {
  const [code, status] = ['BAD_REQUEST', 400] as const;
  (reply as Reply).status(status).header('content-type', 'application/problem+json').send(JSON.stringify({ type: `urn:flotilla:reason:${code}`, title: reasonOf(code).en, status, detail: 'the URL cannot be read', code }));
};

@Module({})
class ServiceModule {}

export interface HttpServer {
  readonly url: string;
  readonly app: NestFastifyApplication;
  stop(): Promise<void>;
}

/** The service's HTTP: its controllers, probes and metrics. Every body reaches a controller as bytes (`@Body() body: Buffer`), or as they arrive (`TakesStream`). */
export const startHttp = async (options: {
  readonly controllers: readonly Type[];
  readonly context: unknown;
  readonly probes: Probes;
  readonly host: string;
  readonly port: number;
  readonly log: Logger;
  readonly patience?: Patience;
}): Promise<HttpServer> => {
  const { wholeMs, streamMs, lingerMs } = options.patience ?? patience;
  const module: DynamicModule = {
    module: ServiceModule,
    controllers: [ProbesController, ...options.controllers],
    providers: [
      { provide: CONTEXT, useValue: options.context },
      { provide: PROBES, useValue: options.probes },
    ],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter({ bodyLimit, requestTimeout: streamMs, connectionTimeout: 30_000, frameworkErrors: noPath }), { logger: false, bodyParser: false, abortOnError: false });
  const fastify = app.getHttpAdapter().getInstance();
  // Whatever the sender calls it: a webhook's signature is over the bytes, and bytes that are not JSON are for quarantine.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addContentTypeParser(STREAM, (request, payload, done) => done(null, uploadOf(payload, types.get(request.raw) ?? '', largestOf(request), lingerMs)));
  const types = new WeakMap<IncomingMessage, string>();
  const largestOf = ({ routeOptions }: { readonly routeOptions: { readonly config: object } }): number => (routeOptions.config as Readonly<Record<string, number | undefined>>)[STREAM] ?? 0;
  fastify.addHook('onRequest', (request, reply, done) => {
    // Of a type that is none fastify would say 415: the bytes are for the controller all the same.
    const { headers } = request.raw;
    if (headers['content-type'] !== undefined && !/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/.test(headers['content-type'])) headers['content-type'] = 'application/octet-stream';
    trace.getActiveSpan()?.updateName(`${request.method} ${request.routeOptions.url ?? 'unknown route'}`);
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
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
      const late = setTimeout(() => {
        // It has arrived, though nobody reads it: then the handler takes its time, not the sender.
        if (request.raw.complete) return;
        const { socket } = request.raw;
        if (reply.raw.headersSent) socket.destroy();
        else socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n', () => socket.destroy());
      }, wholeMs);
      request.raw.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late));
    }
    done();
  });
  app.useGlobalFilters(new ProblemFilter(options.log));
  (app.getHttpServer() as { headersTimeout: number }).headersTimeout = wholeMs;
  await app.listen(options.port, options.host).catch(async (error: Error) => {
    await app.close();
    throw new BadConfiguration(`HTTP cannot listen on ${options.host}:${options.port}: ${error.message}`);
  });
  const { port } = app.getHttpServer().address() as { port: number };
  return { url: `http://${options.host}:${port}`, app, stop: () => app.close() };
};
