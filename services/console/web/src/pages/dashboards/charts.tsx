import type { order } from '@flotilla/contracts';
import { countryName, formatDay, formatNumber, formatPercent, formatSpan, formatTime, useLocale, useRpc, useWords, type Locale } from '../../kit/index.js';
import { useRules } from '../incidents/names.js';
import { named } from '../orders/names.js';
import { Chart, palette, type Ink } from '../parts/chart.js';
import { Answered } from '../parts/frame.js';
import { ages, backlogOf, barsOf, cancelRates, deskPath, heatOf } from './figures.js';
import { words } from './words.js';

interface Of {
  readonly figures: order.OrderFigures;
}

const ageKeys = ['age0', 'age1', 'age4', 'age24', 'age72', 'age168'] as const;
// From calm to alarming; told apart by lightness, too.
const ageColours = ['#a8d5f2', '#56B4E9', '#0072B2', '#f0c75e', '#E69F00', '#D55E00'] as const;

const axis = (ink: Ink) => ({ axisLabel: { color: ink.text }, axisLine: { lineStyle: { color: ink.line } }, splitLine: { lineStyle: { color: ink.line, opacity: 0.5 } }, axisTick: { show: false } });
const frame = { left: 4, right: 12, top: 30, bottom: 4, containLabel: true } as const;
const tip = { trigger: 'item', renderMode: 'richText' } as const;
// On a phone it scrolls rather than take a second line.
const legend = (ink: Ink) => ({ type: 'scroll' as const, top: 0, left: 0, pageTextStyle: { color: ink.text }, pageIconColor: ink.text, textStyle: { color: ink.text, fontSize: 11 }, itemWidth: 12, itemHeight: 8 });

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const waitLabel = (kind: string, locale: Locale): string => upper(named('wait', kind, locale));

/** What waits, by what for; a part of a bar opens its orders. */
export const Backlog = ({ figures }: Of) => {
  const t = useWords(words);
  const locale = useLocale();
  const backlog = backlogOf(figures.waiting);
  const path = (row: number, age: number): string => deskPath({ wait: backlog[row]!.kind, at: figures.at, fromHours: ages[age] ?? 0, toHours: ages[age + 1] ?? 0 });
  const option = (ink: Ink) => ({
    grid: frame, tooltip: tip, legend: legend(ink),
    xAxis: { type: 'value' as const, minInterval: 1, ...axis(ink) },
    yAxis: { type: 'category' as const, inverse: true, data: backlog.map(({ kind }) => waitLabel(kind, locale)), ...axis(ink), splitLine: { show: false } },
    series: ageKeys.map((key, age) => ({ type: 'bar' as const, stack: 'age', name: t(key), data: backlog.map(({ byAge }) => byAge[age] ?? 0), itemStyle: { color: ageColours[age] }, barMaxWidth: 22 })),
  });
  return (
    <Chart
      label={t('backlog')}
      height={280}
      option={option}
      linkOf={({ series, index }) => path(index, series)}
      table={{
        head: [t('waitsFor'), t('total'), ...ageKeys.map((key) => t(key))],
        rows: backlog.map(({ kind, total, byAge }, row) => [waitLabel(kind, locale), { text: formatNumber(total), to: deskPath({ wait: kind }) }, ...byAge.map((orders, age) => (orders === 0 ? '0' : { text: formatNumber(orders), to: path(row, age) }))]),
      }}
    />
  );
};

/** What came in, and what of it was called off. */
export const Throughput = ({ figures }: Of) => {
  const t = useWords(words);
  const locale = useLocale();
  const bars = barsOf(figures.flow, figures.since, figures.at);
  const byDay = bars.length > 1 && Date.parse(bars[1]!.from) - Date.parse(bars[0]!.from) > 3_600_000;
  const label = (from: string): string => (byDay ? formatDay(from, locale) : formatTime(from, locale));
  const path = (at: number, cancelled: boolean): string => deskPath({ placedFrom: bars[at]!.from, placedBefore: bars[at]!.before, ...(cancelled ? { state: 'CANCELLED' } : {}) });
  const option = (ink: Ink) => ({
    grid: frame, tooltip: tip, legend: legend(ink),
    xAxis: { type: 'category' as const, data: bars.map(({ from }) => label(from)), ...axis(ink), splitLine: { show: false } },
    yAxis: { type: 'value' as const, minInterval: 1, ...axis(ink) },
    series: [
      { type: 'bar' as const, stack: 'orders', name: t('placed'), data: bars.map(({ placed, cancelled }) => placed - cancelled), itemStyle: { color: palette[0] } },
      { type: 'bar' as const, stack: 'orders', name: t('cancelled'), data: bars.map(({ cancelled }) => cancelled), itemStyle: { color: palette[5] } },
    ],
  });
  return (
    <Chart
      label={t('throughput')}
      height={280}
      option={option}
      linkOf={({ series, index }) => path(index, series === 1)}
      table={{
        head: [t('when'), t('placed'), t('cancelled')],
        rows: bars.flatMap(({ from, placed, cancelled }, at) => (placed === 0 ? [] : [[`${formatDay(from, locale)}${byDay ? '' : ` ${formatTime(from, locale)}`}`, { text: formatNumber(placed), to: path(at, false) }, cancelled === 0 ? '0' : { text: formatNumber(cancelled), to: path(at, true) }]])),
      }}
    />
  );
};

