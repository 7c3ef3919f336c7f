import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiKeyCaller, connect, order, serviceCaller, type Caller, type CallerKey, type Client, type Role } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { quietLog } from '@flotilla/testing';
import grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { errorInfo } from '../spec/error-info.js';
import type { Audit, AuditedCall } from './audited-call.js';
import { openGate } from '../spec/open-gate.js';
import { Door, parseAccess, type AccessFile } from './door.js';
import { serve, startGrpc, type GrpcServer } from './grpc-server.js';
import { watchedFile } from './watched-file.js';

const keyOf = (kid: string): CallerKey => ({ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid });
const service = (name: string, key: CallerKey, ...roles: Role[]): AccessFile['services'][number] => ({ name, roles, key: { kty: 'OKP', crv: 'Ed25519', x: key.x!, kid: key.kid } });
const apiKey = (name: string, secret: string, expires: string, ...roles: Role[]): AccessFile['apiKeys'][number] => ({ name, roles, sha256: createHash('sha256').update(secret).digest('hex'), expires });

const [desk, carrier, stranger] = [keyOf('desk-1'), keyOf('carrier-1'), keyOf('desk-1')];
const [erp, viewer, ended] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
const who: AccessFile = {
  services: [service('console', desk, 'viewer', 'operator', 'finance'), service('carrier', carrier, 'service')],
  apiKeys: [apiKey('erp', erp, '2999-01-01T00:00:00Z', 'operator'), apiKey('wall', viewer, '2999-01-01T00:00:00Z', 'viewer'), apiKey('old', ended, '2020-01-01T00:00:00Z', 'admin')],
};

