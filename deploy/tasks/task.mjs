// Every task of the repository; runs on the pinned Node 24 (run.mjs sees to that).
import { run, Stop } from './ending.ts';
import { fuzz } from './fuzz.ts';
import { licences } from './licences.ts';
import { newCarrier } from './new-carrier.ts';
import { newChannel } from './new-channel.ts';
import { down, up } from './up.ts';
import { testTask } from './test.ts';
import { build, genTask, lintTask, program } from './tools.ts';

const tasks = {
  demo: { does: 'starts everything and drives orders from all channels to delivered and settled', usage: '[--once] [--orders N] [--rate R] [--seed S] [--json FILE]', run: program('demo', 'deploy/demo/src/main.ts') },
  up: { does: 'starts servers, sandbox and fleet for development; Ctrl-C ends them', usage: '', run: up },
  down: { does: 'ends what "up" started', usage: '', run: down },
  order: { does: 'signs and posts one order to a running fleet', usage: '--channel C [--file F]', run: program('order', 'deploy/demo/src/order.ts') },
  verify: { does: 'recomputes the invariants from the logs of a running fleet', usage: '[--kafka-only] [--as-of T] [--dir D] [--json FILE]', run: program('verify', 'deploy/verify/src/main.ts') },
  bench: { does: 'measures against the limits of this machine', usage: 'NAME [--json FILE]', run: program('bench', 'deploy/bench/src/main.ts') },
  chaos: { does: 'kills, stops and starves a fleet under load, heals it, and recomputes the invariants', usage: '[--minutes M] [--seed S] [--rate R] [--free-ports] [--json FILE]', run: program('chaos', 'deploy/chaos/src/main.ts') },
  fuzz: { does: 'asks every service of a running fleet what its OpenAPI document says, wrongly (needs Schemathesis)', usage: '[--service S] [--examples N] [--seconds S]', run: fuzz },
  telemetry: { does: 'tests rules with promtool, then has the real Prometheus and collector watch a fleet (see docs/telemetry.md); --write makes dashboards and tables anew', usage: '[--write] [--rules] [--no-collector]', run: program('telemetry', 'deploy/telemetry/src/main.ts') },
  archive: { does: 'takes the oldest full partition of a service’s log out of its database, with a manifest', usage: '--service S [--to DIR] [--ended TYPE,TYPE] [--list]', run: (args) => program('archive', 'deploy/tasks/archive.ts')(['archive', ...args]) },
  restore: { does: 'brings an archived partition back, the newest first', usage: '--service S --from MANIFEST', run: (args) => program('restore', 'deploy/tasks/archive.ts')(['restore', ...args]) },
  rebuild: { does: 'builds projections of a running service anew beside the old tables, and swaps them', usage: '--service S [--projection P]', run: program('rebuild', 'deploy/tasks/rebuild.ts') },
  sim: { does: 'runs the inventory-lock saga on a bad network, one schedule per seed, on all cores', usage: '[--seeds N] [--from SEED] [--workers W] [--json FILE]', run: program('sim', 'services/allocation/spec/sim.mjs') },
  'console:user': { does: 'hashes a password for a user of the console', usage: 'USER [--roles R,R] [--name N] [--locale en|zh-CN]', run: program('console:user', 'deploy/tasks/console-user.ts') },
  secrets: { does: 'makes keys, passwords and credentials of an installation: Kubernetes’ Secrets, or the files of Compose', usage: '--out FILE [--prefix NAME] | --compose', run: program('secrets', 'deploy/tasks/installation-secrets.main.ts') },
  image: { does: 'executes the Dockerfile’s steps into a folder, without a container engine', usage: '--out DIR', run: program('image', 'deploy/kube/src/image.main.ts') },
  kube: { does: 'installs the chart on the cluster of KUBECONFIG and drives orders through its pods while they are killed, rolled and drained', usage: '--host ADDRESS --load COMMAND [--orders N] [--json FILE]', run: program('kube', 'deploy/kube/src/main.ts') },
  'new:carrier': { does: 'writes the folder of a new carrier, or its row where a gateway that is there sells it', usage: '<name> [--kdniao CODE]', run: newCarrier },
  licences: { does: 'lists the licences of what is installed, and fails on one that is not on the list', usage: '', run: licences },
  'new:channel': { does: 'writes the folder of a new platform of channels, its line and its example', usage: '<name>', run: newChannel },
  build: { does: 'compiles what changed', usage: '', run: () => build() },
  lint: { does: 'lints with types and checks the boundaries', usage: '', run: () => lintTask() },
  gen: { does: 'generates what follows from proto/, from the topics and from the chart’s values', usage: '[--check | --release]', run: genTask },
  test: { does: 'build, lint, types, unit, integration, end to end, in a browser', usage: '', run: (args) => testTask(['unit', 'int', 'e2e', 'browser'], args) },
  'test:unit': { does: 'unit specs alone', usage: '[path pattern] [jest options]', run: (args) => testTask(['unit'], args) },
  'test:int': { does: 'integration specs alone, with Postgres and Kafka', usage: '[path pattern] [jest options]', run: (args) => testTask(['int'], args) },
  'test:browser': { does: 'the console in Chromium alone', usage: '[path pattern] [jest options]', run: (args) => testTask(['browser'], args) },
  'test:pods': { does: 'each service from the image, with the env, files, ports and probes of the chart; apart from npm test', usage: '[path pattern] [jest options]', run: (args) => testTask(['pods'], args) },
  'test:e2e': { does: 'fleet specs alone', usage: '[path pattern] [jest options]', run: (args) => testTask(['e2e'], args) },
};

await run(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (!name || name === '--help' || name === '-h') return help();
  const task = tasks[name];
  if (!task) throw new Stop(`There is no task "${name}". Tasks: ${Object.keys(tasks).join(', ')}.`);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(`npm run ${name}${task.usage ? ` -- ${task.usage}` : ''}\n  ${task.does}`);
    return 0;
  }
  return task.run(args);
});

function help() {
  for (const [name, { does, usage }] of Object.entries(tasks)) console.log(`npm run ${name}${usage ? ` -- ${usage}` : ''}\n  ${does}`);
  return 0;
}
