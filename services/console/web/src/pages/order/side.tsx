import { Button, Group, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import type { order } from '@flotilla/contracts';
import { useEffect, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { api, asRpcError, Confirm, Copy, countryName, formatMoney, KeyValue, Personal, Tag, tellError, useLocale, useSession, useWords, When } from '../../kit/index.js';
import { words } from './words.js';

type Order = order.Order;

const Section = ({ title, children, actions }: { readonly title: string; readonly children: ReactNode; readonly actions?: ReactNode }) => (
  <Paper component="section" aria-label={title}>
    <Group justify="space-between" mb={6} gap="xs">
      <Title order={2} size="h4">
        {title}
      </Title>
      {actions}
    </Group>
    {children}
  </Paper>
);

const revealedMs = 60_000;

/** Whoever bought, masked; shown in clear for a minute to whoever says why. */
export const BuyerCard = ({ order: shown }: { readonly order: Order }) => {
  const t = useWords(words);
  const locale = useLocale();
  const { sees } = useSession();
  const [asking, setAsking] = useState(false);
  const [clear, setClear] = useState<Order>();
  const { orderId } = shown;
  useEffect(() => setClear(undefined), [orderId]);
  useEffect(() => {
    if (!clear) return undefined;
    const timer = setTimeout(() => setClear(undefined), revealedMs);
    return () => clearTimeout(timer);
  }, [clear]);
  const { shipTo, buyer, remark, giftMessage } = clear ?? shown;
  const { address } = shown;
  const place = [countryName(shipTo.country, locale), shipTo.province, shipTo.city, shipTo.district, shipTo.postcode].filter((text) => text !== '').join(locale === 'zh-CN' ? ' ' : ', ');
  return (
    <Section
      title={t('buyer')}
      actions={
        sees.personalData &&
        (clear ? (
          <Button size="compact-xs" variant="subtle" leftSection={<IconEyeOff size={13} />} onClick={() => setClear(undefined)}>
            {t('hide')}
          </Button>
        ) : (
          <Button size="compact-xs" variant="subtle" leftSection={<IconEye size={13} />} onClick={() => setAsking(true)}>
            {t('reveal')}
          </Button>
        ))
      }
    >
      <KeyValue
        pairs={[
          [t('name'), shipTo.name && <Personal value={shipTo.name} />],
          [t('phone'), (shipTo.phone || buyer.phone) && <Personal value={shipTo.phone || buyer.phone} />],
          [t('email'), buyer.email && <Personal value={buyer.email} />],
          [t('company'), shipTo.company && <Personal value={shipTo.company} />],
          [
            t('address'),
            <>
              {shipTo.street !== '' && (
                <>
                  <Personal value={shipTo.street} />
                  <br />
                </>
              )}
              {place}
            </>,
          ],
          ['', shipTo.token !== '' && <Tag color="gray">{t('maskedBy')}</Tag>],
          [
            t('readAs'),
            address && (address.flags.length > 0 || address.changes.length > 0) && (
              <Group gap={4}>
                {address.flags.map((flag) => (
                  <Tag key={flag} color="orange">
                    {flag.toLowerCase().replaceAll('_', ' ')}
                  </Tag>
                ))}
                <Text span size="xs" c="dimmed">
                  {t('sure', { n: address.confidence })}
                  {address.changes.map((change) => `; ${t('changed', { field: change.field, from: change.from, to: change.to })}`)}
                </Text>
              </Group>
            ),
          ],
          [t('remark'), remark && <Personal value={remark} />],
          [t('gift'), giftMessage && <Personal value={giftMessage} />],
        ]}
      />
      <Confirm
        opened={asking}
        title={t('revealTitle')}
        reason="needed"
        action={t('reveal')}
        onClose={() => setAsking(false)}
        onConfirm={async (reason) => {
          try {
            setClear(await api<Order>('POST', '/api/reveal', { method: 'flotilla.order.v1.Orders/Get', request: { orderId }, reason: reason.slice(0, 200) }));
          } catch (error) {
            tellError(asRpcError(error));
          }
        }}
      >
        <Text size="sm">{t('revealMore')}</Text>
      </Confirm>
    </Section>
  );
};

export const FactsCard = ({ order: shown }: { readonly order: Order }) => {
  const t = useWords(words);
  return (
    <Section title={t('details')}>
      <KeyValue
        pairs={[
          [t('channel'), `${shown.channel} (${shown.platform})`],
          [
            t('channelOrder'),
            <>
              {shown.channelOrderId} <Copy value={shown.channelOrderId} />
            </>,
          ],
          [
            t('id'),
            <Text key="id" span size="xs" ff="monospace">
              {shown.orderId} <Copy value={shown.orderId} />
            </Text>,
          ],
          [t('placed'), <When key="placed" at={shown.placedAt} />],
          [t('paid'), shown.paidAt ? <When at={shown.paidAt} /> : t('unpaid')],
          [
            t('tags'),
            shown.tags.length > 0 && (
              <Group gap={4}>
                {shown.tags.map((tag) => (
                  <Tag key={tag}>{tag}</Tag>
                ))}
              </Group>
            ),
          ],
          ...shown.custom.map(({ name, value }) => [name, <Personal key={name} value={value} />] as const),
          [t('fulfilment'), shown.partialShipment === 'ALLOWED' ? t('partialOn') : shown.partialShipment === 'NOT_ALLOWED' ? t('partialOff') : t('partialRule')],
        ]}
      />
    </Section>
  );
};

export const MoneyCard = ({ money }: { readonly money: order.MoneyOverview }) => {
  const t = useWords(words);
  return (
    <Section title={t('money')}>
      <KeyValue
        pairs={[
          [t('total'), <b key="total">{formatMoney(money.total)}</b>],
          [t('paid'), money.paidAt ? <When at={money.paidAt} /> : t('unpaid')],
          ...money.refunds.map((refund) => [`${t('refund')} ${refund.refundId.slice(0, 8)}`, `${formatMoney(refund.amount)}, ${t(`refund_${refund.state}` as 'refund_SETTLED')}`] as const),
          [t('settled'), money.settledAt ? <When at={money.settledAt} /> : t('notSettled')],
        ]}
      />
      {money.facts.length > 0 && (
        <Table verticalSpacing={2} mt={6}>
          <Table.Tbody>
            {money.facts.map((fact, n) => (
              <Table.Tr key={`${fact.lineId}-${n}`}>
                <Table.Td>
                  <Link to={`/statements/${fact.statementId}`} className="f-link">
                    {t(`fact_${fact.what}` as 'fact_MATCHED')}
                  </Link>{' '}
                  <Text span size="xs" c="dimmed">
                    {fact.kind.toLowerCase().replaceAll('_', ' ')}
                  </Text>
                </Table.Td>
                <Table.Td ta="end">
                  {formatMoney(fact.amount)}
                  {fact.fee.amount !== 0 && (
                    <Text size="xs" c="dimmed">
                      {t('fee', { fee: formatMoney(fact.fee) })}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
};

/** What was said to whom: the buyer, the platform, us. */
export const ToldCard = ({ overview }: { readonly overview: order.OrderOverview }) => {
  const t = useWords(words);
  const locale = useLocale();
  const { notices, incidents, writeBacks } = overview;
  return (
    <>
      {incidents.length > 0 && (
        <Section title={t('incidents')}>
          <Stack gap={4}>
            {incidents.map((one) => (
              <Group key={one.incidentId} gap="xs" wrap="nowrap" align="flex-start">
                <Tag color={one.state === 'CLEARED' ? 'gray' : one.severity === 'CRITICAL' ? 'red' : 'orange'}>{one.state.toLowerCase()}</Tag>
                <Text size="sm">
                  {locale === 'zh-CN' ? one.detailZh || one.detail : one.detail} <Text span size="xs" c="dimmed"><When at={one.raisedAt} /></Text>
                </Text>
              </Group>
            ))}
          </Stack>
        </Section>
      )}
      <Section title={t('notices')}>
        {notices.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('noNotices')}
          </Text>
        ) : (
          <Stack gap={2}>
            {notices.map((one) => (
              <Group key={one.noticeId} gap="xs" justify="space-between" wrap="nowrap">
                <Text size="sm">
                  {one.kind.toLowerCase().replaceAll('_', ' ')} · {one.medium}
                </Text>
                <Tag color={one.outcome === 'ACCEPTED' ? 'teal' : one.outcome === 'FAILED' ? 'red' : 'gray'}>{one.outcome.toLowerCase().replaceAll('_', ' ')}</Tag>
              </Group>
            ))}
          </Stack>
        )}
      </Section>
      {writeBacks.length > 0 && (
        <Section title={t('writeBacks')}>
          <Stack gap={2}>
            {writeBacks.map((one, n) => (
              <Group key={n} gap="xs" justify="space-between" wrap="nowrap">
                <Text size="sm">
                  <When at={one.recordedAt} /> {one.detail}
                </Text>
                <Tag color={one.outcome === 'SUCCEEDED' ? 'teal' : 'red'}>{one.outcome.toLowerCase()}</Tag>
              </Group>
            ))}
          </Stack>
        </Section>
      )}
    </>
  );
};
