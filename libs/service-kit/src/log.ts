import type { Logger } from '@flotilla/event-store';
import { maskPersonal } from '@flotilla/values';
import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type LoggerOptions } from 'pino';

/** JSON lines on stdout (or elsewhere, for its spec): service, trace and span id, and no personal data. */
export const createLog = (service: string, level: string, to?: DestinationStream): Logger => pino(options(service, level), to);

const options = (service: string, level: string): LoggerOptions => ({
  level,
  base: { service },
  timestamp: pino.stdTimeFunctions.isoTime,
  // pino's own would take what we made of an error for an error, call its type Object and write causes into the message.
  serializers: { err: (error: unknown) => error },
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
  message: withoutSealed(error.message),
  ...('code' in error ? { code: error.code } : {}),
  stack: error.stack?.split('\n').map((line) => line.trim()).filter((line) => line.startsWith('at ')).slice(0, 5), // a message has lines, too
  ...(error.cause instanceof Error ? { cause: describe(error.cause) } : {}),
});

// Somebody quoted what he could not open: the subject says enough.
const withoutSealed = (text: string): string => text.replace(/sealed\.v1\.([^\s.]+)\.\w+\.[\w-]+/g, 'sealed.v1.$1…');
