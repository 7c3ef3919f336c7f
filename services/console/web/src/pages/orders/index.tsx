import { Button, Group, Paper, Text, Tooltip } from '@mantine/core';
import { IconDownload, IconListCheck } from '@tabler/icons-react';
import type { order } from '@flotilla/contracts';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useNavigate } from 'react-router';
import { asRpcError, DataTable, Empty, Failed, Hint, isChosen, Loading, newRequestId, nothing, openFile, Page, ranged, RowCount, rpc, tellError, toast, toggled, toggledAll, useHotkeys, useLocale, useMay, usePending, useRpc, useSession, useWords, withGrace, withoutGone, type Chosen } from '../../kit/index.js';
import { actionKeys, BulkDialog, bulkActions, dangerous, filterWire, type BulkAction, type Meant } from './bulk.js';
import { claimKey, isOthers } from './claimed.js';
import { useClaiming } from './claims.js';
import { columnsOf, PhoneRow } from './columns.js';
import { compile } from './filter-language.js';
import { Operations } from './operations.js';
import { QueryBar } from './query-bar.js';
import { useOrderPages, useShowing } from './use-desk.js';
import { asSaved, Views } from './views.js';
import { words } from './words.js';

type Row = order.OrderSummary;

/** The order desk. */
const Orders = () => {
  const t = useWords(words);
  const locale = useLocale();
  const navigate = useNavigate();
  const acts = useMay('flotilla.order.v1.Operations/Start');
  const { user } = useSession();
  const { data: viewList, refetch: recount } = useRpc('flotilla.order.v1.Views/List', {}, { live: ['order', 'fulfilment', 'view'], every: 15_000 });
  const views = viewList?.views ?? noViews;
  const [showing, show] = useShowing(views);
  // A view that is named is shown when it is known what it is.
  const ready = showing.viewId === '' || viewList !== undefined;
  const { filter, faults } = useMemo(() => compile(showing.query), [showing.query]);
  const [pages, list] = useOrderPages(filter, showing.sort, ready && faults.length === 0);
  const known = useKnown();
  const ask = useCallback((query: string) => show({ query }), [show]);
  const claim = useClaiming(pages.find);

  const [chosen, setChosen] = useState<Chosen>(nothing);
  const anchor = useRef<string>(undefined);
  const [cursor] = useState(createCursor);
  const [acting, setActing] = useState<{ readonly action: BulkAction; readonly of: Meant; readonly holds: readonly string[] }>();
  const [working, setWorking] = useState(false);
  useEffect(() => {
    setChosen(nothing);
    cursor.set(undefined);
  }, [pages, cursor]);
  useEffect(() => setChosen((now) => withoutGone(now, list.gone)), [list.gone]);

  const pending = usePending();
  const leaving = useMemo(() => new Set(pending.flatMap(({ subjects }) => subjects)), [pending]);
  const count = chosen.kind === 'all' ? undefined : chosen.keys.size;
  const anything = count !== 0;
  const shownKeys = (): readonly string[] => pages.keys();

  const act = (action: BulkAction): void => {
    if (!acts) return;
    const at = cursor.get();
    const of: Meant = chosen.kind === 'all' ? { filter } : { orderIds: chosen.keys.size > 0 ? [...chosen.keys] : at ? [at.orderId] : [] };
    // One order, and nothing more to say: it is on its way at once, and can be undone.
    if (action === 'Approve' && !anything && at) {
      if (!at.allowedActions.includes('Approve')) return toast({ message: t('nothingToDo'), tone: 'warning' });
      const { orderId, number } = at;
      const requestId = newRequestId();
      withGrace({ what: t('what', { n: 1, action: t('Approve'), order: number }), subjects: [orderId], run: () => rpc('flotilla.order.v1.Orders/Approve', { orderId, requestId }) });
      return undefined;
    }
    if ('filter' in of || of.orderIds.length > 0) setActing({ action, of, holds: at?.holds ?? [] });
    return undefined;
  };

  useHotkeys(t('title'), [
    ...(acts ? bulkActions.map((action) => ({ key: actionKeys[action], label: t(action), run: () => act(action) })) : []),
    ...(acts ? [{ key: claimKey, label: t('claimKey'), run: () => void claim(chosen, cursor.get()) }] : []),
    { key: 'shift+a', label: t('selectAllKey'), run: () => setChosen({ kind: 'all' }) },
    { key: 'Escape', label: t('escape'), run: () => setChosen(nothing) },
    { key: 'n', label: t('showNews'), run: () => void pages.reload() },
    { key: 'b', label: t('bulk'), run: () => setWorking((now) => !now) },
  ]);

  const columns = useMemo(() => columnsOf(t), [locale]); // eslint-disable-line react-hooks/exhaustive-deps -- the words are those of the locale
  const rows = useMemo(() => ({ count: list.count, at: list.at, onRange: list.onRange }), [list]);
  const active = views.find(({ viewId }) => viewId === showing.viewId);
  const exportAll = (): void => {
    toast({ message: t('exported'), ms: 2_000 });
    void openFile('flotilla.order.v1.Orders/Export', { filter: filterWire(filter), sort: showing.sort, language: locale }, 'orders.csv').catch((error: unknown) => tellError(asRpcError(error)));
  };

  return (
    <Page
      title={t('title')}
      fill
      actions={
        <>
          <Tooltip label={t('export')}>
            <Button variant="default" size="compact-sm" leftSection={<IconDownload size={14} />} onClick={exportAll} disabled={faults.length > 0}>
              {t('export')}
            </Button>
          </Tooltip>
          <Button variant="default" size="compact-sm" leftSection={<IconListCheck size={14} />} rightSection={<Hint keys="b" />} onClick={() => setWorking(true)}>
            {t('bulk')}
          </Button>
        </>
      }
    >
      <Views views={views} showing={showing} onShow={show} onSaved={recount} />
      <QueryBar value={showing.query} known={known} onChange={ask} />
      <div className="f-desk" data-tour="waits">
        {list.news > 0 && (
          <Button className="f-news" size="compact-xs" radius="xl" onClick={() => void pages.reload()} rightSection={<Hint keys="n" />}>
            {t('news', { n: list.news })}
          </Button>
        )}
        {list.error !== undefined && list.count === 0 ? (
          <Failed error={asRpcError(list.error)} retry={() => void pages.refresh()} />
        ) : list.count === 0 && list.more ? (
          <Loading />
        ) : (
          <DataTable<Row>
            label={t('title')}
            rows={rows}
            columns={columns}
            rowKey={keyOf}
            rowName={({ number }) => number}
            remember="orders"
            onOpen={({ orderId }) => void navigate(`/orders/${orderId}`)}
            onCursor={cursor.set}
            more={{ has: list.more, load: pages.grow }}
            sort={{ by: showing.sort, onSort: (sort) => show({ sort }) }}
            phone={phoneRow}
            rowClass={(row) => (leaving.has(row.orderId) ? 'f-pending' : list.gone.has(row.orderId) ? 'f-gone' : isOthers(row, user) ? 'f-others' : undefined)}
            selection={{
              has: (key) => isChosen(chosen, key),
              toggle: (key, range) => {
                setChosen((now) => (range && anchor.current !== undefined ? ranged(now, anchor.current, key, shownKeys()) : toggled(now, key, shownKeys())));
                anchor.current = key;
              },
              all: chosen.kind === 'all' ? 'all' : count === 0 ? 'none' : 'some',
              toggleAll: () => setChosen((now) => toggledAll(now, shownKeys())),
            }}
            empty={
              <Empty title={t('empty')}>
                <Text size="sm" c="dimmed" ta="center">
                  {showing.query === '' ? t('emptyAll') : active && showing.query === asSaved(active).query ? t('emptyView') : t('emptyFilter')}
                </Text>
                {showing.query !== '' && (
                  <Button size="compact-sm" variant="default" onClick={() => show({ viewId: '', query: '' })}>
                    {t('clear')}
                  </Button>
                )}
              </Empty>
            }
          />
        )}
      </div>
      <Group className="f-foot" justify="space-between" wrap="nowrap" gap="xs">
        {anything ? (
          <Paper className="f-selected" p={4} px={8} role="region" aria-label={t('selected', { n: count ?? 0 })}>
            <Group gap={6}>
              <Text size="sm" fw={600} data-testid="selected">
                {count === undefined ? t('allSelected') : t('selected', { n: count })}
              </Text>
              {count !== undefined && list.more && (
                <Button size="compact-xs" variant="subtle" onClick={() => setChosen({ kind: 'all' })} rightSection={<Hint keys="shift+a" />}>
                  {t('selectAllMatching')}
                </Button>
              )}
              {acts &&
                bulkActions.map((action) => (
                  <Button key={action} size="compact-xs" variant="light" {...(dangerous.includes(action) ? { color: 'red' } : {})} onClick={() => act(action)} rightSection={<Hint keys={actionKeys[action]} />}>
                    {t(action)}
                  </Button>
                ))}
              {acts && count !== undefined && (
                <Button size="compact-xs" variant="light" onClick={() => void claim(chosen, cursor.get())} rightSection={<Hint keys={claimKey} />}>
                  {t('claim')}
                </Button>
              )}
              <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setChosen(nothing)} rightSection={<Hint keys="Escape" />}>
                {t('clearSelection')}
              </Button>
            </Group>
          </Paper>
        ) : (
          acts && <CursorActions cursor={cursor} onAct={act} onClaim={() => void claim(chosen, cursor.get())} />
        )}
        <RowCount count={list.count} more={list.more} />
      </Group>
      {acting && (
        <BulkDialog {...acting} onClose={() => setActing(undefined)} onStarted={() => {
          setWorking(true);
          setChosen(nothing);
        }} />
      )}
      <Operations opened={working} onClose={() => setWorking(false)} onEnded={() => void pages.refresh()} />
    </Page>
  );
};

