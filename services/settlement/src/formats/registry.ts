import { alipay } from './alipay/alipay.js';
import { alipayTrade } from './alipay-trade/alipay-trade.js';
import { amazonV2 } from './amazon-v2/amazon-v2.js';
import type { StatementFormat } from './format.js';
import { shopifyPayments } from './shopify-payments/shopify-payments.js';
import { wechatPay } from './wechat-pay/wechat-pay.js';

/** Every statement format, one folder each. */
export const formats: readonly StatementFormat[] = [alipay, alipayTrade, amazonV2, shopifyPayments, wechatPay];
