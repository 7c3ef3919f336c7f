import { Button, Group, Modal, NumberInput, Paper, Select, SimpleGrid, Stack, Table, Text, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileUpload, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { Confirm, Empty, ErrorNote, formatMoney, formatNumber, Page, Tag, toast, useCommand, useMay, useRpc, useWords, When, type AnswerOf } from '../../kit/index.js';
import { asWords } from '../../kit/words.js';
import { Answered, PageTabs } from '../parts/frame.js';
import { words } from './words.js';

type Suspension = AnswerOf<'flotilla.carrier.v1.Suspensions/List'>['suspensions'][number];

const ToImport = ({ kind, label, need }: { readonly kind: string; readonly label: string; readonly need: 'flotilla.carrier.v1.RateCards/Import' | 'flotilla.carrier.v1.Pools/Import' | 'flotilla.carrier.v1.Suspensions/Import' }) =>
  useMay(need) && (
    <Button component={Link} to={`/setup/imports?kind=${kind}`} variant="default" leftSection={<IconFileUpload size={16} />}>
      {label}
    </Button>
  );

const Quotes = () => {
  const t = useWords(words);
  const [form, setForm] = useState({ fromProvince: '广东省', country: 'CN', province: '北京市', grams: 1_000, service: '' });
  const [asked] = useDebouncedValue(form, 250);
  const quotes = useRpc('flotilla.carrier.v1.RateCards/Quote', asked, { enabled: asked.country.length === 2 && asked.grams > 0 });
  const text = (name: 'fromProvince' | 'country' | 'province', label: string) => <TextInput label={label} value={form[name]} maxLength={60} onChange={(event) => setForm({ ...form, [name]: event.currentTarget.value })} />;
  return (
    <Paper component="section" aria-label={t('tryQuote')}>
      <Group justify="space-between" mb="xs">
        <Text component="h2" fw={650}>
          {t('tryQuote')}
        </Text>
        <ToImport kind="rateCards" label={t('importCards')} need="flotilla.carrier.v1.RateCards/Import" />
      </Group>
      <SimpleGrid cols={{ base: 2, md: 5 }} mb="sm">
        {text('fromProvince', t('from'))}
        {text('country', t('country'))}
        {text('province', t('province'))}
        <NumberInput label={t('grams')} min={1} max={1_000_000} value={form.grams} onChange={(grams) => setForm({ ...form, grams: Number(grams) })} />
        <Select label={t('service')} clearable placeholder={t('any')} data={['STANDARD', 'EXPRESS', 'PICKUP', 'SAME_CITY', 'BULKY']} value={form.service || null} onChange={(service) => setForm({ ...form, service: service ?? '' })} />
      </SimpleGrid>
      <Answered of={quotes}>
        {({ quotes: list }) =>
          list.length === 0 ? (
            <Empty title={t('noQuote')}>{t('noQuoteMore')}</Empty>
          ) : (
            <Table.ScrollContainer minWidth={380}>
              <Table verticalSpacing={4}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('carrier')}</Table.Th>
                    <Table.Th>{t('service')}</Table.Th>
                    <Table.Th ta="end">{t('price')}</Table.Th>
                    <Table.Th ta="end">{t('days')}</Table.Th>
                    <Table.Th>{t('rule')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.map(({ carrier, service, price, days, rule }) => (
                    <Table.Tr key={`${carrier} ${service}`}>
                      <Table.Td fw={600}>{carrier}</Table.Td>
                      <Table.Td>{service}</Table.Td>
                      <Table.Td ta="end">{formatMoney(price ?? undefined)}</Table.Td>
                      <Table.Td ta="end">{days || '–'}</Table.Td>
                      <Table.Td c="dimmed">{rule}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Answered>
    </Paper>
  );
};

const SuspensionForm = ({ carriers, onDone }: { readonly carriers: readonly string[]; readonly onDone: () => void }) => {
  const t = useWords(words);
  const [form, setForm] = useState({ carrier: '*', region: '', city: '', way: 'BOTH', from: '', until: '', reason: '' });
  const put = useCommand('flotilla.carrier.v1.Suspensions/Put', { refreshes: ['flotilla.carrier.v1.Suspensions/List'], quiet: true });
  const set = (change: Partial<typeof form>): void => setForm({ ...form, ...change });
  const instant = (name: 'from' | 'until', placeholder: string) => (
    <DateTimePicker label={t(name === 'from' ? 'begins' : 'until')} placeholder={placeholder} clearable value={form[name] === '' ? null : form[name]} onChange={(value) => set({ [name]: value ?? '' })} />
  );
  // What is picked is this place's time.
  const iso = (local: string): string => (local === '' ? '' : new Date(local.replace(' ', 'T')).toISOString());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void put.run({ ...form, from: iso(form.from), until: iso(form.until) }).then((done) => {
          if (!done) return;
          toast({ message: t('saved'), tone: 'done' });
          onDone();
        });
      }}
    >
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Select label={t('carrier')} allowDeselect={false} value={form.carrier} onChange={(carrier) => set({ carrier: carrier ?? '*' })} data={[{ value: '*', label: t('all') }, ...carriers.map((value) => ({ value, label: value }))]} data-autofocus />
          <Select label={t('way')} allowDeselect={false} value={form.way} onChange={(way) => set({ way: way ?? 'BOTH' })} data={(['COLLECT', 'DELIVER', 'BOTH'] as const).map((value) => ({ value, label: t(value) }))} />
          <TextInput label={t('region')} description={t('regionHint')} required maxLength={60} value={form.region} onChange={(event) => set({ region: event.currentTarget.value })} />
          <TextInput label={t('city')} description=" " maxLength={60} disabled={form.way !== 'DELIVER'} value={form.city} onChange={(event) => set({ city: event.currentTarget.value })} />
          {instant('from', t('now'))}
          {instant('until', t('open'))}
        </SimpleGrid>
        <TextInput label={t('reason')} maxLength={200} value={form.reason} onChange={(event) => set({ reason: event.currentTarget.value })} />
        <ErrorNote error={put.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={put.busy}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const Suspensions = () => {
  const t = useWords(words);
  const may = useMay('flotilla.carrier.v1.Suspensions/Put');
  const [adding, setAdding] = useState(false);
  const [lifts, setLifts] = useState<Suspension>();
  const list = useRpc('flotilla.carrier.v1.Suspensions/List', {}, { every: 10_000 });
  const { data: lanes } = useRpc('flotilla.allocation.v1.Routing/ListLanes', { page: { size: 500 } });
  const lift = useCommand('flotilla.carrier.v1.Suspensions/Lift', { refreshes: ['flotilla.carrier.v1.Suspensions/List'] });
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  return (
    <Stack gap="sm">
      <Group>
        {add}
        <ToImport kind="suspensions" label={t('importSuspensions')} need="flotilla.carrier.v1.Suspensions/Import" />
      </Group>
      <Answered of={list}>
        {({ suspensions }) =>
          suspensions.length === 0 ? (
            <Empty title={t('none')}>{t('noneMore')}</Empty>
          ) : (
            <Table.ScrollContainer minWidth={560}>
              <Table verticalSpacing={4}>
                <Table.Thead>
                  <Table.Tr>
                    {(['carrier', 'region', 'way', 'begins', 'until', 'reason'] as const).map((name) => (
                      <Table.Th key={name}>{t(name)}</Table.Th>
                    ))}
                    <Table.Td />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {suspensions.map((one) => (
                    <Table.Tr key={one.id}>
                      <Table.Td fw={600}>{one.carrier === '*' ? t('all') : one.carrier}</Table.Td>
                      <Table.Td>{[one.region, one.city].filter(Boolean).join(' · ')}</Table.Td>
                      <Table.Td>{t(one.way as 'BOTH')}</Table.Td>
                      <Table.Td>
                        <When at={one.from} />
                      </Table.Td>
                      <Table.Td>{one.until === '' ? t('open') : <When at={one.until} />}</Table.Td>
                      <Table.Td>{one.reason}</Table.Td>
                      <Table.Td>
                        {may && (
                          <Button size="compact-xs" variant="default" onClick={() => setLifts(one)}>
                            {t('lift')}
                          </Button>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Answered>
      <Modal opened={adding} onClose={() => setAdding(false)} title={t('add')} closeButtonProps={{ 'aria-label': asWords('close') }} size="lg">
        <SuspensionForm carriers={[...new Set(lanes?.lanes.map(({ carrier }) => carrier))]} onDone={() => setAdding(false)} />
      </Modal>
      <Confirm opened={lifts !== undefined} title={t('liftTitle', { carrier: lifts?.carrier === '*' ? t('all') : (lifts?.carrier ?? ''), region: lifts?.region ?? '' })} reason="none" action={t('lift')} onClose={() => setLifts(undefined)} onConfirm={async () => lifts && (await lift.run({ id: lifts.id })) && toast({ message: t('lifted'), tone: 'done' })} />
    </Stack>
  );
};

const Pools = () => {
  const t = useWords(words);
  const pools = useRpc('flotilla.carrier.v1.Pools/List', {}, { every: 10_000 });
  return (
    <Stack gap="sm">
      <Group>
        <ToImport kind="pools" label={t('importPools')} need="flotilla.carrier.v1.Pools/Import" />
      </Group>
      <Answered of={pools}>
        {({ pools: list }) =>
          list.length === 0 ? (
            <Empty title={t('noPools')}>{t('noPoolsMore')}</Empty>
          ) : (
            <Table.ScrollContainer minWidth={480}>
              <Table verticalSpacing={4}>
                <Table.Thead>
                  <Table.Tr>
                    {(['carrier', 'warehouse', 'left', 'low', 'next', 'voided'] as const).map((name) => (
                      <Table.Th key={name}>{t(name)}</Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {list.map(({ carrier, warehouse, left, low, next, voided }) => (
                    <Table.Tr key={`${carrier} ${warehouse}`}>
                      <Table.Td fw={600}>{carrier}</Table.Td>
                      <Table.Td>{warehouse}</Table.Td>
                      <Table.Td>
                        {formatNumber(left)} {left === 0 ? <Tag color="red">{t('empty')}</Tag> : left < low ? <Tag color="orange">{t('isLow')}</Tag> : null}
                      </Table.Td>
                      <Table.Td>{low === 0 ? '–' : formatNumber(low)}</Table.Td>
                      <Table.Td ff="monospace">{next}</Table.Td>
                      <Table.Td>{t(voided as 'BURN')}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Answered>
    </Stack>
  );
};

export default function CarriersPage() {
  const t = useWords(words);
  const { data } = useRpc('flotilla.carrier.v1.Suspensions/List', {});
  return (
    <Page title={t('title')} subtitle={t('subtitle')}>
      <PageTabs
        label={t('title')}
        tabs={[
          { value: 'quotes', label: t('quotes'), content: () => <Quotes /> },
          { value: 'suspensions', label: t('suspensions'), count: data?.suspensions.length, content: () => <Suspensions /> },
          { value: 'pools', label: t('pools'), content: () => <Pools /> },
        ]}
      />
    </Page>
  );
}
