import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { lateness, sinceOf } from './lateness.query.js';
import { listBackorders, listHot, listLeases, listLocks, listQuestions } from './lock-room.query.js';
import { daysOf, turnover } from './turnover.query.js';

/** What holds stock, who waits for it, what everybody wants. */
export const locksGrpc = ({ store, pool }: Pick<ServiceContext, 'store' | 'pool'>): Served =>
  serve(api.Locks, {
    list: async ({ page, warehouse, sku, leased }) => {
      if (leased && (warehouse !== '' || sku !== '')) throw new Refused('BAD_REQUEST', 'leases are listed by when they end: give leased alone');
      const question = ['locks', warehouse, sku, leased];
      const { limit, after } = pageOf(page, question);
      const { found, last } = leased ? await listLeases(store, pool, limit, after) : await listLocks(store, pool, { warehouse, sku }, limit, after);
      return { locks: found, nextToken: last ? pageToken(last, question) : '' };
    },
    listQuestions: async ({ page }) => {
      const { limit, after } = pageOf(page, 'lock-questions');
      const { found, last } = await listQuestions(store, pool, limit, after);
      return { questions: found, nextToken: last ? pageToken(last, 'lock-questions') : '' };
    },
    listBackorders: async ({ page, sku }) => {
      const question = ['backorders', sku];
      const { limit, after } = pageOf(page, question);
      const { found, last, waiting } = await listBackorders(store, pool, sku, limit, after);
      return { backorders: found, waiting, nextToken: last ? pageToken(last, question) : '' };
    },
    listHot: async () => ({ skus: await listHot(pool) }),
  });

/** How parcels fared, and how goods sell. */
export const outcomesGrpc = ({ pool, clock }: Pick<ServiceContext, 'pool' | 'clock'>): Served =>
  serve(api.Outcomes, {
    lateness: async ({ since }) => {
      const now = clock.business();
      const from = sinceOf(since, now);
      return { since: from, cells: await lateness(pool, from, now.toISOString()) };
    },
    turnover: async ({ page, warehouse, days: asked }) => {
      const days = daysOf(asked);
      const question = ['turnover', warehouse, days];
      const { limit, after } = pageOf(page, question);
      const rows = await turnover(pool, clock.business().toISOString(), days, warehouse, limit, after?.[0] ?? '');
      const last = rows.at(-1);
      return { rows, days, nextToken: last && rows.length === limit ? pageToken([warehouse === '' ? last.warehouse : last.sku], question) : '' };
    },
  });
