import { Button, Group, Rating, Select, Switch, Text, TextInput } from '@mantine/core';
import type { tracking } from '@flotilla/contracts';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { DataTable, Empty, Failed, formatSpan, Loading, Page, Tag, useLocale, useRpc, useWords, When, type Column } from '../../kit/index.js';
import { colorOf, named } from '../orders/names.js';
import { useParam } from '../parts/address.js';
import { PageTabs } from '../parts/frame.js';
import { orderPath } from '../parts/links.js';
import { usePaged, type Paged } from '../parts/paged.js';
import { isParcelId, milestones, underWay } from './journey.js';
import { ShipmentSide } from './shipment.js';
import { words } from './words.js';

type Shipment = tracking.Shipment;

const useColumns = (troubled: boolean): readonly Column<Shipment>[] => {
  const t = useWords(words);
  const locale = useLocale();
  return [
    { id: 'waybill', header: t('waybill'), width: 170, pinned: true, cell: (row) => row.waybill },
    { id: 'carrier', header: t('carrier'), width: 90, cell: (row) => row.carrier },
    { id: 'milestone', header: t('milestone'), width: 150, cell: (row) => <Tag color={colorOf('milestone', row.milestone)}>{named('milestone', row.milestone, locale)}</Tag> },
    {
      id: 'trouble', header: t('trouble'), width: troubled ? 200 : 140,
      cell: (row) => row.troubles.map(({ trouble, since }) => <Tag key={trouble} color="red">{t(trouble as 'LOST')} · <When at={since} age /></Tag>),
    },
    ...(troubled ? [{ id: 'next', header: t('next'), width: 380, grow: true, cell: (row: Shipment) => <span title={t(`adv${row.troubles[0]?.trouble ?? 'OTHER'}` as 'advLOST')}>{t(`adv${row.troubles[0]?.trouble ?? 'OTHER'}` as 'advLOST')}</span> }] : []),
    { id: 'order', header: t('order'), width: 170, cell: (row) => row.orders.map(({ orderId, channelOrderId }) => <Link key={orderId} to={orderPath(orderId)}>{channelOrderId || orderId.slice(0, 8)}</Link>) },
    { id: 'shipped', header: t('shipped'), width: 120, cell: (row) => <When at={row.shippedAt} /> },
    { id: 'delivered', header: t('delivered'), width: 120, cell: (row) => <When at={row.deliveredAt} />, hidden: troubled },
    {
      id: 'underWay', header: t('underWay'), width: 100, align: 'end', grow: !troubled,
      cell: (row) => {
        const seconds = underWay(row, Date.now());
        return seconds === undefined ? '' : formatSpan(seconds, locale);
      },
    },
  ];
};

