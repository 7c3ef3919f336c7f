import { Alert, Anchor, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import type { tracking } from '@flotilla/contracts';
import { IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { Copy, formatDay, formatSpan, formatTime, KeyValue, Personal, Tag, useLocale, useRpc, useWords, When } from '../../kit/index.js';
import { colorOf, named } from '../orders/names.js';
import { Answered, Side } from '../parts/frame.js';
import { orderPath } from '../parts/links.js';
import { daysOf, saysNothing, underWay } from './journey.js';
import { words } from './words.js';

const Shown = ({ scans }: { readonly scans: readonly tracking.Scan[] }) => {
  const t = useWords(words);
  const locale = useLocale();
  return (
    <Stack gap="sm">
      {daysOf(scans).map(({ day, scans: own }) => (
        <section key={day} aria-label={day}>
          <Text size="xs" c="dimmed" fw={600} mb={4}>{formatDay(own[0]!.occurredAt, locale)}</Text>
          <ol className="f-room-steps">
            {own.map((scan, at) => (
              <li key={at}>
                <Text size="xs" c="dimmed">{formatTime(scan.occurredAt, locale)}{scan.place !== '' && ` · ${scan.place}`}</Text>
                <Text size="sm">{!saysNothing(scan) && <Tag color={colorOf('milestone', scan.milestone)}>{named('milestone', scan.milestone, locale)}</Tag>} {scan.text}</Text>
              </li>
            ))}
          </ol>
        </section>
      ))}
      {scans.length === 0 && <Text size="sm" c="dimmed">{t('noScans')}</Text>}
    </Stack>
  );
};

const Raw = ({ scans }: { readonly scans: readonly tracking.Scan[] }) => {
  const t = useWords(words);
  const locale = useLocale();
  return (
    <Table fz="xs" verticalSpacing={2}>
      <Table.Thead><Table.Tr><Table.Th>{t('when')}</Table.Th><Table.Th>{t('code')}</Table.Th><Table.Th>{t('words')}</Table.Th><Table.Th>{t('place')}</Table.Th><Table.Th>{t('milestone')}</Table.Th></Table.Tr></Table.Thead>
      <Table.Tbody>
        {scans.map((scan, at) => (
          <Table.Tr key={at}>
            <Table.Td><code>{scan.occurredAt}</code></Table.Td>
            <Table.Td><code>{scan.code}</code></Table.Td>
            <Table.Td>{scan.text}</Table.Td>
            <Table.Td>{scan.place}</Table.Td>
            <Table.Td>{saysNothing(scan) ? <Text span size="xs" c="dimmed">{t('says')}</Text> : named('milestone', scan.milestone, locale)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
};

const Inside = ({ shipment }: { readonly shipment: tracking.Shipment }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [raw, setRaw] = useState(false);
  const seconds = underWay(shipment, Date.now());
  return (
    <Stack gap="md">
      {shipment.troubles.map(({ trouble, since }) => (
        <Alert key={trouble} color="red" variant="light" p="xs" title={<>{t(trouble as 'LOST')} · <When at={since} age /></>}>
          {t(`adv${trouble}` as 'advLOST')}
        </Alert>
      ))}
      <KeyValue
        pairs={[
          [t('milestone'), <Tag key="m" color={colorOf('milestone', shipment.milestone)}>{named('milestone', shipment.milestone, locale)}</Tag>],
          [t('carrier'), shipment.carrier],
          [t('waybill'), <span key="w">{shipment.waybill} <Copy value={shipment.waybill} /></span>],
          [t('order'), shipment.orders.map(({ orderId, channelOrderId }, at) => <span key={orderId}>{at > 0 && ', '}<Link to={orderPath(orderId)}>{channelOrderId || orderId}</Link></span>)],
          [t('shipped'), shipment.shippedAt === '' ? '' : <When key="s" at={shipment.shippedAt} />],
          [t('delivered'), shipment.deliveredAt === '' ? '' : <When key="d" at={shipment.deliveredAt} />],
          [t('underWay'), seconds === undefined ? '' : formatSpan(seconds, locale)],
          [t('buyerPage'), shipment.pageUrl === '' ? '' : <Anchor key="p" href={shipment.pageUrl} target="_blank" rel="noreferrer" size="sm">{t('buyerPage')} <IconExternalLink size={12} aria-hidden /></Anchor>],
        ]}
      />
      {shipment.choices.length > 0 && (
        <KeyValue pairs={shipment.choices.map((one) => [t('choices'), <span key={one.chosenAt}>{t(one.choice as 'KEEP')} · <When at={one.chosenAt} /> <Personal value={one.address} /></span>])} />
      )}
      <section aria-label={t('scans')}>
        <SegmentedControl mb="xs" aria-label={t('scans')} value={raw ? 'raw' : 'shown'} onChange={(value) => setRaw(value === 'raw')} data={[{ value: 'shown', label: t('shown') }, { value: 'raw', label: t('raw') }]} />
        {raw ? <Raw scans={shipment.scans} /> : <Shown scans={shipment.scans} />}
      </section>
      {shipment.notices.length > 0 && (
        <section aria-label={t('notices')}>
          <Text component="h2" fw={600} size="sm" mb={4}>{t('notices')}</Text>
          <KeyValue pairs={shipment.notices.map((notice) => [notice.kind.replaceAll('_', ' ').toLowerCase(), <span key={notice.noticeId}>{t(notice.medium as 'EMAIL')} <Tag color={notice.state === 'ACCEPTED' ? 'teal' : notice.state === 'PENDING' ? 'gray' : 'orange'}>{notice.state.replaceAll('_', ' ').toLowerCase()}</Tag></span>])} />
        </section>
      )}
    </Stack>
  );
};

const Asking = ({ parcelId, waybill }: { readonly parcelId: string; readonly waybill: string }) => {
  const shipment = useRpc('flotilla.tracking.v1.Shipments/Get', parcelId === '' ? { waybill } : { parcelId }, { live: ['shipment'] });
  return <Answered of={shipment}>{(one) => <Inside shipment={one} />}</Answered>;
};

/** One parcel: where it stands, every scan raw and as shown, what the buyer was told and wants. */
export const ShipmentSide = ({ parcelId, waybill, onClose }: { readonly parcelId: string; readonly waybill: string; readonly onClose: () => void }) => (
  <Side opened={parcelId !== '' || waybill !== ''} size="xl" title={waybill || parcelId.slice(0, 8)} onClose={onClose}>
    <Asking key={`${parcelId}/${waybill}`} parcelId={parcelId} waybill={waybill} />
  </Side>
);
