import { Refused } from '@flotilla/decider';
import type { GatewayContext } from '@flotilla/service-kit';
import * as client from 'openid-client';
import { userName, type ConsoleConfig } from './config.js';
import { roles as known, type Role } from './methods.js';
import type { Person } from './sessions.js';

type Known = Pick<Person, 'user' | 'name' | 'roles' | 'locale'>;

/** Signing in by an OpenID provider: code flow with PKCE, state and nonce. */
export interface Oidc {
  /** Where to send the browser, and what it has to bring back with it. */
  begin(redirectUri: string): Promise<{ readonly url: URL; readonly kept: Readonly<Record<string, string>> }>;
  end(came: URL, kept: Readonly<Record<string, unknown>>): Promise<Known>;
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Undefined where no provider is configured. It is asked for its endpoints when first needed, and again when that failed. */
export const createOidc = (config: ConsoleConfig, log: GatewayContext['log']): Oidc | undefined => {
  const { FLOTILLA_OIDC_ISSUER: issuer, FLOTILLA_OIDC_CLIENT_ID: id, FLOTILLA_OIDC_CLIENT_SECRET: secret } = config;
  if (!issuer || !id) return undefined;
  let found: Promise<client.Configuration> | undefined;
  const provider = (): Promise<client.Configuration> => {
    const server = new URL(issuer);
    // The signature of the id token is looked at, though it came by TLS from the provider itself.
    found ??= client.discovery(server, id, secret, undefined, { execute: [client.enableNonRepudiationChecks, ...(loopback.test(server.hostname) ? [client.allowInsecureRequests] : [])] });
    found.catch(() => (found = undefined));
    return found;
  };
  const away = (error: unknown): never => {
    log.warn({ err: error }, 'the OpenID provider cannot be used');
    throw new Refused('UNAVAILABLE', 'the OpenID provider does not answer');
  };
  return {
    begin: async (redirectUri) => {
      const configuration = await provider().catch(away);
      const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
      const url = client.buildAuthorizationUrl(configuration, { redirect_uri: redirectUri, scope: 'openid profile email', code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', state, nonce });
      return { url, kept: { verifier, state, nonce } };
    },
    end: async (came, kept) => {
      const configuration = await provider().catch(away);
      const tokens = await client
        .authorizationCodeGrant(configuration, came, { pkceCodeVerifier: String(kept['verifier']), expectedState: String(kept['state']), expectedNonce: String(kept['nonce']), idTokenExpected: true })
        .catch((error: unknown) => {
          log.warn({ err: error }, 'the OpenID provider signed nobody in');
          throw new Refused('UNAUTHENTICATED', 'the OpenID provider did not sign you in');
        });
      return personOf(tokens.claims() ?? {}, config);
    },
  };
};

const personOf = (claims: Readonly<Record<string, unknown>>, config: ConsoleConfig): Known => {
  const user = [claims[config.FLOTILLA_OIDC_USER_CLAIM], claims['sub']].map((one) => userName.safeParse(one)).find(({ success }) => success)?.data;
  if (user === undefined) throw new Refused('ROLE_MISSING', `the provider names you by nothing that is a user’s name here (${config.FLOTILLA_OIDC_USER_CLAIM})`);
  const given = at(claims, config.FLOTILLA_OIDC_ROLES_CLAIM);
  const named = (Array.isArray(given) ? given : [given]).map((one) => String(one).replace(/^flotilla-/, ''));
  const roles = known.filter((role): role is Role => named.includes(role));
  if (roles.length === 0) throw new Refused('ROLE_MISSING', `the provider gives you no role of the console (${config.FLOTILLA_OIDC_ROLES_CLAIM})`);
  const locale = typeof claims['locale'] === 'string' ? claims['locale'] : '';
  return { user, name: typeof claims['name'] === 'string' ? claims['name'].slice(0, 80) : user, roles, ...(locale.startsWith('zh') ? { locale: 'zh-CN' } : locale.startsWith('en') ? { locale: 'en' } : {}) };
};

/** `realm_access.roles`, as some providers nest it. */
const at = (claims: Readonly<Record<string, unknown>>, path: string): unknown => path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], claims[path] === undefined ? claims : { [path]: claims[path] });