const List = ({ list, troubled, onOpen }: { readonly list: Paged<Shipment>; readonly troubled: boolean; readonly onOpen: (row: Shipment) => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const columns = useColumns(troubled);
  if (list.loading) return <Loading />;
  if (list.error && list.rows.length === 0) return <Failed error={list.error} retry={list.refetch} />;
  return (
    <div className="f-room-list">
      <DataTable
        label={t(troubled ? 'troubles' : 'shipments')}
        rows={list.rows}
        more={list.more}
        rowKey={(row) => `${row.carrier}/${row.waybill}`}
        columns={columns}
        remember={troubled ? 'troubles' : 'shipments'}
        onOpen={onOpen}
        empty={<Empty title={t(troubled ? 'noTroubles' : 'empty')}>{t(troubled ? 'noTroublesMore' : 'emptyMore')}</Empty>}
        phone={(row) => (
          <div>
            <Group justify="space-between" wrap="nowrap">
              <Text fw={600} lineClamp={1}>{row.waybill}</Text>
              <Tag color={row.troubles.length > 0 ? 'red' : colorOf('milestone', row.milestone)}>{row.troubles[0] ? t(row.troubles[0].trouble as 'LOST') : named('milestone', row.milestone, locale)}</Tag>
            </Group>
            <Text size="xs" c="dimmed">{row.carrier} · {row.orders.map(({ channelOrderId }) => channelOrderId).join(', ')}</Text>
          </div>
        )}
      />
    </div>
  );
};

const Feedback = () => {
  const t = useWords(words);
  const [bad, setBad] = useParam('bad');
  const list = usePaged('flotilla.tracking.v1.Feedback/List', bad === '' ? {} : { maxRating: 2 }, (answer) => answer.feedback, { live: ['shipment'] });
  const columns: readonly Column<tracking.GivenFeedback>[] = [
    { id: 'rating', header: t('rating'), width: 130, pinned: true, cell: (row) => <Rating value={row.rating} readOnly size="xs" role="img" aria-label={`${row.rating} / 5`} /> },
    { id: 'words', header: t('words'), width: 300, grow: true, cell: (row) => <span title={row.words}>{row.words}</span> },
    { id: 'carrier', header: t('carrier'), width: 90, cell: (row) => row.carrier },
    { id: 'warehouse', header: t('warehouse'), width: 110, cell: (row) => row.warehouse },
    { id: 'waybill', header: t('waybill'), width: 170, cell: (row) => <Link to={`/tracking?parcel=${encodeURIComponent(row.parcelId)}`}>{row.waybill}</Link> },
    { id: 'given', header: t('given'), width: 120, cell: (row) => <When at={row.givenAt} /> },
  ];
  return (
    <>
      <Switch label={t('badOnly')} checked={bad !== ''} onChange={(event) => setBad(event.currentTarget.checked ? '1' : '')} />
      {list.loading ? <Loading /> : list.error && list.rows.length === 0 ? <Failed error={list.error} retry={list.refetch} /> : <div className="f-room-list"><DataTable label={t('feedback')} rows={list.rows} more={list.more} rowKey={(row) => row.parcelId} columns={columns} empty={<Empty title={t('noFeedback')} />} /></div>}
    </>
  );
};

/** Parcels on their way: where they stand, what is wrong, what their carrier says. */
const Tracking = () => {
  const t = useWords(words);
  const locale = useLocale();
  const [milestone, setMilestone] = useParam('milestone');
  const [carrier, setCarrier] = useParam('carrier');
  const [parcel, setParcel] = useParam('parcel');
  const [waybill, setWaybill] = useParam('waybill');
  const [typed, setTyped] = useState('');
  const known = (milestones as readonly string[]).includes(milestone) ? (milestone as tracking.Milestone) : 'MILESTONE_UNSPECIFIED';
  const shipments = usePaged('flotilla.tracking.v1.Shipments/List', { milestone: known, carrier }, (answer) => answer.shipments, { live: ['shipment'] });
  const troubled = usePaged('flotilla.tracking.v1.Shipments/List', { troubled: true, carrier }, (answer) => answer.shipments, { live: ['shipment'] });
  const facts = useRpc('tracking:flotilla.ops.v1.Tallies/Get', {}, { every: 30_000 });
  const look = (row: Shipment): void => setWaybill(row.waybill);
  const carriers = [...new Set([...shipments.rows, ...troubled.rows].map((row) => row.carrier).concat(carrier === '' ? [] : [carrier]))].toSorted();
  const filters = (
    <Group gap="xs">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const number = typed.trim();
          if (number !== '') (isParcelId(number) ? setParcel : setWaybill)(number);
        }}
      >
        <Group gap={4}>
          <TextInput aria-label={t('find')} placeholder={t('find')} leftSection={<IconSearch size={14} />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} w={240} />
          <Button type="submit" variant="default">{t('open')}</Button>
        </Group>
      </form>
      <Select aria-label={t('carrier')} placeholder={t('allCarriers')} clearable data={carriers} value={carrier === '' ? null : carrier} onChange={(value) => setCarrier(value ?? '')} w={150} />
    </Group>
  );
  return (
    <Page title={t('title')} subtitle={t('subtitle')} fill>
      <PageTabs
        label={t('title')}
        tabs={[
          {
            value: 'shipments', label: t('shipments'), count: facts.data?.counts['shipped'],
            content: () => (
              <>
                <Group gap="xs">
                  {filters}
                  <Select aria-label={t('milestone')} placeholder={t('allMilestones')} clearable data={milestones.map((value) => ({ value, label: named('milestone', value, locale) }))} value={milestone === '' ? null : milestone} onChange={(value) => setMilestone(value ?? '')} w={180} />
                </Group>
                <List list={shipments} troubled={false} onOpen={look} />
              </>
            ),
          },
          { value: 'troubles', label: t('troubles'), count: troubled.rows.length, urgent: true, content: () => <>{filters}<List list={troubled} troubled onOpen={look} /></> },
          { value: 'feedback', label: t('feedback'), content: () => <Feedback /> },
        ]}
      />
      <ShipmentSide parcelId={parcel} waybill={waybill} onClose={() => { setParcel(''); setWaybill(''); }} />
    </Page>
  );
};

export default Tracking;
