import { createHash } from 'node:crypto';
import type { CancelAnswer, CreateAnswer, Party, PurchaseOrder, Unclear } from '../../carriers/carrier.js';
import { parse, record, text, unclear } from '../../json.js';

/** Who buys at the gateway, and from which carrier. */
export interface KdniaoCustomer {
  /** The gateway's code of the carrier: ZTO, YTO. */
  readonly shipperCode: string;
  readonly customerName: string;
  readonly customerPwd: string;
  /** The carrier's branch, where it wants one. */
  readonly sendSite: string;
  /** Monthly account; "" = the sender pays each parcel. */
  readonly monthCode: string;
}

/**
 * The purchase's name at the gateway. Its OrderCode has at most 30 signs and ours has 36 and more, so that it is a digest: the same for the
 * same purchase for ever, and of ten million parcels no two have the same.
 */
export const orderCodeOf = (reference: string): string => `FL${createHash('sha256').update(`flotilla.kdniao/${reference}`).digest('hex').slice(0, 28)}`;

const own = ({ customerName, customerPwd }: KdniaoCustomer): object => ({ CustomerName: customerName, CustomerPwd: customerPwd });

/** RequestData of 1007. Weights are kilograms. */
export const toOrder = (order: PurchaseOrder, customer: KdniaoCustomer): object => ({
  OrderCode: orderCodeOf(order.reference),
  ShipperCode: customer.shipperCode,
  ...own(customer),
  ...(customer.monthCode === '' ? {} : { MonthCode: customer.monthCode }),
  ...(customer.sendSite === '' ? {} : { SendSite: customer.sendSite }),
  PayType: customer.monthCode === '' ? 1 : 3,
  ExpType: 1,
  Sender: person(order.sender),
  Receiver: person(order.recipient),
  Commodity: order.items.map(({ name, quantity, grams }) => ({ GoodsName: plain(name, 60) || '商品', Goodsquantity: quantity, GoodsWeight: (grams * quantity) / 1000 })),
  Weight: order.grams / 1000,
  Quantity: 1,
  Volume: 0,
  Remark: '',
  IsReturnPrintTemplate: 0,
});

/** RequestData of 1147. Without a number it calls off whatever was ordered under the reference. */
export const toCancel = (reference: string, waybill: string, customer: KdniaoCustomer): object => ({ OrderCode: orderCodeOf(reference), ShipperCode: customer.shipperCode, ExpNo: waybill, ...own(customer) });

const mobile = /^(?:\+?86)?1\d{10}$/;

const person = ({ name, phone, company, province, city, district, street, postcode }: Party): object => ({
  ...(company === '' ? {} : { Company: plain(company, 60) }),
  Name: plain(name, 30),
  ...(mobile.test(phone) ? { Mobile: phone.replace(/^\+?86/, '') } : { Tel: phone.replace(/^\+86/, '').replace(/[^\d*-]/g, '') }),
  ProvinceName: plain(province, 30),
  CityName: plain(city, 30),
  ExpAreaName: plain(district, 30),
  Address: plain(street, 100),
  ...(postcode === '' ? {} : { PostCode: postcode }),
});

// The gateway refuses these signs; their full forms are read the same.
const wide: Readonly<Record<string, string>> = { "'": '＇', '"': '＂', '#': '＃', '&': '＆', '+': '＋', '<': '＜', '>': '＞', '%': '％', '\\': '＼' };
const plain = (text: string, longest: number): string => Array.from(text.replace(/['"#&+<>%\\]/g, (sign) => wide[sign] ?? ' ')).slice(0, longest).join('');

/** What the gateway said. */
export type Reply = { readonly kind: 'said'; readonly success: boolean; readonly code: string; readonly reason: string; readonly order: Readonly<Record<string, unknown>> } | Unclear;

/** Reads an answer's body. One that is not ours, or no answer at all, says nothing about the parcel. */
export const readReply = (body: string, businessId: string): Reply => {
  const answer = parse(body);
  if (!answer) return unclear(`not JSON: ${body.slice(0, 80)}`);
  if (text(answer['EBusinessID']) !== businessId) return unclear(`an answer to ${text(answer['EBusinessID']).slice(0, 40) || 'nobody'}: ${text(answer['Reason'])}`);
  const success = answer['Success'] === true || answer['Success'] === 'true';
  return { kind: 'said', success, code: text(answer['ResultCode']), reason: text(answer['Reason']), order: record(answer['Order']) ?? {} };
};

// 101 missing, 102 not valid, 103 malformed: about this parcel. 104 is the account, and says nothing about it. 105 is all else, in words.
const aboutTheOrder = ['101', '102', '103'];
const trouble = /超时|异常|繁忙|系统|网络|稍后|维护|time.?out/i;
const elsewhere = /不可达|不到达|超区|超派|超范围|不派送|无法派送|不在.*范围/;
const account = /账号|用户/;
// General knowledge of the gateway's words, not seen in a published sample. Of the order: an account that does not exist says nothing about it.
const goneAlready = /(?:订单|单号|运单).*(?:不存在|已取消|已撤销|已作废|未找到)|未找到.*(?:订单|单号|运单)/;

/** The answer to 1007. An order code that was used before (106) is answered with what was bought under it. */
export const readOrdered = (reply: Reply, reference: string, shipperCode: string): CreateAnswer => {
  if (reply.kind === 'unclear') return reply;
  const { success, code, reason, order } = reply;
  const detail = `${code} ${reason}`.trim();
  const waybill = text(order['LogisticCode']).trim();
  if ((success || code === '106' || code === '105') && waybill !== '') {
    // Another order's number on our label would be another buyer's parcel.
    const ours = text(order['OrderCode']) === orderCodeOf(reference) && text(order['ShipperCode']).toUpperCase() === shipperCode;
    return ours ? { kind: 'issued', waybill: text(waybill, 64), routing: routingOf(order) } : unclear('the answer is another order’s');
  }
  if (success || code === '106') return unclear(`no waybill in the answer: ${detail}`);
  if (!aboutTheOrder.includes(code) && (code !== '105' || trouble.test(reason))) return unclear(detail || 'refused without a code');
  return { kind: 'refused', reason: elsewhere.test(reason) ? 'NOT_DELIVERABLE' : 'CARRIER_REFUSED', detail };
};

/** The answer to 1147. What is not there, or not any more, is voided. */
export const readCancelled = (reply: Reply): CancelAnswer => {
  if (reply.kind === 'unclear') return reply;
  const { success, code, reason } = reply;
  if (success || (code === '105' && goneAlready.test(reason))) return { kind: 'voided' };
  if (!aboutTheOrder.includes(code) && (code !== '105' || trouble.test(reason) || account.test(reason))) return unclear(`${code} ${reason}`.trim() || 'refused without a code');
  return { kind: 'refused', detail: `${code} ${reason}`.trim() };
};

// `DestinatioCode` is the gateway's own spelling.
const routingOf = (order: Readonly<Record<string, unknown>>): { origin: string; destination: string; sorting: string; matrix: string } => ({
  origin: text(order['OriginCode']),
  destination: text(order['PackageCode']) || text(order['DestinatioCode']),
  sorting: text(order['MarkDestination']) || text(order['SortingCode']),
  matrix: '',
});
