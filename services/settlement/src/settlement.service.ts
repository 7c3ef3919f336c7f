import { defineService, publishAs } from '@flotilla/service-kit';
import { z } from 'zod';
import { matchStatement } from './accept/match.js';
import { orderEvents } from './accept/order-events.consumer.js';
import { statementFormatsGrpc } from './accept/statement-formats.grpc.js';
import { giveUpOrder, giveUpRefund } from './coordinate/settling.js';
import type { ReceivableEvent } from './decide/receivable.events.js';
import type { ReferenceEvent } from './decide/reference.events.js';
import type { StatementEvent } from './decide/statement.events.js';
import { finance, financeTables } from './project/finance.js';
import { ledger, ledgerTables, owingTables, receivables, ReceivablesAgain } from './project/ledger.js';
import { statements, StatementsAgain, statementLifeTables, statementTables } from './project/statements.js';
import { financeGrpc } from './query/finance.grpc.js';
import { statementsGrpc } from './query/statements.grpc.js';
import { tally } from './query/tally.js';

interface Waits {
  readonly lineId: string;
  readonly referenceId: string;
  readonly orderId: string;
}

interface Matches {
  readonly statementId: string;
}

const timerKey = (lineId: string): string => `wait/${lineId}`;
const matchKey = (statementId: string): string => `match/${statementId}`;
/** Whoever imports matches as well; a statement that is still not matched after this long was left by a process that ended. */
const abandonedMs = 120_000;

export const settlement = defineService({
  name: 'settlement',
  config: {
    FLOTILLA_SETTLEMENT_WAIT_DAYS: z.coerce.number().min(0).default(3).describe('business days that a statement line waits for its order or refund before a person has to look at it'),
    FLOTILLA_SETTLEMENT_WINDOW_DAYS: z.coerce.number().int().min(1).max(31).default(7).describe('business days before a payment without an order number within which its order was placed (T+n)'),
  },
  migrations: [statementTables, ledgerTables, statementLifeTables, owingTables, financeTables, StatementsAgain, ReceivablesAgain],
  build: (ctx) => ({
    consumers: [orderEvents(ctx.store)],
    timers: {
      changes: (event) => {
        const { type, data } = event as unknown as StatementEvent | ReferenceEvent | ReceivableEvent;
        switch (type) {
          case 'LineAwaitsOrder':
            return [{ key: timerKey(data.line.lineId), dueAt: data.dueAt, clock: 'business', data: { lineId: data.line.lineId, referenceId: data.referenceId, orderId: '' } }];
          case 'LineAwaitsRefund':
            return [{ key: timerKey(data.line.lineId), dueAt: data.dueAt, clock: 'business', data: { lineId: data.line.lineId, referenceId: '', orderId: data.orderId } }];
          case 'StatementParsed':
            return [{ key: matchKey(data.statementId), dueAt: new Date(Date.parse(event.recordedAt) + abandonedMs).toISOString(), clock: 'machine', data: { statementId: data.statementId } }];
          case 'StatementMatched':
            return [{ key: matchKey(data.statementId), dueAt: null, clock: 'machine', data: {} }];
          case 'LineMatched':
          case 'LineFlagged':
            return [{ key: timerKey(data.lineId), dueAt: null, clock: 'business', data: {} }];
          default:
            return [];
        }
      },
      fire: async ({ key, data }, meta) => {
        if (key.startsWith('match/')) {
          await matchStatement(ctx, (data as Matches).statementId, 0, meta);
          return;
        }
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
        case 'InvoiceRecorded':
          return String(data['orderId']);
        case 'VoucherPosted':
          return String(data['orderId'] === '' ? data['voucherId'] : data['orderId']);
        case 'FxRateSet':
          return `${String(data['from'])}-${String(data['to'])}`;
        default:
          return String(data['statementId']);
      }
    }),
    followers: [statements, ledger, receivables, finance],
    grpc: [...statementsGrpc(ctx), statementFormatsGrpc(ctx), ...financeGrpc(ctx)],
    tally: () => tally(ctx),
  }),
});
