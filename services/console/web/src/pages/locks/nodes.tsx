import { Button } from '@mantine/core';
import type { allocation } from '@flotilla/contracts';
import { useState } from 'react';
import { Confirm, DataTable, Tag, useCommand, useMay, useRpc, useWords, When, type Column } from '../../kit/index.js';
import { Answered } from '../parts/frame.js';
import { words } from './words.js';

const colours: Readonly<Record<string, string>> = { TAKING: 'teal', OUT: 'red', PROBING: 'yellow', SUSPENDED: 'gray' };

/** Whether each warehouse may be asked, how full its day is, and the switch by hand. */
export const Nodes = () => {
  const t = useWords(words);
  const nodes = useRpc('flotilla.allocation.v1.Nodes/List', {}, { live: ['node'], every: 15_000 });
  const may = useMay('flotilla.allocation.v1.Nodes/Suspend');
  const suspend = useCommand('flotilla.allocation.v1.Nodes/Suspend', { refreshes: ['flotilla.allocation.v1.Nodes/List'] });
  const resume = useCommand('flotilla.allocation.v1.Nodes/Resume', { refreshes: ['flotilla.allocation.v1.Nodes/List'] });
  const [chosen, setChosen] = useState<allocation.Node>();
  const takes = chosen?.state === 'TAKING';
  const columns: readonly Column<allocation.Node>[] = [
    { id: 'warehouse', header: t('warehouse'), width: 130, pinned: true, cell: (row) => row.warehouse },
    { id: 'state', header: t('nodeState'), width: 220, grow: true, cell: (row) => <><Tag color={colours[row.state] ?? 'gray'}>{t(row.state as 'TAKING')}</Tag>{row.state === 'SUSPENDED' && <span>{row.reason}</span>}</> },
    { id: 'until', header: t('until'), width: 130, cell: (row) => <When at={row.until} /> },
    { id: 'late', header: t('lateInARow'), width: 110, align: 'end', cell: (row) => row.lateInARow },
    { id: 'today', header: t('today'), width: 120, align: 'end', cell: (row) => (row.dailyOrders === 0 ? row.ordersToday : t('of', { n: row.ordersToday, m: row.dailyOrders })) },
    ...(may ? [{ id: 'act', header: '', width: 100, cell: (row: allocation.Node) => <Button size="compact-xs" variant="default" onClick={() => setChosen(row)}>{t(row.state === 'TAKING' ? 'suspend' : 'resume')}</Button> }] : []),
  ];
  return (
    <Answered of={nodes} empty={(answer) => answer.nodes.length === 0}>
      {(answer) => (
        <>
          <div className="f-room-list">
            <DataTable label={t('nodes')} rows={answer.nodes} rowKey={(row) => row.warehouse} columns={columns} />
          </div>
          <Confirm
            opened={chosen !== undefined}
            title={t(takes ? 'suspendTitle' : 'resumeTitle', { warehouse: chosen?.warehouse ?? '' })}
            reason="needed"
            danger={takes}
            action={t(takes ? 'suspend' : 'resume')}
            onClose={() => setChosen(undefined)}
            onConfirm={(reason) => (takes ? suspend : resume).run({ warehouse: chosen?.warehouse ?? '', reason })}
          >
            {takes && t('suspendMore')}
          </Confirm>
        </>
      )}
    </Answered>
  );
};
