// `npm run console:user`: one entry of FLOTILLA_CONSOLE_USERS, from a password on the standard input.
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { hashPassword, longestPassword } from '@flotilla/values';
import { run, Stop } from './ending.ts';

const roles = ['viewer', 'operator', 'warehouse', 'finance', 'admin'];
const shortest = 12;

await run(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { roles: { type: 'string', default: 'operator' }, name: { type: 'string' }, locale: { type: 'string' } } });
  const [user] = positionals;
  if (!user) throw new Stop('Name the user: npm run console:user -- ann --roles operator,warehouse');
  const given = values.roles.split(',');
  const unknown = given.filter((role) => !roles.includes(role));
  if (unknown.length > 0) throw new Stop(`There is no role ${unknown.join(', ')}; there are ${roles.join(', ')}.`);
  if (process.stdin.isTTY) process.stderr.write(`Password of ${user}, at least ${shortest} characters (it is shown): `);
  const lines = createInterface({ input: process.stdin });
  const password = (await lines[Symbol.asyncIterator]().next()).value ?? '';
  lines.close();
  if (password.length < shortest || password.length > longestPassword) throw new Stop(`A password has ${shortest} to ${longestPassword} characters.`);
  console.log(JSON.stringify({ user, ...(values.name ? { name: values.name } : {}), roles: given, ...(values.locale ? { locale: values.locale } : {}), password: await hashPassword(password) }));
  return 0;
});
