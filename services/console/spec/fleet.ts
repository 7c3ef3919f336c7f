import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingest, type ServiceRef } from '@flotilla/contracts';
import { hashPassword, newKey, seal, type Field } from '@flotilla/values';
import { quietLog } from '@flotilla/testing';
import { serve, startGatewayForTest, type RunningGateway, type Served } from '@flotilla/service-kit';
import { openGate } from '../../../libs/service-kit/spec/open-gate.js';
import { Door, parseAccess } from '../../../libs/service-kit/src/door.js';
import { startGrpc, type GrpcServer } from '../../../libs/service-kit/src/grpc-server.js';
import { consoleGateway } from '../src/console.gateway.js';
import { owners } from '../src/methods.js';

export const password = 'a long enough password';
const hash = hashPassword(password);
const roles = ['viewer', 'operator', 'warehouse', 'finance', 'admin'] as const;

/** The seven services as one real gRPC server with these handlers, and a gateway before it. */
export interface TestConsole {
  readonly url: string;
  readonly subject: string;
  /** As ingest would, with the key of a buyer that it knows. */
  sealed(field: Field, text: string): string;
  /** A browser's session: what it is answered, with its cookie and its origin. */
  signIn(user: string): Promise<Browser>;
  stop(): Promise<void>;
}

export type Browser = (path: string, options?: { readonly method?: string; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }) => Promise<Response>;

export const startTestConsole = async (served: readonly Served[], env: Readonly<Record<string, string>> = {}): Promise<TestConsole> => {
  const subject = 'buyer-1';
  const key = newKey();
  const keys = serve(ingest.SubjectKeys, { erase: async () => Promise.reject(new Error('not asked here')), get: async ({ subjects }) => ({ keys: subjects.map((one) => ({ subject: one, key: one === subject ? key : new Uint8Array() })) }) });
  const signing = { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'console' };
  const { kty = '', crv = '', x = '', kid } = signing;
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-console-'));
  const keyFile = join(dir, 'caller-key.json');
  writeFileSync(keyFile, JSON.stringify(signing), { mode: 0o600 });
  const who = parseAccess(JSON.stringify({ services: [{ name: 'console', roles: [...roles, 'service'], key: { kty, crv, x, kid } }], apiKeys: [] }));
  const fleet: readonly GrpcServer[] = await Promise.all(
    owners.map((owner) => startGrpc({ services: [keys, ...served], host: '127.0.0.1', port: 0, reflection: false, door: new Door(owner, () => who), audit: { write: async () => undefined }, gate: openGate, log: quietLog() })),
  );
  const users = await Promise.all(roles.map(async (role) => ({ user: role, name: role, roles: [role], password: await hash })));
  const gateway: RunningGateway = await startGatewayForTest(consoleGateway, {
    FLOTILLA_LOG_LEVEL: 'silent',
    FLOTILLA_CONSOLE_KEY: randomBytes(32).toString('base64'),
    FLOTILLA_CONSOLE_USERS: JSON.stringify(users),
    FLOTILLA_CALLER_KEY_FILE: keyFile,
    ...Object.fromEntries(owners.map((owner, n) => [`FLOTILLA_${owner.toUpperCase().replace('-', '_')}_GRPC`, `127.0.0.1:${fleet[n]!.port}`])),
    ...env,
  });
  const browser = (cookie: string): Browser => (path, { method = 'GET', body, headers = {} } = {}) =>
    fetch(`${gateway.http}${path}`, {
      method,
      redirect: 'manual',
      headers: { cookie, ...(method === 'GET' ? {} : { origin: gateway.http, 'x-flotilla-console': '1' }), ...(body === undefined || typeof body === 'string' || body instanceof Uint8Array ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body) }),
    });
  return {
    url: gateway.http,
    subject,
    sealed: (field, text) => seal(key, subject, field, text),
    signIn: async (user) => {
      const answer = await browser('')('/api/session', { method: 'POST', body: { user, password } });
      if (answer.status !== 204) throw new Error(`${user} cannot sign in: ${answer.status} ${await answer.text()}`);
      return browser(answer.headers.getSetCookie()[0]!.split(';')[0]!);
    },
    stop: async () => {
      await gateway.stop();
      await Promise.all(fleet.map((one) => one.stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** Handlers of which only some are there: for services of which a spec asks no more. */
export const servePart = <Rpc>(service: ServiceRef<Rpc>, handlers: Readonly<Record<string, (request: never, call: never) => unknown>>): Served => ({ service, handlers: handlers as Served['handlers'] });
