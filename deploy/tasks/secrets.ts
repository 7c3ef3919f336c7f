// Random secrets of a local installation, made once and kept in a file that only its owner reads.
import { createHash, generateKeyPairSync, randomBytes, randomUUID, type JsonWebKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A channel as the local contract lists it. */
export interface DemoChannel {
  readonly id: string;
  readonly platform: string;
  readonly secret: string;
  readonly appKey: string;
}

export interface Secrets {
  /** Base64 of 32 bytes: seals the buyers' data keys. */
  readonly kek: string;
  /** Base64 of 32 bytes: search indexes over personal data. */
  readonly indexKey: string;
  /** Base64 of 32 bytes: signs the buyers' links. */
  readonly linkKey: string;
  /** Base64 of 32 bytes: seals messages that were parked. */
  readonly parkedKey: string;
  /** Private Ed25519 keys that sign calls, by caller. */
  readonly callers: Readonly<Record<string, JsonWebKey & { readonly kid: string }>>;
  /** For a person with grpcurl, and for the tasks: may do what an admin may. */
  readonly apiKey: string;
  /** By user of Kafka, where it asks for one. */
  readonly kafka: Readonly<Record<string, string>>;
  /** Base64 of 32 bytes: seals the console's sessions. */
  readonly consoleKey: string;
  /** Passwords of the console's users, one per role and named by it. */
  readonly consoleUsers: Readonly<Record<string, string>>;
  /** By database role. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly channels: readonly DemoChannel[];
}

/** Who asks every service whether it answers, after an installation. */
export const testCaller = 'test';

/** What each caller may. The console calls in the name of those who are signed in, which narrows it to what they may, and opens sealed texts for those who may see them. */
const rolesOf = (caller: string): readonly string[] => (caller === 'console' ? ['viewer', 'operator', 'warehouse', 'finance', 'admin', 'service'] : caller === testCaller ? ['viewer'] : ['service']);

const consoleRoles = ['admin', 'operator', 'warehouse', 'finance', 'viewer'];
const demoChannels = ['shopify', 'woo', 'taobao', 'csv', 'topic'];

/** Reads `dir/secrets.json`, adding what is missing; writes beside it what services mount: channels, who may call (`access.json`), and each caller's own key. */
export function loadSecrets(dir: string, roles: readonly string[], callers: readonly string[]): Secrets & { readonly channelsFile: string; readonly access: object; readonly accessFile: string; keyFile(caller: string): string } {
  const keyFile = (caller: string): string => join(dir, 'keys', `${caller}.json`);
  mkdirSync(join(dir, 'keys'), { recursive: true });
  const file = join(dir, 'secrets.json');
  const old: Partial<Secrets> = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Secrets) : {};
  const key = () => randomBytes(32).toString('base64');
  const secrets: Secrets = {
    kek: old.kek ?? key(),
    indexKey: old.indexKey ?? key(),
    linkKey: old.linkKey ?? key(),
    parkedKey: old.parkedKey ?? key(),
    callers: Object.fromEntries(callers.map((caller) => [caller, old.callers?.[caller] ?? { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: `${caller}-${randomUUID()}` }])),
    apiKey: old.apiKey ?? randomBytes(32).toString('base64url'),
    kafka: { ...Object.fromEntries([...callers, 'participant', 'connector', 'verify'].map((user) => [user, randomBytes(24).toString('base64url')])), ...old.kafka },
    consoleKey: old.consoleKey ?? key(),
    consoleUsers: { ...Object.fromEntries(consoleRoles.map((role) => [role, randomBytes(9).toString('base64url')])), ...old.consoleUsers },
    passwords: { ...Object.fromEntries(roles.map((role) => [role, randomBytes(18).toString('base64url')])), ...old.passwords },
    channels: demoChannels.map(
      (platform) =>
        old.channels?.find(({ id }) => id === `${platform}-demo`) ?? {
          id: `${platform}-demo`,
          platform,
          secret: randomBytes(24).toString('hex'),
          appKey: String(10_000_000 + (randomBytes(4).readUInt32BE() % 90_000_000)),
        },
    ),
  };
  const channelsFile = join(dir, 'channels.json');
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  writeFileSync(channelsFile, `${JSON.stringify(secrets.channels, null, 2)}\n`, { mode: 0o600 });
  const accessFile = join(dir, 'access.json');
  const services = Object.entries(secrets.callers).map(([name, { kty, crv, x, kid }]) => ({ name, roles: rolesOf(name), key: { kty, crv, x, kid } }));
  const apiKeys = [{ name: 'local', roles: ['admin'], sha256: createHash('sha256').update(secrets.apiKey).digest('hex'), expires: '2999-01-01T00:00:00Z' }];
  const access = { services, apiKeys };
  writeFileSync(accessFile, `${JSON.stringify(access, null, 2)}\n`, { mode: 0o600 });
  for (const [caller, key] of Object.entries(secrets.callers)) writeFileSync(keyFile(caller), `${JSON.stringify(key)}\n`, { mode: 0o600 });
  return { ...secrets, channelsFile, access, accessFile, keyFile };
}
