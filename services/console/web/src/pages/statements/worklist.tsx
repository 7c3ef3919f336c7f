import { Button, Group, Select, TextInput } from '@mantine/core';
import type { settlement } from '@flotilla/contracts';
import { useState } from 'react';
import { Link } from 'react-router';
import { Confirm, DataTable, Empty, Failed, formatMoney, formatPercent, Loading, Tag, useCommand, useLocale, useMay, useWords, When, type Column } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { orderPath } from '../parts/links.js';
import { usePaged } from '../parts/paged.js';
import { differenceOf } from './life.js';
import { words } from './words.js';

type Line = settlement.WorklistLine;

/** Lines that do not fit, each decided about once, with a reason. */
export const Worklist = () => {
  const t = useWords(words);
  const locale = useLocale();
  const [cause, setCause] = useParam('cause');
  const [channel, setChannel] = useParam('channel');
  const list = usePaged('flotilla.settlement.v1.Worklist/List', { cause, channel }, (answer) => answer.lines, { live: ['statement'] });
  const may = useMay('flotilla.settlement.v1.Worklist/Resolve');
  const resolve = useCommand('flotilla.settlement.v1.Worklist/Resolve', { refreshes: ['flotilla.settlement.v1.Worklist/List', 'flotilla.settlement.v1.Statements/List'] });
  const [asked, setAsked] = useState<{ readonly line: Line; readonly action: 'ACCEPT' | 'DISMISS' }>();
  const [orderId, setOrderId] = useState('');
  const [kind, setKind] = useState<string | null>(null);
  const ask = (line: Line, action: 'ACCEPT' | 'DISMISS'): void => {
    setOrderId('');
    setKind(null);
    setAsked({ line, action });
  };
  const columns: readonly Column<Line>[] = [
    { id: 'channel', header: t('channel'), width: 110, pinned: true, cell: (row) => row.channel },
    { id: 'reference', header: t('reference'), width: 140, cell: ({ line }) => (line.orderId === '' ? line.reference : <Link to={orderPath(line.orderId)}>{line.reference || line.orderId.slice(0, 8)}</Link>) },
    { id: 'cause', header: t('cause'), width: 140, cell: ({ line }) => <Tag color="red" title={line.cause}>{t(line.cause as 'DUPLICATE')}</Tag> },
    { id: 'likely', header: t('likely'), width: 110, grow: true, cell: ({ line }) => (line.likely === '' ? '' : t(line.likely as 'FX')) },
    { id: 'kind', header: t('kind'), width: 84, cell: ({ line }) => t(line.kind as 'FEE') },
    { id: 'amount', header: t('amount'), width: 96, align: 'end', cell: ({ line }) => formatMoney(line.amount, locale) },
    { id: 'expected', header: t('expected'), width: 96, align: 'end', cell: ({ line }) => formatMoney(line.expected, locale) },
    { id: 'difference', header: t('difference'), width: 96, align: 'end', cell: ({ line }) => formatMoney(differenceOf(line), locale) },
    { id: 'deviation', header: t('deviation'), width: 86, align: 'end', cell: (row) => (row.deviationPermille === 0 ? '' : formatPercent(row.deviationPermille / 1_000, locale)) },
    { id: 'occurred', header: t('occurred'), width: 120, cell: ({ line }) => <When at={line.occurredAt} />, hidden: true },
    ...(may
      ? [{ id: 'act', header: '', width: 150, cell: (row: Line) => <Group gap={4} wrap="nowrap"><Button size="compact-xs" onClick={() => ask(row, 'ACCEPT')}>{t('accept')}</Button><Button size="compact-xs" variant="default" onClick={() => ask(row, 'DISMISS')}>{t('dismiss')}</Button></Group> }]
      : []),
  ];
  const causes = [...new Set(list.rows.map(({ line }) => line.cause).concat(cause === '' ? [] : [cause]))].toSorted();
  const channels = [...new Set(list.rows.map((row) => row.channel).concat(channel === '' ? [] : [channel]))].toSorted();
  if (list.loading) return <Loading />;
  if (list.error && list.rows.length === 0) return <Failed error={list.error} retry={list.refetch} />;
  return (
    <>
      <Group gap="xs">
        <Select aria-label={t('channel')} placeholder={t('channel')} clearable data={channels} value={channel === '' ? null : channel} onChange={(value) => setChannel(value ?? '')} />
        <Select aria-label={t('cause')} placeholder={t('allCauses')} clearable data={causes.map((value) => ({ value, label: t(value as 'DUPLICATE') }))} value={cause === '' ? null : cause} onChange={(value) => setCause(value ?? '')} />
      </Group>
      <div className="f-room-list">
        <DataTable label={t('worklist')} rows={list.rows} more={list.more} rowKey={({ line }) => line.lineId} columns={columns} remember="worklist" empty={<Empty title={t('noWork')}>{t('noWorkMore')}</Empty>} />
      </div>
      <Confirm
        opened={asked !== undefined}
        reason="needed"
        title={t(asked?.action === 'DISMISS' ? 'dismissTitle' : 'acceptTitle')}
        action={t(asked?.action === 'DISMISS' ? 'dismiss' : 'accept')}
        danger={asked?.action === 'DISMISS'}
        onClose={() => setAsked(undefined)}
        onConfirm={(reason) => resolve.run({ lineId: asked!.line.line.lineId, action: asked!.action, orderId: orderId.trim(), kind: kind ?? '', reason })}
      >
        {t(asked?.action === 'DISMISS' ? 'dismissMore' : 'acceptMore')}
        {asked?.action === 'ACCEPT' && (
          <>
            <TextInput label={t('orderOf')} description={t('orderHint')} value={orderId} onChange={(event) => setOrderId(event.currentTarget.value)} maxLength={60} />
            <Select label={t('kindOf')} placeholder={t('asItIs')} clearable data={(['CHARGE', 'REFUND', 'FEE', 'PROMOTION'] as const).map((value) => ({ value, label: t(value) }))} value={kind} onChange={setKind} />
          </>
        )}
      </Confirm>
    </>
  );
};
