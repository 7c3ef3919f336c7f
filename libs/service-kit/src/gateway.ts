import type { z } from 'zod';
import { gatewayConfig, readConfig, type GatewayConfig } from './config.js';
import { createContext } from './context.js';
import type { GatewayContext, GatewayDefinition } from './definition.js';
import { startHttp } from './http.js';
import { createLog } from './log.js';
import { loadGate, loopShare } from './shedding.js';
import { runProcess, stopping } from './start.js';

/** A running gateway. */
export interface RunningGateway {
  readonly http: string;
  stop(): Promise<void>;
}

/** As `startService`, for a process without a log, a database and Kafka: configuration, logging, telemetry, HTTP with probes and metrics, an end in order. */
export const startGateway = <Shape extends z.ZodRawShape>(definition: GatewayDefinition<Shape>): Promise<void> => runProcess(definition.name, (fatal) => start(definition, process.env, fatal));

/** Starts a gateway in this process, with this environment; for tests. */
export const startGatewayForTest = <Shape extends z.ZodRawShape>(definition: GatewayDefinition<Shape>, env: Readonly<Record<string, string>>): Promise<RunningGateway> =>
  start(definition, { FLOTILLA_HTTP_PORT: '0', FLOTILLA_LOG_LEVEL: 'warn', FLOTILLA_SHED_AT: '1', ...env }, (error) => {
    throw error;
  });

const start = async <Shape extends z.ZodRawShape>(definition: GatewayDefinition<Shape>, env: Readonly<Record<string, string | undefined>>, fatal: (error: unknown) => void): Promise<RunningGateway> => {
  const { name } = definition;
  const config = readConfig(env, definition.config, gatewayConfig) as GatewayConfig & z.infer<z.ZodObject<Shape>>;
  const log = createLog(name, config.FLOTILLA_LOG_LEVEL);
  const stops: (() => Promise<unknown> | unknown)[] = [];
  const stop = stopping(stops, log);
  try {
    const ctx = createContext({ name, config, log, fatal });
    stops.push(() => ctx.close());
    const { drain, ...parts } = await definition.build(ctx as unknown as GatewayContext<z.infer<z.ZodObject<Shape>>>);
    const gate = loadGate({ at: config.FLOTILLA_SHED_AT, now: () => performance.now(), busy: loopShare(), waitMs: () => 0 });
    let draining = false;
    const http = await startHttp({ ...parts, name, probes: { ready: () => (draining ? ['draining'] : []) }, host: config.FLOTILLA_HOST, port: config.FLOTILLA_HTTP_PORT, log, gate });
    stops.push(() => http.stop());
    if (drain) stops.push(drain);
    stops.push(() => {
      draining = true;
    });
    log.info({ http: http.url }, 'started');
    return { http: http.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
