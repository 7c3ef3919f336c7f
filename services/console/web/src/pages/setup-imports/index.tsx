import { Anchor, Group, Paper, SegmentedControl, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconCircle, IconCircleCheck } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { DataTable, Empty, formatNumber, Loading, Page, reasonText, Tag, useRpc, useWords, When, type AnswerOf, type Column } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { PageTabs, Side } from '../parts/frame.js';
import { usePaged } from '../parts/paged.js';
import { Bring } from './bring.js';
import { kinds } from './kinds.js';
import { words } from './words.js';

type OrderImport = AnswerOf<'flotilla.ingest.v1.Imports/List'>['imports'][number];
type ImportedRow = AnswerOf<'flotilla.ingest.v1.Imports/ListRows'>['rows'][number];

const color: Readonly<Record<string, string>> = { RUNNING: 'brand', DONE: 'teal', REFUSED: 'red', ACCEPTED: 'teal', UPDATED: 'brand', DUPLICATE: 'gray', QUARANTINED: 'red' };

const FirstDay = ({ onKind }: { readonly onKind: (kind: string) => void }) => {
  const t = useWords(words);
  const one = { page: { size: 1 } } as const;
  const skus = useRpc('flotilla.allocation.v1.Catalogue/List', one);
  const warehouses = useRpc('flotilla.allocation.v1.Warehouses/List', {});
  const stock = useRpc('flotilla.allocation.v1.Stock/List', one);
  const lanes = useRpc('flotilla.carrier.v1.RateCards/Quote', { fromProvince: '广东省', country: 'CN', province: '广东省', grams: 1_000 });
  const channels = useRpc('flotilla.ingest.v1.Channels/List', one);
  const stations = useRpc('flotilla.carrier.v1.Printing/ListStations', {});
  const steps = [
    { id: 'catalogue', name: t('catalogue'), done: (skus.data?.skus.length ?? 0) > 0 },
    { id: 'warehouses', name: t('warehouses'), done: (warehouses.data?.warehouses.length ?? 0) > 0 },
    { id: 'stock', name: t('stock'), done: (stock.data?.levels.length ?? 0) > 0 },
    { id: 'rateCards', name: t('rateCards'), done: (lanes.data?.quotes.length ?? 0) > 0 },
    { to: '/setup/channels', name: t('stepChannel'), done: (channels.data?.channels.length ?? 0) > 0 },
    { to: '/setup/stations', name: t('stepStation'), done: (stations.data?.stations.length ?? 0) > 0 },
  ];
  return (
    <Paper component="section" aria-label={t('firstDay')}>
      <Text component="h2" fw={650}>
        {t('firstDay')}
      </Text>
      <Text size="sm" c="dimmed" mb="xs">
        {t('firstDayMore')}
      </Text>
      <SimpleGrid component="ol" cols={{ base: 2, sm: 3, lg: 6 }} p={0} m={0} style={{ listStyle: 'none' }}>
        {steps.map(({ id, to, name, done }, place) => (
          <Group component="li" key={name} gap={6} wrap="nowrap">
            {done ? <IconCircleCheck size={18} color="var(--mantine-color-teal-7)" aria-label={t('there')} /> : <IconCircle size={18} color="var(--mantine-color-dimmed)" aria-label={t('toDo')} />}
            {to ? (
              <Anchor component={Link} to={to} size="sm">
                {place + 1}. {name}
              </Anchor>
            ) : (
              <Anchor component="button" type="button" size="sm" ta="start" onClick={() => onKind(id!)}>
                {place + 1}. {name}
              </Anchor>
            )}
          </Group>
        ))}
      </SimpleGrid>
    </Paper>
  );
};

const Files = () => {
  const t = useWords(words);
  const [kindId, setKind] = useParam('kind');
  const [, redo] = useState(0);
  const kind = kinds.find(({ id }) => id === kindId) ?? kinds[0]!;
  return (
    <Stack gap="md" style={{ overflow: 'auto' }}>
      <FirstDay onKind={setKind} />
      <Paper component="section" aria-label={t('bring')}>
        <Stack gap="sm">
          <Select label={t('what')} w={260} allowDeselect={false} value={kind.id} onChange={(id) => setKind(id ?? '')} data={kinds.map(({ id, name }) => ({ value: id, label: t(name) }))} />
          <Bring key={kind.id} kind={kind} onDone={() => redo((n) => n + 1)} />
        </Stack>
      </Paper>
    </Stack>
  );
};

