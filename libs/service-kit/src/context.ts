import { randomUUID } from 'node:crypto';
import { connect, ingest, serviceCaller, type CallerKey, type Client, type ServiceRef } from '@flotilla/contracts';
import { blindIndex, businessClock } from '@flotilla/values';
import { BadConfiguration, type GatewayConfig } from './config.js';
import type { GatewayContext, ServiceName } from './definition.js';
import { activeTraceparent } from './grpc-server.js';
import { createOutside, type Outside } from './outside.js';
import { SubjectKeys } from './subject-keys.js';
import { watchedFile } from './watched-file.js';

const callerKey = (text: string): CallerKey => {
  const key = JSON.parse(text) as CallerKey;
  if (typeof key.kid !== 'string' || typeof key.d !== 'string' || key.crv !== 'Ed25519') throw new Error('it is not an Ed25519 JWK with kid and d');
  return key;
};

/** Everything of a context that is not given, and how to let go of it. */
export const createContext = <Given extends Pick<GatewayContext, 'name' | 'config' | 'log' | 'fatal'>>(options: Given): Given & Omit<GatewayContext, 'name' | 'config'> & { close(): void } => {
  const { name } = options;
  const config: GatewayConfig & { readonly FLOTILLA_INDEX_KEY?: string | undefined } = options.config;
  const clients = new Map<string, Client<unknown>>();
  const targets = new Map<string, Outside>();
  let indexKey: Uint8Array | undefined;
  const caller = config.FLOTILLA_CALLER_KEY_FILE === undefined ? undefined : serviceCaller(watchedFile('FLOTILLA_CALLER_KEY_FILE', config.FLOTILLA_CALLER_KEY_FILE, callerKey, options.log));
  const client = <Rpc>(service: ServiceRef<Rpc>, owner: ServiceName): Client<Rpc> => {
    const variable = `FLOTILLA_${owner.toUpperCase().replace('-', '_')}_GRPC`;
    const address = (config as Record<string, unknown>)[variable];
    if (typeof address !== 'string') throw new BadConfiguration(`${variable} is not set; ${name} asks ${owner} at that address (host:port)`);
    const key = `${address} ${service.typeName}`;
    if (!clients.has(key)) clients.set(key, connect(service, address, { audience: owner, ...(caller ? { caller } : {}) }) as Client<unknown>);
    return clients.get(key) as Client<Rpc>;
  };
  const keys = new SubjectKeys(() => client(ingest.SubjectKeys, 'ingest'));
  return {
    ...options,
    clock: businessClock(config.FLOTILLA_CLOCK),
    client,
    meta: (cause) => {
      const id = randomUUID();
      return { correlation: cause?.correlation ?? id, causation: cause?.causation ?? id, actor: cause?.actor ?? `service:${name}`, ...activeTraceparent() };
    },
    open: (texts) => keys.open(texts),
    seal: (subject, field, text) => keys.seal(subject, field, text),
    index: (kind, value) => {
      if (!config.FLOTILLA_INDEX_KEY) throw new BadConfiguration('FLOTILLA_INDEX_KEY is not set; the index over phones and e-mail addresses needs it');
      return blindIndex((indexKey ??= Buffer.from(config.FLOTILLA_INDEX_KEY, 'base64')), kind, value);
    },
    outside: (target, outside) => {
      if (!targets.has(target)) targets.set(target, createOutside(outside));
      return targets.get(target)!;
    },
    close: () => clients.forEach((one) => one.close()),
  };
};
