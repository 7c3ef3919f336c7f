import { Anchor, Button, Divider, FileButton, Group, Modal, NumberInput, Paper, PasswordInput, Select, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconArrowsShuffle, IconFileUpload, IconPlus, IconTags } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { asRpcError, Copy, Empty, ErrorNote, KeyValue, Page, Tag, tellError, toast, upload, useCommand, useMay, useRpc, useWords, When, type AnswerOf } from '../../kit/index.js';
import { asWords } from '../../kit/words.js';
import { useParam } from '../parts/address.js';
import { Answered, Side } from '../parts/frame.js';
import { ConnectionTest } from './test.js';
import { words } from './words.js';

type Channel = AnswerOf<'flotilla.ingest.v1.Channels/List'>['channels'][number];

const platforms = [
  { value: 'shopify', label: 'Shopify' },
  { value: 'woocommerce', label: 'WooCommerce' },
  { value: 'taobao', label: '淘宝 / 天猫 Taobao, Tmall' },
] as const;
const isMapped = (platform: string): boolean => platform === 'generic' || platform === 'csv';

const Connect = ({ onDone }: { readonly onDone: (id: string, platform: string) => void }) => {
  const t = useWords(words);
  const [form, setForm] = useState({ id: '', platform: 'shopify', name: '', apiUrl: '', secret: '', apiToken: '' });
  const connect = useCommand('flotilla.ingest.v1.Channels/Connect', { refreshes: ['flotilla.ingest.v1.Channels/List'], quiet: true });
  const set = (change: Partial<typeof form>): void => setForm({ ...form, ...change });
  const hasApi = !isMapped(form.platform) && form.platform !== 'connector';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void connect.run(form).then((done) => done && onDone(done.id, done.platform));
      }}
    >
      <Stack gap="sm">
        <Select label={t('platform')} value={form.platform} allowDeselect={false} onChange={(platform) => set({ platform: platform ?? 'shopify' })} data={[...platforms, ...(['generic', 'csv', 'connector'] as const).map((value) => ({ value, label: t(value) }))]} data-autofocus />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput label={t('id')} description={t('idHint')} required pattern="[a-z0-9][a-z0-9\-]{0,59}" value={form.id} onChange={(event) => set({ id: event.currentTarget.value })} />
          <TextInput label={t('name')} description=" " maxLength={100} value={form.name} onChange={(event) => set({ name: event.currentTarget.value })} />
        </SimpleGrid>
        {hasApi && <TextInput label={t('apiUrl')} type="url" placeholder="https://" value={form.apiUrl} onChange={(event) => set({ apiUrl: event.currentTarget.value })} />}
        <PasswordInput label={t('secret')} description={t('secretHint')} maxLength={1_000} autoComplete="off" value={form.secret} onChange={(event) => set({ secret: event.currentTarget.value })} />
        {hasApi && <PasswordInput label={t('token')} description={t('tokenHint')} maxLength={1_000} autoComplete="off" value={form.apiToken} onChange={(event) => set({ apiToken: event.currentTarget.value })} />}
        <ConnectionTest request={form} />
        <ErrorNote error={connect.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={connect.busy}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const Keys = ({ channel }: { readonly channel: Channel }) => {
  const t = useWords(words);
  const [form, setForm] = useState({ apiUrl: '', secret: '', apiToken: '' });
  const renew = useCommand('flotilla.ingest.v1.Channels/Renew', { refreshes: ['flotilla.ingest.v1.Channels/List'] });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void renew.run({ id: channel.id, ...form }).then((done) => {
          if (!done) return;
          setForm({ apiUrl: '', secret: '', apiToken: '' });
          toast({ message: t('renewed'), tone: 'done' });
        });
      }}
    >
      <Stack gap="xs">
        <Text c="dimmed">{t('renewMore')}</Text>
        <TextInput label={t('apiUrl')} placeholder={channel.apiUrl || t('asItIs')} value={form.apiUrl} onChange={(event) => setForm({ ...form, apiUrl: event.currentTarget.value })} />
        <PasswordInput label={t('secret')} placeholder={t('asItIs')} autoComplete="off" maxLength={1_000} value={form.secret} onChange={(event) => setForm({ ...form, secret: event.currentTarget.value })} />
        <PasswordInput label={t('token')} placeholder={t('asItIs')} autoComplete="off" maxLength={1_000} value={form.apiToken} onChange={(event) => setForm({ ...form, apiToken: event.currentTarget.value })} />
        <ConnectionTest request={{ id: channel.id, ...form }} />
        <Button type="submit" variant="default" loading={renew.busy} disabled={form.apiUrl === '' && form.secret === '' && form.apiToken === ''} style={{ alignSelf: 'start' }}>
          {t('change')}
        </Button>
      </Stack>
    </form>
  );
};

