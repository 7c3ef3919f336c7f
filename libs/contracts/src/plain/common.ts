// Generated from proto/ by protoc-gen-plain; do not edit.

/** An amount in minor units of an ISO 4217 currency: {"amount": 1999, "currency": "USD"} is 19.99 USD; JPY has none. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/**
 * Where a parcel goes. Country down to district and the postcode are readable, since routing needs them. Fields
 * marked sealed hold text that only the subject's key opens (libs/values, "sealed"); "" where there is none.
 */
export interface Address {
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly postcode: string;
  /** sealed */
  readonly street: string;
  /** sealed */
  readonly company: string;
  /** sealed */
  readonly name: string;
  /** sealed */
  readonly phone: string;
  /** HMAC of the phone in E.164, for searching; "" where there is no phone */
  readonly phoneIndex: string;
  /**
   * Of a recipient whom the platform masks: the platform and its token for the person, "taobao:<oaid>". Name, phone and street are then the
   * masked text, and only the platform's own e-waybill reaches the person; also the key by which orders are merged. "" = not masked.
   */
  readonly token: string;
}

/** Who bought. The subject is the person whose key seals the values. */
export interface Buyer {
  readonly subject: string;
  /** sealed */
  readonly email: string;
  /** sealed */
  readonly phone: string;
  readonly emailIndex: string;
  readonly phoneIndex: string;
  /** BCP 47, "" if unknown */
  readonly locale: string;
}

/** Which part of an order a fulfilment order, a parcel or a lock covers. */
export interface OrderShare {
  readonly orderId: string;
  readonly channel: string;
  readonly channelOrderId: string;
  readonly lines: readonly ShareLine[];
}

export interface ShareLine {
  readonly lineId: string;
  readonly channelLineId: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface SkuQuantity {
  readonly sku: string;
  readonly quantity: number;
}

/** Where a page of a list goes on. A token is opaque and bound to the question it answers. */
export interface Page {
  /** 0 = 50, at most 500 */
  readonly size: number;
  readonly token: string;
}

