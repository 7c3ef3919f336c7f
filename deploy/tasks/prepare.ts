// What a cluster's Jobs do before services start: `prepare.ts topics` and `prepare.ts databases` create what is missing.
import { createDatabases, databaseOf, verifyRole } from './databases.ts';
import { createTopics } from './topics.ts';

const environment = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

async function prepareTopics(): Promise<string> {
  const count = (name: string): number => Number(process.env[name] ?? 1);
  const created = await createTopics({ brokers: environment('FLOTILLA_KAFKA_BROKERS'), replication: count('FLOTILLA_TOPIC_REPLICATION'), minInSync: count('FLOTILLA_TOPIC_MIN_IN_SYNC') });
  return `${created.length} topics created`;
}

/** PASSWORD_ORDER_CORE is that of order-core's role. */
async function prepareDatabases(): Promise<string> {
  const given = Object.entries(process.env).flatMap(([name, password]) => (name.startsWith('PASSWORD_') && password ? [[name.slice('PASSWORD_'.length).toLowerCase().replaceAll('_', '-'), password] as const] : []));
  const services = given.map(([name]) => name).filter((name) => name !== 'verify');
  const passwords = Object.fromEntries(given.map(([name, password]) => [name === 'verify' ? verifyRole : databaseOf(name), password]));
  await createDatabases({ url: environment('FLOTILLA_DATABASE_URL'), services, passwords });
  return `${services.length} databases are there`;
}

const parts: Readonly<Record<string, () => Promise<string>>> = { topics: prepareTopics, databases: prepareDatabases };
const part = parts[process.argv[2] ?? ''];
if (!part) throw new Error(`usage: prepare.ts ${Object.keys(parts).join(' | ')}`);
console.log(await part());
