import { createHash } from 'node:crypto';
import { access, roles, tokenSeconds, type Access, type Role } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Metadata } from '@grpc/grpc-js';
import { decodeProtectedHeader, importJWK, jwtVerify, type JWK } from 'jose';
import { z } from 'zod';

const role = z.enum(roles);
const name = z.string().regex(/^[A-Za-z0-9][\w.-]{0,39}$/);

const accessShape = z.strictObject({
  /** Public keys of callers that sign tokens. During a change of keys a caller has two. */
  services: z.array(z.strictObject({ name, roles: z.array(role).min(1), key: z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().length(43), kid: z.string().min(1).max(100) }) })),
  /** Of an API key only its hash is kept: it is 256 random bits, which nobody guesses. */
  apiKeys: z.array(z.strictObject({ name, roles: z.array(role).min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/), expires: z.iso.datetime() })),
});

/** What `FLOTILLA_ACCESS_FILE` says: who may call, and as what. */
export type AccessFile = z.infer<typeof accessShape>;

export const parseAccess = (text: string): AccessFile => {
  const parsed = accessShape.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const ids = parsed.data.services.map(({ key }) => key.kid);
  if (new Set(ids).size !== ids.length) throw new Error('two keys have the same kid');
  return parsed.data;
};

/** Who was let in. */
export interface Admitted {
  /** `ada` (named by a service), `service:console` or `key:erp`: owns request ids, and what belongs to somebody. */
  readonly caller: string;
  /** Who presented the credential, where that is somebody else than the caller. */
  readonly through: string;
  /** Those that allowed the call. */
  readonly roles: readonly Role[];
  readonly access: Access;
}

interface Principal {
  readonly kind: 'service' | 'key';
  readonly name: string;
  readonly roles: readonly Role[];
  /** ms */
  readonly until: number;
}

const skewSeconds = 30;
const mostKnown = 2_000;

/** An actor's name that no service and no key can have. */
const actorName = /^(?!(?:key|service):)[\x21-\x7e]{1,60}$/;

const single = (metadata: Metadata, header: string): string => {
  const values = metadata.get(header);
  if (values.length > 1) throw new Refused('CREDENTIAL_INVALID', `${header} stands more than once in the call`);
  return String(values[0] ?? '');
};

/**
 * Lets callers in: a token of a service, signed for this one (`audience`), or an API key; then by the roles that the method is for. Verified
 * tokens are remembered until they end, or until the file changes.
 */
export class Door {
  private readonly verified = new Map<string, Principal>();
  private keys: { readonly file: AccessFile; readonly services: ReadonlyMap<string, AccessFile['services'][number]>; readonly apiKeys: ReadonlyMap<string, AccessFile['apiKeys'][number]> } | undefined;

  constructor(
    private readonly audience: string,
    /** Undefined: nothing says who may call, so nobody may. */
    private readonly file: (() => AccessFile) | undefined,
  ) {}

  /** Refuses with UNAUTHENTICATED or PERMISSION_DENIED, and a reason. */
  async admit(path: string, metadata: Metadata): Promise<Admitted> {
    const principal = await this.principal(single(metadata, 'authorization'));
    const named = single(metadata, 'x-caller');
    if (named !== '' && principal.kind !== 'service') throw new Refused('ACTOR_NOT_ALLOWED', 'x-caller is for services: an API key calls in its own name', { caller: `key:${principal.name}` });
    if (named !== '' && !actorName.test(named)) throw new Refused('BAD_REQUEST', 'x-caller is a name of 1 to 60 printable ASCII characters without spaces');
    const rule = access.get(path);
    // A method that no table knows is nobody's. Whether it exists is told to nobody either.
    if (!rule) throw new Refused('ROLE_MISSING', 'nobody may call this');
    const own = `${principal.kind}:${principal.name}`;
    const may = principal.roles.filter((one) => rule.roles.includes(one));
    if (may.length === 0) throw new Refused('ROLE_MISSING', `${own} is ${principal.roles.join(', ')}; this is for ${rule.roles.join(', ')}`, { caller: own });
    if (named === '') return { caller: own, through: '', roles: may, access: rule };
    const claimed = single(metadata, 'x-caller-roles');
    const theirs = claimed === '' ? may : may.filter((one) => claimed.split(',').includes(one));
    if (theirs.length === 0) throw new Refused('ROLE_MISSING', `${named} is ${claimed}; this is for ${rule.roles.join(', ')}`, { caller: named, through: own });
    return { caller: named, through: own, roles: theirs, access: rule };
  }

  private async principal(authorization: string): Promise<Principal> {
    if (!this.file) throw new Refused('CREDENTIAL_INVALID', 'nobody may call this service: FLOTILLA_ACCESS_FILE is not set, which says who may');
    const credential = /^Bearer ([\w.~+/-]{20,4096}=*)$/i.exec(authorization)?.[1];
    if (authorization === '') throw new Refused('CREDENTIAL_MISSING', 'send "authorization: Bearer <API key>"; locally .flotilla/run.json has one as apiKey (grpcurl -H "authorization: Bearer …")');
    if (!credential) throw new Refused('CREDENTIAL_INVALID', 'authorization has to be "Bearer <service token or API key>"');
    const { services, apiKeys } = this.current(this.file());
    if (!credential.includes('.')) {
      const found = apiKeys.get(createHash('sha256').update(credential).digest('hex'));
      if (!found) throw new Refused('CREDENTIAL_INVALID', 'this API key is not known here');
      const until = Date.parse(found.expires);
      if (until <= Date.now()) throw new Refused('CREDENTIAL_EXPIRED', `the API key ${found.name} ended at ${found.expires}`);
      return { kind: 'key', name: found.name, roles: found.roles, until };
    }
    const known = this.verified.get(credential);
    if (known && known.until > Date.now()) return known;
    const principal = await this.verify(credential, services);
    if (this.verified.size >= mostKnown) this.verified.clear();
    this.verified.set(credential, principal);
    return principal;
  }

  private async verify(token: string, services: ReadonlyMap<string, AccessFile['services'][number]>): Promise<Principal> {
    try {
      const entry = services.get(decodeProtectedHeader(token).kid ?? '');
      if (!entry) throw new Error('the key with which the token is signed is not known here');
      const { payload } = await jwtVerify(token, await importJWK(entry.key as JWK, 'EdDSA'), { algorithms: ['EdDSA'], audience: this.audience, requiredClaims: ['exp', 'iat'], maxTokenAge: tokenSeconds, clockTolerance: skewSeconds });
      const until = Math.min(payload.exp! * 1_000, Date.now() + tokenSeconds * 1_000);
      return { kind: 'service', name: entry.name, roles: entry.roles, until };
    } catch (error) {
      const expired = (error as { readonly code?: string }).code === 'ERR_JWT_EXPIRED';
      throw new Refused(expired ? 'CREDENTIAL_EXPIRED' : 'CREDENTIAL_INVALID', `the token cannot be used: ${(error as Error).message}`);
    }
  }

  private current(file: AccessFile): NonNullable<Door['keys']> {
    if (this.keys?.file === file) return this.keys;
    this.verified.clear();
    this.keys = { file, services: new Map(file.services.map((one) => [one.key.kid, one])), apiKeys: new Map(file.apiKeys.map((one) => [one.sha256, one])) };
    return this.keys;
  }
}
