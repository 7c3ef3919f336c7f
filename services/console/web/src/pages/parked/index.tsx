import { Page, useRpc, useWords } from '../../kit/index.js';
import { PageTabs } from '../parts/frame.js';
import { Messages } from './messages.js';
import { Outcomes, WriteBacks } from './outside.js';
import { Quarantine } from './quarantine.js';
import { useParked } from './queues.js';
import { words } from './words.js';

/** What could not be handled, by everything that handles. */
const Parked = () => {
  const t = useWords(words);
  const counts = useRpc('flotilla.ingest.v1.Quarantine/Count', {}, { live: ['channelOrder'], every: 15_000 });
  const writeBacks = useRpc('flotilla.ingest.v1.WriteBacks/List', { page: { size: 100 } }, { live: ['writeBack', 'cancellation'] });
  const unknown = useRpc('flotilla.carrier.v1.Parcels/List', { state: 'UNKNOWN', page: { size: 100 } }, { live: ['parcel'] });
  const questions = useRpc('flotilla.allocation.v1.Locks/ListQuestions', { page: { size: 100 } }, { every: 10_000 });
  const parked = useParked();
  return (
    <Page title={t('title')} subtitle={t('subtitle')} fill>
      <PageTabs
        label={t('title')}
        tabs={[
          { value: 'quarantine', label: t('quarantine'), urgent: true, count: counts.data?.counts.reduce((sum, { entries }) => sum + entries, 0), content: () => <Quarantine counts={counts} /> },
          { value: 'messages', label: t('messages'), urgent: true, count: parked.queues.length, content: () => <Messages parked={parked} /> },
          { value: 'write-backs', label: t('writeBacks'), urgent: true, count: writeBacks.data?.writeBacks.length, content: () => <WriteBacks /> },
          { value: 'outcomes', label: t('outcomes'), urgent: true, count: (unknown.data?.parcels.length ?? 0) + (questions.data?.questions.filter(({ attempt }) => attempt > 1).length ?? 0), content: () => <Outcomes /> },
        ]}
      />
    </Page>
  );
};

export default Parked;
