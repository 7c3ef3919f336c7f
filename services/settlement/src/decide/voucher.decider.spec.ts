import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import fc from 'fast-check';
import type { Line, LineKind } from './line.js';
import { sums, voucher } from './voucher.decider.js';
import { accounts, subjects } from './accounts.js';
import { bookedVoucher, differenceVoucher, lineVoucher, noInvoice, refundVoucher, shippedVoucher } from './vouchers.js';

const orderId = '5a1d0c7e-3b52-5e0f-9c11-7d2e8f4a6b90';
const at = '2026-11-24T09:00:00.000Z';
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const { given } = specify(voucher);
const shipped = { ...shippedVoucher(orderId, eur(3_000), at), invoice: noInvoice };

describe('a voucher', () => {
  it('SET-04: is posted once', () => {
    given().when({ type: 'Post', data: shipped }).then({ type: 'VoucherPosted', data: shipped });
    given({ type: 'VoucherPosted', data: shipped }).when({ type: 'Post', data: shipped }).thenNothing();
  });

  it('SET-04: that is out of balance cannot be written, in any currency', () => {
    const out = { ...shipped, postings: [{ account: '1002', amount: eur(1) }, { account: '1122', amount: { amount: -1, currency: 'USD' } }] };
    expect(() => voucher.decide({ type: 'Post', data: out }, voucher.initial)).toThrow('is out by 1 EUR');
  });

  it('SET-04: of nothing is not written', () => given().when({ type: 'Post', data: { ...shippedVoucher(orderId, eur(0), at), invoice: noInvoice } }).thenNothing());

  it('SET-04: every kind of voucher is in balance, whatever the amounts', () => {
    const amount = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
    fc.assert(
      fc.property(amount, amount, fc.constantFrom<LineKind>('CHARGE', 'REFUND', 'FEE', 'PROMOTION', 'ADJUSTMENT'), fc.boolean(), fc.constantFrom(undefined, { from: 'EUR', to: 'JPY', date: '2026-11-24', rate: '161.237' }), (gross, fee, kind, afterShipping, rate) => {
        const line = { lineId: 'l', row: 2, kind, reference: '#1', occurredAt: at, amount: eur(gross), fee: eur(fee), net: eur(gross - fee), fingerprint: 'f' } satisfies Line;
        for (const data of [lineVoucher(orderId, line, at), lineVoucher(orderId, line, at, { deducted: kind === 'PROMOTION' && afterShipping, rate }), bookedVoucher(line, at), differenceVoucher(orderId, afterShipping ? 'REFUND' : 'RECEIVABLE', eur(gross), 'k', at), refundVoucher(orderId, 'r', eur(gross), afterShipping, at), shippedVoucher(orderId, eur(gross), at)]) {
          if (!data) throw new Error('no voucher');
          const posted = voucher.decide({ type: 'Post', data: { ...data, invoice: noInvoice } }, voucher.initial);
          for (const event of posted) expect([...sums(event.data.postings).values()].every((sum) => sum === 0)).toBe(true);
          expect(fold(voucher, posted).posted).toBe(posted.length > 0);
        }
      }),
    );
  });

  it('SET-04, SET-05: every account has a subject in Chinese and English', () => {
    for (const account of Object.values(accounts)) {
      expect(subjects[account]?.zh).toMatch(/\p{Script=Han}/u);
      expect(subjects[account]?.en).toMatch(/^[\x20-\x7e]+$/);
    }
  });
});
