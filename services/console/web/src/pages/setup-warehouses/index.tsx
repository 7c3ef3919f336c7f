import { Button, Group, Modal, NumberInput, Paper, Select, SimpleGrid, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { IconFileUpload, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { Confirm, countryName, Empty, ErrorNote, formatWhen, KeyValue, Page, reasonText, refreshAll, RpcError, Tag, toast, upload, useCommand, useMay, useRpc, useSending, useWords, type AnswerOf } from '../../kit/index.js';
import { asWords } from '../../kit/words.js';
import { Answered } from '../parts/frame.js';
import { toCsv } from '../setup-imports/table.js';
import { words } from './words.js';

type Warehouse = AnswerOf<'flotilla.allocation.v1.Warehouses/List'>['warehouses'][number];
type Node = AnswerOf<'flotilla.allocation.v1.Nodes/List'>['nodes'][number];

const blank: Warehouse = { warehouse: '', name: '', country: 'CN', province: '', city: '', district: '', postcode: '', street: '', contact: '', phone: '', serves: [], kind: 'OWN', tier: 0, dailyOrders: 0, services: [], flags: [], timeZone: '', ledger: 'LOCAL' };
const columns = ['warehouse', 'name', 'country', 'province', 'city', 'district', 'postcode', 'street', 'contact', 'phone', 'serves', 'kind', 'tier', 'daily_orders', 'services', 'flags', 'time_zone', 'ledger'] as const;

/** The one way in is the file: a form is a file of one row. */
const asFile = ({ dailyOrders, timeZone, serves, services, flags, ...rest }: Warehouse): Blob => {
  const row: Readonly<Record<string, string>> = { ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])), daily_orders: String(dailyOrders), time_zone: timeZone, serves: serves.join(';'), services: services.join(';'), flags: flags.join(';') };
  const names = [...columns];
  return new Blob([toCsv(names.map((name) => ({ name })), Object.fromEntries(names.map((name) => [name, name])), { columns: names, rows: [names.map((name) => row[name] ?? '')] })]);
};

