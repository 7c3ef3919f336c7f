// What of the chart follows from elsewhere: its topics, and its README from the comments of its values.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, parseDocument, type Pair, type Scalar } from 'yaml';
import { root } from './paths.ts';
import { topics } from './topics.ts';

const chart = 'helm/flotilla';

/** Files of the chart that `npm run gen` writes, by their path in the repository. */
export const chartFiles = (): Readonly<Record<string, string>> => ({
  [`${chart}/files/topics.json`]: `[\n${topics().map((topic) => `  ${JSON.stringify(topic)}`).join(',\n')}\n]\n`,
  [`${chart}/README.md`]: readme(),
});

interface Value {
  readonly path: string;
  readonly preset: string;
  readonly meaning: string;
}

function readme(): string {
  const document = parseDocument(readFileSync(join(root, chart, 'values.yaml'), 'utf8'));
  const rows = isMap(document.contents) ? valuesOf(document.contents.items as Pair<Scalar<string>>[], '', '') : [];
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  return `# The chart flotilla

Generated from \`values.yaml\` by \`npm run gen\`; how it is installed and what was proved on a cluster stands in \`docs/kubernetes.md\`.

\`\`\`
npm run secrets -- --out secrets.yaml
kubectl create namespace shop
kubectl create --namespace shop -f secrets.yaml
helm install flotilla helm/flotilla --namespace shop -f my-values.yaml --wait
helm test flotilla --namespace shop
\`\`\`

\`values-dev.yaml\` (one pod each, everything made by Jobs), \`values-external.yaml\` (Postgres and Kafka that are there) and \`values-ha.yaml\` (operators, three zones) are
rendered by the tests. Unknown values are refused; what excludes one another is said in a sentence.

| value | default | meaning |
|---|---|---|
${rows.map(({ path, preset, meaning }) => `| \`${path}\` | ${preset === '' ? '' : `\`${cell(preset)}\``} | ${cell(meaning)} |`).join('\n')}
`;
}

/** Every value with a comment of its own, and those below it that have one; one without is told by the comment above it. */
function valuesOf(items: readonly Pair<Scalar<string>>[], above: string, first: string): Value[] {
  return items.flatMap(({ key, value }, at) => {
    const path = above === '' ? key.value : `${above}.${key.value}`;
    const comment = [key.commentBefore ?? '', at === 0 ? first : ''].join('\n').split('\n').map((line) => line.trim()).findLast((line) => line.startsWith('--'));
    const meaning = comment?.slice(2).trim() ?? '';
    // The table of services is explained by its defaults.
    if (isMap(value) && value.items.length > 0 && path !== 'services' && !value.flow) {
      const below = valuesOf(value.items as Pair<Scalar<string>>[], path, value.commentBefore ?? '');
      return meaning === '' ? below : [{ path, preset: '', meaning }, ...below];
    }
    const preset = path === 'services' ? 'values.yaml' : JSON.stringify((value as { toJSON?(): unknown } | null)?.toJSON?.() ?? null);
    return [{ path, preset, meaning }];
  });
}
