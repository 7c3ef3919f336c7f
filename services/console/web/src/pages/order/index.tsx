import { Alert, Anchor, Button, Grid, Group, Paper, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { IconClockPause } from '@tabler/icons-react';
import type { order } from '@flotilla/contracts';
import { useRef, useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { Failed, formatAge, formatMoney, Page, Tag, useHotkeys, useLocale, useMay, usePending, useRpc, useWords, When } from '../../kit/index.js';
import { colorOf, named, waitColor, waitName } from '../orders/names.js';
import { Acts } from './acts.js';
import { ClaimLine } from './claim.js';
import { FulfilmentCard, NoFulfilment } from './fulfilment.js';
import { BuyerCard, FactsCard, MoneyCard, ToldCard } from './side.js';
import { PastBanner, Timeline } from './timeline.js';
import { words } from './words.js';

type Order = order.Order;

const Lines = ({ lines }: { readonly lines: readonly order.OrderLine[] }) => {
  const t = useWords(words);
  return (
    <Paper component="section" aria-label={t('lines')}>
      <Title order={2} size="h4" mb={4}>
        {t('lines')}
      </Title>
      <Table.ScrollContainer minWidth={420}>
        <Table verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('item')}</Table.Th>
              <Table.Th>{t('sku')}</Table.Th>
              <Table.Th ta="end">{t('quantity')}</Table.Th>
              <Table.Th ta="end">{t('unitPrice')}</Table.Th>
              <Table.Th ta="end">{t('lineTotal')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.lineId}>
                <Table.Td>{line.title}</Table.Td>
                <Table.Td ff="monospace">{line.sku === '' ? <Tag color="orange">{t('noSku')}</Tag> : <Anchor component={Link} to={`/stock?sku=${encodeURIComponent(line.sku)}`} size="sm">{line.sku}</Anchor>}</Table.Td>
                <Table.Td ta="end">{line.quantity}</Table.Td>
                <Table.Td ta="end">{formatMoney(line.unitPrice)}</Table.Td>
                <Table.Td ta="end">{formatMoney(line.total)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
};

const knownWhys = ['ALLOCATION', 'BACKORDER', 'WAYBILL', 'SHIP', 'DELIVERY', 'SETTLEMENT', 'TIMER:PAYMENT', 'CHANGE', 'VOID', 'RELEASE_OF_STOCK', 'HOLD'] as const;

/** The first thing that one wants to know: why it stands where it stands. */
const WhyItWaits = ({ order: shown, onRelease }: { readonly order: Order; readonly onRelease: ((holdId: string) => void) | undefined }) => {
  const t = useWords(words);
  const locale = useLocale();
  const why = knownWhys.find((one) => one === shown.waitsFor || (one === 'HOLD' && shown.waitsFor.startsWith('HOLD')));
  return (
    <Alert color={shown.waitsFor === '' ? 'gray' : waitColor(shown.waitsFor)} variant="light" p="xs" icon={<IconClockPause size={18} />} title={shown.waitsFor === '' ? t('waitsForNothing') : t('waitsFor', { what: waitName(shown.waitsFor, locale), span: formatAge(shown.waitsSince, locale) })} data-testid="why">
      <Stack gap={6}>
        {why && <Text size="sm">{t(`why_${why}`)}</Text>}
        {shown.cancelRequested && <Text size="sm">{t('cancelAsked')}</Text>}
        {shown.holds.map((hold) => (
          <Group key={hold.holdId} gap="xs" justify="space-between" align="flex-start">
            <Text size="sm" style={{ overflowWrap: 'anywhere', flex: '1 1 220px' }}>
              <b>{named('hold', hold.type, locale)}</b>: {hold.reason}{' '}
              <Text span size="xs" c="dimmed">
                {t('blocks', { steps: hold.blocks.map((step) => named('step', step, locale)).join(', ') })} · {t('since')} <When at={hold.since} />
              </Text>
            </Text>
            {hold.releasable && onRelease ? (
              <Button size="compact-xs" variant="default" onClick={() => onRelease(hold.holdId)}>
                {t('released')}
              </Button>
            ) : (
              !hold.releasable && (
                <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                  {t('endsByItself')}
                </Text>
              )
            )}
          </Group>
        ))}
      </Stack>
    </Alert>
  );
};

/** One order, whole. `?at=` holds the event after which it is looked at. */
const OrderPage = () => {
  const t = useWords(words);
  const locale = useLocale();
  const navigate = useNavigate();
  const { orderId = '' } = useParams();
  const [params, setParams] = useSearchParams();
  const position = Number(params.get('at')) || undefined;
  const may = useMay('flotilla.order.v1.Orders/Release');
  const [holdId, setHoldId] = useState<string>();
  // Of the order, its ways, its parcels, and what others said of them; which these are is known once it was read.
  const own = useRef<readonly string[]>([]);
  const { data: overview, error, refetch } = useRpc('flotilla.order.v1.Orders/Overview', { orderId }, { live: ['order', 'fulfilment', 'dossier', 'claim'], ids: (id) => id.startsWith(orderId) || own.current.includes(id) });
  own.current = overview ? [...overview.order.fulfilments.map(({ foId }) => foId), ...overview.parcels.map(({ parcelId }) => parcelId)] : [];
  const { data: then, error: thenError } = useRpc('flotilla.order.v1.Orders/AsOf', { orderId, position: position ?? 0 }, { enabled: position !== undefined });
  const leaving = usePending().some(({ subjects }) => subjects.includes(orderId));
  const setPosition = (next: number | undefined): void => setParams(next === undefined ? {} : { at: String(next) }, { replace: true });
  useHotkeys(t('back'), [{ key: 'u', label: t('back'), run: () => void navigate('/orders') }]);

  if (error && !overview) return <Page title={orderId.slice(0, 8)}><Failed error={error} retry={refetch} /></Page>;
  if (!overview || overview.order.orderId !== orderId)
    return (
      <Page title="…">
        <Skeleton h={70} />
        <Skeleton h={180} />
        <Skeleton h={260} />
      </Page>
    );
  const past = position !== undefined && then !== undefined;
  const shown = past ? then.order : overview.order;
  return (
    <Page
      title={shown.number}
      subtitle={
        <Group gap={6}>
          <Anchor component={Link} to="/orders" size="sm">
            {t('back')}
          </Anchor>
          <Tag color={colorOf('state', shown.state)}>{named('state', shown.state, locale)}</Tag>
          <b>{formatMoney(shown.total, locale)}</b>
          <span>
            {t('placed')} <When at={shown.placedAt} />
          </span>
          <span>{shown.channel}</span>
        </Group>
      }
      actions={!past && <Acts order={overview.order} holdId={holdId} onHold={setHoldId} />}
    >
      {past && <PastBanner entry={overview.timeline.findLast((entry) => entry.position <= position)} onNow={() => setPosition(undefined)} />}
      {thenError && <Failed error={thenError} />}
      <div className={leaving ? 'f-leaving' : undefined}>
        <Grid gap="sm">
          <Grid.Col span={{ base: 12, lg: 8 }}>
            <Stack gap="sm">
              {!past && <ClaimLine claim={overview.claim} />}
              <WhyItWaits order={shown} onRelease={may && !past ? setHoldId : undefined} />
              <Lines lines={shown.lines} />
              {shown.fulfilments.length === 0 && <NoFulfilment />}
              {shown.fulfilments.map((fulfilment, n) => (
                <FulfilmentCard key={fulfilment.foId} fulfilment={fulfilment} n={n + 1} of={shown.fulfilments.length} parcels={overview.parcels} past={past} />
              ))}
              <Grid gap="sm">
                <Grid.Col span={{ base: 12, sm: 6 }}>
                  <Stack gap="sm">
                    <BuyerCard order={shown} />
                    <FactsCard order={shown} />
                  </Stack>
                </Grid.Col>
                <Grid.Col span={{ base: 12, sm: 6 }}>
                  <Stack gap="sm">
                    <MoneyCard money={overview.money} />
                    <ToldCard overview={overview} />
                  </Stack>
                </Grid.Col>
              </Grid>
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Timeline orderId={orderId} entries={overview.timeline} position={position} onPosition={setPosition} />
          </Grid.Col>
        </Grid>
      </div>
    </Page>
  );
};

export default OrderPage;
