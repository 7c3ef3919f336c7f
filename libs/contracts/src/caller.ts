import { randomUUID } from 'node:crypto';
import grpc from '@grpc/grpc-js';
import { importJWK, SignJWT, type JWK } from 'jose';
import type { ServiceRef } from './service-ref.js';

/** Who calls: what to present to one service. */
export interface Caller {
  credential(audience: string): Promise<string>;
}

/** A private key of a service, as `FLOTILLA_CALLER_KEY_FILE` holds it: an Ed25519 JWK with its `kid`. */
export interface CallerKey extends JWK {
  readonly kid: string;
}

/** How long a token is good for; servers take none that is meant for longer. */
export const tokenSeconds = 300;

/**
 * A service of the fleet: signs a token of five minutes for the one that it calls, and uses it for four. `key` is asked each time, so a key that
 * was changed holds from the next call on.
 */
export const serviceCaller = (key: () => CallerKey | undefined): Caller => {
  const tokens = new Map<string, { readonly key: CallerKey; readonly until: number; readonly token: Promise<string> }>();
  return {
    credential: async (audience) => {
      const now = Date.now();
      const current = key();
      if (!current) return '';
      const known = tokens.get(audience);
      if (known && known.key === current && known.until > now) return known.token;
      const token = signed(current, audience, now);
      tokens.set(audience, { key: current, until: now + tokenSeconds * 800, token });
      token.catch(() => tokens.delete(audience));
      return token;
    },
  };
};

const signed = async (key: CallerKey, audience: string, now: number): Promise<string> => {
  const at = Math.floor(now / 1_000);
  return new SignJWT().setProtectedHeader({ alg: 'EdDSA', kid: key.kid }).setAudience(audience).setIssuedAt(at).setExpirationTime(at + tokenSeconds).setJti(randomUUID()).sign(await importJWK(key, 'EdDSA'));
};

/** A system or a person with an API key. */
export const apiKeyCaller = (key: string): Caller => ({ credential: async () => key });

let ordinary: Caller | undefined;

/** Who this process is in calls of which nobody says otherwise: for tools and specs, which are one caller as a whole. */
export const callAs = (caller: Caller | undefined): void => {
  ordinary = caller;
};

/** Presents a caller with each call, for a client made by hand; without one, whoever `callAs` named, if anybody. */
export const presenting =
  (audience: () => string, caller?: Caller): grpc.Interceptor =>
  (options, nextCall) =>
    new grpc.InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        const who = caller ?? ordinary;
        if (!who || metadata.get('authorization').length > 0) return next(metadata, listener);
        who.credential(audience()).then(
          (credential) => {
            if (credential !== '') metadata.set('authorization', `Bearer ${credential}`);
            next(metadata, listener);
          },
          // Called without one, the server says what is missing.
          () => next(metadata, listener),
        );
      },
    });

/** What serves a package: the audience of a token to it. `flotilla.ops.v1` is served by all. */
const owners: Readonly<Record<string, string>> = { ingest: 'ingest', order: 'order-core', allocation: 'allocation', carrier: 'carrier', tracking: 'tracking', settlement: 'settlement', alerts: 'alerts' };

/** `flotilla.order.v1.Orders` → `order-core`. Throws for what every service serves: there one has to say which. */
export const audienceOf = (service: ServiceRef<unknown>): string => {
  const owner = owners[service.typeName.split('.')[1] ?? ''];
  if (owner === undefined) throw new Error(`every service serves ${service.typeName}: say which one is meant, connect(…, { audience: 'order-core' })`);
  return owner;
};
