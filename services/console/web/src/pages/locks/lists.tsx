import { Group, Progress, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import type { allocation, common } from '@flotilla/contracts';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { DataTable, Empty, Failed, formatNumber, Loading, Tag, useRpc, useWords, When, type Column } from '../../kit/index.js';
import { Answered } from '../parts/frame.js';
import { useParam } from '../parts/address.js';
import { orderPath } from '../parts/links.js';
import { usePaged, type Paged } from '../parts/paged.js';
import { leaseOf } from './saga.js';
import { words } from './words.js';

const ListOf = <T,>({ of, children }: { readonly of: Paged<T>; readonly children: React.ReactNode }) => {
  if (of.loading) return <Loading />;
  if (of.error && of.rows.length === 0) return <Failed error={of.error} retry={of.refetch} />;
  return <div className="f-room-list">{children}</div>;
};

/** Now, as often as a countdown needs it. */
const useNow = (everyMs: number): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
};

const Countdown = ({ expiresAt, longest }: { readonly expiresAt: string; readonly longest: number }) => {
  const t = useWords(words);
  const { seconds, share } = leaseOf(expiresAt, useNow(250), longest);
  const text = seconds === 0 ? t('over') : t('left', { n: Math.ceil(seconds) });
  return (
    <Group gap={6} wrap="nowrap" style={{ flex: 1 }}>
      <Progress value={share * 100} size="sm" style={{ flex: 1 }} color={share < 0.25 ? 'red' : 'brand'} aria-label={text} transitionDuration={250} />
      <Text span size="xs" w={62} ta="end">
        {text}
      </Text>
    </Group>
  );
};

const states: Readonly<Record<string, string>> = { LOCKED: 'yellow', CONFIRMED: 'blue', HELD: 'gray' };

const useLockColumns = (longest: number): readonly Column<allocation.LiveLock>[] => {
  const t = useWords(words);
  return [
    { id: 'sku', header: t('sku'), width: 170, pinned: true, cell: (row) => row.sku },
    { id: 'warehouse', header: t('warehouse'), width: 100, cell: (row) => row.warehouse },
    { id: 'quantity', header: t('quantity'), width: 70, align: 'end', cell: (row) => formatNumber(row.quantity) },
    { id: 'state', header: t('state'), width: 110, cell: (row) => <Tag color={states[row.state] ?? 'gray'}>{t(row.state as 'HELD')}</Tag> },
    { id: 'lease', header: t('lease'), width: 220, grow: true, cell: (row) => (row.expiresAt === '' ? <Text span c="dimmed">–</Text> : <Countdown expiresAt={row.expiresAt} longest={longest} />) },
    { id: 'fo', header: t('order'), width: 300, cell: (row) => (row.foId === '' ? '' : <Link to={orderPath(row.foId)}>{row.foId}</Link>) },
    { id: 'priority', header: t('priority'), width: 80, align: 'end', cell: (row) => row.priority },
    { id: 'round', header: t('round'), width: 70, align: 'end', cell: (row) => row.round, hidden: true },
  ];
};

const lockKey = (row: allocation.LiveLock): string => `${row.lockId}/${row.sku}`;

/** Locks that are granted and not confirmed, each with what is left of its lease. */
export const Leases = () => {
  const t = useWords(words);
  const leases = usePaged('flotilla.allocation.v1.Locks/List', { leased: true }, (answer) => answer.locks, { live: ['lock'], every: 2_000 });
  const [longest, setLongest] = useState(30);
  const now = Math.max(0, ...leases.rows.map(({ expiresAt }) => (Date.parse(expiresAt) - Date.now()) / 1_000).filter(Number.isFinite));
  useEffect(() => setLongest((before) => Math.max(before, now)), [now]);
  const columns = useLockColumns(longest);
  return (
    <ListOf of={leases}>
      <DataTable label={t('leases')} rows={leases.rows} more={leases.more} rowKey={lockKey} columns={columns} empty={<Empty title={t('noLeases')}>{t('noLeasesMore')}</Empty>} />
    </ListOf>
  );
};

/** Everything that holds stock, the newest first. */
export const LiveLocks = () => {
  const t = useWords(words);
  const [sku, setSku] = useParam('sku');
  const [warehouse, setWarehouse] = useParam('warehouse');
  const [typed, setTyped] = useState({ sku, warehouse });
  const search = useDebouncedCallback((next: typeof typed) => {
    setSku(next.sku.trim());
    setWarehouse(next.warehouse.trim());
  }, 300);
  const type = (next: typeof typed): void => {
    setTyped(next);
    search(next);
  };
  const locks = usePaged('flotilla.allocation.v1.Locks/List', { sku, warehouse }, (answer) => answer.locks, { live: ['lock', 'stock'] });
  const columns = useLockColumns(30);
  return (
    <>
      <Group gap="xs">
        <TextInput aria-label={t('filterSku')} placeholder={t('filterSku')} value={typed.sku} onChange={(event) => type({ ...typed, sku: event.currentTarget.value })} />
        <TextInput aria-label={t('filterWarehouse')} placeholder={t('filterWarehouse')} value={typed.warehouse} onChange={(event) => type({ ...typed, warehouse: event.currentTarget.value })} />
      </Group>
      <ListOf of={locks}>
        <DataTable label={t('locks')} rows={locks.rows} more={locks.more} rowKey={lockKey} columns={columns} remember="locks" empty={<Empty title={t('noLocks')} />} />
      </ListOf>
    </>
  );
};

