import type { Logger } from '@flotilla/event-store';
import { maskPersonal } from '@flotilla/values';
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';

/** JSON lines on stdout: service, trace and span id, and no personal data. */
export const createLog = (service: string, level: string): Logger =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) => maskPersonal(errorsAsObjects(fields)),
    },
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span ? { traceId: span.traceId, spanId: span.spanId } : {};
    },
  });

const errorsAsObjects = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? describe(value) : value]));

// Not the whole error: what hangs on it (a request, a row) was not written for logs.
const describe = (error: Error): Record<string, unknown> => ({
  type: error.name,
  message: error.message,
  ...('code' in error ? { code: error.code } : {}),
  stack: error.stack?.split('\n').slice(1, 6).map((line) => line.trim()),
  ...(error.cause instanceof Error ? { cause: describe(error.cause) } : {}),
});
