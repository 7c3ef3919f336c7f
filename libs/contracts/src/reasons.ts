/**
 * Every reason with which a request or an input may be refused, in every interface: `ErrorInfo.reason` of gRPC, `code`
 * of RFC 9457 problems, the reason of quarantine entries. `grpc` is the status code's name, `http` the status.
 */
export const reasons = {
  NOT_FOUND: { grpc: 'NOT_FOUND', http: 404, zh: '未找到', en: 'not found' },
  BAD_REQUEST: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '请求无效', en: 'invalid request' },
  CONTRACT_VIOLATED: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '不符合契约', en: 'does not follow the contract' },
  BAD_PAGE_TOKEN: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '分页标记无效', en: 'the page token does not belong to this question' },
  REQUEST_ID_REQUIRED: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '缺少 request_id', en: 'a command needs a request_id' },
  REQUEST_ID_REUSED: { grpc: 'ALREADY_EXISTS', http: 422, zh: 'request_id 已用于其他内容', en: 'this request_id was used with another body' },
  CONFLICT: { grpc: 'ABORTED', http: 409, zh: '并发冲突，请重试', en: 'somebody else changed this at the same moment; try again' },
  DEADLINE_REQUIRED: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '缺少截止时间', en: 'the call has no deadline' },
  OVERLOADED: { grpc: 'RESOURCE_EXHAUSTED', http: 429, zh: '系统繁忙，请稍后重试', en: 'too busy; try again later' },
  UNAVAILABLE: { grpc: 'UNAVAILABLE', http: 503, zh: '暂不可用', en: 'not available at the moment' },
  INTERNAL: { grpc: 'INTERNAL', http: 500, zh: '内部错误', en: 'internal error' },
  UNAUTHENTICATED: { grpc: 'UNAUTHENTICATED', http: 401, zh: '未认证', en: 'not authenticated' },
  BAD_SIGNATURE: { grpc: 'UNAUTHENTICATED', http: 401, zh: '签名无效', en: 'the signature is missing or wrong' },
  TOO_LARGE: { grpc: 'INVALID_ARGUMENT', http: 413, zh: '内容过大', en: 'too large' },
  BAD_TEXT: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '包含不允许的字符', en: 'contains characters that cannot be stored' },
  BAD_JSON: { grpc: 'INVALID_ARGUMENT', http: 400, zh: 'JSON 无法解析', en: 'not JSON' },
  BAD_CSV: { grpc: 'INVALID_ARGUMENT', http: 400, zh: 'CSV 无法解析', en: 'not the CSV that is expected here' },
  BAD_AMOUNT: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '金额无效', en: 'not an amount of this currency' },
  BAD_CURRENCY: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '币种无效', en: 'not an ISO 4217 currency' },
  BAD_QUANTITY: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '数量无效', en: 'not a quantity' },
  BAD_INSTANT: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '时间无效', en: 'not a time' },
  BAD_ADDRESS: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '地址无效', en: 'no address to ship to' },
  BAD_PERSONAL: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '个人数据无法解密', en: 'the sealed personal data cannot be opened' },
  NO_LINES: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '订单没有商品', en: 'an order needs at least one line' },
  NO_ORDER_ID: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '缺少平台订单号', en: 'the platform’s order id is missing' },
  UNKNOWN_CHANNEL: { grpc: 'NOT_FOUND', http: 404, zh: '未知店铺', en: 'no such channel' },
  UNKNOWN_TOPIC: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '未知事件类型', en: 'this kind of message is not understood' },
  UNKNOWN_SKU: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '商品未建档', en: 'the SKU is not in the catalogue' },
  UNKNOWN_WAREHOUSE: { grpc: 'NOT_FOUND', http: 404, zh: '未知仓库', en: 'no such warehouse' },
  CHANNEL_EXISTS: { grpc: 'ALREADY_EXISTS', http: 409, zh: '店铺已连接', en: 'the channel is connected already, with other settings' },
  ORDER_CANCELLED: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '订单已取消', en: 'the order is cancelled' },
  ORDER_CLOSED: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '订单已完结', en: 'the order is closed' },
  ALREADY_SHIPPED: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '已发货', en: 'the parcel has left already' },
  NOT_AUDITABLE: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '当前状态不可审核', en: 'the order cannot be approved in this state' },
  HELD: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '订单被冻结', en: 'a hold blocks this; release it first' },
  NO_SUCH_HOLD: { grpc: 'NOT_FOUND', http: 404, zh: '没有该冻结', en: 'the order has no such hold' },
  SHORT: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '库存不足', en: 'not enough stock' },
  NEGATIVE_STOCK: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '库存不能为负', en: 'this would leave less on hand than is promised' },
  NOT_WAYBILLED: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '尚无运单', en: 'the parcel has no waybill yet' },
  VOIDED: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '运单已作废', en: 'the parcel was voided; do not ship it' },
  NO_RATE: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '没有适用运价', en: 'no rate card covers this parcel' },
  CARRIER_REFUSED: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '承运商拒收', en: 'the carrier refused the parcel' },
  PLATFORM_REFUSED: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '平台拒绝', en: 'the platform refused' },
  UNKNOWN_OUTCOME: { grpc: 'UNKNOWN', http: 502, zh: '结果未知', en: 'the outcome of the call is not known yet' },
  UNKNOWN_FORMAT: { grpc: 'INVALID_ARGUMENT', http: 400, zh: '未知文件格式', en: 'this file format is not known' },
  SUBJECT_ERASED: { grpc: 'FAILED_PRECONDITION', http: 410, zh: '个人数据已删除', en: 'the person’s data was erased' },
  PARKED: { grpc: 'FAILED_PRECONDITION', http: 409, zh: '仍被挂起', en: 'still parked; see its reason' },
  LINK_INVALID: { grpc: 'NOT_FOUND', http: 404, zh: '链接无效', en: 'this link is not valid' },
} as const satisfies Record<string, { grpc: string; http: number; zh: string; en: string }>;

export type Reason = keyof typeof reasons;

/** What is known of a reason; INTERNAL for one that is not registered. */
export const reasonOf = (reason: string): (typeof reasons)[Reason] => reasons[reason as Reason] ?? reasons.INTERNAL;
