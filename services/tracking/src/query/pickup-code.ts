import { pickupCode } from '@flotilla/values';

/** The code that the buyer of a parcel shows in the store. Throws if the key of it is not set. */
export const pickupCodeOf = ({ FLOTILLA_INDEX_KEY: text }: { readonly FLOTILLA_INDEX_KEY?: string | undefined }): ((parcelId: string) => string) => {
  const key = text ? Buffer.from(text, 'base64') : undefined;
  return (parcelId) => {
    if (!key) throw new Error('FLOTILLA_INDEX_KEY is not set; pickup codes are made of it');
    return pickupCode(key, parcelId);
  };
};
