import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callAs, roles, serviceCaller, type CallerKey } from '@flotilla/contracts';
import type { AccessFile } from './door.js';

let own: CallerKey | undefined;

const key = (): CallerKey => {
  if (own) return own;
  const made = { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: randomUUID() };
  callAs(serviceCaller(() => made));
  return (own = made);
};

/** The environment of a service that a spec starts: one key for all of this process, which may do everything. */
export const specAccess = (): { readonly env: Readonly<Record<string, string>>; readonly remove: () => void } => {
  const { x = '', kid } = key();
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-access-'));
  const file: AccessFile = { services: [{ name: 'spec', roles: [...roles], key: { kty: 'OKP', crv: 'Ed25519', x, kid } }], apiKeys: [] };
  const env = { FLOTILLA_ACCESS_FILE: join(dir, 'access.json'), FLOTILLA_CALLER_KEY_FILE: join(dir, 'caller-key.json') };
  writeFileSync(env.FLOTILLA_ACCESS_FILE, JSON.stringify(file), { mode: 0o600 });
  writeFileSync(env.FLOTILLA_CALLER_KEY_FILE, JSON.stringify(key()), { mode: 0o600 });
  return { env, remove: () => rmSync(dir, { recursive: true, force: true }) };
};