const Form = ({ warehouse, isNew, onDone }: { readonly warehouse: Warehouse; readonly isNew: boolean; readonly onDone: () => void }) => {
  const t = useWords(words);
  const [form, setForm] = useState(warehouse);
  const sending = useSending();
  const set = (change: Partial<Warehouse>): void => setForm({ ...form, ...change });
  const text = (name: 'name' | 'province' | 'city' | 'district' | 'postcode' | 'street' | 'contact' | 'phone' | 'timeZone', more: object = {}) => <TextInput label={t(name)} value={form[name]} maxLength={200} onChange={(event) => set({ [name]: event.currentTarget.value })} {...more} />;
  const save = async (): Promise<void> => {
    const { errors } = await upload('flotilla.allocation.v1.Warehouses/Import', asFile(form));
    const [wrong] = errors;
    if (wrong) throw new RpcError('INVALID_ARGUMENT', wrong.reason, wrong.detail);
    refreshAll('flotilla.allocation.v1.Warehouses/List', 'flotilla.allocation.v1.Nodes/List');
    toast({ message: t('saved'), tone: 'done' });
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void sending.send(save);
      }}
    >
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <TextInput label={t('id')} description={t('idHint')} required pattern="[A-Za-z0-9_\-]{1,32}" disabled={!isNew} value={form.warehouse} onChange={(event) => set({ warehouse: event.currentTarget.value })} data-autofocus />
          {text('name', { required: true, description: ' ' })}
          <Select label={t('kind')} description=" " allowDeselect={false} value={form.kind || 'OWN'} onChange={(kind) => set({ kind: kind ?? 'OWN' })} data={(['OWN', 'STORE', 'SUPPLIER', 'REMOTE'] as const).map((value) => ({ value, label: t(value) }))} />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 2, xs: 4 }}>
          <TextInput label={t('country')} required pattern="[A-Z]{2}" maxLength={2} value={form.country} onChange={(event) => set({ country: event.currentTarget.value.toUpperCase() })} />
          {text('province')}
          {text('city')}
          {text('district')}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {text('street')}
          {text('postcode')}
          {text('contact')}
          {text('phone')}
        </SimpleGrid>
        <TagsInput label={t('serves')} description={t('servesHint')} value={[...form.serves]} onChange={(serves) => set({ serves })} />
        <TagsInput label={t('services')} data={['STANDARD', 'EXPRESS', 'PICKUP', 'SAME_CITY']} value={[...form.services]} onChange={(services) => set({ services })} />
        <SimpleGrid cols={{ base: 2, xs: 4 }}>
          <NumberInput label={t('tier')} description={t('tierHint')} min={0} max={99} value={form.tier} onChange={(tier) => set({ tier: Number(tier) })} />
          <NumberInput label={t('dailyOrders')} description={t('noLimit')} min={0} value={form.dailyOrders} onChange={(dailyOrders) => set({ dailyOrders: Number(dailyOrders) })} />
          {text('timeZone', { placeholder: 'Asia/Shanghai', description: ' ' })}
          <Select label={t('ledger')} description={t('ledgerHint')} allowDeselect={false} value={form.ledger || 'LOCAL'} onChange={(ledger) => set({ ledger: ledger ?? 'LOCAL' })} data={(['LOCAL', 'REMOTE', 'WMS'] as const).map((value) => ({ value, label: t(value) }))} />
        </SimpleGrid>
        <ErrorNote error={sending.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {asWords('cancel')}
          </Button>
          <Button type="submit" loading={sending.busy}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const stateColor: Readonly<Record<string, string>> = { TAKING: 'teal', OUT: 'red', PROBING: 'yellow', SUSPENDED: 'orange' };

const Card = ({ warehouse: one, node, onEdit, onSuspend }: { readonly warehouse: Warehouse; readonly node: Node | undefined; readonly onEdit: () => void; readonly onSuspend: () => void }) => {
  const t = useWords(words);
  const may = useMay('flotilla.allocation.v1.Warehouses/Import');
  const maySuspend = useMay('flotilla.allocation.v1.Nodes/Suspend');
  const resume = useCommand('flotilla.allocation.v1.Nodes/Resume', { refreshes: ['flotilla.allocation.v1.Nodes/List'] });
  return (
    <Paper component="section" aria-label={one.name}>
      <Group justify="space-between" wrap="nowrap" align="start" mb={6}>
        <div>
          <Text fw={650}>{one.name}</Text>
          <Text size="xs" c="dimmed">
            {one.warehouse} · {t((one.kind || 'OWN') as 'OWN')}
          </Text>
        </div>
        {node && <Tag color={stateColor[node.state] ?? 'gray'}>{t(node.state as 'TAKING')}</Tag>}
      </Group>
      <KeyValue
        pairs={[
          [t('address'), [one.street, one.district, one.city, one.province, countryName(one.country)].filter(Boolean).join(', ')],
          [t('contact'), [one.contact, one.phone].filter(Boolean).join(' · ')],
          [t('serves'), one.serves.join(', ')],
          [t('services'), one.services.join(', ')],
          [t('state'), node && node.state !== 'TAKING' ? [reasonText(node.reason), node.until && t('until', { when: formatWhen(node.until) })].filter(Boolean).join(' · ') : ''],
          [t('dailyOrders'), node && (node.dailyOrders > 0 ? t('ofLimit', { n: node.ordersToday, limit: node.dailyOrders }) : t('today', { n: node.ordersToday }))],
        ]}
      />
      <Group gap="xs" mt="sm">
        {may && (
          <Button variant="default" size="compact-xs" onClick={onEdit}>
            {t('edit')}
          </Button>
        )}
        {maySuspend &&
          node &&
          (node.state === 'TAKING' ? (
            <Button variant="default" size="compact-xs" onClick={onSuspend}>
              {t('suspend')}
            </Button>
          ) : (
            <Button variant="default" size="compact-xs" loading={resume.busy} onClick={() => void resume.run({ warehouse: one.warehouse, reason: '' })}>
              {t('resume')}
            </Button>
          ))}
      </Group>
    </Paper>
  );
};

export default function WarehousesPage() {
  const t = useWords(words);
  const may = useMay('flotilla.allocation.v1.Warehouses/Import');
  const [form, setForm] = useState<Warehouse>();
  const [stops, setStops] = useState<Warehouse>();
  const warehouses = useRpc('flotilla.allocation.v1.Warehouses/List', {}, { every: 10_000 });
  const nodes = useRpc('flotilla.allocation.v1.Nodes/List', {}, { every: 5_000 });
  const suspend = useCommand('flotilla.allocation.v1.Nodes/Suspend', { refreshes: ['flotilla.allocation.v1.Nodes/List'] });
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setForm(blank)}>
      {t('add')}
    </Button>
  );
  return (
    <Page
      title={t('title')}
      subtitle={t('subtitle')}
      actions={
        <>
          {may && (
            <Button component={Link} to="/setup/imports?kind=warehouses" variant="default" leftSection={<IconFileUpload size={16} />}>
              {t('import')}
            </Button>
          )}
          {add}
        </>
      }
    >
      <Answered of={warehouses}>
        {({ warehouses: list }) =>
          list.length === 0 ? (
            <Empty title={t('none')} action={add}>
              {t('noneMore')}
            </Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {list.map((one) => (
                <Card key={one.warehouse} warehouse={one} node={nodes.data?.nodes.find(({ warehouse }) => warehouse === one.warehouse)} onEdit={() => setForm(one)} onSuspend={() => setStops(one)} />
              ))}
            </SimpleGrid>
          )
        }
      </Answered>
      <Modal opened={form !== undefined} onClose={() => setForm(undefined)} title={form?.warehouse === '' ? t('add') : (form?.name ?? '')} closeButtonProps={{ 'aria-label': asWords('close') }} size="xl">
        {form && <Form warehouse={form} isNew={form.warehouse === ''} onDone={() => setForm(undefined)} />}
      </Modal>
      <Confirm opened={stops !== undefined} title={t('suspendTitle', { name: stops?.name ?? '' })} reason="needed" danger action={t('suspend')} onClose={() => setStops(undefined)} onConfirm={(reason) => stops && suspend.run({ warehouse: stops.warehouse, reason })}>
        <Text c="dimmed">{t('suspendMore')}</Text>
      </Confirm>
    </Page>
  );
}
