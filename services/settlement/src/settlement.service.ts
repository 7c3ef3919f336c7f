import { defineService, publishAs } from '@flotilla/service-kit';
import { z } from 'zod';
import { orderEvents } from './accept/order-events.consumer.js';
import { giveUpOrder, giveUpRefund } from './coordinate/settling.js';
import type { ReceivableEvent } from './decide/receivable.events.js';
import type { ReferenceEvent } from './decide/reference.events.js';
import type { StatementEvent } from './decide/statement.events.js';
import { ledger, ledgerTables, receivables } from './project/ledger.js';
import { statements, statementTables } from './project/statements.js';
import { statementsGrpc } from './query/statements.grpc.js';
import { tally } from './query/tally.js';

interface Waits {
  readonly lineId: string;
  readonly referenceId: string;
  readonly orderId: string;
}

const timerKey = (lineId: string): string => `wait/${lineId}`;

export const settlement = defineService({
  name: 'settlement',
  config: { FLOTILLA_SETTLEMENT_WAIT_DAYS: z.coerce.number().min(0).default(3).describe('business days that a statement line waits for its order or refund before a person has to look at it') },
  migrations: [statementTables, ledgerTables],
  build: (ctx) => ({
    consumers: [orderEvents],
    timers: {
      changes: (event) => {
        const { type, data } = event as unknown as StatementEvent | ReferenceEvent | ReceivableEvent;
        switch (type) {
          case 'LineAwaitsOrder':
            return [{ key: timerKey(data.line.lineId), dueAt: data.dueAt, clock: 'business', data: { lineId: data.line.lineId, referenceId: data.referenceId, orderId: '' } }];
          case 'LineAwaitsRefund':
            return [{ key: timerKey(data.line.lineId), dueAt: data.dueAt, clock: 'business', data: { lineId: data.line.lineId, referenceId: '', orderId: data.orderId } }];
          case 'LineMatched':
          case 'LineFlagged':
            return [{ key: timerKey(data.lineId), dueAt: null, clock: 'business', data: {} }];
          default:
            return [];
        }
      },
      fire: async ({ data }, meta) => {
        const { lineId, referenceId, orderId } = data as Waits;
        const at = ctx.clock.business().toISOString();
        await ctx.store.execute({
          streams: [],
          meta,
          decide: (unit) => (orderId === '' ? giveUpOrder(unit, referenceId, lineId, at) : giveUpRefund(unit, orderId, lineId, at)),
        });
      },
    },
    publish: publishAs('flotilla.settlement.v1', (data, { type }) => {
      switch (type) {
        case 'OrderSettled':
          return String(data['orderId']);
        case 'VoucherPosted':
          return String(data['orderId'] === '' ? data['voucherId'] : data['orderId']);
        default:
          return String(data['statementId']);
      }
    }),
    followers: [statements, ledger, receivables],
    grpc: statementsGrpc(ctx),
    tally: () => tally(ctx),
  }),
});
