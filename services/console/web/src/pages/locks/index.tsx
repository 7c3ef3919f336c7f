import { formatNumber, formatPercent, Page, useRpc, useWords } from '../../kit/index.js';
import { useEffect, useRef, useState } from 'react';
import { Chart, palette, type Ink } from '../parts/chart.js';
import { Answered, Figure, Figures, PageTabs, Panel } from '../parts/frame.js';
import { Backorders, Hot, Leases, LiveLocks, Questions } from './lists.js';
import { Nodes } from './nodes.js';
import { funnelOf, perMinute, type Stage } from './saga.js';
import { words } from './words.js';

const shades = ['#0b4f7d', '#0072B2', '#3d97cc', '#7fbde0'] as const;
const paths: Readonly<Record<Stage['name'], string>> = { answered: '/locks?tab=questions', locked: '/locks?tab=leases', confirmed: '/locks?tab=locks', consumed: '/tracking' };

/** The saga as bars that grow shorter: what was asked, granted, confirmed, and left. */
export const SagaFunnel = ({ counts }: { readonly counts: Readonly<Record<string, number>> }) => {
  const t = useWords(words);
  const stages = funnelOf(counts);
  const started = (stages[0]?.count ?? 0) > 0;
  const option = (ink: Ink) => ({
    grid: { left: 4, right: 70, top: 4, bottom: 4, containLabel: true },
    tooltip: { trigger: 'item' as const, renderMode: 'richText' as const },
    xAxis: { type: 'value' as const, show: false },
    yAxis: { type: 'category' as const, inverse: true, data: stages.map(({ name }) => t(name)), axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: ink.text } },
    series: [
      {
        type: 'bar' as const,
        data: stages.map(({ count }, at) => ({ value: count, itemStyle: { color: shades[at] ?? palette[0] } })),
        barCategoryGap: '28%',
        label: { show: true, position: 'right' as const, color: ink.text, formatter: ({ dataIndex }: { dataIndex: number }) => `${formatNumber(stages[dataIndex]!.count)} · ${formatPercent(stages[dataIndex]!.share)}` },
      },
    ],
  });
  return (
    <Chart
      label={t('funnel')}
      height={170}
      option={option}
      linkOf={({ index }) => paths[stages[index]!.name]}
      table={{
        head: [t('stage'), t('count'), t('share'), t('lost')],
        rows: started ? stages.map(({ name, count, share, lost }) => [{ text: t(name), to: paths[name] }, formatNumber(count), formatPercent(share), lost.map((one) => `${formatNumber(one.count)} ${t(one.name)}`).join(', ')]) : [],
      }}
    />
  );
};

/** The lock room: the saga, what lives of it now, and who waits. */
const Locks = () => {
  const t = useWords(words);
  const tally = useRpc('allocation:flotilla.ops.v1.Tallies/Get', {}, { live: ['lock', 'allocation'], every: 15_000 });
  const backorders = useRpc('flotilla.allocation.v1.Locks/ListBackorders', { page: { size: 1 } }, { live: ['allocation'] });
  const last = useRef<{ readonly at: number; readonly count: number }>(undefined);
  const [pace, setPace] = useState<number>();
  const locked = tally.data?.counts['locked'];
  useEffect(() => {
    if (locked === undefined) return;
    const now = { at: Date.now(), count: locked };
    if (last.current && now.at - last.current.at < 4_000) return;
    setPace(perMinute(last.current, now));
    last.current = now;
  }, [locked, tally.data]);
  return (
    <Page title={t('title')} subtitle={t('subtitle')} fill>
      <PageTabs
        label={t('title')}
        tabs={[
          {
            value: 'overview',
            label: t('overview'),
            content: () => (
              <Answered of={tally}>
                {({ counts }) => {
                  const failing = (counts['refused'] ?? 0) + (counts['expired'] ?? 0);
                  const asked = (counts['locked'] ?? 0) + (counts['refused'] ?? 0);
                  return (
                    <div style={{ overflowY: 'auto', flex: 1, minHeight: 0 }}>
                      <Figures>
                        <Figure label={t('locked')} value={formatNumber(counts['locked'] ?? 0)} to="/locks?tab=locks" {...(pace === undefined ? {} : { hint: t('perMinute', { n: Math.round(pace) }) })} />
                        <Figure label={t('confirmed')} value={formatNumber(counts['confirmed'] ?? 0)} to="/locks?tab=locks" />
                        <Figure label={t('failing')} value={formatNumber(failing)} hint={asked === 0 ? '' : formatPercent(failing / asked)} {...(asked > 0 && failing / asked > 0.05 ? { tone: 'warn' as const } : {})} />
                        <Figure label={t('backorders')} value={formatNumber(backorders.data?.waiting ?? 0)} to="/locks?tab=backorders" {...((backorders.data?.waiting ?? 0) > 0 ? { tone: 'bad' as const } : {})} />
                      </Figures>
                      <div className="f-room-grid" style={{ marginBlockStart: 10 }}>
                        <Panel title={t('funnel')} aside={<span style={{ width: 30 }} />}>
                          <SagaFunnel counts={counts} />
                        </Panel>
                        <Panel title={t('hot')}>
                          <Hot />
                        </Panel>
                      </div>
                    </div>
                  );
                }}
              </Answered>
            ),
          },
          { value: 'leases', label: t('leases'), content: () => <Leases /> },
          { value: 'locks', label: t('locks'), content: () => <LiveLocks /> },
          { value: 'questions', label: t('questions'), content: () => <Questions /> },
          { value: 'backorders', label: t('backorders'), count: backorders.data?.waiting, urgent: true, content: () => <Backorders /> },
          { value: 'nodes', label: t('nodes'), content: () => <Nodes /> },
        ]}
      />
    </Page>
  );
};

export default Locks;
