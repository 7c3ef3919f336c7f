// Generated from proto/ by protoc-gen-plain; do not edit.
import type * as common from './common.js';

/** A channel order as the platform has it now. Send it again, whole, whenever it changes: the newest modified_at wins. */
export interface ChannelOrderSubmitted {
  readonly channel: string;
  readonly channelOrderId: string;
  readonly number: string;
  readonly placedAt: string;
  readonly modifiedAt: string;
  /** unpaid, authorized, partially_paid, paid, partially_refunded, refunded, voided */
  readonly payment: string;
  readonly paidAt: string;
  /** "" unless cancelled */
  readonly cancelledAt: string;
  readonly cancelReason: string;
  readonly currency: string;
  /**
   * JWE, compact form, ECDH-ES + A256GCM to the key that ingest serves at GET /v1/keys. Inside: JSON
   * {name, phone, email, company, street, buyerId, remark, token, attributes: [{name, value}]}. Never in clear. token: "<platform>:<token>" of a recipient whom the
   * platform masks (taobao:<oaid>); its own e-waybill needs it.
   */
  readonly personal: string;
  readonly country: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly postcode: string;
  readonly lines: readonly SubmittedLine[];
  /** minor units of currency, like all amounts here */
  readonly discount: number;
  readonly shipping: number;
  readonly tax: number;
  readonly total: number;
  readonly tags: readonly string[];
  readonly shippingMethod: string;
  readonly refunds: readonly SubmittedRefund[];
}

/**
 * On channel-orders.v1.dlq, key as of the message it is about: what a connector sent could not be understood and stands in ingest's quarantine. Send it again, mended,
 * under another ce_id; or have it replayed there (flotilla.ingest.v1.Quarantine).
 */
export interface ChannelOrderRefused {
  readonly channel: string;
  /** "" if not even that could be read */
  readonly channelOrderId: string;
  /** ours; what the quarantine is asked by */
  readonly orderId: string;
  /** ce_id of the message */
  readonly deliveryId: string;
  /** ce_type of the message */
  readonly type: string;
  /** its ce_time, "" if it had none */
  readonly sentAt: string;
  /** UPPER_SNAKE */
  readonly reason: string;
  /** the field and what is wrong with it, never its value */
  readonly detail: string;
  /** nothing is known of the order yet: what comes later of it waits behind this */
  readonly waits: boolean;
  readonly refusedAt: string;
}

export interface SubmittedLine {
  readonly channelLineId: string;
  readonly channelSku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly discount: number;
  readonly grams: number;
}

export interface SubmittedRefund {
  readonly refundId: string;
  /** requested, settled, withdrawn */
  readonly state: string;
  readonly amount: number;
  readonly lines: readonly common.ShareLine[];
}

