import { randomBytes } from 'node:crypto';
import { ANCHOR_ID, anchorLog, anchors, createEventStore, runFollowers, runTimers, runWorkers, timerFollower, workFollower, type EventStore, type Follower, type Logger, type Meta, type Performed } from '@flotilla/event-store';
import { connectBus, consume, publishParked, relay, type Bus, type BusOptions, type ConsumeOptions, type Consumer } from '@flotilla/messaging';
import { histogram, nameService, scope, spanNames } from '@flotilla/telemetry';
import { open, seal } from '@flotilla/values';
import { propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { topicOf } from '@flotilla/contracts';
import pg from 'pg';
import type { z } from 'zod';
import { runAnchors } from './anchors.js';
import { auditLog, auditTo } from './audit.js';
import { changesService } from './changes.js';
import { BadConfiguration, readConfig, type CommonConfig } from './config.js';
import { createContext } from './context.js';
import type { ServiceContext, ServiceDefinition, ServiceParts } from './definition.js';
import { Door, parseAccess } from './door.js';
import { startGrpc } from './grpc-server.js';
import { startHttp } from './http.js';
import { createLog } from './log.js';
import { observe } from './observe.js';
import { loadGate, loopShare } from './shedding.js';
import { migrate } from './migrations.js';
import { opsServices } from './ops.js';
import { readinessOf } from './readiness.js';
import { specAccess } from './spec-access.js';
import { watchedFile } from './watched-file.js';

/** A running service. */
export interface Running {
  readonly http: string;
  readonly grpc: string;
  readonly ctx: ServiceContext;
  /** Stops in order: no new work, what is under way, then connections. */
  stop(): Promise<void>;
}

/**
 * Starts a service from the environment and ends with it on SIGTERM or SIGINT. `main.ts` is this one call. With the argument `migrate` it
 * brings its database to this version and ends: whoever runs services without their databases' owner does that first.
 */
export const startService = async <Shape extends z.ZodRawShape>(definition: ServiceDefinition<Shape>): Promise<void> => {
  if (process.argv[2] === 'migrate') return migrateAlone(definition);
  return runProcess(definition.name, (fatal) => start(definition, process.env, fatal));
};

/** Whatever this process is, from its start to its end. */
export const runProcess = async (name: string, begin: (fatal: () => void) => Promise<{ stop(): Promise<void> }>): Promise<void> => {
  let running: { stop(): Promise<void> } | undefined;
  let ending = false;
  const end = (code: number): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code || 1), 15_000).unref();
    void (async () => {
      await running?.stop();
      await (globalThis as Record<symbol, (() => Promise<void>) | undefined>)[Symbol.for('flotilla.otel.shutdown')]?.();
      process.exit(code);
    })();
  };
  // What nobody caught may have left anything half done: say so in the log's form, without personal data, and stop in order.
  process.on('uncaughtException', (error) => {
    createLog(name, 'error').error({ err: error }, 'the service stops: an error that nobody caught');
    end(1);
  });
  process.on('SIGTERM', () => end(0));
  process.on('SIGINT', () => end(0));
  nameService(name);
  try {
    running = await begin(() => end(1));
  } catch (error) {
    const why = error instanceof BadConfiguration ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`${name} did not start. ${why}\n`);
    process.exit(ending ? 0 : 1);
  }
};

