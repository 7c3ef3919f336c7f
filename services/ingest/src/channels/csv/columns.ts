import type { ingest } from '@flotilla/contracts';
import { lineFields, orderFields } from '../canonical.js';

/** Other names of columns that are understood without a mapping. */
const alsoCalled: Readonly<Record<string, readonly string[]>> = {
  channel_order_id: ['order id', 'order_id', 'order number', 'order no', '订单号', '订单编号', '平台订单号'], number: [], placed_at: ['created at', 'order date', 'ordered at', '下单时间', '订单创建时间', '创建时间'], modified_at: ['updated at', '修改时间', '更新时间'],
  payment: ['payment status', 'financial status', '付款状态', '支付状态'], paid_at: ['paid at', '付款时间', '支付时间', '订单付款时间'], currency: ['币种'],
  name: ['receiver', 'recipient', 'consignee', 'ship to name', '收货人', '收件人', '收货人姓名', '收件人姓名'], phone: ['mobile', 'telephone', '手机', '电话', '联系电话', '收货人手机', '收件人手机'], email: ['e-mail', '邮箱'],
  buyer_id: ['buyer', '买家id', '买家昵称'], company: ['公司'], street: ['address', 'address1', 'ship to address', '详细地址', '收货地址', '街道地址'], country: ['国家'], province: ['state', '省', '省份'], city: ['市', '城市'],
  district: ['区', '区县', '区/县'], postcode: ['zip', 'postal code', '邮编', '邮政编码'], remark: ['note', 'buyer note', '备注', '买家留言'], discount: ['优惠', '优惠金额'], shipping: ['shipping fee', 'freight', '运费', '邮费'], tax: ['税', '税费'],
  total: ['amount', 'order total', '总额', '实付金额', '订单金额'], amount_paid: ['amount paid', 'paid amount', '已付金额', '买家实际支付金额'], tags: ['标签'], shipping_method: ['shipping method', '快递', '配送方式', '物流方式'],
  line_id: ['子订单号'], sku: ['channel_sku', 'item sku', '商家编码', '规格编码'], item_id: ['商品id'], barcode: ['条码'], title: ['item', 'product', 'item name', '商品名称', '宝贝标题', '商品标题'], quantity: ['qty', '数量', '购买数量'],
  unit_price: ['price', '单价', '商品单价'], line_discount: [], grams: ['weight (g)', '重量'],
};

/** What a file's columns are without a mapping of its channel's own. */
export const ordinaryColumns: ingest.Mapping = {
  webhook: { signatureHeader: '', digest: '', encoding: '', prefix: '', signed: '', timestampHeader: '', deliveryIdHeader: '' },
  orders: '',
  lines: '',
  fields: [...Object.keys(orderFields), ...Object.keys(lineFields)].map((field) => ({ field, from: [field, ...(alsoCalled[field] ?? [])].slice(0, 10), expression: '' })),
  custom: [],
  utcOffset: '',
  currency: '',
};
