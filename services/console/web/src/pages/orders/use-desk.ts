import type { order } from '@flotilla/contracts';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { atMostEvery, rpc, useLive } from '../../kit/index.js';
import { filterWire } from './bulk.js';
import type { Asked } from './fields.js';
import { parse } from './filter-language.js';
import { createOrderPages, type ListState, type OrderPages } from './order-pages.js';
import { asSaved, type Showing } from './views.js';

/** Whom somebody asks for is no matter for addresses, which are kept and passed on: such a query stays with the page. */
const namesBuyer = (query: string): boolean => {
  const named = (terms: ReturnType<typeof parse>['terms']): boolean => terms.some((term) => (term.kind === 'condition' ? term.field === 'buyer' : term.kind === 'group' && term.parts.some(named)));
  return named(parse(query).terms);
};

/** What the desk shows, held by the address: view, query, sort. Both stay the same until one of them changes. */
export const useShowing = (views: readonly order.View[]): readonly [Showing, (change: Partial<Showing>) => void] => {
  const [params, setParams] = useSearchParams();
  const { state } = useLocation() as { readonly state: { readonly query?: string } | null };
  const viewId = params.get('view') ?? '';
  const saved = asSaved(views.find((view) => view.viewId === viewId));
  const query = state?.query ?? params.get('q') ?? saved.query;
  const sort = params.get('sort') ?? saved.sort;
  const showing = useMemo((): Showing => ({ viewId, query, sort }), [viewId, query, sort]);
  const show = (change: Partial<Showing>): void => {
    const next = { ...showing, ...change };
    const base = asSaved(views.find((view) => view.viewId === next.viewId));
    const held: Record<string, string> = {};
    if (next.viewId !== '') held['view'] = next.viewId;
    const secret = namesBuyer(next.query);
    if (next.query !== base.query && !secret) held['q'] = next.query;
    if (next.sort !== base.sort) held['sort'] = next.sort;
    setParams(held, secret ? { state: { query: next.query } } : {});
  };
  const latest = useRef(show);
  latest.current = show;
  return [showing, useMemo(() => (change) => latest.current(change), [])];
};

/** The list of a question: it grows as one scrolls, and follows what changes without moving. */
export const useOrderPages = (filter: Asked, sort: string, enabled: boolean): readonly [OrderPages, ListState] => {
  const asked = JSON.stringify([filter, sort]);
  const pages = useMemo(() => {
    const [wanted, by] = JSON.parse(asked) as [Asked, string];
    return createOrderPages((token, size, signal) => rpc('flotilla.order.v1.Orders/List', { filter: filterWire(wanted), sort: by, page: { size, token } }, signal));
  }, [asked]);
  useEffect(() => {
    if (enabled && pages.state().count === 0) pages.grow();
    return () => pages.stop();
  }, [pages, enabled]);
  const refresh = useMemo(() => atMostEvery(1_000, () => void (document.hidden ? undefined : pages.refresh())), [pages]);
  useEffect(() => () => refresh.cancel(), [refresh]);
  useLive(enabled ? ['order', 'fulfilment', 'claim'] : [], () => refresh());
  const seen = useRef(refresh);
  seen.current = refresh;
  useEffect(() => {
    const back = (): void => {
      if (!document.hidden) seen.current();
    };
    document.addEventListener('visibilitychange', back);
    return () => document.removeEventListener('visibilitychange', back);
  }, []);
  return [pages, useSyncExternalStore(pages.subscribe, pages.state)];
};