const keyOf = ({ orderId }: Row): string => orderId;
const noViews: readonly order.View[] = [];
const phoneRow = (row: Row): React.ReactNode => <PhoneRow row={row} />;

/** The row under the cursor, which moves faster than a page is drawn: only who asks for it is drawn anew. */
interface Cursor {
  readonly get: () => Row | undefined;
  readonly set: (row: Row | undefined) => void;
  readonly subscribe: (tell: () => void) => () => void;
}

const createCursor = (): Cursor => {
  let at: Row | undefined;
  const listeners = new Set<() => void>();
  return {
    get: () => at,
    set: (row) => {
      at = row;
      for (const tell of listeners) tell();
    },
    subscribe: (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
  };
};

/** What may be done with the order under the cursor. */
const CursorActions = ({ cursor, onAct, onClaim }: { readonly cursor: Cursor; readonly onAct: (action: BulkAction) => void; readonly onClaim: () => void }) => {
  const t = useWords(words);
  const row = useSyncExternalStore(cursor.subscribe, cursor.get);
  return (
    <Group gap={6} visibleFrom="sm" className="f-hints">
      {bulkActions.filter((action) => row?.allowedActions.includes(action)).map((action) => (
        <Button key={action} size="compact-xs" variant="subtle" color={dangerous.includes(action) ? 'red' : 'gray'} onClick={() => onAct(action)} rightSection={<Hint keys={actionKeys[action]} />}>
          {t(action)}
        </Button>
      ))}
      {row && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={onClaim} rightSection={<Hint keys={claimKey} />}>
          {t('claim')}
        </Button>
      )}
    </Group>
  );
};

/** Values of fields that the fleet knows: channels and warehouses, for those who may ask; one's own name. */
const useKnown = (): Readonly<Record<string, readonly string[]>> => {
  const { user } = useSession();
  const channels = useRpc('flotilla.ingest.v1.Channels/List', {}, { enabled: useMay('flotilla.ingest.v1.Channels/List') });
  const warehouses = useRpc('flotilla.allocation.v1.Warehouses/List', {}, { enabled: useMay('flotilla.allocation.v1.Warehouses/List') });
  return useMemo(() => ({ channel: (channels.data?.channels ?? []).map(({ id }) => id), warehouse: (warehouses.data?.warehouses ?? []).map(({ warehouse }) => warehouse), claimed_by: [user, 'none'] }), [channels.data, warehouses.data, user]);
};

export default Orders;
