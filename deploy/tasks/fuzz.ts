// `npm run fuzz`: Schemathesis on the OpenAPI document of every service of the running fleet. It is Python and no part of the installation.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onEnd, Stop } from './ending.ts';
import { home } from './paths.ts';
import type { Run } from './stack.ts';

/** 413 and 414 refuse, too. */
const refusing = `
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 413, 414, 422, 429, "5xx"]
`;

/** The channel's secret opens its files. */
const ofIngest = (secret: string): string => `
[auth.openapi.channelSecret]
bearer = "${secret}"

[[operations]]
include-path-regex = "orders:|/imports/"
parameters = { "path.channel" = "csv-demo" }

[[operations]]
include-path-regex = "/webhooks$"
parameters = { "path.channel" = "shopify-demo" }
`;

const ofTracking = `
[[operations]]
include-path-regex = "/sources/"
parameters = { "path.source" = "sf" }
`;

export async function fuzz(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { examples: { type: 'string', default: '50' }, seconds: { type: 'string', default: '120' }, service: { type: 'string' } } });
  const program = process.env['FLOTILLA_SCHEMATHESIS'] ?? 'schemathesis';
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0) throw new Stop('Schemathesis is not there: "python3 -m venv DIR && DIR/bin/pip install schemathesis", then FLOTILLA_SCHEMATHESIS=DIR/bin/schemathesis. What "npm test" asks needs no Python.');
  const file = join(home, 'run.json');
  if (!existsSync(file)) throw new Stop('No fleet is up here: start one with "npm run up".');
  const { http, channels } = JSON.parse(readFileSync(file, 'utf8')) as Run;
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-fuzz-'));
  onEnd(() => rmSync(dir, { recursive: true, force: true }));
  const config = join(dir, 'schemathesis.toml');
  const own: Readonly<Record<string, string>> = { ingest: ofIngest(channels.find(({ platform }) => platform === 'csv')!.secret), tracking: ofTracking };
  const failed: string[] = [];
  for (const [service, url] of Object.entries(http)) {
    if (values.service !== undefined && values.service !== service) continue;
    console.log(`\n=== ${service} ===`);
    writeFileSync(config, refusing + (own[service] ?? ''), { mode: 0o600 });
    const code = await new Promise<number>((resolve, reject) => {
      const child = spawn(program, ['--config-file', config, 'run', `${url}/openapi.json`, '--checks', 'all', '--max-examples', values.examples, '--max-time', values.seconds, '--request-timeout', '20', '--continue-on-failure', '--warnings', 'off'], { stdio: 'inherit', cwd: dir });
      const forget = onEnd(() => child.kill('SIGTERM'));
      child.once('error', reject).once('close', (status) => (forget(), resolve(status ?? 1)));
    });
    if (code !== 0) failed.push(service);
  }
  console.log(failed.length === 0 ? '\nnothing found' : `\nsomething was found in ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}
