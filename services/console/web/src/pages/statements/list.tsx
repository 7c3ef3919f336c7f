import { Button, Group, Stack, Stepper, Table, Text } from '@mantine/core';
import type { settlement } from '@flotilla/contracts';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { asRpcError, Confirm, DataTable, Empty, Failed, formatMoney, formatNumber, KeyValue, Loading, openFile, Tag, tellError, useCommand, useLocale, useMay, useRpc, useWords, When, type Column } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Answered, Side } from '../parts/frame.js';
import { orderPath } from '../parts/links.js';
import { usePaged } from '../parts/paged.js';
import { life, nextStep, openLines, stageOf } from './life.js';
import { words } from './words.js';

type Statement = settlement.Statement;

const stateColours: Readonly<Record<string, string>> = { RECEIVED: 'gray', PARSED: 'gray', MATCHED: 'blue', REVIEWED: 'teal', CLOSED: 'green' };
export const lineColours: Readonly<Record<string, string>> = { OPEN: 'gray', MATCHED: 'teal', FLAGGED: 'red', ACCEPTED: 'blue', DISMISSED: 'gray' };

export const StatementList = () => {
  const t = useWords(words);
  const [open, setOpen] = useParam('statement');
  const list = usePaged('flotilla.settlement.v1.Statements/List', {}, (answer) => answer.statements, { live: ['statement'] });
  const columns: readonly Column<Statement>[] = [
    { id: 'channel', header: t('channel'), width: 150, pinned: true, cell: (row) => row.channel },
    { id: 'batch', header: t('batch'), width: 220, grow: true, cell: (row) => row.batchNo },
    { id: 'format', header: t('format'), width: 140, cell: (row) => row.format },
    { id: 'state', header: t('state'), width: 120, cell: (row) => <Tag color={stateColours[row.state] ?? 'gray'}>{t(row.state as 'MATCHED')}</Tag> },
    { id: 'matched', header: t('matched'), width: 90, align: 'end', cell: (row) => formatNumber(row.matched) },
    { id: 'flagged', header: t('flagged'), width: 90, align: 'end', cell: (row) => (openLines(row) > 0 ? <Text span c="red" fw={600}>{formatNumber(row.flagged)}</Text> : formatNumber(row.flagged)) },
    { id: 'decided', header: t('decided'), width: 90, align: 'end', cell: (row) => formatNumber(row.resolved) },
    { id: 'faults', header: t('faults'), width: 110, align: 'end', cell: (row) => (row.faults === 0 ? '0' : <Text span c="red">{formatNumber(row.faults)}</Text>) },
  ];
  if (list.loading) return <Loading />;
  if (list.error && list.rows.length === 0) return <Failed error={list.error} retry={list.refetch} />;
  return (
    <>
      <div className="f-room-list">
        <DataTable label={t('statements')} rows={list.rows} more={list.more} rowKey={(row) => row.statementId} columns={columns} remember="statements" onOpen={(row) => setOpen(row.statementId)} empty={<Empty title={t('noStatements')}>{t('noStatementsMore')}</Empty>} />
      </div>
      <Side opened={open !== ''} size="75rem" title={t('title')} onClose={() => setOpen('')}>
        <One key={open} id={open} />
      </Side>
    </>
  );
};

const One = ({ id }: { readonly id: string }) => {
  const statement = useRpc('flotilla.settlement.v1.Statements/Get', { statementId: id }, { live: ['statement'], ids: [id] });
  return <Answered of={statement}>{(one) => <Inside statement={one} />}</Answered>;
};

