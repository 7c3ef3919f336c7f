import { Group, Text } from '@mantine/core';
import type { order } from '@flotilla/contracts';
import { formatMoney, RowLink, Tag, When, type Column, type Say } from '../../kit/index.js';
import { Claimer } from './claims.js';
import { colorOf, named, waitColor, waitName } from './names.js';
import type { words } from './words.js';

type Row = order.OrderSummary;

const Waits = ({ row }: { readonly row: Row }) => (row.waitsFor === '' ? null : <Tag color={waitColor(row.waitsFor)}>{waitName(row.waitsFor)}</Tag>);

/** The columns of the desk; what most people need stands there, the rest can be chosen. */
export const columnsOf = (t: Say<typeof words>): readonly Column<Row>[] => [
  {
    id: 'number',
    header: t('number'),
    width: 150,
    pinned: true,
    cell: (row) => (
      <>
        <RowLink to={`/orders/${row.orderId}`}>{row.number}</RowLink>
        {row.claimedBy !== '' && <Claimer of={row} />}
      </>
    ),
  },
  { id: 'state', header: t('state'), width: 130, cell: (row) => <Tag color={colorOf('state', row.state)}>{named('state', row.state)}</Tag> },
  { id: 'waits', header: t('waits'), width: 150, cell: (row) => <Waits row={row} /> },
  { id: 'since', header: t('since'), width: 84, align: 'end', sort: 'waits_since', cell: (row) => (row.waitsFor === '' ? '' : <When at={row.waitsSince} age />) },
  { id: 'placed', header: t('placedAt'), width: 118, sort: 'placed_at', cell: (row) => <When at={row.placedAt} /> },
  { id: 'total', header: t('total'), width: 104, align: 'end', sort: 'total', cell: (row) => formatMoney(row.total) },
  { id: 'channel', header: t('channel'), width: 116, cell: (row) => row.channel },
  { id: 'holds', header: t('holds'), width: 130, cell: (row) => row.holds.map((hold) => named('hold', hold)).join(', ') },
  { id: 'tags', header: t('tags'), width: 160, grow: true, cell: (row) => row.tags.join(', ') },
  { id: 'priority', header: t('priority'), width: 70, align: 'end', cell: (row) => (row.priority === 0 ? '' : row.priority) },
  { id: 'can', header: t('can'), width: 220, hidden: true, cell: (row) => row.allowedActions.map((action) => t(action as 'Approve')).join(', ') },
  { id: 'channelOrder', header: t('channelOrder'), width: 150, hidden: true, cell: (row) => row.channelOrderId },
  { id: 'paid', header: t('paidAt'), width: 118, hidden: true, cell: (row) => <When at={row.paidAt} /> },
  { id: 'custom', header: t('custom'), width: 200, hidden: true, cell: (row) => row.custom.map(({ name, value }) => `${name}=${value}`).join(', ') },
];

/** A row on a phone. */
export const PhoneRow = ({ row }: { readonly row: Row }) => (
  <div>
    <Group justify="space-between" wrap="nowrap" gap="xs">
      <Text fw={600} size="sm" truncate>
        {row.number}
      </Text>
      <Text size="sm">{formatMoney(row.total)}</Text>
    </Group>
    <Group justify="space-between" wrap="nowrap" gap="xs" mt={2}>
      <Group gap={4} wrap="nowrap">
        <Tag color={colorOf('state', row.state)}>{named('state', row.state)}</Tag>
        <Waits row={row} />
        {row.claimedBy !== '' && <Claimer of={row} />}
      </Group>
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {row.waitsFor === '' ? <When at={row.placedAt} /> : <When at={row.waitsSince} age />}
      </Text>
    </Group>
  </div>
);
