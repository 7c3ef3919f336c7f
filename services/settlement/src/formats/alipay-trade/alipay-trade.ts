import { Refused } from '@flotilla/decider';
import { ownOf } from '@flotilla/values';
import type { LineKind } from '../../decide/line.js';
import { remarksFrom, tradeNumber } from '../alipay-remarks.js';
import { cell } from '../amounts.js';
import { fingerprint, label, number } from '../cells.js';
import type { Reader, RowLine, Sheet, StatementFormat, TotalCheck } from '../format.js';
import { instant } from '../instants.js';

const kinds: Readonly<Record<string, LineKind>> = { 交易: 'CHARGE', 退款: 'REFUND' };

const start = ({ channel, preamble, has }: Sheet): Reader => {
  const remarks = remarksFrom(preamble);
  const found: Record<'交易' | '退款', { count: number; received: number }> = { 交易: { count: 0, received: 0 }, 退款: { count: 0, received: 0 } };
  let day = '';

  const checksOf = (title: '交易' | '退款'): readonly TotalCheck[] => {
    const match = remarks.find(new RegExp(`${title}合计[:：]\\s*(\\d+)\\s*笔[,，]\\s*商家实收(?:退款)?共\\s*([-+\\d.,]+)\\s*元`));
    if (!match) return [];
    return [
      { what: `${title}笔数`, currency: '', said: Number(match[1]), found: found[title].count },
      { what: `${title}商家实收`, currency: 'CNY', said: cell('商家实收', match[2] ?? '', 'CNY', ','), found: found[title].received },
    ];
  };

  return {
    row: ({ row, text, at }) => {
      if (remarks.take(text)) return [];
      const currency = 'CNY';
      const money = (column: string, name: string): number => cell(name, at(column) || '0', currency, ',');
      const type = at('type').normalize('NFKC');
      const kind = ownOf(kinds, type) ?? 'UNKNOWN';
      const [trade, refund] = [number('支付宝交易号', at('trade')), number('退款批次号', at('refund'))];
      if (trade === '') throw new Refused('BAD_TEXT', '支付宝交易号 is missing');
      const occurredAt = instant('完成时间', at('done') || at('created'), '+08:00');
      const ordered = cell('订单金额', at('ordered'), currency, ',');
      const received = has('received') ? money('received', '商家实收') : ordered;
      // Told as what it does to the account: −0.12 is a fee of 0.12.
      const fee = 0 - money('fee', '服务费');
      if ((kind === 'CHARGE' && ordered < 0) || (kind === 'REFUND' && ordered > 0)) throw new Refused('BAD_AMOUNT', '订单金额 has the wrong sign for its 业务类型');
      if (kind === 'CHARGE' || kind === 'REFUND') {
        const sums = found[kind === 'CHARGE' ? '交易' : '退款'];
        sums.count += 1;
        sums.received += received;
      }
      day ||= (at('done') || at('created')).slice(0, 10);
      const told = [channel, 'alipay-trade', trade, kind, refund];
      const line: RowLine = {
        row, part: '', kind, label: label(type), reference: tradeNumber(number('商户订单号', at('order'))), occurredAt,
        amount: { amount: ordered, currency }, fee: { amount: fee, currency }, net: { amount: ordered - fee, currency }, fingerprint: fingerprint(...told),
      };
      const promotion = received - ordered;
      if (promotion === 0) return [line];
      // The merchant's own discounts; Alipay's red packets are paid to the merchant like money.
      return [line, { ...line, part: 'promotion', kind: 'PROMOTION', label: '商家优惠', amount: { amount: promotion, currency }, fee: { amount: 0, currency }, net: { amount: promotion, currency }, fingerprint: fingerprint(...told, 'promotion') }];
    },
    end: () => ({ batchNo: remarks.period() || day, checks: [...checksOf('交易'), ...checksOf('退款')] }),
  };
};

/** Alipay's trade details (业务明细): one row per trade and per refund, with what the merchant got and what the service cost. */
export const alipayTrade: StatementFormat = {
  name: 'alipay-trade',
  title: { zh: '支付宝业务明细', en: 'Alipay trade details' },
  legacy: 'gb18030',
  columns: {
    trade: ['支付宝交易号'], order: ['商户订单号'], type: ['业务类型'], created: ['创建时间'], done: ['完成时间'], ordered: ['订单金额'], received: ['商家实收'], refund: ['退款批次号/请求号', '退款批次号', '退款请求号'], fee: ['服务费'],
  },
  needed: ['trade', 'order', 'type', 'created', 'ordered', 'fee'],
  start,
};
