import { Alert, Anchor, Button, FileButton, Group, Paper, SegmentedControl, Select, SimpleGrid, Stack, Table, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { ingest } from '@flotilla/contracts';
import { IconFileUpload, IconWand } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import { ErrorNote, Loading, Page, reasonText, Tag, toast, useCommand, useMay, useRpc, useWords, When } from '../../kit/index.js';
import { CustomFields, FieldGroup, LeafChip, type Held } from './fields.js';
import { groups, lacking, noMapping, readSample, shaped, suggest, tried, type Leaf } from './model.js';
import { fieldWords, words } from './words.js';
import './mapping.css';

const toBase64 = (text: string): string => {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
};
const fromBase64 = (text: string): string => new TextDecoder().decode(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)));

const largestSample = 200 * 1024;

const Preview = ({ orders, more }: { readonly orders: readonly (ingest.MappedOrder & { readonly receivedAt?: string; readonly state?: string })[]; readonly more: string }) => {
  const t = useWords(words);
  const f = useWords(fieldWords);
  const [open, setOpen] = useState(0);
  const { taken, problems } = tried(orders);
  if (orders.length === 0) return <Text c="dimmed">{more}</Text>;
  const nameOf = (field: string): string => (field in fieldWords.en ? f(field as 'sku') : field);
  return (
    <Stack gap="xs">
      <Text fw={600} data-testid="taken">
        {t('takenOf', { taken, n: orders.length })}
      </Text>
      {problems.map(({ field, reason, detail, orders: count }) => (
        <Alert key={`${field} ${reason}`} color="red" p="xs" title={[nameOf(field), reasonText(reason)].filter(Boolean).join(': ')}>
          {detail} · {t('problemIn', { n: count })}
        </Alert>
      ))}
      <div className="mp-orders">
        {orders.map((order, place) => (
          <button type="button" key={place} data-open={place === open || undefined} aria-pressed={place === open} onClick={() => setOpen(place)}>
            <Tag color={order.reason === '' ? 'teal' : 'red'}>{order.reason === '' ? t('taken') : t('refused')}</Tag>
            <span>{order.channelOrderId || '–'}</span>
            {order.state !== undefined && order.state !== '' && <Tag>{t(order.state as 'PLACED')}</Tag>}
            {order.receivedAt !== undefined && <When at={order.receivedAt} age />}
          </button>
        ))}
      </div>
      {orders[open] && (
        <Table verticalSpacing={2} className="mp-values">
          <Table.Tbody>
            {orders[open].fields.map(({ field, value, from, reason, detail }) => (
              <Table.Tr key={field} data-wrong={reason !== '' || undefined}>
                <Table.Th scope="row">{field.replace(/^(lines\[\d+\]\.)?(.*)$/, (_whole, line: string | undefined, name: string) => `${line ?? ''}${nameOf(name)}`)}</Table.Th>
                <Table.Td>
                  {value === '' ? '–' : value}
                  {reason !== '' && (
                    <Text size="xs" c="red" span>
                      {' '}
                      {reasonText(reason)}: {detail}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td c="dimmed">{from === '' ? (value === '' ? t('notFound') : '') : t('found', { from })}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
};

const Shape = ({ mapping, lists, table, onChange }: { readonly mapping: ingest.Mapping; readonly lists: readonly string[]; readonly table: boolean; readonly onChange: (mapping: ingest.Mapping) => void }) => {
  const t = useWords(words);
  const paths = [...new Set([...lists, mapping.orders, mapping.lines])].filter(Boolean);
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      {!table && (
        <>
          <Select label={t('orders')} placeholder={t('one')} clearable data={paths} value={mapping.orders || null} onChange={(orders) => onChange({ ...mapping, orders: orders ?? '' })} />
          <Select label={t('lines')} clearable data={paths} value={mapping.lines || null} onChange={(lines) => onChange({ ...mapping, lines: lines ?? '' })} />
        </>
      )}
      <TextInput label={t('utcOffset')} placeholder="+08:00" pattern="[+\-]\d\d:\d\d" value={mapping.utcOffset} onChange={(event) => onChange({ ...mapping, utcOffset: event.currentTarget.value })} />
      <TextInput label={t('currency')} placeholder="CNY" pattern="[A-Z]{3}" maxLength={3} value={mapping.currency} onChange={(event) => onChange({ ...mapping, currency: event.currentTarget.value.toUpperCase() })} />
    </SimpleGrid>
  );
};

const Webhook = ({ webhook, onChange }: { readonly webhook: ingest.WebhookSigning; readonly onChange: (webhook: ingest.WebhookSigning) => void }) => {
  const t = useWords(words);
  const text = (name: 'signatureHeader' | 'prefix' | 'signed' | 'timestampHeader' | 'deliveryIdHeader', placeholder: string) => <TextInput label={t(name)} placeholder={placeholder} value={webhook[name]} onChange={(event) => onChange({ ...webhook, [name]: event.currentTarget.value })} maxLength={200} />;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      {text('signatureHeader', 'x-shop-signature')}
      <Select label={t('digest')} data={['HMAC_SHA256', 'HMAC_SHA1', 'HMAC_SHA512']} value={webhook.digest || 'HMAC_SHA256'} allowDeselect={false} onChange={(digest) => onChange({ ...webhook, digest: digest ?? '' })} />
      <Select label={t('encoding')} data={['HEX', 'BASE64']} value={webhook.encoding || 'HEX'} allowDeselect={false} onChange={(encoding) => onChange({ ...webhook, encoding: encoding ?? '' })} />
      {text('prefix', 'sha256=')}
      {text('signed', '{body}')}
      {text('timestampHeader', '')}
      {text('deliveryIdHeader', '')}
    </SimpleGrid>
  );
};

export default function MappingPage() {
  const t = useWords(words);
  const { channel = '' } = useParams();
  const may = useMay('flotilla.ingest.v1.Mappings/Put');
  const f = useWords(fieldWords);
  const { data: shop } = useRpc('flotilla.ingest.v1.Channels/Get', { id: channel });
  const current = useRpc('flotilla.ingest.v1.Mappings/Get', { channel });
  const [mapping, setMapping] = useState<ingest.Mapping>();
  const [text, setText] = useState('');
  const [leaf, setLeaf] = useState<Leaf>();
  const [tab, setTab] = useState('sample');
  const put = useCommand('flotilla.ingest.v1.Mappings/Put', { refreshes: ['flotilla.ingest.v1.Mappings/Get'], quiet: true });
  useEffect(() => {
    if (mapping === undefined && (current.data || current.error)) setMapping(current.data?.mapping ?? noMapping);
  }, [mapping, current.data, current.error]);
  // What somebody has said of its shape; before that it is guessed.
  const { orders, lines } = mapping && mapping.fields.length > 0 ? mapping : { orders: undefined, lines: undefined };
  const sample = useMemo(() => readSample(text, { ...(orders === undefined ? {} : { orders }), ...(lines === undefined ? {} : { lines }) }), [text, orders, lines]);
  const [asked] = useDebouncedValue(mapping ?? noMapping, 300);
  const isAsked = asked.fields.length > 0;
  const ofSample = useRpc('flotilla.ingest.v1.Mappings/Preview', { channel, mapping: asked, sample: toBase64(text) }, { enabled: isAsked && text !== '' });
  const ofNewest = useRpc('flotilla.ingest.v1.Mappings/Recent', { channel, ...(isAsked ? { mapping: asked } : {}), size: 20 }, { every: 30_000 });
  const newest = ofNewest.data?.orders.map(({ mapped, receivedAt, state }) => ({ ...mapped, receivedAt, state })) ?? [];
  const held: Held = { leaf, hold: setLeaf };
  if (mapping === undefined) return <Loading />;
  const used = new Set([...mapping.fields, ...mapping.custom].flatMap(({ from }) => from));
  const problem = lacking(mapping);
  const isGeneric = shop?.platform === 'generic';
  const change = (next: ingest.Mapping): void => setMapping(shaped(mapping, next, sample));
  const takeSuggestions = (): void => {
    if (!sample) return;
    const next = suggest(mapping, sample);
    toast({ message: t('suggested', { n: next.fields.length - mapping.fields.length }) });
    setMapping(next);
  };
  const leaves = (line: boolean) => sample?.leaves.filter((one) => one.line === line).map((one) => <LeafChip key={`${one.line} ${one.path}`} leaf={one} held={held} used={used.has(one.path)} />);
  return (
    <Page
      title={t('title')}
      subtitle={
        <>
          <Anchor component={Link} to="/setup/channels" size="sm" underline="always">
            {t('back')}
          </Anchor>{' '}
          · {shop?.name ?? channel} · {current.data ? t('subtitle', { channel, n: current.data.version }) : t('noVersion')}
        </>
      }
      actions={
        may && (
          <Button disabled={mapping.fields.length === 0} loading={put.busy} onClick={() => void put.run({ channel, mapping }).then((done) => done && toast({ title: t('saved', { n: done.version }), message: <Link to={`/parked?channel=${channel}`}>{t('replay')}</Link>, tone: 'done' }))}>
            {t('save')}
          </Button>
        )
      }
    >
      <ErrorNote error={put.error} />
      {problem.length > 0 && <Alert color="yellow">{t('lacking', { fields: problem.map((field) => f(field as 'sku')).join(', ') })}</Alert>}
      <div className="mp-room">
        <Paper component="section" aria-label={t('sample')} className="mp-sample">
          <Text component="h2" fw={650}>
            {t('sample')}
          </Text>
          <Text size="xs" c="dimmed" mb="xs">
            {t('sampleMore')}
          </Text>
          <Textarea label={t('paste')} description={t('pasteHint')} autosize minRows={3} maxRows={10} ff="monospace" value={text} onChange={(event) => setText(event.currentTarget.value.slice(0, largestSample))} spellCheck={false} data-testid="sample" />
          <Group gap="xs" my="xs">
            <FileButton accept=".json,.csv,.txt,application/json,text/csv" onChange={(file) => file && void file.slice(0, largestSample).text().then(setText)}>
              {(props) => (
                <Button {...props} variant="default" size="compact-xs" leftSection={<IconFileUpload size={14} />}>
                  {t('file')}
                </Button>
              )}
            </FileButton>
            {(ofNewest.data?.sample.length ?? 0) > 0 && (
              <Button variant="default" size="compact-xs" title={t('newestMore')} onClick={() => setText(JSON.stringify(JSON.parse(fromBase64(ofNewest.data!.sample as unknown as string)), null, 1))}>
                {t('newest')}
              </Button>
            )}
            <Button variant="light" size="compact-xs" leftSection={<IconWand size={14} />} disabled={!sample} onClick={takeSuggestions}>
              {t('suggest')}
            </Button>
          </Group>
          {text !== '' && !sample && <Alert color="yellow">{t('notReadable')}</Alert>}
          <div aria-live="polite">
            {leaf && (
              <Group gap="xs" mb={6}>
                <Text size="sm" fw={600}>
                  {t('picked', { path: leaf.path })}
                </Text>
                <Button size="compact-xs" variant="subtle" onClick={() => setLeaf(undefined)}>
                  {t('putDown')}
                </Button>
              </Group>
            )}
          </div>
          {sample && (
            <div className="mp-leaves">
              <Text fw={600} size="xs">
                {t(sample.kind === 'table' ? 'columns' : 'ofOrder')}
              </Text>
              <div>{leaves(false)}</div>
              {sample.kind === 'json' && sample.leaves.some(({ line }) => line) && (
                <>
                  <Text fw={600} size="xs">
                    {t('ofLine')} · {sample.lines}
                  </Text>
                  <div>{leaves(true)}</div>
                </>
              )}
            </div>
          )}
        </Paper>
        <Stack gap="sm" className="mp-fields">
          <Paper component="section" aria-label={t('shape')}>
            <Shape mapping={mapping} lists={sample?.lists ?? []} table={sample?.kind === 'table' || shop?.platform === 'csv'} onChange={setMapping} />
          </Paper>
          <div className="mp-groups">
            {(Object.keys(groups) as (keyof typeof groups)[]).map((group) => (
              <FieldGroup key={group} group={group} mapping={mapping} sample={sample} held={held} onChange={change} />
            ))}
            <CustomFields mapping={mapping} held={held} onChange={change} />
          </div>
          {isGeneric && (
            <Paper component="section" aria-label={t('webhook')}>
              <Text component="h2" fw={650} mb={6}>
                {t('webhook')}
              </Text>
              <Webhook webhook={mapping.webhook} onChange={(webhook) => setMapping({ ...mapping, webhook })} />
            </Paper>
          )}
        </Stack>
        <Paper component="section" aria-label={t('preview')} className="mp-preview">
          <Group justify="space-between" mb="xs">
            <Text component="h2" fw={650}>
              {t('preview')}
            </Text>
            <SegmentedControl aria-label={t('preview')} value={tab} onChange={setTab} data={[{ value: 'sample', label: t('ofSample') }, { value: 'newest', label: t('ofNewest', { n: newest.length || 20 }) }]} />
          </Group>
          {tab === 'sample' ? (
            <>
              <ErrorNote error={isAsked && text !== '' ? ofSample.error : undefined} />
              <Preview orders={isAsked && text !== '' && !ofSample.error ? (ofSample.data?.orders ?? []) : []} more={t('pasteHint')} />
            </>
          ) : (
            <>
              <ErrorNote error={ofNewest.error} />
              <Preview orders={newest} more={t('noOrders')} />
            </>
          )}
        </Paper>
      </div>
    </Page>
  );
}
