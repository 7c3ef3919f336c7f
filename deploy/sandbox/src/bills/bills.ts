import { inBeijing } from '../clock.js';
import { totalsOf, type WorldOrder } from '../orders/order.js';
import { bigId } from '../random.js';

/** What a payment service says of one payment or refund; amounts in fen. */
export interface BillLine {
  readonly kind: 'charge' | 'refund';
  /** As the channel told it to the payment service. */
  readonly order: string;
  /** The payment's own number, and the refund's. */
  readonly transaction: string;
  readonly refund: string;
  readonly at: number;
  readonly amount: number;
  readonly fee: number;
}

export type BillFormat = 'alipay' | 'alipay-trade' | 'wechat-pay';

/** One payment account: every bill has what was paid or paid back and stands in none before. */
export class Account {
  readonly bills: (readonly BillLine[])[] = [];
  readonly #orders: { readonly order: WorldOrder; readonly refunds: () => readonly { readonly id: string; readonly at: number; readonly amount: number }[] }[] = [];
  readonly #billed = new Set<string>();

  /** `prefix`: before the order's number, as Taobao writes it. `ripeMs`: a bill is closed so long after what it is about. */
  constructor(readonly format: BillFormat, private readonly prefix: string, private readonly now: () => number, private readonly ripeMs = 3 * 3_600_000) {}

  /** `refunds`: what was paid back, where the platform keeps it elsewhere than the order. */
  open(order: WorldOrder, refunds = (): readonly { id: string; at: number; amount: number }[] => order.refunds): void {
    this.#orders.push({ order, refunds });
  }

  /** Bill `number`, closed if it is the next one; undefined if there is nothing for it. */
  bill(number: number): readonly BillLine[] | undefined {
    if (number !== this.bills.length + 1) return this.bills[number - 1];
    const until = this.now() - this.ripeMs;
    const lines = this.#orders.flatMap((one) => this.#linesOf(one)).filter(({ transaction, refund, at }) => at <= until && !this.#billed.has(`${transaction}/${refund}`));
    if (lines.length === 0) return undefined;
    for (const { transaction, refund } of lines) this.#billed.add(`${transaction}/${refund}`);
    this.bills.push(lines);
    return lines;
  }

  #linesOf({ order, refunds }: { order: WorldOrder; refunds: () => readonly { readonly id: string; readonly at: number; readonly amount: number }[] }): readonly BillLine[] {
    if (order.paidAt === null) return [];
    const { total } = totalsOf(order);
    const transaction = `20261${bigId('payment', order.channel, order.id)}`;
    const base = { order: `${this.prefix}${order.id}`, transaction };
    return [
      { ...base, kind: 'charge', refund: '', at: order.paidAt, amount: total, fee: Math.round(total * 0.006) },
      ...refunds().map(({ id, at, amount }): BillLine => ({ ...base, kind: 'refund', refund: `R${id}`, at, amount: -amount, fee: 0 })),
    ];
  }
}

const yuan = (fen: number): string => `${fen < 0 ? '-' : ''}${Math.floor(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, '0')}`;
const sum = (lines: readonly BillLine[], of: (line: BillLine) => number): number => lines.reduce((all, line) => all + of(line), 0);

/** The bill as its service exports it, with the sums that it says of itself. */
export function billText(format: BillFormat, lines: readonly BillLine[]): string {
  const [charges, refunds] = [lines.filter(({ kind }) => kind === 'charge'), lines.filter(({ kind }) => kind === 'refund')];
  switch (format) {
    case 'wechat-pay': {
      const rows = lines.map(({ kind, order, transaction, refund, at, amount, fee }) =>
        `\`${[inBeijing(at), 'wxabcdef0123456789', '1900000001', '0', '', transaction, order, 'oSandboxBuyer', 'JSAPI', kind === 'charge' ? 'SUCCESS' : 'REFUND', 'OTHERS', 'CNY', kind === 'charge' ? yuan(amount) : '0.00', '0.00', refund === '' ? '0' : `503${refund}`, refund === '' ? '0' : refund, kind === 'refund' ? yuan(-amount) : '0.00', '0.00', kind === 'refund' ? 'ORIGINAL' : '', kind === 'refund' ? 'SUCCESS' : '', '商品', '', fine(fee), '0.60%', kind === 'charge' ? yuan(amount) : '0.00', kind === 'refund' ? yuan(-amount) : '0.00', ''].join(',`')}`);
      const back = -sum(refunds, ({ amount }) => amount);
      const paid = sum(charges, ({ amount }) => amount);
      return `\ufeff${[
        '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注',
        ...rows, '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额', `\`${[lines.length, yuan(paid), yuan(back), '0.00', fine(sum(lines, ({ fee }) => fee)), yuan(paid), yuan(back)].join(',`')}`,
      ].join('\r\n')}\r\n`;
    }
    case 'alipay': {
      const rows = lines.flatMap(({ kind, order, transaction, refund, at, amount, fee }) => [
        [`${transaction}${refund}1`, transaction, order, '商品', inBeijing(at), 'buyer@example.com', kind === 'charge' ? yuan(amount) : '', kind === 'refund' ? yuan(amount) : '', '', '', kind === 'charge' ? '交易付款' : '交易退款', ''],
        ...(fee === 0 ? [] : [[`${transaction}${refund}2`, transaction, order, '服务费', inBeijing(at), '', '', yuan(-fee), '', '', '收费', '']]),
      ]);
      const out = sum(refunds, ({ amount }) => amount) - sum(lines, ({ fee }) => fee);
      return `\ufeff${['#支付宝账务明细查询', '#账号：[20880000000000000156]', '账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注', ...rows.map((row) => row.join('\t,')),
        `#支出合计：${refunds.length + lines.filter(({ fee }) => fee !== 0).length}笔，共${yuan(out)}元`, `#收入合计：${charges.length}笔，共${yuan(sum(charges, ({ amount }) => amount))}元`].join('\r\n')}\r\n`;
    }
    case 'alipay-trade': {
      const rows = lines.map(({ kind, order, transaction, refund, at, amount, fee }) =>
        [transaction, order, kind === 'charge' ? '交易' : '退款', '商品', inBeijing(at), inBeijing(at), '', '', '', '', 'buyer@example.com', yuan(amount), yuan(amount), '0.00', '0.00', '0.00', '0.00', '0.00', '', '0.00', '0.00', refund, yuan(-fee), '0.00', ''].join('\t,'));
      return `\ufeff${['#支付宝业务明细查询', '#账号：[20880000000000000156]', '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注', ...rows,
        `#交易合计：${charges.length}笔，商家实收共${yuan(sum(charges, ({ amount }) => amount))}元，商家优惠共0.00元`, `#退款合计：${refunds.length}笔，商家实收退款共${yuan(sum(refunds, ({ amount }) => amount))}元，商家优惠退款共0.00元`].join('\r\n')}\r\n`;
    }
  }
}

// Fees have five decimals there.
const fine = (fen: number): string => `${yuan(fen)}000`;