/** Orders of this time by where they stand. */
export const States = ({ figures }: Of) => {
  const t = useWords(words);
  const locale = useLocale();
  const states = figures.states.toSorted((a, b) => b.orders - a.orders);
  const path = (state: string): string => deskPath({ state, placedFrom: figures.since });
  const option = (ink: Ink) => ({
    grid: { ...frame, top: 4, right: 44 }, tooltip: tip,
    xAxis: { type: 'value' as const, show: false },
    yAxis: { type: 'category' as const, inverse: true, data: states.map(({ state }) => named('state', state, locale)), ...axis(ink), splitLine: { show: false } },
    series: [{ type: 'bar' as const, data: states.map(({ orders }) => orders), itemStyle: { color: palette[4] }, barMaxWidth: 18, label: { show: true, position: 'right' as const, color: ink.text, formatter: ({ value }: { value: unknown }) => formatNumber(Number(value), locale) } }],
  });
  return <Chart label={t('orderFunnel')} height={280} option={option} linkOf={({ index }) => path(states[index]!.state)} table={{ head: [t('state'), t('orders')], rows: states.map(({ state, orders }) => [named('state', state, locale), { text: formatNumber(orders), to: path(state) }]) }} />;
};

/** Cancelled of what each channel sold. */
export const CancelRates = ({ figures }: Of) => {
  const t = useWords(words);
  const locale = useLocale();
  const rates = cancelRates(figures.flow).slice(0, 20);
  const path = (channel: string): string => deskPath({ channel, state: 'CANCELLED', placedFrom: figures.since });
  const option = (ink: Ink) => ({
    grid: { ...frame, top: 4, right: 90 }, tooltip: tip,
    xAxis: { type: 'value' as const, ...axis(ink), axisLabel: { color: ink.text, formatter: (value: number) => formatPercent(value, locale) } },
    yAxis: { type: 'category' as const, inverse: true, data: rates.map(({ channel }) => channel), ...axis(ink), splitLine: { show: false } },
    series: [{ type: 'bar' as const, data: rates.map(({ rate }) => rate), itemStyle: { color: palette[5] }, barMaxWidth: 18, label: { show: true, position: 'right' as const, color: ink.text, formatter: ({ dataIndex }: { dataIndex: number }) => `${formatPercent(rates[dataIndex]!.rate, locale)} · ${formatNumber(rates[dataIndex]!.cancelled, locale)} / ${formatNumber(rates[dataIndex]!.placed, locale)}` } }],
  });
  return (
    <Chart
      label={t('cancelRate')}
      height={Math.max(140, rates.length * 30 + 30)}
      option={option}
      linkOf={({ index }) => path(rates[index]!.channel)}
      table={{ head: [t('channel'), t('placed'), t('cancelled'), t('rate')], rows: rates.map(({ channel, placed, cancelled, rate }) => [channel, { text: formatNumber(placed), to: deskPath({ channel, placedFrom: figures.since }) }, { text: formatNumber(cancelled), to: path(channel) }, formatPercent(rate, locale)]) }}
    />
  );
};

