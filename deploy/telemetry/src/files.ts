// What stands in the repository about telemetry, read and written.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { metricTable } from '@flotilla/telemetry';
import { root } from '@flotilla/tasks';
import { parse } from 'yaml';
import { dashboards } from './dashboards.ts';
import { dashboardJson } from './panels.ts';

export interface Rule {
  readonly file: string;
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const rulesDir = join(root, 'helm', 'flotilla', 'rules');
export const ruleFiles: readonly string[] = globSync('*.yaml', { cwd: rulesDir }).toSorted().map((file) => join(rulesDir, file));
export const ruleTests: readonly string[] = globSync('*.yaml', { cwd: join(root, 'deploy', 'telemetry', 'rules-tests') }).toSorted().map((file) => join(root, 'deploy', 'telemetry', 'rules-tests', file));

/** Every rule of the chart. */
export const rules: readonly Rule[] = ruleFiles.flatMap((file) =>
  (parse(readFileSync(file, 'utf8')) as { groups: { rules: Omit<Rule, 'file'>[] }[] }).groups.flatMap((group) => group.rules.map((rule) => ({ file: basename(file), ...rule }))),
);

export const recorded: ReadonlySet<string> = new Set(rules.flatMap(({ record }) => record ?? []));

/** Every query of every panel. */
export const panelQueries: readonly { readonly panel: string; readonly expr: string }[] = Object.entries(dashboards).flatMap(([name, { rows }]) =>
  rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries.map(({ expr }) => ({ panel: `${name}: ${panel.en}`, expr })))),
);

const cell = (text: string): string => text.replaceAll('|', '\\|');
const table = (): string =>
  ['| metric | kind | labels | what |', '|---|---|---|---|', ...Object.entries(metricTable).map(([name, { kind, labels, help }]) => `| \`${name}\` | ${kind} | ${labels.filter((label) => label !== 'service_name').join(', ')} | ${cell(help)} |`)].join('\n');

const docs = join(root, 'docs', 'telemetry.md');
const begin = '<!-- The table of libs/telemetry/src/names.ts, written by `npm run telemetry -- --write` -->\n';
const end = '\n<!-- end of the table -->';

/** What follows from the table of names and from dashboards.ts: files and what stands in them. */
export const written = (): ReadonlyMap<string, string> => {
  const text = readFileSync(docs, 'utf8');
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  return new Map([
    ...Object.entries(dashboards).map(([name, dashboard]) => [join(root, 'helm', 'flotilla', 'dashboards', `${name}.json`), dashboardJson(dashboard)] as const),
    [docs, `${text.slice(0, from)}${table()}${text.slice(to)}`],
  ]);
};

export const write = (): void => {
  for (const [file, text] of written()) writeFileSync(file, text);
};
