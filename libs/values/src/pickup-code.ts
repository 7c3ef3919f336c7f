import { createHmac } from 'node:crypto';
import { secretKey } from './secret-key.js';

/**
 * What a buyer shows to collect a parcel: six digits that only who has the fleet's index key can make, the same for ever.
 * They are computed where they are printed, shown or compared, and stand in no event and in no message.
 */
export const pickupCode = (indexKey: Uint8Array, parcelId: string): string =>
  createHmac('sha256', secretKey(indexKey)).update('flotilla.pickup.v1/').update(parcelId, 'utf8').digest().readUIntBE(0, 6).toString().padStart(6, '0').slice(-6);
