import { describe, expect, it } from '@jest/globals';
import { check } from '../invariant.ts';
import type { LogEvent, Sources } from '../sources.ts';
import { ledgerInvariants } from './ledger.ts';
import { books } from './lists.ts';

type Told = readonly [stream: string, type: string, data: object];

/** Sources that hold settlement's log and rows of its lists alone. */
const sourcesOf = (told: readonly Told[], lists: Readonly<Record<string, readonly object[]>> = {}): Sources => {
  const rowsOf = (sql: string): readonly object[] => lists[/FROM (read\.\w+)/.exec(sql)?.[1] ?? ''] ?? [];
  return {
    async *log() {
      for (const [n, [stream, type, data]] of told.entries()) yield { stream, type, version: n + 1, data: JSON.stringify(data) } as LogEvent;
    },
    query: (_service: unknown, sql: string) => Promise.resolve(rowsOf(sql)),
    async *rows(_service: unknown, sql: string) {
      yield* rowsOf(sql);
    },
  } as unknown as Sources;
};

const voucher = (voucherId: string, ...amounts: readonly number[]): Told => [`voucher-${voucherId}`, 'VoucherPosted', { voucherId, postings: amounts.map((amount) => ({ account: '1002', amount: { amount, currency: 'EUR' } })) }];
const life = (...told: readonly (readonly [string, object?])[]): readonly Told[] => told.map(([type, data = {}]) => ['statement-s', type, data]);
const lines = (...ids: readonly string[]): object => ({ lines: ids.map((lineId) => ({ lineId })) });
const faultsOf = async (...told: readonly Told[]): Promise<readonly string[]> => (await ledgerInvariants(sourcesOf([voucher('v', 1, -1), ...told]))).invariants.flatMap(({ faults }) => faults);

const whole = [['StatementReceived', { lines: 2 }], ['LinesRead', lines('a', 'b')], ['StatementParsed'], ['LineMatched', { lineId: 'a' }], ['LineFlagged', { lineId: 'b' }], ['StatementMatched'], ['LineResolved', { lineId: 'b' }], ['StatementReviewed'], ['StatementClosed']] as const;

describe('the ledger', () => {
  it('SET-01: holds for a statement that lived in order', async () => expect(await faultsOf(...life(...whole))).toEqual([]));

  it('SET-01: holds for statements that were recorded before they were read in parts, closed or still open', async () => {
    const typed = [['StatementReceived', { lines: 2 }], ['LinesTyped', lines('a', 'b')], ['LineMatched', { lineId: 'a' }]] as const;
    expect(await faultsOf(...life(...typed))).toEqual([]);
    expect(await faultsOf(...life(...typed, ['LineFlagged', { lineId: 'b' }], ['StatementClosed']))).toEqual([]);
    expect(await faultsOf(...life(...typed, ['LineFlagged', { lineId: 'b' }], ['StatementMatched'], ['LineResolved', { lineId: 'b' }], ['StatementReviewed'], ['StatementClosed']))).toEqual([]);
    expect(await faultsOf(...life(...typed, ['StatementClosed']))).toEqual(['statement-s: 1 lines are not judged of 2, StatementClosed']);
  });

  it('SET-01: is broken by a line that is judged twice while another one never is', async () => {
    const twice = whole.map((one) => (one[0] === 'LineMatched' ? (['LineMatched', { lineId: 'b' }] as const) : one));
    expect(await faultsOf(...life(...twice))).toEqual(['statement-s v6: line b is judged twice, or was never read', 'statement-s: 1 lines are not judged of 2, StatementClosed']);
  });

  it('SET-01: is broken by a review with an open line, and by what is out of order', async () => {
    expect(await faultsOf(...life(...whole.filter(([type]) => type !== 'LineResolved')))).toEqual(['statement-s: 1 flagged lines are not decided, StatementClosed']);
    expect(await faultsOf(...life(...whole.filter(([type]) => type !== 'StatementReviewed')))).toEqual(['statement-s v9: StatementClosed after StatementMatched']);
    expect(await faultsOf(...life(...whole.filter(([type]) => type !== 'StatementParsed')))).toContain('statement-s v6: StatementMatched after StatementReceived');
  });

  it('SET-04: is broken by a voucher that posts nothing, or is out of balance', async () => {
    expect(await faultsOf(voucher('w'))).toEqual(['voucher w posts nothing']);
    expect(await faultsOf(voucher('w', 2, -1))).toEqual(['voucher w: 1 EUR left over', '1 EUR left over']);
  });
});

describe('the books', () => {
  const rows = { 'read.account': [{ account: '1002', currency: 'EUR', balance: '0' }], 'read.voucher': [{ voucher_id: 'v' }], 'read.posting': [{ voucher_id: 'v', postings: '1002 1 EUR,1002 -1 EUR' }] };
  const faults = async (lists: Readonly<Record<string, readonly object[]>>): Promise<readonly string[]> => {
    const accounts = check('books');
    await books(sourcesOf([voucher('v', 1, -1)], lists), accounts);
    return accounts.done().faults;
  };

  it('SET-05: are what was posted', async () => expect(await faults(rows)).toEqual([]));
  it('SET-05: are broken where a voucher’s postings are gone', async () => expect(await faults({ ...rows, 'read.posting': [] })).toEqual(['voucher v: its postings are not in the books']));
});