const migrateAlone = async <Shape extends z.ZodRawShape>(definition: ServiceDefinition<Shape>): Promise<void> => {
  try {
    const config = readConfig(process.env, definition.config);
    if (!config.FLOTILLA_MIGRATION_DATABASE_URL) throw new BadConfiguration('FLOTILLA_MIGRATION_DATABASE_URL is not set; migrations run as the owner of the database');
    await prepareDatabase(config, definition).catch(unreachable('FLOTILLA_MIGRATION_DATABASE_URL', config.FLOTILLA_MIGRATION_DATABASE_URL));
    createLog(definition.name, config.FLOTILLA_LOG_LEVEL).info({}, 'migrated');
  } catch (error) {
    process.stderr.write(`${definition.name} was not migrated. ${error instanceof BadConfiguration ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exitCode = 1;
  }
};

/** Starts a service in this process, with this environment; for tests. Whoever calls it from this process is `service:spec`, which may do everything. */
export const startForTest = async <Shape extends z.ZodRawShape>(definition: ServiceDefinition<Shape>, env: Readonly<Record<string, string>>): Promise<Running> => {
  const own = specAccess();
  const all = { FLOTILLA_HTTP_PORT: '0', FLOTILLA_GRPC_PORT: '0', FLOTILLA_LOG_LEVEL: 'warn', FLOTILLA_SHED_AT: '1', FLOTILLA_PARKED_KEY: randomBytes(32).toString('base64'), ...own.env, ...env };
  const running = await start(definition, all, (error) => {
    throw error;
  });
  return { ...running, stop: () => running.stop().finally(own.remove) };
};

/** Stops what was started last first, each though another did not. */
export const stopping = (stops: (() => Promise<unknown> | unknown)[], log: Logger) => async (): Promise<void> => {
  for (const one of stops.splice(0).toReversed()) {
    try {
      await one();
    } catch (error) {
      log.warn({ err: error }, 'a part did not stop cleanly');
    }
  }
};

const start = async <Shape extends z.ZodRawShape>(definition: ServiceDefinition<Shape>, env: Readonly<Record<string, string | undefined>>, fatal: (error: unknown) => void): Promise<Running> => {
  const { name } = definition;
  const config = readConfig(env, definition.config);
  const log = createLog(name, config.FLOTILLA_LOG_LEVEL);
  const stops: (() => Promise<unknown> | unknown)[] = [];
  const stop = stopping(stops, log);
  try {
    // First, so that its client is loaded while the database is prepared.
    const bus = connectBus({ client: config.FLOTILLA_KAFKA_CLIENT, brokers: config.FLOTILLA_KAFKA_BROKERS.split(','), clientId: name, log, ...kafkaLogin(config) });
    stops.push(() => bus.close());
    await prepareDatabase(config, definition).catch(unreachable('FLOTILLA_MIGRATION_DATABASE_URL', config.FLOTILLA_MIGRATION_DATABASE_URL));
    const pool = connectPool(name, config, log);
    stops.push(() => pool.end());
    await pool.query('SELECT').catch(unreachable('FLOTILLA_DATABASE_URL', config.FLOTILLA_DATABASE_URL));
    const store = createEventStore({ pool, log, ...(definition.deciders ? { deciders: definition.deciders } : {}) });
    stops.push(() => store.close());
    const die = (error: unknown): void => {
      log.error({ err: error }, 'the service stops: it cannot go on');
      fatal(error);
    };
    const ctx = createContext({ name, config, pool, store, log, fatal: die });
    stops.push(() => ctx.close());
    const parts = await definition.build(ctx);
    if (parts.stop) stops.push(parts.stop);
    const served = await run(ctx, parts, bus, log, stops);
    log.info({ http: served.http, grpc: served.grpc }, 'started');
    return { ...served, ctx, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const kafkaLogin = ({ FLOTILLA_KAFKA_USER: username, FLOTILLA_KAFKA_PASSWORD: password, FLOTILLA_KAFKA_TLS: ssl }: CommonConfig): Pick<BusOptions, 'sasl' | 'ssl'> => {
  if ((username === undefined) !== (password === undefined)) throw new BadConfiguration('FLOTILLA_KAFKA_USER and FLOTILLA_KAFKA_PASSWORD are set together, or neither is');
  return { ...(ssl ? { ssl } : {}), ...(username !== undefined && password !== undefined ? { sasl: { mechanism: 'scram-sha-512', username, password } } : {}) };
};

const prepareDatabase = async (config: CommonConfig, definition: Pick<ServiceDefinition, 'migrations'>): Promise<void> => {
  if (!config.FLOTILLA_MIGRATION_DATABASE_URL) return;
  const role = decodeURIComponent(new URL(config.FLOTILLA_DATABASE_URL).username);
  await migrate({ ownerUrl: config.FLOTILLA_MIGRATION_DATABASE_URL, role, reader: config.FLOTILLA_READER_ROLE, migrations: definition.migrations });
};

// One sentence with the name to look at; an error of any other kind keeps its stack.
const unreachable =
  (variable: string, url: string | undefined) =>
  (error: Error & { readonly code?: string }): never => {
    if (!/^(?:E[A-Z]+|3D000|28...|08...|57P03)$/.test(error.code ?? '')) throw error;
    const { host, pathname } = new URL(url ?? '');
    throw new BadConfiguration(`${variable}: the database ${pathname.slice(1)} at ${host} cannot be used (${error.message || error.code})`);
  };

const connectPool = (name: string, config: CommonConfig, log: Logger): pg.Pool => {
  // A queue for a connection that takes so long is an outage; callers hear of it instead of waiting for ever.
  const pool = new pg.Pool({ connectionString: config.FLOTILLA_DATABASE_URL, max: config.FLOTILLA_DATABASE_POOL, connectionTimeoutMillis: 10_000, application_name: name });
  // Without listeners a lost connection ends the process.
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection was lost'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
};

// What starts last stops first: HTTP and gRPC take no more, then consumers, workers, timers, followers.
const run = async (ctx: ServiceContext & { readonly store: EventStore }, parts: ServiceParts, bus: Bus, log: Logger, stops: (() => Promise<unknown> | unknown)[]): Promise<{ http: string; grpc: string }> => {
  const { pool, store, config, name } = ctx;
  const publish: NonNullable<ServiceParts['publish']> = (event) => {
    if (event.type === 'LogAnchored') return [{ topic: topicOf('flotilla.audit.v1.LogAnchored')!, key: name, type: 'flotilla.audit.v1.LogAnchored', data: event.data }];
    const parked = publishParked(event);
    return parked.length > 0 ? parked : (parts.publish?.(event) ?? []);
  };
  await parts.begin?.();
  const followers: Follower[] = [
    relay({ bus, publish }),
    ...(parts.timers ? [timerFollower('timers', parts.timers.changes)] : []),
    ...(parts.jobs ? [workFollower('work', parts.jobs)] : []),
    ...(parts.followers ?? []),
  ];
  const runner = await runFollowers({ pool, store, followers, log });
  stops.push(() => runner.stop());
  const { timers, performers } = parts;
  if (timers) {
    const fire = (timer: { key: string; dueAt: string; data: unknown; traceparent?: string; correlation: string }): Promise<void> =>
      within(spanNames.timer(name), SpanKind.INTERNAL, timer.traceparent, () => timers.fire(timer, ctx.meta({ actor: `timer:${name}`, correlation: timer.correlation, causation: timer.key })));
    const loop = await runTimers({ pool, clocks: ctx.clock, fire, log });
    stops.push(() => loop.stop());
  }
  if (performers) {
    const traced = (job: Performed, act: (job: Performed, meta: Meta) => Promise<void>): Promise<void> =>
      within(spanNames.perform(job.kind), SpanKind.INTERNAL, job.traceparent, () => timed(job.kind, () => act(job, ctx.meta({ actor: `work:${job.kind}`, correlation: job.correlation, causation: job.intent }))));
    const wrapped = Object.fromEntries(
      Object.entries(performers).map(([kind, performer]) => [kind, { ...performer, perform: (job: Performed) => traced(job, performer.perform), resolve: (job: Performed) => traced(job, performer.resolve) }]),
    );
    const workers = await runWorkers({ pool, performers: wrapped, log });
    stops.push(() => workers.stop());
  }
  const consumers = new Map<string, Consumer>();
  for (const definition of parts.consumers ?? []) {
    const consumer = await consume({ ...definition, bus, store, consumer: definition.name, ...parkedSeal(config), log, subscribe: { sessionTimeoutMs: config.FLOTILLA_KAFKA_SESSION_SECONDS * 1_000, onFatal: (error) => ctx.fatal(error) } });
    consumers.set(definition.name, consumer);
    stops.push(() => consumer.stop());
  }
  const last = (await store.folded(anchors, [ANCHOR_ID])).get(ANCHOR_ID)?.state?.anchoredAt;
  const anchoring = runAnchors({ everyMs: config.FLOTILLA_ANCHOR_SECONDS * 1_000, last: last ? new Date(last) : undefined, anchor: async () => void (await anchorLog({ pool, store, service: name, at: ctx.clock.machine().toISOString(), meta: ctx.meta() })), log });
  stops.push(() => anchoring.stop());
  const gate = loadGate({ at: config.FLOTILLA_SHED_AT, now: () => performance.now(), busy: loopShare(), waitMs: () => store.queue().longestMs });
  stops.push(observe({ service: name, consumers, positions: () => runner.positions(), pool, store, clock: ctx.clock, gate, kinds: Object.keys(performers ?? {}) }));
  const readiness = readinessOf(consumers);
  const changes = changesService(runner);
  const door = new Door(name, config.FLOTILLA_ACCESS_FILE === undefined ? undefined : watchedFile('FLOTILLA_ACCESS_FILE', config.FLOTILLA_ACCESS_FILE, parseAccess, log));
  const grpc = await startGrpc({ door, audit: auditTo(pool, log), services: [...(parts.grpc ?? []), ...opsServices(parts, store, () => consumers, () => runner.positions()), auditLog(pool), changes.served], host: config.FLOTILLA_HOST, port: config.FLOTILLA_GRPC_PORT, reflection: config.FLOTILLA_REFLECTION, log, gate });
  stops.push(() => grpc.stop());
  stops.push(() => changes.stop()); // before gRPC waits for what is under way
  let draining = false;
  const http = await startHttp({ name: ctx.name, controllers: parts.controllers ?? [], context: ctx, probes: { ready: () => (draining ? ['draining'] : readiness.late()), remarks: readiness.remarks }, host: config.FLOTILLA_HOST, port: config.FLOTILLA_HTTP_PORT, log, gate });
  stops.push(() => http.stop());
  stops.push(() => {
    draining = true;
  });
  return { http: http.url, grpc: `${config.FLOTILLA_HOST}:${grpc.port}` };
};

// A message that nobody understood may hold anything in clear.
const parkedSeal = (config: CommonConfig): Pick<ConsumeOptions, 'seal' | 'open'> => {
  const key = Buffer.from(config.FLOTILLA_PARKED_KEY, 'base64');
  return { seal: async (text) => seal(key, 'parked', 'raw', text), open: async (text) => open(() => key, text) };
};

const workSeconds = histogram('flotilla_work_seconds');

const timed = async (kind: string, act: () => Promise<void>): Promise<void> => {
  const start = performance.now();
  let outcome = 'failed';
  try {
    await act();
    outcome = 'done';
  } finally {
    workSeconds.observe({ kind, outcome }, (performance.now() - start) / 1_000);
  }
};

/** Runs work as a child of the context in which it was asked for. */
const within = (name: string, kind: SpanKind, traceparent: string | undefined, act: () => Promise<void>): Promise<void> => {
  const parent = traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT;
  return trace.getTracer(scope).startActiveSpan(name, { kind }, parent, async (span) => {
    try {
      await act();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      throw error;
    } finally {
      span.end();
    }
  });
};
