import { Anchor, SegmentedControl, Text } from '@mantine/core';
import type { carrier, ingest } from '@flotilla/contracts';
import { Link } from 'react-router';
import { DataTable, Empty, Failed, formatNumber, Loading, Tag, useRpc, useWords, When, type Column } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Panel } from '../parts/frame.js';
import { orderPath } from '../parts/links.js';
import { usePaged } from '../parts/paged.js';
import { words } from './words.js';

const colours: Readonly<Record<string, string>> = { FAILED: 'red', UNKNOWN: 'yellow', PENDING: 'gray', REFUSED: 'red' };

/** What a platform was told of a parcel or a cancellation and did not take. */
export const WriteBacks = () => {
  const t = useWords(words);
  const [state, setState] = useParam('state');
  const list = usePaged('flotilla.ingest.v1.WriteBacks/List', { state }, (answer) => answer.writeBacks, { live: ['writeBack', 'cancellation'] });
  const columns: readonly Column<ingest.WriteBack>[] = [
    { id: 'order', header: t('order'), width: 160, pinned: true, cell: (row) => <Link to={orderPath(row.orderId)}>{row.number || row.channelOrderId || row.orderId.slice(0, 8)}</Link> },
    { id: 'channel', header: t('channel'), width: 130, cell: (row) => row.channel },
    { id: 'what', header: t('what'), width: 150, cell: (row) => t(row.kind as 'SHIPMENT') },
    { id: 'state', header: t('state'), width: 130, cell: (row) => <Tag color={colours[row.state] ?? 'gray'}>{t(row.state as 'FAILED')}</Tag> },
    { id: 'reason', header: t('reason'), width: 240, grow: true, cell: (row) => <span title={row.reason}>{row.reason}</span> },
    { id: 'next', header: t('next'), width: 340, cell: (row) => t(row.state === 'FAILED' ? 'adviceFailed' : row.state === 'UNKNOWN' ? 'adviceUnknown' : 'advicePending') },
  ];
  if (list.loading) return <Loading />;
  if (list.error && list.rows.length === 0) return <Failed error={list.error} retry={list.refetch} />;
  return (
    <>
      <SegmentedControl
        w="fit-content"
        aria-label={t('filterState')}
        value={state === '' ? 'open' : state}
        onChange={(value) => setState(value === 'open' ? '' : value)}
        data={[{ value: 'open', label: t('all') }, ...(['FAILED', 'UNKNOWN', 'PENDING'] as const).map((value) => ({ value, label: t(value) }))]}
      />
      <div className="f-room-list">
        <DataTable label={t('writeBacks')} rows={list.rows} more={list.more} rowKey={(row) => `${row.kind}/${row.orderId}/${row.parcelId}`} columns={columns} empty={<Empty title={t('noWriteBacks')}>{t('noWriteBacksMore')}</Empty>} />
      </div>
    </>
  );
};

/** Calls outside whose outcome is not known, or was a refusal: at carriers and at warehouses' systems. */
export const Outcomes = () => {
  const t = useWords(words);
  const [state, setState] = useParam('parcels');
  const shown = state === '' ? 'UNKNOWN' : state;
  const parcels = usePaged('flotilla.carrier.v1.Parcels/List', { state: shown }, (answer) => answer.parcels, { live: ['parcel'] });
  const questions = useRpc('flotilla.allocation.v1.Locks/ListQuestions', { page: { size: 100 } }, { every: 5_000 });
  const repeated = (questions.data?.questions ?? []).filter(({ attempt }) => attempt > 1);
  const columns: readonly Column<carrier.Parcel>[] = [
    { id: 'order', header: t('order'), width: 160, pinned: true, cell: (row) => <Link to={orderPath(row.orders[0]?.orderId ?? row.foId)}>{row.orders[0]?.channelOrderId ?? row.foId.slice(0, 8)}</Link> },
    { id: 'carrier', header: t('carrier'), width: 100, cell: (row) => row.carrier },
    { id: 'state', header: t('state'), width: 140, cell: (row) => <Tag color={colours[row.state] ?? 'gray'}>{t(row.state as 'UNKNOWN')}</Tag> },
    { id: 'since', header: t('since'), width: 110, cell: (row) => <When at={row.waitsSince} age /> },
    { id: 'detail', header: t('detail'), width: 260, grow: true, cell: (row) => <span title={row.explain}>{row.explain}</span> },
    { id: 'next', header: t('next'), width: 360, cell: (row) => t(row.state === 'REFUSED' ? 'refusedAdvice' : 'carrierAdvice') },
  ];
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 10, flex: 1, minHeight: 0 }}>
      {repeated.length > 0 && (
        <Panel title={t('warehouseCalls')} aside={<Anchor component={Link} to="/locks?tab=questions" size="xs">{t('openLocks')}</Anchor>}>
          {repeated.slice(0, 5).map((one) => (
            <Text key={one.lockId} size="sm">
              {one.warehouse} · {t('attempt', { n: one.attempt })} · <When at={one.since} age /> · <Link to={orderPath(one.foId)}>{one.orders[0]?.channelOrderId ?? one.foId}</Link>
            </Text>
          ))}
          {repeated.length > 5 && <Text size="xs" c="dimmed">+{formatNumber(repeated.length - 5)}</Text>}
        </Panel>
      )}
      <SegmentedControl w="fit-content" aria-label={t('waybills')} value={shown} onChange={(value) => setState(value === 'UNKNOWN' ? '' : value)} data={(['UNKNOWN', 'BUYING', 'REFUSED'] as const).map((value) => ({ value, label: t(value) }))} />
      <div className="f-room-list">
        {parcels.loading ? <Loading /> : <DataTable label={t('waybills')} rows={parcels.rows} more={parcels.more} rowKey={(row) => row.parcelId} columns={columns} empty={<Empty title={t('noOutcomes')}>{t('noOutcomesMore')}</Empty>} />}
      </div>
    </div>
  );
};