const Pull = ({ channel }: { readonly channel: string }) => {
  const t = useWords(words);
  const may = useMay('flotilla.ingest.v1.Channels/PutOrderPull');
  const mayAsk = useMay('flotilla.ingest.v1.Channels/PullOrders');
  const state = useRpc('flotilla.ingest.v1.Channels/GetOrderPull', { channel }, { every: 3_000 });
  const refreshes = ['flotilla.ingest.v1.Channels/GetOrderPull'] as const;
  const put = useCommand('flotilla.ingest.v1.Channels/PutOrderPull', { refreshes });
  const now = useCommand('flotilla.ingest.v1.Channels/PullOrders', { refreshes });
  const [edited, setEdited] = useState<Record<string, number | boolean>>({});
  // What sends its orders by itself is not asked.
  if (state.error || !state.data) return null;
  const { rules, ...pull } = state.data;
  const shown = { ...rules, ...edited } as typeof rules;
  const field = (name: 'everyMinutes' | 'peakEveryMinutes' | 'overlapMinutes') => <NumberInput label={t(name)} min={name === 'overlapMinutes' ? -1 : 1} max={1_440} disabled={!may} value={shown[name]} onChange={(value) => setEdited({ ...edited, [name]: Number(value) })} />;
  return (
    <section aria-label={t('pull')}>
      <Divider label={t('pull')} labelPosition="left" mb="xs" />
      <KeyValue
        pairs={[
          [t('pullState'), <Tag key="state" color={pull.blocked || pull.state === 'FAILED' ? 'red' : 'teal'}>{t(pull.state as 'NEVER')}</Tag>],
          [t('problem'), pull.problem],
          [t('since'), pull.since && <When key="since" at={pull.since} />],
          [t('nextAt'), pull.nextAt && <When key="next" at={pull.nextAt} />],
        ]}
      />
      <SimpleGrid cols={3} my="xs">
        {field('everyMinutes')}
        {field('peakEveryMinutes')}
        {field('overlapMinutes')}
      </SimpleGrid>
      <Group gap="xs">
        <Switch label={t('paused')} disabled={!may} checked={shown.paused} onChange={(event) => setEdited({ ...edited, paused: event.currentTarget.checked })} />
        {may && (
          <Button variant="default" size="compact-xs" disabled={Object.keys(edited).length === 0} loading={put.busy} onClick={() => void put.run({ channel, rules: shown }).then((done) => done && setEdited({}))}>
            {t('change')}
          </Button>
        )}
        {mayAsk && (
          <Button variant="default" size="compact-xs" loading={now.busy} onClick={() => void now.run({ channel })}>
            {t('pullNow')}
          </Button>
        )}
      </Group>
    </section>
  );
};

const SkuPolicy = ({ channel }: { readonly channel: string }) => {
  const t = useWords(words);
  const may = useMay('flotilla.ingest.v1.SkuMap/PutPolicy');
  const { data } = useRpc('flotilla.ingest.v1.SkuMap/GetPolicy', { channel });
  const put = useCommand('flotilla.ingest.v1.SkuMap/PutPolicy', { refreshes: ['flotilla.ingest.v1.SkuMap/GetPolicy'] });
  return <Select label={t('skuPolicy')} disabled={!may || put.busy} value={data?.unmapped ?? 'AS_IS'} allowDeselect={false} data={(['AS_IS', 'WAIT'] as const).map((value) => ({ value, label: t(value) }))} onChange={(unmapped) => void put.run({ channel, unmapped: unmapped ?? 'AS_IS' })} />;
};

