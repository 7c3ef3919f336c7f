import { expect, it } from '@jest/globals';
import { parseMessage } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import { publish } from './publish.js';

it.each(['lock', 'wmslock', 'offer'])('ALC-01: a refusal that %s-… stored before stock could be kept back goes out whole, at once and when it is answered again', (category) => {
  const data = { lockId: 'L', foId: 'F', round: 1, warehouse: 'W', reason: 'SHORT', free: [{ sku: 'A', quantity: 1 }] };
  const whole = parseMessage('flotilla.lock.v1.StockLockRefused', data);
  const recorded = (type: string, event: object): Recorded => ({ stream: `${category}-L`, type, data: event }) as Recorded;
  for (const event of [recorded('StockLockRefused', data), recorded('LockAnswered', { reply: { type: 'StockLockRefused', data } })]) {
    expect(publish(event)).toMatchObject([{ type: 'flotilla.lock.v1.StockLockRefused', key: 'F', data: whole }]);
  }
});
