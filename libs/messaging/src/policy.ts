import { Refused } from '@flotilla/decider';
import type { Incoming } from './cloud-events.js';

/**
 * What becomes of a message whose handler failed. `retry`: the partition waits and tries again; `skip`: it is dropped
 * and counted; `park`: it and the later ones of its key wait for a person; `stop`: the partition stands still.
 */
export type Policy = 'retry' | 'skip' | 'park' | 'stop';

export type PolicyFunction = (error: unknown, message: Incoming) => Policy;

const network = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_)/;
// Connection, resources, shutdown, serialization and deadlock, as Postgres names them
const database = /^(?:08|53|57P|40001|40P01|55P03)/;
const kafka = /^PLT_KFK_(?:NETWORK|TIMEOUT|MULTIPLE|RESPONSE|PROTOCOL)$/; // @platformatic/kafka's; kafkajs's are known by their name
const grpc = new Set([4, 8, 10, 14]); // DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE

/** An error that is likely to pass by itself: a connection, a timeout, a server that restarts, a store with too much to do. */
export const isTransient = (error: unknown): boolean => {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { code, name, message } = cause as Error & { code?: unknown };
    if (cause instanceof Refused && cause.reason === 'OVERLOADED') return true;
    if (typeof code === 'string' && (network.test(code) || database.test(code) || kafka.test(code))) return true;
    if (typeof code === 'number' && grpc.has(code) && 'details' in cause) return true;
    if (name === 'AbortError' || name === 'TimeoutError' || name === 'Conflict' || name === 'TooManyPublishes' || name.startsWith('KafkaJS')) return true;
    if (/^(?:Connection terminated|timeout (?:expired|exceeded when trying to connect)|Client has encountered a connection error|Cannot use a pool after)/.test(message)) return true;
  }
  return false;
};

/** What passes by itself is tried again; everything else is the message's own fault and parks. */
export const defaultPolicy: PolicyFunction = (error) => (isTransient(error) ? 'retry' : 'park');
