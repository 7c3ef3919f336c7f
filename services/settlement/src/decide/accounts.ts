/** The accounts that vouchers are posted to: the numbers of the Chinese standard chart, where it has one. */
export const accounts = {
  bank: '1002', receivable: '1122', exchange: '1221', refundsPayable: '2202', revenue: '6001', fees: '6601', promotions: '6603', differences: '6711',
} as const;

/** Their subjects, for people. */
export const subjects: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  [accounts.bank]: { zh: '银行存款—平台账户', en: 'Bank, platform account' },
  [accounts.receivable]: { zh: '应收账款', en: 'Accounts receivable' },
  [accounts.exchange]: { zh: '货币兑换', en: 'Currency exchange' },
  [accounts.refundsPayable]: { zh: '应付退款', en: 'Refunds payable' },
  [accounts.revenue]: { zh: '主营业务收入', en: 'Revenue' },
  [accounts.fees]: { zh: '销售费用—平台服务费', en: 'Platform fees' },
  [accounts.promotions]: { zh: '销售费用—促销折扣', en: 'Promotions' },
  [accounts.differences]: { zh: '营业外支出—对账差异', en: 'Settlement differences' },
};
