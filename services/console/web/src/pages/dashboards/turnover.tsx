import { Anchor, Button, Group, SegmentedControl, Table, Text } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Empty, Failed, formatNumber, formatPercent, Loading, useLocale, useWords } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Panel } from '../parts/frame.js';
import { usePaged } from '../parts/paged.js';
import { known } from './figures.js';
import { words } from './words.js';

const spans = ['7', '30', '90'] as const;
const rounded = (digits: number) => (value: number): string => formatNumber(Number(value.toFixed(digits)));

/** How goods sell and how long they last: warehouses; the SKUs of the one that was opened; behind each its shelf. */
export const Turnover = () => {
  const t = useWords(words);
  const locale = useLocale();
  const [asked, setAsked] = useParam('days');
  const [site, setSite] = useParam('site');
  const days = (spans as readonly string[]).includes(asked) ? asked : '30';
  const found = usePaged('flotilla.allocation.v1.Outcomes/Turnover', { warehouse: site, days: Number(days) }, ({ rows }) => rows, { every: 60_000, size: 50 });
  const head = ['unitsShipped', 'unitsReceived', 'onHand', 'sellThrough', 'daysOfCover', 'turnoverRate'] as const;
  return (
    <Panel title={t('turnover')} span={2} aside={<SegmentedControl size="xs" aria-label={t('turnoverSpan')} value={days} onChange={(value) => setAsked(value === '30' ? '' : value)} data={spans.map((value) => ({ value, label: t(`d${value}`) }))} />}>
      {site !== '' && (
        <Group gap="xs" mb={4}>
          <Button size="compact-xs" variant="subtle" leftSection={<IconArrowLeft size={12} />} onClick={() => setSite('')}>{t('allWarehouses')}</Button>
          <Text size="sm" fw={600}>{site}</Text>
        </Group>
      )}
      {found.error && found.rows.length === 0 ? <Failed error={found.error} retry={found.refetch} /> : found.loading ? <Loading /> : found.rows.length === 0 ? <Empty /> : (
        <div style={{ maxHeight: 320, overflow: 'auto' }} tabIndex={0} role="region" aria-label={`${t('turnover')}: ${site === '' ? t('allWarehouses') : site}`}>
          <Table fz="xs" stickyHeader verticalSpacing={2}>
            <Table.Thead><Table.Tr><Table.Th>{site === '' ? t('warehouse') : 'SKU'}</Table.Th>{head.map((name) => <Table.Th key={name} ta="end">{t(name)}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>
              {found.rows.map((row) => (
                <Table.Tr key={`${row.warehouse}/${row.sku}`}>
                  <Table.Td>
                    {row.sku === '' ? <Anchor component="button" type="button" fz="xs" mih={24} miw={24} ta="start" onClick={() => setSite(row.warehouse)}>{row.warehouse}</Anchor> : <Link className="f-cell-link" to={`/stock?warehouse=${encodeURIComponent(row.warehouse)}&sku=${encodeURIComponent(row.sku)}`}>{row.sku}</Link>}
                  </Table.Td>
                  {[formatNumber(row.shipped), formatNumber(row.received), formatNumber(row.onHand), known(row.sellThrough, (value) => formatPercent(value, locale)), known(row.daysOfCover, rounded(0)), known(row.turnover, rounded(1))].map((text, at) => <Table.Td key={head[at]} ta="end">{text}</Table.Td>)}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {found.more.has && <Button size="compact-xs" variant="subtle" mt={4} onClick={found.more.load}>{t('more')}</Button>}
        </div>
      )}
      <Text size="xs" c="dimmed" mt={6}>{t('turnoverHint')}</Text>
    </Panel>
  );
};
