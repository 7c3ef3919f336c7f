// A question to every service: is it ready over HTTP, and does it know us and answer over gRPC out of its database?
//   FLOTILLA_CALLER_KEY_FILE=key.json ask-all.ts ingest=http://host:8101,host:9101 …
import { readFileSync } from 'node:fs';
import { connect, ops, serviceCaller, type CallerKey } from '@flotilla/contracts';

const keyFile = process.env['FLOTILLA_CALLER_KEY_FILE'];
if (!keyFile) throw new Error('FLOTILLA_CALLER_KEY_FILE is not set: nobody answers a stranger');
const key = JSON.parse(readFileSync(keyFile, 'utf8')) as CallerKey;
const caller = serviceCaller(() => key);

const patienceMs = 60_000;

async function ask(name: string, http: string, grpc: string | undefined): Promise<string> {
  const answer = await fetch(`${http}/readyz`, { signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  if (grpc === undefined) return 'ready';
  const tallies = connect(ops.Tallies, grpc, { deadlineMs: 5_000, audience: name, caller });
  try {
    const { counts } = await tallies.get({});
    return `ready, ${Object.keys(counts).length} tallies`;
  } finally {
    tallies.close();
  }
}

async function patiently(name: string, http: string, grpc: string | undefined): Promise<boolean> {
  for (const until = Date.now() + patienceMs; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
    try {
      console.log(`${name}: ${await ask(name, http, grpc)}`);
      return true;
    } catch (error) {
      if (Date.now() < until) continue;
      console.error(`${name}: ${(error as Error).message}`);
      return false;
    }
  }
}

const all = process.argv.slice(2).map((argument) => /^([a-z-]+)=([^,]+)(?:,(.+))?$/.exec(argument) ?? [argument]);
if (all.length === 0) throw new Error('usage: ask-all.ts NAME=http://host:port[,grpc-host:port] …');
const answered = await Promise.all(all.map(([, name = '', http = '', grpc]) => patiently(name, http, grpc)));
process.exit(answered.every(Boolean) ? 0 : 1);