const Inside = ({ statement }: { readonly statement: Statement }) => {
  const t = useWords(words);
  const locale = useLocale();
  const refreshes = ['flotilla.settlement.v1.Statements/Get', 'flotilla.settlement.v1.Statements/List'] as const;
  const review = useCommand('flotilla.settlement.v1.Statements/Review', { refreshes });
  const close = useCommand('flotilla.settlement.v1.Statements/CloseStatement', { refreshes });
  const [may, mayExport] = [useMay('flotilla.settlement.v1.Statements/Review'), useMay('flotilla.settlement.v1.Statements/Export')];
  const [asked, setAsked] = useState<'review' | 'close'>();
  const { step, blockedBy } = nextStep(statement);
  const { statementId } = statement;
  const columns: readonly Column<settlement.StatementLine>[] = [
    { id: 'row', header: t('row'), width: 60, align: 'end', cell: (row) => row.row },
    { id: 'kind', header: t('kind'), width: 100, cell: (row) => t(row.kind as 'FEE') },
    { id: 'reference', header: t('reference'), width: 170, cell: (row) => (row.orderId === '' ? row.reference : <Link to={orderPath(row.orderId)}>{row.reference || row.orderId.slice(0, 8)}</Link>) },
    { id: 'occurred', header: t('occurred'), width: 120, cell: (row) => <When at={row.occurredAt} /> },
    { id: 'amount', header: t('amount'), width: 110, align: 'end', cell: (row) => formatMoney(row.amount, locale) },
    { id: 'fee', header: t('fee'), width: 90, align: 'end', cell: (row) => formatMoney(row.fee, locale) },
    { id: 'net', header: t('net'), width: 110, align: 'end', cell: (row) => formatMoney(row.net, locale) },
    { id: 'state', header: t('lineState'), width: 100, cell: (row) => <Tag color={lineColours[row.state] ?? 'gray'}>{t(row.state as 'OPEN')}</Tag> },
    { id: 'expected', header: t('expected'), width: 110, align: 'end', cell: (row) => formatMoney(row.expected, locale) },
    { id: 'cause', header: t('cause'), width: 160, grow: true, cell: (row) => <span title={row.resolution}>{[row.cause === '' ? '' : t(row.cause as 'DUPLICATE'), row.resolution].filter(Boolean).join(' · ')}</span> },
  ];
  return (
    <Stack gap="md">
      <Stepper active={stageOf(statement.state) + (statement.state === 'CLOSED' ? 1 : 0)} size="xs" allowNextStepsSelect={false}>
        {life.map((stage) => <Stepper.Step key={stage} label={t(stage)} />)}
      </Stepper>
      <KeyValue pairs={[[t('channel'), statement.channel], [t('batch'), statement.batchNo], [t('format'), statement.format], [t('encoding'), statement.encoding], [t('matched'), formatNumber(statement.matched)], [t('flagged'), `${formatNumber(statement.flagged)} (${t('decided')}: ${formatNumber(statement.resolved)})`], [t('unmatched'), statement.unmatched === 0 ? '' : formatNumber(statement.unmatched)]]} />
      <Group gap="xs">
        {may && step !== 'none' && (
          <Button disabled={blockedBy !== undefined} onClick={() => setAsked(step)} loading={review.busy || close.busy}>
            {t(step)}
          </Button>
        )}
        {blockedBy !== undefined && (
          <Text size="sm" c="dimmed">
            {blockedBy === 'openLines' ? <Link to="/statements?tab=worklist">{t('openLines', { n: openLines(statement) })}</Link> : t('notMatched')}
          </Text>
        )}
        {mayExport && (
          <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => void openFile('flotilla.settlement.v1.Statements/Export', { statementId }, `${statement.batchNo || statementId}.csv`).catch((error: unknown) => tellError(asRpcError(error)))}>
            {t('export')}
          </Button>
        )}
      </Group>
      {statement.checks.length > 0 && (
        <section aria-label={t('checks')}>
          <Text component="h2" fw={600} size="sm">{t('checks')}</Text>
          <Table fz="xs">
            <Table.Thead><Table.Tr><Table.Th>{t('kind')}</Table.Th><Table.Th ta="end">{t('said')}</Table.Th><Table.Th ta="end">{t('found')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {statement.checks.map(({ what, currency, said, found }, at) => (
                <Table.Tr key={at} {...(said === found ? {} : { c: 'red', fw: 600 })}><Table.Td>{what}</Table.Td><Table.Td ta="end">{currency === '' ? formatNumber(said) : formatMoney({ amount: said, currency }, locale)}</Table.Td><Table.Td ta="end">{currency === '' ? formatNumber(found) : formatMoney({ amount: found, currency }, locale)}</Table.Td></Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
      <DataTable label={t('lines')} rows={statement.lines} rowKey={(row) => row.lineId} columns={columns} keys={false} height={420} empty={<Empty />} />
      {statement.faults > 0 && <Faults id={statementId} />}
      <Confirm opened={asked === 'review'} title={t('reviewTitle')} action={t('review')} onClose={() => setAsked(undefined)} onConfirm={(reason) => review.run({ statementId, reason })}>{t('reviewMore')}</Confirm>
      <Confirm opened={asked === 'close'} reason="none" title={t('closeTitle')} action={t('close')} onClose={() => setAsked(undefined)} onConfirm={() => close.run({ statementId })}>{t('closeMore')}</Confirm>
    </Stack>
  );
};

const Faults = ({ id }: { readonly id: string }) => {
  const t = useWords(words);
  const faults = useRpc('flotilla.settlement.v1.Statements/ListFaults', { statementId: id, page: { size: 100 } });
  return <Answered of={faults}>{(answer) => <section aria-label={t('faults')}><Text component="h2" fw={600} size="sm">{t('faults')}</Text><KeyValue pairs={answer.faults.map(({ row, reason }) => [`${t('row')} ${row}`, reason])} /></section>}</Answered>;
};
