import { Anchor, Button, Group, Paper, SimpleGrid, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { IconExternalLink, IconFileTypePdf } from '@tabler/icons-react';
import type { allocation, order } from '@flotilla/contracts';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';
import { asRpcError, Copy, Empty, ErrorNote, formatMoney, openFile, Tag, tellError, useMay, useRpc, useWords, KeyValue, When } from '../../kit/index.js';
import { colorOf, named } from '../orders/names.js';
import { words } from './words.js';

const LabelPreview = lazy(() => import('../station/label-preview.js'));

type Fulfilment = order.Fulfilment;
type Parcel = order.ParcelOverview;

const units = (lines: readonly { readonly sku: string; readonly quantity: number }[]): string => lines.map(({ sku, quantity }) => `${sku} × ${quantity}`).join(', ');

/** A way of the order: its state, its locks with their explanation, its parcels. */
export const FulfilmentCard = ({ fulfilment, n, of, parcels, past }: { readonly fulfilment: Fulfilment; readonly n: number; readonly of: number; readonly parcels: readonly Parcel[]; readonly past: boolean }) => {
  const t = useWords(words);
  const own = parcels.filter(({ parcelId }) => fulfilment.parts.some((part) => part.parcelId === parcelId) || (of === 1 && !past));
  return (
    <Paper component="section" aria-label={t('fulfilmentN', { n })}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Title order={2} size="h4">
              {of === 1 ? t('fulfilment') : t('fulfilmentN', { n })}
            </Title>
            <Tag color={colorOf('fulfilment', fulfilment.state)}>{named('fulfilment', fulfilment.state)}</Tag>
          </Group>
          <Text size="xs" c="dimmed" ff="monospace">
            {fulfilment.foId.slice(0, 8)} <Copy value={fulfilment.foId} />
          </Text>
        </Group>
        {fulfilment.parts.length > 0 && (
          <Table.ScrollContainer minWidth={520}>
            <Table verticalSpacing={4}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('warehouse')}</Table.Th>
                  <Table.Th>{t('state')}</Table.Th>
                  <Table.Th>{t('carrier')}</Table.Th>
                  <Table.Th>{t('waybill')}</Table.Th>
                  <Table.Th>{t('items')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {fulfilment.parts.map((part, at) => (
                  <Table.Tr key={part.parcelId || at}>
                    <Table.Td>{part.warehouse || '–'}</Table.Td>
                    <Table.Td>{part.stage === '' ? '–' : <Tag color={colorOf('parcel', part.stage)}>{named('parcel', part.stage)}</Tag>}</Table.Td>
                    <Table.Td>{part.carrier || '–'}</Table.Td>
                    <Table.Td ff="monospace">{part.waybill || '–'}</Table.Td>
                    <Table.Td>{units(part.orders.flatMap(({ lines }) => lines))}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {!past && <Locks foId={fulfilment.foId} />}
        {!past && own.map((parcel) => <ParcelPart key={parcel.parcelId} parcel={parcel} />)}
      </Stack>
    </Paper>
  );
};

const Locks = ({ foId }: { readonly foId: string }) => {
  const t = useWords(words);
  const live = { live: ['allocation', 'fulfilment'], ids: [foId] };
  const { data: now } = useRpc('flotilla.allocation.v1.Allocations/Get', { foId }, live);
  const { data: explained, error } = useRpc('flotilla.allocation.v1.Allocations/Explain', { foId }, live);
  const rounds = explained?.rounds ?? [];
  return (
    <details className="f-more" open>
      <summary>{t('explain')}</summary>
      <Stack gap="xs" mt={6}>
        {error && error.reason !== 'NOT_FOUND' && <ErrorNote error={error} />}
        {rounds.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('explainNone')}
          </Text>
        )}
        {rounds.toReversed().map((round, n) => (
          <Round key={round.round} round={round} open={n === 0} />
        ))}
        {(now?.locks.length ?? 0) > 0 && (
          <Table.ScrollContainer minWidth={520}>
            <Table verticalSpacing={3} aria-label={t('locks')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('lock')}</Table.Th>
                  <Table.Th>{t('warehouse')}</Table.Th>
                  <Table.Th>{t('state')}</Table.Th>
                  <Table.Th>{t('items')}</Table.Th>
                  <Table.Th ta="end">{t('fence')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {now!.locks.map((lock) => (
                  <Table.Tr key={`${lock.lockId}-${lock.round}`}>
                    <Table.Td ff="monospace" title={lock.lockId}>
                      {lock.lockId.slice(0, 8)}
                    </Table.Td>
                    <Table.Td>{lock.warehouse}</Table.Td>
                    <Table.Td>
                      <Tag color={colorOf('lock', lock.state)}>{named('lock', lock.state)}</Tag>
                    </Table.Td>
                    <Table.Td>{units(lock.lines)}</Table.Td>
                    <Table.Td ta="end">{lock.fence || ''}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Stack>
    </details>
  );
};

const Round = ({ round, open }: { readonly round: allocation.RoundExplained; readonly open: boolean }) => {
  const t = useWords(words);
  const figures = [...new Set(round.candidates.flatMap((candidate) => Object.keys(candidate.figures)))];
  return (
    <details open={open} className="f-round">
      <summary>
        {t('round', { n: round.round })}: <b>{round.outcome || '…'}</b>{' '}
        <Text span size="xs" c="dimmed">
          {round.rulesVersion === 0 ? t('rulesBuiltIn') : t('rulesVersion', { n: round.rulesVersion })}
          {round.router === 'LEARNED' ? `, ${t('learned')}` : ''}
        </Text>
      </summary>
      <Table.ScrollContainer minWidth={640}>
        <Table verticalSpacing={3} striped>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={80}>{t('rank')}</Table.Th>
              <Table.Th>{t('candidate')}</Table.Th>
              {figures.map((figure) => (
                <Table.Th key={figure}>{figure}</Table.Th>
              ))}
              <Table.Th miw={190}>{t('reason')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {round.candidates.map((candidate) => (
              <Table.Tr key={candidate.warehouse} {...(candidate.rank === 1 ? { fw: 600 } : {})}>
                <Table.Td>{candidate.rank === 0 ? <Tag color="gray">{t('excluded')}</Tag> : candidate.rank}</Table.Td>
                <Table.Td>{candidate.warehouse}</Table.Td>
                {figures.map((figure) => (
                  <Table.Td key={figure}>{candidate.figures[figure] ?? ''}</Table.Td>
                ))}
                <Table.Td style={{ fontWeight: 400 }}>{candidate.reason}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {round.plans.map((plan, n) => (
        <Text key={n} size="xs" mt={4}>
          <b>
            {t('plan')} {n + 1}
          </b>
          : {plan.parts.map((part) => `${part.warehouse} (${units(part.lines)}${part.outcome ? `: ${part.outcome}` : ''})`).join(' + ')} — {plan.reason}{' '}
          <Text span c="dimmed">
            {plan.outcome || t('notFollowed')}
          </Text>
        </Text>
      ))}
    </details>
  );
};

const ParcelPart = ({ parcel }: { readonly parcel: Parcel }) => {
  const t = useWords(words);
  const prints = useMay('flotilla.carrier.v1.Parcels/Label');
  const [label, setLabel] = useState(false);
  const bought = parcel.waybill !== '';
  const { data: known } = useRpc('flotilla.carrier.v1.Parcels/Get', { parcelId: parcel.parcelId }, { live: ['parcel'], ids: [parcel.parcelId] });
  const { data: shipment } = useRpc('flotilla.tracking.v1.Shipments/Get', { parcelId: parcel.parcelId }, { enabled: parcel.shippedAt !== '', live: ['shipment'], ids: [`${parcel.carrier}.${parcel.waybill}`] });
  const scans = shipment?.scans.toReversed() ?? [];
  return (
    <section className="f-parcel" aria-label={t('parcel', { n: parcel.attempt })}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Title order={3} size="h4">
            {t('parcel', { n: parcel.attempt || 1 })}
          </Title>
          {parcel.stage !== '' && <Tag color={colorOf('parcel', parcel.stage)}>{named('parcel', parcel.stage)}</Tag>}
          {parcel.milestone !== '' && <Tag color={colorOf('milestone', parcel.milestone)}>{named('milestone', parcel.milestone)}</Tag>}
          {parcel.lost && <Tag color="red">{t('lost')}</Tag>}
          {parcel.interceptedAt !== '' && <Tag color="orange">{t('intercepted')}</Tag>}
        </Group>
        <Group gap={4}>
          {bought && prints && parcel.stage !== 'VOIDED' && (
            <>
              <Button size="compact-xs" variant="default" onClick={() => setLabel(!label)} aria-expanded={label}>
                {t('showLabel')}
              </Button>
              <Button size="compact-xs" variant="subtle" leftSection={<IconFileTypePdf size={13} />} onClick={() => void openFile('flotilla.carrier.v1.Parcels/Label', { parcelId: parcel.parcelId, format: 'PDF', preview: true }).catch((error: unknown) => tellError(asRpcError(error)))}>
                {t('pdf')}
              </Button>
            </>
          )}
          {shipment?.pageUrl && (
            <Anchor href={shipment.pageUrl} target="_blank" rel="noreferrer" size="xs">
              {t('buyerPage')} <IconExternalLink size={12} aria-hidden style={{ verticalAlign: -1 }} />
            </Anchor>
          )}
        </Group>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" mt={6}>
        <KeyValue
          pairs={[
            [t('warehouse'), parcel.warehouse],
            [t('carrier'), parcel.carrier],
            [
              t('waybill'),
              bought && (
                <>
                  <Link to={`/tracking?parcel=${parcel.parcelId}`} className="f-link">
                    {parcel.waybill}
                  </Link>{' '}
                  <Copy value={parcel.waybill} />
                </>
              ),
            ],
            [t('items'), units(known?.items ?? [])],
            [t('quoted'), formatMoney(known?.quoted)],
            [t('whyCarrier'), known?.explain],
            [t('shippedAt'), parcel.shippedAt && <When at={parcel.shippedAt} />],
            [t('deliveredAt'), parcel.deliveredAt && <When at={parcel.deliveredAt} />],
            [t('troubles'), parcel.troubles.map((trouble) => `${trouble.trouble.toLowerCase().replaceAll('_', ' ')}${trouble.endedAt ? ' ✓' : ''}${trouble.detail ? `: ${trouble.detail}` : ''}`).join('; ')],
          ]}
        />
        {parcel.shippedAt !== '' && (
          <div>
            <Text size="xs" fw={600} c="dimmed">
              {t('scans')}
            </Text>
            {scans.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t('noScans')}
              </Text>
            ) : (
              <ol className="f-scans">
                {scans.slice(0, 30).map((scan, n) => (
                  <li key={`${scan.occurredAt}-${n}`}>
                    <When at={scan.occurredAt} /> {scan.text}
                    {scan.place !== '' && (
                      <Text span c="dimmed" size="xs">
                        {' '}
                        · {scan.place}
                      </Text>
                    )}
                  </li>
                ))}
              </ol>
            )}
          </div>
        )}
      </SimpleGrid>
      {label && (
        <Suspense fallback={<Skeleton h={360} mt="sm" />}>
          <div className="f-label">
            <LabelPreview parcelId={parcel.parcelId} waybill={parcel.waybill} />
          </div>
        </Suspense>
      )}
    </section>
  );
};

export const NoFulfilment = () => {
  const t = useWords(words);
  return (
    <Paper>
      <Empty title={t('nothingPlanned')} />
    </Paper>
  );
};
