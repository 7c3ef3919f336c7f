import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An OpenID provider that signs everybody in at once, as what `claims` say: discovery, keys, code flow with PKCE, each code once. */
export interface OidcProvider {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  claims: Readonly<Record<string, unknown>> & { readonly sub?: string };
  /** How the next tokens are to be wrong. */
  wrong: 'nothing' | 'nonce' | 'signature' | 'audience';
  stop(): Promise<void>;
}

export const startOidcProvider = async (): Promise<OidcProvider> => {
  const [keys, others] = await Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('RS256')]);
  const codes = new Map<string, { readonly challenge: string; readonly nonce: string; readonly redirect: string }>();
  const client = { id: 'flotilla-console', secret: randomUUID() };
  const provider: { -readonly [K in keyof Pick<OidcProvider, 'claims' | 'wrong'>]: OidcProvider[K] } = { claims: {}, wrong: 'nothing' };
  let issuer = '';
  const idToken = async (nonce: string): Promise<string> =>
    new SignJWT({ ...provider.claims, nonce: provider.wrong === 'nonce' ? 'another' : nonce })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(issuer)
      .setSubject(provider.claims.sub ?? 'subject-1')
      .setAudience(provider.wrong === 'audience' ? 'somebody-else' : client.id)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(provider.wrong === 'signature' ? others.privateKey : keys.privateKey);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const json = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    void (async () => {
      switch (url.pathname) {
        case '/.well-known/openid-configuration':
          return json(200, { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'] });
        case '/jwks':
          return json(200, { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] });
        case '/authorize': {
          const asked = Object.fromEntries(url.searchParams);
          if (asked['client_id'] !== client.id || asked['code_challenge_method'] !== 'S256' || !asked['code_challenge'] || !asked['state']) return json(400, { error: 'invalid_request' });
          const code = randomUUID();
          codes.set(code, { challenge: asked['code_challenge'], nonce: asked['nonce'] ?? '', redirect: asked['redirect_uri'] ?? '' });
          const back = new URL(asked['redirect_uri'] ?? '');
          back.search = String(new URLSearchParams({ code, state: asked['state'] }));
          return void response.writeHead(302, { location: back.href }).end();
        }
        case '/token': {
          let text = '';
          for await (const part of request) text += String(part);
          const asked = new URLSearchParams(text);
          const basic = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString().split(':').map(decodeURIComponent);
          const [id, secret] = basic[1] === undefined ? [asked.get('client_id'), asked.get('client_secret')] : basic;
          const code = codes.get(asked.get('code') ?? '');
          codes.delete(asked.get('code') ?? '');
          const proved = createHash('sha256').update(asked.get('code_verifier') ?? '').digest('base64url');
          if (id !== client.id || secret !== client.secret || !code || proved !== code.challenge || asked.get('redirect_uri') !== code.redirect) return json(400, { error: 'invalid_grant' });
          return json(200, { access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token: await idToken(code.nonce) });
        }
        default:
          return json(404, {});
      }
    })().catch(() => json(500, {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(provider, {
    issuer,
    client,
    stop: () => new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  });
};
