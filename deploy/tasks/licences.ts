// `npm run licences`: what is installed, under which licence, from the lock alone. Whoever adds a package with another licence says so here first.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

/** Each may be used in a closed product that is passed on, with its notice. */
export const allowed: ReadonlySet<string> = new Set(['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0', 'OFL-1.1', 'Python-2.0', 'Unlicense']);

/** Packages whose licence the lock does not name, or names in words of its own; read in their own files. */
const looked: Readonly<Record<string, string>> = {
  buildcheck: 'MIT', 'cpu-features': 'MIT', 'png-js': 'MIT', ssh2: 'MIT',
};

/** By package, what it says instead, for what is never passed on: data of a build tool, and what a benchmark compares itself with, whose packages name no licence. */
const excepted: Readonly<Record<string, string>> = {
  'caniuse-lite': 'CC-BY-4.0',
  '@event-driven-io/dumbo': '', '@event-driven-io/emmett': '', '@event-driven-io/emmett-postgresql': '', '@event-driven-io/pongo': '',
};

export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Runs with the product; the others only build and test it. */
  readonly runs: boolean;
}

/** "A AND B" needs both, "A OR B" one. */
export const isAllowed = (licence: string): boolean =>
  licence.replace(/[()]/g, '').split(' AND ').every((part) => part.split(' OR ').some((one) => allowed.has(one.trim())));

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly license?: string; readonly link?: boolean; readonly dev?: boolean; readonly integrity?: string; readonly resolved?: string }>>;
}

export const dependencies = (lock: Lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock): readonly Dependency[] =>
  Object.entries(lock.packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && !link)
    .map(([path, { version = '', license, dev }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, licence: license ?? looked[name] ?? '', runs: dev !== true };
    });

// By file: what is changed of it has to be shown with it. We change none of it, and what only builds and tests is passed to nobody.
const onlyBuilds: ReadonlySet<string> = new Set(['MPL-2.0']);

export const refused = (all: readonly Dependency[]): readonly Dependency[] => all.filter(({ name, licence, runs }) => !isAllowed(licence) && !(!runs && onlyBuilds.has(licence)) && excepted[name] !== licence);

export async function licences(): Promise<number> {
  const all = dependencies();
  const by = Map.groupBy(all, ({ licence }) => licence || 'not named');
  console.log(`${all.length} packages, ${all.filter(({ runs }) => runs).length} of which run with the product`);
  for (const [licence, of] of [...by].toSorted(([, a], [, b]) => b.length - a.length)) console.log(`  ${String(of.length).padStart(4)}  ${licence}${of.length <= 5 ? `: ${of.map(({ name, version }) => `${name} ${version}`).join(', ')}` : ''}`);
  const bad = refused(all);
  for (const { name, version, licence } of bad) console.error(`${name} ${version}: ${licence || 'no licence named'} is not on the list of deploy/tasks/licences.ts`);
  return bad.length === 0 ? 0 : 1;
}
