import { Refused } from '@flotilla/decider';
import type { LineKind } from '../../decide/line.js';
import { remarksFrom, tradeNumber } from '../alipay-remarks.js';
import { cell } from '../amounts.js';
import { fingerprint, label, number } from '../cells.js';
import type { Reader, Sheet, StatementFormat, TotalCheck } from '../format.js';
import { instant } from '../instants.js';

const charges = new Set(['交易付款', '在线支付', '交易', '收款', '即时到账交易', '交易收款']);
const refunds = new Set(['交易退款', '退款', '退款(交易退款)', '售后退款']);
const fees = new Set(['收费', '服务费', '交易服务费', '退费', '代扣款', '其它代扣', '佣金', '淘宝客佣金代扣款', '交易分账']);
const payouts = new Set(['提现', '转账到银行卡', '余额提现']);

const kindOf = (type: string, amount: number): LineKind => {
  if (charges.has(type)) return amount > 0 ? 'CHARGE' : 'UNKNOWN';
  if (refunds.has(type)) return amount < 0 ? 'REFUND' : 'UNKNOWN';
  if (fees.has(type)) return 'FEE';
  return payouts.has(type) ? 'PAYOUT' : 'UNKNOWN';
};

const start = ({ channel, preamble }: Sheet): Reader => {
  const remarks = remarksFrom(preamble);
  const sums = { in: 0, ins: 0, out: 0, outs: 0 };
  const days = { from: '', to: '' };

  // "#收入合计：2笔，共3262.56元": counted and summed by Alipay itself.
  const checksOf = (title: string, count: number, sum: number): readonly TotalCheck[] => {
    const match = remarks.find(new RegExp(`${title}[:：]\\s*(\\d+)\\s*笔[,，]?\\s*共?\\s*([-+\\d.,]+)\\s*元`));
    if (!match) return [];
    return [
      { what: `${title}笔数`, currency: '', said: Number(match[1]), found: count },
      { what: title, currency: 'CNY', said: Math.abs(cell(title, match[2] ?? '', 'CNY', ',')), found: Math.abs(sum) },
    ];
  };

  return {
    row: ({ row, text, at }) => {
      if (remarks.take(text)) return [];
      const currency = 'CNY';
      const income = Math.abs(cell('收入金额', at('in') || '0', currency, ','));
      const expense = Math.abs(cell('支出金额', at('out') || '0', currency, ','));
      if (income !== 0 && expense !== 0) throw new Refused('BAD_AMOUNT', '收入金额 and 支出金额 both have a value');
      const amount = income === 0 ? (expense === 0 ? 0 : -expense) : income;
      const occurredAt = instant('发生时间', at('time'), '+08:00');
      const entry = number('账务流水号', at('entry'));
      if (entry === '') throw new Refused('BAD_TEXT', '账务流水号 is missing');
      const type = at('type').normalize('NFKC');
      const kind = kindOf(type, amount);
      sums.in += income;
      sums.ins += income === 0 ? 0 : 1;
      sums.out += expense;
      sums.outs += expense === 0 ? 0 : 1;
      const day = at('time').slice(0, 10);
      days.from = days.from === '' || day < days.from ? day : days.from;
      days.to = day > days.to ? day : days.to;
      const zero = { amount: 0, currency };
      return [
        {
          row, part: '', kind, label: label(type), reference: kind === 'PAYOUT' ? '' : tradeNumber(number('商户订单号', at('order'))), occurredAt,
          amount: { amount, currency }, fee: zero, net: { amount, currency }, fingerprint: fingerprint(channel, 'alipay', entry),
        },
      ];
    },
    end: () => ({
      batchNo: remarks.period() || (days.from === days.to ? days.from : `${days.from}~${days.to}`),
      checks: [...checksOf('收入合计', sums.ins, sums.in), ...checksOf('支出合计', sums.outs, sums.out)],
    }),
  };
};

/** Alipay's account details (账务明细): what came into the account and what left it, fees and refunds as rows of their own. */
export const alipay: StatementFormat = {
  name: 'alipay',
  title: { zh: '支付宝账务明细', en: 'Alipay account details' },
  legacy: 'gb18030',
  columns: { entry: ['账务流水号'], order: ['商户订单号'], time: ['发生时间', '入账时间'], in: ['收入金额', '收入'], out: ['支出金额', '支出'], type: ['业务类型', '账务类型'] },
  needed: ['entry', 'order', 'time', 'in', 'out', 'type'],
  start,
};
