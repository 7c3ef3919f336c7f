import { ActionIcon, Autocomplete, Button, Group, Modal, NumberInput, Paper, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileUpload, IconPlus, IconX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { Confirm, DataTable, Empty, ErrorNote, Failed, formatAge, formatPercent, Loading, Page, Tag, toast, useCommand, useMay, useRpc, useWords, When, type AnswerOf, type Column } from '../../kit/index.js';
import { asWords } from '../../kit/words.js';
import { useParam } from '../parts/address.js';
import { PageTabs } from '../parts/frame.js';
import { usePaged } from '../parts/paged.js';
import { words } from './words.js';

type Task = AnswerOf<'flotilla.ingest.v1.SkuMap/ListTasks'>['tasks'][number];
type Mapped = AnswerOf<'flotilla.ingest.v1.SkuMap/List'>['items'][number];
type Match = AnswerOf<'flotilla.allocation.v1.Catalogue/Search'>['matches'][number]['skus'][number];
interface Part {
  readonly sku: string;
  readonly quantity: number;
}

const byWord = { SKU: 'bySku', ID: 'byID', BARCODE: 'byBARCODE', NAME: 'byNAME' } as const;

const SkuField = ({ value, onChange, label }: { readonly value: string; readonly onChange: (sku: string) => void; readonly label: string }) => {
  const [asked] = useDebouncedValue(value, 250);
  const { data } = useRpc('flotilla.allocation.v1.Catalogue/Search', { texts: [asked], size: 8 }, { enabled: asked.trim().length > 1 });
  const found = data?.matches[0]?.skus.flatMap(({ sku }) => (sku ? [sku] : [])) ?? [];
  const names = new Map(found.map(({ sku, nameZh, nameEn }) => [sku, [nameZh, nameEn].filter(Boolean).join(' · ')]));
  return <Autocomplete label={label} value={value} onChange={onChange} data={[...names.keys()]} filter={({ options }) => options} renderOption={({ option }) => `${option.value} · ${names.get(option.value) ?? ''}`} maxLength={100} required style={{ flex: 1 }} data-autofocus />;
};

const MapDialog = ({ task, onDone, map }: { readonly task: Task; readonly onDone: () => void; readonly map: (task: Task, parts: readonly Part[]) => Promise<boolean> }) => {
  const t = useWords(words);
  const [parts, setParts] = useState<readonly Part[]>([{ sku: '', quantity: 1 }]);
  const change = (place: number, with_: Partial<Part>): void => setParts(parts.map((part, at) => (at === place ? { ...part, ...with_ } : part)));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void map(task, parts.filter(({ sku }) => sku.trim() !== '')).then((done) => done && onDone());
      }}
    >
      <Stack gap="sm">
        <Text fw={600}>{task.title || task.key}</Text>
        {parts.map((part, place) => (
          <Group key={place} gap="xs" align="end" wrap="nowrap">
            <SkuField label={t('sku')} value={part.sku} onChange={(sku) => change(place, { sku })} />
            <NumberInput label={t('quantity')} w={80} min={1} max={10_000} value={part.quantity} onChange={(quantity) => change(place, { quantity: Number(quantity) || 1 })} />
            {parts.length > 1 && (
              <ActionIcon aria-label={t('remove')} onClick={() => setParts(parts.filter((_, at) => at !== place))}>
                <IconX size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} />} onClick={() => setParts([...parts, { sku: '', quantity: 1 }])} style={{ alignSelf: 'start' }}>
          {t('addPart')}
        </Button>
        <Group justify="flex-end">
          <Button type="submit" disabled={parts.every(({ sku }) => sku.trim() === '')}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const textOf = ({ channelSku, barcode, title, key }: Task): string => (barcode || `${channelSku} ${title || key}`).slice(0, 200);

const Tasks = ({ channel }: { readonly channel: string }) => {
  const t = useWords(words);
  const may = useMay('flotilla.ingest.v1.SkuMap/Map');
  const [open, setOpen] = useState<Task>();
  const tasks = useRpc('flotilla.ingest.v1.SkuMap/ListTasks', { channel, page: { size: 50 } }, { every: 3_000 });
  const list = tasks.data?.tasks ?? [];
  // By its words, and by its barcode, which may be another's.
  const texts = list.slice(0, 50).map(textOf);
  const found = useRpc('flotilla.allocation.v1.Catalogue/Search', { texts, size: 3 }, { enabled: texts.length > 0 });
  const command = useCommand('flotilla.ingest.v1.SkuMap/Map', { refreshes: ['flotilla.ingest.v1.SkuMap/ListTasks', 'flotilla.ingest.v1.SkuMap/List'] });
  const map = async (task: Task, parts: readonly Part[]): Promise<boolean> => {
    const done = await command.run({ channel: task.channel, by: task.by, key: task.key, parts });
    if (done) toast({ message: t('done', { n: done.waiting }), tone: 'done' });
    return done !== undefined;
  };
  const why = ({ by, score }: Match): string => (by === 'WORDS' ? t('WORDS', { n: formatPercent(score) }) : t(by as 'SKU'));
  if (!tasks.data) return tasks.error ? <Failed error={tasks.error} retry={tasks.refetch} /> : <Loading />;
  if (list.length === 0) return <Empty title={t('none')}>{t('noneMore')}</Empty>;
  return (
    <Stack gap="xs" style={{ flex: 1, minHeight: 0, overflow: 'auto' }}>
      {list.map((task, place) => (
        <Paper key={`${task.channel} ${task.by} ${task.key}`} component="section" aria-label={task.title || task.key} data-testid="sku-task">
          <Group justify="space-between" align="start" gap="md">
            <div style={{ flex: '1 1 260px', minWidth: 0 }}>
              <Text fw={650}>{task.title || task.key}</Text>
              <Text size="xs" c="dimmed">
                {[task.channel, task.channelSku && `${t('bySku')} ${task.channelSku}`, task.itemId && `${t('byID')} ${task.itemId}`, task.barcode && `${t('byBARCODE')} ${task.barcode}`].filter(Boolean).join(' · ')}
              </Text>
              <Tag color="orange">
                <Link to={`/orders?q=${encodeURIComponent(`channel:${task.channel}`)}`} style={{ color: 'inherit' }}>
                  {t('orders', { n: task.orders })}
                </Link>
              </Tag>{' '}
              <Text span size="xs" c="dimmed">
                {t('since', { when: formatAge(task.since) })}
              </Text>
            </div>
            {may && (
              <Stack gap={4} style={{ flex: '1 1 320px' }}>
                {(found.data?.matches[place]?.skus ?? []).map((match) =>
                  match.sku ? (
                    <Group key={match.sku.sku} gap="xs" wrap="nowrap">
                      <Button size="compact-xs" variant="light" disabled={command.busy} onClick={() => void map(task, [{ sku: match.sku!.sku, quantity: 1 }])}>
                        {t('take', { sku: match.sku.sku })}
                      </Button>
                      <Text size="xs" truncate>
                        {match.sku.nameZh || match.sku.nameEn}
                      </Text>
                      <Tag color={match.by === 'WORDS' ? 'gray' : 'teal'}>{why(match)}</Tag>
                    </Group>
                  ) : null,
                )}
                {found.data && (found.data.matches[place]?.skus.length ?? 0) === 0 && <Text c="dimmed">{t('noSuggestion')}</Text>}
                <Button size="compact-xs" variant="default" onClick={() => setOpen(task)} style={{ alignSelf: 'start' }}>
                  {t('other')}
                </Button>
              </Stack>
            )}
          </Group>
        </Paper>
      ))}
      <Modal opened={open !== undefined} onClose={() => setOpen(undefined)} title={t('bundle')} closeButtonProps={{ 'aria-label': asWords('close') }}>
        {open && <MapDialog task={open} map={map} onDone={() => setOpen(undefined)} />}
      </Modal>
    </Stack>
  );
};

const MappedList = ({ channel }: { readonly channel: string }) => {
  const t = useWords(words);
  const may = useMay('flotilla.ingest.v1.SkuMap/Unmap');
  const [gone, setGone] = useState<Mapped>();
  const items = usePaged('flotilla.ingest.v1.SkuMap/List', { channel }, (answer) => answer.items);
  const unmap = useCommand('flotilla.ingest.v1.SkuMap/Unmap');
  const columns = useMemo<readonly Column<Mapped>[]>(
    () => [
      { id: 'key', header: t('key'), width: 240, pinned: true, cell: ({ key }) => key },
      { id: 'by', header: t('by'), width: 130, cell: ({ by }) => t(byWord[by as 'SKU'] ?? 'bySku') },
      { id: 'parts', header: t('parts'), width: 260, grow: true, cell: ({ parts }) => parts.map(({ sku, quantity }) => (quantity === 1 ? sku : `${quantity} × ${sku}`)).join(' + ') },
      { id: 'channel', header: t('channel'), width: 130, cell: (row) => row.channel },
      { id: 'at', header: t('at'), width: 120, cell: ({ at }) => <When at={at} /> },
      { id: 'who', header: t('who'), width: 110, cell: ({ mappedBy }) => mappedBy.replace(/^caller:/, '') },
      ...(may ? [{ id: 'unmap', header: '', width: 90, cell: (row: Mapped) => <Button size="compact-xs" variant="subtle" onClick={() => setGone(row)}>{t('unmap')}</Button> }] : []),
    ],
    [t, may],
  );
  if (items.loading) return <Loading />;
  return (
    <div className="f-room-list">
      <ErrorNote error={items.error} />
      <DataTable label={t('mapped')} rows={items.rows.filter(({ parts }) => parts.length > 0)} columns={columns} rowKey={({ channel: of, by, key }) => `${of} ${by} ${key}`} more={items.more} remember="sku-map" empty={<Empty title={t('noMap')} />} />
      <Confirm opened={gone !== undefined} title={t('unmapTitle', { key: gone?.key ?? '' })} reason="none" onClose={() => setGone(undefined)} onConfirm={async () => gone && (await unmap.run({ channel: gone.channel, by: gone.by, key: gone.key }), items.refetch())}>
        <Text c="dimmed">{t('unmapMore')}</Text>
      </Confirm>
    </div>
  );
};

export default function SkuMapPage() {
  const t = useWords(words);
  const [channel, setChannel] = useParam('channel');
  const { data: channels } = useRpc('flotilla.ingest.v1.Channels/List', { page: { size: 500 } });
  const { data: tasks } = useRpc('flotilla.ingest.v1.SkuMap/ListTasks', { channel, page: { size: 500 } }, { every: 5_000 });
  return (
    <Page
      fill
      title={t('title')}
      subtitle={t('subtitle')}
      actions={
        <>
          <Select aria-label={t('channel')} clearable placeholder={t('anyChannel')} w={190} value={channel || null} onChange={(value) => setChannel(value ?? '')} data={channels?.channels.map(({ id, name }) => ({ value: id, label: name })) ?? []} />
          <Button component={Link} to="/setup/imports?kind=skuMap" variant="default" leftSection={<IconFileUpload size={16} />}>
            {t('import')}
          </Button>
        </>
      }
    >
      <PageTabs
        label={t('title')}
        tabs={[
          { value: 'tasks', label: t('tasks'), count: tasks?.tasks.length, urgent: true, content: () => <Tasks channel={channel} /> },
          { value: 'mapped', label: t('mapped'), content: () => <MappedList channel={channel} /> },
        ]}
      />
    </Page>
  );
}