describe('the door of gRPC', () => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-door-'));
  const file = join(dir, 'access.json');
  const seen: { readonly caller: string; readonly actor: string }[] = [];
  const logged: string[] = [];
  const written: AuditedCall[] = [];
  const audit: Audit = { write: async (call) => void written.push(call) };
  let server: GrpcServer;
  const opened: { close(): void }[] = [];
  beforeAll(async () => {
    writeFileSync(file, JSON.stringify(who));
    const handlers = new Proxy({}, {
      get: (_, name) => async (request: { readonly orderId?: string }, { caller, meta }: { readonly caller: string; readonly meta: { readonly actor: string } }) => {
        if (request.orderId === 'missing') throw new Refused('NOT_FOUND', 'no such order');
        seen.push({ caller, actor: meta.actor });
        return name === 'list' ? { orders: [], nextToken: '' } : { orderId: 'o' };
      },
    });
    const log = { ...quietLog(), warn: (fields: object) => void logged.push(JSON.stringify(fields)) } as unknown as ReturnType<typeof quietLog>;
    const door = new Door('order-core', watchedFile('FLOTILLA_ACCESS_FILE', file, parseAccess, log));
    server = await startGrpc({ services: [serve(order.Orders, handlers as never)], host: '127.0.0.1', port: 0, reflection: true, door, audit, log, gate: openGate });
  });
  afterAll(async () => {
    for (const one of opened) one.close();
    await server.stop();
    rmSync(dir, { recursive: true });
  });
  const client = (caller?: Caller, audience?: string): Client<order.OrdersRpc> => {
    const one = connect(order.Orders, `127.0.0.1:${server.port}`, { ...(caller ? { caller } : {}), ...(audience ? { audience } : {}), deadlineMs: 20_000 });
    opened.push(one);
    return one;
  };
  const by = (credential: string): Client<order.OrdersRpc> => client(apiKeyCaller(credential));
  const refusal = async (call: Promise<unknown>): Promise<string> =>
    call.then(() => 'let in', (error: grpc.ServiceError) => `${grpc.status[error.code]} ${errorInfo(error.metadata).reason}`);
  const token = async (key: CallerKey, more: { readonly aud?: string; readonly iat?: number; readonly exp?: number; readonly kid?: string; readonly noExp?: boolean } = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1_000);
    const jwt = new SignJWT().setProtectedHeader({ alg: 'EdDSA', kid: more.kid ?? key.kid }).setAudience(more.aud ?? 'order-core').setIssuedAt(more.iat ?? now);
    return (more.noExp ? jwt : jwt.setExpirationTime(more.exp ?? now + 60)).sign(await importJWK(key, 'EdDSA'));
  };

  it('OPS-04, OPS-07: a service’s token and an API key are let in, each as what it is', async () => {
    await client(serviceCaller(() => desk)).approve({ orderId: 'o' });
    await client(serviceCaller(() => carrier)).get({ orderId: 'o' });
    await by(erp).cancel({ orderId: 'o' });
    await by(viewer).list({});
    expect(seen.splice(0)).toEqual(['service:console', 'service:carrier', 'key:erp', 'key:wall'].map((caller) => ({ caller, actor: `caller:${caller}` })));
  });

  it('OPS-04: who shows nothing is told how to', async () => {
    const error = await client().get({ orderId: 'o' }).then(() => undefined, (failure: grpc.ServiceError) => failure);
    expect([error?.code, errorInfo(error!.metadata).reason]).toEqual([grpc.status.UNAUTHENTICATED, 'CREDENTIAL_MISSING']);
    expect(error?.details).toContain('authorization: Bearer <API key>');
    expect(seen).toEqual([]);
  });

  it('OPS-07: nothing that is forged, meant for others, too old or too long-lived is let in', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const good = await token(desk);
    const [head, body, signature] = good.split('.') as [string, string, string];
    const hmac = await new SignJWT().setProtectedHeader({ alg: 'HS256', kid: 'desk-1' }).setAudience('order-core').setIssuedAt().setExpirationTime('1m').sign(Buffer.from(desk.x!, 'base64url'));
    const forged = {
      'signed by another key of the same id': await token(stranger),
      'signed by nobody': `${Buffer.from('{"alg":"none","kid":"desk-1"}').toString('base64url')}.${body}.`,
      'unsecured, as jose writes it': new UnsecuredJWT({ iat: now, exp: now + 60, aud: 'order-core' }).encode(),
      'signed by the public key as a secret': hmac,
      'another body under a good signature': [head, Buffer.from(JSON.stringify({ aud: 'order-core', iat: now, exp: now + 61 })).toString('base64url'), signature].join('.'),
      'of a kid that is not known': await token(desk, { kid: 'desk-2' }),
      'with a kid of another caller': await token(desk, { kid: 'carrier-1' }),
      'for another service': await token(desk, { aud: 'ingest' }),
      'without an end': await token(desk, { noExp: true }),
      'from the future': await token(desk, { iat: now + 600, exp: now + 660 }),
      'no token at all': `${'x'.repeat(30)}.${'y'.repeat(30)}.z`,
      'a key that is not known': randomBytes(32).toString('base64url'),
      'a key’s hash': who.apiKeys[0]!.sha256,
    };
    for (const [what, credential] of Object.entries(forged)) expect([what, await refusal(by(credential).get({ orderId: 'o' }))]).toEqual([what, 'UNAUTHENTICATED CREDENTIAL_INVALID']);
    const old = { 'ended a minute ago': await token(desk, { iat: now - 120, exp: now - 60 }), 'meant to last for a day': await token(desk, { iat: now - 400, exp: now + 86_000 }), 'a key that ended': ended };
    for (const [what, credential] of Object.entries(old)) expect([what, await refusal(by(credential).get({ orderId: 'o' }))]).toEqual([what, 'UNAUTHENTICATED CREDENTIAL_EXPIRED']);
    expect(seen).toEqual([]);
    expect(await refusal(by(good).get({ orderId: 'o' }))).toBe('let in');
    seen.length = 0;
  });

  it('OPS-07: roles decide, also for the services of the fleet; refused calls are logged, without their credential', async () => {
    logged.length = 0;
    expect(await refusal(by(viewer).approve({ orderId: 'o' }))).toBe('PERMISSION_DENIED ROLE_MISSING');
    expect(await refusal(client(serviceCaller(() => carrier)).cancel({ orderId: 'o' }))).toBe('PERMISSION_DENIED ROLE_MISSING');
    expect(seen).toEqual([]);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toContain('flotilla.order.v1.Orders/Approve');
    expect(logged.join()).not.toContain(viewer);
  });

  it('OPS-07: what changes something stands in the audit log with who, as what, about what and how it ended; what only looks does not', async () => {
    written.length = 0;
    await client(serviceCaller(() => desk)).approve({ orderId: 'o-1', requestId: 'r-1', reason: 'Maria Lopez asked' }, { metadata: { 'x-caller': 'ada', 'x-caller-roles': 'operator' } });
    await by(erp).get({ orderId: 'o-1' });
    await refusal(by(erp).hold({ orderId: 'missing', requestId: 'r-2' }));
    await refusal(by(viewer).cancel({ orderId: 'o-1' }));
    await refusal(by(viewer).cancel({ orderId: 'o-1' }, { metadata: { 'x-caller': 'ada' } }));
    await refusal(client().cancel({ orderId: 'o-1' }));
    expect(written).toEqual([
      { method: 'flotilla.order.v1.Orders/Approve', caller: 'ada', through: 'service:console', roles: ['operator'], requestId: 'r-1', targets: ['orderId=o-1'], correlation: expect.stringMatching(/^[0-9a-f-]{36}$/), outcome: 'OK' },
      { method: 'flotilla.order.v1.Orders/Hold', caller: 'key:erp', through: '', roles: ['operator'], requestId: 'r-2', targets: ['orderId=missing'], correlation: expect.stringMatching(/^[0-9a-f-]{36}$/), outcome: 'NOT_FOUND' },
      { method: 'flotilla.order.v1.Orders/Cancel', caller: 'key:wall', through: '', roles: [], requestId: '', targets: [], correlation: '', outcome: 'ROLE_MISSING' },
      { method: 'flotilla.order.v1.Orders/Cancel', caller: 'key:wall', through: '', roles: [], requestId: '', targets: [], correlation: '', outcome: 'ACTOR_NOT_ALLOWED' },
    ]);
    seen.length = 0;
  });

  it('OPS-07: only a service names who acts, and that nobody can be taken for somebody else', async () => {
    const ada = { metadata: { 'x-caller': 'ada' } };
    await client(serviceCaller(() => desk)).approve({ orderId: 'o' }, ada);
    expect(seen.splice(0)).toEqual([{ caller: 'ada', actor: 'caller:ada' }]);
    expect(await refusal(by(erp).approve({ orderId: 'o' }, ada))).toBe('PERMISSION_DENIED ACTOR_NOT_ALLOWED');
    for (const name of ['key:erp', 'service:carrier', 'a b', 'ada, eve', 'x'.repeat(61)]) expect([name, await refusal(client(serviceCaller(() => desk)).approve({ orderId: 'o' }, { metadata: { 'x-caller': name } }))]).toEqual([name, 'INVALID_ARGUMENT BAD_REQUEST']);
    expect(seen).toEqual([]);
  });

  it('OPS-07: what a person may not, the service that names him may not in his name', async () => {
    const as = (roles: string) => ({ metadata: { 'x-caller': 'ada', 'x-caller-roles': roles } });
    const console = client(serviceCaller(() => desk));
    expect(await refusal(console.approve({ orderId: 'o' }, as('viewer')))).toBe('PERMISSION_DENIED ROLE_MISSING');
    expect(await refusal(console.approve({ orderId: 'o' }, as('viewer,operator')))).toBe('let in');
    // A role that the service itself does not have is not given by saying so.
    expect(await refusal(client(serviceCaller(() => carrier)).approve({ orderId: 'o' }, as('admin')))).toBe('PERMISSION_DENIED ROLE_MISSING');
    seen.length = 0;
  });

  it('OPS-07: a header that stands twice, so that two readers could read two names, is refused', async () => {
    const raw = new grpc.Client(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure());
    opened.push(raw);
    const twice = new grpc.Metadata();
    twice.set('authorization', `Bearer ${await token(desk)}`);
    for (const name of ['ada', 'eve']) twice.add('x-caller', name);
    const code = await new Promise<number>((resolve) => raw.makeUnaryRequest('/flotilla.order.v1.Orders/Approve', (bytes: Buffer) => bytes, (bytes) => bytes, Buffer.alloc(0), twice, { deadline: Date.now() + 10_000 }, (error) => resolve(error?.code ?? 0)));
    expect([grpc.status.UNAUTHENTICATED, grpc.status.INVALID_ARGUMENT]).toContain(code);
    expect(seen).toEqual([]);
  });

  it('OPS-07: keys are changed without a restart: old and new hold together, then the old one no more; a broken file changes nothing', async () => {
    const next = keyOf('desk-2');
    let own = desk;
    const console = client(serviceCaller(() => own));
    const write = async (content: string): Promise<void> => {
      writeFileSync(file, content);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
    };
    expect(await refusal(console.get({ orderId: 'o' }))).toBe('let in');
    await write(JSON.stringify({ ...who, services: [...who.services, service('console', next, 'viewer')] }));
    expect(await refusal(console.get({ orderId: 'o' }))).toBe('let in');
    own = next;
    expect(await refusal(console.get({ orderId: 'o' }))).toBe('let in');
    await write(JSON.stringify({ services: [service('console', next, 'viewer')], apiKeys: [] }));
    expect(await refusal(console.get({ orderId: 'o' }))).toBe('let in');
    expect(await refusal(client(serviceCaller(() => desk)).get({ orderId: 'o' }))).toBe('UNAUTHENTICATED CREDENTIAL_INVALID');
    expect(await refusal(by(erp).get({ orderId: 'o' }))).toBe('UNAUTHENTICATED CREDENTIAL_INVALID');
    await write('{"services": [');
    expect(await refusal(console.get({ orderId: 'o' }))).toBe('let in');
    await write(JSON.stringify(who));
  });

  it('OPS-07: without a file that says who may call, nobody may', async () => {
    const closed = await startGrpc({ services: [serve(order.Orders, new Proxy({}, { get: () => async () => ({}) }) as never)], host: '127.0.0.1', port: 0, reflection: false, door: new Door('order-core', undefined), audit, log: quietLog(), gate: openGate });
    const one = connect(order.Orders, `127.0.0.1:${closed.port}`, { caller: apiKeyCaller(erp) });
    expect(await refusal(one.get({ orderId: 'o' }))).toBe('UNAUTHENTICATED CREDENTIAL_INVALID');
    one.close();
    await closed.stop();
  });

  it('OPS-07: a file with the same kid twice, or with what is no key, ends the start with its reason', () => {
    expect(() => parseAccess(JSON.stringify({ ...who, services: [who.services[0], who.services[0]] }))).toThrow('same kid');
    expect(() => parseAccess(JSON.stringify({ services: [{ ...who.services[0], roles: ['root'] }], apiKeys: [] }))).toThrow('services.0.roles');
    expect(() => watchedFile('FLOTILLA_ACCESS_FILE', join(dir, 'missing.json'), parseAccess, quietLog())).toThrow('FLOTILLA_ACCESS_FILE');
  });
});
