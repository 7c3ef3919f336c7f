import type { lock as wire } from '@flotilla/contracts';
import type { Handler, Incoming } from '@flotilla/messaging';
import { answerConfirm, answerConsume, answerLock, answerRelease, streamsOfAsk, type Terms } from '../coordinate/participant.js';
import { lock } from '../decide/lock.decider.js';

const memory: NonNullable<Handler['streams']> = ({ data }: Incoming) => [[lock, (data as { lockId: string }).lockId]];

/** The participant: every question of flotilla.lock.v1 to warehouses whose ledger is in this database. */
export const lockRequestHandlers = (terms: () => Terms): Readonly<Record<string, Handler>> => ({
  'flotilla.lock.v1.LockStock': {
    streams: ({ data }) => streamsOfAsk(data as wire.LockStock),
    handle: ({ data }, unit) => answerLock(unit, data as wire.LockStock, terms()),
  },
  'flotilla.lock.v1.ConfirmStock': { streams: memory, handle: ({ data }, unit) => answerConfirm(unit, data as wire.ConfirmStock, terms()) },
  'flotilla.lock.v1.ReleaseStock': { streams: memory, handle: ({ data }, unit) => answerRelease(unit, data as wire.ReleaseStock) },
  'flotilla.lock.v1.ConsumeStock': { streams: memory, handle: ({ data }, unit) => answerConsume(unit, data as wire.ConsumeStock) },
});
