import { Refused } from '@flotilla/decider';
import type { LineKind } from '../../decide/line.js';
import { cell, fineCell } from '../amounts.js';
import { currencyOf, fingerprint, label, number } from '../cells.js';
import type { Reader, RowLine, Row, Sheet, StatementFormat, TotalCheck } from '../format.js';
import { instant } from '../instants.js';

// Every cell begins with a backtick, so that a comma within one (names of goods) does not part it.
const split = (line: string): readonly string[] | undefined => (line.startsWith('`') ? line.slice(1).split(',`') : undefined);

const summary = { count: '总交易单数', settled: '应结订单总金额', total: '总交易额', refunded: '退款总金额', fees: '手续费总金额', ordered: '订单总金额', asked: '申请退款总金额' } as const;

const kindOf = (state: string, refundState: string): LineKind => {
  if (state === 'SUCCESS') return 'CHARGE';
  // A refund that failed has moved nothing; what is under way is money that left already.
  if (state === 'REFUND' || state === 'REVOKED') return refundState === '' || refundState === 'SUCCESS' || refundState === 'PROCESSING' ? 'REFUND' : 'UNKNOWN';
  return 'UNKNOWN';
};

const start = ({ channel, has }: Sheet): Reader => {
  const found = { count: 0, settled: 0, refunded: 0, fees: 0, ordered: 0, asked: 0 };
  let titles: readonly string[] = [];
  let said: readonly string[] = [];
  let merchant = '';
  const days = { from: '', to: '' };

  const lines = ({ row, at }: Row): readonly RowLine[] => {
    const currency = currencyOf('货币种类', at('currency') || 'CNY');
    const money = (column: string, name: string): number => cell(name, at(column) || '0', currency, ',');
    const occurredAt = instant('交易时间', at('time'), '+08:00');
    const [transaction, order, refund] = [number('微信订单号', at('transaction')), number('商户订单号', at('order')), number('商户退款单号', at('refund'))];
    if (transaction === '') throw new Refused('BAD_TEXT', '微信订单号 is missing');
    const state = at('state').toUpperCase();
    const kind = kindOf(state, at('refundState').toUpperCase());
    const settled = money('settled', '应结订单金额');
    const ordered = has('ordered') ? money('ordered', '订单金额') : settled;
    const back = money('refunded', '退款金额');
    const asked = has('asked') ? money('asked', '申请退款金额') : back;
    const fee = currency === 'CNY' ? fineCell('手续费', at('fee') || '0', currency) : { fine: 0, minor: money('fee', '手续费') };
    const charge = kind === 'CHARGE' || back === 0;
    const [gross, moved] = charge ? [ordered, settled] : [-asked, -back];
    found.count += 1;
    found.settled += state === 'SUCCESS' ? settled : 0;
    found.ordered += state === 'SUCCESS' ? ordered : 0;
    found.refunded += back;
    found.asked += asked;
    found.fees += fee.fine;
    merchant ||= number('商户号', at('merchant'));
    const day = at('time').normalize('NFKC').slice(0, 10);
    days.from = days.from === '' || day < days.from ? day : days.from;
    days.to = day > days.to ? day : days.to;
    const told = [channel, 'wechat-pay', transaction, state, refund];
    const line: RowLine = {
      row, part: '', kind, label: label(`${state} ${at('way')}`), reference: order, occurredAt,
      amount: { amount: gross, currency }, fee: { amount: fee.minor, currency }, net: { amount: gross - fee.minor, currency }, fingerprint: fingerprint(...told),
    };
    const promotion = moved - gross;
    if (promotion === 0) return [line];
    // A coupon of the merchant's own: the buyer did not pay it and it is not settled.
    return [line, { ...line, part: 'promotion', kind: 'PROMOTION', label: '免充值券', amount: { amount: promotion, currency }, fee: { amount: 0, currency }, net: { amount: promotion, currency }, fingerprint: fingerprint(...told, 'promotion') }];
  };

  const checks = (): readonly TotalCheck[] => {
    const of = (title: string): string | undefined => said[titles.indexOf(title)];
    const check = (title: string, now: number, read: (text: string) => number, currency = 'CNY'): readonly TotalCheck[] => {
      const text = titles.includes(title) ? of(title) : undefined;
      return text === undefined ? [] : [{ what: title, currency, said: read(text), found: now }];
    };
    const yuan = (title: string) => (text: string) => cell(title, text || '0', 'CNY', ',');
    // Fees are told and compared more finely than money is; where they disagree they are shown so, since in fen they may look the same.
    const fees = check(summary.fees, found.fees, (text) => fineCell(summary.fees, text || '0', 'CNY').fine).map((one) => (one.said === one.found ? { ...one, said: toFen(one.said), found: toFen(one.found) } : { ...one, what: `${summary.fees} (0.00001 CNY)`, currency: '' }));
    return [
      ...check(summary.count, found.count, (text) => cell(summary.count, text, 'JPY', ','), ''),
      ...check(summary.settled, found.settled, yuan(summary.settled)), ...check(summary.total, found.settled, yuan(summary.total)), ...check(summary.refunded, found.refunded, yuan(summary.refunded)),
      ...fees, ...check(summary.ordered, found.ordered, yuan(summary.ordered)), ...check(summary.asked, found.asked, yuan(summary.asked)),
    ];
  };

  return {
    row: (row) => {
      const first = (row.cells[0] ?? '').normalize('NFKC').replace(/[\s`]/g, '');
      if (first === summary.count) {
        titles = row.cells.map((title) => title.normalize('NFKC').replace(/[\s`]/g, ''));
        return [];
      }
      if (titles.length > 0) {
        if (said.length > 0) throw new Refused('BAD_CSV', 'a row under the summary');
        said = row.cells.map((value) => value.replaceAll('`', '').trim());
        return [];
      }
      return lines(row);
    },
    end: () => ({ batchNo: [merchant, days.from === days.to ? days.from : `${days.from}~${days.to}`].filter((part) => part !== '').join('/'), checks: checks() }),
  };
};

const toFen = (fine: number): number => Math.round(fine / 1_000);

/** WeChat Pay's trade bill: ALL, SUCCESS and REFUND, of v2 (24 columns) and v3 (27). */
export const wechatPay: StatementFormat = {
  name: 'wechat-pay',
  title: { zh: '微信支付交易账单', en: 'WeChat Pay trade bill' },
  legacy: 'gb18030',
  columns: {
    time: ['交易时间'], merchant: ['商户号'], transaction: ['微信订单号'], order: ['商户订单号'], way: ['交易类型'], state: ['交易状态'], currency: ['货币种类'],
    settled: ['应结订单金额', '总金额'], refund: ['商户退款单号'], refunded: ['退款金额'], refundState: ['退款状态'], fee: ['手续费'], ordered: ['订单金额'], asked: ['申请退款金额'],
  },
  needed: ['time', 'transaction', 'order', 'state', 'currency', 'settled', 'fee'],
  split,
  start,
};
