import { parseMessage, type common, type lock as wire } from '@flotilla/contracts';
import type { Handler, Incoming } from '@flotilla/messaging';
import { answerConfirm, answerConsume, answerLock, answerRelease, stockOfAsk, type Terms } from '../coordinate/participant.js';
import { lock } from '../decide/lock.decider.js';
import { isSku, isWarehouse } from '../decide/names.js';

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
export const lockRequestHandlers = (terms: () => Terms): Readonly<Record<string, Handler>> => ({
  'flotilla.lock.v1.LockStock': {
    streams: (message) => [...memory(message), ...stockOf(message)],
    handle: ({ data }, unit) => answerLock(unit, parseMessage('flotilla.lock.v1.LockStock', data), terms()),
  },
  'flotilla.lock.v1.ConfirmStock': { streams: memory, handle: ({ data }, unit) => answerConfirm(unit, parseMessage('flotilla.lock.v1.ConfirmStock', data), terms()) },
  'flotilla.lock.v1.ReleaseStock': { streams: memory, handle: ({ data }, unit) => answerRelease(unit, parseMessage('flotilla.lock.v1.ReleaseStock', data)) },
  'flotilla.lock.v1.ConsumeStock': { streams: memory, handle: ({ data }, unit) => answerConsume(unit, parseMessage('flotilla.lock.v1.ConsumeStock', data)) },
});
