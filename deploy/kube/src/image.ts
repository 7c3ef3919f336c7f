// `npm run image`: executes the Dockerfile's own steps without a container engine, each stage in a folder; the last is the image's file system.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, matchesGlob, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root, Stop } from '@flotilla/tasks';

export interface Image {
  /** Where its files are, of which `/app` is `app`. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workdir: string;
}

interface Stage {
  readonly dir: string;
  workdir: string;
  user: string;
  env: Record<string, string>;
  entrypoint: readonly string[];
  cmd: readonly string[];
}

/** Instructions of the Dockerfile, continued lines joined. */
export const instructions = (text: string): readonly (readonly [string, string])[] =>
  text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.split(/\s+/, 1)[0]!.toUpperCase(), line.replace(/^\S+\s+/, '')] as const);

/**
 * `source`: the repository, or another commit's tree of it. `built`: it is installed and compiled, as `npm test` leaves it, so that those steps (a
 * minute and a gigabyte) need not be done once more in a copy.
 */
export function buildImage(out: string, { source = root, built = false, say = () => {} }: { readonly source?: string; readonly built?: boolean; readonly say?: (line: string) => void } = {}): Image {
  const work = mkdtempSync(join(tmpdir(), 'flotilla-image-'));
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  const here = (): Stage => stage ?? fail('an instruction before FROM');
  try {
    const steps = instructions(readFileSync(join(source, 'Dockerfile'), 'utf8'));
    const last = steps.findLastIndex(([name]) => name === 'FROM');
    steps.forEach(([name, rest], at) => {
      say(`${name} ${rest}`);
      switch (name) {
        case 'FROM': {
          const [, as] = /\bAS\s+(\S+)/i.exec(rest) ?? [];
          const dir = at === last ? resolve(out) : join(work, as ?? String(at));
          rmSync(dir, { recursive: true, force: true });
          mkdirSync(dir, { recursive: true });
          stage = { dir, workdir: '/', user: '0', env: {}, entrypoint: [], cmd: [] };
          stages.set(as ?? String(at), stage);
          return;
        }
        case 'WORKDIR':
          here().workdir = rest;
          return void mkdirSync(join(here().dir, rest), { recursive: true });
        case 'COPY':
          return copyInto(here(), rest, stages, source, built);
        case 'RUN': {
          if (built && /^npm ci |\/tsc -b$|\/web\/build\.mjs$/.test(rest)) return say('  is done already');
          const { status } = spawnSync('sh', ['-c', rest], { cwd: join(here().dir, here().workdir), stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...here().env } });
          if (status !== 0) throw new Stop(`RUN ${rest} ended with ${status}`);
          return;
        }
        case 'ENV':
          for (const [, key, quoted, plain] of rest.matchAll(/([A-Z_]+)=(?:"([^"]*)"|(\S+))/g)) here().env[key!] = quoted ?? plain ?? '';
          return;
        case 'USER':
          return void (here().user = rest);
        case 'ENTRYPOINT':
          return void (here().entrypoint = JSON.parse(rest) as string[]);
        case 'CMD':
          return void (here().cmd = JSON.parse(rest) as string[]);
        case 'EXPOSE':
          return;
        default:
          return fail(`${name} is an instruction that is not executed here`);
      }
    });
    const { dir, ...config } = here();
    return { dir, ...config };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function copyInto(stage: Stage, rest: string, stages: ReadonlyMap<string, Stage>, context: string, built: boolean): void {
  const [, from, what = '', target = ''] = /^(?:--from=(\S+)\s+)?(\S+)\s+(\S+)$/.exec(rest) ?? fail(`COPY ${rest}`);
  const to = target.startsWith('/') ? join(stage.dir, target) : join(stage.dir, stage.workdir, target);
  if (from !== undefined) return cpSync(join((stages.get(from) ?? fail(`no stage ${from}`)).dir, what), to, { recursive: true, verbatimSymlinks: true });
  const ignored = readFileSync(join(context, '.dockerignore'), 'utf8').split('\n').filter((pattern) => pattern !== '' && !(built && pattern === '**/dist'));
  cpSync(join(context, what), to, { recursive: true, filter: (file) => !ignored.some((pattern) => matchesGlob(relative(context, file), pattern)) });
}

const fail = (why: string): never => {
  throw new Stop(`Dockerfile: ${why}`);
};

/** `npm run image -- --out DIR` */
export function imageTask(args: readonly string[]): number {
  const { values } = parseArgs({ args: [...args], options: { out: { type: 'string' } } });
  if (!values.out) throw new Stop('npm run image -- --out DIR: name the folder for the image’s files.');
  if (existsSync(join(values.out, '.git'))) throw new Stop(`${values.out} is a repository, and the folder is emptied: name another one.`);
  const image = buildImage(values.out, { say: console.log });
  console.log(`\n${image.dir} has the image’s files; user ${image.user}, ${[...image.entrypoint, ...image.cmd].join(' ')} in ${image.workdir}`);
  return 0;
}
