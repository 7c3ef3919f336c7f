import { ConnectionPool, type BaseOptions, type Base, type Broker } from '@platformatic/kafka';
import type { BusOptions } from './connect-bus.js';

const retryDelay = (_client: object, _operation: string, attempt: number): number => Math.min(5_000, 100 * 2 ** (attempt - 1));

/** What every client of ours is made with. Its defaults: one try in 5 s, and metadata again every 5 s. */
export const baseOptions = ({ brokers, clientId, ssl, sasl }: BusOptions): BaseOptions => ({
  clientId,
  bootstrapBrokers: [...brokers],
  connectTimeout: 3_000,
  requestTimeout: 30_000,
  timeout: 30_000,
  retries: 8,
  retryDelay,
  metadataMaxAge: 30_000,
  autocreateTopics: false,
  ...(ssl === undefined || ssl === false ? {} : { tls: ssl === true ? {} : ssl, tlsServerName: true }),
  ...(sasl === undefined ? {} : { sasl: { ...sasl, mechanism: mechanisms[sasl.mechanism] } }),
});

const mechanisms = { 'scram-sha-512': 'SCRAM-SHA-512', 'scram-sha-256': 'SCRAM-SHA-256', plain: 'PLAIN' } as const;

/** Connections of their own for long polls: on the group's connection heartbeats would wait behind them. */
export const fetchConnections = (options: BusOptions): ConnectionPool => routed(new ConnectionPool(options.clientId, baseOptions(options)), options.route);

/** Makes a client reach its brokers by `route`. */
export const withRoute = <Client extends Base>(client: Client, route: BusOptions['route']): Client => {
  routed(client.connections, route);
  return client;
};

// The pool is asked with a broker's advertised address, and has no other place to say where that is reached.
const routed = (pool: ConnectionPool, route: BusOptions['route']): ConnectionPool => {
  if (route === undefined) return pool;
  const there = (broker: Broker): Broker => ({ ...broker, ...route(broker) });
  const get = pool.get.bind(pool) as (broker: Broker, callback: never) => void;
  const getEstablishedConnection = pool.getEstablishedConnection.bind(pool);
  pool.get = ((broker: Broker, callback: never) => get(there(broker), callback)) as typeof pool.get;
  pool.getEstablishedConnection = (broker) => getEstablishedConnection(there(broker));
  return pool;
};
