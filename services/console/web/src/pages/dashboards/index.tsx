import { SegmentedControl } from '@mantine/core';
import { Page, useRpc, useWords } from '../../kit/index.js';
import { SagaFunnel } from '../locks/index.js';
import { useParam } from '../parts/address.js';
import { Answered, Figure, Figures, Panel } from '../parts/frame.js';
import { Backlog, CancelRates, Exceptions, Heat, States, Throughput } from './charts.js';
import { deskPath, healthOf } from './figures.js';
import { Lag } from './lag.js';
import { Turnover } from './turnover.js';
import { words } from './words.js';

const spans = ['24', '72', '168', '720'] as const;

/** Figures of the whole house; each opens what it counts. */
const Dashboards = () => {
  const t = useWords(words);
  const [span, setSpan] = useParam('hours');
  const hours = (spans as readonly string[]).includes(span) ? span : '24';
  const figures = useRpc('flotilla.order.v1.Figures/Get', { hours: Number(hours) }, { live: ['order', 'fulfilment'], every: 30_000 });
  const tally = useRpc('allocation:flotilla.ops.v1.Tallies/Get', {}, { every: 15_000 });
  return (
    <Page title={t('title')} subtitle={t('subtitle')} actions={<SegmentedControl aria-label={t('span')} value={hours} onChange={(value) => setSpan(value === '24' ? '' : value)} data={spans.map((value) => ({ value, label: t(`h${value}`) }))} />}>
      <Answered of={figures}>
        {(answer) => (
          <>
            <Figures>
              {healthOf(answer.waiting).map(({ part, total, late, kinds }) => {
                // What is late opens first; else what there is most of.
                const first = kinds.toSorted((a, b) => b.late - a.late || b.orders - a.orders)[0]!;
                return <Figure key={part} label={t(part)} value={total.toLocaleString()} hint={late > 0 ? t('late', { n: late }) : t('noneLate')} to={deskPath({ wait: first.kind, at: answer.at, ...(first.late > 0 ? { fromHours: first.lateAfter } : {}) })} tone={late > 0 ? 'bad' : 'good'} />;
              })}
            </Figures>
            <div className="f-room-grid">
              <Panel title={t('backlog')}><Backlog figures={answer} /></Panel>
              <Panel title={t('throughput')}><Throughput figures={answer} /></Panel>
              <Panel title={t('heat')}><Heat /></Panel>
              <Panel title={t('exceptions')}><Exceptions /></Panel>
              <Panel title={t('funnel')}><Answered of={tally}>{({ counts }) => <SagaFunnel counts={counts} />}</Answered></Panel>
              <Panel title={t('orderFunnel')}><States figures={answer} /></Panel>
              <Panel title={t('cancelRate')}><CancelRates figures={answer} /></Panel>
              <Panel title={t('lag')}><Lag /></Panel>
              <Turnover />
            </div>
          </>
        )}
      </Answered>
    </Page>
  );
};

export default Dashboards;
