// Grafana's JSON, as far as our dashboards need it. Titles are English and Chinese side by side: whoever is called at night reads either.

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface Panel {
  readonly en: string;
  readonly zh: string;
  readonly unit?: 's' | 'percentunit' | 'reqps' | 'short' | 'bytes' | 'ops';
  readonly kind?: 'timeseries' | 'stat' | 'heatmap';
  readonly queries: readonly Query[];
}

export interface Row {
  readonly en: string;
  readonly zh: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  readonly uid: string;
  readonly en: string;
  readonly zh: string;
  readonly rows: readonly Row[];
}

const source = { type: 'prometheus', uid: '${datasource}' };
const perRow = 3;
const [width, height] = [24 / perRow, 8];
const title = ({ en, zh }: { readonly en: string; readonly zh: string }): string => `${en} · ${zh}`;

const panelOf = (panel: Panel, id: number, x: number, y: number): object => ({
  id,
  type: panel.kind ?? 'timeseries',
  title: title(panel),
  datasource: source,
  gridPos: { x, y, w: width, h: height },
  fieldConfig: { defaults: { unit: panel.unit ?? 'short', min: 0, custom: { showPoints: 'never', spanNulls: 60_000 } }, overrides: [] },
  options: panel.kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  targets: panel.queries.map(({ expr, legend }, at) => ({ refId: String.fromCodePoint(65 + at), datasource: source, expr, legendFormat: legend, exemplar: /_bucket/.test(expr) })),
});

/** The whole, as Grafana's provisioning and a ConfigMap of the chart take it. */
export const dashboardJson = (dashboard: Dashboard): string => {
  const panels: object[] = [];
  let y = 0;
  for (const row of dashboard.rows) {
    panels.push({ id: panels.length + 1, type: 'row', title: title(row), collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] });
    y += 1;
    row.panels.forEach((panel, at) => panels.push(panelOf(panel, panels.length + 1, (at % perRow) * width, y + Math.floor(at / perRow) * height)));
    y += Math.ceil(row.panels.length / perRow) * height;
  }
  const variables = [
    { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
    { name: 'service', type: 'query', label: 'Service · 服务', datasource: source, query: 'label_values(flotilla_load_ratio, service_name)', refresh: 2, includeAll: true, multi: true, allValue: '.*', current: { text: 'All', value: '$__all' } },
  ];
  const whole = { uid: dashboard.uid, title: title(dashboard), tags: ['flotilla'], timezone: 'browser', schemaVersion: 39, editable: true, refresh: '30s', time: { from: 'now-3h', to: 'now' }, templating: { list: variables }, panels };
  return `${JSON.stringify(whole, null, 2)}\n`;
};

/** A query as Prometheus would get it from Grafana, with every service. */
export const asAsked = (expr: string): string => expr.replaceAll('$service', '.*');