const OrdersFile = ({ channel }: { readonly channel: string }) => {
  const t = useWords(words);
  const [busy, setBusy] = useState(false);
  const send = (file: File | null): void => {
    if (!file) return;
    setBusy(true);
    upload('flotilla.ingest.v1.Imports/Upload', file, { channel, fileName: file.name })
      .then(
        () => toast({ message: <Link to="/setup/imports?tab=orders">{t('imports')}</Link>, title: t('uploaded'), tone: 'done' }),
        (error: unknown) => tellError(asRpcError(error)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <FileButton accept=".csv,.xlsx" onChange={send}>
      {(props) => (
        <Button {...props} variant="default" leftSection={<IconFileUpload size={16} />} loading={busy}>
          {t('upload')}
        </Button>
      )}
    </FileButton>
  );
};

const Detail = ({ channel }: { readonly channel: Channel }) => {
  const t = useWords(words);
  const mayRenew = useMay('flotilla.ingest.v1.Channels/Renew');
  const mayUpload = useMay('flotilla.ingest.v1.Imports/Upload');
  return (
    <Stack gap="md">
      <KeyValue
        pairs={[
          [t('platform'), channel.platform],
          [t('id'), <Group key="id" gap={4}>{channel.id}<Copy value={channel.id} /></Group>],
          [t('apiUrl'), channel.apiUrl],
          [t('connectedAt'), <When key="at" at={channel.connectedAt} />],
          [t('lastOrder'), channel.lastOrderAt ? <When key="last" at={channel.lastOrderAt} age /> : t('never')],
          [t('webhookUrl'), channel.platform === 'csv' || channel.platform === 'connector' ? '' : `/v1/channels/${channel.id}/webhooks (${t('webhookMore')})`],
        ]}
      />
      <Group gap="xs">
        {isMapped(channel.platform) && (
          <Button component={Link} to={`/setup/mapping/${channel.id}`} leftSection={<IconArrowsShuffle size={16} />}>
            {t('mapping')}
          </Button>
        )}
        <Button component={Link} to={`/setup/sku-map?channel=${channel.id}`} variant="default" leftSection={<IconTags size={16} />}>
          {t('skuMap')}
        </Button>
        {mayUpload && channel.platform === 'csv' && <OrdersFile channel={channel.id} />}
      </Group>
      <SkuPolicy channel={channel.id} />
      <Pull channel={channel.id} />
      {mayRenew && (
        <section aria-label={t('renew')}>
          <Divider label={t('renew')} labelPosition="left" mb="xs" />
          <Keys channel={channel} />
        </section>
      )}
    </Stack>
  );
};

export default function ChannelsPage() {
  const t = useWords(words);
  const go = useNavigate();
  const may = useMay('flotilla.ingest.v1.Channels/Connect');
  const [open, setOpen] = useParam('channel');
  const [connecting, setConnecting] = useState(false);
  const channels = useRpc('flotilla.ingest.v1.Channels/List', { page: { size: 500 } }, { every: 5_000 });
  const shown = channels.data?.channels.find(({ id }) => id === open);
  const add = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setConnecting(true)}>
      {t('connect')}
    </Button>
  );
  return (
    <Page title={t('title')} subtitle={t('subtitle')} actions={add}>
      <Answered of={channels}>
        {({ channels: list }) =>
          list.length === 0 ? (
            <Empty title={t('none')} action={add}>
              {t('noneMore')}
            </Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              {list.map((one) => (
                <Paper key={one.id} component="section" aria-label={one.name}>
                  <Group justify="space-between" wrap="nowrap" align="start">
                    <div style={{ minWidth: 0 }}>
                      <Anchor component="button" type="button" fw={650} size="md" onClick={() => setOpen(one.id)}>
                        {one.name}
                      </Anchor>
                      {one.name !== one.id && (
                        <Text size="xs" c="dimmed">
                          {one.id}
                        </Text>
                      )}
                    </div>
                    <Tag>{one.platform}</Tag>
                  </Group>
                  <Text size="sm" mt={6}>
                    {t('lastOrder')}: {one.lastOrderAt ? <When at={one.lastOrderAt} age /> : t('never')}
                  </Text>
                  {one.apiUrl !== '' && (
                    <Text size="xs" c="dimmed" truncate>
                      {one.apiUrl}
                    </Text>
                  )}
                </Paper>
              ))}
            </SimpleGrid>
          )
        }
      </Answered>
      <Side opened={shown !== undefined} title={shown?.name ?? ''} onClose={() => setOpen('')}>
        {shown && <Detail channel={shown} />}
      </Side>
      <Modal opened={connecting} onClose={() => setConnecting(false)} title={t('connect')} closeButtonProps={{ 'aria-label': asWords('close') }} size="lg">
        <Connect
          onDone={(id, platform) => {
            setConnecting(false);
            toast({ message: t('connected', { name: id }), tone: 'done' });
            if (isMapped(platform)) void go(`/setup/mapping/${id}`);
            else setOpen(id);
          }}
        />
      </Modal>
    </Page>
  );
}
