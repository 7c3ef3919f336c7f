import { metricTable, processMetrics } from '@flotilla/telemetry';
import { parser } from '@prometheus-io/lezer-promql';

interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}

export interface Selector {
  readonly name: string;
  readonly matchers: readonly Matcher[];
}

/** What a query asks for: its series, and whether it is PromQL at all. */
export const readQuery = (expr: string): { readonly names: readonly string[]; readonly selectors: readonly Selector[]; readonly faults: readonly string[] } => {
  const selectors: { name: string; matchers: Matcher[] }[] = [];
  const faults: string[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) faults.push(`not PromQL at ${node.from}: ${expr}`);
      if (node.name === 'VectorSelector') selectors.push({ name: '', matchers: [] });
      const selector = selectors.at(-1);
      if (node.name === 'Identifier' && selector?.name === '') selector.name = text;
      if (node.name.endsWith('LabelMatcher')) {
        const [, label = '', op = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/s.exec(text) ?? [];
        selector?.matchers.push({ label, op, value });
      }
    },
  });
  return { names: [...new Set(selectors.map(({ name }) => name))], selectors, faults };
};

const own: Readonly<Record<string, { readonly kind: string; readonly labels: readonly string[] }>> = metricTable;
/** What whoever scrapes puts to every series. */
const targetLabels = ['job', 'instance', 'service_name'];

/** Says what of a query is not in the table of names, or carries a label that it never has. */
export const unknownIn = (expr: string, recorded: ReadonlySet<string>): readonly string[] => {
  const { selectors, faults } = readQuery(expr);
  return [
    ...faults,
    ...selectors.flatMap(({ name, matchers }) => {
      if (name === 'up' || recorded.has(name) || (processMetrics as readonly string[]).includes(name.replace(/_(?:bucket|sum|count)$/, ''))) return [];
      const metric = own[name.replace(/_(?:bucket|sum|count)$/, '')];
      const whole = own[name];
      const found = whole?.kind === 'histogram' ? undefined : (whole ?? (metric?.kind === 'histogram' ? metric : undefined));
      if (!found) return [`${name} is no metric of the table`];
      return matchers.map(({ label }) => label).filter((label) => !found.labels.includes(label) && !targetLabels.includes(label) && !(label === 'le' && metric?.kind === 'histogram')).map((label) => `${name} has no label ${label}`);
    }),
  ];
};

/** A sample of the text that /metrics answers. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export const readSamples = (text: string): readonly Sample[] =>
  text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, value: Number(value), labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text = '']) => [label!, text])) }];
  });

const fits = (value: string, { op, value: wanted }: Matcher): boolean => {
  switch (op) {
    case '=':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case '=~':
      return new RegExp(`^(?:${wanted})$`).test(value);
    default:
      return !new RegExp(`^(?:${wanted})$`).test(value);
  }
};

/** Whether there is a sample that a selector asks for; labels that whoever scrapes puts are taken as fitting. */
export const hasData = ({ name, matchers }: Selector, samples: readonly Sample[]): boolean =>
  samples.some((sample) => sample.name === name && matchers.every((matcher) => matcher.label === 'job' || fits(sample.labels[matcher.label] ?? '', matcher)));
