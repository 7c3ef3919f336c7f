// Runs the calls of docs/examples/grpcurl.md as they stand there, and looks for what stands below them in what they answer.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@flotilla/tasks';

/** A call, and what has to be in its answer. */
export interface Example {
  readonly command: string;
  readonly wanted: { readonly kind: 'json' | 'text'; readonly text: string };
}

export interface Answered {
  readonly code: number;
  readonly said: string;
}

/** Every block of shell in the document, with the block behind it. */
export const readExamples = (file: string): readonly Example[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/```sh\n(.*?)\n```\n```(json|text)\n(.*?)\n```/gs)].map(([, command, kind, text]) => ({ command: command!, wanted: { kind: kind as 'json' | 'text', text: text! } }));

/** The words of a command as a shell reads them: quotes, and variables outside single ones. */
export const wordsOf = (command: string, variables: Readonly<Record<string, string>>): readonly string[] => {
  const named = (text: string): string =>
    text.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => {
      const value = variables[name];
      if (value === undefined) throw new Error(`nothing has set $${name}`);
      return value;
    });
  return [...command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"|([^'"]+)/g, (_, single?: string, double?: string, bare?: string) => single ?? named(double ?? bare ?? '')));
};

/** `NAME=$(… | jq -r '.path')`, or the call alone. */
const partsOf = (command: string): { readonly call: string; readonly keeps?: { readonly name: string; readonly path: string } } => {
  const kept = /^([A-Z_]+)=\$\((.*) \| jq -r '([^']+)'\)$/s.exec(command);
  return kept ? { call: kept[2]!, keeps: { name: kept[1]!, path: kept[3]! } } : { call: command };
};

const at = (value: unknown, path: string): string => {
  const found = path.split(/[.[\]]+/).filter(Boolean).reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
  if (typeof found !== 'string') throw new Error(`no text at ${path} of ${JSON.stringify(value).slice(0, 300)}`);
  return found;
};

const run = (program: string, args: readonly string[]): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, said }));
  });

/** How a program that asks the server itself what it serves makes the call. */
export type Caller = (words: readonly string[]) => Promise<Answered>;

/** buf, which the repository brings along: its own client, written in another language. */
export const bufCurl: Caller = ([, ...words]) => {
  const [method, address] = [words.at(-1)!, words.at(-2)!];
  const options = words.slice(0, -2).filter((word) => word !== '-plaintext');
  const buf = [join(root, 'node_modules/@bufbuild/buf/bin/buf'), 'curl', '--protocol', 'grpc', '--http2-prior-knowledge'];
  return run(process.execPath, method === 'list' ? [...buf, '--list-services', `http://${address}`] : [...buf, ...options, `http://${address}/${method}`]);
};

/** grpcurl itself, where there is one. */
export const grpcurl: Caller | undefined = spawnSync('grpcurl', ['-version']).error ? undefined : ([program, ...words]) => run(program!, words);

/** Makes the calls one after the other; what one keeps is there for the next ones. */
export async function* runExamples(examples: readonly Example[], caller: Caller, addresses: Readonly<Record<string, string>>): AsyncGenerator<Example & Answered> {
  const variables: Record<string, string> = { ...addresses };
  for (const example of examples) {
    const { call, keeps } = partsOf(example.command);
    const answered = await caller(wordsOf(call, variables));
    if (keeps && answered.code === 0) variables[keeps.name] = at(JSON.parse(answered.said), keeps.path);
    yield { ...example, ...answered };
  }
}

/** Whether an answer holds what is wanted: each field, each element somewhere in its list; `…` is anything. */
export const holds = (answer: unknown, wanted: unknown): boolean => {
  if (wanted === '…') return answer !== undefined && answer !== '';
  if (Array.isArray(wanted)) return Array.isArray(answer) && wanted.every((one) => answer.some((other) => holds(other, one)));
  if (typeof wanted !== 'object' || wanted === null) return answer === wanted;
  return typeof answer === 'object' && answer !== null && Object.entries(wanted).every(([name, one]) => holds((answer as Record<string, unknown>)[name], one));
};

/** Whether a text stands in what was said, also where it was said in base64: details of an error that the caller has no schema of. */
export const says = (said: string, text: string): boolean => said.includes(text) || [...said.matchAll(/"value":\s*"([A-Za-z0-9+/_-]+=*)"/g)].some(([, value]) => Buffer.from(value!, 'base64').includes(text));