/** Incidents that are not over, by reason. */
export const Exceptions = () => {
  const t = useWords(words);
  const { nameOf } = useRules();
  const board = useRpc('flotilla.alerts.v1.Incidents/Board', {}, { live: ['incident'], every: 30_000 });
  const columns = (board.data?.columns ?? []).toSorted((a, b) => b.open + b.acknowledged - a.open - a.acknowledged).slice(0, 15);
  const path = (rule: string): string => `/incidents?rule=${encodeURIComponent(rule)}`;
  const option = (ink: Ink) => ({
    grid: frame, tooltip: tip, legend: legend(ink),
    xAxis: { type: 'value' as const, minInterval: 1, ...axis(ink) },
    yAxis: { type: 'category' as const, inverse: true, data: columns.map(({ rule }) => nameOf(rule)), ...axis(ink), splitLine: { show: false }, axisLabel: { color: ink.text, width: 150, overflow: 'truncate' as const } },
    series: [
      { type: 'bar' as const, stack: 'all', name: t('open'), data: columns.map(({ open }) => open), itemStyle: { color: palette[5] }, barMaxWidth: 20 },
      { type: 'bar' as const, stack: 'all', name: t('inHand'), data: columns.map(({ acknowledged }) => acknowledged), itemStyle: { color: palette[4] }, barMaxWidth: 20 },
    ],
  });
  return (
    <Answered of={board}>
      {() => <Chart label={t('exceptions')} height={280} option={option} linkOf={({ index }) => path(columns[index]!.rule)} table={{ head: [t('rule'), t('open'), t('inHand')], rows: columns.map(({ rule, open, acknowledged }) => [{ text: nameOf(rule), to: path(rule) }, formatNumber(open), formatNumber(acknowledged)]) }} />}
    </Answered>
  );
};

const regionName = ({ country, province }: { readonly country: string; readonly province: string }, locale: Locale): string => (province === '' ? countryName(country, locale) || '–' : country === 'CN' ? province : `${province}, ${country}`);

/** Which carrier is late where. */
export const Heat = () => {
  const t = useWords(words);
  const locale = useLocale();
  const answer = useRpc('flotilla.allocation.v1.Outcomes/Lateness', {}, { live: ['outcome'], every: 60_000 });
  const heat = heatOf(answer.data?.cells ?? []);
  const path = (carrier: string): string => `/tracking?carrier=${encodeURIComponent(carrier)}`;
  const option = (ink: Ink) => ({
    grid: { ...frame, top: 4, bottom: 44 },
    tooltip: { ...tip, formatter: (shown: unknown) => { const cell = heat.cells[(shown as { readonly dataIndex: number }).dataIndex]!; return `${cell.carrier} · ${regionName(cell, locale)}\n${t('lateParcels')} ${formatNumber(cell.late, locale)} / ${formatNumber(cell.parcels, locale)} (${formatPercent(cell.rate, locale)})\n${t('median')} ${formatSpan(cell.medianHours * 3_600, locale)}`; } },
    visualMap: { min: 0, max: 0.5, orient: 'horizontal' as const, left: 'center' as const, bottom: 0, itemHeight: 120, itemWidth: 10, text: ['50 %', '0 %'], textStyle: { color: ink.text }, inRange: { color: ['#dcebf5', '#fbe7b4', '#f5b870', '#ea7f52'] }, dimension: 2 },
    xAxis: { type: 'category' as const, data: heat.regions.map((region) => regionName(region, locale)), ...axis(ink), axisLabel: { color: ink.text, rotate: heat.regions.length > 6 ? 35 : 0, width: 90, overflow: 'truncate' as const }, splitLine: { show: false } },
    yAxis: { type: 'category' as const, data: [...heat.carriers], ...axis(ink), splitLine: { show: false } },
    // What stands on a pale cell is dark in both schemes.
    series: [{ type: 'heatmap' as const, data: heat.cells.map(({ x, y, rate }) => [x, y, rate]), label: { show: true, color: '#1b1b1b', formatter: ({ dataIndex }: { dataIndex: number }) => formatPercent(heat.cells[dataIndex]!.rate, locale) }, itemStyle: { borderColor: ink.back, borderWidth: 2 } }],
  });
  return (
    <Answered of={answer}>
      {() => (
        <Chart
          label={t('heat')}
          height={280}
          option={option}
          linkOf={({ index }) => path(heat.cells[index]!.carrier)}
          table={{
            head: [t('carrier'), t('region'), t('parcels'), t('lateParcels'), t('lateRate'), t('median')],
            rows: heat.cells.map((cell) => [{ text: cell.carrier, to: path(cell.carrier) }, regionName(cell, locale), formatNumber(cell.parcels), formatNumber(cell.late), formatPercent(cell.rate, locale), formatSpan(cell.medianHours * 3_600, locale)]),
          }}
        />
      )}
    </Answered>
  );
};
