import { parseMessage, type common, type lock as wire } from '@flotilla/contracts';
import type { Handler, Incoming } from '@flotilla/messaging';
import { answerConfirm, answerConsume, answerLock, answerRelease, stockOfAsk, type Terms } from '../coordinate/participant.js';
import type { Ledger } from '../decide/ledger.js';
import { lock } from '../decide/lock.decider.js';
import { isSku, isWarehouse } from '../decide/names.js';

type Handlers = Readonly<Record<string, Handler>>;

const memory: NonNullable<Handler['streams']> = ({ data }: Incoming) => {
  const { lockId } = (data ?? {}) as { readonly lockId?: unknown };
  return typeof lockId === 'string' && lockId !== '' ? [[lock, lockId]] : [];
};

// Not checked yet here: what is no message is refused when it is handled.
const stockOf: NonNullable<Handler['streams']> = ({ data }: Incoming) => {
  const { warehouse, lines } = (data ?? {}) as Partial<wire.LockStock>;
  const named = Array.isArray(lines) ? lines.filter((line: unknown) => isSku(String((line as Partial<common.SkuQuantity> | null)?.sku ?? ''))) : [];
  return isWarehouse(String(warehouse)) ? stockOfAsk(String(warehouse), named) : [];
};

/** The participant: every question of flotilla.lock.v1 to warehouses whose ledger is in this database. */
export const lockRequestHandlers = (terms: () => Terms): Handlers => ({
  'flotilla.lock.v1.LockStock': {
    streams: (message) => [...memory(message), ...stockOf(message)],
    handle: ({ data }, unit) => answerLock(unit, parseMessage('flotilla.lock.v1.LockStock', data), terms()),
  },
  'flotilla.lock.v1.ConfirmStock': { streams: memory, handle: ({ data }, unit) => answerConfirm(unit, parseMessage('flotilla.lock.v1.ConfirmStock', data), terms()) },
  'flotilla.lock.v1.ReleaseStock': { streams: memory, handle: ({ data }, unit) => answerRelease(unit, parseMessage('flotilla.lock.v1.ReleaseStock', data)) },
  'flotilla.lock.v1.ConsumeStock': { streams: memory, handle: ({ data }, unit) => answerConsume(unit, parseMessage('flotilla.lock.v1.ConsumeStock', data)) },
});

/** The warehouse that a question is for; "" if it names none. */
export const siteOf = ({ data }: Incoming): string => {
  const { warehouse } = (data ?? {}) as { readonly warehouse?: unknown };
  return typeof warehouse === 'string' && isWarehouse(warehouse) ? warehouse : '';
};

const isAnswered = ({ data }: Incoming): boolean => (data as { readonly answered?: unknown } | null)?.answered === true;

/** Who answers a question, by where its warehouse keeps its ledger. A ledger without handlers is somebody else's: its questions are left alone, and so are those that were answered as they were asked. */
export const byLedger = (participants: Readonly<Partial<Record<Ledger, Handlers>>> & { readonly LOCAL: Handlers }): Handlers =>
  Object.fromEntries(
    Object.entries(participants.LOCAL).map(([type, { streams }]): [string, Handler] => [
      type,
      { ...(streams ? { streams } : {}), wants: (message) => !isAnswered(message), handle: (message, unit, ledger) => participants[ledger as Ledger]?.[type]?.handle(message, unit, undefined) },
    ]),
  );

/** Where each message's warehouse keeps its ledger, for a whole chunk. Read beside the unit: a warehouse never changes it, so a grant needs no guard on the site. `unnamed`: of messages that name none. */
export const prepareLedgers =
  (ledgers: (sites: readonly string[]) => Promise<ReadonlyMap<string, Ledger>>, unnamed: Ledger = 'LOCAL') =>
  async (messages: readonly Incoming[]): Promise<readonly Ledger[]> => {
    const sites = messages.map(siteOf);
    const known = await ledgers([...new Set(sites.filter((site) => site !== ''))]);
    return sites.map((site) => known.get(site) ?? unnamed);
  };
