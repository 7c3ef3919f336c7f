// Random secrets of a local installation, made once and kept in a file that only its owner reads.
import { randomBytes } from 'node:crypto';
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
  /** Base64 of 32 bytes: seals the console's sessions. */
  readonly consoleKey: string;
  /** Passwords of the console's users, one per role and named by it. */
  readonly consoleUsers: Readonly<Record<string, string>>;
  /** By database role. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly channels: readonly DemoChannel[];
}

const consoleRoles = ['admin', 'operator', 'warehouse', 'finance', 'viewer'];
const demoChannels = ['shopify', 'woo', 'taobao', 'csv', 'topic'];

/** Reads `dir/secrets.json`, adding what is missing for `roles`; writes `dir/channels.json` beside it. */
export function loadSecrets(dir: string, roles: readonly string[]): Secrets & { readonly channelsFile: string } {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'secrets.json');
  const old: Partial<Secrets> = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Secrets) : {};
  const key = () => randomBytes(32).toString('base64');
  const secrets: Secrets = {
    kek: old.kek ?? key(),
    indexKey: old.indexKey ?? key(),
    linkKey: old.linkKey ?? key(),
    parkedKey: old.parkedKey ?? key(),
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
  return { ...secrets, channelsFile };
}
