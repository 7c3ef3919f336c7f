import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseOf, urlOf } from './databases.ts';
import { Stop } from './ending.ts';
import { home } from './paths.ts';

/** A service's database as its owner sees it, of the fleet that `up` or a demo keeps running here. */
export const ownerUrl = (service: string): string => {
  const file = [join(home, 'run.json'), join(home, 'demo', 'run.json')].find((path) => existsSync(path));
  if (!file) throw new Stop('No fleet is up here: start one with "npm run up", or name the database with --database.');
  return urlOf((JSON.parse(readFileSync(file, 'utf8')) as { postgres: string }).postgres, databaseOf(service));
};
