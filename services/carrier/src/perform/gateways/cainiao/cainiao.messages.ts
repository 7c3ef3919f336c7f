import type { CancelAnswer, CreateAnswer, Party, PurchaseOrder, Unclear } from '../../carriers/carrier.js';
import { list, parse, record, text, unclear } from '../../json.js';

export interface CainiaoSeller {
  /** Cainiao's code of the carrier that is bought: ZTO, YTO, SF. */
  readonly cpCode: string;
  readonly userId: string;
  readonly templateUrl: string;
}

/** A package's name at Cainiao, which takes letters, digits and underscores: ours with its hyphens replaced. */
export const packageIdOf = (reference: string): string => reference.replaceAll('-', '_');

/** `param_waybill_cloud_print_apply_new_request` of cainiao.waybill.ii.get. Weights are grams. */
export const toApply = (order: PurchaseOrder, { cpCode, userId, templateUrl }: CainiaoSeller): object => ({
  cp_code: cpCode,
  need_encrypt: true,
  sender: person(order.sender),
  trade_order_info_dtos: [
    {
      object_id: packageIdOf(order.reference),
      user_id: userId,
      template_url: templateUrl,
      order_info: { order_channels_type: 'TB', trade_order_list: order.orders.map(({ channelOrderId }) => channelOrderId).slice(0, 100) },
      package_info: { id: packageIdOf(order.reference), weight: order.grams, volume: 0, items: order.items.slice(0, 100).map(({ name, quantity }) => ({ name: Array.from(name).slice(0, 60).join('') || '商品', count: quantity })) },
      // The person stands behind the token; name, phone and street are what the platform lets be seen.
      recipient: { ...person(order.recipient), oaid: order.token, tid: order.orders[0]?.channelOrderId ?? '' },
    },
  ],
});

const person = ({ name, phone, province, city, district, street }: Party): object => ({
  name,
  ...(/^\+?(?:86)?1[\d*]{10}$/.test(phone) ? { mobile: phone } : { phone }),
  address: { province, city, district, detail: street },
});

/** What TOP said: the answer under its method's name, or an error. */
export type Reply = { readonly kind: 'said'; readonly data: Readonly<Record<string, unknown>> } | { readonly kind: 'error'; readonly detail: string; readonly text: string } | Unclear;

const trouble = /超时|异常|繁忙|系统|网络|稍后|限流|频繁|time.?out|limit/i;

/** Reads an answer's body. Errors of the platform itself, of the session and of the signature say nothing about the parcel. */
export const readReply = (body: string, method: string): Reply => {
  const answer = parse(body);
  if (!answer) return unclear(`not JSON: ${body.slice(0, 80)}`);
  const error = record(answer['error_response']);
  if (error) {
    const [code, subCode] = [text(error['code']), text(error['sub_code'])];
    const words = text(error['sub_msg']) || text(error['msg']);
    const detail = `${code} ${subCode} ${words}`.trim();
    // 15 and 50: the service behind TOP spoke; isp.* is its own fault, all else is about what was asked.
    const decided = (code === '15' || code === '50') && subCode !== '' && !subCode.startsWith('isp.') && !trouble.test(`${subCode} ${words}`);
    return decided ? { kind: 'error', detail, text: words } : unclear(detail);
  }
  const data = record(answer[`${method.replaceAll('.', '_')}_response`]);
  return data ? { kind: 'said', data } : unclear('neither an answer nor an error');
};

// What is sealed has some KB.
const longestPrintData = 64 * 1024;
const elsewhere = /不可达|不到达|超区|超派|不派送|无法派送|不在.*范围/;
// General knowledge, not seen in a published sample. Of the number: a shop or an account that does not exist says nothing about it.
const goneAlready = /(?:面单|运单|单号).*(?:已取消|已回收|已作废|不存在)/;

/** The answer to cainiao.waybill.ii.get. The same trade orders and package are answered with the same number. */
export const readApplied = (reply: Reply, reference: string): CreateAnswer => {
  if (reply.kind === 'unclear') return reply;
  if (reply.kind === 'error') return { kind: 'refused', reason: elsewhere.test(reply.text) ? 'NOT_DELIVERABLE' : 'CARRIER_REFUSED', detail: reply.detail };
  const all = list(record(reply.data['modules'])?.['waybill_cloud_print_response']);
  const one = all.find((response) => text(response['object_id']) === packageIdOf(reference));
  const waybill = text(one?.['waybill_code']).trim();
  if (!one || waybill === '') return unclear(all.length === 0 ? 'no waybill in the answer' : 'the answer is another package’s');
  const printed = parse(one['print_data']) ?? {};
  const route = record(record(printed['data'])?.['routingInfo']) ?? {};
  const at = (name: string, field: string): string => text(record(route[name])?.[field]);
  return {
    kind: 'issued',
    waybill: text(waybill, 64),
    routing: { origin: at('origin', 'code'), destination: at('consolidation', 'name') || at('consolidation', 'code'), sorting: text(route['routeCode']) || at('sortation', 'name'), matrix: '' },
    // Only what Cainiao sealed is kept: in clear it would hold the person.
    ...(text(printed['encryptedData']) !== '' && !printed['data'] ? { printData: text(one['print_data'], longestPrintData) } : {}),
  };
};

/** The answer to cainiao.waybill.ii.cancel. */
export const readCancelled = (reply: Reply): CancelAnswer => {
  if (reply.kind === 'unclear') return reply;
  if (reply.kind === 'error') return goneAlready.test(reply.text) ? { kind: 'voided' } : { kind: 'refused', detail: reply.detail };
  const done = reply.data['cancel_result'];
  if (done === true || done === 'true') return { kind: 'voided' };
  return done === false || done === 'false' ? { kind: 'refused', detail: 'cancel_result false' } : unclear('no cancel_result in the answer');
};
