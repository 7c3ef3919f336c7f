import { pickupCode } from '@flotilla/values';

/** The code that the buyer of a parcel shows in the store. Throws if the key of it is not set. */
export const pickupCodeOf =
  ({ FLOTILLA_INDEX_KEY: key }: { readonly FLOTILLA_INDEX_KEY?: string | undefined }) =>
  (parcelId: string): string => {
    if (!key) throw new Error('FLOTILLA_INDEX_KEY is not set; pickup codes are made of it');
    return pickupCode(Buffer.from(key, 'base64'), parcelId);
  };
