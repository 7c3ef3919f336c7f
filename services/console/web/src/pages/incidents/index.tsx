import { Page, useWords } from '../../kit/index.js';
import { PageTabs } from '../parts/frame.js';
import { BoardOf, useBoard } from './lanes.js';
import { Messages, OnCall, Silences } from './people.js';
import { Reports } from './reports.js';
import { RulesList } from './rules.js';
import { words } from './words.js';

/** The exception board, and all that belongs to it: who is told, by which rules, what the day was like. */
const Incidents = () => {
  const t = useWords(words);
  const board = useBoard();
  const open = board.data?.columns.reduce((sum, column) => sum + column.open, 0);
  return (
    <Page title={t('title')} subtitle={t('subtitle')} fill>
      <PageTabs
        label={t('title')}
        tabs={[
          { value: 'board', label: t('board'), count: open, urgent: true, content: () => <BoardOf board={board} /> },
          { value: 'policy', label: t('policy'), content: () => <OnCall businessNow={board.data?.at} /> },
          { value: 'rules', label: t('rules'), content: () => <RulesList /> },
          { value: 'silences', label: t('silences'), content: () => <Silences /> },
          { value: 'messages', label: t('messages'), content: () => <Messages /> },
          { value: 'reports', label: t('reports'), content: () => <Reports /> },
        ]}
      />
    </Page>
  );
};

export default Incidents;
