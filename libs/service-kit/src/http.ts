import 'reflect-metadata';
import { reasonOf } from '@flotilla/contracts';
import type { Logger } from '@flotilla/event-store';
import { Catch, Controller, Get, Header, HttpException, Inject, Module, Res, type ArgumentsHost, type DynamicModule, type ExceptionFilter, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { trace } from '@opentelemetry/api';
import { BadConfiguration } from './config.js';
import { metrics } from './metrics.js';
import { explain } from './rpc-status.js';

/** Under this token controllers get the service's context: `constructor(@Inject(CONTEXT) ctx: ServiceContext<…>)`. */
export const CONTEXT = Symbol('flotilla.context');
const PROBES = Symbol('flotilla.probes');

/** Bodies above this are refused with 413 before they are read. */
export const bodyLimit = 1024 * 1024;

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

/** The service's HTTP: its controllers, probes and metrics. Every body reaches a controller as bytes (`@Body() body: Buffer`). */
export const startHttp = async (options: {
  readonly controllers: readonly Type[];
  readonly context: unknown;
  readonly probes: Probes;
  readonly host: string;
  readonly port: number;
  readonly log: Logger;
}): Promise<HttpServer> => {
  const module: DynamicModule = {
    module: ServiceModule,
    controllers: [ProbesController, ...options.controllers],
    providers: [
      { provide: CONTEXT, useValue: options.context },
      { provide: PROBES, useValue: options.probes },
    ],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter({ bodyLimit, requestTimeout: 30_000, connectionTimeout: 30_000, frameworkErrors: noPath }), { logger: false, bodyParser: false, abortOnError: false });
  const fastify = app.getHttpAdapter().getInstance();
  // Whatever the sender calls it: a webhook's signature is over the bytes, and bytes that are not JSON are for quarantine.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Of a type that is none fastify would say 415: the bytes are for the controller all the same.
    const { headers } = request.raw;
    if (headers['content-type'] !== undefined && !/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/.test(headers['content-type'])) headers['content-type'] = 'application/octet-stream';
    trace.getActiveSpan()?.updateName(`${request.method} ${request.routeOptions.url ?? 'unknown route'}`);
    done();
  });
  app.useGlobalFilters(new ProblemFilter(options.log));
  await app.listen(options.port, options.host).catch(async (error: Error) => {
    await app.close();
    throw new BadConfiguration(`HTTP cannot listen on ${options.host}:${options.port}: ${error.message}`);
  });
  const { port } = app.getHttpServer().address() as { port: number };
  return { url: `http://${options.host}:${port}`, app, stop: () => app.close() };
};
