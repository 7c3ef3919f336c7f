import { parseMessage } from '@flotilla/contracts';
import type { Handler } from '@flotilla/messaging';
import { askConfirm, askConsume, askLock, askRelease } from '../../coordinate/wms/participant.js';

/** Every question of flotilla.lock.v1 to warehouses whose ledger is a system outside. The answer follows when that system has given one. */
export const wmsRequestHandlers = (at: () => string): Readonly<Record<string, Handler>> => ({
  'flotilla.lock.v1.LockStock': { handle: ({ data }, unit) => askLock(unit, parseMessage('flotilla.lock.v1.LockStock', data)) },
  'flotilla.lock.v1.ConfirmStock': { handle: ({ data }, unit) => askConfirm(unit, parseMessage('flotilla.lock.v1.ConfirmStock', data), at()) },
  'flotilla.lock.v1.ReleaseStock': { handle: ({ data }, unit) => askRelease(unit, parseMessage('flotilla.lock.v1.ReleaseStock', data)) },
  'flotilla.lock.v1.ConsumeStock': { handle: ({ data }, unit) => askConsume(unit, parseMessage('flotilla.lock.v1.ConsumeStock', data)) },
});
