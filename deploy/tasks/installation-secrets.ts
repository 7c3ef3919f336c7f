// `npm run secrets`: what an installation keeps secret, made anew: Kubernetes' Secrets in a file, or the files that Compose mounts.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { databaseOf, verifyRole } from './databases.ts';
import { Stop } from './ending.ts';
import { fleetCallers, fleetRoles, serviceNames } from './fleet.ts';
import { root } from './paths.ts';
import { loadSecrets, testCaller } from './secrets.ts';

const owner = 'flotilla_owner';

/** By part: what stands in it, by key. `people` is for those who sign in and call, and in no pod. */
export type InstallationSecrets = Readonly<Record<'keys' | 'databases' | 'kafka' | 'access' | 'callers' | 'people', Readonly<Record<string, string>>>>;

/** `dir` as in `loadSecrets`: what is there is kept. */
export async function installationSecrets(dir: string): Promise<InstallationSecrets> {
  const { kek, indexKey, linkKey, parkedKey, consoleKey, ...secrets } = loadSecrets(dir, [...fleetRoles, owner], [...fleetCallers, testCaller]);
  // Loaded late: in a fresh clone it is built by the task that loads this file.
  const { hashPassword } = await import('@flotilla/values');
  const users = await Promise.all(Object.entries(secrets.consoleUsers).map(async ([role, password]) => ({ user: role, name: role, roles: [role], password: await hashPassword(password) })));
  const password = (role: string): string => secrets.passwords[role] ?? '';
  return {
    keys: { kek, indexKey, linkKey, parkedKey, consoleKey, consoleUsers: JSON.stringify(users) },
    databases: { owner: password(owner), verify: password(verifyRole), ...Object.fromEntries(serviceNames.map((name) => [name, password(databaseOf(name))])) },
    kafka: Object.fromEntries(serviceNames.map((name) => [name, secrets.kafka[name] ?? ''])),
    access: { 'access.json': JSON.stringify(secrets.access) },
    callers: Object.fromEntries(Object.entries(secrets.callers).map(([caller, key]) => [`${caller}.json`, JSON.stringify(key)])),
    people: { apiKey: secrets.apiKey, ...secrets.consoleUsers },
  };
}

/** JSON is YAML, and one List is what kubectl takes. */
export const secretList = (secrets: InstallationSecrets, prefix: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: Object.entries(secrets).map(([part, stringData]) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: `${prefix}-${part}` }, type: 'Opaque', stringData })) }, null, 2);

/** What Compose reads, by path beside its files. */
export function composeFiles({ keys, databases, access, callers, people }: InstallationSecrets): Readonly<Record<string, string>> {
  const variable = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('-', '_').toUpperCase();
  const lines = [...Object.entries(keys).map(([name, value]) => `FLOTILLA_${variable(name)}='${value}'`), ...Object.entries(databases).map(([name, value]) => `PASSWORD_${variable(name)}=${value}`)];
  return {
    '.env': lines.join('\n'),
    'secrets/access.json': access['access.json']!,
    'secrets/people.json': JSON.stringify(people, null, 2),
    ...Object.fromEntries(Object.entries(callers).map(([file, key]) => [`secrets/callers/${file}`, key])),
  };
}

export async function secretsTask(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { out: { type: 'string' }, prefix: { type: 'string', default: 'flotilla' }, compose: { type: 'boolean', default: false } } });
  const compose = join(root, 'deploy', 'compose');
  const out = values.compose ? join(compose, '.env') : values.out;
  if (!out || !/^[a-z][a-z0-9-]{0,40}$/.test(values.prefix)) throw new Stop('npm run secrets -- --out FILE [--prefix NAME], or --compose');
  // Made anew they would open nothing that was sealed before.
  if (existsSync(out)) throw new Stop(`${out} is there already, and without what stands in it nothing that was sealed can be read: move it away if you mean it.`);
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-secrets-'));
  try {
    const secrets = await installationSecrets(dir);
    if (!values.compose) {
      writeFileSync(out, `${secretList(secrets, values.prefix)}\n`, { mode: 0o600 });
      console.log(`kubectl create -f ${out}     # in the namespace of the release; then keep it where secrets are kept, or delete it`);
      return 0;
    }
    // Containers have a user of their own, so it is the folder that nobody else may enter.
    mkdirSync(join(compose, 'secrets'), { mode: 0o700, recursive: true });
    mkdirSync(join(compose, 'secrets', 'callers'), { recursive: true });
    for (const [file, text] of Object.entries(composeFiles(secrets))) writeFileSync(join(compose, file), `${text}\n`, { mode: file.startsWith('secrets/callers/') || file === 'secrets/access.json' ? 0o644 : 0o600 });
    console.log('deploy/compose/.env and deploy/compose/secrets have keys and passwords; those of people are in deploy/compose/secrets/people.json.');
    return 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
