import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startTestConsole, type TestConsole } from '../spec/fleet.js';
import { startOidcProvider, type OidcProvider } from '../spec/oidc-provider.js';

jest.setTimeout(60_000);

describe('signing in by an OpenID provider', () => {
  let provider: OidcProvider;
  let world: TestConsole;
  beforeAll(async () => {
    provider = await startOidcProvider();
    world = await startTestConsole([], { FLOTILLA_OIDC_ISSUER: provider.issuer, FLOTILLA_OIDC_CLIENT_ID: provider.client.id, FLOTILLA_OIDC_CLIENT_SECRET: provider.client.secret, FLOTILLA_OIDC_ROLES_CLAIM: 'realm_access.roles' });
  });
  afterAll(async () => {
    await world?.stop();
    await provider?.stop();
  });
  beforeEach(() => {
    provider.wrong = 'nothing';
    provider.claims = { sub: '4711', preferred_username: 'carla@example.org', name: 'Carla', locale: 'zh-Hans', realm_access: { roles: ['flotilla-finance', 'offline_access'] } };
  });

  const begin = async () => {
    const answer = await fetch(`${world.url}/api/session/oidc`, { redirect: 'manual' });
    return { to: answer.headers.get('location')!, cookie: answer.headers.getSetCookie()[0]! };
  };
  const authorise = async (to: string): Promise<string> => (await fetch(to, { redirect: 'manual' })).headers.get('location')!;
  const comeBack = (url: string, cookie: string): Promise<Response> => fetch(url, { redirect: 'manual', headers: { cookie: cookie.split(';')[0]!, 'sec-fetch-site': 'cross-site' } });
  const signIn = async (): Promise<Response> => {
    const { to, cookie } = await begin();
    return comeBack(await authorise(to), cookie);
  };

  it('OPS-07: goes there with PKCE, state and nonce, and comes back as a person with roles', async () => {
    const { to, cookie } = await begin();
    const asked = new URL(to).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({ client_id: provider.client.id, response_type: 'code', code_challenge_method: 'S256', redirect_uri: `${world.url}/api/session/oidc/callback`, state: expect.any(String), nonce: expect.any(String) });
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toContain(asked.get('nonce')!);
    const back = await comeBack(await authorise(to), cookie);
    expect([back.status, back.headers.get('location')]).toEqual([302, '/']);
    const session = back.headers.getSetCookie().find((one) => one.startsWith('flotilla='))!;
    expect(session).toContain('SameSite=Strict');
    const view = await (await fetch(`${world.url}/api/session`, { headers: { cookie: session.split(';')[0]! } })).json();
    expect(view).toMatchObject({ user: 'carla@example.org', name: 'Carla', roles: ['finance'], locale: 'zh-CN', sees: { personalData: false } });
  });

  it('OPS-07: nobody is signed in by another’s answer, twice by one code, or without having begun here', async () => {
    const { to, cookie } = await begin();
    const url = await authorise(to);
    const other = await begin();
    expect((await comeBack(url, other.cookie)).status).toBe(401);
    expect((await comeBack(url, 'flotilla-oidc=')).status).toBe(401);
    expect((await comeBack(await authorise(to), cookie)).status).toBe(302);
    expect((await comeBack(url.replace(/code=[^&]+/, 'code=guessed'), cookie)).status).toBe(401);
    const denied = new URL(url);
    denied.search = String(new URLSearchParams({ error: 'access_denied', state: new URL(to).searchParams.get('state')! }));
    expect((await comeBack(denied.href, cookie)).status).toBe(401);
  });

  it.each(['nonce', 'signature', 'audience'] as const)('OPS-07: a token with a wrong %s signs nobody in', async (wrong) => {
    provider.wrong = wrong;
    const answer = await signIn();
    expect([answer.status, answer.headers.getSetCookie().some((one) => one.startsWith('flotilla='))]).toEqual([401, false]);
  });

  it('OPS-07: a person without a role of ours, or with the name of a local user, stays outside', async () => {
    provider.claims = { ...provider.claims, realm_access: { roles: ['root', 'Admin'] } };
    expect((await signIn()).status).toBe(403);
    provider.claims = { sub: '1', preferred_username: 'Admin', realm_access: { roles: ['viewer'] } };
    expect((await signIn()).status).toBe(403);
    // A name that is none of ours is passed over for the subject.
    provider.claims = { sub: '4711', preferred_username: 'a\r\nb', realm_access: { roles: ['viewer'] } };
    const answer = await signIn();
    const session = answer.headers.getSetCookie().find((one) => one.startsWith('flotilla='))!;
    expect(await (await fetch(`${world.url}/api/session`, { headers: { cookie: session.split(';')[0]! } })).json()).toMatchObject({ user: '4711' });
  });

  it('OPS-07: the page hears that there is a provider', async () => {
    expect(await (await fetch(`${world.url}/api/session`)).json()).toMatchObject({ reason: 'UNAUTHENTICATED', metadata: { oidc: 'true' } });
  });
});