const Rows = ({ of }: { readonly of: OrderImport }) => {
  const t = useWords(words);
  const [outcome, setOutcome] = useState(of.quarantined > 0 ? 'QUARANTINED' : '');
  const rows = usePaged('flotilla.ingest.v1.Imports/ListRows', { id: of.id, outcome }, (answer) => answer.rows, of.state === 'RUNNING' ? { every: 2_000 } : {});
  const columns = useMemo<readonly Column<ImportedRow>[]>(
    () => [
      { id: 'row', header: t('row'), width: 60, align: 'end', cell: ({ row }) => row },
      { id: 'outcome', header: t('outcome'), width: 90, cell: ({ outcome: what }) => <Tag color={color[what] ?? 'gray'}>{t(what as 'ACCEPTED')}</Tag> },
      { id: 'order', header: t('order'), width: 150, cell: ({ orderId, channelOrderId }) => (orderId === '' ? channelOrderId : <Link to={`/orders/${orderId}`}>{channelOrderId}</Link>) },
      { id: 'cell', header: t('cell'), width: 70, cell: ({ cell }) => cell },
      { id: 'problem', header: t('problem'), width: 300, grow: true, cell: ({ reason, detail }) => (reason === '' ? '' : `${reasonText(reason)}: ${detail}`) },
    ],
    [t],
  );
  return (
    <Stack gap="sm" h="calc(100dvh - 120px)">
      <Text c="dimmed">{of.reason === '' ? '' : `${reasonText(of.reason)}: ${of.detail}`}</Text>
      <SegmentedControl aria-label={t('outcome')} value={outcome} onChange={setOutcome} data={['', 'ACCEPTED', 'UPDATED', 'DUPLICATE', 'QUARANTINED'].map((value) => ({ value, label: t(value === '' ? 'all' : (value as 'ACCEPTED')) }))} />
      {rows.loading ? <Loading /> : <DataTable label={t('problem')} rows={rows.rows} columns={columns} rowKey={({ row }) => String(row)} more={rows.more} keys={false} empty={<Empty />} />}
    </Stack>
  );
};

const OrderFiles = () => {
  const t = useWords(words);
  const [open, setOpen] = useState<OrderImport>();
  const files = usePaged('flotilla.ingest.v1.Imports/List', {}, (answer) => answer.imports, { every: 3_000 });
  const columns = useMemo<readonly Column<OrderImport>[]>(
    () => [
      { id: 'file', header: t('importFile'), width: 240, grow: true, pinned: true, cell: ({ fileName, id }) => fileName || id },
      { id: 'channel', header: t('channel'), width: 130, cell: ({ channel }) => channel },
      { id: 'state', header: t('state'), width: 100, cell: ({ state }) => <Tag color={color[state] ?? 'gray'}>{t(state as 'DONE')}</Tag> },
      ...(['accepted', 'updated', 'duplicate', 'quarantined'] as const).map((name): Column<OrderImport> => ({ id: name, header: t(name === 'accepted' ? 'taken' : name), width: 90, align: 'end', cell: (row) => formatNumber(row[name]) })),
      { id: 'when', header: t('when'), width: 130, cell: ({ receivedAt }) => <When at={receivedAt} /> },
    ],
    [t],
  );
  const shown = open && (files.rows.find(({ id }) => id === open.id) ?? open);
  if (files.loading) return <Loading />;
  return (
    <div className="f-room-list">
      <DataTable label={t('orders')} rows={files.rows} columns={columns} rowKey={({ id }) => id} onOpen={setOpen} more={files.more} remember="imports" empty={<Empty title={t('noImports')}>{t('noImportsMore')}</Empty>} />
      <Side opened={shown !== undefined} title={shown?.fileName ?? ''} onClose={() => setOpen(undefined)} size="xl">
        {shown && <Rows of={shown} />}
      </Side>
    </div>
  );
};

export default function ImportsPage() {
  const t = useWords(words);
  return (
    <Page fill title={t('title')} subtitle={t('subtitle')}>
      <PageTabs label={t('title')} tabs={[{ value: 'files', label: t('bring'), content: () => <Files /> }, { value: 'orders', label: t('orders'), content: () => <OrderFiles /> }]} />
    </Page>
  );
}
