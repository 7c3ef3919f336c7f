import { Alert, Anchor, Autocomplete, Button, Code, Group, Modal, Paper, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { Copy, Empty, ErrorNote, formatAge, KeyValue, Page, Tag, toast, useCommand, useMay, useRpc, useWords, type AnswerOf } from '../../kit/index.js';
import { asWords } from '../../kit/words.js';
import { Answered } from '../parts/frame.js';
import { words } from './words.js';

type Station = AnswerOf<'flotilla.carrier.v1.Printing/ListStations'>['stations'][number];
type Printer = Station['printers'][number];

const documents = ['LABEL', 'PACKING_SLIP', 'CARD'] as const;
const blank: Station = { station: '', name: '', warehouse: '', printers: [{ document: 'LABEL', printer: 'labels', format: 'ZPL', size: '100x150' }, { document: 'PACKING_SLIP', printer: 'paper', format: 'PDF', size: '' }], hasToken: false, agent: '', offered: [], seenAt: '', waiting: 0 };

const Form = ({ station, isNew, onDone }: { readonly station: Station; readonly isNew: boolean; readonly onDone: () => void }) => {
  const t = useWords(words);
  const [form, setForm] = useState(station);
  const put = useCommand('flotilla.carrier.v1.Printing/PutStation', { refreshes: ['flotilla.carrier.v1.Printing/ListStations'], quiet: true });
  const { data: warehouses } = useRpc('flotilla.allocation.v1.Warehouses/List', {});
  const printerOf = (document: string): Printer | undefined => form.printers.find((one) => one.document === document);
  const setPrinter = (document: string, change: Partial<Printer>): void => {
    const next: Printer = { document, printer: '', format: document === 'LABEL' ? 'ZPL' : 'PDF', size: document === 'LABEL' ? '100x150' : '', ...printerOf(document), ...change };
    setForm({ ...form, printers: [...form.printers.filter((one) => one.document !== document), ...(next.printer === '' ? [] : [next])] });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void put.run({ station: form.station, name: form.name, warehouse: form.warehouse, printers: form.printers }).then((done) => {
          if (!done) return;
          toast({ message: t('saved'), tone: 'done' });
          onDone();
        });
      }}
    >
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <TextInput label={t('id')} description={t('idHint')} required pattern="[a-z0-9][a-z0-9\-]{0,39}" disabled={!isNew} value={form.station} onChange={(event) => setForm({ ...form, station: event.currentTarget.value })} data-autofocus />
          <TextInput label={t('name')} description=" " maxLength={60} value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
          <Select label={t('warehouse')} description=" " clearable placeholder={t('anyWarehouse')} data={warehouses?.warehouses.map(({ warehouse, name }) => ({ value: warehouse, label: `${warehouse} · ${name}` })) ?? []} value={form.warehouse || null} onChange={(value) => setForm({ ...form, warehouse: value ?? '' })} />
        </SimpleGrid>
        {documents.map((document) => (
          <Group key={document} gap="xs" align="end" wrap="nowrap">
            <Autocomplete style={{ flex: 1 }} label={t(document)} description={document === 'LABEL' ? t('printerHint') : undefined} placeholder={t('noPrinter')} data={[...new Set([...station.offered, ...form.printers.map(({ printer }) => printer)])].filter(Boolean)} value={printerOf(document)?.printer ?? ''} onChange={(printer) => setPrinter(document, { printer })} maxLength={60} />
            {document === 'LABEL' && (
              <>
                <Select w={90} label={t('format')} data={['ZPL', 'PDF']} value={printerOf(document)?.format ?? 'ZPL'} onChange={(format) => setPrinter(document, { format: format ?? 'ZPL' })} allowDeselect={false} />
                <Select w={110} label={t('size')} data={['100x150', '76x130']} value={printerOf(document)?.size || '100x150'} onChange={(size) => setPrinter(document, { size: size ?? '100x150' })} allowDeselect={false} />
              </>
            )}
          </Group>
        ))}
        <ErrorNote error={put.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {asWords('cancel')}
          </Button>
          <Button type="submit" loading={put.busy}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const Token = ({ station }: { readonly station: Station }) => {
  const t = useWords(words);
  const issue = useCommand('flotilla.carrier.v1.Printing/IssueToken', { refreshes: ['flotilla.carrier.v1.Printing/ListStations'] });
  const [token, setToken] = useState('');
  const command = `FLOTILLA_PRINT_TOKEN=${token} \\\n  node agent.mjs --console ${location.origin} --station ${station.station}${[...new Set(station.printers.map(({ printer }) => printer))].map((printer) => ` \\\n  --printer "${printer}=tcp://PRINTER:9100"`).join('')}`;
  return (
    <Stack gap="sm">
      <Text>{t('tokenMore')}</Text>
      {token === '' ? (
        <>
          {station.hasToken && <Alert color="yellow">{t('tokenWarn')}</Alert>}
          {/* A token is made by no key: what is asked twice makes two, and the first one ends. */}
          <Button loading={issue.busy} onClick={() => void issue.run({ station: station.station }).then((made) => made && setToken(made.token))}>
            {t('make')}
          </Button>
        </>
      ) : (
        <>
          <Group gap="xs" wrap="nowrap">
            <Code block style={{ flex: 1, overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }} data-testid="token">
              {token}
            </Code>
            <Copy value={token} />
          </Group>
          <Text>{t('command')}</Text>
          <Group gap="xs" wrap="nowrap" align="start">
            <Code block style={{ flex: 1, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {command.replace(token, '…')}
            </Code>
            <Copy value={command} />
          </Group>
        </>
      )}
    </Stack>
  );
};

export default function StationsPage() {
  const t = useWords(words);
  const may = useMay('flotilla.carrier.v1.Printing/PutStation');
  const [form, setForm] = useState<Station>();
  const [token, setToken] = useState<Station>();
  const stations = useRpc('flotilla.carrier.v1.Printing/ListStations', {}, { every: 5_000 });
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setForm(blank)}>
      {t('add')}
    </Button>
  );
  return (
    <Page title={t('title')} subtitle={t('subtitle')} actions={add}>
      <Answered of={stations}>
        {({ stations: list }) =>
          list.length === 0 ? (
            <Empty title={t('none')} action={add}>
              {t('noneMore')}
            </Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {list.map((one) => (
                <Paper key={one.station} component="section" aria-label={one.name}>
                  <Group justify="space-between" mb={6} wrap="nowrap">
                    <div>
                      <Text fw={650}>{one.name}</Text>
                      <Text size="xs" c="dimmed">
                        {one.station}
                        {one.warehouse === '' ? '' : ` · ${one.warehouse}`}
                      </Text>
                    </div>
                    <Tag color={one.seenAt !== '' && Date.now() - Date.parse(one.seenAt) < 60_000 ? 'teal' : 'orange'}>{one.seenAt === '' ? t('noAgent') : t('seen', { when: formatAge(one.seenAt) })}</Tag>
                  </Group>
                  <KeyValue pairs={one.printers.map(({ document, printer, format, size }) => [document in words.en ? t(document as 'LABEL') : document, `${printer} · ${format}${document === 'LABEL' ? ` · ${size}` : ''}`] as const)} />
                  <Group gap="xs" mt="sm">
                    {may && (
                      <>
                        <Button variant="default" size="compact-xs" onClick={() => setForm(one)}>
                          {t('edit')}
                        </Button>
                        <Button variant="default" size="compact-xs" onClick={() => setToken(one)}>
                          {t('token')}
                        </Button>
                      </>
                    )}
                    <Anchor component={Link} to={`/print-queue?station=${one.station}`} size="xs">
                      {one.waiting > 0 ? t('waiting', { n: one.waiting }) : t('queue')}
                    </Anchor>
                  </Group>
                </Paper>
              ))}
            </SimpleGrid>
          )
        }
      </Answered>
      <Modal opened={form !== undefined} onClose={() => setForm(undefined)} title={form?.station === '' ? t('add') : (form?.name ?? '')} closeButtonProps={{ 'aria-label': asWords('close') }} size="lg">
        {form && <Form station={form} isNew={form.station === ''} onDone={() => setForm(undefined)} />}
      </Modal>
      <Modal opened={token !== undefined} onClose={() => setToken(undefined)} title={t('tokenTitle', { station: token?.name ?? '' })} closeButtonProps={{ 'aria-label': asWords('close') }} size="lg">
        {token && <Token station={token} />}
      </Modal>
    </Page>
  );
}
