import '@mantine/spotlight/styles.css';
import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPackage, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { allows, formatMoney, useLocale, useRpc, useSession, useWords } from '../kit/index.js';
import { pages } from '../pages.js';
import { words } from './words.js';

const [store, spotlight] = createSpotlight();

/** ⌘K: every page, and every order by its number or waybill. Opens each time that `asked` grows. */
export const Jump = ({ asked: times }: { readonly asked: number }) => {
  const t = useWords(words);
  const locale = useLocale();
  const session = useSession();
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  useEffect(() => spotlight.open(), [times]);
  const [asked] = useDebouncedValue(query.trim(), 200);
  const searches = allows(session, 'flotilla.order.v1.Orders/List');
  const { data, fetching } = useRpc('flotilla.order.v1.Orders/List', { page: { size: 8 }, filter: { anyOf: [{ number: asked }, { waybill: asked }] } }, { enabled: searches && asked.length >= 3 });
  const wanted = query.trim().toLowerCase();
  const found: readonly SpotlightActionData[] =
    asked.length >= 3 && wanted !== ''
      ? (data?.orders ?? []).map((order) => ({
          id: order.orderId,
          label: order.number,
          description: `${order.channel} · ${formatMoney(order.total, locale)}`,
          leftSection: <IconPackage size={16} />,
          onClick: () => void navigate(`/orders/${order.orderId}`),
        }))
      : [];
  const places: readonly SpotlightActionData[] = pages
    .filter(({ within, needs }) => !within && allows(session, needs))
    .filter(({ name, path }) => wanted === '' || `${name.en} ${name['zh-CN']} ${path}`.toLowerCase().includes(wanted))
    .map((page) => ({ id: page.path, label: page.name[locale], leftSection: <page.icon size={16} />, onClick: () => void navigate(page.path) }));
  const search: readonly SpotlightActionData[] = wanted !== '' && searches ? [{ id: 'search', label: t('searchOrders', { query: query.trim() }), leftSection: <IconSearch size={16} />, onClick: () => void navigate(`/orders?q=${encodeURIComponent(query.trim())}`) }] : [];
  const groups: SpotlightActionGroupData[] = [
    { group: t('orders'), actions: [...found, ...search] },
    { group: t('pages'), actions: [...places] },
  ].filter(({ actions }) => actions.length > 0);
  const first = found[0]?.id;
  // What was found comes in above what was chosen while it was looked for: Enter goes to it, unless somebody has moved on.
  useEffect(() => {
    const { listId, selected } = store.getState();
    const list = document.getElementById(listId);
    if (first === undefined || selected > 0 || !list) return;
    list.querySelector('[data-selected]')?.removeAttribute('data-selected');
    list.querySelector('[data-action]')?.setAttribute('data-selected', 'true');
    store.updateState((state) => ({ ...state, selected: 0 }));
  }, [first]);
  return (
    <Spotlight
      store={store}
      actions={groups}
      filter={(_, actions) => actions}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={420}
      nothingFound={fetching ? t('searching') : t('nothingFound')}
      searchProps={{ placeholder: t('search'), 'aria-label': t('search'), leftSection: <IconSearch size={16} /> }}
    />
  );
};
