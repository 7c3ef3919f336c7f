import { createHash } from 'node:crypto';

/** The namespace under which every derived id of Flotilla stands. Never change it: ids are recomputed, not looked up. */
export const namespace = '6f3c1d8e-52a7-5b0e-9c44-0d1f8e7a2b35';

/** RFC 9562 name-based UUID, version 5 (SHA-1). The same namespace and name give the same id everywhere and for ever. */
export const uuidv5 = (space: string, name: string): string => {
  const digest = createHash('sha1').update(bytesOf(space)).update(name, 'utf8').digest().subarray(0, 16);
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** The order of a channel order. Nested, so that no pair of texts can be read as another pair. */
export const orderIdOf = (channel: string, channelOrderId: string): string => uuidv5(uuidv5(namespace, channel), channelOrderId);

/** A line of an order. */
export const lineIdOf = (orderId: string, channelLineId: string): string => uuidv5(orderId, `line-${channelLineId}`);

/** The fulfilment order that is split off an order; `part` counts them, from 1. The order's own has the order's id. */
export const splitIdOf = (orderId: string, part: number): string => uuidv5(orderId, `split-${part}`);

/** The parcel of a fulfilment order; `attempt` counts the parcels asked for, from 1. */
export const parcelIdOf = (foId: string, attempt: number): string => uuidv5(foId, `parcel-${attempt}`);

/** The lock asked of one warehouse in one round, so that asking again is asking for the same lock. */
export const lockIdOf = (foId: string, round: number, warehouse: string): string => uuidv5(foId, `${round}/${warehouse}`);

/** The person behind a channel's buyer id (or, for a guest, behind the order), whose key seals the personal values. */
export const subjectIdOf = (channel: string, buyer: string): string => uuidv5(uuidv5(uuidv5(namespace, 'subject'), channel), buyer);

/** Whether a text is a UUID as we write it, in small letters: in capitals it would name another stream. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

const bytesOf = (uuid: string): Buffer => {
  const hex = uuid.replaceAll('-', '');
  if (!/^[0-9a-fA-F]{32}$/.test(hex)) throw new Error(`"${uuid}" is not a UUID`);
  return Buffer.from(hex, 'hex');
};
