import { Alert, Button, Group, Stack, Table, Text } from '@mantine/core';
import type { alerts } from '@flotilla/contracts';
import { IconFileTypePdf } from '@tabler/icons-react';
import { asRpcError, DataTable, Empty, Failed, formatNumber, formatSpan, KeyValue, Loading, openFile, tellError, useLocale, useRpc, useWords, When, type Column } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Answered, Side } from '../parts/frame.js';
import { usePaged } from '../parts/paged.js';
import { words } from './words.js';

const Report = ({ day }: { readonly day: string }) => {
  const t = useWords(words);
  const locale = useLocale();
  const report = useRpc('flotilla.alerts.v1.Reports/Get', { day });
  const titleOf = (one: { readonly title: string; readonly titleZh: string }): string => (locale === 'zh-CN' ? one.titleZh : one.title);
  return (
    <Answered of={report}>
      {(one) => (
        <Stack gap="md">
          <Group justify="space-between">
            <Text size="sm" c="dimmed"><When at={one.from} /> – <When at={one.to} /></Text>
            <Button variant="default" leftSection={<IconFileTypePdf size={14} />} onClick={() => void openFile('flotilla.alerts.v1.Reports/Paper', { day }, `flotilla-${day}.pdf`).catch((error: unknown) => tellError(asRpcError(error)))}>{t('paper')}</Button>
          </Group>
          {one.silent.length > 0 && <Alert color="yellow" p="xs">{t('silent', { services: one.silent.join(', ') })}</Alert>}
          {one.medianMinutes > 0 && <Text size="sm">{t('median', { time: formatSpan(one.medianMinutes * 60, locale) })}</Text>}
          <section aria-label={t('figures')}>
            <Table fz="sm">
              <Table.Thead><Table.Tr><Table.Th>{t('figure')}</Table.Th><Table.Th ta="end">{t('value')}</Table.Th><Table.Th ta="end">{t('before')}</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {one.figures.map((figure) => (
                  <Table.Tr key={figure.figure}>
                    <Table.Td>{titleOf(figure)}</Table.Td>
                    <Table.Td ta="end">{figure.known ? formatNumber(figure.value) : t('unknown')}</Table.Td>
                    <Table.Td ta="end">{figure.compared ? formatNumber(figure.before) : '–'}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </section>
          {one.rules.length > 0 && (
            <Table fz="sm">
              <Table.Thead><Table.Tr><Table.Th>{t('byRule')}</Table.Th><Table.Th ta="end">{t('raisedN')}</Table.Th><Table.Th ta="end">{t('cleared')}</Table.Th><Table.Th ta="end">{t('openN')}</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>{one.rules.map((rule) => <Table.Tr key={rule.rule}><Table.Td>{titleOf(rule)}</Table.Td><Table.Td ta="end">{formatNumber(rule.raised)}</Table.Td><Table.Td ta="end">{formatNumber(rule.cleared)}</Table.Td><Table.Td ta="end">{formatNumber(rule.open)}</Table.Td></Table.Tr>)}</Table.Tbody>
            </Table>
          )}
          {one.owners.length > 0 && <KeyValue pairs={one.owners.map((owner) => [owner.role || '–', `${t('raisedN')} ${formatNumber(owner.raised)} · ${t('openN')} ${formatNumber(owner.open)} · ${t('answered', { n: owner.acknowledged })}`])} />}
        </Stack>
      )}
    </Answered>
  );
};

/** The health of each day. */
export const Reports = () => {
  const t = useWords(words);
  const [day, setDay] = useParam('day');
  const reports = usePaged('flotilla.alerts.v1.Reports/List', {}, (answer) => answer.reports, { live: ['report'] });
  const columns: readonly Column<alerts.ReportSummary>[] = [
    { id: 'day', header: t('day'), width: 130, pinned: true, cell: (row) => row.day },
    { id: 'span', header: t('span'), width: 260, grow: true, cell: (row) => <span><When at={row.from} /> – <When at={row.to} /></span> },
    { id: 'raised', header: t('raisedN'), width: 100, align: 'end', cell: (row) => formatNumber(row.raised) },
    { id: 'open', header: t('openN'), width: 100, align: 'end', cell: (row) => formatNumber(row.open) },
    { id: 'delivered', header: t('delivered'), width: 200, cell: (row) => row.deliveries.map(({ target, outcome }) => `${target}${outcome === 'MAILED' ? '' : ' ✗'}`).join(', ') },
  ];
  if (reports.loading) return <Loading />;
  if (reports.error && reports.rows.length === 0) return <Failed error={reports.error} retry={reports.refetch} />;
  return (
    <>
      <div className="f-room-list"><DataTable label={t('reports')} rows={reports.rows} more={reports.more} rowKey={(row) => row.day} columns={columns} onOpen={(row) => setDay(row.day)} empty={<Empty title={t('noReports')}>{t('noReportsMore')}</Empty>} /></div>
      <Side opened={day !== ''} size="xl" title={day} onClose={() => setDay('')}>
        <Report day={day} />
      </Side>
    </>
  );
};