const OrderLinks = ({ orders, foId }: { readonly orders: readonly common.OrderShare[]; readonly foId: string }) => (
  <span>
    {(orders.length === 0 ? [{ orderId: foId, channelOrderId: foId }] : orders).map(({ orderId, channelOrderId }, at) => (
      <span key={orderId}>
        {at > 0 && ', '}
        <Link to={orderPath(orderId)}>{channelOrderId || orderId}</Link>
      </span>
    ))}
  </span>
);

/** Questions to warehouses without an answer: of systems outside, outcomes that are not known. */
export const Questions = () => {
  const t = useWords(words);
  const questions = usePaged('flotilla.allocation.v1.Locks/ListQuestions', {}, (answer) => answer.questions, { live: ['allocation'], every: 5_000 });
  const columns: readonly Column<allocation.LockQuestion>[] = [
    { id: 'warehouse', header: t('warehouse'), width: 120, pinned: true, cell: (row) => row.warehouse },
    { id: 'what', header: t('what'), width: 110, cell: (row) => t(row.what as 'LOCK') },
    { id: 'attempt', header: t('attempt'), width: 80, align: 'end', cell: (row) => <Text span {...(row.attempt > 3 ? { c: 'red', fw: 600 } : {})}>{formatNumber(row.attempt)}</Text> },
    { id: 'since', header: t('since'), width: 130, cell: (row) => <When at={row.since} age /> },
    { id: 'again', header: t('again'), width: 130, cell: (row) => <When at={row.againAt} /> },
    { id: 'order', header: t('order'), width: 260, grow: true, cell: (row) => <OrderLinks orders={row.orders} foId={row.foId} /> },
  ];
  return (
    <ListOf of={questions}>
      <DataTable label={t('questions')} rows={questions.rows} more={questions.more} rowKey={(row) => `${row.lockId}/${row.what}`} columns={columns} empty={<Empty title={t('noQuestions')}>{t('noQuestionsMore')}</Empty>} />
    </ListOf>
  );
};

/** Who waits, in the order in which they get what comes. */
export const Backorders = () => {
  const t = useWords(words);
  const [sku, setSku] = useParam('sku');
  const [typed, setTyped] = useState(sku);
  const search = useDebouncedCallback(setSku, 300);
  const queue = usePaged('flotilla.allocation.v1.Locks/ListBackorders', { sku }, (answer) => answer.backorders, { live: ['allocation'] });
  const places = new Map(queue.rows.map(({ foId }, at) => [foId, at + 1]));
  const columns: readonly Column<allocation.Backorder>[] = [
    { id: 'place', header: t('place'), width: 56, align: 'end', cell: (row) => places.get(row.foId) },
    { id: 'order', header: t('order'), width: 220, pinned: true, cell: (row) => <OrderLinks orders={row.orders} foId={row.foId} /> },
    { id: 'missing', header: t('missing'), width: 280, grow: true, cell: (row) => row.missing.map((one) => `${one.sku} × ${formatNumber(one.quantity)}`).join(', ') },
    { id: 'priority', header: t('priority'), width: 80, align: 'end', cell: (row) => row.priority },
    { id: 'ordered', header: t('ordered'), width: 140, cell: (row) => <When at={row.orderedAt} /> },
  ];
  return (
    <>
      <Group>
        <TextInput
          aria-label={t('filterSku')}
          placeholder={t('filterSku')}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            search(event.currentTarget.value.trim());
          }}
        />
      </Group>
      <ListOf of={queue}>
        <DataTable label={t('backorders')} rows={queue.rows} more={queue.more} rowKey={(row) => row.foId} columns={columns} empty={<Empty title={t('noBackorders')}>{t('noBackordersMore')}</Empty>} />
      </ListOf>
    </>
  );
};

/** What everybody wants. */
export const Hot = () => {
  const t = useWords(words);
  const hot = useRpc('flotilla.allocation.v1.Locks/ListHot', {}, { live: ['stock'], every: 10_000 });
  const columns: readonly Column<allocation.HotSku>[] = [
    {
      id: 'sku', header: t('sku'), width: 150, pinned: true, grow: true,
      cell: (row) => (
        <>
          <Link to={`/stock?sku=${encodeURIComponent(row.sku)}`}>{row.sku}</Link>
          {row.frozen && <Tag color="blue">{t('frozen')}</Tag>}
        </>
      ),
    },
    { id: 'held', header: t('held'), width: 74, align: 'end', cell: (row) => formatNumber(row.held) },
    { id: 'confirmed', header: t('confirmed'), width: 86, align: 'end', cell: (row) => formatNumber(row.confirmed) },
    { id: 'available', header: t('available'), width: 80, align: 'end', cell: (row) => <Text span fw={600} {...(row.available <= 0 ? { c: 'red' } : {})}>{formatNumber(row.available)}</Text> },
    { id: 'waiting', header: t('waiting'), width: 112, align: 'end', cell: (row) => (row.waiting === 0 ? '0' : <Link to={`/locks?tab=backorders&sku=${encodeURIComponent(row.sku)}`}>{formatNumber(row.waiting)}</Link>) },
  ];
  return <Answered of={hot}>{({ skus }) => <DataTable label={t('hot')} rows={skus} rowKey={(row) => row.sku} columns={columns} height={320} keys={false} empty={<Empty title={t('noHot')} />} />}</Answered>;
};
